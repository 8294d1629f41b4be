//! What is wrong with APIServices, FlowSchemas and PriorityLevelConfigurations.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/>,
//! <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/>

use super::{
    check::{Check, flag, items, part},
    fields::{Fields, has, int, text},
};
use crate::registry::names;
use crate::status::{FieldError, FieldErrorKind, go_quote};

/// The name of the one level whose requests never wait.
const EXEMPT: &str = "exempt";
/// The last of the precedences.
const PRECEDENCE_MAX: i64 = 10_000;
/// The most queues that a level may have.
const QUEUES_MAX: i64 = 10_000_000;

/// Checks an APIService.
pub(super) fn api_service(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    let (group, version) = (text(spec, "group"), text(spec, "version"));
    let (name, wanted) = (
        text(part(object, "metadata"), "name"),
        format!("{version}.{group}"),
    );
    if name != wanted {
        let why = format!("must be `spec.version+\".\"+spec.group`: {}", go_quote(&wanted));
        check.invalid("metadata.name", name, why);
    }
    if !group.is_empty() {
        check.each("spec.group", group, names::subdomain(group));
    } else if version != "v1" {
        let why = "only v1 may have an empty group and it better be legacy kube";
        check.required("spec.group", why);
    }
    check.each("spec.version", version, names::label_1035(version));
    for (field, max) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        let priority = int(spec, field).unwrap_or(0);
        if priority <= 0 || priority > max {
            let why = format!("must be positive and less than {max}");
            check.invalid(format!("spec.{field}"), priority, why);
        }
    }
    let (bundle, insecure) = (text(spec, "caBundle"), flag(spec, "insecureSkipTLSVerify"));
    if !has(spec, "service") {
        if !bundle.is_empty() {
            let why = "local APIServices may not have a caBundle";
            check.invalid("spec.caBundle", format!("{} bytes", bundle.len() / 4 * 3), why);
        }
        if insecure {
            let why = "local APIServices may not have insecureSkipTLSVerify";
            check.invalid("spec.insecureSkipTLSVerify", true, why);
        }
        return check;
    }
    let service = part(spec, "service");
    check.present(service, "spec.service", "namespace");
    check.present(service, "spec.service", "name");
    let port = int(service, "port").unwrap_or(0);
    if !(1..=65535).contains(&port) {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        check.invalid("spec.service.port", port, why);
    }
    if insecure && !bundle.is_empty() {
        let why = "may not be true if caBundle is present";
        check.invalid("spec.insecureSkipTLSVerify", true, why);
    }
    check
}

/// Checks a FlowSchema.
pub(super) fn flow_schema(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    let precedence = int(spec, "matchingPrecedence").unwrap_or(0);
    let field = "spec.matchingPrecedence";
    if precedence <= 0 {
        check.invalid(field, precedence, "must be a positive value");
    }
    if precedence > PRECEDENCE_MAX {
        let why = format!("must not be greater than {PRECEDENCE_MAX}");
        check.invalid(field, precedence, why);
    }
    if has(spec, "distinguisherMethod") {
        let kind = text(part(spec, "distinguisherMethod"), "type");
        if !matches!(kind, "ByNamespace" | "ByUser") {
            let printed = format!("{{\"Type\":{}}}", go_quote(kind));
            let why = "supported values: \"ByNamespace\", \"ByUser\"";
            let field = "spec.distinguisherMethod.type";
            check.extend([FieldError::of(
                FieldErrorKind::NotSupported,
                field,
                Some(printed),
                why,
            )]);
        }
    }
    let level = text(part(spec, "priorityLevelConfiguration"), "name");
    if level.is_empty() {
        let why = "must reference a priority level";
        check.required("spec.priorityLevelConfiguration.name", why);
    } else {
        let field = "spec.priorityLevelConfiguration.name";
        check.each(field, level, names::subdomain(level));
    }
    for (i, rule) in items(spec, "rules").enumerate() {
        let path = format!("spec.rules[{i}]");
        if items(rule, "subjects").next().is_none() {
            let why = "subjects must contain at least one value";
            check.required(format!("{path}.subjects"), why);
        }
        let none = |list: &str| items(rule, list).next().is_none();
        if none("resourceRules") && none("nonResourceRules") {
            let why = "at least one of resourceRules and nonResourceRules has to be non-empty";
            check.required(path, why);
        }
    }
    check
}

/// Checks a PriorityLevelConfiguration.
pub(super) fn priority_level(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    let (name, kind) = (text(part(object, "metadata"), "name"), text(spec, "type"));
    if (name == EXEMPT) != (kind == "Exempt") {
        let why = "must be 'Exempt' if and only if `name` is 'exempt'";
        check.invalid("spec.type", kind, why);
    }
    match kind {
        "Exempt" => {
            if has(spec, "limited") {
                check.forbidden("spec.limited", "must be nil when the type is Exempt");
            }
        }
        "Limited" => {
            if has(spec, "exempt") {
                check.forbidden("spec.exempt", "must be nil when the type is Limited");
            }
            if has(spec, "limited") {
                limited(&mut check, part(spec, "limited"));
            } else {
                check.required("spec.limited", "must not be empty when type is Limited");
            }
        }
        other => check.not_supported("spec.type", other, &["Exempt", "Limited"]),
    }
    check
}

fn limited(check: &mut Check, limited: &Fields) {
    let path = "spec.limited";
    let number = |of: &Fields, name: &str| int(of, name).unwrap_or(0);
    let shares = number(limited, "nominalConcurrencyShares");
    if shares < 0 {
        let why = "must be a non-negative integer";
        check.invalid(format!("{path}.nominalConcurrencyShares"), shares, why);
    }
    let lendable = number(limited, "lendablePercent");
    if !(0..=100).contains(&lendable) {
        let why = "must be between 0 and 100, inclusive";
        check.invalid(format!("{path}.lendablePercent"), lendable, why);
    }
    if let Some(borrowed) = int(limited, "borrowingLimitPercent").filter(|percent| *percent < 0) {
        let why = "if specified, must be a non-negative integer";
        check.invalid(format!("{path}.borrowingLimitPercent"), borrowed, why);
    }
    let response = part(limited, "limitResponse");
    let path = format!("{path}.limitResponse");
    let queuing = format!("{path}.queuing");
    match text(response, "type") {
        "Reject" => {
            if has(response, "queuing") {
                let why = "must be nil if limited.limitResponse.type is not Limited";
                check.forbidden(queuing, why);
            }
        }
        "Queue" if has(response, "queuing") => {
            let there = part(response, "queuing");
            let queues = number(there, "queues");
            let hand = number(there, "handSize");
            for field in ["queueLengthLimit", "queues", "handSize"] {
                if number(there, field) <= 0 {
                    check.invalid(
                        format!("{queuing}.{field}"),
                        number(there, field),
                        "must be positive",
                    );
                }
            }
            if queues > QUEUES_MAX {
                let why = format!("must not be greater than {QUEUES_MAX}");
                check.invalid(format!("{queuing}.queues"), queues, why);
            }
            if hand > queues {
                let why = format!("should not be greater than queues ({queues})");
                check.invalid(format!("{queuing}.handSize"), hand, why);
            }
        }
        "Queue" => {
            let why = "must not be empty if limited.limitResponse.type is Limited";
            check.required(queuing, why);
        }
        other => check.not_supported(format!("{path}.type"), other, &["Queue", "Reject"]),
    }
}
