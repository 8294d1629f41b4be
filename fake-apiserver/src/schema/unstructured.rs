//! JSON that is a value already into the form of its type, as the server brings the result of a strategic merge patch or
//! of an apply back into its structs.
//!
//! The rules are looser than those of decoding, and the words are others.

use serde_json::Value;

use super::decode::{DecodeError, Decoded, decode, decode_field, decode_value, left_out};
use super::json::print;
use super::{Absent, NodeId, Scalar, Schema, Shape};

/// Reads a value of a type.
///
/// # Errors
/// See [`fit`].
pub fn convert(schema: &Schema, node: NodeId, mut value: Value) -> Result<Decoded, DecodeError> {
    fit(schema, node, &value).map_err(DecodeError::Value)?;
    wrap_integers(schema, node, &mut value);
    decode(schema, node, &print(&value))
}

/// Reads a value of which much is as in `old`, a value of the type that has been read before: that is not read again.
///
/// The value becomes what [`convert`] gives. `None` where something has to be said of it, or what the type prints in any
/// case was taken away: then all of it has to be read, which what was read already does no harm.
pub(crate) fn convert_changes(schema: &Schema, node: NodeId, old: &Value, value: &mut Value) -> Option<()> {
    match (&schema.node(node).shape, old, value) {
        (Shape::Struct(s), Value::Object(old), Value::Object(fields)) => {
            for (name, value) in fields.iter_mut() {
                let before = old.get(name);
                if before == Some(&*value) {
                    continue;
                }
                let field = s.field(name)?;
                let is_list_or_object = value.is_object() || value.is_array();
                match before.filter(|_| is_list_or_object) {
                    Some(before) => convert_changes(schema, field.node, before, value)?,
                    None => {
                        *value = read(schema, field.node, value, |text| {
                            decode_field(schema, field, text)
                        })?
                    }
                }
                if left_out(schema, field, value) {
                    return None;
                }
            }
            let mut gone = old.keys().filter(|name| !fields.contains_key(*name));
            let optional = |name: &String| s.field(name).is_some_and(|f| f.go.absent == Absent::Omitted);
            gone.all(optional).then_some(())
        }
        (Shape::Map { value: item, .. }, Value::Object(old), Value::Object(fields)) => {
            for (name, value) in fields {
                match old.get(name) {
                    Some(before) if *before == *value => {}
                    Some(before) => convert_changes(schema, *item, before, value)?,
                    None => *value = read(schema, *item, value, |text| whole(schema, *item, text))?,
                }
            }
            Some(())
        }
        (Shape::List { item, .. }, Value::Array(old), Value::Array(items)) => {
            for (i, value) in items.iter_mut().enumerate() {
                match old.get(i) {
                    Some(before) if *before == *value => {}
                    Some(before) => convert_changes(schema, *item, before, value)?,
                    None => *value = read(schema, *item, value, |text| whole(schema, *item, text))?,
                }
            }
            Some(())
        }
        (_, _, value) => {
            *value = read(schema, node, value, |text| whole(schema, node, text))?;
            Some(())
        }
    }
}

fn read(
    schema: &Schema,
    node: NodeId,
    value: &mut Value,
    decode: impl FnOnce(&[u8]) -> Option<Value>,
) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    fit(schema, node, value).ok()?;
    wrap_integers(schema, node, value);
    decode(&print(value))
}

/// Reads a value of which nothing is to be said.
fn whole(schema: &Schema, node: NodeId, text: &[u8]) -> Option<Value> {
    let Decoded { value, strict } = decode(schema, node, text).ok()?;
    (strict.is_empty() && !value.is_null()).then_some(value)
}

/// Whether a value can be brought into a type.
///
/// # Errors
/// The first value that cannot, in the server's words.
pub fn fit(schema: &Schema, node: NodeId, value: &Value) -> Result<(), String> {
    check(schema, node, value, "")
}

