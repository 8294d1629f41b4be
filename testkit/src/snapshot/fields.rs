//! Where two values differ, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{FieldDiff, Placeholders, redact};

/// Fields of the metadata that name the object, or change without anybody's asking.
const UNTOLD: [&str; 6] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
];

/// The fields by which items of lists are recognised, the likeliest first.
const KEYS: [&str; 8] = [
    "name",
    "type",
    "uid",
    "key",
    "containerPort",
    "port",
    "mountPath",
    "ip",
];

/// What an object's fields changed by, in the order of paths.
pub(super) fn fields(old: &Value, new: &Value, uids: &mut Placeholders) -> Vec<FieldDiff> {
    differing(&told(old, uids), &told(new, uids))
}

/// What an added object has, each field as something added.
pub(super) fn added(object: &Value, uids: &mut Placeholders) -> Vec<FieldDiff> {
    let mut fields = Vec::new();
    leaves(&told(object, uids), "", &mut fields);
    fields
}

/// What fields changed by, where nobody needs to know which UID is whose.
pub(crate) fn changed(old: &Value, new: &Value) -> Vec<FieldDiff> {
    fields(old, new, &mut Placeholders::default())
}

/// Where two values differ as they are.
fn differing(old: &Value, new: &Value) -> Vec<FieldDiff> {
    let mut fields = Vec::new();
    differ(old, new, "", &mut fields);
    fields
}

/// The fields of an object that are told, with placeholders.
fn told(object: &Value, uids: &mut Placeholders) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        UNTOLD.iter().for_each(|field| drop(metadata.remove(*field)));
    }
    redact(&mut object, uids);
    object
}

/// Collects where two values differ, in the order of paths.
fn differ(old: &Value, new: &Value, path: &str, out: &mut Vec<FieldDiff>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                one_of(old.get(name), new.get(name), &member(path, name), out);
            }
        }
        (Value::Array(old), Value::Array(new)) if old != new => items(old, new, path, out),
        _ if old == new => {}
        _ => out.push(FieldDiff {
            path: path.to_owned(),
            old: Some(old.clone()),
            new: Some(new.clone()),
        }),
    }
}

/// A field that may be in one of the two only.
fn one_of(old: Option<&Value>, new: Option<&Value>, path: &str, out: &mut Vec<FieldDiff>) {
    match (old, new) {
        (Some(old), Some(new)) => differ(old, new, path, out),
        (None, None) => {}
        // A whole subtree came or went: its parts are told, so that no line is long.
        (Some(gone), None) => {
            let mut parts = Vec::new();
            leaves(gone, path, &mut parts);
            out.extend(parts.into_iter().map(|part| FieldDiff {
                old: part.new,
                new: None,
                path: part.path,
            }));
        }
        (None, Some(new)) => leaves(new, path, out),
    }
}

fn items(old: &[Value], new: &[Value], path: &str, out: &mut Vec<FieldDiff>) {
    if let Some(key) = KEYS
        .iter()
        .find(|key| identifies(key, old) && identifies(key, new))
    {
        let find = |items: &[Value], id: &Value| items.iter().find(|item| item[key] == *id).cloned();
        let gone = old.iter().filter(|item| find(new, &item[key]).is_none());
        for item in new.iter().chain(gone) {
            let id = &item[key];
            let path = format!("{path}[{key}={}]", bare(id));
            let side = |items| find(items, id).map(|item| beside(key, &item));
            one_of(side(old).as_ref(), side(new).as_ref(), &path, out);
        }
        let order = |items: &[Value], others: &[Value]| -> Vec<Value> {
            let both = items.iter().filter(|item| find(others, &item[key]).is_some());
            both.map(|item| item[key].clone()).collect()
        };
        let (was, is) = (order(old, new), order(new, old));
        if was != is {
            out.push(FieldDiff {
                path: format!("{path}[{key}]"),
                old: Some(was.into()),
                new: Some(is.into()),
            });
        }
        return;
    }
    let is_plain = |items: &[Value]| items.iter().all(|item| !item.is_object() && !item.is_array());
    if is_plain(old) && is_plain(new) {
        let (gone, added) = (lacking(old, new), lacking(new, old));
        if gone.is_empty() && added.is_empty() {
            // Only the order differs.
            out.push(FieldDiff {
                path: path.to_owned(),
                old: Some(old.to_vec().into()),
                new: Some(new.to_vec().into()),
            });
        }
        let path = format!("{path}[]");
        out.extend(gone.into_iter().map(|value| FieldDiff {
            path: path.clone(),
            old: Some(value),
            new: None,
        }));
        out.extend(added.into_iter().map(|value| FieldDiff {
            path: path.clone(),
            old: None,
            new: Some(value),
        }));
        return;
    }
    for place in 0..old.len().max(new.len()) {
        let path = format!("{path}[{place}]");
        one_of(old.get(place), new.get(place), &path, out);
    }
}

