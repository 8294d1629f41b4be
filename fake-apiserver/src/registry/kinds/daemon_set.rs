//! DaemonSet: a pod on every node.

use super::{
    check::{Check, part},
    fields::{Fields, default, default_text, ensure, text},
    pod_spec::default_template,
    pod_warnings, workload,
};
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;

/// The rules for DaemonSets.
#[derive(Debug)]
pub(super) struct DaemonSet;

impl Strategy for DaemonSet {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        let strategy = ensure(spec, "updateStrategy");
        default_text(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate" {
            let rolling = ensure(strategy, "rollingUpdate");
            default(rolling, "maxUnavailable", 1);
            default(rolling, "maxSurge", 0);
        }
        default(spec, "revisionHistoryLimit", 10);
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

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        const COUNTS: [&str; 8] = [
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
            "observedGeneration",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable",
        ];
        let (status, before) = (part(object, "status"), part(old, "status"));
        let mut errors = workload::counts(status, &COUNTS, &[]);
        errors.extend(workload::collisions(status, before));
        errors
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
    }

    fn has_generation(&self) -> bool {
        true
    }
}

fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    workload::selector_and_template(&mut check, spec, "daemonset", "DaemonSet");
    check.not_negative(spec, "spec", "minReadySeconds");
    let strategy = part(spec, "updateStrategy");
    match text(strategy, "type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let rolling = part(strategy, "rollingUpdate");
            for name in ["maxUnavailable", "maxSurge"] {
                let field = format!("spec.updateStrategy.rollingUpdate.{name}");
                if let Some(value) = rolling.get(name) {
                    check.count_or_percent(&field, value);
                    check.at_most_all(&field, value);
                }
            }
        }
        other => check.not_supported("spec.updateStrategy.type", other, &["RollingUpdate", "OnDelete"]),
    }
    check.not_negative(spec, "spec", "revisionHistoryLimit");
    check
}
