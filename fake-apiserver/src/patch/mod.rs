//! How a patch changes an object: JSON patch, JSON merge patch and strategic merge patch.
//!
//! No HTTP and no storage: each takes the object as it is and the body of the request, and gives back the object as it
//! would be. Whether that is a valid object, others decide. Failures know the `Status` that the real server answers.

pub mod gojson;
pub mod json;
mod lazy;
pub mod merge;

pub use gojson::SyntaxError;

use serde_json::Value;

/// An object after a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The object as text, as errors about it quote it: parts that the patch did not touch stand as they were.
    pub text: String,
    /// The same as a value.
    pub value: Value,
    /// What strict field validation refuses in the patch itself, such as `duplicate field "data.d"`; warnings otherwise.
    pub findings: Vec<String>,
}
