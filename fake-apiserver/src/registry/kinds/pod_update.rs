//! What of a pod may change once it is there, in itself and through its subresources.

use serde_json::Value;

use super::check::{Check, items, part};
use super::fields::{Fields, has, int, text};
use super::go_struct;
use crate::status::FieldError;

const ALLOWED: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks an update of a pod's spec against the one before.
pub(super) fn validate(spec: &Fields, old: &Fields) -> Vec<FieldError> {
    let mut check = Check::default();
    for list in ["containers", "initContainers"] {
        if items(spec, list).count() != items(old, list).count() {
            check.forbidden(
                format!("spec.{list}"),
                "pod updates may not add or remove containers",
            );
            return check.done();
        }
    }
    deadline(&mut check, spec, old);
    gates(&mut check, spec, old);
    tolerations(&mut check, spec, old);
    let munged = munge(spec, old);
    if munged != *old {
        let diff = go_struct::pod_diff(old, &munged);
        check.forbidden("spec", format!("{ALLOWED}\n{diff}"));
    }
    check.done()
}

/// Pods may be given less time, not more.
fn deadline(check: &mut Check, spec: &Fields, old: &Fields) {
    let field = "spec.activeDeadlineSeconds";
    match (
        int(spec, "activeDeadlineSeconds"),
        int(old, "activeDeadlineSeconds"),
    ) {
        (Some(new), Some(old)) if new > old => {
            check.invalid(field, new, "must be less than or equal to previous value");
        }
        (None, Some(_)) => check.invalid(
            field,
            Value::Null,
            "must not update from a positive integer to nil value",
        ),
        _ => {}
    }
}

fn gates(check: &mut Check, spec: &Fields, old: &Fields) {
    for (i, gate) in items(spec, "schedulingGates").enumerate() {
        if !items(old, "schedulingGates").any(|known| known == gate) {
            check.forbidden(
                format!("spec.schedulingGates[{i}].name"),
                format!(
                    "only deletion is allowed, but found new scheduling gate '{}'",
                    text(gate, "name")
                ),
            );
        }
    }
}

fn tolerations(check: &mut Check, spec: &Fields, old: &Fields) {
    let same = |a: &Fields, b: &Fields| {
        ["key", "operator", "value", "effect"]
            .iter()
            .all(|f| text(a, f) == text(b, f))
    };
    for before in items(old, "tolerations") {
        if !items(spec, "tolerations").any(|now| same(before, now)) {
            return check.forbidden(
                "spec.tolerations",
                "existing toleration can not be modified except its tolerationSeconds",
            );
        }
    }
}

/// The new spec with what may change as it was before.
fn munge(spec: &Fields, old: &Fields) -> Fields {
    let mut munged = spec.clone();
    for list in ["containers", "initContainers"] {
        let images: Vec<Option<Value>> = items(old, list).map(|c| c.get("image").cloned()).collect();
        let now = munged
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        for (container, image) in now.filter_map(Value::as_object_mut).zip(images) {
            put(container, "image", image);
        }
    }
    let gated = items(old, "schedulingGates").next().is_some();
    let mut keep: Vec<&str> = vec!["activeDeadlineSeconds", "tolerations", "schedulingGates"];
    let shortened = int(old, "terminationGracePeriodSeconds").is_some_and(|grace| grace < 0)
        && int(spec, "terminationGracePeriodSeconds") == Some(1);
    if shortened {
        keep.push("terminationGracePeriodSeconds");
    }
    if gated {
        // A pod that waits may still learn where it must run.
        let kept = part(old, "nodeSelector")
            .iter()
            .all(|(k, v)| part(spec, "nodeSelector").get(k) == Some(v));
        if kept {
            keep.push("nodeSelector");
        }
        if !has(old, "affinity") {
            keep.push("affinity");
        }
    }
    for field in keep {
        put(&mut munged, field, old.get(field).cloned());
    }
    munged
}

fn put(fields: &mut Fields, name: &str, value: Option<Value>) {
    match value {
        Some(value) => fields.insert(name.into(), value),
        None => fields.remove(name),
    };
}
