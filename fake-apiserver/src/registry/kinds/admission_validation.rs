//! What is wrong with webhook configurations, admission policies and their bindings.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>,
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

use seatrial_cel::{Program, Variables};
use serde_json::json;

use super::check::{Check, items, object, part, strings};
use super::fields::{Fields, has, int, text};
use crate::crd::validation::{url, webhook_service};
use crate::registry::admission::{condition, policy};
use crate::registry::names;
use crate::status::FieldError;

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: [&str; 3] = ["*", "Cluster", "Namespaced"];
const FAILURE_POLICIES: [&str; 2] = ["Fail", "Ignore"];
const MATCH_POLICIES: [&str; 2] = ["Equivalent", "Exact"];
const REINVOCATION_POLICIES: [&str; 2] = ["IfNeeded", "Never"];
/// The most conditions of one webhook or policy.
const CONDITIONS_MAX: usize = 64;
/// The most audit annotations of one policy.
const ANNOTATIONS_MAX: usize = 20;

/// Checks a configuration of webhooks.
pub(super) fn webhooks(configuration: &Fields) -> Check {
    let mut check = Check::default();
    let mut known = Vec::new();
    for (i, hook) in items(configuration, "webhooks").enumerate() {
        let path = format!("webhooks[{i}]");
        webhook(&mut check, hook, &path);
        let name = text(hook, "name");
        if !name.is_empty() && known.contains(&name) {
            check.duplicate(format!("{path}.name"), name);
        }
        known.push(name);
    }
    check
}

fn webhook(check: &mut Check, hook: &Fields, path: &str) {
    let at = |field: &str| format!("{path}.{field}");
    let name = text(hook, "name");
    if name.is_empty() {
        check.required(at("name"), "");
    } else {
        let wrong = names::subdomain(name);
        if wrong.is_empty() && name.split('.').count() < 3 {
            let why = "should be a domain with at least three segments separated by dots";
            check.invalid(at("name"), name, why);
        }
        check.each(&at("name"), name, wrong);
    }
    for (i, rule) in items(hook, "rules").enumerate() {
        rule_with_operations(check, rule, &format!("{path}.rules[{i}]"));
    }
    check.maybe_one_of(hook, path, "failurePolicy", &FAILURE_POLICIES);
    check.maybe_one_of(hook, path, "matchPolicy", &MATCH_POLICIES);
    check.maybe_one_of(hook, path, "reinvocationPolicy", &REINVOCATION_POLICIES);
    match text(hook, "sideEffects") {
        "" => check.required(at("sideEffects"), "must specify one of None, NoneOnDryRun"),
        "None" | "NoneOnDryRun" => {}
        other => check.not_supported(at("sideEffects"), other, &["None", "NoneOnDryRun"]),
    }
    if let Some(seconds) = int(hook, "timeoutSeconds").filter(|s| !(1..=30).contains(s)) {
        let why = "the timeout value must be between 1 and 30 seconds";
        check.invalid(at("timeoutSeconds"), seconds, why);
    }
    for selector in ["namespaceSelector", "objectSelector"] {
        check.label_selector(&at(selector), hook.get(selector));
    }
    let client = part(hook, "clientConfig");
    let field = at("clientConfig");
    match (has(client, "url"), object(client, "service")) {
        (true, None) => check.extend(url(&format!("{field}.url"), text(client, "url"))),
        (false, Some(service)) => check.extend(webhook_service(&format!("{field}.service"), service)),
        _ => check.required(field, "exactly one of url or service is required"),
    }
    conditions(check, hook, path, &condition::variables());
    review_versions(check, hook, &at("admissionReviewVersions"));
}

fn review_versions(check: &mut Check, hook: &Fields, path: &str) {
    let all = strings(hook, "admissionReviewVersions");
    if all.is_empty() {
        return check.required(path, "must specify one of v1, v1beta1");
    }
    for (i, version) in all.iter().enumerate() {
        let field = format!("{path}[{i}]");
        let wrong = names::label_1035(version);
        if all[..i].contains(version) {
            check.invalid(field, *version, "duplicate version");
        } else if !wrong.is_empty() {
            check.invalid(field, *version, wrong.join(","));
        }
    }
    if !all.iter().any(|version| matches!(*version, "v1" | "v1beta1")) {
        check.invalid(path, json!(all), "must include at least one of v1, v1beta1");
    }
}

