//! What of a pod its subresource `resize` may change: how much processor and memory its containers ask for.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>

use serde_json::Value;

use super::{
    check::{items, part},
    fields::{Fields, text},
    pod,
    pod_spec::qos_class,
};
use crate::status::FieldError;

const LISTS: [&str; 2] = ["containers", "initContainers"];
const MUTABLE: [&str; 2] = ["cpu", "memory"];

/// What is wrong with a resized pod.
pub(crate) fn validate(object: &Fields, old: &Fields) -> Vec<FieldError> {
    let mut check = pod::validate(object);
    let (spec, before) = (part(object, "spec"), part(old, "spec"));
    for list in LISTS {
        let names = |spec| items(spec, list).map(|c| text(c, "name")).collect::<Vec<_>>();
        if names(spec) != names(before) {
            check.forbidden(
                format!("spec.{list}"),
                format!("{list} may not be added or removed on resize"),
            );
            return check.done();
        }
    }
    let class = qos_class(before);
    if qos_class(spec) != class {
        check.invalid(
            "spec",
            class,
            "Pod QOS Class may not change as a result of resizing",
        );
    }
    let mut other = false;
    for list in LISTS {
        for (i, (now, then)) in items(spec, list).zip(items(before, list)).enumerate() {
            for kind in ["limits", "requests"] {
                let amounts = |c| part(part(c, "resources"), kind);
                let (now, then) = (amounts(now), amounts(then));
                if MUTABLE
                    .iter()
                    .any(|name| then.contains_key(*name) && !now.contains_key(*name))
                {
                    check.forbidden(
                        format!("spec.{list}[{i}].resources.{kind}"),
                        format!("resource {kind} cannot be removed"),
                    );
                }
            }
            other |= fixed(now) != fixed(then);
        }
    }
    if other {
        check.forbidden("spec", "only cpu and memory resources are mutable");
    }
    check.done()
}

/// A container without what a resize may change.
fn fixed(container: &Fields) -> Fields {
    let mut fixed = container.clone();
    if let Some(Value::Object(resources)) = fixed.get_mut("resources") {
        for kind in ["limits", "requests"] {
            if let Some(Value::Object(amounts)) = resources.get_mut(kind) {
                amounts.retain(|name, _| !MUTABLE.contains(&name.as_str()));
            }
        }
        resources.retain(|_, amounts| amounts.as_object().is_none_or(|amounts| !amounts.is_empty()));
    }
    fixed
}
