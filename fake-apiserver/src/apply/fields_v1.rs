//! `FieldsV1`: a field set as JSON, the form in which `metadata.managedFields` stores it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>

use serde_json::{Map, Value};

use super::field_set::{FieldSet, PathElement};
use crate::schema::json;

/// Nesting beyond this is refused; no object of a cluster is a tenth as deep.
const DEPTH_MAX: usize = 512;

/// Why a value is not `FieldsV1`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldsError {
    /// A set is not an object.
    #[error("expected an object of fields")]
    NotAnObject,
    /// A path element has no two characters.
    #[error("key must be 2 characters long: {0}")]
    TooShort(String),
    /// A path element has no colon behind its first character.
    #[error("missing colon: {0}")]
    NoColon(String),
    /// What follows the colon cannot be read.
    #[error("unreadable path element: {0}")]
    Unreadable(String),
    /// The set is nested too deeply.
    #[error("nested too deeply")]
    TooDeep,
}

/// Reads a set.
///
/// Path elements of an unknown sort are skipped, so that later servers may add some.
///
/// # Errors
/// When the value is not an object of path elements.
pub fn parse(fields: &Value) -> Result<FieldSet, FieldsError> {
    Ok(parse_below(fields, 0)?.1)
}

/// Prints a set.
pub fn print(set: &FieldSet) -> Value {
    Value::Object(print_below(set, false))
}

/// Whether some path is in both a printed set and another one.
///
/// The printed set is read no further than the other one leads, and must be spelt as [`print`] spells it.
pub(super) fn intersects(fields: &Value, set: &FieldSet) -> bool {
    set.nodes().iter().any(|node| {
        below(fields, &node.element).is_some_and(|fields| {
            node.member && is_member(fields)
                || !node.children.is_empty() && intersects(fields, &node.children)
        })
    })
}

/// Whether every path of a set is in a printed one, which must be spelt as [`print`] spells it.
pub(super) fn contains(fields: &Value, set: &FieldSet) -> bool {
    set.nodes().iter().all(|node| {
        below(fields, &node.element)
            .is_some_and(|fields| (!node.member || is_member(fields)) && contains(fields, &node.children))
    })
}

/// Whether no path is in a printed set.
pub(super) fn is_empty(fields: &Value) -> bool {
    fields
        .as_object()
        .is_none_or(|fields| fields.keys().all(|key| key == "."))
}

fn below<'v>(fields: &'v Value, element: &PathElement) -> Option<&'v Value> {
    let fields = fields.as_object().filter(|fields| !fields.is_empty())?;
    fields.get(&print_element(element))
}

fn is_member(fields: &Value) -> bool {
    fields
        .as_object()
        .is_some_and(|fields| fields.is_empty() || fields.contains_key("."))
}

/// Returns whether the field itself is a member, and what is below.
fn parse_below(fields: &Value, depth: usize) -> Result<(bool, FieldSet), FieldsError> {
    let empty = Map::new();
    let fields = match fields {
        Value::Object(map) => map,
        Value::Null => &empty,
        _ => return Err(FieldsError::NotAnObject),
    };
    if depth > DEPTH_MAX {
        return Err(FieldsError::TooDeep);
    }
    let mut set = FieldSet::new();
    let mut member = fields.is_empty();
    for (key, below) in fields {
        if key == "." {
            member = true;
            continue;
        }
        let Some(element) = parse_element(key)? else {
            continue;
        };
        let (child_member, children) = parse_below(below, depth + 1)?;
        set.push(element, child_member, children);
    }
    Ok((member, set))
}