/// Brings integers into the range of their types, around which they go as in Go's conversion of numbers.
pub fn wrap_integers(schema: &Schema, node: NodeId, value: &mut Value) {
    match (&schema.node(node).shape, value) {
        (Shape::Struct(s), Value::Object(fields)) => {
            for (name, value) in fields {
                if let Some(field) = s.field(name) {
                    wrap_integers(schema, field.node, value);
                }
            }
        }
        (Shape::Map { value: item, .. }, Value::Object(fields)) => {
            fields
                .values_mut()
                .for_each(|value| wrap_integers(schema, *item, value));
        }
        (Shape::List { item, .. }, Value::Array(items)) => {
            items
                .iter_mut()
                .for_each(|value| wrap_integers(schema, *item, value));
        }
        (Shape::Scalar(scalar @ (Scalar::Int32 | Scalar::Int64)), Value::Number(n)) => {
            // What is outside every range comes out as the least integer.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole numbers within the range are cast"
            )]
            let whole = n.as_i64().unwrap_or_else(|| match n.as_f64() {
                Some(float) if (-9.2e18..9.2e18).contains(&float) => float as i64,
                _ => i64::MIN,
            });
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the server's conversion truncates just so"
            )]
            let short = whole as i32;
            *n = if *scalar == Scalar::Int32 {
                short.into()
            } else {
                whole.into()
            };
        }
        _ => {}
    }
}

/// Checks a value and everything in it; `named` is the name of a scalar's own type.
fn check(schema: &Schema, node: NodeId, value: &Value, named: &str) -> Result<(), String> {
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
        (Scalar::Bytes, Value::String(_)) => decode_value(schema, node, value)
            .map(drop)
            .map_err(|error| format!("error decoding from json: {error}")),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::builtin;

    fn converted(api_version: &str, kind: &str, object: Value) -> Result<Value, String> {
        let node = builtin().kind_of(api_version, kind).unwrap();
        let decoded = convert(builtin().schema(), node, object);
        decoded.map(|d| d.value).map_err(|e| e.to_string())
    }

    #[test]
    fn numbers_are_converted_as_numbers_not_as_text() {
        let deployment = |spec: Value| converted("apps/v1", "Deployment", json!({"spec": spec}));
        assert_eq!(
            deployment(json!({"replicas": 2.0})).unwrap()["spec"]["replicas"],
            2
        );
        let wrapped = deployment(json!({"replicas": 99_999_999_999_i64})).unwrap();
        assert_eq!(wrapped["spec"]["replicas"], 1_215_752_191);
        assert_eq!(
            deployment(json!({"replicas": 1.5})).unwrap_err(),
            "cannot convert float64 to int32"
        );
        let surge = json!({"strategy": {"rollingUpdate": {"maxSurge": 1.5}}});
        assert_eq!(
            deployment(surge).unwrap_err(),
            "json: cannot unmarshal number 1.5 into Go value of type int32"
        );
    }

    #[test]
    fn what_did_not_change_is_not_read_again() {
        let node = builtin().kind_of("apps/v1", "Deployment").unwrap();
        let schema = builtin().schema();
        let live = json!({"metadata": {"name": "d"}, "spec": {"replicas": 1, "template": {"spec": {
            "containers": [{"name": "a", "image": "i", "resources": {"limits": {"cpu": "1"}}}]}}}});
        let live = convert(schema, node, live).unwrap().value;
        let renewed = |change: fn(&mut Value)| {
            let mut value = live.clone();
            change(&mut value);
            let whole = convert(schema, node, value.clone()).map(|decoded| decoded.value);
            let read = convert_changes(schema, node, &live, &mut value).map(|()| value);
            (read, whole)
        };
        for change in [
            (|v| v["spec"]["replicas"] = json!(2.0)) as fn(&mut Value),
            |v| v["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] = json!(1.5),
            |v| v["metadata"]["labels"] = json!({"a": "b"}),
            |v| v["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([{"containerPort": 80}]),
        ] {
            let (read, whole) = renewed(change);
            assert_eq!(read, whole.ok());
            assert_ne!(read, Some(live.clone()));
        }
        // Something is to be said of these, or they leave nothing behind.
        for change in [
            (|v| v["spec"]["replicas"] = json!("x")) as fn(&mut Value),
            |v| v["spec"]["nope"] = json!(1),
            |v| v["spec"]["paused"] = json!(false),
            |v| drop(v["spec"].as_object_mut().unwrap().remove("strategy")),
        ] {
            assert_eq!(renewed(change).0, None);
        }
    }

    #[test]
    fn bytes_are_read_by_way_of_json() {
        let secret = |data: Value| converted("v1", "Secret", json!({"data": data}));
        assert_eq!(
            secret(json!({"k": "!"})).unwrap_err(),
            "error decoding from json: illegal base64 data at input byte 0"
        );
    }
}
