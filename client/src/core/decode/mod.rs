//! Bytes into values, as they arrive.
//!
//! [`ListDecoder`] yields a list's items one by one, [`WatchDecoder`] a watch's events, both from chunks that may be cut anywhere.
//!
//! **Invariant:** nothing is read twice and nothing kept that was read: the memory in use is one window and the value being decoded, not
//! the body. The window holds an item that is cut by a chunk's end, at most twice its size, and up to 256 KiB in reserve.
//!
//! Reading order: `scan.rs` finds where a JSON value ends; `window.rs` holds the bytes between two chunks; `members.rs` splits one object
//! that is whole; then the decoders.

mod list;
mod members;
mod scan;
mod strip;
mod watch;
mod window;

pub use list::{ListDecoder, ListEnd};
pub use watch::WatchDecoder;

use serde::de::{DeserializeOwned, Error as _};

/// How objects are decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decode {
    /// What becomes of `metadata.managedFields`.
    pub managed_fields: ManagedFields,
}

/// What becomes of `metadata.managedFields`: often a third of an object, and of no use to most programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ManagedFields {
    /// They are decoded like the rest.
    #[default]
    Keep,
    /// They are passed over and never built.
    Skip,
}

/// The bytes are not what they should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no JSON, or not of the shape of a list or a stream of events.
    #[error("unexpected data at byte {offset}: {reason}")]
    Malformed {
        /// Where, counted from the beginning of the body.
        offset: u64,
        /// What was expected there.
        reason: &'static str,
    },
    /// Values are nested deeper than any object of the API is.
    #[error("data nested too deeply at byte {offset}")]
    TooDeep {
        /// Where, counted from the beginning of the body.
        offset: u64,
    },
    /// The body ended in the middle of a value.
    #[error("body ended in the middle of a value after {offset} bytes")]
    Truncated {
        /// How long the body was.
        offset: u64,
    },
    /// An item of a list does not have the shape of its type.
    #[error("failed to decode item {index} of the list")]
    Item {
        /// Which item, the first being 0.
        index: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A field of the list itself does not have its shape.
    #[error("failed to decode {field} of the list")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// An event's object does not have the shape of its type, or the event is none.
    #[error("failed to decode watch event {index}")]
    Event {
        /// Which event of this connection, the first being 0.
        index: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

// === impl Error ===

impl Error {
    /// Whether the rest of the body can still be read: one value was not of its type, but where it ends is known.
    pub fn is_recoverable(&self) -> bool {
        matches!(self, Error::Item { .. } | Error::Event { .. })
    }

    /// The parser's error, or one that says the same: for callers who know but one kind of decoding error.
    pub fn into_json_error(self) -> serde_json::Error {
        match self {
            Error::Item { source, .. } | Error::Field { source, .. } | Error::Event { source, .. } => source,
            error => serde_json::Error::custom(error),
        }
    }
}

// === impl Decode ===

impl Decode {
    /// Passes over `metadata.managedFields`.
    #[must_use]
    pub fn skip_managed_fields(mut self) -> Self {
        self.managed_fields = ManagedFields::Skip;
        self
    }

    /// Decodes one object from its whole JSON.
    ///
    /// # Errors
    /// If it does not have the shape of `T`.
    pub fn object<T: DeserializeOwned>(&self, json: &[u8]) -> Result<T, serde_json::Error> {
        match self.managed_fields {
            ManagedFields::Keep => serde_json::from_slice(json),
            ManagedFields::Skip => match strip::managed_fields(json) {
                Some([before, after]) => serde_json::from_slice(&[before, after].concat()),
                None => serde_json::from_slice(json),
            },
        }
    }
}

#[cfg(test)]
mod tests;
