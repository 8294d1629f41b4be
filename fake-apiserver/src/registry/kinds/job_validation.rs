//! What is wrong with a Job's spec, in itself and in the template of a CronJob.

use serde_json::Value;

use super::check::{Check, flag, items, object, part, print_selector};
use super::fields::{Fields, has, int, text};
use super::{go_struct, pod_validation, workload};
use crate::registry::names;
use crate::status::{FieldError, FieldErrorKind};

const INDEXED: &str = "requires indexed completion mode";

/// Checks a Job's spec, but for its selector.
pub(super) fn spec(check: &mut Check, spec: &Fields, path: &str) {
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        check.not_negative(spec, path, name);
    }
    let indexed = text(spec, "completionMode") == "Indexed";
    indexes(check, spec, path, indexed);
    let manager = text(spec, "managedBy");
    if !manager.is_empty() {
        domain_path(check, &format!("{path}.managedBy"), manager);
    }
    check.maybe_one_of(spec, path, "completionMode", &["NonIndexed", "Indexed"]);
    if indexed && !has(spec, "completions") {
        check.required(format!("{path}.completions"), "when completion mode is Indexed");
    }
    if let Some(policy) = object(spec, "podFailurePolicy") {
        failure_policy(check, spec, policy, &format!("{path}.podFailurePolicy"));
    }
    success_policy(check, spec, path, indexed);
    let allowed: &[&str] = if has(spec, "podFailurePolicy") {
        &["Failed"]
    } else {
        &["Failed", "TerminatingOrFailed"]
    };
    check.maybe_one_of(spec, path, "podReplacementPolicy", allowed);
    let template = part(spec, "template");
    pod_validation::template(check, template, &format!("{path}.template"));
    let policy = text(part(template, "spec"), "restartPolicy");
    let field = format!("{path}.template.spec.restartPolicy");
    match policy {
        "" | "Always" => check.required(field, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {
            if has(spec, "podFailurePolicy") && policy != "Never" {
                let why = "only \"Never\" is supported when podFailurePolicy is specified";
                check.invalid(field, policy, why);
            }
        }
        other => check.not_supported(field, other, &["OnFailure", "Never"]),
    }
}

fn indexes(check: &mut Check, spec: &Fields, path: &str, indexed: bool) {
    let (per_index, failed) = (int(spec, "backoffLimitPerIndex"), int(spec, "maxFailedIndexes"));
    if let Some(limit) = per_index.filter(|_| !indexed) {
        check.invalid(format!("{path}.backoffLimitPerIndex"), limit, INDEXED);
    }
    if let Some(failed) = failed {
        if per_index.is_none() {
            check.required(
                format!("{path}.backoffLimitPerIndex"),
                "when maxFailedIndexes is specified",
            );
        }
        if !indexed {
            check.invalid(format!("{path}.maxFailedIndexes"), failed, INDEXED);
        }
    }
}

/// Checks a name of the form `acme.io/foo`.
pub(super) fn domain_path(check: &mut Check, field: &str, value: &str) {
    match value.split_once('/') {
        Some((host, rest)) if !host.is_empty() && !rest.is_empty() => {
            check.each(field, host, names::subdomain(host));
        }
        _ => check.invalid(
            field,
            value,
            "must be a domain-prefixed path (such as \"acme.io/foo\")",
        ),
    }
}

