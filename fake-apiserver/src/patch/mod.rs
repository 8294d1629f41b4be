//! How a patch changes an object: JSON patch, JSON merge patch and strategic merge patch.
//!
//! No HTTP and no storage: each takes the object as it is and the body of the request, and gives back the object as it
//! would be. Whether that is a valid object, others decide. Failures know the `Status` that the real server answers.

pub mod gojson;
pub mod json;
mod lazy;
pub mod merge;
pub mod strategic;

use std::sync::OnceLock;

use serde_json::Value;

use crate::status::{FieldError, StatusError};

/// An object after a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The object as text, to be decoded; what a JSON or merge patch did not touch stands in it as it was.
    pub text: String,
    /// What strict field validation refuses in the patch itself, such as `duplicate field "data.d"`; warnings otherwise.
    pub findings: Vec<String>,
    /// The same object, read when first asked for.
    value: OnceLock<Value>,
    /// What errors quote, where that is not the text.
    quoted: Option<String>,
}

/// Whether a patch, of whatever kind, leaves `metadata.managedFields` alone for certain, be they there or not.
///
/// It does if it neither names them nor means `metadata` as a whole; a text that could say so in disguise is not trusted.
pub(crate) fn spares_managed_fields(body: &[u8]) -> bool {
    let names = |text: &str| memchr::memmem::find(body, text.as_bytes()).is_some();
    memchr::memchr2(b'\\', b'$', body).is_none() && !names("managedFields") && !names("/metadata\"")
}

impl Patched {
    fn new(text: String, findings: Vec<String>) -> Self {
        Self {
            text,
            findings,
            value: OnceLock::new(),
            quoted: None,
        }
    }

    /// The object as a value.
    pub fn value(&self) -> &Value {
        // Numbers that are too large were refused when the patch was read.
        self.value
            .get_or_init(|| gojson::parse(&self.text).map_or(Value::Null, |parsed| parsed.value))
    }

    /// The failure of an object that cannot be decoded any more, or not strictly: it quotes the object after a JSON or
    /// merge patch, and the patch itself after a strategic one.
    pub fn invalid(&self, why: &str) -> StatusError {
        let quoted = self.quoted.as_deref().unwrap_or(&self.text);
        StatusError::invalid("", "", "", &[FieldError::invalid("patch", quoted, why)])
    }
}
