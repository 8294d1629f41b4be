//! Changes of a value at one of its places: another value that the schema admits there, or one that it does not.

use seatrial_client::env::Rng;
use serde_json::{Value, json};

use super::generate::{Generator, strings};

/// A place in a value, also one where there is nothing yet.
struct Place<'s> {
    /// As a JSON pointer (RFC 6901).
    pointer: String,
    schema: &'s Value,
    is_required: bool,
    is_there: bool,
    /// How often it is chosen, compared with others.
    weight: u64,
}

/// How much more often a place is changed by which objects find each other.
///
/// # Source
/// M. Barletta and others, "Mutiny! How does Kubernetes fail, and what can we do about it?", 2024: in half of the failures of whole systems it
/// was such a field.
const LINK_WEIGHT: u64 = 4;

/// Tries to find a value that is another one.
const TRIES_MAX: usize = 8;

/// The longest text, and the longest list, that is made to be too long.
const EXCESS_MAX: u64 = 4096;

/// The same value but for one place, which is another one, new, or gone; nothing where there is no other value at the place.
pub(super) fn edited(schema: &Value, value: &Value, rng: &mut Rng) -> Option<Value> {
    let places = places(schema, value);
    let place = chosen(&places, rng)?;
    let mut edited = value.clone();
    if place.is_there && !place.is_required && rng.chance(0.3) {
        return remove(&mut edited, &place.pointer).then_some(edited);
    }
    for _ in 0..TRIES_MAX {
        set(
            &mut edited,
            &place.pointer,
            Generator::new(rng).value(place.schema),
        );
        if edited != *value {
            return Some(edited);
        }
    }
    None
}

/// A value that the schema does not admit, made of one that it does: at one place it is of another type, beyond a limit, or missing.
pub(super) fn invalid(schema: &Value, valid: &Value, rng: &mut Rng) -> Option<Value> {
    let mut all: Vec<Value> = Vec::new();
    for place in places(schema, valid) {
        let value = valid.pointer(&place.pointer);
        if place.is_there && place.is_required {
            let mut without = valid.clone();
            remove(&mut without, &place.pointer);
            all.push(without);
        }
        all.extend(wrong(place.schema, value).into_iter().map(|wrong| {
            let mut invalid = valid.clone();
            set(&mut invalid, &place.pointer, wrong);
            invalid
        }));
    }
    let at = rng.below((all.len() as u64).max(1)) as usize;
    (!all.is_empty()).then(|| all.swap_remove(at))
}

/// Everything below a value, as JSON pointers, what is further out first.
pub(super) fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, all: &mut Vec<String>) {
        let mut below = |name: &str, value: &Value| {
            let pointer = step(pointer, name);
            all.push(pointer.clone());
            walk(value, &pointer, all);
        };
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| below(name, value)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, value)| below(&at.to_string(), value)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(value, "", &mut all);
    all
}

/// Takes away what is at a place; whether something was.
pub(super) fn remove(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = split(pointer) else {
        return false;
    };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => fields.remove(&name).is_some(),
        Some(Value::Array(items)) => match name.parse::<usize>() {
            Ok(at) if at < items.len() => {
                items.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// Puts a value at a place whose parent is there.
pub(super) fn set(value: &mut Value, pointer: &str, new: Value) {
    let Some((parent, name)) = split(pointer) else {
        *value = new;
        return;
    };
    match value.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.insert(name, new);
        }
        Some(Value::Array(items)) => {
            if let Some(item) = name.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                *item = new;
            }
        }
        _ => {}
    }
}

