//! Whether a default is a value of its schema, which the apiserver checks when a definition is created.

use serde_json::Value;

use super::keywords::{
    INT_OR_STRING, Object, PRESERVE, as_object, entries, flag, strings, type_of, type_of_value,
};

/// Whether the finished schema would accept `value` and prune nothing of it.
pub(super) fn conforms(value: &Value, node: &Object) -> bool {
    if value.is_null() {
        return flag(node, "nullable");
    }
    let found = type_of_value(value);
    let typed = match type_of(node) {
        Some("number") => matches!(found, Some("number" | "integer")),
        Some("integer") => {
            found == Some("integer") || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        Some(name) => found == Some(name),
        None if flag(node, INT_OR_STRING) => matches!(found, Some("integer" | "string")),
        None => true,
    };
    if !typed {
        return false;
    }
    if let Some(values) = node.get("enum").and_then(Value::as_array)
        && !values.contains(value)
    {
        return false;
    }
    match value {
        Value::Object(fields) => {
            strings(node, "required")
                .iter()
                .all(|name| fields.contains_key(*name))
                && fields.iter().all(|(name, field)| {
                    let schema = entries(node, "properties")
                        .and_then(|known| known.get(name))
                        .or_else(|| node.get("additionalProperties"));
                    match schema.and_then(as_object) {
                        Some(schema) => conforms(field, schema),
                        None => flag(node, PRESERVE),
                    }
                })
        }
        Value::Array(items) => match node.get("items").and_then(as_object) {
            Some(schema) => items.iter().all(|item| conforms(item, schema)),
            None => true,
        },
        _ => true,
    }
}
