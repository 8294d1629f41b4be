//! Fields that the schema does not know, and fields that it fills in.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning>

use serde_json::{Map, Value};

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
            map.retain(|name, v| {
                let Some(field) = schema.field(name) else {
                    return true;
                };
                !v.is_null() || field.nullable || field.default.is_some()
            });
            for (name, v) in map {
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
            for (name, v) in map {
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
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                match schema.map(|s| below(s, name)) {
                    Some(Below::Known(field)) => prune(v, field, false, path, paths),
                    Some(Below::Kept) => {}
                    Some(Below::Unknown) | None => unknown.push((name.clone(), path.clone())),
                }
                path.truncate(length);
            }
            remove(map, unknown, paths);
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

fn remove(map: &mut Map<String, Value>, unknown: Vec<(String, String)>, paths: &mut Vec<String>) {
    for (name, path) in unknown {
        map.remove(&name);
        paths.push(path);
    }
}

/// What a schema says of a field.
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
}