/// The places of a value that a schema speaks of.
fn places<'s>(schema: &'s Value, value: &Value) -> Vec<Place<'s>> {
    fn walk<'s>(schema: &'s Value, value: &Value, pointer: &str, weight: u64, all: &mut Vec<Place<'s>>) {
        let required: Vec<&str> = strings(&schema["required"]).collect();
        let mut below = |name: &str, schema: &'s Value, there: Option<&Value>, is_required: bool| {
            let pointer = step(pointer, name);
            let weight = if is_link(name) { LINK_WEIGHT } else { weight };
            all.push(Place {
                pointer: pointer.clone(),
                schema,
                is_required,
                is_there: there.is_some(),
                weight,
            });
            if let Some(there) = there {
                walk(schema, there, &pointer, weight, all);
            }
        };
        match value {
            Value::Object(fields) => {
                let known = schema["properties"].as_object();
                for (name, schema) in known.into_iter().flatten() {
                    below(name, schema, fields.get(name), required.contains(&&**name));
                }
                let more = &schema["additionalProperties"];
                if more.is_object() {
                    let others = fields
                        .iter()
                        .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
                    for (name, value) in others {
                        below(name, more, Some(value), false);
                    }
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    below(&at.to_string(), &schema["items"], Some(item), false);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(schema, value, "", 1, &mut all);
    all
}

/// Whether a field is one by which objects find each other.
fn is_link(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["label", "selector", "ownerref", "matchexpressions"]
        .iter()
        .any(|link| name.contains(link))
}

fn chosen<'p, 's>(places: &'p [Place<'s>], rng: &mut Rng) -> Option<&'p Place<'s>> {
    let total: u64 = places.iter().map(|place| place.weight).sum();
    let mut at = rng.below(total.max(1));
    places.iter().find(|place| match at.checked_sub(place.weight) {
        Some(rest) => {
            at = rest;
            false
        }
        None => true,
    })
}

/// Values that a schema does not admit, of which the type is another or a limit is passed; none where it admits anything.
fn wrong(schema: &Value, there: Option<&Value>) -> Vec<Value> {
    let mut all = Vec::new();
    if schema["x-kubernetes-int-or-string"] == true {
        return vec![json!(["neither"])];
    }
    match schema["type"].as_str() {
        Some("string") => {
            all.push(json!(["no", "string"]));
            let is_long = |most: &u64| *most < EXCESS_MAX;
            if let Some(most) = schema["maxLength"].as_u64().filter(is_long) {
                all.push(json!("x".repeat(usize::try_from(most).unwrap_or(0) + 1)));
            }
            if let Some(least) = schema["minLength"].as_u64().filter(|least| *least > 0) {
                all.push(json!(
                    "x".repeat(usize::try_from(least.min(EXCESS_MAX)).unwrap_or(1) - 1)
                ));
            }
        }
        Some("integer" | "number") => {
            all.push(json!("no number"));
            if let Some(beyond) = schema["maximum"].as_i64().and_then(|most| most.checked_add(1)) {
                all.push(json!(beyond));
            }
            if let Some(beyond) = schema["minimum"].as_i64().and_then(|least| least.checked_sub(1)) {
                all.push(json!(beyond));
            }
        }
        Some("array") => {
            all.push(json!("no list"));
            let items = there.and_then(Value::as_array);
            if let (Some(most), Some(item)) = (
                schema["maxItems"].as_u64().filter(|most| *most < EXCESS_MAX),
                items.and_then(|items| items.first()),
            ) {
                let count = usize::try_from(most).unwrap_or(0) + 1;
                all.push(Value::Array(vec![item.clone(); count]));
            }
            if schema["minItems"].as_u64().is_some_and(|least| least > 0) {
                all.push(json!([]));
            }
        }
        Some("object") => all.push(json!("no object")),
        Some("boolean") => all.push(json!("no boolean")),
        _ => return all,
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(&json!("no such thing"))
        && schema["type"] == "string"
    {
        all.push(json!("no such thing"));
    }
    all
}

fn step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The pointer of what a place is in, and its name there; nothing for the value itself.
fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["replicas"],
            "properties": {
                "replicas": {"type": "integer", "minimum": 1, "maximum": 3},
                "mode": {"type": "string", "enum": ["fast", "safe"]},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "parts": {"type": "array", "maxItems": 2, "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string", "minLength": 1}, "port": {"x-kubernetes-int-or-string": true}},
                }},
                "anything": {},
            },
        })
    }

    fn value() -> Value {
        json!({"replicas": 2, "labels": {"a/b": "c"}, "parts": [{"name": "web"}], "anything": {"x": 1}})
    }

    #[test]
    fn one_place_is_another_one() {
        let mut rng = Rng::new(3);
        let (mut touched, mut labels) = (BTreeSet::new(), 0);
        for _ in 0..400 {
            let Some(edited) = edited(&schema(), &value(), &mut rng) else {
                continue;
            };
            assert_ne!(edited, value());
            let tops: Vec<&str> = ["replicas", "mode", "labels", "parts", "anything"]
                .into_iter()
                .filter(|top| edited.get(top) != value().get(top))
                .collect();
            let [top] = &*tops else {
                panic!("{tops:?}: {edited}");
            };
            labels += usize::from(*top == "labels");
            touched.insert(*top);
            assert!(edited["replicas"].is_u64(), "what is required stays: {edited}");
        }
        assert_eq!(touched.len(), 5, "{touched:?}");
        assert!(
            labels > 120,
            "what links objects is changed more often: {labels} of 400"
        );
    }

    #[test]
    fn whatever_is_made_to_be_refused_breaks_a_rule() {
        let mut rng = Rng::new(3);
        let mut kinds = BTreeSet::new();
        for _ in 0..600 {
            let invalid = invalid(&schema(), &value(), &mut rng).unwrap();
            let what = if invalid.get("replicas").is_none() {
                "missing"
            } else if invalid["replicas"] == 4 || invalid["replicas"] == 0 {
                "beyond"
            } else if !invalid["replicas"].is_u64() {
                "type"
            } else if invalid["mode"] == "no such thing" {
                "enum"
            } else if invalid["mode"].is_array() {
                "type of enum"
            } else if !invalid["labels"].is_object() {
                "no map"
            } else if !invalid["labels"]["a/b"].is_string() {
                "in a map"
            } else if !invalid["parts"].is_array() {
                "no list"
            } else if invalid["parts"].as_array().unwrap().len() == 3 {
                "too many"
            } else if invalid["parts"][0].get("name").is_none() {
                "missing in an item"
            } else if invalid["parts"][0]["name"] == "" {
                "too short"
            } else {
                "in an item"
            };
            assert!(invalid["anything"] == json!({"x": 1}));
            kinds.insert(what);
        }
        assert_eq!(kinds.len(), 12, "{kinds:?}");
        assert_eq!(invalid(&json!({}), &json!({"x": 1}), &mut rng), None);
    }

    #[test]
    fn places_are_found_changed_and_removed() {
        let mut value = value();
        let all = pointers(&value);
        assert_eq!(
            all,
            [
                "/anything",
                "/anything/x",
                "/labels",
                "/labels/a~1b",
                "/parts",
                "/parts/0",
                "/parts/0/name",
                "/replicas"
            ]
        );
        assert!(remove(&mut value, "/labels/a~1b") && !remove(&mut value, "/labels/a~1b"));
        assert!(remove(&mut value, "/parts/0") && !remove(&mut value, "/parts/0"));
        set(&mut value, "/labels/x~1y", json!("z"));
        assert_eq!(
            value,
            json!({"replicas": 2, "labels": {"x/y": "z"}, "parts": [], "anything": {"x": 1}})
        );
    }
}
