//! One validation rule and the schema it belongs to.

use std::str::FromStr;

use schemars::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A validation rule: an expression that is true of every valid value.
///
/// ```
/// use seatrial_client::core::cel::{Reason, Rule};
///
/// let rule = Rule::new("self.minReplicas <= self.replicas")
///     .message("must not be below minReplicas")
///     .field_path(".replicas")
///     .reason(Reason::FieldValueInvalid);
/// assert_eq!(serde_json::to_value(&rule).unwrap()["fieldPath"], ".replicas");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The expression; `self` is the value, `oldSelf` what it was before an update.
    pub rule: String,
    /// What the user is told when the rule is broken; without one, the server says which rule it was.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// The field that the error names, relative to where the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
    /// The machine-readable reason of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whether a rule about `oldSelf` also runs when there is no old value; `oldSelf` is then optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional_old_self: Option<bool>,
}

impl Rule {
    /// A rule without a message.
    pub fn new(rule: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            ..Self::default()
        }
    }

    /// Sets what the user is told.
    #[must_use]
    pub fn message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sets the reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Reason>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets the field that the error names.
    #[must_use]
    pub fn field_path(mut self, field_path: impl Into<String>) -> Self {
        self.field_path = Some(field_path.into());
        self
    }

    /// Sets whether the rule runs without an old value.
    #[must_use]
    pub fn optional_old_self(mut self, optional: bool) -> Self {
        self.optional_old_self = Some(optional);
        self
    }
}

impl From<&str> for Rule {
    fn from(rule: &str) -> Self {
        Self::new(rule)
    }
}

impl From<(&str, &str)> for Rule {
    fn from((rule, message): (&str, &str)) -> Self {
        Self::new(rule).message(message)
    }
}

/// What a broken rule says: a text, or an expression that gives one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Message {
    /// The text.
    Message(String),
    /// A CEL expression whose value is the text.
    #[serde(rename = "messageExpression")]
    Expression(String),
}

impl From<&str> for Message {
    fn from(message: &str) -> Self {
        Self::Message(message.into())
    }
}

/// The machine-readable reason of a broken rule.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// The value breaks a constraint: the default.
    FieldValueInvalid,
    /// The value is not allowed here.
    FieldValueForbidden,
    /// A value is missing.
    FieldValueRequired,
    /// The value exists already.
    FieldValueDuplicate,
}

impl FromStr for Reason {
    type Err = serde_json::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(name.into())
    }
}

/// Adds a rule to a schema.
///
/// # Errors
/// If the rule cannot be written as JSON, which no rule of this crate's constructors meets.
pub fn validate(s: &mut Schema, rule: impl Into<Rule>) -> serde_json::Result<()> {
    push(s, &rule.into())
}

/// Adds a rule to the schema's property at `property_index`, counted in the order in which the schema lists its properties.
///
/// A schema without such a property stays as it is.
///
/// # Errors
/// As [`validate`].
pub fn validate_property(
    s: &mut Schema,
    property_index: usize,
    rule: impl Into<Rule> + Clone,
) -> serde_json::Result<()> {
    if let Some(Value::Object(fields)) = s.get_mut("properties")
        && let Some(field) = fields.values_mut().nth(property_index)
        && let Ok(field) = <&mut Schema>::try_from(field)
    {
        return push(field, &rule.into());
    }
    Ok(())
}

pub(super) fn push(schema: &mut Schema, rule: &Rule) -> serde_json::Result<()> {
    let rule = serde_json::to_value(rule)?;
    let rules = schema
        .ensure_object()
        .entry("x-kubernetes-validations")
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(rules) = rules {
        rules.push(rule);
    }
    Ok(())
}