fn failure_policy(check: &mut Check, spec: &Fields, policy: &Fields, path: &str) {
    for (i, rule) in items(policy, "rules").enumerate() {
        let path = format!("{path}.rules[{i}]");
        let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
        match text(rule, "action") {
            "" => check.required(format!("{path}.action"), ""),
            "FailIndex" if !has(spec, "backoffLimitPerIndex") => check.invalid(
                format!("{path}.action"),
                "FailIndex",
                "requires the backoffLimitPerIndex to be set",
            ),
            action if actions.contains(&action) => {}
            action => check.not_supported(format!("{path}.action"), action, &actions),
        }
        let codes = object(rule, "onExitCodes");
        if let Some(codes) = codes {
            exit_codes(check, codes, &format!("{path}.onExitCodes"));
        }
        let conditions = items(rule, "onPodConditions").count();
        for (j, pattern) in items(rule, "onPodConditions").enumerate() {
            let path = format!("{path}.onPodConditions[{j}]");
            let kind = text(pattern, "type");
            check.each(&format!("{path}.type"), kind, names::qualified_name(kind));
            check.one_of(pattern, &path, "status", &["False", "True", "Unknown"]);
        }
        let bare = |check: &mut Check, why: &str| {
            check.extend([FieldError::of(FieldErrorKind::Invalid, &path, None, why)]);
        };
        match (codes.is_some(), conditions > 0) {
            (true, true) => bare(
                check,
                "specifying both OnExitCodes and OnPodConditions is not supported",
            ),
            (false, false) => bare(
                check,
                "specifying one of OnExitCodes and OnPodConditions is required",
            ),
            _ => {}
        }
    }
}

fn exit_codes(check: &mut Check, codes: &Fields, path: &str) {
    let operator = text(codes, "operator");
    check.one_of(codes, path, "operator", &["In", "NotIn"]);
    let values = codes.get("values").and_then(Value::as_array);
    let values: Vec<i64> = values.into_iter().flatten().filter_map(Value::as_i64).collect();
    if values.is_empty() {
        check.invalid(
            format!("{path}.values"),
            Value::Array(Vec::new()),
            "at least one value is required",
        );
    }
    for (i, value) in values.iter().enumerate() {
        let field = format!("{path}.values[{i}]");
        if *value == 0 && operator == "In" {
            check.invalid(&field, 0, "must not be 0 for the In operator");
        }
        if values[..i].contains(value) {
            check.duplicate(&field, *value);
        } else if i > 0 && values[i - 1] > *value {
            let all: Vec<Value> = values.iter().map(|v| (*v).into()).collect();
            check.invalid(format!("{path}.values"), all, "must be ordered");
        }
    }
}

fn success_policy(check: &mut Check, spec: &Fields, path: &str, indexed: bool) {
    let Some(policy) = object(spec, "successPolicy") else {
        return;
    };
    let path = format!("{path}.successPolicy");
    if !indexed {
        return check.invalid_printed(path, go_struct::print("SuccessPolicy", policy), INDEXED);
    }
    if items(policy, "rules").next().is_none() {
        check.required(
            format!("{path}.rules"),
            "at least one rules must be specified when the successPolicy is specified",
        );
    }
    for (i, rule) in items(policy, "rules").enumerate() {
        let path = format!("{path}.rules[{i}]");
        if !has(rule, "succeededCount") && !has(rule, "succeededIndexes") {
            check.required(
                &path,
                "at least one of succeededCount or succeededIndexes must be specified",
            );
        }
        check.not_negative(rule, &path, "succeededCount");
    }
}

/// Checks the selector of a Job by itself: it is there, and selects the template's pods.
pub(super) fn selector(check: &mut Check, spec: &Fields) {
    let selector = spec.get("selector").filter(|s| !s.is_null());
    match selector {
        None => check.required("spec.selector", ""),
        Some(_) => check.label_selector("spec.selector", selector),
    }
    let labels = workload::labels(spec);
    if !selector.is_some_and(|s| workload::selects(s, labels)) {
        let shown = part(part(spec, "template"), "metadata").get("labels").cloned();
        check.invalid(
            "spec.template.metadata.labels",
            shown.unwrap_or(Value::Null),
            "`selector` does not match template `labels`",
        );
    }
}

