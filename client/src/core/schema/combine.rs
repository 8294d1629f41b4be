//! How several schemas become one: all of them (`intersect`) or any of them (`union`).
//!
//! A structural schema states the shape of a value once, outside of combinators. Both operations therefore merge the
//! shapes first and then say, in combinators that hold value validations only, what the merged shape lost.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::keywords::{
    EMBEDDED, INT_OR_STRING, JUNCTORS, LIST_MAP_KEYS, LIST_TYPE, MAP_TYPE, Object, PRESERVE, VALIDATIONS,
    VALUE_VALIDATIONS, as_object, entries, flag, infer_type, is_any, is_null, plain, strings,
};

/// The schema that both `a` and `b` must accept; where they annotate differently, `a` is right.
pub(super) fn intersect(mut a: Object, mut b: Object) -> Object {
    tighten_bounds(&mut a, &mut b);
    for (key, theirs) in b {
        let Some(ours) = a.get_mut(&key) else {
            a.insert(key, theirs);
            continue;
        };
        match (key.as_str(), ours, theirs) {
            ("properties", Value::Object(ours), Value::Object(theirs)) => {
                for (name, schema) in theirs {
                    match ours.remove(&name) {
                        Some(existing) => ours.insert(name, intersect_values(existing, schema)),
                        None => ours.insert(name, schema),
                    };
                }
            }
            ("items" | "additionalProperties", ours, theirs) => {
                *ours = intersect_values(ours.take(), theirs);
            }
            ("required", Value::Array(ours), Value::Array(theirs)) => {
                for name in theirs {
                    if !ours.contains(&name) {
                        ours.push(name);
                    }
                }
            }
            ("allOf" | VALIDATIONS, Value::Array(ours), Value::Array(theirs)) => ours.extend(theirs),
            ("type", ours, theirs) if *ours == "number" && theirs == "integer" => *ours = theirs,
            ("enum", Value::Array(ours), Value::Array(theirs)) => {
                let both: Vec<Value> = ours
                    .iter()
                    .filter(|value| theirs.contains(value))
                    .cloned()
                    .collect();
                // Nothing in common: no value is valid, which an enum cannot say. The first stays.
                if !both.is_empty() {
                    *ours = both;
                }
            }
            ("oneOf" | "anyOf" | "not" | "pattern" | "multipleOf", ours, theirs) if *ours != theirs => {
                push(&mut a, "allOf", json!({ key: theirs }));
            }
            _ => {}
        }
    }
    a
}

/// Moves to `a` whichever bounds of `b` are tighter.
fn tighten_bounds(a: &mut Object, b: &mut Object) {
    for (key, exclusive, wants_more) in [
        ("minimum", Some("exclusiveMinimum"), true),
        ("maximum", Some("exclusiveMaximum"), false),
        ("minLength", None, true),
        ("maxLength", None, false),
        ("minItems", None, true),
        ("maxItems", None, false),
        ("minProperties", None, true),
        ("maxProperties", None, false),
    ] {
        let is_exclusive = |node: &Object| exclusive.is_some_and(|exclusive| flag(node, exclusive));
        let theirs_exclusive = is_exclusive(b);
        if let Some(exclusive) = exclusive {
            b.remove(exclusive);
        }
        let Some(theirs) = b.remove(key) else {
            continue;
        };
        let order = a
            .get(key)
            .and_then(|ours| theirs.as_f64().partial_cmp(&ours.as_f64()));
        let replaces = match order {
            None => true,
            Some(Ordering::Greater) => wants_more,
            Some(Ordering::Less) => !wants_more,
            Some(Ordering::Equal) => theirs_exclusive,
        };
        if replaces {
            a.insert(key.into(), theirs);
            if let Some(exclusive) = exclusive {
                a.remove(exclusive);
                if theirs_exclusive {
                    a.insert(exclusive.into(), true.into());
                }
            }
        }
    }
}

fn intersect_values(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => Value::Object(intersect(a, b)),
        (Value::Object(a), _) => Value::Object(a),
        (_, b) => b,
    }
}