fn rule_with_operations(check: &mut Check, rule: &Fields, path: &str) {
    let at = |field: &str| format!("{path}.{field}");
    let operations = strings(rule, "operations");
    if operations.is_empty() {
        check.required(at("operations"), "");
    }
    if operations.len() > 1 && operations.contains(&"*") {
        let why = "if '*' is present, must not specify other operations";
        check.invalid(at("operations"), json!(operations), why);
    }
    for (i, operation) in operations.iter().enumerate() {
        if !OPERATIONS.contains(operation) {
            check.not_supported(format!("{path}.operations[{i}]"), *operation, &OPERATIONS);
        }
    }
    for (field, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        let all = strings(rule, field);
        if all.is_empty() {
            check.required(at(field), "");
        }
        if all.len() > 1 && all.contains(&"*") {
            let why = format!("if '*' is present, must not specify other {what}");
            check.invalid(at(field), json!(all), why);
        }
        for (i, _) in all
            .iter()
            .enumerate()
            .filter(|(_, v)| field == "apiVersions" && v.is_empty())
        {
            check.required(format!("{path}.{field}[{i}]"), "");
        }
    }
    resources(check, &strings(rule, "resources"), &at("resources"));
    check.maybe_one_of(rule, path, "scope", &SCOPES);
}

fn resources(check: &mut Check, all: &[&str], path: &str) {
    if all.is_empty() {
        return check.required(path, "");
    }
    let (mut whole, mut everywhere) = (Vec::new(), Vec::new());
    let mut bare = false;
    for (i, own) in all.iter().enumerate() {
        let field = format!("{path}[{i}]");
        if own.is_empty() {
            check.required(field, "");
            continue;
        }
        let Some((resource, subresource)) = own.split_once('/') else {
            bare |= *own != "*";
            continue;
        };
        if whole.contains(&resource) {
            let why = format!("if '{resource}/*' is present, must not specify {own}");
            check.invalid(field.clone(), *own, why);
        }
        if everywhere.contains(&subresource) {
            let why = format!("if '*/{subresource}' is present, must not specify {own}");
            check.invalid(field, *own, why);
        }
        if subresource == "*" {
            whole.push(resource);
        }
        if resource == "*" {
            everywhere.push(subresource);
        }
    }
    if all.len() > 1 && all.contains(&"*/*") {
        let why = "if '*/*' is present, must not specify other resources";
        check.invalid(path, json!(all), why);
    }
    if bare && all.contains(&"*") {
        let why = "if '*' is present, must not specify other resources without subresources";
        check.invalid(path, json!(all), why);
    }
}

fn conditions(check: &mut Check, of: &Fields, path: &str, vars: &Variables) {
    let path = format!("{path}.matchConditions");
    let count = items(of, "matchConditions").count();
    if count > CONDITIONS_MAX {
        check.extend([FieldError::too_many(path.clone(), count, CONDITIONS_MAX)]);
    }
    let mut known = Vec::new();
    for (i, condition) in items(of, "matchConditions").enumerate() {
        let path = format!("{path}[{i}]");
        let expression = text(condition, "expression");
        if expression.trim().is_empty() {
            check.required(format!("{path}.expression"), "");
        } else {
            compiled(check, &format!("{path}.expression"), expression, vars, &["bool"]);
        }
        let name = text(condition, "name");
        if name.is_empty() {
            check.required(format!("{path}.name"), "");
        } else {
            check.each(&format!("{path}.name"), name, names::qualified_name(name));
            if known.contains(&name) {
                check.duplicate(format!("{path}.name"), name);
            }
        }
        known.push(name);
    }
}

