//! Values of a structural schema, drawn from a source of numbers.

use serde_json::{Map, Number, Value, json};

use super::keywords::{INT_OR_STRING, JUNCTORS, Object, as_object, entries, flag, strings, type_of};

/// Where what contains itself, or is open, stops going deeper.
const DEPTH: u32 = 6;

/// A value of the schema.
///
/// `draw` answers a number below its argument; the same numbers give the same value, so any source will do: a seeded generator, a
/// recording, the choices of a simulation. Small numbers give small values.
///
/// Types, required and optional fields, enums, ranges, lengths, item counts and the usual combinators are respected; patterns, CEL rules and `not` are
/// not, so that the value is likely, and not sure, to be valid.
///
/// ```
/// use seatrial_client::core::schema::sample;
///
/// let schema = serde_json::json!({"type": "array", "minItems": 2, "items": {"type": "integer", "minimum": 5}});
/// assert_eq!(sample(&schema, &mut |_| 0), serde_json::json!([5, 5]));
/// ```
pub fn sample(schema: &Value, draw: &mut dyn FnMut(u64) -> u64) -> Value {
    match as_object(schema) {
        Some(node) => value(node, draw, DEPTH),
        None => Value::Null,
    }
}

fn value(node: &Object, draw: &mut dyn FnMut(u64) -> u64, depth: u32) -> Value {
    let branch;
    let node = match chosen(node, draw) {
        Some(merged) => {
            branch = merged;
            &branch
        }
        None => node,
    };
    if flag(node, "nullable") && draw(4) == 1 {
        return Value::Null;
    }
    if let Some(values) = node
        .get("enum")
        .and_then(Value::as_array)
        .filter(|values| !values.is_empty())
    {
        return values[index(draw, values.len())].clone();
    }
    if flag(node, INT_OR_STRING) {
        return if draw(2) == 0 {
            integer(node, draw)
        } else {
            text(node, draw)
        };
    }
    match type_of(node) {
        Some("object") => object(node, draw, depth),
        Some("array") => array(node, draw, depth),
        Some("string") => text(node, draw),
        Some("integer") => integer(node, draw),
        Some("number") => number(node, draw),
        Some("boolean") => (draw(2) == 1).into(),
        _ => [json!({}), json!(1), json!("x"), json!([true])][index(draw, 4)].clone(),
    }
}

/// The schema with one branch of each combinator laid over it.
///
/// What the other branches of a `oneOf` require and this one does not is left out, for it would make two of them true.
fn chosen(node: &Object, draw: &mut dyn FnMut(u64) -> u64) -> Option<Object> {
    if !JUNCTORS.iter().any(|junctor| node.contains_key(*junctor)) {
        return None;
    }
    let mut merged = node.clone();
    let branches = |junctor: &str| {
        node.get(junctor)
            .and_then(Value::as_array)
            .filter(|all| !all.is_empty())
    };
    for branch in branches("allOf").into_iter().flatten().filter_map(as_object) {
        overlay(&mut merged, branch);
    }
    for junctor in ["anyOf", "oneOf"] {
        let Some(all) = branches(junctor) else { continue };
        let at = index(draw, all.len());
        let Some(branch) = as_object(&all[at]) else {
            continue;
        };
        overlay(&mut merged, branch);
        if junctor == "oneOf" {
            let mine = strings(&merged, "required");
            let others = all.iter().enumerate().filter(|(other, _)| *other != at);
            let theirs = others
                .filter_map(|(_, other)| as_object(other))
                .flat_map(|other| strings(other, "required"));
            let left_out: Vec<String> = theirs
                .filter(|name| !mine.contains(name))
                .map(str::to_owned)
                .collect();
            if let Some(Value::Object(fields)) = merged.get_mut("properties") {
                fields.retain(|name, _| !left_out.contains(name));
            }
        }
    }
    JUNCTORS.iter().for_each(|junctor| drop(merged.remove(*junctor)));
    Some(merged)
}

