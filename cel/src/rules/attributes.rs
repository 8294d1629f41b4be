//! What rules must look like before anybody reads their expressions.

use serde_json::Value as Json;

use super::field_path;
use super::{Finding, FindingKind, children, has_lines, rules_of, text};

/// The reasons that a rule may name.
const REASONS: &[&str] = &[
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

/// What is wrong with the attributes of a schema's rules: empty ones, line breaks, reasons and field paths that do not
/// exist. `path` is the schema's.
pub fn judge(schema: &Json, path: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    walk(schema, path, &mut out);
    out
}

fn walk(schema: &Json, path: &str, out: &mut Vec<Finding>) {
    for (step, child) in children(schema) {
        walk(child, &format!("{path}{step}"), out);
    }
    for (i, rule) in rules_of(schema).iter().enumerate() {
        one(
            schema,
            rule,
            &format!("{path}.x-kubernetes-validations[{i}]"),
            out,
        );
    }
}

fn one(schema: &Json, rule: &Json, path: &str, out: &mut Vec<Finding>) {
    let mut find = |attribute: &str, kind: FindingKind, detail: &str| {
        out.push(Finding {
            path: format!("{path}.{attribute}"),
            kind,
            detail: detail.to_owned(),
        });
    };
    let quoted = |s: &str| FindingKind::Invalid(super::compile::go_json(&Json::from(s)));
    let (expression, message) = (text(rule, "rule"), text(rule, "message"));
    if expression.trim().is_empty() {
        find("rule", FindingKind::Required, "rule is not specified");
    } else if !message.is_empty() && message.trim().is_empty() {
        find(
            "message",
            quoted(message),
            "message must be non-empty if specified",
        );
    } else if has_lines(message.trim()) {
        find("message", quoted(message), "message must not contain line breaks");
    } else if has_lines(expression.trim()) && message.trim().is_empty() {
        find(
            "message",
            FindingKind::Required,
            "message must be specified if rule contains line breaks",
        );
    }
    let message_expression = text(rule, "messageExpression");
    if !message_expression.is_empty() && message_expression.trim().is_empty() {
        find(
            "messageExpression",
            FindingKind::Required,
            "messageExpression must be non-empty if specified",
        );
    }
    if let Some(reason) = rule["reason"].as_str().filter(|r| !REASONS.contains(r)) {
        let kind = FindingKind::NotSupported {
            value: reason.to_owned(),
            supported: REASONS,
        };
        find("reason", kind, "");
    }
    let field = text(rule, "fieldPath");
    if !field.is_empty() && field.trim().is_empty() {
        find(
            "fieldPath",
            quoted(field),
            "fieldPath must be non-empty if specified",
        );
    }
    if has_lines(field) {
        find(
            "fieldPath",
            quoted(field),
            "fieldPath must not contain line breaks",
        );
    }
    if !field.is_empty() && field_path::resolve(field, schema).is_none() {
        find("fieldPath", quoted(field), "fieldPath must be a valid path");
    }
}
