//! What is wrong with budgets, priority classes, quotas, limits and leases.

use serde_json::Value;

use super::check::{Check, flag, items, object, part, quantity, strings};
use super::fields::{Fields, has, int, text};
use super::go_struct;
use crate::registry::names;
use crate::schema::quantity::Quantity;

/// The highest priority of a class that is not the server's own.
const USER_PRIORITY_MAX: i64 = 1_000_000_000;
/// The classes that the server makes for itself, and their priorities.
const SYSTEM_CLASSES: [(&str, i64); 2] = [
    ("system-cluster-critical", 2_000_000_000),
    ("system-node-critical", 2_000_001_000),
];

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// Checks what a PodDisruptionBudget asks for.
pub(super) fn budget(pdb: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(pdb, "spec");
    if has(spec, "minAvailable") && has(spec, "maxUnavailable") {
        check.invalid_printed(
            "spec",
            go_struct::print("Budget", spec),
            "minAvailable and maxUnavailable cannot be both set",
        );
    }
    for name in ["minAvailable", "maxUnavailable"] {
        if let Some(value) = spec.get(name) {
            check.count_or_percent(&format!("spec.{name}"), value);
            check.at_most_all(&format!("spec.{name}"), value);
        }
    }
    check.label_selector("spec.selector", spec.get("selector"));
    check.maybe_one_of(
        spec,
        "spec",
        "unhealthyPodEvictionPolicy",
        &["AlwaysAllow", "IfHealthyBudget"],
    );
    check
}

/// Checks what is said of a PodDisruptionBudget.
pub(super) fn budget_status(pdb: &Fields) -> Check {
    let mut check = Check::default();
    let status = part(pdb, "status");
    conditions(&mut check, status, "status.conditions");
    for name in [
        "disruptionsAllowed",
        "currentHealthy",
        "desiredHealthy",
        "expectedPods",
    ] {
        check.not_negative(status, "status", name);
    }
    check
}

/// Checks conditions of the form that all newer kinds share.
pub(super) fn conditions(check: &mut Check, status: &Fields, path: &str) {
    for (i, condition) in items(status, "conditions").enumerate() {
        let path = format!("{path}[{i}]");
        let kind = text(condition, "type");
        if kind.is_empty() {
            check.required(format!("{path}.type"), "must be set");
        } else {
            check.each(&format!("{path}.type"), kind, names::qualified_name(kind));
        }
        check.one_of(condition, &path, "status", &["False", "True", "Unknown"]);
        check.not_negative(condition, &path, "observedGeneration");
        check.present(condition, &path, "lastTransitionTime");
        check.present(condition, &path, "reason");
    }
}

/// What a PriorityClass has to be.
pub(super) fn priority_class(class: &Fields) -> Check {
    let mut check = Check::default();
    let name = text(part(class, "metadata"), "name");
    let value = int(class, "value").unwrap_or(0);
    if name.starts_with("system-") {
        if let Some(why) = no_system_class(name, value, flag(class, "globalDefault")) {
            check.forbidden(
                "metadata.name",
                format!(
                    "priority class names with 'system-' prefix are reserved for system use only. error: {why}"
                ),
            );
        }
    } else if value > USER_PRIORITY_MAX {
        check.forbidden(
            "value",
            format!("maximum allowed value of a user defined priority is {USER_PRIORITY_MAX}"),
        );
    }
    match text(class, "preemptionPolicy") {
        "Never" | "PreemptLowerPriority" => {}
        "" => check.required("preemptionPolicy", ""),
        other => check.not_supported("preemptionPolicy", other, &["Never", "PreemptLowerPriority"]),
    }
    check
}

/// What a PriorityClass that is replaced may not change.
pub(super) fn priority_class_update(class: &Fields, old: &Fields) -> Check {
    let mut check = Check::default();
    if int(class, "value").unwrap_or(0) != int(old, "value").unwrap_or(0) {
        check.forbidden("value", "may not be changed in an update.");
    }
    let policy = text(class, "preemptionPolicy");
    if policy != text(old, "preemptionPolicy") {
        check.invalid("preemptionPolicy", policy, "field is immutable");
    }
    check
}

