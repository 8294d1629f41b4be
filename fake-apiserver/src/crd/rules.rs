//! Validation rules (`x-kubernetes-validations`), which [`seatrial_cel`] compiles and runs: from its findings to the errors
//! of the API.

use std::collections::BTreeMap;

use seatrial_cel::rules::{self, BUDGET, Finding, FindingKind, Reason, Shown, Violation};
use serde_json::Value;

use crate::status::{FieldError, FieldErrorKind};

/// What is wrong with the attributes of rules, by the path of their schema.
pub(super) type Attributes = BTreeMap<String, Vec<FieldError>>;

/// The rules of a version.
#[derive(Debug)]
pub(super) struct Rules(rules::Rules);

/// What the rules say of an object.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is wrong with the object.
    pub errors: Vec<FieldError>,
    /// What is only warned of, for it was wrong before.
    pub warnings: Vec<String>,
}

/// What is wrong with the rules of a schema without looking at their expressions.
pub(super) fn attributes(schema: &Value, path: &str) -> Attributes {
    let mut out = Attributes::new();
    for finding in rules::judge(schema, path) {
        let schema = finding.path.rsplit_once(".x-kubernetes-validations[");
        let schema = schema.map_or(path, |(schema, _)| schema).to_owned();
        out.entry(schema).or_default().push(error(finding));
    }
    out
}

/// What is wrong with the expressions of a schema's rules, and what of them costs too much.
///
/// Rules are left out where one of the errors that are known already is about their schema or one below.
pub(super) fn expressions(schema: &Value, path: &str, known: &[FieldError]) -> Vec<FieldError> {
    let blocked = |schema: &str| {
        let about = |e: &FieldError| {
            let rest = e.field.strip_prefix(schema);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        known.iter().any(about)
    };
    let found = rules::compile(schema, path, &blocked).findings;
    found.into_iter().map(error).collect()
}

fn error(finding: Finding) -> FieldError {
    let Finding { path, kind, detail } = finding;
    match kind {
        FindingKind::Invalid(value) => FieldError::of(FieldErrorKind::Invalid, path, Some(value), detail),
        FindingKind::NotSupported { value, supported } => FieldError::not_supported(path, value, supported),
        FindingKind::Forbidden => FieldError::forbidden(path, detail),
        _ => FieldError::required(path, detail),
    }
}

impl Rules {
    pub(super) fn new(schema: &Value) -> Self {
        Self(rules::compile(schema, "", &|_| false).rules)
    }

    /// Judges an object, on updates beside the one that it replaces.
    pub(super) fn judge(&self, object: &Value, old: Option<&Value>) -> Judgement {
        if self.0.is_empty() {
            return Judgement::default();
        }
        let verdict = self.0.validate(object, old, BUDGET);
        let ratcheted = verdict.ratcheted.into_iter().map(violation);
        Judgement {
            errors: verdict.errors.into_iter().map(violation).collect(),
            warnings: ratcheted.map(|e| e.to_string()).collect(),
        }
    }
}

fn violation(violation: Violation) -> FieldError {
    let Violation {
        path,
        reason,
        shown,
        detail,
    } = violation;
    let field = if path.is_empty() { "<nil>".to_owned() } else { path };
    let value = match shown {
        Shown::Type(name) => Some(Value::from(name)),
        Shown::Value(value) => Some(value),
        _ => None,
    };
    match reason {
        Reason::Required => FieldError::required(field, detail),
        Reason::Forbidden => FieldError::forbidden(field, detail),
        Reason::Duplicate => match value {
            Some(value) => FieldError::duplicate(field, value),
            None => FieldError::of(FieldErrorKind::Duplicate, field, None, ""),
        },
        _ => match value {
            Some(value) => FieldError::invalid(field, value, detail),
            None => FieldError::of(FieldErrorKind::Invalid, field, None, detail),
        },
    }
}
