//! Merges maps: field by field, with the directives that stand among the fields.

use serde_json::{Map, Value};

use crate::schema::{Field, NodeId, Schema, Shape};

use super::error::{Error, go_type};
use super::{DELETE_FROM_LIST, DIRECTIVE, RETAIN_KEYS, SET_ELEMENT_ORDER, list, order};

/// Merges a patch into a map of the type `node`; takes out of the patch what it has dealt with beforehand.
pub(super) fn merge(
    schema: &Schema,
    node: NodeId,
    mut original: Map<String, Value>,
    patch: &mut Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                Ok(patch.clone())
            }
            Some("delete") => Ok(Map::new()),
            _ => Err(Error::UnknownDirective {
                directive: directive.clone(),
                map: Value::Object(patch.clone()),
            }),
        };
    }
    retain_keys(&mut original, patch)?;
    order::merge_ordered_lists(schema, node, &mut original, patch)?;
    for (key, value) in patch {
        merge_member(schema, node, &mut original, key, value)?;
    }
    Ok(original)
}

fn merge_member(
    schema: &Schema,
    node: NodeId,
    original: &mut Map<String, Value>,
    key: &str,
    value: &mut Value,
) -> Result<(), Error> {
    let deletes = key.strip_prefix(DELETE_FROM_LIST);
    if deletes.is_none() && key.starts_with(DELETE_FROM_LIST.trim_end_matches('/')) {
        return Err(Error::DeleteFromList);
    }
    let key = deletes.unwrap_or(key);
    if value.is_null() {
        original.remove(key);
        return Ok(());
    }
    let before = match original.get_mut(key) {
        Some(before) if go_type(before) == go_type(value) => before,
        // Nothing to delete from.
        _ if deletes.is_some() => return Ok(()),
        _ => {
            original.insert(key.to_owned(), taken(value));
            return Ok(());
        }
    };
    match (before, value) {
        (Value::Object(before), Value::Object(patch)) => {
            let field = lookup(schema, node, key)?;
            *before = match field.patch_replace {
                true => patch.clone(),
                false => merge(schema, field.node, std::mem::take(before), patch)?,
            };
        }
        (Value::Array(before), Value::Array(patch)) => {
            let field = lookup(schema, node, key)?;
            *before = list::merge_field(schema, field, before, patch, deletes.is_some())?;
        }
        (before, value) => *before = value.clone(),
    }
    Ok(())
}

/// Keeps only the fields that `$retainKeys` names.
fn retain_keys(original: &mut Map<String, Value>, patch: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else {
        return Ok(());
    };
    let retained = retained.as_array().ok_or(Error::RetainKeys)?;
    let is_retained = |key: &str| retained.iter().any(|name| name == key);
    for (key, value) in patch.iter() {
        let about_a_list = key.starts_with(DELETE_FROM_LIST) || key.starts_with(SET_ELEMENT_ORDER);
        if !value.is_null() && !about_a_list && !is_retained(key) {
            return Err(Error::RetainKeys);
        }
    }
    original.retain(|key, _| is_retained(key));
    Ok(())
}

/// The field of a type. The values of a map have no strategies of their own, so nothing in them can be merged.
pub(super) fn lookup<'a>(schema: &'a Schema, node: NodeId, key: &str) -> Result<&'a Field, Error> {
    let node = schema.node(node);
    let no_such_field = |structure: &str| Error::NoSuchField {
        structure: structure.rsplit('.').next().unwrap_or_default().to_owned(),
        field: key.to_owned(),
    };
    match &node.shape {
        Shape::Struct(s) => s.field(key).ok_or_else(|| no_such_field(&node.type_name)),
        Shape::Map { .. } => Err(Error::NotAStruct("map")),
        Shape::List { .. } => Err(Error::NotAStruct("slice")),
        _ if node.type_name.is_empty() => Err(no_such_field("RawExtension")),
        _ => Err(no_such_field(&node.type_name)),
    }
}

/// A value of the patch for which the object has no counterpart: its nulls and directives mean nothing any more.
///
/// The nulls go from the patch itself too, as later errors show.
pub(super) fn taken(value: &mut Value) -> Value {
    drop_nulls(value);
    without_directives(value)
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, v| !v.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn without_directives(value: &Value) -> Value {
    let is_directive = |key: &str| {
        matches!(key, DIRECTIVE | RETAIN_KEYS)
            || key.starts_with(SET_ELEMENT_ORDER)
            || key.starts_with(DELETE_FROM_LIST)
    };
    match value {
        Value::Object(members) if members.get(DIRECTIVE).is_some_and(|d| d == "delete") => {
            Value::Object(Map::new())
        }
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| !is_directive(key));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), without_directives(value)))
                    .collect(),
            )
        }
        Value::Array(items) => {
            let kept = items.iter().filter(|item| item.get(DIRECTIVE).is_none());
            Value::Array(kept.map(without_directives).collect())
        }
        other => other.clone(),
    }
}
