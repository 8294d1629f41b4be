//! Amounts of resources that containers ask for and may use.

use serde_json::Value;

use super::super::check::{Check, items, part, quantity};
use super::super::fields::{Fields, text};
use super::duplicates;
use crate::registry::names;

/// The resources with a name of the server's own.
const STANDARD: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Checks what a container asks for and what it may use.
pub(super) fn requirements(check: &mut Check, resources: &Fields, path: &str) {
    let (limits, requests) = (part(resources, "limits"), part(resources, "requests"));
    amounts(check, limits, &format!("{path}.limits"));
    for (name, request) in requests {
        let field = format!("{path}.requests");
        amount(check, name, request, &format!("{field}[{name}]"));
        let (Some(asked), limit) = (quantity(request), limits.get(name)) else {
            continue;
        };
        match limit.and_then(quantity) {
            Some(most) => {
                // What cannot be shared is used whole or not at all.
                if !overcommits(name) && asked.nano() != most.nano() {
                    let why = format!("must be equal to {name} limit of {most}");
                    check.invalid(&field, asked.to_string(), why);
                } else if asked > most {
                    let why = format!("must be less than or equal to {name} limit of {most}");
                    check.invalid(&field, asked.to_string(), why);
                }
            }
            None if !overcommits(name) => check.required(
                format!("{path}.limits"),
                "Limit must be set for non overcommitable resources",
            ),
            None => {}
        }
    }
    for (i, name) in duplicates(resources, "claims", "name") {
        check.duplicate(format!("{path}.claims[{i}]"), name);
    }
}

/// Checks amounts by the name of their resource.
pub(super) fn amounts(check: &mut Check, amounts: &Fields, path: &str) {
    for (name, value) in amounts {
        amount(check, name, value, &format!("{path}[{name}]"));
    }
}

fn amount(check: &mut Check, name: &str, value: &Value, field: &str) {
    resource_name(check, name, field);
    let Some(amount) = quantity(value) else { return };
    if amount.nano() < 0 {
        let why = "must be greater than or equal to 0";
        check.invalid(field, amount.to_string(), why);
    }
    if !STANDARD.contains(&name) && amount.milli() % 1000 != 0 {
        check.invalid(field, amount.to_string(), "must be an integer");
    }
}

fn resource_name(check: &mut Check, name: &str, field: &str) {
    check.each(field, name, names::qualified_name(name));
    if !name.contains('/') {
        if !STANDARD.contains(&name) && !name.starts_with("hugepages-") {
            check.invalid(field, name, "must be a standard resource for containers");
        }
    } else if name.contains("kubernetes.io/") || name.starts_with("requests.") {
        check.invalid(field, name, "doesn't follow extended resource name standard");
    }
}

/// Whether more of a resource may be promised than there is.
fn overcommits(name: &str) -> bool {
    (!name.contains('/') || name.contains("kubernetes.io/")) && !name.starts_with("hugepages-")
}

/// Checks the claims to devices that a pod makes.
pub(super) fn claims(check: &mut Check, spec: &Fields, path: &str) {
    for (i, claim) in items(spec, "resourceClaims").enumerate() {
        let path = format!("{path}.resourceClaims[{i}]");
        let name = text(claim, "name");
        if name.is_empty() {
            check.required(format!("{path}.name"), "");
        } else {
            check.each(&format!("{path}.name"), name, names::label(name));
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        match sources.iter().filter(|s| !text(claim, s).is_empty()).count() {
            0 => check.invalid(
                &path,
                Value::Object(claim.clone()),
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            ),
            1 => {}
            _ => check.invalid(
                &path,
                Value::Object(claim.clone()),
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
            ),
        }
    }
    for (i, name) in duplicates(spec, "resourceClaims", "name") {
        check.duplicate(format!("{path}.resourceClaims[{i}].name"), name);
    }
}
