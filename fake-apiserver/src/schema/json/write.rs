//! Values as JSON text.

use serde_json::Value;

/// Writes a string as JSON.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Strings always serialise, and writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, text);
    }
}

/// Writes a value as JSON.
pub(crate) fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (i, (name, field)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(out, name);
                out.push(b':');
                write(out, field);
            }
            out.push(b'}');
        }
        other => {
            // Numbers and words always serialise, and writing to a vector cannot fail.
            let _ = serde_json::to_writer(out, other);
        }
    }
}

/// Whether a string is the same in JSON, but for the quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    // Without a way out in between, it is done many bytes at a time.
    let special = |b: u8| (b < 0x20) | (b == b'"') | (b == b'\\');
    !text.bytes().fold(false, |found, b| found | special(b))
}

/// The text of a value.
pub(crate) fn print(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, value);
    out
}
