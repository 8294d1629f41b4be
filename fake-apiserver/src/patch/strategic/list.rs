//! Merges lists: scalars as sets, objects by their merge key.

use serde_json::{Map, Value};

use crate::schema::{Field, NodeId, Schema, Shape};

use super::error::{Error, go_type};
use super::{DIRECTIVE, map, order};

/// Merges the patch of a list field into the list: by the field's strategy, or as one value.
pub(super) fn merge_field(
    schema: &Schema,
    field: &Field,
    original: &[Value],
    patch: &mut [Value],
    deletes: bool,
) -> Result<Vec<Value>, Error> {
    if !field.patch_merge && !deletes {
        return Ok(patch.to_vec());
    }
    if original.is_empty() && patch.is_empty() {
        return Ok(Vec::new());
    }
    let key = &*field.patch_merge_key;
    if !of_maps(&[original, patch])? {
        if deletes {
            return Ok(original
                .iter()
                .filter(|item| !patch.contains(item))
                .cloned()
                .collect());
        }
        let mut merged: Vec<Value> = Vec::new();
        for item in original.iter().chain(&*patch) {
            if !merged.contains(item) {
                merged.push(item.clone());
            }
        }
        return order::arrange(merged, patch, original, key, false);
    }
    if key.is_empty() {
        return Err(Error::NoKeyInType);
    }
    let (mut original, mut patch) = apply_item_directives(original, patch, key)?;
    let before = original.clone();
    merge_items(
        schema,
        item_type(schema, field.node),
        &mut original,
        &mut patch,
        key,
    )?;
    order::arrange(original, &patch, &before, key, true)
}

fn item_type(schema: &Schema, node: NodeId) -> NodeId {
    match schema.node(node).shape {
        Shape::List { item, .. } => item,
        // A value that is a list in spite of its type finds no fields below.
        _ => node,
    }
}

/// Takes the items that are directives out of a patch: what stays of the list, and what stays of the patch.
fn apply_item_directives(
    original: &[Value],
    patch: &[Value],
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), Error> {
    let mut original = original.to_vec();
    let mut rest = Vec::new();
    let mut replaces = false;
    for item in patch {
        let directive = match item.get(DIRECTIVE) {
            None => {
                rest.push(item.clone());
                continue;
            }
            Some(directive) => directive,
        };
        match directive.as_str() {
            Some("delete") => {
                let gone = merge_key(item, key)?;
                let mut kept = Vec::new();
                for candidate in original {
                    if merge_key(&candidate, key)? != gone {
                        kept.push(candidate);
                    }
                }
                original = kept;
            }
            Some("replace") => replaces = true,
            Some("merge") => return Err(Error::MergeDirective),
            _ => {
                return Err(Error::UnknownDirective {
                    directive: directive.clone(),
                    map: item.clone(),
                });
            }
        }
    }
    Ok(if replaces {
        (rest, Vec::new())
    } else {
        (original, rest)
    })
}

/// Merges each item of a patch into the item with the same key, or adds it.
fn merge_items(
    schema: &Schema,
    item: NodeId,
    original: &mut Vec<Value>,
    patch: &mut [Value],
    key: &str,
) -> Result<(), Error> {
    for patch in patch {
        let name = merge_key(patch, key)?.clone();
        match find(original, key, &name)? {
            None => original.push(map::taken(patch)),
            Some(index) => {
                let before = original[index]
                    .as_object_mut()
                    .map(std::mem::take)
                    .unwrap_or_default();
                let mut empty = Map::new();
                let patch = patch.as_object_mut().unwrap_or(&mut empty);
                original[index] = Value::Object(map::merge(schema, item, before, patch)?);
            }
        }
    }
    Ok(())
}

/// Where the item is that has this merge key.
pub(super) fn find(items: &[Value], key: &str, name: &Value) -> Result<Option<usize>, Error> {
    for (index, item) in items.iter().enumerate() {
        let item = item.as_object().ok_or(Error::NotAMap(index))?;
        if item.get(key) == Some(name) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The merge key of an item.
pub(super) fn merge_key<'a>(item: &'a Value, key: &str) -> Result<&'a Value, Error> {
    let Value::Object(members) = item else {
        return Err(Error::Kind {
            expected: "map[string]interface {}",
            actual: item.clone(),
        });
    };
    members.get(key).ok_or_else(|| Error::NoMergeKey {
        item: item.clone(),
        key: key.to_owned(),
    })
}

/// Whether the items are objects; all must be of one kind, and no lists.
pub(super) fn of_maps(lists: &[&[Value]]) -> Result<bool, Error> {
    let mut items = lists.iter().copied().flatten();
    let first = items.next().ok_or(Error::NoItems)?;
    if first.is_array() {
        return Err(Error::ListOfLists);
    }
    if items.any(|item| go_type(item) != go_type(first)) {
        let lists = lists.iter().map(|list| Value::Array(list.to_vec())).collect();
        return Err(Error::MixedItems(Value::Array(lists)));
    }
    Ok(first.is_object())
}