/// An item without the field that its path tells, unless it has nothing else.
fn beside(key: &str, item: &Value) -> Value {
    match item {
        Value::Object(fields) if fields.len() > 1 => {
            let mut rest: Map<String, Value> = fields.clone();
            rest.remove(key);
            rest.into()
        }
        _ => item.clone(),
    }
}

/// Whether all items are told apart by this field.
fn identifies(key: &str, items: &[Value]) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().all(|item| match item.get(key) {
        Some(id @ (Value::String(_) | Value::Number(_))) => seen.insert(id.to_string()),
        _ => false,
    })
}

/// The values of `these` that `those` lacks, counting repetitions.
fn lacking(these: &[Value], those: &[Value]) -> Vec<Value> {
    let mut left = those.to_vec();
    let lacking = these
        .iter()
        .filter(|value| match left.iter().position(|other| other == *value) {
            Some(place) => {
                left.remove(place);
                false
            }
            None => true,
        });
    lacking.cloned().collect()
}

/// The values beneath a path, each as something added. Empty objects and lists count as values.
fn leaves(value: &Value, path: &str, out: &mut Vec<FieldDiff>) {
    match value {
        // Metadata that is empty when its untold fields are gone says nothing.
        Value::Object(fields) if fields.is_empty() && path == "metadata" => {}
        Value::Object(fields) if !fields.is_empty() => {
            fields
                .iter()
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .for_each(|(name, child)| leaves(child, &member(path, name), out));
        }
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            let key = KEYS.iter().find(|key| identifies(key, list));
            for (place, item) in list.iter().enumerate() {
                let at = match key {
                    Some(key) => format!("{path}[{key}={}]", bare(&item[key])),
                    None => format!("{path}[{place}]"),
                };
                match key {
                    Some(key) => leaves(&beside(key, item), &at, out),
                    None => leaves(item, &at, out),
                }
            }
        }
        _ => out.push(FieldDiff {
            path: path.to_owned(),
            old: None,
            new: Some(value.clone()),
        }),
    }
}

/// A path and a field of what is there; names with dots and the like are quoted.
fn member(path: &str, name: &str) -> String {
    let is_simple = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match (is_simple, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{}]", Value::from(name)),
    }
}

fn bare(id: &Value) -> String {
    match id {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(old: Value, new: Value, expect: &[&str]) {
        let lines: Vec<String> = differing(&old, &new).iter().map(FieldDiff::to_string).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn fields_are_told_by_their_paths() {
        check(
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"b": 1, "c": 3}}),
            &["a.c: 2 → 3"],
        );
        check(
            json!({"a": 1}),
            json!({"b": {"c": {}}}),
            &["a: removed 1", "b.c: added {}"],
        );
        check(
            json!({"labels": {"app.example.com/name": "x"}}),
            json!({"labels": {}}),
            &[r#"labels["app.example.com/name"]: removed "x""#],
        );
        check(json!({"a": null}), json!({"a": [1]}), &["a: null → [1]"]);
    }

    #[test]
    fn items_with_names_are_compared_by_them() {
        check(
            json!({"c": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}),
            json!({"c": [{"name": "new", "image": "1"}, {"name": "b", "image": "2"}]}),
            &[
                r#"c[name=new].image: added "1""#,
                r#"c[name=b].image: "1" → "2""#,
                r#"c[name=a].image: removed "1""#,
            ],
        );
        check(
            json!({"c": [{"name": "a"}, {"name": "b"}]}),
            json!({"c": [{"name": "b"}, {"name": "a"}]}),
            &[r#"c[name]: ["a","b"] → ["b","a"]"#],
        );
    }

    #[test]
    fn plain_lists_are_compared_as_sets_and_others_by_place() {
        check(
            json!({"f": ["a", "b", "b"]}),
            json!({"f": ["b", "c"]}),
            &[r#"f[]: removed "a""#, r#"f[]: removed "b""#, r#"f[]: added "c""#],
        );
        check(
            json!({"f": ["a", "b"]}),
            json!({"f": ["b", "a"]}),
            &[r#"f: ["a","b"] → ["b","a"]"#],
        );
        check(
            json!({"r": [{"x": {"y": 1}}]}),
            json!({"r": [{"x": {"y": 2}}, {"x": {"y": 3}}]}),
            &["r[0].x.y: 1 → 2", "r[1].x.y: added 3"],
        );
    }
}
