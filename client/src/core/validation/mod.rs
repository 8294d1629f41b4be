//! What a server would say of a custom resource, asked before it is sent.
//!
//! [`validate`] holds an object against its definition's schema and against the CEL rules in it, [`validate_update`] also against what it
//! replaces. It is the schema that is asked, not the server: names, admission plugins, webhooks and other objects have no say here.
//!
//! The rules are compiled at each call. For many objects of one kind, keep a [`Validator`].
//!
//! # Source
//! [Validation](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation),
//! [validation rules](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules).
//!
//! Reading order: this file, then `schema`, what a schema says without rules.

mod schema;

use std::fmt;

use schemars::JsonSchema;
use seatrial_cel::rules::{self, BUDGET, Compiled, FindingKind};
use serde::Serialize;
use serde_json::Value;

use super::{CustomResourceExt, cel::Reason, schema::structural_schema_for};

/// Holds an object that is to be created against the schema and the rules of its kind.
///
/// ```
/// use schemars::JsonSchema;
/// use seatrial_client::core::validation::Validator;
/// use serde_json::json;
///
/// #[derive(JsonSchema)]
/// #[allow(dead_code)]
/// struct Span {
///     #[schemars(range(min = 0))]
///     from: i32,
///     #[schemars(extend("x-kubernetes-validations" = [{"rule": "self < 10", "message": "must be small"}]))]
///     to: i32,
/// }
///
/// let spans = Validator::of_type::<Span>();
/// let errors = spans.validate(&json!({"from": 1, "to": 12}), None).unwrap_err();
/// assert_eq!(errors.to_string(), "to: must be small");
/// let errors = spans.validate(&json!({"from": -1}), None).unwrap_err();
/// assert_eq!(errors.to_string(), "to: is required; from: must be at least 0");
/// ```
///
/// # Errors
/// Everything that is wrong. Rules that do not compile count as broken.
pub fn validate<K: CustomResourceExt + Serialize>(object: &K) -> Result<(), ValidationErrors> {
    Validator::of::<K>().validate(&to_json(object)?, None)
}

/// Holds an object that is to replace `old` against the schema and the rules of its kind, those about `oldSelf` included.
///
/// # Errors
/// As [`validate`].
pub fn validate_update<K: CustomResourceExt + Serialize>(
    object: &K,
    old: &K,
) -> Result<(), ValidationErrors> {
    Validator::of::<K>().validate(&to_json(object)?, Some(&to_json(old)?))
}

/// As [`validate`], by the CEL rules alone.
///
/// # Errors
/// As [`validate`].
pub fn validate_cel<K: CustomResourceExt + Serialize>(object: &K) -> Result<(), ValidationErrors> {
    Validator::of::<K>().rules_alone(&to_json(object)?, None)
}

/// As [`validate_update`], by the CEL rules alone.
///
/// # Errors
/// As [`validate`].
pub fn validate_cel_update<K: CustomResourceExt + Serialize>(
    object: &K,
    old: &K,
) -> Result<(), ValidationErrors> {
    Validator::of::<K>().rules_alone(&to_json(object)?, Some(&to_json(old)?))
}

/// Holds a value against the CEL rules of a type that is part of a custom resource, its spec for example.
///
/// # Errors
/// As [`validate`].
pub fn validate_cel_schema<T: JsonSchema>(
    value: &Value,
    old: Option<&Value>,
) -> Result<(), ValidationErrors> {
    Validator::of_type::<T>().rules_alone(value, old)
}

/// The schema and the compiled rules of one kind.
#[derive(Debug)]
pub struct Validator {
    schema: Value,
    rules: Compiled,
}

/// What is wrong with a value: never empty, in the order of the schema, what needs no rules first.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidationErrors(pub Vec<ValidationError>);

/// One thing that is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ValidationError {
    /// Where: `spec.list[0].name`; empty for the whole value.
    pub path: String,
    /// What sort of error a server would report.
    pub reason: Reason,
    /// What is wrong.
    pub message: String,
}

// === impl Validator ===

impl Validator {
    /// Of a kind, by the first version of its definition.
    ///
    /// A kind whose definition has no schema accepts everything.
    pub fn of<K: CustomResourceExt>() -> Self {
        let version = K::crd().spec.versions.into_iter().next();
        let schema = version.and_then(|version| version.schema);
        Self::new(
            schema
                .and_then(|schema| serde_json::to_value(schema.open_api_v3_schema).ok())
                .unwrap_or_default(),
        )
    }

    /// Of a type, as part of a custom resource.
    pub fn of_type<T: JsonSchema>() -> Self {
        Self::new(structural_schema_for::<T>().to_value())
    }

    /// Of a structural schema.
    pub fn new(schema: Value) -> Self {
        let rules = rules::compile(&schema, "", &|_| false);
        Self { schema, rules }
    }

    /// Holds a value against schema and rules.
    ///
    /// As a server does, it does not run rules on a value that breaks the schema otherwise.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, value: &Value, old: Option<&Value>) -> Result<(), ValidationErrors> {
        let mut found = Vec::new();
        schema::check(&self.schema, value, String::new(), &mut found);
        if found.is_empty() {
            return self.rules_alone(value, old);
        }
        Err(ValidationErrors(found))
    }

    /// Holds a value against the rules.
    fn rules_alone(&self, value: &Value, old: Option<&Value>) -> Result<(), ValidationErrors> {
        // What a rule may cost is held against the definition, not against objects.
        let unusable = self
            .rules
            .findings
            .iter()
            .filter(|finding| finding.kind != FindingKind::Forbidden);
        let broken = unusable.map(|finding| ValidationError {
            path: finding.path.clone(),
            reason: Reason::FieldValueInvalid,
            message: format!("the rule cannot be run: {}", finding.detail),
        });
        let verdict = self.rules.rules.validate(value, old, BUDGET);
        let refused = verdict.errors.into_iter().map(|violation| ValidationError {
            path: violation.path,
            reason: match violation.reason {
                rules::Reason::Forbidden => Reason::FieldValueForbidden,
                rules::Reason::Required => Reason::FieldValueRequired,
                rules::Reason::Duplicate => Reason::FieldValueDuplicate,
                _ => Reason::FieldValueInvalid,
            },
            message: violation.detail,
        });
        let found: Vec<ValidationError> = broken.chain(refused).collect();
        if found.is_empty() {
            Ok(())
        } else {
            Err(ValidationErrors(found))
        }
    }
}

// === impl ValidationErrors ===

impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationErrors {}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

fn to_json(object: &impl Serialize) -> Result<Value, ValidationErrors> {
    serde_json::to_value(object).map_err(|error| {
        ValidationErrors(vec![ValidationError {
            path: String::new(),
            reason: Reason::FieldValueInvalid,
            message: format!("it cannot be written as JSON: {error}"),
        }])
    })
}

#[cfg(test)]
mod tests;