/// Adds what a branch says: fields are merged, required names joined, anything else replaced.
fn overlay(node: &mut Object, branch: &Object) {
    for (key, said) in branch {
        match (node.get_mut(key), said) {
            (Some(Value::Object(fields)), Value::Object(more)) if key == "properties" || key == "items" => {
                for (name, field) in more {
                    match (fields.get_mut(name), field) {
                        (Some(Value::Object(field)), Value::Object(more)) => overlay(field, more),
                        _ => drop(fields.insert(name.clone(), field.clone())),
                    }
                }
            }
            (Some(Value::Array(names)), Value::Array(more)) if key == "required" => {
                names.extend(more.iter().cloned());
            }
            _ => drop(node.insert(key.clone(), said.clone())),
        }
    }
}

fn object(node: &Object, draw: &mut dyn FnMut(u64) -> u64, depth: u32) -> Value {
    let required = strings(node, "required");
    let mut made = Map::new();
    for (name, field) in entries(node, "properties").into_iter().flatten() {
        let Some(field) = as_object(field) else { continue };
        // Fewer and fewer options are taken on the way down.
        let wanted = required.contains(&name.as_str()) || (depth > 0 && draw(DEPTH.into()) < depth.into());
        if wanted {
            made.insert(name.clone(), value(field, draw, depth.saturating_sub(1)));
        }
    }
    if let Some(values) = node.get("additionalProperties").and_then(as_object) {
        for at in 0..count(node, "minProperties", "maxProperties", draw, depth) {
            made.insert(format!("key-{at}"), value(values, draw, depth.saturating_sub(1)));
        }
    }
    Value::Object(made)
}

fn array(node: &Object, draw: &mut dyn FnMut(u64) -> u64, depth: u32) -> Value {
    let Some(items) = node.get("items").and_then(as_object) else {
        return json!([]);
    };
    let set = node.contains_key(super::keywords::LIST_TYPE);
    let mut made: Vec<Value> = Vec::new();
    for _ in 0..count(node, "minItems", "maxItems", draw, depth) {
        let item = value(items, draw, depth.saturating_sub(1));
        if !(set && made.contains(&item)) {
            made.push(item);
        }
    }
    made.into()
}

/// How many items or keys: the least, or up to two more.
fn count(node: &Object, least: &str, most: &str, draw: &mut dyn FnMut(u64) -> u64, depth: u32) -> u64 {
    let limit = |key: &str| node.get(key).and_then(Value::as_u64);
    let least = limit(least).unwrap_or(0).min(64);
    let more = if depth == 0 { 0 } else { draw(3) };
    (least + more).min(limit(most).unwrap_or(u64::MAX).max(least))
}

fn text(node: &Object, draw: &mut dyn FnMut(u64) -> u64) -> Value {
    let formatted: &[&str] = match node.get("format").and_then(Value::as_str) {
        Some("date-time" | "datetime") => &["2024-02-29T12:00:00Z", "2031-01-01T00:00:01Z"],
        Some("date") => &["2024-02-29", "2031-01-01"],
        Some("duration") => &["1h30m", "5s"],
        Some("byte") => &["", "AAEC"],
        Some("uuid" | "uuid4") => &[
            "5b2e5e0a-3f57-4f4b-9b54-0c0e3d1b7a61",
            "0f3c1f0e-8f6c-4f55-8ef7-d9e0a5d6a1b2",
        ],
        Some("ipv4") => &["10.0.0.1", "192.0.2.7"],
        Some("ipv6") => &["::1", "2001:db8::7"],
        Some("cidr") => &["10.0.0.0/8", "192.0.2.0/24"],
        Some("uri") => &["https://example.com/a", "urn:example:b"],
        Some("email") => &["a@example.com", "b@example.com"],
        Some("hostname") => &["a.example.com", "b"],
        _ => &[],
    };
    if !formatted.is_empty() {
        return formatted[index(draw, formatted.len())].into();
    }
    let limit = |key: &str| node.get(key).and_then(Value::as_u64);
    let least = limit("minLength").unwrap_or(0).min(1 << 10);
    let length = (least + draw(4)).min(limit("maxLength").unwrap_or(u64::MAX));
    (0..length)
        .map(|_| char::from(b'a' + index(draw, 26) as u8))
        .collect::<String>()
        .into()
}

