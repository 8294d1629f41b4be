//! What changed between two values of a type: the fields that were added, modified and removed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::field_set::{FieldSet, PathElement, compare_values};
use super::typed::{Fields, Form, Keyed, Typed};

/// The difference between two values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// What only the new value has; a container that appears is listed with what is in it.
    pub added: FieldSet,
    /// The leaves that both have and that differ.
    pub modified: FieldSet,
    /// What only the old value has.
    pub removed: FieldSet,
}

/// What became of one field itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Same,
    Added,
    Modified,
    Removed,
}

/// Compares two values of a type.
pub fn compare(ty: Typed<'_>, old: &Value, new: &Value) -> Delta {
    let mut out = Delta::default();
    if !std::ptr::eq(old, new) {
        walk(ty, Some(old), Some(new), &mut out);
    }
    out
}

// === impl Delta ===

impl Delta {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.modified.is_empty() && self.removed.is_empty()
    }

    fn push(&mut self, element: impl Fn() -> PathElement, mark: Mark, below: Self) {
        if mark == Mark::Added || !below.added.is_empty() {
            self.added.push(element(), mark == Mark::Added, below.added);
        }
        if mark == Mark::Modified || !below.modified.is_empty() {
            self.modified
                .push(element(), mark == Mark::Modified, below.modified);
        }
        if mark == Mark::Removed || !below.removed.is_empty() {
            self.removed.push(element(), mark == Mark::Removed, below.removed);
        }
    }
}

/// Fills `out` with what changed below, and returns what became of the value itself.
fn walk(ty: Typed<'_>, old: Option<&Value>, new: Option<&Value>, out: &mut Delta) -> Mark {
    let itself = match (old, new) {
        (None, None) => return Mark::Same,
        (None, Some(_)) => Mark::Added,
        (Some(_), None) => Mark::Removed,
        (Some(_), Some(_)) => Mark::Same,
    };
    // Two empty containers, or an empty one and null, differ as leaves do.
    if old.is_none_or(is_empty) && new.is_none_or(is_empty) {
        return leaf(itself, old, new);
    }
    match ty.form_of_both(old, new) {
        Form::Leaf => {
            // Where an object becomes something else, or the other way round, what is below goes or comes.
            if let (Some(o), Some(n)) = (old, new)
                && o.is_object() != n.is_object()
            {
                for (value, o, n) in [(o, old, None), (n, None, new)] {
                    if let Form::Object(fields) = ty.form(value) {
                        objects(fields, o, n, out);
                    }
                }
            }
            leaf(itself, old, new)
        }
        Form::Object(fields) => {
            objects(fields, old, new, out);
            itself
        }
        Form::Set => {
            items(
                old,
                new,
                |_, item| PathElement::Value(Box::new(item.clone())),
                None,
                out,
            );
            itself
        }
        Form::Keyed(keyed) => {
            items(
                old,
                new,
                |i, item| keyed.element_or_index(i, item),
                Some(keyed),
                out,
            );
            itself
        }
    }
}

fn leaf(itself: Mark, old: Option<&Value>, new: Option<&Value>) -> Mark {
    match (old, new) {
        (Some(o), Some(n)) if !compare_values(o, n).is_eq() => Mark::Modified,
        _ => itself,
    }
}

fn objects(fields: Fields<'_>, old: Option<&Value>, new: Option<&Value>, out: &mut Delta) {
    let (old, new) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
    let mut one = |name: &str, o: Option<&Value>, n: Option<&Value>| {
        let mut below = Delta::default();
        let mark = walk(fields.get(name).0, o, n, &mut below);
        out.push(|| PathElement::field(name), mark, below);
    };
    let mut left = old.into_iter().flatten().peekable();
    let mut right = new.into_iter().flatten().peekable();
    // Both maps are sorted by key.
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return,
            (Some((l, o)), Some((r, n))) if l == r => {
                // What is equal need not be looked at by its type.
                if o != n {
                    one(l, Some(o), Some(n));
                }
                left.next();
                right.next();
            }
            (Some((l, o)), r) if r.is_none_or(|(r, _)| l < r) => {
                one(l, Some(o), None);
                left.next();
            }
            (_, Some((r, n))) => {
                one(r, None, Some(n));
                right.next();
            }
            (Some(_), None) => return,
        }
    }
}

