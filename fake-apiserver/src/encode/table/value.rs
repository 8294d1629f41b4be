//! Reading an object that may lack anything.

use serde_json::{Value, json};

pub(super) use crate::pointer::{int, list, text};

/// The number of entries of a list or map.
pub(super) fn len(object: &Value, pointer: &str) -> usize {
    match object.pointer(pointer) {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(map)) => map.len(),
        _ => 0,
    }
}

pub(super) fn name(object: &Value) -> Value {
    json!(text(object, "/metadata/name"))
}

/// A scalar as text: strings as they are, numbers printed (quantities and int-or-strings may be either).
pub(super) fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// The texts at a pointer inside each item of a list, joined.
pub(super) fn join(items: &[Value], pointer: &str, separator: &str) -> String {
    let parts: Vec<&str> = items.iter().map(|item| text(item, pointer)).collect();
    parts.join(separator)
}

/// At most three of the parts, with a word on how many more there are.
pub(super) fn first_three(parts: &[String], none: &str) -> String {
    match parts.len() {
        0 => none.to_owned(),
        n @ 1..=3 => parts[..n].join(","),
        n => format!("{} + {} more...", parts[..3].join(","), n - 3),
    }
}
