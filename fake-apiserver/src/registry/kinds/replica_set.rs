//! ReplicaSet and ReplicationController: as many pods of one template as are asked for.

use serde_json::Value;

use super::{
    fields::{Fields, child, default, ensure, has},
    pod_spec::default_template,
};
use crate::registry::strategy::{DefaultPropagation, Strategy};

/// The rules for ReplicaSets.
#[derive(Debug)]
pub(super) struct ReplicaSet;

/// The rules for ReplicationControllers.
#[derive(Debug)]
pub(super) struct ReplicationController;

impl Strategy for ReplicaSet {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "replicas", 1);
        default_template(ensure(spec, "template"));
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for ReplicationController {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "replicas", 1);
        let labels = spec
            .get("template")
            .and_then(|t| t.pointer("/metadata/labels"))
            .cloned();
        if let Some(template) = child(spec, "template") {
            default_template(template);
        }
        // The template's labels stand in for what the object itself leaves open.
        if let Some(Value::Object(labels)) = labels.filter(|l| l.as_object().is_some_and(|m| !m.is_empty())) {
            default(spec, "selector", labels.clone());
            let metadata = ensure(object, "metadata");
            if !has(metadata, "labels") {
                metadata.insert("labels".into(), labels.into());
            }
        }
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn default_propagation(&self) -> DefaultPropagation {
        DefaultPropagation::Orphan
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}
