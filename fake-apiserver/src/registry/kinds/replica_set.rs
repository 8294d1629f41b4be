//! ReplicaSet and ReplicationController: as many pods of one template as are asked for.

use serde_json::Value;

use super::{
    check::{Check, part},
    fields::{Fields, child, default, ensure, has},
    pod_spec::default_template,
    pod_validation, pod_warnings, workload,
};
use crate::registry::Context;
use crate::registry::strategy::{DefaultPropagation, Selectable, Strategy};
use crate::status::FieldError;

const COUNTS: [&str; 6] = [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
    "terminatingReplicas",
];
const OF_REPLICAS: [&str; 3] = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];

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

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        validate(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = validate(object);
        workload::immutable_selector(&mut check, part(object, "spec"), part(old, "spec"));
        check.done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        workload::counts(part(object, "status"), &COUNTS, &OF_REPLICAS)
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
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

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        validate_controller(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        validate_controller(object).done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        workload::counts(part(object, "status"), &COUNTS, &OF_REPLICAS)
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("status.replicas", |rc| {
                rc["status"]["replicas"].as_i64().unwrap_or(0).to_string()
            })],
            ..Selectable::default()
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

fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    check.not_negative(spec, "spec", "replicas");
    check.not_negative(spec, "spec", "minReadySeconds");
    // The message speaks of Deployments, whose ReplicaSets these usually are.
    workload::selector_and_template(&mut check, spec, "deployment", "ReplicaSet");
    check
}

fn validate_controller(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    check.not_negative(spec, "spec", "minReadySeconds");
    let selector = part(spec, "selector");
    if selector.is_empty() {
        check.required("spec.selector", "");
    }
    check.not_negative(spec, "spec", "replicas");
    if has(spec, "template") {
        let labels = workload::labels(spec);
        let selected = selector.iter().all(|(key, value)| labels.get(key) == Some(value));
        pod_validation::controlled_template(
            &mut check,
            spec,
            "spec.template",
            selected,
            "ReplicationController",
        );
    } else {
        check.required("spec.template", "");
    }
    check
}
