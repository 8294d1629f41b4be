//! Reading and filling in fields of an object that may lack anything, for the rules of a kind.

use serde_json::{Map, Value};

/// An object's fields.
pub(in crate::registry) type Fields = Map<String, Value>;

/// Gives an absent field a value; a null counts as absent.
pub(in crate::registry) fn default(fields: &mut Fields, name: &str, value: impl Into<Value>) {
    if fields.get(name).is_none_or(Value::is_null) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Gives an absent or empty text a value.
pub(in crate::registry) fn default_text(fields: &mut Fields, name: &str, value: &str) {
    if text(fields, name).is_empty() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Gives an absent or zero number a value: numbers that Go holds by value cannot tell the two apart.
pub(in crate::registry) fn default_number(fields: &mut Fields, name: &str, value: i64) {
    if int(fields, name).unwrap_or(0) == 0 {
        fields.insert(name.to_owned(), value.into());
    }
}

/// The struct in a field, where there is one.
pub(in crate::registry) fn child<'f>(fields: &'f mut Fields, name: &str) -> Option<&'f mut Fields> {
    fields.get_mut(name).and_then(Value::as_object_mut)
}

/// The struct in a field, made where there is none.
pub(in crate::registry) fn ensure<'f>(fields: &'f mut Fields, name: &str) -> &'f mut Fields {
    let slot = fields.entry(name).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    match slot {
        Value::Object(map) => map,
        _ => unreachable!("the slot was made an object just above"),
    }
}

/// The struct at the end of a path, where there is one.
pub(in crate::registry) fn at<'f>(fields: &'f mut Fields, path: &[&str]) -> Option<&'f mut Fields> {
    path.iter().try_fold(fields, |fields, name| child(fields, name))
}

/// The structs in a list.
pub(in crate::registry) fn each<'f>(
    fields: &'f mut Fields,
    name: &str,
) -> impl Iterator<Item = &'f mut Fields> {
    let items = fields.get_mut(name).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// The text in a field; empty where there is none.
pub(in crate::registry) fn text<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The number in a field.
pub(in crate::registry) fn int(fields: &Fields, name: &str) -> Option<i64> {
    fields.get(name).and_then(Value::as_i64)
}

/// Whether a field holds anything but null.
pub(in crate::registry) fn has(fields: &Fields, name: &str) -> bool {
    fields.get(name).is_some_and(|v| !v.is_null())
}
