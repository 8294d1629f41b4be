//! What counts as the same answer, and where two answers part.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::normalise::mask_keys;

/// How long a value may be in a reported difference.
const SHOWN: usize = 160;

static AGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([0-9]+ \()?[0-9]+[ydhms]([0-9]+[ydhms])?( ago\))?$")
        .expect("the pattern is a literal that parses")
});

/// Where an answer first parts from the expected one, as one line.
///
/// Numbers are compared by value, managed fields and conditions without order, ages in a table's cells are all equal.
pub(crate) fn first_difference(expected: &Value, actual: &Value) -> Option<String> {
    at("", expected, actual)
}

/// The value without the members of these names, at any depth.
pub(crate) fn without(value: &Value, names: &[String]) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| !names.contains(key));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), without(value, names)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| without(item, names)).collect()),
        other => other.clone(),
    }
}

fn at(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::Object(e), Value::Object(a)) => {
            for (key, value) in e {
                if !a.contains_key(key) {
                    return Some(format!("{path}/{key}: missing (expected {})", short(value)));
                }
            }
            for (key, value) in a {
                if !e.contains_key(key) {
                    return Some(format!("{path}/{key}: unexpected {}", short(value)));
                }
            }
            e.iter()
                .find_map(|(key, value)| at(&format!("{path}/{key}"), value, &a[key]))
        }
        (Value::Array(e), Value::Array(a)) => {
            let (e, a) = (unordered(path, e), unordered(path, a));
            if e.len() != a.len() {
                return Some(format!(
                    "{}: expected {} entries, got {}",
                    shown(path),
                    e.len(),
                    a.len()
                ));
            }
            e.iter()
                .zip(a.iter())
                .enumerate()
                .find_map(|(i, (e, a))| at(&format!("{path}/{i}"), e, a))
        }
        (Value::Number(e), Value::Number(a)) if e == a || e.as_f64() == a.as_f64() => None,
        (Value::String(e), Value::String(a))
            if path.contains("/cells/") && AGE.is_match(e) && AGE.is_match(a) =>
        {
            None
        }
        (e, a) if e == a => None,
        (e, a) => Some(format!(
            "{}: expected {}, got {}",
            shown(path),
            short(e),
            short(a)
        )),
    }
}

/// Arrays whose order says nothing, sorted.
fn unordered<'a>(path: &str, items: &'a [Value]) -> Cow<'a, [Value]> {
    let text = |item: &Value, key: &str| {
        item.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if path.ends_with("/managedFields") {
        // The server sorts them by time to the second, then by manager.
        let mut items: Vec<_> = items.iter().map(mask_keys).collect();
        items.sort_by_cached_key(|item| (text(item, "operation"), item.to_string()));
        return items.into();
    }
    if path.ends_with("/status/conditions") {
        // Two controllers may race to add theirs first.
        let mut items = items.to_vec();
        items.sort_by_cached_key(|item| text(item, "type"));
        return items.into();
    }
    items.into()
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_by_the_rules() {
        for (path, a, b) in [
            ("", json!({"x": 1}), json!({"x": 1.0})),
            (
                "/metadata/managedFields",
                json!([{"manager": "a"}, {"manager": "b"}]),
                json!([{"manager": "b"}, {"manager": "a"}]),
            ),
            (
                "/status/conditions",
                json!([{"type": "A"}, {"type": "B"}]),
                json!([{"type": "B"}, {"type": "A"}]),
            ),
            ("/rows/0/cells/3", json!("5m3s"), json!("2 (4s ago)")),
        ] {
            assert_eq!(at(path, &a, &b), None);
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        for (a, b, expected) in [
            (json!({"x": 1}), json!({}), "/x: missing (expected 1)"),
            (json!({}), json!({"x": 1}), "/x: unexpected 1"),
            (json!([1]), json!([]), "/: expected 1 entries, got 0"),
            (
                json!({"x": [0, "5m"]}),
                json!({"x": [0, "6m"]}),
                "/x/1: expected \"5m\", got \"6m\"",
            ),
            (json!(null), json!(""), "/: expected null, got \"\""),
            (json!(1), json!(true), "/: expected 1, got true"),
        ] {
            assert_eq!(first_difference(&a, &b).as_deref(), Some(expected));
        }
    }
}
