//! Deployment: its roll-out, and a generation that annotations raise too.

use serde_json::{Value, json};

use super::{
    check::{Check, object, part},
    fields::{Fields, default, default_text, ensure, has, int, text},
    go_struct,
    pod_spec::default_template,
    pod_warnings, workload,
};
use crate::registry::Context;
use crate::registry::strategy::{Strategy, keep};
use crate::status::{FieldError, FieldErrorKind};

/// The rules for Deployments.
#[derive(Debug)]
pub(super) struct Deployment;

impl Strategy for Deployment {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "replicas", 1);
        default(spec, "revisionHistoryLimit", 10);
        default(spec, "progressDeadlineSeconds", 600);
        let strategy = ensure(spec, "strategy");
        default_text(strategy, "type", "RollingUpdate");
        if strategy.get("type").and_then(Value::as_str) == Some("RollingUpdate") {
            let rolling = ensure(strategy, "rollingUpdate");
            default(rolling, "maxSurge", "25%");
            default(rolling, "maxUnavailable", "25%");
        }
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

    fn prepare_status(&self, _: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        keep(object, old, "spec");
        keep_labels(object, old);
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        const COUNTS: [&str; 7] = [
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas",
            "terminatingReplicas",
        ];
        let (status, before) = (part(object, "status"), part(old, "status"));
        let mut errors = workload::counts(
            status,
            &COUNTS,
            &["updatedReplicas", "readyReplicas", "availableReplicas"],
        );
        errors.extend(workload::collisions(status, before));
        errors
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn is_new_generation(&self, object: &Fields, old: &Fields) -> bool {
        let annotations = |o: &Fields| {
            let found = o.get("metadata").and_then(|m| m.get("annotations")).cloned();
            found.filter(|a| *a != json!({}) && !a.is_null())
        };
        object.get("spec") != old.get("spec") || annotations(object) != annotations(old)
    }
}

/// A status says nothing of labels.
fn keep_labels(object: &mut Fields, old: &Fields) {
    let labels = part(old, "metadata").get("labels").cloned();
    let metadata = ensure(object, "metadata");
    match labels {
        Some(labels) => metadata.insert("labels".into(), labels),
        None => metadata.remove("labels"),
    };
}

fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    check.not_negative(spec, "spec", "replicas");
    workload::selector_and_template(&mut check, spec, "deployment", "ReplicaSet");
    validate_strategy(&mut check, part(spec, "strategy"));
    for name in [
        "minReadySeconds",
        "revisionHistoryLimit",
        "progressDeadlineSeconds",
    ] {
        check.not_negative(spec, "spec", name);
    }
    if let Some(deadline) = int(spec, "progressDeadlineSeconds")
        && deadline <= int(spec, "minReadySeconds").unwrap_or(0)
    {
        let why = "must be greater than minReadySeconds";
        check.invalid("spec.progressDeadlineSeconds", deadline, why);
    }
    check
}

fn validate_strategy(check: &mut Check, strategy: &Fields) {
    let path = "spec.strategy";
    match text(strategy, "type") {
        "Recreate" => {
            if has(strategy, "rollingUpdate") {
                check.forbidden(
                    format!("{path}.rollingUpdate"),
                    "may not be specified when strategy `type` is 'Recreate'",
                );
            }
        }
        "RollingUpdate" => match object(strategy, "rollingUpdate") {
            None => check.required(format!("{path}.rollingUpdate"), ""),
            Some(rolling) => validate_rolling(check, rolling, &format!("{path}.rollingUpdate")),
        },
        _ => check.extend([FieldError::of(
            FieldErrorKind::NotSupported,
            path,
            Some(go_struct::print("DeploymentStrategy", strategy)),
            "supported values: \"Recreate\", \"RollingUpdate\"",
        )]),
    }
}

fn validate_rolling(check: &mut Check, rolling: &Fields, path: &str) {
    let value = |name: &str| rolling.get(name).cloned().unwrap_or_else(|| json!(0));
    let (unavailable, surge) = (value("maxUnavailable"), value("maxSurge"));
    check.count_or_percent(&format!("{path}.maxUnavailable"), &unavailable);
    check.count_or_percent(&format!("{path}.maxSurge"), &surge);
    let is_zero = |value: &Value| *value == 0 || *value == "0%";
    if is_zero(&unavailable) && is_zero(&surge) {
        check.invalid(
            format!("{path}.maxUnavailable"),
            unavailable.clone(),
            "may not be 0 when `maxSurge` is 0",
        );
    }
    check.at_most_all(&format!("{path}.maxUnavailable"), &unavailable);
}
