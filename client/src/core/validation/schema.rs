//! What a structural schema says of a value without rules.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::ValidationError;
use crate::core::cel::Reason;

/// Notes what is wrong with `value`, which stands at `path`.
///
/// Fields that the schema does not name are no error: a server drops them.
pub(super) fn check(schema: &Value, value: &Value, path: String, found: &mut Vec<ValidationError>) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    let mut say = |reason, message: String| {
        found.push(ValidationError {
            path: path.clone(),
            reason,
            message,
        })
    };
    if value.is_null() {
        if !is(schema, "nullable") && schema.contains_key("type") {
            say(Reason::FieldValueRequired, "must not be null".to_owned());
        }
        return;
    }
    if let Some(wanted) = wrong_type(schema, value) {
        return say(Reason::FieldValueInvalid, format!("must be of type {wanted}"));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        let known: Vec<String> = values.iter().map(Value::to_string).collect();
        say(
            Reason::FieldValueInvalid,
            format!("must be one of {}", known.join(", ")),
        );
    }
    match value {
        Value::String(text) => string(schema, text, &mut say),
        Value::Number(number) => self::number(schema, number, &mut say),
        Value::Array(items) => sizes(schema, "Items", items.len(), &mut say),
        Value::Object(fields) => sizes(schema, "Properties", fields.len(), &mut say),
        _ => {}
    }
    combinators(schema, value, &mut say);
    match value {
        Value::Array(items) => list(schema, items, &path, found),
        Value::Object(fields) => object(schema, fields, &path, found),
        _ => {}
    }
}

/// The type that the value should have, if it does not.
fn wrong_type<'s>(schema: &'s Map<String, Value>, value: &Value) -> Option<&'s str> {
    if is(schema, "x-kubernetes-int-or-string") {
        return (!value.is_string() && !is_integer(value)).then_some("integer or string");
    }
    let wanted = schema.get("type")?.as_str()?;
    let fits = match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => is_integer(value),
        _ => true,
    };
    (!fits).then_some(wanted)
}

/// Whole numbers are integers however they are written: JSON does not tell 1.0 from 1.
fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn string(schema: &Map<String, Value>, text: &str, say: &mut impl FnMut(Reason, String)) {
    sizes(schema, "Length", text.chars().count(), say);
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        match regex::Regex::new(pattern) {
            Ok(regex) if regex.is_match(text) => {}
            Ok(_) => say(Reason::FieldValueInvalid, format!("must match {pattern}")),
            Err(_) => say(
                Reason::FieldValueInvalid,
                format!("is held against a pattern that is none: {pattern}"),
            ),
        }
    }
}

fn number(schema: &Map<String, Value>, number: &serde_json::Number, say: &mut impl FnMut(Reason, String)) {
    let Some(value) = number.as_f64() else { return };
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let exact = |key: &str| schema.get(key).map(Value::to_string).unwrap_or_default();
    if let Some(least) = limit("minimum") {
        let exclusive = is(schema, "exclusiveMinimum");
        if value < least || (exclusive && value <= least) {
            let words = if exclusive {
                "must be above"
            } else {
                "must be at least"
            };
            say(Reason::FieldValueInvalid, format!("{words} {}", exact("minimum")));
        }
    }
    if let Some(most) = limit("maximum") {
        let exclusive = is(schema, "exclusiveMaximum");
        if value > most || (exclusive && value >= most) {
            let words = if exclusive {
                "must be below"
            } else {
                "must be at most"
            };
            say(Reason::FieldValueInvalid, format!("{words} {}", exact("maximum")));
        }
    }
    if let Some(step) = limit("multipleOf").filter(|step| *step > 0.0) {
        let steps = value / step;
        if (steps - steps.round()).abs() > f64::EPSILON * steps.abs() {
            say(
                Reason::FieldValueInvalid,
                format!("must be a multiple of {}", exact("multipleOf")),
            );
        }
    }
}

/// `minItems` and its kin: `what` is the end of the keywords' names.
fn sizes(schema: &Map<String, Value>, what: &str, size: usize, say: &mut impl FnMut(Reason, String)) {
    let units = match what {
        "Length" => "characters",
        "Items" => "items",
        _ => "fields",
    };
    let limit = |start: &str| schema.get(&format!("{start}{what}")).and_then(Value::as_u64);
    if let Some(least) = limit("min").filter(|least| (size as u64) < *least) {
        say(
            Reason::FieldValueInvalid,
            format!("must have at least {least} {units}"),
        );
    }
    if let Some(most) = limit("max").filter(|most| (size as u64) > *most) {
        say(
            Reason::FieldValueInvalid,
            format!("must have at most {most} {units}"),
        );
    }
}

/// `allOf` and its kin. Their branches restrict values, and what is wrong inside of one is told as one sentence.
fn combinators(schema: &Map<String, Value>, value: &Value, say: &mut impl FnMut(Reason, String)) {
    let fits = |branch: &Value| {
        let mut found = Vec::new();
        check(branch, value, String::new(), &mut found);
        found.is_empty()
    };
    let branches = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(all) = branches("allOf")
        && !all.iter().all(fits)
    {
        say(
            Reason::FieldValueInvalid,
            "must fit every schema of allOf".to_owned(),
        );
    }
    if let Some(all) = branches("anyOf")
        && !all.iter().any(fits)
    {
        say(Reason::FieldValueInvalid, "must fit a schema of anyOf".to_owned());
    }
    if let Some(all) = branches("oneOf") {
        let fitting = all.iter().filter(|branch| fits(branch)).count();
        if fitting != 1 {
            say(
                Reason::FieldValueInvalid,
                format!("must fit one schema of oneOf, and fits {fitting}"),
            );
        }
    }
    if let Some(not) = schema.get("not")
        && fits(not)
    {
        say(
            Reason::FieldValueInvalid,
            "must not fit the schema of not".to_owned(),
        );
    }
}

fn list(schema: &Map<String, Value>, items: &[Value], path: &str, found: &mut Vec<ValidationError>) {
    for (at, item) in items.iter().enumerate() {
        if let Some(schema) = schema.get("items") {
            check(schema, item, format!("{path}[{at}]"), found);
        }
    }
    let keys: Vec<&str> = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("set") => Vec::new(),
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            keys.into_iter().flatten().filter_map(Value::as_str).collect()
        }
        _ => return,
    };
    let mut seen = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        // As text, which for one schema's values differs where they do.
        let identity = if keys.is_empty() {
            item.to_string()
        } else {
            keys.iter()
                .map(|key| item.get(key).unwrap_or(&Value::Null).to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        if !seen.insert(identity) {
            found.push(ValidationError {
                path: format!("{path}[{at}]"),
                reason: Reason::FieldValueDuplicate,
                message: "is in the list already".to_owned(),
            });
        }
    }
}

fn object(
    schema: &Map<String, Value>,
    fields: &Map<String, Value>,
    path: &str,
    found: &mut Vec<ValidationError>,
) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            found.push(ValidationError {
                path: below(name),
                reason: Reason::FieldValueRequired,
                message: "is required".to_owned(),
            });
        }
    }
    let named = schema.get("properties").and_then(Value::as_object);
    for (name, field) in fields {
        match named.and_then(|named| named.get(name)) {
            Some(schema) => check(schema, field, below(name), found),
            None => {
                if let Some(schema) = schema.get("additionalProperties") {
                    check(schema, field, format!("{path}[{name}]"), found);
                }
            }
        }
    }
}

fn is(schema: &Map<String, Value>, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}