/// Why a class is none of those that the server makes for itself.
fn no_system_class(name: &str, value: i64, is_default: bool) -> Option<String> {
    let Some((_, known)) = SYSTEM_CLASSES.iter().find(|(known, _)| *known == name) else {
        return Some(format!("{name} is not a known system priority class"));
    };
    if value != *known {
        return Some(format!("value of {name} PriorityClass must be {known}"));
    }
    is_default.then(|| format!("globalDefault of {name} PriorityClass must be false"))
}

/// Checks a Lease.
pub(super) fn lease(lease: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(lease, "spec");
    if let Some(seconds) = int(spec, "leaseDurationSeconds").filter(|s| *s <= 0) {
        check.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
    }
    check.not_negative(spec, "spec", "leaseTransitions");
    check
}

/// The resources that a quota counts.
const COUNTED: [&str; 12] = [
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
    "count",
    "requests.count",
    "limits.count",
];

/// The resources that a quota sums up.
const SUMMED: [&str; 12] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "storage",
    "hugepages",
];

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

/// Checks a ResourceQuota.
pub(super) fn quota(quota: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(quota, "spec");
    amounts(&mut check, part(spec, "hard"), "spec.hard");
    scopes(&mut check, spec);
    check
}

/// Checks what a quota counted.
pub(super) fn quota_status(quota: &Fields) -> Check {
    let mut check = Check::default();
    let status = part(quota, "status");
    for name in ["hard", "used"] {
        amounts(&mut check, part(status, name), &format!("status.{name}"));
    }
    check
}

fn amounts(check: &mut Check, amounts: &Fields, path: &str) {
    for (name, value) in amounts {
        let field = format!("{path}[{name}]");
        check.each(&field, name, names::qualified_name(name));
        let standard = COUNTED.contains(&name.as_str())
            || SUMMED.contains(&name.as_str())
            || ["hugepages-", "requests.hugepages-", "limits.hugepages-"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
        if !name.contains('/') && !standard {
            check.invalid(
                &field,
                name.as_str(),
                "must be a standard resource type or fully qualified",
            );
            check.invalid(&field, name.as_str(), "must be a standard resource for quota");
        }
        let Some(amount) = quantity(value) else { continue };
        if amount.nano() < 0 {
            check.invalid(&field, amount.to_string(), NOT_NEGATIVE);
        }
        let whole = COUNTED.contains(&name.as_str()) || name.contains('/');
        if whole && amount.milli() % 1000 != 0 {
            check.invalid(&field, amount.to_string(), "must be an integer");
        }
    }
}

/// A scope limits a quota to some pods, so that it cannot count what is none.
fn scopes(check: &mut Check, spec: &Fields) {
    let scopes = strings(spec, "scopes");
    let hard = part(spec, "hard");
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            check.invalid("spec.scopes", scopes.clone(), "unsupported scope");
        }
        let fits = |resource: &str| match *scope {
            "Terminating"
            | "NotTerminating"
            | "NotBestEffort"
            | "PriorityClass"
            | "CrossNamespacePodAffinity" => {
                resource == "pods" || SUMMED.contains(&resource) && !resource.contains("storage")
            }
            "BestEffort" => resource == "pods",
            _ => true,
        };
        for resource in hard.keys() {
            if !fits(resource) {
                check.invalid(
                    "spec.scopes",
                    scopes.clone(),
                    "unsupported scope applied to resource",
                );
            }
        }
    }
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if scopes.contains(&one) && scopes.contains(&other) {
            check.invalid("spec.scopes", scopes.clone(), "conflicting scopes");
        }
    }
    for rule in items(part(spec, "scopeSelector"), "matchExpressions") {
        let path = "spec.scopeSelector.matchExpressions";
        let values = strings(rule, "values");
        match text(rule, "operator") {
            "In" | "NotIn" if values.is_empty() => check.required(
                format!("{path}.values"),
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
            ),
            "Exists" | "DoesNotExist" if !values.is_empty() => check.invalid(
                format!("{path}.values"),
                values.clone(),
                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
            ),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => check.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
        }
    }
}

