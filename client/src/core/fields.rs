//! Field selectors: parse, print and match.
//!
//! Which fields a kind can be selected by is the server's to say: `metadata.name` and `metadata.namespace` always.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>

use std::{collections::BTreeMap, fmt, str::FromStr};

/// The text is not a field selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to parse field selector: {reason} in {term:?}")]
pub struct ParseFieldSelectorError {
    term: String,
    reason: &'static str,
}

/// One requirement on a field of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldExpression {
    /// The field has the value: `field=value`.
    Equal(String, String),
    /// The field has another value: `field!=value`.
    NotEqual(String, String),
}

/// Requirements that all have to hold; without any, it selects everything.
///
/// It parses from, and prints as, what the server reads: `"metadata.name=web,status.phase!=Failed"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSelector(Vec<FieldExpression>);

// === impl FieldSelector ===

impl FieldSelector {
    /// Selects the objects of one name.
    pub fn name(name: &str) -> Self {
        Self::default().equal("metadata.name", name)
    }

    /// Requires the field to have the value.
    #[must_use]
    pub fn equal(mut self, field: &str, value: &str) -> Self {
        self.0
            .push(FieldExpression::Equal(field.to_owned(), value.to_owned()));
        self
    }

    /// Requires the field to have another value.
    #[must_use]
    pub fn not_equal(mut self, field: &str, value: &str) -> Self {
        self.0
            .push(FieldExpression::NotEqual(field.to_owned(), value.to_owned()));
        self
    }

    /// Whether it selects everything, because it requires nothing.
    pub fn selects_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the requirements.
    pub fn iter(&self) -> impl Iterator<Item = &FieldExpression> {
        self.0.iter()
    }

    /// Whether an object with these fields is selected; a field that is not there is empty.
    pub fn matches(&self, fields: &BTreeMap<String, String>) -> bool {
        let value_of = |field: &str| fields.get(field).map_or("", String::as_str);
        self.0.iter().all(|expr| match expr {
            FieldExpression::Equal(field, value) => value_of(field) == value,
            FieldExpression::NotEqual(field, value) => value_of(field) != value,
        })
    }
}

impl FromIterator<FieldExpression> for FieldSelector {
    fn from_iter<T: IntoIterator<Item = FieldExpression>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl fmt::Display for FieldSelector {
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

impl FromStr for FieldSelector {
    type Err = ParseFieldSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        split_terms(text)
            .into_iter()
            .filter(|term| !term.is_empty())
            .map(parse_term)
            .collect()
    }
}

// === impl FieldExpression ===

impl fmt::Display for FieldExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, operator, value) = match self {
            FieldExpression::Equal(field, value) => (field, "=", value),
            FieldExpression::NotEqual(field, value) => (field, "!=", value),
        };
        write!(f, "{field}{operator}")?;
        for c in value.chars() {
            if matches!(c, '\\' | ',' | '=') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

/// Splits at the commas that are not escaped.
fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn parse_term(term: &str) -> Result<FieldExpression, ParseFieldSelectorError> {
    let fault = |reason| ParseFieldSelectorError {
        term: term.to_owned(),
        reason,
    };
    let (expression, field, value): (fn(String, String) -> FieldExpression, _, _) = match term.split_once('=')
    {
        None => return Err(fault("no operator")),
        Some((left, right)) => match left.strip_suffix('!') {
            Some(left) => (FieldExpression::NotEqual, left, right),
            None => (
                FieldExpression::Equal,
                left,
                right.strip_prefix('=').unwrap_or(right),
            ),
        },
    };
    if field.is_empty() {
        return Err(fault("no field"));
    }
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => text.push(c),
                _ => return Err(fault("an unknown escape sequence")),
            },
            '=' => return Err(fault("an unescaped '='")),
            c => text.push(c),
        }
    }
    Ok(expression(field.to_owned(), text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        assert_eq!(text.parse::<FieldSelector>().unwrap().to_string(), printed);
    }

    #[test]
    fn text_is_read_as_the_server_reads_it() {
        check("", "");
        check("metadata.name=a", "metadata.name=a");
        check("metadata.name==a", "metadata.name=a");
        check("a=b,,c!=d,", "a=b,c!=d");
        check("a=", "a=");
        check(r"a=b\,c\=d\\e", r"a=b\,c\=d\\e");
    }

    #[test]
    fn text_that_is_no_selector_is_refused() {
        for text in ["a", "=b", "!=b", "a=b=c", r"a=\x", r"a=\", "a=b,c"] {
            assert!(text.parse::<FieldSelector>().is_err(), "{text}");
        }
    }

    #[test]
    fn matching() {
        let fields = BTreeMap::from([("metadata.name".to_owned(), "a".to_owned())]);
        for (text, expect) in [
            ("", true),
            ("metadata.name=a", true),
            ("metadata.name!=a", false),
            ("spec.nodeName=", true),
            ("spec.nodeName!=x", true),
            ("metadata.name=a,spec.nodeName=x", false),
        ] {
            assert_eq!(
                text.parse::<FieldSelector>().unwrap().matches(&fields),
                expect,
                "{text}"
            );
        }
        assert!(FieldSelector::name("a").matches(&fields) && !FieldSelector::name("b").matches(&fields));
    }

    proptest! {
        #[test]
        fn selectors_parse_what_they_print(terms in prop::collection::vec(("[a-z.]{1,6}", ".{0,6}", any::<bool>()), 0..4)) {
            let selector: FieldSelector = terms
                .into_iter()
                .map(|(field, value, equal)| match equal {
                    true => FieldExpression::Equal(field, value),
                    false => FieldExpression::NotEqual(field, value),
                })
                .collect();
            // A value that begins with `=` follows the operator as an escape, so that `a==b` keeps meaning `a=b`.
            prop_assert_eq!(selector.to_string().parse::<FieldSelector>().unwrap(), selector);
        }
    }
}
