//! JSON as Go's `encoding/json` reads and writes it.
//!
//! The server's answers quote documents and syntax errors, and a JSON patch compares values by their text; so here text is
//! split without being interpreted, and values are written in the server's spelling. [`schema::json`](crate::schema::json)
//! says what is JSON at all.

mod number;
mod split;
#[cfg(test)]
mod tests;
mod write;

pub use number::float_text;
pub use split::{Parsed, array, object, parse, string};
pub use write::{compact, format, quote, write};
pub(super) use write::{put_compact, put_string};

/// What a JSON value is called in Go's errors (`string`, `number`, `object`, …), told by its first character.
pub fn kind_name(text: &str) -> &'static str {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "null",
        _ => "number",
    }
}