fn parse_element(key: &str) -> Result<Option<PathElement>, FieldsError> {
    let bytes = key.as_bytes();
    if bytes.len() < 2 {
        return Err(FieldsError::TooShort(key.into()));
    }
    if bytes[1] != b':' {
        return Err(FieldsError::NoColon(key.into()));
    }
    // The second byte is a colon, so that the cut falls between characters.
    let rest = &key[2..];
    let unreadable = || FieldsError::Unreadable(key.into());
    Ok(Some(match bytes[0] {
        b'f' => PathElement::field(rest),
        b'v' => PathElement::Value(Box::new(json::parse(rest.as_bytes()).map_err(|_| unreadable())?)),
        b'i' => PathElement::Index(rest.parse().map_err(|_| unreadable())?),
        b'k' => {
            let Ok(Value::Object(fields)) = json::parse(rest.as_bytes()) else {
                return Err(unreadable());
            };
            PathElement::key(fields.into_iter().map(|(k, v)| (k.into(), v)).collect())
        }
        _ => return Ok(None),
    }))
}

fn print_below(set: &FieldSet, member: bool) -> Map<String, Value> {
    let mut out = Map::new();
    if member && !set.is_empty() {
        out.insert(".".into(), Value::Object(Map::new()));
    }
    for node in set.nodes() {
        let below = print_below(&node.children, node.member);
        out.insert(print_element(&node.element), Value::Object(below));
    }
    out
}

fn print_element(element: &PathElement) -> String {
    match element {
        PathElement::Field(name) => {
            let mut out = String::with_capacity(name.len() + 2);
            out.push_str("f:");
            out.push_str(name);
            out
        }
        PathElement::Key(fields) => {
            let fields: Map<String, Value> = fields.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
            format!("k:{}", Value::Object(fields))
        }
        PathElement::Value(value) => format!("v:{value}"),
        PathElement::Index(i) => format!("i:{i}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::apply::testing;

    #[test]
    fn a_dot_marks_a_member_that_has_members_below() {
        let fields = json!({"f:data": {".": {}, "f:k": {}}, "f:metadata": {"f:labels": {"f:x": {}}}});
        let set = parse(&fields).unwrap();
        assert_eq!(set, FieldSet::of_fields(&["data", "data.k", "metadata.labels.x"]));
        assert_eq!(print(&set), fields);
    }

    #[test]
    fn items_are_named_by_key_value_or_position() {
        let fields = json!({"f:p": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
            "f:s": {"v:\"a\"": {}, "v:1": {}, "i:0": {}}});
        assert_eq!(print(&parse(&fields).unwrap()), fields);
    }

    #[test]
    fn unknown_sorts_of_element_are_skipped_and_malformed_ones_refused() {
        assert!(parse(&json!({"x:later": {}})).unwrap().is_empty());
        assert_eq!(
            parse(&json!({"nonsense": 5})),
            Err(FieldsError::NoColon("nonsense".into()))
        );
        assert_eq!(parse(&json!({"f": {}})), Err(FieldsError::TooShort("f".into())));
        assert_eq!(parse(&json!({"f:a": 5})), Err(FieldsError::NotAnObject));
        assert!(matches!(
            parse(&json!({"i:x": {}})),
            Err(FieldsError::Unreadable(_))
        ));
        assert!(matches!(
            parse(&json!({"v:{": {}})),
            Err(FieldsError::Unreadable(_))
        ));
        assert!(matches!(
            parse(&json!({"k:5": {}})),
            Err(FieldsError::Unreadable(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(set in testing::field_sets()) {
            prop_assert_eq!(parse(&print(&set)).unwrap(), set);
        }

        #[test]
        fn a_printed_set_answers_like_the_set_itself(a in testing::field_sets(), b in testing::field_sets()) {
            let printed = print(&a);
            prop_assert_eq!(intersects(&printed, &b), a.intersects(&b));
            prop_assert_eq!(contains(&printed, &b), b.is_subset(&a));
            prop_assert!(contains(&printed, &a));
            prop_assert_eq!(is_empty(&printed), a.is_empty());
        }

        #[test]
        fn any_json_is_read_or_refused(value in testing::json_values()) {
            if let Ok(set) = parse(&value) {
                prop_assert_eq!(&parse(&print(&set)).unwrap(), &set);
            }
        }
    }
}
