//! Namespace: its own finalizers, phase and name label.

use serde_json::{Map, Value, json};

use crate::registry::strategy::{NameRule, Selectable, Strategy, keep};
use crate::registry::{Context, meta};
use crate::status::FieldError;

/// The rules for namespaces.
#[derive(Debug)]
pub(super) struct Namespace;

/// The label that repeats the name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

impl Strategy for Namespace {
    fn default(&self, object: &mut Map<String, Value>) {
        let Some(Value::Object(meta)) = object.get_mut("metadata") else {
            return;
        };
        let Some(name) = meta.get("name").cloned() else {
            return;
        };
        let labels = meta.entry("labels").or_insert_with(|| json!({}));
        if let Value::Object(labels) = labels {
            labels.insert(NAME_LABEL.into(), name);
        }
    }

    fn prepare_create(&self, _cx: &mut Context<'_>, object: &mut Map<String, Value>) {
        // A generated name is known by now.
        self.default(object);
        object.insert("status".into(), json!({"phase": "Active"}));
        let spec = object.entry("spec").or_insert_with(|| json!({}));
        if !spec.is_object() {
            *spec = json!({});
        }
        let finalizers = &mut spec["finalizers"];
        match finalizers {
            Value::Array(all) => {
                if !all.iter().any(|f| f == "kubernetes") {
                    all.push("kubernetes".into());
                }
            }
            other => *other = json!(["kubernetes"]),
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Map<String, Value>) -> Vec<FieldError> {
        finalizer_errors(object, |_| "spec.finalizers".to_owned())
    }

    fn validate_update(
        &self,
        cx: &mut Context<'_>,
        object: &Map<String, Value>,
        _: &Map<String, Value>,
    ) -> Vec<FieldError> {
        if cx.subresource != "finalize" {
            return Vec::new();
        }
        finalizer_errors(object, |i| format!("spec.finalizers[{i}]"))
    }

    fn prepare_update(
        &self,
        _cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        // Finalizers change through `/finalize` alone, and there is nothing else in the spec.
        keep(object, old, "spec");
        keep(object, old, "status");
    }

    fn validate_status(
        &self,
        _: &mut Context<'_>,
        object: &Map<String, Value>,
        old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        let deleting = object["metadata"].get("deletionTimestamp").is_some();
        let phase = object
            .get("status")
            .and_then(|s| s["phase"].as_str())
            .unwrap_or("");
        let before = old.get("status").and_then(|s| s["phase"].as_str()).unwrap_or("");
        if deleting && phase != "Terminating" && phase != before {
            let why = "may only be 'Terminating' if `deletionTimestamp` is not empty";
            return vec![FieldError::invalid("status.Phase", phase, why)];
        }
        if !deleting && phase != "Active" && phase != before {
            let why = "may only be 'Active' if `deletionTimestamp` is empty";
            return vec![FieldError::invalid("status.Phase", phase, why)];
        }
        Vec::new()
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("status.phase", |ns| {
                    ns["status"]["phase"].as_str().unwrap_or("").to_owned()
                }),
                ("name", |ns| {
                    ns["metadata"]["name"].as_str().unwrap_or("").to_owned()
                }),
            ],
            ..Selectable::default()
        }
    }

    fn name_rule(&self) -> NameRule {
        NameRule::Label
    }
}

/// What is wrong with the namespace's own finalizers; `path` names the one at an index.
fn finalizer_errors(object: &Map<String, Value>, path: impl Fn(usize) -> String) -> Vec<FieldError> {
    let finalizers = object.get("spec").and_then(|s| s["finalizers"].as_array());
    let finalizers = finalizers.into_iter().flatten().filter_map(Value::as_str);
    finalizers
        .enumerate()
        .flat_map(|(i, finalizer)| meta::finalizer_name(&path(i), finalizer))
        .collect()
}
