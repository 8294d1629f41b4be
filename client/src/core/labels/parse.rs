//! The text form of label selectors.
//!
//! ```text
//! selector    = [ requirement *( "," requirement ) ]
//! requirement = [ "!" ] key | key ( "=" | "==" | "!=" ) [ value ] | key ( "in" | "notin" ) "(" [ value ] *( "," [ value ] ) ")"
//! ```
//!
//! Spaces may stand between any two words. The server also knows `key>1` and `key<1`, which [`Expression`] cannot say.

use std::{collections::BTreeSet, str::FromStr};

use super::{Expression, ParseExpressionError, Selector};

type Result<T> = std::result::Result<T, ParseExpressionError>;

impl FromStr for Selector {
    type Err = ParseExpressionError;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = Words { rest: text };
        let mut exprs = Vec::new();
        if words.peek().is_some() {
            loop {
                exprs.push(expression(&mut words)?);
                match words.next() {
                    None => break,
                    Some(",") => {}
                    Some(word) => return Err(unexpected(word, "',' or the end")),
                }
            }
        }
        Ok(exprs.into_iter().collect())
    }
}

impl FromStr for Expression {
    type Err = ParseExpressionError;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = Words { rest: text };
        let expr = expression(&mut words)?;
        match words.next() {
            None => Ok(expr),
            Some(word) => Err(unexpected(word, "the end")),
        }
    }
}

fn expression(words: &mut Words<'_>) -> Result<Expression> {
    if words.peek() == Some("!") {
        words.next();
        return Ok(Expression::DoesNotExist(key(words)?));
    }
    let key = key(words)?;
    match words.peek() {
        None | Some(",") => Ok(Expression::Exists(key)),
        Some("=" | "==") => {
            words.next();
            Ok(Expression::Equal(key, value(words)?))
        }
        Some("!=") => {
            words.next();
            Ok(Expression::NotEqual(key, value(words)?))
        }
        Some("in") => {
            words.next();
            Ok(Expression::In(key, values(words)?))
        }
        Some("notin") => {
            words.next();
            Ok(Expression::NotIn(key, values(words)?))
        }
        Some(word @ (">" | "<")) => Err(ParseExpressionError(format!(
            "operator '{word}' is known to the server only; send it as text"
        ))),
        Some(word) => Err(unexpected(word, "an operator")),
    }
}

fn key(words: &mut Words<'_>) -> Result<String> {
    match words.next() {
        Some(word) if is_qualified_name(word) => Ok(word.to_owned()),
        Some(word) => Err(unexpected(word, "a label key")),
        None => Err(ParseExpressionError(
            "found the end, expected a label key".to_owned(),
        )),
    }
}

/// A value, which may be empty.
fn value(words: &mut Words<'_>) -> Result<String> {
    match words.peek() {
        None | Some("," | ")") => Ok(String::new()),
        Some(word) if is_label_value(word) => {
            words.next();
            Ok(word.to_owned())
        }
        Some(word) => Err(unexpected(word, "a label value")),
    }
}

fn values(words: &mut Words<'_>) -> Result<BTreeSet<String>> {
    match words.next() {
        Some("(") => {}
        word => return Err(unexpected(word.unwrap_or("the end"), "'('")),
    }
    if words.peek() == Some(")") {
        return Err(ParseExpressionError("a set needs at least one value".to_owned()));
    }
    let mut set = BTreeSet::new();
    loop {
        set.insert(value(words)?);
        match words.next() {
            Some(")") => return Ok(set),
            Some(",") => {}
            word => return Err(unexpected(word.unwrap_or("the end"), "',' or ')'")),
        }
    }
}

fn unexpected(word: &str, expected: &str) -> ParseExpressionError {
    ParseExpressionError(format!("found {word:?}, expected {expected}"))
}

/// Splits text into operators and the words between them.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        Words { rest: self.rest }.next()
    }

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = text.chars().next()?;
        let end = match first {
            '!' | '=' if text[1..].starts_with('=') => 2,
            '!' | '=' | ',' | '(' | ')' | '<' | '>' => 1,
            _ => text
                .find(|c: char| " \t\r\n!=,()<>".contains(c))
                .unwrap_or(text.len()),
        };
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        Some(word)
    }
}

/// `[prefix/]name`: a DNS subdomain of at most 253 characters, and at most 63 letters, digits, `-`, `_` and `.`.
fn is_qualified_name(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return true;
    };
    bytes.len() <= 63
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

fn is_subdomain(text: &str) -> bool {
    let part = |part: &str| {
        let bytes = part.as_bytes();
        let alnum = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        bytes.first().is_some_and(alnum)
            && bytes.last().is_some_and(alnum)
            && bytes.iter().all(|b| alnum(b) || *b == b'-')
    };
    text.len() <= 253 && text.split('.').all(part)
}
