//! Fields that the schema does not know, and fields that it fills in.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning>

use serde_json::Value;

use super::props::{Additional, Props};

/// The fields of every object, which no schema needs to name.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Removes fields that the schema does not know and returns their paths, sorted.
pub(super) fn unknown(object: &mut Value, schema: &Props) -> Vec<String> {
    let mut paths = Vec::new();
    prune(object, Some(schema), true, &mut String::new(), &mut paths);
    paths.sort();
    paths
}

/// Removes `null` from fields that are neither nullable nor filled in.
pub(super) fn nulls(value: &mut Value, schema: &Props) {
    match value {
        Value::Object(map) => {
            if map.values().any(Value::is_null) {
                map.retain(|name, v| {
                    let Some(field) = schema.field(name) else {
                        return true;
                    };
                    !v.is_null() || field.nullable || field.default.is_some()
                });
            }
            for (name, v) in map.iter_mut().filter(|(_, v)| holds_values(v)) {
                if let Some(field) = schema.field(name) {
                    nulls(v, field);
                }
            }
        }
        Value::Array(items) => {
            if let Some(item) = schema.item() {
                items.iter_mut().for_each(|v| nulls(v, item));
            }
        }
        _ => {}
    }
}

/// Fills in the defaults of absent fields, and of those whose `null` is none of their values.
pub(super) fn defaults(value: &mut Value, schema: &Props) {
    match value {
        Value::Object(map) => {
            for (name, field) in &schema.properties {
                if let Some(default) = &field.default
                    && map.get(name).is_none_or(|v| v.is_null() && !field.nullable)
                {
                    map.insert(name.clone(), default.clone());
                }
            }
            for (name, v) in map.iter_mut().filter(|(_, v)| v.is_null() || holds_values(v)) {
                let Some(field) = schema.field(name) else { continue };
                if let Some(default) = &field.default
                    && v.is_null()
                    && !field.nullable
                {
                    *v = default.clone();
                }
                defaults(v, field);
            }
        }
        Value::Array(items) => {
            let Some(item) = schema.item() else { return };
            for v in items {
                if let Some(default) = &item.default
                    && v.is_null()
                    && !item.nullable
                {
                    *v = default.clone();
                }
                defaults(v, item);
            }
        }
        _ => {}
    }
}