/// Checks a LimitRange.
pub(super) fn limits(range: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(range, "spec");
    let mut seen: Vec<&str> = Vec::new();
    for (i, limit) in items(spec, "limits").enumerate() {
        let path = format!("spec.limits[{i}]");
        let kind = text(limit, "type");
        let known = ["Container", "Pod", "PersistentVolumeClaim"];
        let wrong = names::qualified_name(kind);
        let fine = wrong.is_empty();
        check.each(&format!("{path}.type"), kind, wrong);
        if fine && !kind.contains('/') && !known.contains(&kind) {
            check.invalid(
                format!("{path}.type"),
                kind,
                "must be a standard limit type or fully qualified",
            );
        }
        if seen.contains(&kind) {
            check.duplicate(format!("{path}.type"), kind);
        }
        seen.push(kind);
        limit_names(&mut check, limit, &path);
        if kind == "Pod" {
            for field in ["default", "defaultRequest"] {
                if !part(limit, field).is_empty() {
                    check.forbidden(
                        format!("{path}.{field}"),
                        "may not be specified when `type` is 'Pod'",
                    );
                }
            }
        }
        let storage = |field: &str| part(limit, field).contains_key("storage");
        if kind == "PersistentVolumeClaim" && !storage("min") && !storage("max") {
            check.required(
                format!("{path}.limits"),
                "either minimum or maximum storage value is required, but neither was provided",
            );
        }
        bounds(&mut check, limit, &path);
    }
    check
}

fn limit_names(check: &mut Check, limit: &Fields, path: &str) {
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        for name in part(limit, list).keys() {
            let standard = ["cpu", "memory", "ephemeral-storage", "storage"].contains(&name.as_str())
                || name.starts_with("hugepages-");
            if !name.contains('/') && !standard {
                check.invalid(
                    format!("{path}.{list}[{name}]"),
                    name.as_str(),
                    "must be a standard resource type or fully qualified",
                );
            }
        }
    }
}

/// An amount and what it is called.
type Amount<'n> = (Option<Quantity>, &'n str);

/// Bounds must not cross: min, default request, default and max stand in this order.
fn bounds(check: &mut Check, limit: &Fields, path: &str) {
    let mut all: Vec<&String> = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]
        .iter()
        .flat_map(|list| part(limit, list).keys())
        .collect();
    all.sort();
    all.dedup();
    for name in all {
        let of = |list: &str| part(limit, list).get(name).and_then(quantity);
        let (min, max, request, default) = (of("min"), of("max"), of("defaultRequest"), of("default"));
        // Which of the two is quoted differs from case to case.
        let compare = |check: &mut Check, low: Amount<'_>, high: Amount<'_>, field: &str| {
            let (Some(lower), Some(upper)) = (low.0, high.0) else {
                return;
            };
            if lower > upper {
                let quoted = match (field, low.1, high.1) {
                    ("defaultRequest", "min value", _) | ("default", _, "max value") => upper,
                    _ => lower,
                };
                let why = format!("{} {lower} is greater than {} {upper}", low.1, high.1);
                check.invalid(format!("{path}.{field}[{name}]"), quoted.to_string(), why);
            }
        };
        compare(check, (min, "min value"), (max, "max value"), "min");
        compare(
            check,
            (min, "min value"),
            (request, "default request value"),
            "defaultRequest",
        );
        compare(
            check,
            (request, "default request value"),
            (max, "max value"),
            "defaultRequest",
        );
        compare(
            check,
            (request, "default request value"),
            (default, "default value"),
            "defaultRequest",
        );
        compare(check, (min, "min value"), (default, "default value"), "default");
        compare(check, (default, "default value"), (max, "max value"), "default");
        if let Some(ratio) = of("maxLimitRequestRatio").filter(|ratio| ratio.milli() < 1000) {
            let why = format!("ratio {ratio} is less than 1");
            check.invalid(
                format!("{path}.maxLimitRequestRatio[{name}]"),
                ratio.to_string(),
                why,
            );
        }
    }
}

