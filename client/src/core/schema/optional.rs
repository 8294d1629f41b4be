//! Transforms for optional values in schemas that are otherwise left as schemars made them.
//!
//! [`StructuralSchemaRewriter`](super::StructuralSchemaRewriter) does what these two do and needs neither.

use schemars::{
    Schema,
    transform::{Transform, transform_subschemas},
};
use serde_json::Value;

use super::keywords::{INT_OR_STRING, Object, as_object, flag, strings};

/// Turns "this schema or null" into the schema with `nullable: true`, in all subschemas.
#[derive(Clone, Copy, Debug, Default)]
pub struct OptionalEnum;

impl Transform for OptionalEnum {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(node) = schema.as_object_mut() {
            fold_optional(node);
        }
    }
}

fn fold_optional(node: &mut Object) {
    let Some(Value::Array(alternatives)) = node.get("anyOf") else {
        return;
    };
    let [one, other] = alternatives.as_slice() else {
        return;
    };
    let kept = match (is_only_null(one), is_only_null(other)) {
        (false, true) => one,
        (true, false) => other,
        _ => return,
    };
    let Some(kept) = as_object(kept).cloned() else {
        return;
    };
    node.remove("anyOf");
    for (key, value) in kept {
        node.entry(key).or_insert(value);
    }
    node.insert("nullable".into(), true.into());
}

fn is_only_null(schema: &Value) -> bool {
    schema.get("type") == Some(&"null".into())
        || schema.get("const") == Some(&Value::Null)
        || schema
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|values| values.as_slice() == [Value::Null])
}

/// Adds `nullable: true` to int-or-string fields that are not required, in all subschemas.
#[derive(Clone, Copy, Debug, Default)]
pub struct OptionalIntOrString;

impl Transform for OptionalIntOrString {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(node) = schema.as_object_mut() else {
            return;
        };
        let required: Vec<String> = strings(node, "required").into_iter().map(Into::into).collect();
        let Some(Value::Object(fields)) = node.get_mut("properties") else {
            return;
        };
        for (name, field) in fields {
            if let Value::Object(field) = field
                && flag(field, INT_OR_STRING)
                && !required.contains(name)
            {
                field.insert("nullable".into(), true.into());
            }
        }
    }
}
