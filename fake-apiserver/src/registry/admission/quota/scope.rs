//! Scopes: which objects a quota is about.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes>

use super::usage::Counted;
use crate::registry::kinds::check::{items, part, strings};
use crate::registry::kinds::fields::{Fields, has, int, text};
use crate::registry::kinds::pod_spec::qos_class;

/// Whether all scopes of a quota's spec match an object. Objects that are neither pods nor claims have none.
pub(super) fn matches(resource: Counted<'_>, quota: &Fields, object: &Fields) -> bool {
    let spec = part(object, "spec");
    let selected = items(part(quota, "scopeSelector"), "matchExpressions");
    let plain = strings(quota, "scopes");
    let plain = plain
        .iter()
        .all(|scope| in_scope(resource, spec, scope, "Exists", &[]));
    plain
        && selected.into_iter().all(|term| {
            let values = strings(term, "values");
            in_scope(
                resource,
                spec,
                text(term, "scopeName"),
                text(term, "operator"),
                &values,
            )
        })
}

fn in_scope(resource: Counted<'_>, spec: &Fields, scope: &str, operator: &str, values: &[&str]) -> bool {
    if resource.is_claim() && scope == "VolumeAttributesClass" {
        return named(text(spec, "volumeAttributesClassName"), operator, values);
    }
    if !resource.is_pod() {
        return false;
    }
    let terminating = int(spec, "activeDeadlineSeconds").is_some_and(|seconds| seconds >= 0);
    let best_effort = || qos_class(spec) == "BestEffort";
    match scope {
        "Terminating" => terminating,
        "NotTerminating" => !terminating,
        "BestEffort" => best_effort(),
        "NotBestEffort" => !best_effort(),
        "PriorityClass" => named(text(spec, "priorityClassName"), operator, values),
        "CrossNamespacePodAffinity" => crosses_namespaces(spec),
        _ => false,
    }
}

/// Whether a name, empty for none, is what an expression wants.
fn named(name: &str, operator: &str, values: &[&str]) -> bool {
    match operator {
        "In" => values.contains(&name),
        "NotIn" => !values.contains(&name),
        "DoesNotExist" => name.is_empty(),
        _ => !name.is_empty(),
    }
}

/// Whether a pod wants to be near or far from pods of other namespaces.
fn crosses_namespaces(spec: &Fields) -> bool {
    let elsewhere = |term: &Fields| !strings(term, "namespaces").is_empty() || has(term, "namespaceSelector");
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let affinity = part(part(spec, "affinity"), kind);
        items(affinity, "requiredDuringSchedulingIgnoredDuringExecution").any(elsewhere)
            || items(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
                .any(|weighted| elsewhere(part(weighted, "podAffinityTerm")))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(quota: &Value, spec: &Value, expected: bool) {
        let object = json!({ "spec": spec });
        let fields = |value: &Value| value.as_object().expect("an object").clone();
        let found = matches(Counted::of("", "pods"), &fields(quota), &fields(&object));
        assert_eq!(found, expected, "{quota} {spec}");
        let other = matches(Counted::of("", "secrets"), &fields(quota), &fields(&object));
        assert_eq!(other, quota == &json!({}), "{quota} of secrets");
    }

    #[test]
    fn every_scope_has_to_match() {
        let limited = json!({"containers": [{"resources": {"requests": {"cpu": "1"}}}]});
        check(&json!({}), &json!({}), true);
        check(&json!({"scopes": ["BestEffort"]}), &json!({}), true);
        check(&json!({"scopes": ["BestEffort"]}), &limited, false);
        check(
            &json!({"scopes": ["NotBestEffort", "NotTerminating"]}),
            &limited,
            true,
        );
        check(
            &json!({"scopes": ["NotBestEffort", "Terminating"]}),
            &limited,
            false,
        );
        check(
            &json!({"scopes": ["Terminating"]}),
            &json!({"activeDeadlineSeconds": 0}),
            true,
        );
    }

    #[test]
    fn classes_are_selected_by_name() {
        let term = |operator: &str, values: Value| {
            json!({"scopeSelector": {"matchExpressions": [
                {"scopeName": "PriorityClass", "operator": operator, "values": values},
            ]}})
        };
        let (named, unnamed) = (json!({"priorityClassName": "a"}), json!({}));
        for (operator, values, with, without) in [
            ("In", json!(["a"]), true, false),
            ("In", json!(["b"]), false, false),
            ("NotIn", json!(["a"]), false, true),
            ("Exists", json!([]), true, false),
            ("DoesNotExist", json!([]), false, true),
        ] {
            check(&term(operator, values.clone()), &named, with);
            check(&term(operator, values), &unnamed, without);
        }
    }

    #[test]
    fn affinity_to_other_namespaces_is_a_scope() {
        let spec = |term: Value| json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}});
        let quota = json!({"scopes": ["CrossNamespacePodAffinity"]});
        check(&quota, &spec(json!({"topologyKey": "a"})), false);
        check(&quota, &spec(json!({"namespaceSelector": {}})), true);
        check(&quota, &spec(json!({"namespaces": ["x"]})), true);
    }
}