/// Compiles an expression whose values are of one of some types; of any where none is named.
fn compiled(
    check: &mut Check,
    path: &str,
    expression: &str,
    vars: &Variables,
    wanted: &[&str],
) -> Option<Program> {
    let program = match Program::compile(expression, vars) {
        Ok(program) => program,
        Err(issues) => {
            check.invalid(path, expression, format!("compilation failed: {issues}"));
            return None;
        }
    };
    let made = match program.result_type().as_str() {
        "null" => "null_type".to_owned(),
        other => other.to_owned(),
    };
    if wanted.is_empty() || wanted.contains(&made.as_str()) {
        return Some(program);
    }
    let why = match wanted {
        [one] => format!("must evaluate to {one} but got {made}"),
        many => format!("must evaluate to one of [{}] but got {made}", many.join(" ")),
    };
    check.invalid(path, expression, why);
    None
}

/// Checks a ValidatingAdmissionPolicy, or what a MutatingAdmissionPolicy shares with it.
pub(super) fn admission_policy(policy: &Fields, validates: bool) -> Check {
    let mut check = Check::default();
    let spec = part(policy, "spec");
    check.maybe_one_of(spec, "spec", "failurePolicy", &FAILURE_POLICIES);
    if let Some(kind) = object(spec, "paramKind") {
        param_kind(&mut check, kind);
    }
    match object(spec, "matchConstraints") {
        None => check.required("spec.matchConstraints", ""),
        Some(constraints) => {
            match_resources(&mut check, constraints, "spec.matchConstraints");
            if items(constraints, "resourceRules").next().is_none() {
                check.required("spec.matchConstraints.resourceRules", "");
            }
        }
    }
    let with_params = has(spec, "paramKind");
    conditions(&mut check, spec, "spec", &policy::variables(with_params, true));
    let (mut expressions, mut messages) = (
        policy::variables(with_params, true).composing(),
        policy::variables(with_params, false).composing(),
    );
    for (i, variable) in items(spec, "variables").enumerate() {
        let path = format!("spec.variables[{i}]");
        let name = text(variable, "name");
        if name.is_empty() {
            check.required(format!("{path}.name"), "name is not specified");
        } else if !is_identifier(name) {
            check.invalid(format!("{path}.name"), name, "must be a valid CEL identifier");
        }
        let expression = text(variable, "expression");
        if expression.trim().is_empty() {
            check.required(format!("{path}.expression"), "expression is not specified");
            continue;
        }
        let program = compiled(
            &mut check,
            &format!("{path}.expression"),
            expression,
            &expressions,
            &[],
        );
        if let Some(program) = program {
            expressions = expressions.expression(name, &program);
            messages = messages.expression(name, &program);
        }
    }
    if validates {
        rules(&mut check, policy, &expressions, &messages);
    }
    check
}

