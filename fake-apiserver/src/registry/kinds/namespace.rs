//! Namespace: its own finalizers, phase and name label.

use serde_json::{Map, Value, json};

use crate::registry::Context;
use crate::registry::strategy::{NameRule, Strategy, keep};

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

    fn name_rule(&self) -> NameRule {
        NameRule::Label
    }
}
