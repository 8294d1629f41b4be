//! What is wrong with a Node.

use serde_json::Value;

use super::check::{Check, cidr, items, object, part, quantity, strings};
use super::fields::{Fields, text};
use super::go_struct;
use crate::registry::names;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Checks a node, new or not.
pub(super) fn node(node: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(node, "spec");
    taints(&mut check, spec);
    let status = part(node, "status");
    for field in ["capacity", "allocatable"] {
        for (name, amount) in object(status, field).into_iter().flatten() {
            let Some(amount) = quantity(amount).filter(|a| a.nano() < 0) else {
                continue;
            };
            let path = format!("status.{field}.{name}");
            check.invalid(path, amount.to_string(), "must be greater than or equal to 0");
        }
    }
    check
}

/// Checks what only a new node is asked.
pub(super) fn networks(check: &mut Check, node: &Fields) {
    let all = strings(part(node, "spec"), "podCIDRs");
    for (i, network) in all.iter().enumerate() {
        check.cidr(&format!("spec.podCIDRs[{i}]"), network);
    }
    let families: Vec<bool> = all
        .iter()
        .filter_map(|n| cidr(n))
        .map(|(ip, _)| ip.is_ipv4())
        .collect();
    if all.len() > 1 && families.len() == all.len() && !matches!(families.as_slice(), [a, b] if a != b) {
        let why = "may specify no more than one CIDR for each IP family";
        check.invalid("spec.podCIDRs", all, why);
    }
}

/// Checks what an update may change.
pub(super) fn update(check: &mut Check, node: &Fields, old: &Fields) {
    let (spec, before) = (part(node, "spec"), part(old, "spec"));
    if !strings(before, "podCIDRs").is_empty() && strings(spec, "podCIDRs") != strings(before, "podCIDRs") {
        let why = "node updates may not change podCIDR except from \"\" to valid";
        check.forbidden("spec.podCIDRs", why);
    }
    let changes = |field: &str| text(spec, field) != text(before, field);
    if !text(before, "providerID").is_empty() && changes("providerID") {
        let why = "node updates may not change providerID except from \"\" to valid";
        check.forbidden("spec.providerID", why);
    }
    if changes("externalID") {
        check.forbidden("spec.externalID", "may not be updated");
    }
    let mut seen: Vec<&Fields> = Vec::new();
    for (i, address) in items(part(node, "status"), "addresses").enumerate() {
        if seen.contains(&address) {
            check.duplicate(format!("status.addresses[{i}]"), Value::Object(address.clone()));
        }
        seen.push(address);
    }
}

/// The server names them as if they were metadata.
fn taints(check: &mut Check, spec: &Fields) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (i, taint) in items(spec, "taints").enumerate() {
        let path = format!("metadata.taints[{i}]");
        let (key, value, effect) = (text(taint, "key"), text(taint, "value"), text(taint, "effect"));
        check.each(&format!("{path}.key"), key, names::qualified_name(key));
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            check.invalid(format!("{path}.value"), value, wrong.join(";"));
        }
        check.one_of(taint, &path, "effect", &EFFECTS);
        if seen.contains(&(key, effect)) {
            let printed = go_struct::print("Taint", taint);
            check.duplicate_printed(path, printed, "taints must be unique by key and effect pair");
            continue;
        }
        seen.push((key, effect));
    }
}
