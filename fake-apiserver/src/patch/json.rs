//! JSON patch (RFC 6902), with what the real server does differently.
//!
//! `replace` creates a missing member, `copy` of one gives null, a missing `value` is null, of a path only what comes
//! after its first slash counts, and indexes count from the end where they are negative. Whatever goes wrong while applying is
//! one and the same opaque failure to the client.
//!
//! # Source
//! <https://www.rfc-editor.org/rfc/rfc6902>

mod apply;
mod decode;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::schema::json::{SyntaxError, check};
use crate::status::{Details, StatusError};

use super::{Patched, lazy::Node};

/// How many operations a patch may have.
pub const OPERATIONS_MAX: usize = 10_000;
/// How much the `copy` operations of one patch may add to the object.
const COPIED_BYTES_MAX: usize = 3 << 20;

/// Why a JSON patch was refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The body is no JSON.
    Syntax(SyntaxError),
    /// The body is JSON, but no list of operations; in Go's words.
    Type(String),
    /// There are more operations than allowed.
    TooManyOperations(usize),
    /// An operation could not be applied.
    Operation {
        /// Which one, from 0.
        index: usize,
        /// What was wrong with it.
        why: Why,
    },
}

/// What was wrong with an operation; the client is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// `op` is none of the six.
    UnknownOperation,
    /// `path` or `from` is missing.
    MissingPointer,
    /// The path leads through something that is not there, or is no container.
    NoSuchParent,
    /// What is to be removed or moved is not there.
    NoSuchMember,
    /// The index is no number, or out of bounds.
    BadIndex,
    /// The value is another one than the test says.
    TestFailed,
    /// The copies grow beyond what is allowed.
    CopiesTooLarge,
}

/// Applies the body of a request to an object.
///
/// `object` is the object's JSON; it stays as it is when anything fails, as the server's does.
///
/// # Errors
/// See [`Error`]; [`Error::status`] is what the client is told.
pub fn apply(object: &str, body: &[u8]) -> Result<Patched, Error> {
    check(body).map_err(Error::Syntax)?;
    // Bytes that are no text become replacement characters, as in the server.
    let body = String::from_utf8_lossy(body);
    let decode::Decoded { operations, findings } = decode::decode(&body)?;
    if operations.len() > OPERATIONS_MAX {
        return Err(Error::TooManyOperations(operations.len()));
    }
    let mut document = Node::new(object);
    let mut copied = 0;
    for (index, operation) in operations.into_iter().enumerate() {
        apply::apply(&mut document, operation, &mut copied).map_err(|why| Error::Operation { index, why })?;
    }
    Ok(Patched::new(document.text(), findings))
}

impl Error {
    /// What the client is told.
    pub fn status(&self) -> StatusError {
        match self {
            Self::Syntax(_) | Self::Type(_) => {
                StatusError::bad_request(format!("error decoding patch: {self}"))
            }
            Self::TooManyOperations(count) => StatusError::new(
                413,
                "RequestEntityTooLarge",
                format!(
                    "Request entity too large: The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {count}"
                ),
            ),
            Self::Operation { .. } => StatusError::new(
                422,
                "Invalid",
                "the server rejected our request due to an error in our request",
            )
            .details(Details::default()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => error.fmt(f),
            Self::Type(message) => f.write_str(message),
            Self::TooManyOperations(count) => {
                write!(f, "{count} operations, of which {OPERATIONS_MAX} are allowed")
            }
            Self::Operation { index, why } => write!(f, "operation {index}: {why}"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownOperation => "unknown operation",
            Self::MissingPointer => "missing path",
            Self::NoSuchParent => "the path leads nowhere",
            Self::NoSuchMember => "no such member",
            Self::BadIndex => "no such index",
            Self::TestFailed => "the value is another one",
            Self::CopiesTooLarge => "the copies are too large",
        })
    }
}

impl std::error::Error for Error {}
