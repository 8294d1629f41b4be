//! What controllers of pods have in common: selectors, templates, counts in their status.

use serde_json::Value;

use super::check::{Check, part, print_selector};
use super::fields::{Fields, has, int};
use super::pod_validation;
use crate::status::FieldError;

/// Checks a selector and whether it selects the template's pods, then the template.
pub(super) fn selector_and_template(check: &mut Check, spec: &Fields, kind: &str, controller: &str) {
    let selector = spec.get("selector").filter(|s| !s.is_null());
    let mut own = Check::default();
    own.label_selector("spec.selector", selector);
    let wrong = !own.is_empty();
    check.extend(own.done());
    match selector {
        None => check.required("spec.selector", ""),
        Some(selector) if is_empty(selector) => {
            let why = format!("empty selector is invalid for {kind}");
            check.invalid_printed("spec.selector", "{}".into(), &why);
        }
        Some(_) => {}
    }
    if wrong {
        return check.invalid_printed(
            "spec.selector",
            print_selector(selector),
            "invalid label selector",
        );
    }
    let selected = selector.is_some_and(|s| selects(s, labels(spec)));
    pod_validation::controlled_template(check, spec, "spec.template", selected, controller);
}

/// A selector never changes.
pub(super) fn immutable_selector(check: &mut Check, spec: &Fields, old: &Fields) {
    let (new, old) = (spec.get("selector"), old.get("selector"));
    if new != old {
        check.invalid_printed("spec.selector", print_selector(new), "field is immutable");
    }
}

/// The labels of a template's pods.
pub(super) fn labels(spec: &Fields) -> &Fields {
    part(part(part(spec, "template"), "metadata"), "labels")
}

/// Whether a selector names nothing, and so everything.
pub(super) fn is_empty(selector: &Value) -> bool {
    let none = |name: &str| match selector.get(name) {
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        _ => true,
    };
    none("matchLabels") && none("matchExpressions")
}

/// Whether a label selector selects what has these labels.
pub(super) fn selects(selector: &Value, labels: &Fields) -> bool {
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let terms = selector.get("matchExpressions").and_then(Value::as_array);
    equal
        .into_iter()
        .flatten()
        .all(|(key, value)| labels.get(key) == Some(value))
        && terms.into_iter().flatten().all(|term| {
            let found = term["key"].as_str().and_then(|key| labels.get(key));
            let values = term["values"].as_array();
            let among = found.is_some_and(|v| values.is_some_and(|all| all.contains(v)));
            match term["operator"].as_str() {
                Some("In") => among,
                Some("NotIn") => !among,
                Some("Exists") => found.is_some(),
                _ => found.is_none(),
            }
        })
}

/// Checks the counts in a status, of which none may be more than there are replicas.
pub(super) fn counts(status: &Fields, all: &[&str], of_replicas: &[&str]) -> Vec<FieldError> {
    let mut check = Check::default();
    for name in all {
        check.not_negative(status, "status", name);
    }
    let count = |name: &str| int(status, name).unwrap_or(0);
    for name in of_replicas {
        if count(name) > count("replicas") {
            check.invalid(
                format!("status.{name}"),
                count(name),
                "cannot be greater than status.replicas",
            );
        }
    }
    if count("availableReplicas") > count("readyReplicas") && of_replicas.contains(&"availableReplicas") {
        check.invalid(
            "status.availableReplicas",
            count("availableReplicas"),
            "cannot be greater than readyReplicas",
        );
    }
    check.done()
}

/// A count of collisions never falls.
pub(super) fn collisions(status: &Fields, old: &Fields) -> Vec<FieldError> {
    let mut check = Check::default();
    let count = int(status, "collisionCount");
    if has(old, "collisionCount") && count.unwrap_or(0) < int(old, "collisionCount").unwrap_or(0) {
        let shown = count.map_or(Value::Null, Value::from);
        check.invalid("status.collisionCount", shown, "cannot be decremented");
    }
    check.done()
}