/// The schema that accepts what at least one alternative accepts, as tight as a structural schema can say it.
///
/// `exclusive` asks for exactly one. `base` is what the schema says beside the alternatives: those that name no type
/// have its type (an alternative `{}` of an object means "none of these fields", not "anything"), and they may speak of
/// its fields.
pub(super) fn union(alternatives: Vec<Object>, exclusive: bool, base: &Object) -> Object {
    let nullable = alternatives
        .iter()
        .any(|alternative| flag(alternative, "nullable") || is_null(alternative));
    let mut alternatives: Vec<Object> = alternatives
        .into_iter()
        .filter(|alternative| !is_null(alternative))
        .collect();
    for alternative in &mut alternatives {
        if infer_type(alternative).is_some()
            || flag(alternative, INT_OR_STRING)
            || flag(alternative, PRESERVE)
        {
            continue;
        }
        if flag(base, INT_OR_STRING) {
            alternative.insert(INT_OR_STRING.into(), true.into());
        } else if let Some(name) = infer_type(base) {
            alternative.insert("type".into(), name.into());
        }
    }
    let mut node = match alternatives.len() {
        0 => Object::from_iter([("type".into(), "null".into())]),
        // The loop above looked at it already; one alternative is the schema itself.
        1 => alternatives.swap_remove(0),
        _ => union_of_many(alternatives, exclusive, base),
    };
    if nullable {
        node.insert("nullable".into(), true.into());
    }
    node
}

fn union_of_many(alternatives: Vec<Object>, exclusive: bool, base: &Object) -> Object {
    let types: Vec<Option<&str>> = alternatives.iter().map(infer_type).collect();
    let same = |wanted: &[&str]| {
        types
            .iter()
            .all(|found| found.is_some_and(|name| wanted.contains(&name)))
    };
    let int_or_string = |index: usize| {
        flag(&alternatives[index], INT_OR_STRING) || matches!(types[index], Some("integer" | "string"))
    };
    if alternatives.iter().any(is_any) {
        Object::from_iter([(PRESERVE.into(), true.into()), ("nullable".into(), true.into())])
    } else if same(&["object"]) {
        union_of_objects(&alternatives, exclusive, base)
    } else if same(&["array"]) {
        union_of_arrays(&alternatives, base)
    } else if same(&["string"]) || same(&["integer"]) || same(&["boolean"]) {
        union_of_scalars(&alternatives, types[0].unwrap_or("string"), base)
    } else if same(&["integer", "number"]) {
        union_of_scalars(&alternatives, "number", base)
    } else if (0..alternatives.len()).all(int_or_string) {
        Object::from_iter([(INT_OR_STRING.into(), true.into())])
    } else {
        // A string here, an object there: not structural.
        Object::from_iter([(PRESERVE.into(), true.into())])
    }
}