fn prune(
    value: &mut Value,
    schema: Option<&Props>,
    is_root: bool,
    path: &mut String,
    paths: &mut Vec<String>,
) {
    let length = path.len();
    match value {
        Value::Object(map) => {
            let keeps_meta = is_root || schema.is_some_and(|s| s.embedded);
            let mut unknown = Vec::new();
            for (name, v) in map.iter_mut() {
                if keeps_meta && META.contains(&name.as_str()) {
                    continue;
                }
                let below = schema.map(|s| below(s, name));
                match below {
                    Some(Below::Kept) => continue,
                    Some(Below::Known(_)) if !holds_values(v) => continue,
                    _ => {}
                }
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                if let Some(Below::Known(field)) = below {
                    prune(v, field, false, path, paths);
                } else {
                    unknown.push((name.clone(), path.clone()));
                }
                path.truncate(length);
            }
            for (name, path) in unknown {
                map.remove(&name);
                paths.push(path);
            }
        }
        Value::Array(items) => {
            // What an array without a schema holds is kept where the schema keeps unknown fields.
            if schema.is_some_and(|s| s.preserves() && s.item().is_none()) {
                return;
            }
            let item = schema.and_then(Props::item);
            for (i, v) in items.iter_mut().enumerate() {
                path.push_str(&format!("[{i}]"));
                prune(v, item, false, path, paths);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// Whether reading an object that was stored like this changes it: by a default that is not there, a `null` that is none
/// of its field's values, or a field that the schema does not know.
pub(super) fn is_settled(object: &Value, schema: &Props) -> bool {
    settled(object, Some(schema), true)
}

fn settled(value: &Value, schema: Option<&Props>, is_root: bool) -> bool {
    match value {
        Value::Object(map) => {
            let keeps_meta = is_root || schema.is_some_and(|s| s.embedded);
            let fields = schema.map(|s| &s.properties).into_iter().flatten();
            let mut fields = fields.filter(|(_, field)| field.default.is_some());
            fields.all(|(name, _)| map.contains_key(name))
                && map.iter().all(|(name, value)| {
                    let below = schema.map(|s| below(s, name));
                    match below {
                        _ if keeps_meta && META.contains(&name.as_str()) => true,
                        Some(Below::Known(Some(field))) if value.is_null() => field.nullable,
                        Some(Below::Known(field)) => settled(value, field, false),
                        Some(Below::Kept) => true,
                        Some(Below::Unknown) | None => false,
                    }
                })
        }
        Value::Array(items) => {
            let item = schema.and_then(Props::item);
            if item.is_none() && schema.is_some_and(Props::preserves) {
                return true;
            }
            items.iter().all(|value| match item {
                Some(item) if value.is_null() => item.nullable || item.default.is_none(),
                item => settled(value, item, false),
            })
        }
        _ => true,
    }
}

/// Whether other values are in a value.
fn holds_values(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// What a schema says of a field.
#[derive(Clone, Copy)]
enum Below<'a> {
    Known(Option<&'a Props>),
    Kept,
    Unknown,
}

fn below<'a>(schema: &'a Props, name: &str) -> Below<'a> {
    if let Some(field) = schema.field(name) {
        return Below::Known(Some(field));
    }
    match &schema.additional {
        _ if schema.preserves() => Below::Kept,
        Some(Additional::Allowed(_)) => Below::Known(None),
        _ => Below::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(v: Value) -> Props {
        Props::parse(&v)
    }

    #[test]
    fn unknown_fields_go_and_are_told_sorted() {
        let s = schema(
            json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
                "a": {"type": "integer"},
                "o": {"type": "object", "properties": {"x": {"type": "integer"}}},
                "l": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
                "keep": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                    "properties": {"p": {"type": "object"}}},
            }}}}),
        );
        let mut v = json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}, "zz": 1, "spec": {
            "a": 1, "zz": 2, "o": {"yy": 1}, "keep": {"free": {"x": 1}, "p": {"gone": 1}}, "l": [{"x": 1}, {"y": 1}]}});
        assert_eq!(
            unknown(&mut v, &s),
            ["spec.keep.p.gone", "spec.l[1].y", "spec.o.yy", "spec.zz", "zz"]
        );
        assert_eq!(
            v,
            json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}, "spec": {
                "a": 1, "o": {}, "keep": {"free": {"x": 1}, "p": {}}, "l": [{"x": 1}, {}]}})
        );
    }

    #[test]
    fn defaults_fill_absent_fields_and_nulls_that_are_none() {
        let s = schema(json!({"type": "object", "properties": {
            "a": {"type": "string", "default": "A"},
            "nul": {"type": "string", "default": "N", "nullable": true},
            "o": {"type": "object", "default": {"y": 1}, "properties": {"x": {"type": "integer", "default": 7}}},
            "m": {"type": "object", "additionalProperties": {"type": "object", "properties":
                {"d": {"type": "integer", "default": 1}}}},
            "l": {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string", "default": "item"}}}},
            "plain": {"type": "string"},
        }}));
        let mut v = json!({"a": null, "nul": null, "plain": null, "m": {"k": {}}, "l": [{}, null]});
        nulls(&mut v, &s);
        defaults(&mut v, &s);
        assert_eq!(
            v,
            json!({"a": "A", "nul": null, "o": {"x": 7, "y": 1}, "m": {"k": {"d": 1}}, "l": [{"k": "item"}, null]})
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_settled_is_read_as_it_is_stored(mut value in crate::apply::testing::json_values()) {
            let s = schema(json!({"type": "object", "properties": {
                "spec": {"type": "object", "properties": {
                    "a": {"type": "string", "default": "A"}, "b": {"type": "string", "nullable": true},
                    "c": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}},
                "map": {"type": "object", "additionalProperties": {"type": "object", "default": {}, "properties":
                    {"a": {"type": "integer"}}}},
                "set": {"type": "array", "items": {"type": "string", "default": "x"}},
                "ports": {"type": "array", "items": {"type": "object", "properties": {"b": {"default": 1}}}},
            }}));
            let read = |value: &mut Value| {
                nulls(value, &s);
                defaults(value, &s);
                unknown(value, &s);
            };
            for _ in 0..2 {
                let before = value.clone();
                read(&mut value);
                if is_settled(&before, &s) {
                    proptest::prop_assert_eq!(&value, &before);
                }
            }
            proptest::prop_assert!(is_settled(&value, &s), "{}", value);
        }
    }
}