fn integer(node: &Object, draw: &mut dyn FnMut(u64) -> u64) -> Value {
    let limit = |key: &str| {
        node.get(key)
            .and_then(|limit| limit.as_i64().or_else(|| limit.as_f64().map(|at| at as i64)))
    };
    let exclusive = |key: &str| i64::from(flag(node, key));
    let most = limit("maximum").map(|most| most.saturating_sub(exclusive("exclusiveMaximum")));
    let least = limit("minimum").map(|least| least.saturating_add(exclusive("exclusiveMinimum")));
    let least = least.unwrap_or_else(|| most.map_or(0, |most| most.min(0)));
    let step = node.get("multipleOf").and_then(Value::as_i64).unwrap_or(1).max(1);
    let range = most.map_or(100, |most| most.saturating_sub(least).clamp(0, 100)) / step;
    let first = least
        .checked_add(step - 1)
        .map_or(least, |up| up - up.rem_euclid(step));
    first.saturating_add(step * draw(range as u64 + 1) as i64).into()
}

fn number(node: &Object, draw: &mut dyn FnMut(u64) -> u64) -> Value {
    let limit = |key: &str| node.get(key).and_then(Value::as_f64);
    let least = limit("minimum").unwrap_or(0.0);
    let range = limit("maximum")
        .map_or(16.0, |most| most - least)
        .clamp(0.0, 16.0);
    // Eighths are exact in binary; the ends are left out in case they are excluded.
    let at = least + range * (1 + draw(7)) as f64 / 8.0;
    Number::from_f64(at).map_or(Value::Null, Value::Number)
}

fn index(draw: &mut dyn FnMut(u64) -> u64, length: usize) -> usize {
    (draw(length as u64) as usize).min(length.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_branch_of_an_enum_is_taken_whole() {
        let schema = json!({
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": ["A", "B"]}, "a": {"type": "boolean"}, "b": {"type": "string"}},
            "required": ["kind"],
            "oneOf": [
                {"properties": {"kind": {"enum": ["A"]}}, "required": ["kind", "a"]},
                {"properties": {"kind": {"enum": ["B"]}}, "required": ["kind", "b"]},
            ],
        });
        for branch in 0..2 {
            let mut first = Some(branch);
            let drawn = sample(&schema, &mut |bound| first.take().unwrap_or(0).min(bound - 1));
            let expected = [json!({"kind": "A", "a": false}), json!({"kind": "B", "b": ""})];
            assert_eq!(drawn, expected[branch as usize]);
        }
    }

    #[test]
    fn limits_hold_at_both_ends() {
        let check = |schema: Value, least: Value, most: Value| {
            assert_eq!(sample(&schema, &mut |_| 0), least);
            assert_eq!(sample(&schema, &mut |bound| bound - 1), most);
        };
        check(
            json!({"type": "integer", "minimum": 3, "maximum": 5}),
            json!(3),
            json!(5),
        );
        check(json!({"type": "integer", "maximum": -4}), json!(-4), json!(-4));
        check(
            json!({"type": "integer", "minimum": i64::MAX}),
            json!(i64::MAX),
            json!(i64::MAX),
        );
        check(
            json!({"type": "integer", "minimum": 1, "maximum": 10, "multipleOf": 5}),
            json!(5),
            json!(10),
        );
        check(json!({"type": "string", "maxLength": 0}), json!(""), json!(""));
        check(
            json!({"type": "array", "items": {"type": "boolean"}, "maxItems": 1}),
            json!([]),
            json!([true]),
        );
        check(
            json!({"type": "number", "minimum": 1, "maximum": 2}),
            json!(1.125),
            json!(1.875),
        );
    }

    #[test]
    fn what_is_no_schema_gives_null() {
        assert_eq!(sample(&json!(true), &mut |_| 0), Value::Null);
    }
}