/// Checks that the labels and the selector that lead back to the Job are the server's.
pub(super) fn generated(check: &mut Check, job: &Fields) {
    let (metadata, spec) = (part(job, "metadata"), part(job, "spec"));
    if flag(spec, "manualSelector") {
        return;
    }
    let (name, uid) = (text(metadata, "name"), text(metadata, "uid"));
    let labels = workload::labels(spec);
    for (key, wanted) in [
        ("controller-uid", uid),
        ("job-name", name),
        ("batch.kubernetes.io/controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
    ] {
        let found = text(labels, key);
        if found != wanted {
            check.invalid(
                format!("spec.template.metadata.labels[{key}]"),
                Value::Object(labels.clone()),
                format!("must be '{wanted}'"),
            );
        }
    }
    let selector = spec.get("selector");
    let matched = selector.map(|s| s["matchLabels"].clone()).unwrap_or_default();
    let keys = ["batch.kubernetes.io/controller-uid", "controller-uid"];
    let own = matched
        .as_object()
        .is_some_and(|map| map.len() == 1 && keys.iter().any(|key| text(map, key) == uid));
    let expressions = selector.is_some_and(|s| s.get("matchExpressions").is_some());
    if !own || expressions {
        check.invalid_printed(
            "spec.selector",
            print_selector(selector),
            "`selector` not auto-generated",
        );
    }
}

/// Checks a status against what it was: a Job that has ended stays so.
pub(super) fn status(job: &Fields, old: &Fields) -> Vec<FieldError> {
    let mut check = Check::default();
    let (status, before) = (part(job, "status"), part(old, "status"));
    for name in ["active", "succeeded", "failed", "ready", "terminating"] {
        check.not_negative(status, "status", name);
    }
    let number = |name: &str| int(status, name).unwrap_or(0);
    if number("ready") > number("active") {
        let why = "cannot set more ready pods than active";
        check.invalid("status.ready", number("ready"), why);
    }
    let set = |of: &Fields, kind: &str| {
        items(of, "conditions").any(|c| text(c, "type") == kind && text(c, "status") == "True")
    };
    let bare = |check: &mut Check, why: &str| {
        check.extend([FieldError::of(
            FieldErrorKind::Invalid,
            "status.conditions",
            None,
            why,
        )]);
    };
    let (complete, failed) = (set(status, "Complete"), set(status, "Failed"));
    if complete && failed {
        bare(&mut check, "cannot set Complete=True and Failed=true conditions");
    }
    if has(status, "completionTime") && !complete {
        check.invalid(
            "status.completionTime",
            status.get("completionTime").cloned().unwrap_or_default(),
            "cannot set completionTime when there is no Complete=True condition",
        );
    }
    for kind in ["Complete", "Failed"] {
        if set(before, kind) && !set(status, kind) {
            bare(
                &mut check,
                &format!("cannot disable the terminal {kind}=True condition"),
            );
        }
    }
    for kind in ["FailureTarget", "SuccessCriteriaMet"] {
        if set(before, kind) && !set(status, kind) {
            bare(&mut check, &format!("cannot disable the {kind}=True condition"));
        }
    }
    if complete && !set(before, "Complete") && !set(status, "SuccessCriteriaMet") {
        bare(
            &mut check,
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        );
    }
    if failed && !set(before, "Failed") && !set(status, "FailureTarget") {
        bare(
            &mut check,
            "cannot set Failed=True condition without the FailureTarget=true condition",
        );
    }
    if failed && set(status, "SuccessCriteriaMet") {
        bare(
            &mut check,
            "cannot set SuccessCriteriaMet=True and Failed=true conditions",
        );
    }
    if (complete || failed) && !has(status, "startTime") {
        check.required("status.startTime", "startTime is required for finished job");
    }
    let start = |of: &Fields| of.get("startTime").cloned().unwrap_or_default();
    let suspended = flag(part(job, "spec"), "suspend");
    if has(before, "startTime") && start(status) != start(before) && !suspended {
        let why = if has(status, "startTime") {
            "field is immutable for unsuspended job once set"
        } else {
            "cannot unset startTime for unsuspended job"
        };
        check.invalid("status.startTime", start(status), why);
    }
    check.done()
}
