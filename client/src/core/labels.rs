//! Label selectors: parse, print and match.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

mod parse;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    iter::FromIterator,
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use private::Sealed;

/// The text, or the API object, is not a label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to parse value as expression: {0}")]
pub struct ParseExpressionError(pub String);

/// One requirement on the labels of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    /// The label has one of the values: `key in (a,b)`.
    In(String, BTreeSet<String>),
    /// The label has none of the values, or is not there: `key notin (a,b)`.
    NotIn(String, BTreeSet<String>),
    /// The label has the value: `key=value`.
    Equal(String, String),
    /// The label has another value, or is not there: `key!=value`.
    NotEqual(String, String),
    /// The label is there: `key`.
    Exists(String),
    /// The label is not there: `!key`.
    DoesNotExist(String),
}

/// Requirements that all have to hold; without any, it selects everything.
///
/// It parses from, and prints as, what the server reads: `"app=web,tier notin (cache,db),!legacy"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector(Vec<Expression>);

/// Tells whether labels are selected.
pub trait SelectorExt: Sealed {
    /// What is searched: a map of labels.
    type Search;

    /// Whether the labels are selected.
    fn matches(&self, on: &Self::Search) -> bool;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::Expression {}
    impl Sealed for super::Selector {}
}

// === impl Selector ===

impl Selector {
    /// Whether it selects everything, because it requires nothing.
    pub fn selects_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds requirements.
    pub fn extend(&mut self, exprs: impl IntoIterator<Item = Expression>) -> &mut Self {
        self.0.extend(exprs);
        self
    }

    /// Iterates over the requirements.
    pub fn iter(&self) -> impl Iterator<Item = &Expression> {
        self.0.iter()
    }
}

impl SelectorExt for Selector {
    type Search = BTreeMap<String, String>;

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|expr| expr.matches(labels))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, expr) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            expr.fmt(f)?;
        }
        Ok(())
    }
}

impl From<Expression> for Selector {
    fn from(expr: Expression) -> Self {
        Self(vec![expr])
    }
}

impl FromIterator<Expression> for Selector {
    fn from_iter<T: IntoIterator<Item = Expression>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl FromIterator<(String, String)> for Selector {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(iter: T) -> Self {
        iter.into_iter()
            .map(|(key, value)| Expression::Equal(key, value))
            .collect()
    }
}

impl FromIterator<(&'static str, &'static str)> for Selector {
    fn from_iter<T: IntoIterator<Item = (&'static str, &'static str)>>(iter: T) -> Self {
        iter.into_iter()
            .map(|(key, value)| Expression::Equal(key.to_owned(), value.to_owned()))
            .collect()
    }
}

impl IntoIterator for Selector {
    type Item = Expression;
    type IntoIter = std::vec::IntoIter<Expression>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl TryFrom<LabelSelector> for Selector {
    type Error = ParseExpressionError;

    fn try_from(selector: LabelSelector) -> Result<Self, Self::Error> {
        let equal = selector.match_labels.unwrap_or_default().into_iter();
        let mut all: Self = equal.map(|(key, value)| Expression::Equal(key, value)).collect();
        for requirement in selector.match_expressions.unwrap_or_default() {
            all.0.push(requirement.try_into()?);
        }
        Ok(all)
    }
}

impl From<Selector> for LabelSelector {
    fn from(selector: Selector) -> Self {
        let mut labels = BTreeMap::new();
        let mut requirements = Vec::new();
        for expr in selector.0 {
            match expr {
                // A key can stand only once in the map: `a=1,a=2`, which nothing satisfies, must not become `a=2`.
                Expression::Equal(key, value) if labels.get(&key).is_none_or(|known| *known == value) => {
                    labels.insert(key, value);
                }
                expr => requirements.push(expr.into()),
            }
        }
        LabelSelector {
            match_labels: (!labels.is_empty()).then_some(labels),
            match_expressions: (!requirements.is_empty()).then_some(requirements),
        }
    }
}

// === impl Expression ===

impl SelectorExt for Expression {
    type Search = BTreeMap<String, String>;

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Expression::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Expression::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
            Expression::Equal(key, value) => labels.get(key) == Some(value),
            Expression::NotEqual(key, value) => labels.get(key) != Some(value),
            Expression::Exists(key) => labels.contains_key(key),
            Expression::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::In(key, values) => {
                write!(f, "{key} in ")?;
                write_values(f, values)
            }
            Expression::NotIn(key, values) => {
                write!(f, "{key} notin ")?;
                write_values(f, values)
            }
            Expression::Equal(key, value) => write!(f, "{key}={value}"),
            Expression::NotEqual(key, value) => write!(f, "{key}!={value}"),
            Expression::Exists(key) => f.write_str(key),
            Expression::DoesNotExist(key) => write!(f, "!{key}"),
        }
    }
}

fn write_values(f: &mut fmt::Formatter<'_>, values: &BTreeSet<String>) -> fmt::Result {
    // `()` reads as no value at all; one empty value is written as the empty text before a comma.
    if values.len() == 1 && values.contains("") {
        return f.write_str("(,)");
    }
    f.write_str("(")?;
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            f.write_str(",")?;
        }
        f.write_str(value)?;
    }
    f.write_str(")")
}

impl IntoIterator for Expression {
    type Item = Expression;
    type IntoIter = std::option::IntoIter<Expression>;

    fn into_iter(self) -> Self::IntoIter {
        Some(self).into_iter()
    }
}

impl TryFrom<LabelSelectorRequirement> for Expression {
    type Error = ParseExpressionError;

    fn try_from(requirement: LabelSelectorRequirement) -> Result<Self, Self::Error> {
        let LabelSelectorRequirement {
            key,
            operator,
            values,
        } = requirement;
        let values = || match values {
            Some(values) if !values.is_empty() => Ok(values.into_iter().collect::<BTreeSet<_>>()),
            _ => Err(ParseExpressionError(format!(
                "operator {operator} of key {key:?} needs values"
            ))),
        };
        match operator.as_str() {
            "In" => Ok(Expression::In(key.clone(), values()?)),
            "NotIn" => Ok(Expression::NotIn(key.clone(), values()?)),
            "Exists" => Ok(Expression::Exists(key)),
            "DoesNotExist" => Ok(Expression::DoesNotExist(key)),
            _ => Err(ParseExpressionError(format!(
                "unknown operator {operator:?} of key {key:?}"
            ))),
        }
    }
}

impl From<Expression> for LabelSelectorRequirement {
    fn from(expr: Expression) -> Self {
        let (key, operator, values) = match expr {
            Expression::In(key, values) => (key, "In", Some(values.into_iter().collect())),
            Expression::NotIn(key, values) => (key, "NotIn", Some(values.into_iter().collect())),
            Expression::Equal(key, value) => (key, "In", Some(vec![value])),
            Expression::NotEqual(key, value) => (key, "NotIn", Some(vec![value])),
            Expression::Exists(key) => (key, "Exists", None),
            Expression::DoesNotExist(key) => (key, "DoesNotExist", None),
        };
        Self {
            key,
            operator: operator.to_owned(),
            values,
        }
    }
}

#[cfg(test)]
mod tests;