/// Checks what a policy asks of objects.
fn rules(check: &mut Check, policy: &Fields, expressions: &Variables, messages: &Variables) {
    let spec = part(policy, "spec");
    let none = |list: &str| items(spec, list).next().is_none();
    if none("validations") && none("auditAnnotations") {
        let why = "validations or auditAnnotations must contain at least one item";
        check.required("spec.validations", why);
        check.required("spec.auditAnnotations", why);
    }
    for (i, validation) in items(spec, "validations").enumerate() {
        let path = format!("spec.validations[{i}]");
        let at = |field: &str| format!("{path}.{field}");
        let expression = text(validation, "expression");
        if expression.trim().is_empty() {
            check.required(at("expression"), "expression is not specified");
        } else {
            compiled(check, &at("expression"), expression, expressions, &["bool"]);
        }
        let message = text(validation, "message");
        let composed = text(validation, "messageExpression");
        if !composed.is_empty() && composed.trim().is_empty() {
            check.invalid(
                at("messageExpression"),
                composed,
                "must be non-empty if specified",
            );
        } else if !composed.is_empty() {
            compiled(check, &at("messageExpression"), composed, messages, &["string"]);
        }
        if !message.is_empty() && message.trim().is_empty() {
            check.invalid(at("message"), message, "must be non-empty if specified");
        } else if has_lines(message.trim()) {
            check.invalid(at("message"), message, "must not contain line breaks");
        } else if has_lines(expression) && message.is_empty() && composed.is_empty() {
            check.required(
                at("message"),
                "message must be specified if expression contains line breaks",
            );
        }
        let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
        if has(validation, "reason") && !reasons.contains(&text(validation, "reason")) {
            // One of them is taken, but not told.
            check.not_supported(at("reason"), text(validation, "reason"), &reasons[..3]);
        }
    }
    let count = items(spec, "auditAnnotations").count();
    if count > ANNOTATIONS_MAX {
        let why = format!("must not have more than {ANNOTATIONS_MAX} auditAnnotations");
        check.invalid("spec.auditAnnotations", "", why);
    }
    let name = text(part(policy, "metadata"), "name");
    let mut known = Vec::new();
    for (i, annotation) in items(spec, "auditAnnotations").enumerate() {
        let path = format!("spec.auditAnnotations[{i}]");
        let key = text(annotation, "key");
        let whole = format!("{name}/{key}");
        if key.is_empty() {
            check.required(format!("{path}.key"), "");
        } else {
            check.each(&format!("{path}.key"), &whole, names::qualified_name(&whole));
        }
        let expression = text(annotation, "valueExpression");
        let at = format!("{path}.valueExpression");
        if expression.trim().is_empty() {
            check.required(at, "valueExpression is not specified");
        } else {
            compiled(check, &at, expression, expressions, &["string", "null_type"]);
        }
        if !key.is_empty() && known.contains(&key) {
            check.duplicate(format!("{path}.key"), key);
        }
        known.push(key);
    }
}

fn param_kind(check: &mut Check, kind: &Fields) {
    let version = text(kind, "apiVersion");
    match version.split('/').count() {
        _ if version.is_empty() => check.required("spec.paramKind.apiVersion", ""),
        1 | 2 => {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            if !group.is_empty() {
                check.each("spec.paramKind.apiVersion", group, names::subdomain(group));
            }
            check.each("spec.paramKind.apiVersion", version, names::label_1035(version));
        }
        _ => {
            let why = format!("unexpected GroupVersion string: {version}");
            check.invalid("spec.paramKind.apiVersion", version, why);
        }
    }
    let name = text(kind, "kind");
    if name.is_empty() {
        check.required("spec.paramKind.kind", "");
    } else {
        check.each(
            "spec.paramKind.kind",
            name,
            names::label_1035(&name.to_lowercase()),
        );
    }
}

fn match_resources(check: &mut Check, matching: &Fields, path: &str) {
    check.maybe_one_of(matching, path, "matchPolicy", &MATCH_POLICIES);
    for selector in ["namespaceSelector", "objectSelector"] {
        check.label_selector(&format!("{path}.{selector}"), matching.get(selector));
    }
    for list in ["resourceRules", "excludeResourceRules"] {
        for (i, rule) in items(matching, list).enumerate() {
            let path = format!("{path}.{list}[{i}]");
            let names = strings(rule, "resourceNames");
            for (i, name) in names
                .iter()
                .enumerate()
                .filter(|(i, name)| names[..*i].contains(name))
            {
                check.duplicate(format!("{path}.resourceNames[{i}]"), *name);
            }
            rule_with_operations(check, rule, &path);
        }
    }
}

/// Checks the binding of a policy; of those that validate, what becomes of objects that do not pass.
pub(super) fn binding(binding: &Fields, validates: bool) -> Check {
    let mut check = Check::default();
    let spec = part(binding, "spec");
    let name = text(spec, "policyName");
    if name.is_empty() {
        check.required("spec.policyName", "");
    } else {
        check.each("spec.policyName", name, names::subdomain(name));
    }
    if let Some(reference) = object(spec, "paramRef") {
        param_ref(&mut check, reference);
    }
    if let Some(matching) = object(spec, "matchResources") {
        match_resources(&mut check, matching, "spec.matchResources");
    }
    if validates {
        actions(&mut check, &strings(spec, "validationActions"));
    }
    check
}

