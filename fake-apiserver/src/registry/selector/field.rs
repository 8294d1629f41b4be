//! Field selectors.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>

use serde_json::Value;

use crate::registry::resource::Resource;
use crate::status::{Result, StatusError, go_quote};

/// Requirements that all must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSelector(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    field: String,
    value: String,
    negated: bool,
}

// === impl FieldSelector ===

impl FieldSelector {
    /// Reads a selector; whether the kind has such fields is [`FieldSelector::check`]'s business.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut terms = Vec::new();
        for part in split_terms(text) {
            if part.is_empty() {
                continue;
            }
            let (field, negated, value) = split_term(part).ok_or_else(|| {
                StatusError::bad_request(format!("invalid selector: '{text}'; can't understand '{part}'"))
            })?;
            terms.push(Term {
                field: field.to_owned(),
                value: unescape(value).map_err(StatusError::bad_request)?,
                negated,
            });
        }
        Ok(Self(terms))
    }

    /// Refuses fields that the kind does not offer.
    pub(crate) fn check(&self, resource: &Resource) -> Result<()> {
        let selectable = resource.strategy.selectable();
        // Kinds with fields of their own have a function that knows them, and no others.
        let own = resource.custom || !selectable.fields.is_empty();
        for term in &self.0 {
            let field = term.field.as_str();
            let known = field == "metadata.name"
                || field == "metadata.namespace" && (resource.namespaced || !own)
                || selectable.fields.iter().any(|(name, _)| *name == field)
                || resource.defined().is_some_and(|v| v.is_selectable(field));
            if known {
                continue;
            }
            return Err(StatusError::bad_request(if selectable.names_kind {
                format!(
                    "field label {} not supported for {}",
                    go_quote(field),
                    resource.kind
                )
            } else if own {
                format!("field label not supported: {field}")
            } else {
                format!(
                    "{} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
                    go_quote(field)
                )
            }));
        }
        Ok(())
    }

    /// Narrows the selector to one name, which it may not contradict.
    pub(crate) fn require_name(&mut self, name: &str) -> Result<()> {
        if !self.0.is_empty() && self.exactly("metadata.name") != Some(name) {
            return Err(StatusError::bad_request(
                "fieldSelector metadata.name doesn't match requested name",
            ));
        }
        self.0 = vec![Term {
            field: "metadata.name".into(),
            value: name.into(),
            negated: false,
        }];
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value that the field must have.
    pub(crate) fn exactly(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|t| !t.negated && t.field == field)
            .map(|t| t.value.as_str())
    }

    pub(crate) fn matches(&self, object: &Value, resource: &Resource) -> bool {
        self.0.iter().all(|term| {
            let meta = |field| object["metadata"][field].as_str().unwrap_or("");
            let same = match term.field.as_str() {
                "metadata.name" => meta("name") == term.value,
                "metadata.namespace" => meta("namespace") == term.value,
                other if resource.custom => resource
                    .defined()
                    .and_then(|v| v.selectable(other, object))
                    .is_some_and(|value| value == term.value),
                other => resource
                    .strategy
                    .selectable()
                    .fields
                    .iter()
                    .find(|(name, _)| *name == other)
                    .is_some_and(|(_, read)| read(object) == term.value),
            };
            same != term.negated
        })
    }
}

/// Splits at commas that no backslash escapes.
fn split_terms(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                out.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    for (i, _) in term.char_indices() {
        for (operator, negated) in [("!=", true), ("==", false), ("=", false)] {
            if let Some(value) = term[i..].strip_prefix(operator) {
                return Some((&term[..i], negated, value));
            }
        }
    }
    None
}

fn unescape(value: &str) -> std::result::Result<String, String> {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => out.push(c),
                Some(c) => return Err(format!("invalid field selector: invalid escape sequence: \\{c}")),
                None => return Err("invalid field selector: invalid escape sequence: \\".to_owned()),
            },
            ',' | '=' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {value}: {c}"
                ));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_split_and_unescaped() {
        let selector = FieldSelector::parse(r"metadata.name=a\,b,metadata.namespace!=c").unwrap();
        assert_eq!(selector.exactly("metadata.name"), Some("a,b"));
        assert_eq!(selector.exactly("metadata.namespace"), None);
    }

    #[test]
    fn a_term_needs_an_operator() {
        assert_eq!(
            FieldSelector::parse("metadata.name").unwrap_err().message(),
            "invalid selector: 'metadata.name'; can't understand 'metadata.name'"
        );
    }
}
