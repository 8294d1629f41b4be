//! The order of merged lists.
//!
//! Items of the patch stand in the patch's order, the others in their own. Between the two, an item of the list comes first
//! only where the item of the patch that is next was in the list too, and behind it: so what a patch adds stands in front.

use serde_json::{Map, Value};

use crate::schema::{NodeId, Schema};

use super::error::Error;
use super::list::{find, merge_field, merge_key, of_maps};
use super::map::{lookup, taken};
use super::{DIRECTIVE, SET_ELEMENT_ORDER};

/// Merges the lists for which a patch says an order, and takes them and the order out of the patch.
pub(super) fn merge_ordered_lists(
    schema: &Schema,
    node: NodeId,
    original: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
) -> Result<(), Error> {
    let prefix = SET_ELEMENT_ORDER.trim_end_matches('/');
    let directives: Vec<String> = patch
        .keys()
        .filter(|key| key.starts_with(prefix))
        .cloned()
        .collect();
    for directive in directives {
        let name = directive
            .strip_prefix(SET_ELEMENT_ORDER)
            .ok_or(Error::SetElementOrder)?
            .to_owned();
        let Some(order) = patch.remove(&directive) else {
            continue;
        };
        let order = list(order)?;
        let before = original.get(&name).cloned().map(list).transpose()?;
        let mut changes = match patch.get(&name) {
            Some(value) => Some(list(value.clone())?),
            None => None,
        };
        let field = lookup(schema, node, &name)?;
        let key = &*field.patch_merge_key;
        check(changes.as_deref().unwrap_or_default(), &order, key)?;
        let merged = match (&before, &mut changes) {
            (None, None) => continue,
            (Some(before), None) => before.clone(),
            (None, Some(changes)) => match taken(&mut Value::Array(std::mem::take(changes))) {
                Value::Array(items) => items,
                _ => Vec::new(),
            },
            (Some(before), Some(changes)) => merge_field(schema, field, before, changes, false)?,
        };
        let before = before.unwrap_or_default();
        let of_maps = of_maps(&[
            &before,
            patch
                .get(&name)
                .and_then(Value::as_array)
                .map_or(&[], Vec::as_slice),
        ])?;
        let arranged = arrange(merged, &order, &before, key, of_maps)?;
        original.insert(name.clone(), Value::Array(arranged));
        patch.remove(&name);
    }
    Ok(())
}

fn list(value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(items) => Ok(items),
        actual => Err(Error::Kind {
            expected: "[]interface {}",
            actual,
        }),
    }
}

/// Every item that a patch does not delete must be named in the order, and in that order.
fn check(patch: &[Value], order: &[Value], key: &str) -> Result<(), Error> {
    let mut places = order.iter();
    for item in patch
        .iter()
        .filter(|item| item.get(DIRECTIVE).is_none_or(|d| d != "delete"))
    {
        let name = if key.is_empty() {
            item
        } else {
            merge_key(item, key)?
        };
        let mut found = false;
        for place in places.by_ref() {
            let place = if key.is_empty() {
                place
            } else {
                merge_key(place, key)?
            };
            if place == name {
                found = true;
                break;
            }
        }
        if !found {
            return Err(Error::Order {
                patch: patch.to_vec().into(),
                order: order.to_vec().into(),
            });
        }
    }
    Ok(())
}

/// Brings merged items into order: `order` says that of the patch's items, `before` that of the others.
pub(super) fn arrange(
    merged: Vec<Value>,
    order: &[Value],
    before: &[Value],
    key: &str,
    of_maps: bool,
) -> Result<Vec<Value>, Error> {
    let mut patched = Vec::new();
    let mut others = Vec::new();
    for item in merged {
        let in_patch = match key {
            "" => order.contains(&item),
            key => find(order, key, merge_key(&item, key)?)?.is_some(),
        };
        if in_patch {
            patched.push(item)
        } else {
            others.push(item)
        }
    }
    if of_maps {
        for item in patched.iter().chain(order).chain(&others).chain(before) {
            merge_key(item, key)?;
        }
    }
    let place = |item: &Value, list: &[Value]| {
        let name = |item: &Value| {
            if of_maps {
                item.get(key).cloned()
            } else {
                Some(item.clone())
            }
        };
        list.iter().position(|other| name(other) == name(item))
    };
    patched.sort_by_key(|item| place(item, order));
    others.sort_by_key(|item| place(item, before));
    let mut out = Vec::new();
    let mut others = others.into_iter().peekable();
    for item in patched {
        let here = place(&item, before);
        while let Some(other) = others.next_if(|other| here.is_some() && place(other, before) < here) {
            out.push(other);
        }
        out.push(item);
    }
    out.extend(others);
    Ok(out)
}
