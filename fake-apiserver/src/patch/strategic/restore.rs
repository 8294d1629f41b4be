//! Whether a value can be brought into a type, as the server brings the result of a patch back into its structs.
//!
//! The rules are looser than those of decoding, and the words are others.

use serde_json::Value;

use crate::schema::decode::decode_value;
use crate::schema::{NodeId, Scalar, Schema, Shape};

/// Checks a value and everything in it; `named` is the name of a scalar's own type.
pub(super) fn check(schema: &Schema, node: NodeId, value: &Value, named: &str) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    let kind = kind(value);
    match (&schema.node(node).shape, value) {
        (Shape::Any, _) => Ok(()),
        (Shape::Struct(fields), Value::Object(members)) => fields
            .fields
            .iter()
            .filter_map(|field| Some((field, members.get(&*field.name)?)))
            .try_for_each(|(field, value)| check(schema, field.node, value, &field.go.type_name)),
        (Shape::Struct(_), _) => Err(format!("cannot restore struct from: {kind}")),
        (Shape::Map { value, .. }, Value::Object(members)) => members
            .values()
            .try_for_each(|member| check(schema, *value, member, "")),
        (Shape::Map { .. }, _) => Err(format!("cannot restore map from {kind}")),
        (Shape::List { item, .. }, Value::Array(items)) => {
            items.iter().try_for_each(|value| check(schema, *item, value, ""))
        }
        (Shape::List { .. }, _) => Err(format!("cannot restore slice from {kind}")),
        (Shape::Scalar(scalar), value) => check_scalar(schema, node, *scalar, value, named),
    }
}

fn check_scalar(
    schema: &Schema,
    node: NodeId,
    scalar: Scalar,
    value: &Value,
    named: &str,
) -> Result<(), String> {
    let unrecognized = |name: &str| Err(format!("unrecognized type: {name}"));
    let mismatch = |name: &str| {
        let name = if named.is_empty() { name } else { named };
        Err(format!("cannot convert {} to {name}", kind(value)))
    };
    match (scalar, value) {
        (Scalar::String, Value::String(_)) | (Scalar::Bool, Value::Bool(_)) => Ok(()),
        // Go would make a character of an integer, which the server forbids.
        (Scalar::String, Value::Number(n)) if !n.is_f64() => mismatch("string"),
        (Scalar::String, _) => unrecognized("string"),
        (Scalar::Bool, _) => unrecognized("bool"),
        (Scalar::Int32 | Scalar::Int64, value) => {
            let name = if scalar == Scalar::Int32 { "int32" } else { "int64" };
            match value {
                Value::Number(n) if n.as_f64().is_some_and(|n| n.fract() == 0.0) => Ok(()),
                Value::Number(_) => mismatch(name),
                _ => unrecognized(name),
            }
        }
        (Scalar::Float, Value::Number(_)) => Ok(()),
        (Scalar::Float, _) => unrecognized("float64"),
        // These read their values themselves, and say the same as when decoding.
        _ => decode_value(schema, node, value)
            .map(drop)
            .map_err(|error| error.to_string()),
    }
}

/// The kind of a value, as Go's reflection calls it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}