fn union_of_scalars(alternatives: &[Object], name: &str, base: &Object) -> Object {
    let mut node = shared_annotations(alternatives);
    node.insert("type".into(), name.into());
    if alternatives.iter().all(is_bare_enum) {
        let mut values: Vec<Value> = Vec::new();
        for value in alternatives
            .iter()
            .filter_map(|one| one.get("enum")?.as_array())
            .flatten()
        {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        node.insert("enum".into(), values.into());
        return node;
    }
    constrain(&mut node, alternatives, false, base);
    node
}

/// Whether the alternative is a list of values without further validation.
fn is_bare_enum(node: &Object) -> bool {
    node.contains_key("enum")
        && !VALUE_VALIDATIONS
            .iter()
            .any(|key| *key != "enum" && node.contains_key(*key))
        && !JUNCTORS.iter().any(|key| node.contains_key(*key))
        && !node.contains_key("not")
}

fn union_of_arrays(alternatives: &[Object], base: &Object) -> Object {
    let mut node = shared_annotations(alternatives);
    node.insert("type".into(), "array".into());
    let items: Vec<Object> = alternatives
        .iter()
        .filter_map(|one| one.get("items").and_then(as_object))
        .cloned()
        .collect();
    if items.len() == alternatives.len() {
        node.insert("items".into(), Value::Object(merge_equal(items)));
    }
    constrain(&mut node, alternatives, false, base);
    node
}

fn union_of_objects(alternatives: &[Object], exclusive: bool, base: &Object) -> Object {
    let mut node = shared_annotations(alternatives);
    node.insert("type".into(), "object".into());

    let mut properties = Object::new();
    for name in alternatives
        .iter()
        .filter_map(|one| entries(one, "properties"))
        .flat_map(Object::keys)
    {
        if properties.contains_key(name) {
            continue;
        }
        let schemas = alternatives
            .iter()
            .filter_map(|one| field_of(one, name))
            .collect();
        properties.insert(name.clone(), Value::Object(merge_equal(schemas)));
    }
    let maps: Vec<&Value> = alternatives
        .iter()
        .filter_map(|one| one.get("additionalProperties"))
        .collect();
    if properties.is_empty() && maps.len() == alternatives.len() && maps.iter().all(|map| map.is_object()) {
        let schemas = maps.into_iter().filter_map(as_object).cloned().collect();
        node.insert("additionalProperties".into(), Value::Object(merge_equal(schemas)));
    } else if maps.iter().any(|map| **map != Value::Bool(false)) {
        // Named fields in one alternative and free ones in another.
        node.insert(PRESERVE.into(), true.into());
    }
    if !properties.is_empty() {
        node.insert("properties".into(), Value::Object(properties));
    }
    if alternatives.iter().any(|one| flag(one, PRESERVE)) {
        node.insert(PRESERVE.into(), true.into());
    }

    let required: Vec<Value> = strings(&alternatives[0], "required")
        .into_iter()
        .filter(|name| {
            alternatives
                .iter()
                .all(|one| strings(one, "required").contains(name))
        })
        .map(Value::from)
        .collect();
    if !required.is_empty() {
        node.insert("required".into(), required.into());
    }
    let exclusive = exclusive && pairwise_disjoint(alternatives);
    constrain(&mut node, alternatives, exclusive, base);
    node
}

/// What an alternative says of a field: by name, as the value of a map, or that it keeps whatever comes.
fn field_of(alternative: &Object, name: &str) -> Option<Object> {
    let named = entries(alternative, "properties").and_then(|fields| fields.get(name));
    match named.or_else(|| alternative.get("additionalProperties")) {
        Some(Value::Object(schema)) => Some(schema.clone()),
        _ if flag(alternative, PRESERVE) => Some(Object::from_iter([
            (PRESERVE.into(), true.into()),
            ("nullable".into(), true.into()),
        ])),
        _ => None,
    }
}

fn merge_equal(mut schemas: Vec<Object>) -> Object {
    let first = schemas.remove(0);
    if schemas.iter().all(|schema| *schema == first) {
        return first;
    }
    schemas.insert(0, first);
    union(schemas, false, &Object::new())
}

/// What all alternatives say alike about the value as a whole.
fn shared_annotations(alternatives: &[Object]) -> Object {
    let mut node = Object::new();
    for key in [
        "description",
        "title",
        "default",
        "format",
        LIST_TYPE,
        LIST_MAP_KEYS,
        MAP_TYPE,
        EMBEDDED,
    ] {
        if let Some(value) = alternatives[0].get(key)
            && alternatives.iter().all(|one| one.get(key) == Some(value))
        {
            node.insert(key.into(), value.clone());
        }
    }
    node
}

/// Adds the combinator that tells the alternatives apart, as far as the merged shape does not.
fn constrain(node: &mut Object, alternatives: &[Object], exclusive: bool, base: &Object) {
    let shape = intersect(node.clone(), base.clone());
    let mut branches: Vec<Value> = Vec::new();
    for alternative in alternatives {
        let branch = project(alternative, &shape);
        if branch.is_empty() {
            // This alternative accepts whatever has the shape: there is nothing to add.
            return;
        }
        let branch = Value::Object(branch);
        if exclusive || !branches.contains(&branch) {
            branches.push(branch);
        }
    }
    if branches.len() == 1 {
        push(node, "allOf", branches.swap_remove(0));
    } else {
        node.insert(if exclusive { "oneOf" } else { "anyOf" }.into(), branches.into());
    }
}

/// The value validations of `node` that the merged `shape` does not state, about fields that it has.
fn project(node: &Object, shape: &Object) -> Object {
    let mut branch = Object::new();
    for key in VALUE_VALIDATIONS {
        if let Some(value) = node.get(key)
            && shape.get(key) != Some(value)
        {
            branch.insert(key.into(), value.clone());
        }
    }
    // A bound and its exclusiveness are one statement.
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if branch.contains_key(exclusive) && !branch.contains_key(bound) {
            match node.get(bound) {
                Some(value) => branch.insert(bound.into(), value.clone()),
                None => branch.remove(exclusive),
            };
        } else if branch.contains_key(bound) && flag(node, exclusive) {
            branch.insert(exclusive.into(), true.into());
        }
    }
    // The apiserver holds an enum against null, too, whatever `nullable` says.
    if flag(node, "nullable") {
        branch.remove("enum");
    }
    let shared = strings(shape, "required");
    let required: Vec<Value> = strings(node, "required")
        .into_iter()
        .filter(|name| {
            !shared.contains(name) && entries(shape, "properties").is_some_and(|all| all.contains_key(*name))
        })
        .map(Value::from)
        .collect();
    if !required.is_empty() {
        branch.insert("required".into(), required.into());
    }
    let mut properties = Object::new();
    for (name, schema) in entries(node, "properties").into_iter().flatten() {
        let Some(outer) = entries(shape, "properties")
            .and_then(|all| all.get(name))
            .and_then(as_object)
        else {
            continue;
        };
        let inner = as_object(schema)
            .map(|schema| project(schema, outer))
            .unwrap_or_default();
        if !inner.is_empty() {
            properties.insert(name.clone(), Value::Object(inner));
        }
    }
    if !properties.is_empty() {
        branch.insert("properties".into(), Value::Object(properties));
    }
    if let (Some(items), Some(outer)) = (
        node.get("items").and_then(as_object),
        shape.get("items").and_then(as_object),
    ) {
        let inner = project(items, outer);
        if !inner.is_empty() {
            branch.insert("items".into(), Value::Object(inner));
        }
    }
    for key in JUNCTORS.into_iter().chain(["not"]) {
        if let Some(value) = node.get(key)
            && shape.get(key) != Some(value)
            && is_covered(value, shape)
        {
            branch.insert(key.into(), value.clone());
        }
    }
    branch
}

