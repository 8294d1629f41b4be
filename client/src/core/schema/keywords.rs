//! Which JSON Schema keywords a structural schema may hold, and in which form.
//!
//! Everything here looks at one keyword at a time; how schemas combine is `combine`'s business.

use serde_json::{Map, Value};

/// One schema: its keywords and their values.
pub(super) type Object = Map<String, Value>;

pub(super) const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";
pub(super) const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
pub(super) const EMBEDDED: &str = "x-kubernetes-embedded-resource";
pub(super) const LIST_TYPE: &str = "x-kubernetes-list-type";
pub(super) const LIST_MAP_KEYS: &str = "x-kubernetes-list-map-keys";
pub(super) const MAP_TYPE: &str = "x-kubernetes-map-type";
pub(super) const VALIDATIONS: &str = "x-kubernetes-validations";

/// The logical combinators that take a list.
pub(super) const JUNCTORS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Keywords that only say which values are valid, and so may stand inside a combinator.
pub(super) const VALUE_VALIDATIONS: [&str; 13] = [
    "enum",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

/// Formats that the apiserver knows; it warns about each of the others.
const FORMATS: [&str; 30] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "datetime",
    "double",
    "duration",
    "email",
    "float",
    "hexcolor",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8s-long-name",
    "k8s-short-name",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
];

/// The schema object of a JSON value, if it is one.
pub(super) fn as_object(value: &Value) -> Option<&Object> {
    value.as_object()
}

/// Whether the schema allows every value and says nothing else about it.
pub(super) fn is_any(node: &Object) -> bool {
    node.get("type").is_none()
        && !flag(node, INT_OR_STRING)
        && node
            .keys()
            .all(|key| matches!(key.as_str(), PRESERVE | "nullable" | "description" | "title"))
}

/// Whether the schema allows `null` and nothing else.
pub(super) fn is_null(node: &Object) -> bool {
    type_of(node) == Some("null")
}

/// The schema's `type`.
pub(super) fn type_of(node: &Object) -> Option<&str> {
    node.get("type").and_then(Value::as_str)
}

/// Whether a boolean keyword is set to true.
pub(super) fn flag(node: &Object, key: &str) -> bool {
    node.get(key) == Some(&Value::Bool(true))
}

/// A map-valued keyword such as `properties`, if it has entries.
pub(super) fn entries<'a>(node: &'a Object, key: &str) -> Option<&'a Object> {
    node.get(key).and_then(as_object).filter(|map| !map.is_empty())
}

/// The strings of a list-valued keyword such as `required`.
pub(super) fn strings<'a>(node: &'a Object, key: &str) -> Vec<&'a str> {
    node.get(key)
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// The schema's type: the one it names or, if it names none, the one that its other keywords are about.
pub(super) fn infer_type(node: &Object) -> Option<&'static str> {
    match type_of(node) {
        Some("object") => return Some("object"),
        Some("array") => return Some("array"),
        Some("string") => return Some("string"),
        Some("integer") => return Some("integer"),
        Some("number") => return Some("number"),
        Some("boolean") => return Some("boolean"),
        Some(_) => return None,
        None => {}
    }
    if flag(node, INT_OR_STRING) {
        return None;
    }
    if [
        "properties",
        "additionalProperties",
        "required",
        MAP_TYPE,
        EMBEDDED,
    ]
    .iter()
    .any(|key| node.contains_key(*key))
    {
        return Some("object");
    }
    if ["items", LIST_TYPE, LIST_MAP_KEYS]
        .iter()
        .any(|key| node.contains_key(*key))
    {
        return Some("array");
    }
    let values = node.get("enum")?.as_array()?;
    let mut types = values.iter().map(type_of_value);
    let first = types.next()??;
    types.all(|found| found == Some(first)).then_some(first)
}

/// The schema type of a JSON value; `None` for null.
pub(super) fn type_of_value(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

/// A keyword that is copied as it is, if its value has the form that Kubernetes wants.
///
/// Keywords that need more thought (`type`, `items`, combinators, …) are not this function's.
pub(super) fn plain(key: &str, value: &Value) -> Option<Value> {
    let fits = match key {
        "description" | "title" | "pattern" => value.is_string(),
        "format" => value
            .as_str()
            .is_some_and(|format| FORMATS.contains(&format) || format == "uuid5"),
        "minimum" | "maximum" | "multipleOf" => value.is_number(),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            return whole_number(value);
        }
        "nullable" | "uniqueItems" | PRESERVE | INT_OR_STRING | EMBEDDED => *value == Value::Bool(true),
        "default" | "example" => !value.is_null(),
        "externalDocs" => value.is_object(),
        "required" | LIST_MAP_KEYS => value
            .as_array()
            .is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string)),
        LIST_TYPE => matches!(value.as_str(), Some("atomic" | "set" | "map")),
        MAP_TYPE => matches!(value.as_str(), Some("atomic" | "granular")),
        VALIDATIONS => value.as_array().is_some_and(|rules| {
            !rules.is_empty()
                && rules
                    .iter()
                    .all(|rule| rule.get("rule").is_some_and(Value::is_string))
        }),
        _ => false,
    };
    fits.then(|| value.clone())
}

/// A length or count, which Kubernetes keeps as a signed 64-bit number.
fn whole_number(value: &Value) -> Option<Value> {
    if let Some(number) = value.as_i64() {
        return Some(number.into());
    }
    // Larger than any length can be: a lower bound of it is unlikely, an upper bound says nothing.
    if value.as_u64().is_some() {
        return Some(i64::MAX.into());
    }
    let number = value.as_f64()?;
    // The comparison keeps the cast exact.
    (number.fract() == 0.0 && number.abs() < 9e15).then(|| Value::from(number as i64))
}
