//! JSON merge patch (RFC 7386), as the real server does it.
//!
//! It differs from the RFC in one thing: nulls are dropped from objects inside the arrays of a patch too, unless the array
//! replaces an object.
//!
//! # Source
//! <https://www.rfc-editor.org/rfc/rfc7386>

#[cfg(test)]
mod tests;

use std::fmt;

use crate::schema::json::{SyntaxError, check};
use crate::status::StatusError;

use super::Patched;
use super::gojson;
use super::lazy::{Members, Node};

/// Why a merge patch was refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The body is no JSON.
    Syntax(SyntaxError),
    /// The body is JSON, but no object; in Go's words.
    Type(String),
    /// The body is `null`.
    Null,
}

/// Applies the body of a request to an object.
///
/// `object` is the object's JSON; it stays as it is when anything fails.
///
/// # Errors
/// See [`Error`]; [`Error::status`] is what the client is told.
pub fn apply(object: &str, body: &[u8]) -> Result<Patched, Error> {
    check(body).map_err(Error::Syntax)?;
    let body = String::from_utf8_lossy(body);
    if body.trim() == "null" {
        return Err(Error::Null);
    }
    let mut patch = Node::new(&body);
    let Some(members) = patch.as_object() else {
        let kind = gojson::kind_name(&body);
        return Err(Error::Type(format!(
            "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        )));
    };
    let members = std::mem::take(members);
    let parsed = gojson::parse(&body).map_err(|literal| {
        Error::Type(format!(
            "json: cannot unmarshal number {literal} into Go value of type float64"
        ))
    })?;
    let mut document = Node::new(object);
    match document.as_object() {
        Some(target) => merge_members(target, members),
        None => document = Node::Object(members),
    }
    let findings = parsed
        .duplicates
        .iter()
        .map(|path| format!("duplicate field \"{path}\""))
        .collect();
    Ok(Patched::new(document.text(), findings))
}

/// The text of an object's member after its part of a patch, which is not `null`; both are JSON.
pub(crate) fn member(current: Option<&str>, patch: &str) -> String {
    let mut patch = Node::new(patch);
    match current.map(Node::new).filter(|current| !current.is_null()) {
        Some(mut current) => {
            merge(&mut current, patch);
            current.text()
        }
        None => {
            prune(&mut patch);
            patch.text()
        }
    }
}

fn merge_members<'a>(target: &mut Members<'a>, patch: Members<'a>) {
    for (key, mut value) in patch {
        if value.is_null() {
            target.remove(&key);
            continue;
        }
        match target.get_mut(&key) {
            Some(current) if !current.is_null() => merge(current, value),
            _ => {
                prune(&mut value);
                target.insert(key, value);
            }
        }
    }
}

fn merge<'a>(current: &mut Node<'a>, mut patch: Node<'a>) {
    match current.as_object() {
        None => {
            prune(&mut patch);
            *current = patch;
        }
        Some(target) => match patch.as_object() {
            Some(members) => merge_members(target, std::mem::take(members)),
            None => *current = patch,
        },
    }
}

/// Takes the nulls out of objects; those in arrays stay.
fn prune(node: &mut Node<'_>) {
    if let Some(members) = node.as_object() {
        members.retain(|_, value| !value.is_null());
        members.values_mut().for_each(prune);
    } else if let Some(items) = node.as_array() {
        items.iter_mut().for_each(prune);
    }
}

impl Error {
    /// What the client is told.
    pub fn status(&self) -> StatusError {
        StatusError::bad_request(match self {
            Self::Null => "Invalid JSON Patch".to_owned(),
            Self::Syntax(_) | Self::Type(_) => format!("error decoding patch: {self}"),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => error.fmt(f),
            Self::Type(message) => f.write_str(message),
            Self::Null => f.write_str("the patch is null"),
        }
    }
}

impl std::error::Error for Error {}
