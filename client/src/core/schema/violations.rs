//! What makes a schema not structural.
//!
//! The rewriter's output breaks none of these rules but by list types that somebody gave to a list that they do not suit; a schema written
//! by hand may break any. The tests that the derive macro emits ask here.

use serde_json::Value;

use super::keywords::{
    EMBEDDED, INT_OR_STRING, JUNCTORS, LIST_MAP_KEYS, LIST_TYPE, MAP_TYPE, Object, PRESERVE, VALIDATIONS,
    VALUE_VALIDATIONS, as_object, entries, flag, strings, type_of,
};

/// Why the apiserver would refuse this as the schema of a custom resource or of a part of one; empty if it would not.
///
/// Each line names the place and the rule, as the server's messages do. Looks at the schema alone: whether a CEL rule compiles is the server's
/// to say.
///
/// ```
/// use seatrial_client::core::schema::violations;
///
/// let schema = serde_json::json!({"type": "object", "properties": {"list": {"type": "array"}}});
/// assert_eq!(violations(&schema), ["properties[list].items: must be specified"]);
/// ```
pub fn violations(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match as_object(schema) {
        Some(node) => shape(node, "", &mut found),
        None => found.push(line("", "must be a schema object")),
    }
    found
}

fn line(path: &str, message: &str) -> String {
    match path.trim_start_matches('.') {
        "" => message.to_owned(),
        path => format!("{path}: {message}"),
    }
}

/// A schema outside of combinators.
fn shape(node: &Object, path: &str, found: &mut Vec<String>) {
    let mut say = |suffix: &str, message: &str| found.push(line(&format!("{path}{suffix}"), message));
    let open = flag(node, PRESERVE);
    match type_of(node) {
        Some("object" | "array" | "string" | "integer" | "number" | "boolean") => {}
        Some(_) => say(
            ".type",
            "must be one of array, boolean, integer, number, object, string",
        ),
        None if open || flag(node, INT_OR_STRING) => {}
        None => say(".type", "must not be empty"),
    }
    let named = entries(node, "properties").is_some();
    if named && node.contains_key("additionalProperties") {
        say(
            ".additionalProperties",
            "additionalProperties and properties are mutually exclusive",
        );
    }
    match node.get("items") {
        Some(items) if !items.is_object() => say(".items", "must be a schema object"),
        None if type_of(node) == Some("array") => say(".items", "must be specified"),
        _ => {}
    }
    if flag(node, "uniqueItems") {
        say(".uniqueItems", "cannot be true");
    }
    for key in [PRESERVE, INT_OR_STRING, EMBEDDED] {
        if node.get(key).is_some_and(|value| *value != Value::Bool(true)) {
            say(&format!(".{key}"), "must be true or undefined");
        }
    }
    if flag(node, EMBEDDED) {
        if type_of(node) != Some("object") {
            say(
                ".type",
                "must be object if x-kubernetes-embedded-resource is true",
            );
        }
        if !named && !open {
            say(
                ".properties",
                "must not be empty if x-kubernetes-embedded-resource is true without \
                 x-kubernetes-preserve-unknown-fields",
            );
        }
    }
    if node.contains_key(MAP_TYPE) && type_of(node) != Some("object") {
        say(".type", "must be object if x-kubernetes-map-type is specified");
    }
    for key in node.keys().filter(|key| !is_known(key)) {
        say(&format!(".{key}"), "is not supported");
    }
    list_type(node, path, found);

    for (name, field) in entries(node, "properties").into_iter().flatten() {
        inner(field, &format!("{path}.properties[{name}]"), found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(value) = node.get(key).filter(|value| !value.is_boolean()) {
            inner(value, &format!("{path}.{key}"), found);
        }
    }
    junctors(node, node, path, found);
}

fn inner(schema: &Value, path: &str, found: &mut Vec<String>) {
    match as_object(schema) {
        Some(node) => shape(node, path, found),
        None => found.push(line(path, "must be a schema object")),
    }
}

fn list_type(node: &Object, path: &str, found: &mut Vec<String>) {
    let mut say = |suffix: &str, message: &str| found.push(line(&format!("{path}{suffix}"), message));
    let Some(kind) = node.get(LIST_TYPE).and_then(Value::as_str) else {
        if node.contains_key(LIST_MAP_KEYS) {
            say(
                &format!(".{LIST_TYPE}"),
                "must be map if x-kubernetes-list-map-keys is non-empty",
            );
        }
        return;
    };
    if type_of(node) != Some("array") {
        say(".type", "must be array if x-kubernetes-list-type is specified");
        return;
    }
    let none = Object::new();
    let items = node.get("items").and_then(as_object).unwrap_or(&none);
    let keys = strings(node, LIST_MAP_KEYS);
    match kind {
        "atomic" => {}
        "set" => {
            let atomic = match type_of(items) {
                Some("object") => items.get(MAP_TYPE) == Some(&"atomic".into()),
                Some("array") => items.get(LIST_TYPE).is_none_or(|kind| kind == "atomic"),
                _ => true,
            };
            if !atomic {
                say(
                    ".items",
                    "must be atomic as item of a list with x-kubernetes-list-type=set",
                );
            }
            if flag(items, "nullable") {
                say(
                    ".items.nullable",
                    "cannot be nullable when x-kubernetes-list-type is set",
                );
            }
        }
        "map" => {
            if type_of(items) != Some("object") {
                say(
                    ".items.type",
                    "must be object if parent array's x-kubernetes-list-type is map",
                );
            }
            if keys.is_empty() {
                say(
                    &format!(".{LIST_MAP_KEYS}"),
                    "must not be empty if x-kubernetes-list-type is map",
                );
            }
        }
        _ => say(&format!(".{LIST_TYPE}"), "must be one of atomic, set, map"),
    }
    if kind != "map" && !keys.is_empty() {
        say(
            &format!(".{LIST_TYPE}"),
            "must be map if x-kubernetes-list-map-keys is non-empty",
        );
    }
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].contains(key) {
            say(&format!(".{LIST_MAP_KEYS}"), "must not contain duplicate entries");
        }
        let Some(field) = entries(items, "properties")
            .and_then(|fields| fields.get(*key))
            .and_then(as_object)
        else {
            say(
                &format!(".{LIST_MAP_KEYS}"),
                "entries must all be names of item properties",
            );
            continue;
        };
        if matches!(type_of(field), Some("object" | "array")) {
            say(
                &format!(".items.properties[{key}].type"),
                "must be a scalar type if parent array's x-kubernetes-list-type is map",
            );
        }
        if !field.contains_key("default") && !strings(items, "required").contains(key) {
            say(
                &format!(".items.properties[{key}].default"),
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            );
        }
    }
}

