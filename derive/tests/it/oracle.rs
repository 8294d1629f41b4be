//! A second reading of structural schemas: which values a server accepts, and what pruning leaves of them.
//!
//! Written from the Kubernetes documentation for these tests alone, so that it shares no mistake with what it judges.

use serde_json::{Map, Value};

/// Why the server would refuse the value or change it; empty if it would keep it as it is.
pub(crate) fn complaints(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    structure(value, schema, "", &mut found);
    if !valid(value, schema) {
        found.push(format!("{value} breaks a validation of {schema}"));
    }
    found
}

/// Types and pruning, which combinators have no part in.
fn structure(value: &Value, schema: &Value, path: &str, found: &mut Vec<String>) {
    if value.is_null() {
        if schema["nullable"] != true {
            found.push(format!("{path}: null is dropped"));
        }
        return;
    }
    let open = schema["x-kubernetes-preserve-unknown-fields"] == true;
    let typed = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some(other) => panic!("{path}: type {other}"),
        None if schema["x-kubernetes-int-or-string"] == true => {
            value.is_string() || value.is_i64() || value.is_u64()
        }
        None => open,
    };
    if !typed {
        found.push(format!("{path}: {value} is not of type {}", schema["type"]));
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let inner = schema["properties"]
                    .get(name)
                    .or_else(|| schema.get("additionalProperties"));
                match inner {
                    Some(inner) => structure(field, inner, &format!("{path}.{name}"), found),
                    None if open => {}
                    None => found.push(format!("{path}.{name} is pruned")),
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter().filter(|_| schema.get("items").is_some()) {
                structure(item, &schema["items"], &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

/// Value validations.
fn valid(value: &Value, schema: &Value) -> bool {
    let none = Map::new();
    let schema = schema.as_object().unwrap_or(&none);
    schema.iter().all(|(key, expected)| match (key.as_str(), value) {
        ("enum", _) => expected.as_array().unwrap().contains(value),
        // The server looks at type and enum of null, and at nothing else.
        (_, Value::Null) => true,
        ("allOf", _) => expected.as_array().unwrap().iter().all(|one| valid(value, one)),
        ("anyOf", _) => expected.as_array().unwrap().iter().any(|one| valid(value, one)),
        ("oneOf", _) => {
            expected
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| valid(value, one))
                .count()
                == 1
        }
        ("not", _) => !valid(value, expected),
        ("required", Value::Object(fields)) => expected
            .as_array()
            .unwrap()
            .iter()
            .all(|name| fields.contains_key(name.as_str().unwrap())),
        ("properties", Value::Object(fields)) => fields
            .iter()
            .all(|(name, field)| expected.get(name).is_none_or(|inner| valid(field, inner))),
        ("additionalProperties", Value::Object(fields)) => {
            fields.values().all(|field| valid(field, expected))
        }
        ("items", Value::Array(items)) => items.iter().all(|item| valid(item, expected)),
        ("minItems", Value::Array(items)) => items.len() as u64 >= expected.as_u64().unwrap(),
        ("maxItems", Value::Array(items)) => items.len() as u64 <= expected.as_u64().unwrap(),
        ("minLength", Value::String(text)) => text.chars().count() as u64 >= expected.as_u64().unwrap(),
        ("maxLength", Value::String(text)) => text.chars().count() as u64 <= expected.as_u64().unwrap(),
        ("minimum", Value::Number(number)) => {
            let (number, limit) = (number.as_f64().unwrap(), expected.as_f64().unwrap());
            if schema.get("exclusiveMinimum") == Some(&true.into()) {
                number > limit
            } else {
                number >= limit
            }
        }
        ("maximum", Value::Number(number)) => {
            let (number, limit) = (number.as_f64().unwrap(), expected.as_f64().unwrap());
            if schema.get("exclusiveMaximum") == Some(&true.into()) {
                number < limit
            } else {
                number <= limit
            }
        }
        _ => true,
    })
}
