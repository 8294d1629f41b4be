//! Where a pod may run.

use super::super::check::{Check, items, object, strings};
use super::super::fields::{Fields, has, int, text};
use super::duplicates;
use crate::registry::names;

const TERM_NEEDED: &str = "must have at least one node selector term";
const WEIGHT: &str = "must be in the range 1-100";

pub(super) fn affinity(check: &mut Check, spec: &Fields, path: &str) {
    let Some(affinity) = object(spec, "affinity") else {
        return;
    };
    let path = format!("{path}.affinity");
    if let Some(node) = object(affinity, "nodeAffinity") {
        let path = format!("{path}.nodeAffinity");
        if let Some(required) = object(node, REQUIRED) {
            node_selector(check, required, &format!("{path}.{REQUIRED}"));
        }
        for (i, term) in items(node, PREFERRED).enumerate() {
            let path = format!("{path}.{PREFERRED}[{i}]");
            weight(check, term, &path);
            if let Some(preference) = object(term, "preference") {
                selector_term(check, preference, &format!("{path}.preference"));
            }
        }
    }
    for side in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = object(affinity, side) else {
            continue;
        };
        let path = format!("{path}.{side}");
        for (i, term) in items(pods, REQUIRED).enumerate() {
            pod_term(check, term, &format!("{path}.{REQUIRED}[{i}]"));
        }
        for (i, term) in items(pods, PREFERRED).enumerate() {
            let path = format!("{path}.{PREFERRED}[{i}]");
            weight(check, term, &path);
            if let Some(term) = object(term, "podAffinityTerm") {
                pod_term(check, term, &format!("{path}.podAffinityTerm"));
            }
        }
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn weight(check: &mut Check, term: &Fields, path: &str) {
    let weight = int(term, "weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        check.invalid(format!("{path}.weight"), weight, WEIGHT);
    }
}

/// Checks a selector of nodes, of which one term must hold.
pub(in super::super) fn node_selector(check: &mut Check, selector: &Fields, path: &str) {
    if items(selector, "nodeSelectorTerms").next().is_none() {
        return check.required(format!("{path}.nodeSelectorTerms"), TERM_NEEDED);
    }
    for (i, term) in items(selector, "nodeSelectorTerms").enumerate() {
        selector_term(check, term, &format!("{path}.nodeSelectorTerms[{i}]"));
    }
}

fn selector_term(check: &mut Check, term: &Fields, path: &str) {
    for (i, rule) in items(term, "matchExpressions").enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        operator(check, rule, &path);
        let key = text(rule, "key");
        check.each(&format!("{path}.key"), key, names::qualified_name(key));
        for (j, value) in strings(rule, "values").into_iter().enumerate() {
            check.each(&format!("{path}.values[{j}]"), value, names::label_value(value));
        }
    }
    for (i, rule) in items(term, "matchFields").enumerate() {
        let path = format!("{path}.matchFields[{i}]");
        let values = strings(rule, "values");
        if matches!(text(rule, "operator"), "In" | "NotIn") {
            if values.len() != 1 {
                let why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                check.required(format!("{path}.values"), why);
            }
        } else {
            let operator = text(rule, "operator");
            check.invalid(
                format!("{path}.operator"),
                operator,
                "not a valid selector operator",
            );
        }
        if text(rule, "key") == "metadata.name" {
            for (j, value) in values.iter().enumerate() {
                check.each(&format!("{path}.values[{j}]"), value, names::subdomain(value));
            }
        } else {
            check.invalid(
                format!("{path}.key"),
                text(rule, "key"),
                "not a valid field selector key",
            );
        }
    }
}

fn operator(check: &mut Check, rule: &Fields, path: &str) {
    let values = strings(rule, "values");
    match text(rule, "operator") {
        "In" | "NotIn" => {
            if values.is_empty() {
                let why = "must be specified when `operator` is 'In' or 'NotIn'";
                check.required(format!("{path}.values"), why);
            }
        }
        "Exists" | "DoesNotExist" => {
            if !values.is_empty() {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                check.forbidden(format!("{path}.values"), why);
            }
        }
        "Gt" | "Lt" => {
            if values.len() != 1 {
                let why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                check.required(format!("{path}.values"), why);
            }
        }
        other => check.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
    }
}

fn pod_term(check: &mut Check, term: &Fields, path: &str) {
    check.label_selector(&format!("{path}.labelSelector"), term.get("labelSelector"));
    check.label_selector(
        &format!("{path}.namespaceSelector"),
        term.get("namespaceSelector"),
    );
    for name in strings(term, "namespaces") {
        check.each(&format!("{path}.namespace"), name, names::label(name));
    }
    match_label_keys(check, term, path);
    let key = text(term, "topologyKey");
    if key.is_empty() {
        check.required(format!("{path}.topologyKey"), "can not be empty");
    }
    check.each(&format!("{path}.topologyKey"), key, names::qualified_name(key));
}