/// The combinators of `node`, which may speak of what `around` has.
fn junctors(node: &Object, around: &Object, path: &str, found: &mut Vec<String>) {
    for key in JUNCTORS {
        for (index, branch) in node
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
        {
            validation(branch, around, &format!("{path}.{key}[{index}]"), found);
        }
    }
    if let Some(refused) = node.get("not") {
        validation(refused, around, &format!("{path}.not"), found);
    }
}

/// A schema inside of a combinator.
fn validation(schema: &Value, around: &Object, path: &str, found: &mut Vec<String>) {
    let Some(node) = as_object(schema) else {
        found.push(line(path, "must be a schema object"));
        return;
    };
    for (key, value) in node {
        match key.as_str() {
            "properties" => {
                for (name, field) in value.as_object().into_iter().flatten() {
                    let path = format!("{path}.properties[{name}]");
                    match entries(around, "properties")
                        .and_then(|fields| fields.get(name))
                        .and_then(as_object)
                    {
                        Some(around) => validation(field, around, &path, found),
                        None => found.push(line(&path, "must be specified outside of the combinator, too")),
                    }
                }
            }
            "items" => match around.get("items").and_then(as_object) {
                Some(around) => validation(value, around, &format!("{path}.items"), found),
                None => found.push(line(
                    &format!("{path}.items"),
                    "must be specified outside of the combinator, too",
                )),
            },
            "required" | "format" | "uniqueItems" | "not" => {}
            key if JUNCTORS.contains(&key) || VALUE_VALIDATIONS.contains(&key) => {}
            key => found.push(line(
                &format!("{path}.{key}"),
                "must be undefined to be structural",
            )),
        }
    }
    junctors(node, around, path, found);
}

fn is_known(key: &str) -> bool {
    const OTHERS: [&str; 16] = [
        "type",
        "title",
        "description",
        "default",
        "example",
        "externalDocs",
        "format",
        "nullable",
        "properties",
        "additionalProperties",
        "items",
        "required",
        "not",
        "uniqueItems",
        LIST_MAP_KEYS,
        VALIDATIONS,
    ];
    OTHERS.contains(&key)
        || [PRESERVE, INT_OR_STRING, EMBEDDED, LIST_TYPE, MAP_TYPE].contains(&key)
        || VALUE_VALIDATIONS.contains(&key)
        || JUNCTORS.contains(&key)
}
