//! How a patch changes an object: JSON patch, JSON merge patch and strategic merge patch.
//!
//! No HTTP and no storage: each takes the object as it is and the body of the request, and gives back the object as it
//! would be. Whether that is a valid object, others decide. Failures know the `Status` that the real server answers.

pub mod gojson;
pub mod json;
mod lazy;
pub mod merge;
pub mod strategic;

use serde_json::Value;

use crate::status::{FieldError, StatusError};

/// An object after a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The object.
    pub value: Value,
    /// The same as text, to be decoded; what a JSON or merge patch did not touch stands in it as it was.
    pub text: String,
    /// What strict field validation refuses in the patch itself, such as `duplicate field "data.d"`; warnings otherwise.
    pub findings: Vec<String>,
    /// What errors quote, where that is not the text.
    quoted: Option<String>,
}

impl Patched {
    fn new(text: String, value: Value, findings: Vec<String>) -> Self {
        Self {
            value,
            text,
            findings,
            quoted: None,
        }
    }

    /// The failure of an object that cannot be decoded any more, or not strictly: it quotes the object after a JSON or
    /// merge patch, and the patch itself after a strategic one.
    pub fn invalid(&self, why: &str) -> StatusError {
        let quoted = self.quoted.as_deref().unwrap_or(&self.text);
        StatusError::invalid("", "", "", &[FieldError::invalid("patch", quoted, why)])
    }
}
