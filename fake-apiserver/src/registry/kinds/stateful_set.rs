//! StatefulSet: pods with names and volumes of their own.

use serde_json::json;

use super::{
    check::{Check, items, object, part},
    fields::{Fields, child, default, default_text, each, ensure, has, text},
    go_struct,
    pod_spec::{default_claim_spec, default_template},
    pod_warnings, workload,
};
use crate::registry::strategy::{NameRule, Strategy, keep_status_and_count, set_generation};
use crate::registry::{Context, names};
use crate::status::FieldError;

/// What of a spec may change.
const MUTABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

const FIXED: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// The rules for StatefulSets.
#[derive(Debug)]
pub(super) struct StatefulSet;

impl Strategy for StatefulSet {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "podManagementPolicy", "OrderedReady");
        let strategy = ensure(spec, "updateStrategy");
        default_text(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate" {
            default(ensure(strategy, "rollingUpdate"), "partition", 0);
        }
        let retention = ensure(spec, "persistentVolumeClaimRetentionPolicy");
        default_text(retention, "whenDeleted", "Retain");
        default_text(retention, "whenScaled", "Retain");
        default(spec, "replicas", 1);
        default(spec, "revisionHistoryLimit", 10);
        default_template(ensure(spec, "template"));
        for claim in each(spec, "volumeClaimTemplates") {
            default_text(claim, "apiVersion", "v1");
            default_text(claim, "kind", "PersistentVolumeClaim");
            default_claim_spec(ensure(claim, "spec"));
            default(ensure(claim, "status"), "phase", json!("Pending"));
        }
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        object.remove("status");
        set_generation(object, 1);
        drop_max_unavailable(object);
    }

    fn prepare_update(&self, cx: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        if !limits_unavailable(old) {
            drop_max_unavailable(object);
        }
        keep_status_and_count(self, cx, object, old);
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        validate(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = validate(object);
        let fixed = |o: &Fields| -> Fields {
            let spec = part(o, "spec").iter();
            spec.filter(|(name, _)| !MUTABLE.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        if fixed(object) != fixed(old) {
            check.forbidden("spec", FIXED);
        }
        check.done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        const COUNTS: [&str; 6] = [
            "replicas",
            "readyReplicas",
            "currentReplicas",
            "updatedReplicas",
            "availableReplicas",
            "observedGeneration",
        ];
        let (status, before) = (part(object, "status"), part(old, "status"));
        let mut errors = workload::counts(
            status,
            &COUNTS,
            &[
                "readyReplicas",
                "currentReplicas",
                "updatedReplicas",
                "availableReplicas",
            ],
        );
        errors.extend(workload::collisions(status, before));
        errors
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
    }

    fn name_rule(&self) -> NameRule {
        NameRule::Label
    }

    fn has_generation(&self) -> bool {
        true
    }
}

fn validate(fields: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(fields, "spec");
    match text(spec, "podManagementPolicy") {
        "" => check.required("spec.podManagementPolicy", ""),
        "OrderedReady" | "Parallel" => {}
        other => check.invalid(
            "spec.podManagementPolicy",
            other,
            "must be 'OrderedReady' or 'Parallel'",
        ),
    }
    validate_strategy(&mut check, part(spec, "updateStrategy"));
    let retention = part(spec, "persistentVolumeClaimRetentionPolicy");
    for name in ["whenDeleted", "whenScaled"] {
        let path = "spec.persistentVolumeClaimRetentionPolicy";
        check.maybe_one_of(retention, path, name, &["Retain", "Delete"]);
    }
    check.not_negative(spec, "spec", "replicas");
    check.not_negative(spec, "spec", "minReadySeconds");
    check.not_negative(part(spec, "ordinals"), "spec.ordinals", "start");
    let service = text(spec, "serviceName");
    if !service.is_empty() {
        check.each("spec.serviceName", service, names::label(service));
    }
    workload::selector_and_template(&mut check, spec, "statefulset", "StatefulSet");
    for (i, claim) in items(spec, "volumeClaimTemplates").enumerate() {
        let modes = part(claim, "spec").get("accessModes");
        if modes.and_then(|m| m.as_array()).is_none_or(Vec::is_empty) {
            check.required(
                format!("spec.volumeClaimTemplates[{i}].spec.accessModes"),
                "at least 1 access mode is required",
            );
        }
    }
    check
}

fn validate_strategy(check: &mut Check, strategy: &Fields) {
    let path = "spec.updateStrategy";
    match text(strategy, "type") {
        "" => check.required(path, ""),
        "OnDelete" => {
            if let Some(rolling) = object(strategy, "rollingUpdate") {
                check.invalid_printed(
                    format!("{path}.rollingUpdate"),
                    go_struct::print("Partition", rolling),
                    "only allowed for updateStrategy 'RollingUpdate'",
                );
            }
        }
        "RollingUpdate" => {
            let rolling = part(strategy, "rollingUpdate");
            let path = format!("{path}.rollingUpdate");
            check.not_negative(rolling, &path, "partition");
            if let Some(unavailable) = rolling
                .get("maxUnavailable")
                .filter(|_| has(rolling, "maxUnavailable"))
            {
                check.count_or_percent(&format!("{path}.maxUnavailable"), unavailable);
                check.at_most_all(&format!("{path}.maxUnavailable"), unavailable);
            }
        }
        _ => check.invalid_printed(
            path,
            go_struct::print("StatefulSetStrategy", strategy),
            "must be 'RollingUpdate' or 'OnDelete'",
        ),
    }
}

fn limits_unavailable(object: &Fields) -> bool {
    let strategy = part(part(object, "spec"), "updateStrategy");
    part(strategy, "rollingUpdate").contains_key("maxUnavailable")
}

/// How many pods an update may take away at once is a feature that is off by default.
fn drop_max_unavailable(object: &mut Fields) {
    let strategy = child(object, "spec").and_then(|spec| child(spec, "updateStrategy"));
    if let Some(rolling) = strategy.and_then(|strategy| child(strategy, "rollingUpdate")) {
        rolling.remove("maxUnavailable");
    }
}