fn items(
    old: Option<&Value>,
    new: Option<&Value>,
    element: impl Fn(usize, &Value) -> PathElement,
    keyed: Option<Keyed<'_>>,
    out: &mut Delta,
) {
    let mut found: BTreeMap<PathElement, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
    for (i, item) in old.and_then(Value::as_array).into_iter().flatten().enumerate() {
        found.entry(element(i, item)).or_default().0.push(item);
    }
    for (i, item) in new.and_then(Value::as_array).into_iter().flatten().enumerate() {
        found.entry(element(i, item)).or_default().1.push(item);
    }
    for (element, (old, new)) in found {
        let mut below = Delta::default();
        let mark = match (old.as_slice(), new.as_slice()) {
            ([_, ..], []) if keyed.is_none() => Mark::Removed,
            ([], [_, ..]) if keyed.is_none() => Mark::Added,
            (o @ ([_] | []), n @ ([_] | [])) => match keyed {
                Some(k) => walk(k.item, o.first().copied(), n.first().copied(), &mut below),
                None => Mark::Same,
            },
            // A live object may hold duplicates; they are one field as long as nobody touches them.
            (o, n) if o == n => Mark::Same,
            (_, []) => Mark::Removed,
            ([], _) => Mark::Added,
            _ => Mark::Modified,
        };
        out.push(|| element.clone(), mark, below);
    }
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
    use serde_json::json;

    use super::*;
    use crate::apply::fields_v1;
    use crate::apply::testing::{Kind, thing};

    /// Added, modified and removed below `spec`.
    fn compared(old: Value, new: Value) -> [Value; 3] {
        let kind = Kind::of_all_forms();
        let delta = compare(Typed::new(&kind.schema, kind.node), &thing(old), &thing(new));
        [delta.added, delta.modified, delta.removed].map(|set| fields_v1::print(&set)["f:spec"].clone())
    }

    #[test]
    fn a_container_that_appears_is_listed_with_what_is_in_it() {
        let [added, modified, removed] =
            compared(json!({"n": 1}), json!({"n": 1, "map": {"a": "1"}, "set": ["x"]}));
        let fields = json!({"f:map": {".": {}, "f:a": {}}, "f:set": {".": {}, "v:\"x\"": {}}});
        assert_eq!((added, modified, removed), (fields, Value::Null, Value::Null));
    }

    #[test]
    fn leaves_are_compared_as_a_whole() {
        let [added, modified, removed] = compared(
            json!({"atomic": ["a"], "n": 1, "open": {"l": [1], "m": 1}}),
            json!({"atomic": ["a", "b"], "n": 1.0, "open": {"l": [2]}}),
        );
        assert_eq!(added, Value::Null);
        assert_eq!(modified, json!({"f:atomic": {}, "f:open": {"f:l": {}}}));
        assert_eq!(removed, json!({"f:open": {"f:m": {}}}));
    }

    #[test]
    fn null_is_the_container_that_takes_its_place() {
        let [added, modified, _] = compared(json!({"map": null}), json!({"map": {"a": "1"}}));
        assert_eq!((added, modified), (json!({"f:map": {"f:a": {}}}), Value::Null));
        let [_, modified, _] = compared(json!({"map": null}), json!({"map": {}}));
        assert_eq!(modified, json!({"f:map": {}}));
    }

    #[test]
    fn order_is_no_difference_and_duplicates_are_one_field() {
        let [a, m, r] = compared(json!({"set": ["x", "y"]}), json!({"set": ["y", "x"]}));
        assert_eq!((a, m, r), (Value::Null, Value::Null, Value::Null));
        let [_, m, _] = compared(
            json!({"ports": [{"name": "a"}]}),
            json!({"ports": [{"name": "a"}, {"name": "a"}]}),
        );
        assert_eq!(
            m,
            json!({"f:ports": {"k:{\"name\":\"a\",\"protocol\":\"TCP\"}": {}}})
        );
    }
}
