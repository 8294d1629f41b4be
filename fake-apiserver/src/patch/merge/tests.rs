use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn merged(object: &Value, patch: &Value) -> Value {
    apply(&gojson::write(object), patch.to_string().as_bytes())
        .expect("a good patch")
        .value()
        .clone()
}

#[test]
fn members_are_merged_and_nulls_remove() {
    for (object, patch, expected) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (json!({"a": {"b": "c"}}), json!({"a": [1]}), json!({"a": [1]})),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
        (json!({"e": null}), json!({"a": 1}), json!({"a": 1, "e": null})),
        (
            json!({"e": null}),
            json!({"e": {"x": null, "y": 1}}),
            json!({"e": {"y": 1}}),
        ),
    ] {
        assert_eq!(merged(&object, &patch), expected, "{patch}");
    }
}

#[test]
fn nulls_inside_arrays_go_unless_an_object_is_replaced() {
    let patch = json!({"a": [{"x": null, "y": 1}, null]});
    assert_eq!(merged(&json!({}), &patch), json!({"a": [{"y": 1}, null]}));
    assert_eq!(merged(&json!({"a": [1]}), &patch), json!({"a": [{"y": 1}, null]}));
    assert_eq!(merged(&json!({"a": {}}), &patch), patch);
}

#[test]
fn bodies_that_are_no_patch_are_told_apart() {
    for (body, message) in [
        ("null", "Invalid JSON Patch"),
        (
            "[{}]",
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            "\"x\"",
            "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}",
        ),
        ("", "error decoding patch: unexpected end of JSON input"),
        (
            "data:\n  k: yaml\n",
            "error decoding patch: invalid character 'd' looking for beginning of value",
        ),
        (
            "{\"a\":1e999}",
            "error decoding patch: json: cannot unmarshal number 1e999 into Go value of type float64",
        ),
    ] {
        let status = apply("{}", body.as_bytes()).expect_err(body).status();
        assert_eq!((status.code(), status.message()), (400, message));
    }
}

#[test]
fn what_is_not_touched_keeps_its_order_and_duplicates_are_noted() {
    let object = r#"{"kind":"K","data":{"z":"1"},"metadata":{"name":"n","labels":{}}}"#;
    let patched = apply(object, br#"{"data":{"d":"1","d":"2"}}"#).expect("a good patch");
    assert_eq!(
        patched.text,
        r#"{"data":{"d":"2","z":"1"},"kind":"K","metadata":{"name":"n","labels":{}}}"#
    );
    assert_eq!(patched.findings, ["duplicate field \"data.d\""]);
}

/// The patch that makes `to` out of `from`; neither may have nulls.
fn difference(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let mut patch = Map::new();
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in to {
        match from.get(key) {
            Some(before) if before == value => {}
            Some(before) if before.is_object() => drop(patch.insert(key.clone(), difference(before, value))),
            _ => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(patch)
}

fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-c]", value, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn a_difference_leads_to_its_target(from in any_object(), to in any_object()) {
        let patch = difference(&from, &to);
        prop_assert_eq!(merged(&from, &patch), to);
    }

    #[test]
    fn no_body_panics(object in any_object(), body in proptest::collection::vec(any::<u8>(), 0..24), text in "[{}\\[\\]\":,a1n ]{0,16}") {
        let object = gojson::write(&object);
        let _ = apply(&object, &body);
        let _ = apply(&object, text.as_bytes());
    }
}
