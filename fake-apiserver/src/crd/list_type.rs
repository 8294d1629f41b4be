//! Lists that are sets or maps hold no item twice.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::props::Props;
use crate::status::FieldError;

/// The items that stand twice, by path; `path` is that of `value`, empty at the root.
pub(super) fn validate(value: &Value, schema: &Props, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(value, schema, path, &mut errors);
    errors
}

fn walk(value: &Value, schema: &Props, path: &str, errors: &mut Vec<FieldError>) {
    if !schema.holds_lists {
        return;
    }
    match value {
        Value::Object(map) => {
            for (name, v) in map {
                if let Some(field) = schema.field(name).filter(|field| field.holds_lists) {
                    walk(v, field, &child(schema, path, name), errors);
                }
            }
        }
        Value::Array(items) => {
            match schema.list_type.as_deref() {
                Some("set") => twice(items, path, errors, Value::clone),
                Some("map") => twice(items, path, errors, |item| keys(item, schema)),
                _ => {}
            }
            if let Some(item) = schema.item() {
                for (i, v) in items.iter().enumerate() {
                    walk(v, item, &format!("{path}[{i}]"), errors);
                }
            }
        }
        _ => {}
    }
}

fn twice(items: &[Value], path: &str, errors: &mut Vec<FieldError>, identity: impl Fn(&Value) -> Value) {
    // By their JSON, so that long lists are no burden; each value is told once, at its second place.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        let identity = identity(item);
        let times = seen.entry(identity.to_string()).or_default();
        *times += 1;
        if *times == 2 {
            errors.push(FieldError::duplicate(format!("{path}[{i}]"), identity));
        }
    }
}

/// The keys of an item of a map; an absent key has its default.
pub(super) fn keys(item: &Value, schema: &Props) -> Value {
    let mut out = Map::new();
    for key in &schema.list_map_keys {
        let default = || {
            schema
                .item()
                .and_then(|i| i.properties.get(key))
                .and_then(|k| k.default.clone())
        };
        if let Some(value) = item.get(key).cloned().or_else(default) {
            out.insert(key.clone(), value);
        }
    }
    Value::Object(out)
}

/// The path of a field: named ones are joined by a dot, keys of maps stand in brackets.
pub(super) fn child(schema: &Props, path: &str, name: &str) -> String {
    if !schema.properties.contains_key(name) && schema.additional_schema().is_some() {
        return format!("{path}[{name}]");
    }
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_that_stand_twice_are_told_by_their_identity() {
        let schema = Props::parse(&json!({"type": "object", "properties": {
            "s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "m": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n", "p"],
                "items": {"type": "object", "properties": {"n": {"type": "string"},
                    "p": {"type": "string", "default": "TCP"}}}},
        }}));
        let value = json!({"s": ["a", "b", "a", "a"], "m": [{"n": "x"}, {"n": "x", "p": "UDP"}, {"n": "x", "p": "TCP"}]});
        let errors: Vec<String> = validate(&value, &schema, "")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            errors,
            [
                r#"m[2]: Duplicate value: {"n":"x","p":"TCP"}"#,
                r#"s[2]: Duplicate value: "a""#
            ]
        );
    }
}