/// Checks a HorizontalPodAutoscaler.
pub(super) fn autoscaler(hpa: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(hpa, "spec");
    let (min, max) = (int(spec, "minReplicas"), int(spec, "maxReplicas").unwrap_or(0));
    if let Some(min) = min.filter(|min| *min < 1) {
        check.invalid("spec.minReplicas", min, "must be greater than or equal to 1");
    }
    if max < 1 {
        check.required("spec.maxReplicas", "must be set and greater than 0");
    }
    if min.is_some_and(|min| max < min) {
        check.invalid(
            "spec.maxReplicas",
            max,
            "must be greater than or equal to `minReplicas`",
        );
    }
    let target = part(spec, "scaleTargetRef");
    for name in ["kind", "name"] {
        check.present(target, "spec.scaleTargetRef", name);
    }
    if text(target, "apiVersion").is_empty() {
        let why = "apiVersion must specify API group";
        check.invalid("spec.scaleTargetRef.apiVersion", "", why);
    }
    for (i, metric) in items(spec, "metrics").enumerate() {
        let path = format!("spec.metrics[{i}]");
        let kinds = ["ContainerResource", "External", "Object", "Pods", "Resource"];
        let kind = text(metric, "type");
        if !kinds.contains(&kind) {
            if kind.is_empty() {
                check.required(format!("{path}.type"), "must specify a metric source type");
            }
            // The real server says so twice.
            for _ in 0..2 {
                check.not_supported(format!("{path}.type"), kind, &kinds);
            }
            continue;
        }
        let mut field = kind.to_owned();
        field[..1].make_ascii_lowercase();
        match object(metric, &field) {
            None => check.required(
                format!("{path}.{field}"),
                "must populate information for the given metric source",
            ),
            Some(source) => metric_source(&mut check, kind, source, &format!("{path}.{field}")),
        }
    }
    let from_outside = |metric: &Fields| matches!(text(metric, "type"), "Object" | "External");
    if min == Some(0) && !items(spec, "metrics").any(from_outside) {
        let why = "must specify at least one Object or External metric to support scaling to zero replicas";
        check.forbidden("spec.metrics", why);
    }
    for direction in ["scaleUp", "scaleDown"] {
        if let Some(rules) = object(part(spec, "behavior"), direction) {
            scaling(&mut check, rules, &format!("spec.behavior.{direction}"));
        }
    }
    check
}

/// Checks the rules of one direction of scaling.
fn scaling(check: &mut Check, rules: &Fields, path: &str) {
    let field = format!("{path}.stabilizationWindowSeconds");
    match int(rules, "stabilizationWindowSeconds") {
        Some(n) if n < 0 => check.invalid(field, n, "must be greater than or equal to zero"),
        Some(n) if n > 3600 => check.invalid(field, n, "must be less than or equal to 3600"),
        _ => {}
    }
    check.maybe_one_of(rules, path, "selectPolicy", &["Disabled", "Max", "Min"]);
    if items(rules, "policies").next().is_none() {
        check.required(format!("{path}.policies"), "must specify at least one Policy");
    }
    for (i, policy) in items(rules, "policies").enumerate() {
        let path = format!("{path}.policies[{i}]");
        let kind = text(policy, "type");
        if !matches!(kind, "Percent" | "Pods") {
            check.not_supported(format!("{path}.type"), kind, &["Percent", "Pods"]);
        }
        for field in ["value", "periodSeconds"] {
            let n = int(policy, field).unwrap_or(0);
            if n <= 0 {
                check.invalid(format!("{path}.{field}"), n, "must be greater than zero");
            } else if field == "periodSeconds" && n > 1800 {
                check.invalid(format!("{path}.{field}"), n, "must be less than or equal to 1800");
            }
        }
    }
}

fn metric_source(check: &mut Check, kind: &str, source: &Fields, path: &str) {
    let target = part(source, "target");
    match kind {
        "Resource" | "ContainerResource" => {
            if text(source, "name").is_empty() {
                check.required(format!("{path}.name"), "must specify a resource name");
            }
            let field = format!("{path}.target.averageUtilization");
            match int(target, "averageUtilization") {
                Some(n) if n < 1 => check.invalid(field, n, "must be greater than 0"),
                None if !has(target, "averageValue") => check.required(
                    field,
                    "must set either a target raw value or a target utilization",
                ),
                _ => {}
            }
        }
        "Pods" => {
            if text(part(source, "metric"), "name").is_empty() {
                check.required(format!("{path}.metric.name"), "must specify a metric name");
            }
            if target.get("averageValue").and_then(Value::as_str).is_none() {
                check.required(
                    format!("{path}.target.averageValue"),
                    "must specify a positive target averageValue",
                );
            }
        }
        _ => {
            if text(part(source, "metric"), "name").is_empty() {
                check.required(format!("{path}.metric.name"), "must specify a metric name");
            }
        }
    }
}