fn param_ref(check: &mut Check, reference: &Fields) {
    let path = "spec.paramRef";
    match (text(reference, "name"), has(reference, "selector")) {
        ("", false) => check.required(path, "one of name or selector must be specified"),
        ("", true) => check.label_selector(&format!("{path}.selector"), reference.get("selector")),
        (name, false) => check.each(&format!("{path}.name"), name, names::path_segment(name)),
        (_, true) => {
            for field in ["name", "selector"] {
                let why = "name and selector are mutually exclusive";
                check.forbidden(format!("{path}.{field}"), why);
            }
        }
    }
    check.one_of(reference, path, "parameterNotFoundAction", &["Deny", "Allow"]);
}

fn actions(check: &mut Check, all: &[&str]) {
    const FIELD: &str = "spec.validationActions";
    if all.is_empty() {
        check.required(FIELD, "at least one validation action is required");
    }
    for (i, action) in all.iter().enumerate() {
        let field = format!("{FIELD}[{i}]");
        if !["Audit", "Deny", "Warn"].contains(action) {
            check.not_supported(field, *action, &["Audit", "Deny", "Warn"]);
        } else if all[..i].contains(action) {
            check.duplicate(field, *action);
        }
    }
    if all.contains(&"Deny") && all.contains(&"Warn") {
        let why = "must not contain both Deny and Warn (repeating the same validation failure information in the API \
                   response and headers serves no purpose)";
        check.invalid(FIELD, json!(all), why);
    }
}

fn has_lines(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// Whether a name can stand in an expression.
fn is_identifier(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let reserved = ["true", "false", "null", "in"];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(word)
        && !reserved.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[track_caller]
    fn told(check: Check, expected: &[&str]) {
        let told: Vec<String> = check.done().iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
    }

    fn fields(value: &Value) -> &Fields {
        value.as_object().expect("an object")
    }

    fn checked(rule: &Value) -> Check {
        let mut check = Check::default();
        rule_with_operations(&mut check, fields(rule), "r");
        check
    }

    #[test]
    fn a_star_stands_alone() {
        let rule = json!({"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*", "*/scale"]});
        told(checked(&rule), &[]);
        let rule = json!({"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1", "*"], "resources": [
            "*/scale", "pods/scale", "", "*",
        ]});
        told(
            checked(&rule),
            &[
                "r.apiVersions: Invalid value: [\"v1\",\"*\"]: if '*' is present, must not specify other API versions",
                "r.resources[1]: Invalid value: \"pods/scale\": if '*/scale' is present, must not specify pods/scale",
                "r.resources[2]: Required value",
            ],
        );
    }

    #[test]
    fn variables_see_those_before_them() {
        let policy = |second: &str| {
            json!({"metadata": {"name": "p"}, "spec": {
                "matchConstraints": {"resourceRules": [
                    {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]},
                ]},
                "variables": [{"name": "a", "expression": "1"}, {"name": "b", "expression": second}],
                "validations": [{"expression": "variables.b > 0", "messageExpression": "string(variables.a)"}],
            }})
        };
        told(admission_policy(fields(&policy("variables.a + 1")), true), &[]);
        told(
            admission_policy(fields(&policy("variables.a == 1")), true),
            &[
                "spec.validations[0].expression: Invalid value: \"variables.b > 0\": compilation failed: ERROR: \
             <input>:1:13: found no matching overload for '_>_' applied to '(bool, int)'\n | variables.b > 0\n | \
             ............^",
            ],
        );
    }

    #[test]
    fn messages_may_not_ask_for_access() {
        let policy = json!({"metadata": {"name": "p"}, "spec": {
            "matchConstraints": {"resourceRules": [
                {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]},
            ]},
            "validations": [
                {"expression": "authorizer.path('/').check('get').allowed()", "messageExpression": "string(authorizer)"},
            ],
        }});
        let errors = admission_policy(fields(&policy), true).done();
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0]
                .to_string()
                .contains("undeclared reference to 'authorizer'"),
            "{}",
            errors[0]
        );
    }
}
