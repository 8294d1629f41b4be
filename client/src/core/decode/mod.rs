//! Bytes into values, as they arrive.
//!
//! [`ListDecoder`] yields a list's items one by one, [`WatchDecoder`] a watch's events, both from chunks that may be cut anywhere.
//!
//! **Invariant:** nothing is read twice and nothing kept that was read: the memory in use is one window and the value being decoded, not
//! the body. The window holds an item that is cut by a chunk's end, at most twice its size, and up to 256 KiB in reserve.
//!
//! A value that lies whole in a chunk is parsed where it lies, and its end is where the parser stopped. Only where a chunk cuts a value, or the parser
//! objects, is the end looked for by counting brackets; what is said of a faulty value is therefore the same however the bytes were cut.
//!
//! Reading order: `word.rs` finds where strings end; `reader.rs` reads a value and passes over managed fields; `scan.rs` finds where a JSON value ends; `window.rs` holds the bytes between two chunks;
//! `members.rs` splits one object that is whole; then the decoders.

mod list;
mod members;
mod reader;
mod scan;
mod watch;
mod window;
mod word;

pub use list::{ListDecoder, ListEnd};
pub use watch::WatchDecoder;

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

use self::reader::{Lengths, Reader};

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
        match str::from_utf8(json) {
            Ok(text) => reader::read(text, self.managed_fields),
            // The parser says where the fault is, and need not be compiled for every type to say so.
            Err(error) => Err(serde_json::from_slice::<Value>(json)
                .err()
                .unwrap_or_else(|| serde_json::Error::custom(error))),
        }
    }

    /// Decodes what the text begins with, as far as `read` reads it, and says how long it is; nothing unless all is well.
    fn leading<T>(
        &self,
        text: &[u8],
        lengths: &mut Lengths,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, serde_json::Error>,
    ) -> Option<(T, usize)> {
        // Looked at once, instead of string by string. A chunk may end within a character.
        let text = match str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => str::from_utf8(&text[..error.valid_up_to()]).ok()?,
        };
        let mut reader = Reader::new(text, self.managed_fields, *lengths);
        let value = read(&mut reader).ok();
        *lengths = reader.lengths();
        Some((value?, reader.offset()))
    }

    /// Decodes the object that `text` begins with, and says how long it is; nothing unless all is well.
    fn leading_object<T: DeserializeOwned>(&self, text: &[u8], lengths: &mut Lengths) -> Option<(T, usize)> {
        // Anything else may go on behind the text, as a number does.
        if text.first() != Some(&b'{') {
            return None;
        }
        self.leading(text, lengths, |reader| T::deserialize(reader))
    }
}

/// Decodes one document.
///
/// # Errors
/// If it is not a `T`.
#[cfg(feature = "client")]
pub(crate) fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    Decode::default().object(json)
}

#[cfg(test)]
mod tests;
