use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::patch::gojson;

fn patched(object: &Value, patch: &Value) -> Result<Value, Why> {
    match apply(&gojson::write(object), patch.to_string().as_bytes()) {
        Ok(patched) => Ok(patched.value().clone()),
        Err(Error::Operation { why, .. }) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn operations_do_what_the_server_does() {
    let object = json!({"data": {"k": "1", "n": null}, "list": [1, 2, 3]});
    let changed = |path: &str, value: Value| {
        let mut changed = object.clone();
        *changed.pointer_mut(path).expect(path) = value;
        Ok(changed)
    };
    for (patch, expected) in [
        (json!([]), Ok(object.clone())),
        (
            json!([{"op": "add", "path": "/data/x", "value": "y"}]),
            changed("/data", json!({"k": "1", "n": null, "x": "y"})),
        ),
        (
            json!([{"op": "add", "path": "/data/x"}]),
            changed("/data", json!({"k": "1", "n": null, "x": null})),
        ),
        (
            json!([{"op": "replace", "path": "/data/k"}]),
            changed("/data/k", Value::Null),
        ),
        (
            json!([{"op": "replace", "path": "/data/x", "value": 2}]),
            changed("/data", json!({"k": "1", "n": null, "x": 2})),
        ),
        (
            json!([{"op": "remove", "path": "/data/k"}]),
            changed("/data", json!({"n": null})),
        ),
        (
            json!([{"op": "remove", "path": "/data/x"}]),
            Err(Why::NoSuchMember),
        ),
        (
            json!([{"op": "move", "from": "/data/k", "path": "/data/x"}]),
            changed("/data", json!({"n": null, "x": "1"})),
        ),
        (
            json!([{"op": "move", "from": "/data/x", "path": "/data/y"}]),
            Err(Why::NoSuchMember),
        ),
        (
            json!([{"op": "copy", "from": "/data/x", "path": "/data/y"}]),
            changed("/data", json!({"k": "1", "n": null, "y": null})),
        ),
        (
            json!([{"op": "copy", "path": "/data/y"}]),
            Err(Why::MissingPointer),
        ),
        (
            json!([{"op": "add", "path": "/no/x", "value": 1}]),
            Err(Why::NoSuchParent),
        ),
        (
            json!([{"op": "add", "path": "/data/k/x", "value": 1}]),
            Err(Why::NoSuchParent),
        ),
        (
            json!([{"op": "add", "path": "/data/n/x", "value": 1}]),
            Err(Why::NoSuchParent),
        ),
        (
            json!([{"op": "add", "path": "list", "value": 1}]),
            Err(Why::NoSuchParent),
        ),
        (
            json!([{"op": "remove", "path": "root/list"}]),
            Ok(json!({"data": object["data"]})),
        ),
        (
            json!([{"op": "add", "path": "/list/-", "value": 4}]),
            changed("/list", json!([1, 2, 3, 4])),
        ),
        (
            json!([{"op": "add", "path": "/list/-1", "value": 4}]),
            changed("/list", json!([1, 2, 3, 4])),
        ),
        (
            json!([{"op": "add", "path": "/list/1", "value": 4}]),
            changed("/list", json!([1, 4, 2, 3])),
        ),
        (
            json!([{"op": "add", "path": "/list/4", "value": 4}]),
            Err(Why::BadIndex),
        ),
        (
            json!([{"op": "remove", "path": "/list/-1"}]),
            changed("/list", json!([1, 2])),
        ),
        (json!([{"op": "remove", "path": "/list/3"}]), Err(Why::BadIndex)),
        (
            json!([{"op": "replace", "path": "/list/-", "value": 4}]),
            Err(Why::BadIndex),
        ),
        (
            json!([{"op": "replace", "path": "/list/-4", "value": 4}]),
            Err(Why::BadIndex),
        ),
        (
            json!([{"op": "test", "path": "/list", "value": [1, 2, 3]}]),
            Ok(object.clone()),
        ),
        (
            json!([{"op": "test", "path": "/list/0", "value": "1"}]),
            Err(Why::TestFailed),
        ),
        (
            json!([{"op": "test", "path": "/data/x", "value": null}]),
            Ok(object.clone()),
        ),
        (json!([{"op": "test", "path": "/data/n"}]), Ok(object.clone())),
        (
            json!([{"op": "test", "path": "/data/k", "value": null}]),
            Err(Why::TestFailed),
        ),
        (
            json!([{"op": "test", "path": "/no/x", "value": null}]),
            Err(Why::NoSuchParent),
        ),
        (
            json!([{"op": "ADD", "path": "/data/x", "value": 1}]),
            Err(Why::UnknownOperation),
        ),
        (json!([{}]), Err(Why::UnknownOperation)),
        (json!([null]), Err(Why::UnknownOperation)),
    ] {
        assert_eq!(patched(&object, &patch), expected, "{patch}");
    }
}

#[test]
fn numbers_and_strings_are_compared_as_written() {
    let object = r#"{"n":2,"s":"a\u003cb"}"#;
    for (body, same) in [
        (r#"[{"op":"test","path":"/n","value":2}]"#, true),
        (r#"[{"op":"test","path":"/n","value":2.0}]"#, false),
        (r#"[{"op":"test","path":"/s","value":"a<b"}]"#, false),
    ] {
        assert_eq!(apply(object, body.as_bytes()).is_ok(), same, "{body}");
    }
}

#[test]
fn escapes_in_paths_are_taken_once() {
    let object = json!({"a.b/c~d": 1, "~1": 1});
    let patch = json!([{"op": "replace", "path": "/a.b~1c~0d", "value": 2}, {"op": "replace", "path": "/~01", "value": 2}]);
    assert_eq!(patched(&object, &patch), Ok(json!({"a.b/c~d": 2, "~1": 2})));
}

#[test]
fn what_is_not_touched_keeps_its_order() {
    let object = r#"{"kind":"ConfigMap","data":{"z":"1","a":"2"},"metadata":{"name":"n","labels":{}}}"#;
    let body = br#"[{"op":"add","path":"/data/b","value":{"y": 1, "x": 2}}]"#;
    let text = apply(object, body).expect("a good patch").text;
    assert_eq!(
        text,
        r#"{"data":{"a":"2","b":{"y":1,"x":2},"z":"1"},"kind":"ConfigMap","metadata":{"name":"n","labels":{}}}"#
    );
}

#[test]
fn bodies_that_are_no_patch_are_told_apart() {
    for (body, message) in [
        ("", "error decoding patch: unexpected end of JSON input"),
        (
            "\"text\"",
            "error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp",
        ),
        (
            "{}",
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (
            "[1]",
            "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
        ),
        (
            r#"[{"op":"add","path":7}]"#,
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string",
        ),
    ] {
        let status = apply("{}", body.as_bytes()).expect_err(body).status();
        assert_eq!((status.code(), status.message()), (400, message));
    }
    assert_eq!(apply("{}", b"null").map(|p| p.text).as_deref(), Ok("{}"));
}

#[test]
fn limits_are_kept() {
    let operations = |n: usize| format!("[{}]", vec!["{}"; n].join(","));
    let status = apply("{}", operations(10_001).as_bytes())
        .expect_err("too many")
        .status();
    assert_eq!(status.code(), 413);
    assert_eq!(
        status.message(),
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"
    );
    let status = apply("{}", operations(10_000).as_bytes())
        .expect_err("no operations")
        .status();
    assert_eq!((status.code(), status.reason()), (422, "Invalid"));
    let doubling: Vec<_> = (0..40)
        .map(|i| json!({"op": "copy", "from": "/m", "path": format!("/m/n{i}")}))
        .collect();
    assert_eq!(
        patched(&json!({"m": {"k": "x".repeat(1000)}}), &Value::from(doubling)),
        Err(Why::CopiesTooLarge)
    );
}

#[test]
fn unknown_and_duplicate_fields_are_noted() {
    let body = br#"[{"op":"add","op":"add","path":"/x","value":{"a":1,"a":2},"extra":1}]"#;
    let findings = apply("{}", body).expect("a good patch").findings;
    assert_eq!(
        findings,
        [
            r#"json patch duplicate field "[0].op""#,
            r#"json patch duplicate field "[0].value.a""#,
            r#"json patch unknown field "[0].extra""#
        ]
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..4i64).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_object() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map("[a-c]", any_value(), 0..3)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn any_operation() -> impl Strategy<Value = Value> {
    let path = "(/[a-c~01-]{0,2}){0,3}";
    let op = prop_oneof![
        Just("add"),
        Just("remove"),
        Just("replace"),
        Just("move"),
        Just("copy"),
        Just("test")
    ];
    (op, path, path, any_value())
        .prop_map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
}

proptest! {
    #[test]
    fn no_patch_panics_and_tests_change_nothing(object in any_object(), patch in proptest::collection::vec(any_operation(), 0..6)) {
        let tests: Vec<_> = patch.iter().filter(|p| p["op"] == "test").cloned().collect();
        if let Ok(after) = patched(&object, &Value::from(tests)) {
            prop_assert_eq!(&after, &object);
        }
        let _ = patched(&object, &Value::from(patch));
    }

    #[test]
    fn what_was_added_passes_a_test(object in any_object(), key in "[a-d]", value in any_value()) {
        let path = format!("/{key}");
        let patch = json!([
            {"op": "add", "path": path, "value": value},
            {"op": "test", "path": path, "value": value},
        ]);
        prop_assert_eq!(patched(&object, &patch).map(|after| after[&key].clone()), Ok(value));
    }
}