fn match_label_keys(check: &mut Check, term: &Fields, path: &str) {
    for list in ["matchLabelKeys", "mismatchLabelKeys"] {
        let keys = strings(term, list);
        if keys.is_empty() {
            continue;
        }
        if !has(term, "labelSelector") {
            let why = "must not be specified when labelSelector is not set";
            check.forbidden(format!("{path}.{list}"), why);
        }
        for (i, key) in keys.into_iter().enumerate() {
            check.each(&format!("{path}.{list}[{i}]"), key, names::qualified_name(key));
        }
    }
}

pub(super) fn tolerations(check: &mut Check, spec: &Fields, path: &str) {
    for (i, toleration) in items(spec, "tolerations").enumerate() {
        let path = format!("{path}.tolerations[{i}]");
        let (key, operator, effect) = (
            text(toleration, "key"),
            text(toleration, "operator"),
            text(toleration, "effect"),
        );
        if !key.is_empty() {
            check.each(&format!("{path}.key"), key, names::qualified_name(key));
        }
        if key.is_empty() && operator != "Exists" {
            let why =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            check.invalid(format!("{path}.operator"), operator, why);
        }
        if has(toleration, "tolerationSeconds") && effect != "NoExecute" {
            let why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            check.invalid(format!("{path}.effect"), effect, why);
        }
        let value = text(toleration, "value");
        match operator {
            "Equal" | "" => {
                let wrong: Vec<String> = names::label_value(value);
                if !wrong.is_empty() {
                    check.invalid(format!("{path}.operator"), value, wrong.join(";"));
                }
            }
            "Exists" => {
                if !value.is_empty() {
                    let why = "value must be empty when `operator` is 'Exists'";
                    check.invalid(format!("{path}.operator"), value, why);
                }
            }
            other => check.not_supported(format!("{path}.operator"), other, &["Equal", "Exists"]),
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        if !effect.is_empty() && !effects.contains(&effect) {
            check.not_supported(format!("{path}.effect"), effect, &effects);
        }
    }
}

pub(super) fn gates(check: &mut Check, spec: &Fields, path: &str) {
    for (i, gate) in items(spec, "schedulingGates").enumerate() {
        let name = text(gate, "name");
        let field = format!("{path}.schedulingGates[{i}]");
        check.each(&field, name, names::qualified_name(name));
    }
    for (i, name) in duplicates(spec, "schedulingGates", "name") {
        check.duplicate(format!("{path}.schedulingGates[{i}]"), name);
    }
}

pub(super) fn spread(check: &mut Check, spec: &Fields, path: &str) {
    for (i, rule) in items(spec, "topologySpreadConstraints").enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{i}]");
        let skew = int(rule, "maxSkew").unwrap_or(0);
        if skew <= 0 {
            check.invalid(format!("{path}.maxSkew"), skew, "must be greater than zero");
        }
        let (key, otherwise) = (text(rule, "topologyKey"), text(rule, "whenUnsatisfiable"));
        if key.is_empty() {
            check.required(format!("{path}.topologyKey"), "can not be empty");
        } else {
            check.each(&format!("{path}.topologyKey"), key, names::qualified_name(key));
        }
        let known = ["DoNotSchedule", "ScheduleAnyway"];
        if !known.contains(&otherwise) {
            check.not_supported(format!("{path}.whenUnsatisfiable"), otherwise, &known);
        }
        if let Some(domains) = int(rule, "minDomains") {
            let field = format!("{path}.minDomains");
            if domains <= 0 {
                check.invalid(&field, domains, "must be greater than zero");
            }
            if otherwise == "ScheduleAnyway" {
                let why = "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway";
                check.invalid(field, domains, why);
            }
        }
        for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            check.maybe_one_of(rule, &path, policy, &["Honor", "Ignore"]);
        }
        let again = |r: &Fields| text(r, "topologyKey") == key && text(r, "whenUnsatisfiable") == otherwise;
        if items(spec, "topologySpreadConstraints").skip(i + 1).any(again) {
            check.duplicate(
                format!("{path}.{{topologyKey, whenUnsatisfiable}}"),
                format!("{{{key}, {otherwise}}}"),
            );
        }
        match_label_keys(check, rule, &path);
        check.label_selector(&format!("{path}.labelSelector"), rule.get("labelSelector"));
    }
}