/// Whether every field that the validation mentions is part of the shape, as structural schemas demand.
pub(super) fn is_covered(validation: &Value, shape: &Object) -> bool {
    match validation {
        Value::Array(list) => list.iter().all(|one| is_covered(one, shape)),
        Value::Object(node) => node.iter().all(|(key, value)| match key.as_str() {
            "properties" => value.as_object().into_iter().flatten().all(|(name, inner)| {
                entries(shape, "properties")
                    .and_then(|all| all.get(name))
                    .and_then(as_object)
                    .is_some_and(|outer| is_covered(inner, outer))
            }),
            "items" => shape
                .get("items")
                .and_then(as_object)
                .is_some_and(|outer| is_covered(value, outer)),
            "required" => strings(node, "required")
                .iter()
                .all(|name| entries(shape, "properties").is_some_and(|all| all.contains_key(*name))),
            key if JUNCTORS.contains(&key) || key == "not" => is_covered(value, shape),
            _ => true,
        }),
        _ => true,
    }
}

/// Whether no value can match two alternatives once they are reduced to value validations.
///
/// `oneOf` refuses a value that matches two branches. Types are not allowed inside of it, so that alternatives which
/// their types told apart may overlap there; then `anyOf` is the tightest true statement.
fn pairwise_disjoint(alternatives: &[Object]) -> bool {
    alternatives
        .iter()
        .enumerate()
        .all(|(index, one)| alternatives[index + 1..].iter().all(|other| disjoint(one, other)))
}

fn disjoint(one: &Object, other: &Object) -> bool {
    let needs_more = |one: &Object, other: &Object| {
        strings(one, "required").iter().any(|name| {
            !entries(other, "properties").is_some_and(|properties| properties.contains_key(*name))
        })
    };
    if needs_more(one, other) && needs_more(other, one) {
        return true;
    }
    let tag = |node: &Object, name: &str| {
        entries(node, "properties")?
            .get(name)?
            .get("enum")?
            .as_array()
            .cloned()
    };
    strings(one, "required")
        .into_iter()
        .filter(|name| strings(other, "required").contains(name))
        .any(|name| match (tag(one, name), tag(other, name)) {
            (Some(ours), Some(theirs)) => !ours.iter().any(|value| theirs.contains(value)),
            _ => false,
        })
}

/// A `not` reduced to value validations; `None` when that would change what it refuses.
pub(super) fn negatable(value: &Value) -> Option<Value> {
    let node = as_object(value)?;
    let fits = !node.is_empty()
        && node.iter().all(|(key, value)| match key.as_str() {
            "required" => true,
            "properties" => value
                .as_object()
                .is_some_and(|all| all.values().all(|one| negatable(one).is_some())),
            "items" | "not" => negatable(value).is_some(),
            key if JUNCTORS.contains(&key) => value
                .as_array()
                .is_some_and(|list| list.iter().all(|one| negatable(one).is_some())),
            "enum" => value.is_array(),
            "exclusiveMinimum" | "exclusiveMaximum" => value.is_boolean(),
            key => VALUE_VALIDATIONS.contains(&key) && plain(key, value).is_some(),
        });
    fits.then(|| value.clone())
}

/// Appends to a list-valued keyword.
pub(super) fn push(node: &mut Object, key: &str, value: Value) {
    match node.get_mut(key) {
        Some(Value::Array(list)) => list.push(value),
        _ => {
            node.insert(key.into(), Value::Array(vec![value]));
        }
    }
}
