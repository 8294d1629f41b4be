//! The applied configuration merged into the live object, and fields taken out of an object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::field_set::{FieldSet, PathElement};
use super::typed::{Fields, Form, Typed};

/// The live value with the applied one merged over it: leaves are replaced, objects and keyed lists joined.
pub fn merge(ty: Typed<'_>, live: Value, applied: &Value) -> Value {
    if is_empty(&live) && is_empty(applied) {
        return applied.clone();
    }
    match ty.form_of_both(Some(&live), Some(applied)) {
        Form::Leaf => applied.clone(),
        Form::Object(fields) => merge_objects(fields, live, applied),
        Form::Set => merge_lists(
            live,
            applied,
            |_, item| PathElement::Value(Box::new(item.clone())),
            |_, item| item.clone(),
        ),
        Form::Keyed(keyed) => merge_lists(
            live,
            applied,
            |i, item| keyed.element_or_index(i, item),
            |live, item| match live {
                Some(live) => merge(keyed.item, live, item),
                None => item.clone(),
            },
        ),
    }
}

/// Whether merging the applied value over the live one changes nothing; where that is hard to tell, it says no.
pub(super) fn covers(ty: Typed<'_>, live: &Value, applied: &Value) -> bool {
    match (ty.form_of_both(Some(live), Some(applied)), live, applied) {
        (Form::Object(fields), Value::Object(live), Value::Object(applied)) => {
            applied.iter().all(|(name, value)| {
                live.get(name)
                    .is_some_and(|live| covers(fields.get(name).0, live, value))
            })
        }
        (Form::Keyed(keyed), Value::Array(live), Value::Array(applied)) => {
            let same = |(i, (live, applied)): (usize, (&Value, &Value))| {
                keyed.element_or_index(i, live) == keyed.element_or_index(i, applied)
                    && covers(keyed.item, live, applied)
            };
            live.len() == applied.len() && live.iter().zip(applied).enumerate().all(same)
        }
        _ => live == applied,
    }
}

/// The value without these fields.
///
/// What loses everything stays, empty, unless its own field goes too.
pub fn remove(ty: Typed<'_>, value: &Value, fields: &FieldSet) -> Value {
    if fields.is_empty() {
        return value.clone();
    }
    match (ty.form(value), value) {
        (Form::Object(types), Value::Object(map)) => {
            let mut out = Map::new();
            for (name, value) in map {
                match fields.field(name) {
                    Some(node) if node.member => {}
                    Some(node) => {
                        out.insert(name.clone(), remove(types.get(name).0, value, &node.children));
                    }
                    None => {
                        out.insert(name.clone(), value.clone());
                    }
                }
            }
            out.into()
        }
        (Form::Set, Value::Array(items)) => remove_items(items, fields, |_, item| {
            (PathElement::Value(Box::new(item.clone())), None)
        }),
        (Form::Keyed(keyed), Value::Array(items)) => remove_items(items, fields, |i, item| {
            (keyed.element_or_index(i, item), Some(keyed.item))
        }),
        _ => value.clone(),
    }
}

fn merge_objects(fields: Fields<'_>, live: Value, applied: &Value) -> Value {
    let mut out = match live {
        Value::Object(live) => live,
        _ => Map::new(),
    };
    for (name, value) in applied.as_object().into_iter().flatten() {
        match out.get_mut(name) {
            Some(there) => *there = merge(fields.get(name).0, there.take(), value),
            None => drop(out.insert(name.clone(), value.clone())),
        }
    }
    out.into()
}

