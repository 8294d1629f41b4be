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

/// Writes a set as JSON, to the letter what [`print`] gives.
pub(super) fn write(set: &FieldSet, out: &mut Vec<u8>) {
    write_below(set, false, out);
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

fn write_below(set: &FieldSet, member: bool, out: &mut Vec<u8>) {
    if set.is_empty() {
        return out.extend_from_slice(b"{}");
    }
    out.push(b'{');
    let mut empty = true;
    let mut comma = |out: &mut Vec<u8>| {
        if !std::mem::take(&mut empty) {
            out.push(b',');
        }
    };
    if member {
        comma(out);
        out.extend_from_slice(br#"".":{}"#);
    }
    // Fields come in the order of their names already; what tells items apart is sorted as text.
    let fields = set
        .nodes()
        .iter()
        .take_while(|n| matches!(n.element, PathElement::Field(_)));
    let named = fields.clone().count();
    for node in fields {
        let PathElement::Field(name) = &node.element else {
            continue;
        };
        comma(out);
        if json::is_plain(name) {
            out.extend_from_slice(b"\"f:");
            out.extend_from_slice(name.as_bytes());
            out.push(b'"');
        } else {
            json::write_string(out, &print_element(&node.element));
        }
        out.push(b':');
        write_below(&node.children, node.member, out);
    }
    let items = set.nodes()[named..].iter();
    let mut items: Vec<_> = items.map(|node| (print_element(&node.element), node)).collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, node) in items {
        comma(out);
        json::write_string(out, &name);
        out.push(b':');
        write_below(&node.children, node.member, out);
    }
    out.push(b'}');
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
            let mut out = b"k:{".to_vec();
            for (i, (name, value)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                json::write_string(&mut out, name);
                out.push(b':');
                json::write(&mut out, value);
            }
            out.push(b'}');
            // The parts are JSON, which is UTF-8, so nothing is replaced.
            String::from_utf8_lossy(&out).into_owned()
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
        fn what_is_written_is_what_is_printed(set in testing::field_sets()) {
            let mut out = Vec::new();
            write(&set, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), print(&set).to_string());
        }

        #[test]
        fn any_json_is_read_or_refused(value in testing::json_values()) {
            if let Ok(set) = parse(&value) {
                prop_assert_eq!(&parse(&print(&set)).unwrap(), &set);
            }
        }
    }
}