/// Joins two lists whose items are told apart.
///
/// The applied list's order holds for its own items. Items that only the live list has stay before the item they stood
/// before, as far as that item was not moved: the live list is read up to the next item that both have in the applied
/// order, and shared items that come too early in it are left to the applied list.
fn merge_lists(
    live: Value,
    applied: &Value,
    element: impl Fn(usize, &Value) -> PathElement,
    merged: impl Fn(Option<Value>, &Value) -> Value,
) -> Value {
    let index = |items: &[Value]| -> Vec<PathElement> {
        let items = items.iter().enumerate();
        items.map(|(i, item)| element(i, item)).collect()
    };
    let mut live_items = match live {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let applied_items = applied.as_array().map_or(&[][..], Vec::as_slice);
    let (live_keys, applied_keys) = (index(&live_items), index(applied_items));
    // Of items that stand twice the first is merged.
    let mut live_by_key: BTreeMap<&PathElement, usize> = BTreeMap::new();
    for (i, key) in live_keys.iter().enumerate() {
        live_by_key.entry(key).or_insert(i);
    }
    let applied_set: BTreeSet<&PathElement> = applied_keys.iter().collect();
    let mut shared = applied_keys
        .iter()
        .filter(|k| live_by_key.contains_key(k))
        .peekable();
    let mut out = Vec::with_capacity(live_items.len() + applied_items.len());
    let (mut l, mut r) = (0, 0);
    loop {
        while let Some(key) = live_keys.get(l) {
            if !applied_set.contains(key) {
                // What only the live list has keeps its place.
                out.push(live_items[l].take());
            } else if r < applied_keys.len() {
                match shared.peek() {
                    Some(awaited) if *awaited == key => break,
                    // A shared item other than the awaited one was moved.
                    Some(_) => {}
                    // A duplicate of what has been merged.
                    None => {
                        l += 1;
                        break;
                    }
                }
            }
            l += 1;
        }
        let Some(key) = applied_keys.get(r) else {
            break;
        };
        // Applied items do not stand twice, so that each live one is taken once.
        let there = live_by_key.get(key).map(|&i| live_items[i].take());
        out.push(merged(there, &applied_items[r]));
        r += 1;
        if shared.peek() == Some(&key) {
            shared.next();
            if live_keys.get(l) == Some(key) {
                l += 1;
            }
        }
    }
    Value::Array(out)
}

fn remove_items<'a>(
    items: &[Value],
    fields: &FieldSet,
    element: impl Fn(usize, &Value) -> (PathElement, Option<Typed<'a>>),
) -> Value {
    let mut out = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let (element, ty) = element(i, item);
        match (fields.node(&element), ty) {
            (Some(node), _) if node.member => {}
            (Some(node), Some(ty)) => out.push(remove(ty, item, &node.children)),
            _ => out.push(item.clone()),
        }
    }
    out.into()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::apply::testing::generated::specs_with_gaps;
    use crate::apply::testing::{Kind, thing};

    fn merged(live: Value, applied: Value) -> Value {
        let kind = Kind::of_all_forms();
        let ty = Typed::new(&kind.schema, kind.node);
        merge(ty, thing(live), &thing(applied))["spec"].clone()
    }

    fn letters(text: &str) -> Value {
        text.chars().map(|c| Value::from(c.to_string())).collect()
    }

    #[test]
    fn applied_items_keep_their_order_and_live_ones_their_place() {
        for (live, applied, out) in [
            ("abc", "xy", "abcxy"),
            ("abc", "xb", "axbc"),
            ("abc", "bx", "abcx"),
            ("abc", "xbya", "xbcya"),
            ("abc", "cba", "cba"),
            ("abc", "xay", "xabcy"),
            ("ac", "bcd", "abcd"),
            ("abcdef", "fxbyd", "acefxbyd"),
            ("abcxy", "cba", "cxyba"),
            ("acefxbyd", "fedcba", "fxyedcba"),
        ] {
            let sets = merged(json!({"set": letters(live)}), json!({"set": letters(applied)}));
            assert_eq!(sets["set"], letters(out), "{live} and {applied}");
            let named =
                |text: &str| -> Value { text.chars().map(|c| json!({"name": c.to_string()})).collect() };
            let lists = merged(json!({"ports": named(live)}), json!({"ports": named(applied)}));
            assert_eq!(lists["ports"], named(out), "{live} and {applied}");
        }
    }

    #[test]
    fn granular_values_are_joined_and_atomic_ones_replaced() {
        let both = |live: Value, applied: Value| (live, applied);
        for ((live, applied), out) in [
            (
                both(json!({"map": {"a": "1"}}), json!({"map": {"b": "2"}})),
                json!({"map": {"a": "1", "b": "2"}}),
            ),
            (
                both(json!({"atomicMap": {"a": "1"}}), json!({"atomicMap": {"b": "2"}})),
                json!({"atomicMap": {"b": "2"}}),
            ),
            (
                both(json!({"atomic": ["a"]}), json!({"atomic": ["b"]})),
                json!({"atomic": ["b"]}),
            ),
            (
                both(json!({"map": {"a": "1"}}), json!({"map": null})),
                json!({"map": {"a": "1"}}),
            ),
            (
                both(json!({"map": {}}), json!({"map": null})),
                json!({"map": null}),
            ),
            (
                both(json!({"set": ["a"]}), json!({"set": []})),
                json!({"set": ["a"]}),
            ),
            (both(json!({"n": 1}), json!({"n": null})), json!({"n": null})),
            (
                both(
                    json!({"open": {"a": {"b": 1}, "l": [1]}}),
                    json!({"open": {"a": {"c": 2}, "l": [2]}}),
                ),
                json!({"open": {"a": {"b": 1, "c": 2}, "l": [2]}}),
            ),
        ] {
            assert_eq!(merged(live, applied), out);
        }
    }

    proptest! {
        #[test]
        fn what_is_covered_stays_as_it_is((ty, [live, applied]) in specs_with_gaps()) {
            let kind = ty.kind();
            let ty = Typed::new(&kind.schema, kind.node);
            let (live, applied) = (thing(live), thing(applied));
            let merged = merge(ty, live.clone(), &applied);
            prop_assert!(!covers(ty, &live, &applied) || merged == live);
            prop_assert!(covers(ty, &merged, &merge(ty, merged.clone(), &merged)));
        }
    }

    #[test]
    fn a_missing_key_field_means_its_default() {
        let live = json!({"ports": [{"name": "a", "protocol": "TCP", "v": 1}]});
        let applied = json!({"ports": [{"name": "a", "v": 2}, {"name": "a", "protocol": "UDP"}]});
        let out =
            json!({"ports": [{"name": "a", "protocol": "TCP", "v": 2}, {"name": "a", "protocol": "UDP"}]});
        assert_eq!(merged(live, applied), out);
    }

    #[test]
    fn of_items_that_stand_twice_the_first_is_merged() {
        let live = json!({"ports": [{"name": "a", "v": 1}, {"name": "b"}, {"name": "a", "v": 2}]});
        let out = json!({"ports": [{"name": "a", "v": 1}, {"name": "b"}]});
        assert_eq!(merged(live, json!({"ports": [{"name": "a"}]})), out);
    }

    #[test]
    fn what_loses_everything_stays_empty() {
        let kind = Kind::of_all_forms();
        let ty = Typed::new(&kind.schema, kind.node);
        let value = thing(json!({"map": {"a": "1"}, "set": ["x"], "n": 1}));
        let mut fields = FieldSet::of_fields(&["spec.map.a", "spec.n"]);
        let item = PathElement::Value(Box::new("x".into()));
        fields.insert(&[PathElement::field("spec"), PathElement::field("set"), item]);
        assert_eq!(remove(ty, &value, &fields)["spec"], json!({"map": {}, "set": []}));
    }
}
