use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn check(schema: Value, value: Value, expect: &[&str]) {
    let schema = Props::parse(&json!({"type": "object", "properties": {"spec": schema}}));
    let errors: Vec<String> = validate(&json!({"spec": value}), None, &schema, "")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors, expect);
}

#[test]
fn types_are_told_by_their_names() {
    check(
        json!({"type": "integer"}),
        json!("x"),
        &[r#"spec: Invalid value: "string": spec in body must be of type integer: "string""#],
    );
    check(
        json!({"type": "object"}),
        json!(null),
        &[r#"spec: Invalid value: "null": spec in body must be of type object: "null""#],
    );
    check(json!({"type": "string", "nullable": true}), json!(null), &[]);
    check(json!({"type": "number"}), json!(1), &[]);
    check(
        json!({"type": "integer", "format": "int64"}),
        json!(9223372036854775808_u64 as f64),
        &[
            r#"spec: Invalid value: "float64": spec in body must be of type int64: "float64""#,
            r#"<nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec"#,
        ],
    );
    check(
        json!({"type": "string", "enum": ["red", "green"]}),
        json!(1),
        &[
            r#"spec: Invalid value: "integer": spec in body must be of type string: "integer""#,
            r#"spec: Unsupported value: 1: supported values: "red", "green""#,
        ],
    );
}

#[test]
fn numbers_are_held_to_their_bounds() {
    let bounds = json!({"type": "integer", "minimum": 1, "maximum": 10, "exclusiveMaximum": true});
    check(
        bounds.clone(),
        json!(0),
        &["spec: Invalid value: 0: spec in body should be greater than or equal to 1"],
    );
    check(
        bounds.clone(),
        json!(10),
        &["spec: Invalid value: 10: spec in body should be less than 10"],
    );
    check(
        bounds,
        json!(1e20),
        &[
            r#"spec: Invalid value: "number": spec in body must be of type integer: "number""#,
            r#"<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec"#,
            "spec: Invalid value: 1e+20: spec in body should be less than 10",
        ],
    );
    check(json!({"type": "number", "multipleOf": 0.25}), json!(0.75), &[]);
    check(
        json!({"type": "number", "multipleOf": 0.25}),
        json!(0.3),
        &["spec: Invalid value: 0.3: spec in body should be a multiple of 0.25"],
    );
    check(
        json!({"type": "integer", "format": "int32"}),
        json!(2147483648_i64),
        &[r#"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec"#],
    );
}

#[test]
fn texts_and_sizes_are_held_to_their_limits() {
    check(
        json!({"type": "string", "maxLength": 3}),
        json!("äöüß"),
        &["spec: Too long: may not be more than 3 bytes"],
    );
    check(
        json!({"type": "string", "minLength": 2, "pattern": "^x"}),
        json!("a"),
        &[r#"spec: Invalid value: "a": spec in body should be at least 2 chars long"#],
    );
    check(
        json!({"type": "string", "pattern": "^[a-z]+$"}),
        json!("abc\n"),
        &[r#"spec: Invalid value: "abc\n": spec in body should match '^[a-z]+$'"#],
    );
    check(
        json!({"type": "array", "maxItems": 1, "items": {"type": "string"}}),
        json!(["a", 1]),
        &[
            r#"spec[1]: Invalid value: "integer": spec[1] in body must be of type string: "integer""#,
            "spec: Too many: 2: must have at most 1 item",
        ],
    );
    check(
        json!({"type": "object", "required": ["a"]}),
        json!({}),
        &["spec.a: Required value"],
    );
    check(
        json!({"type": "string", "format": "ipv4"}),
        json!("1.2.3"),
        &[r#"spec: Invalid value: "1.2.3": spec in body must be of type ipv4: "1.2.3""#],
    );
}

#[test]
fn junctors_show_their_best_alternative() {
    check(
        json!({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        json!({}),
        &[
            r#"<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)"#,
            "spec.a: Required value",
        ],
    );
    check(
        json!({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        json!({"a": 1, "b": 1}),
        &[
            r#"<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives"#,
        ],
    );
    check(
        json!({"type": "integer", "allOf": [{"minimum": 2}, {"maximum": 5}]}),
        json!(1),
        &[
            "spec: Invalid value: 1: spec in body should be greater than or equal to 2",
            r#"<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)"#,
        ],
    );
    check(
        json!({"type": "string", "not": {"enum": ["bad"]}}),
        json!("bad"),
        &[r#"<nil>: Invalid value: "": "spec" must not validate the schema (not)"#],
    );
    check(
        json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
        json!(1.5),
        &[
            r#"spec: Invalid value: "number": spec in body must be of type integer,string: "number""#,
            r#"<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)"#,
            r#"spec: Invalid value: "number": spec in body must be of type integer: "number""#,
            r#"<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec"#,
        ],
    );
}

#[test]
fn the_status_alone_is_named_from_itself() {
    let schema = Props::parse(&json!({"type": "object", "properties": {"b": {"type": "integer"}}}));
    let errors = validate(&json!({"b": "x"}), None, &schema, "status");
    assert_eq!(
        errors[0].to_string(),
        r#"status.b: Invalid value: "string": b in body must be of type integer: "string""#
    );
}

fn arbitrary_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"})),
        Just(json!({"type": "string", "format": "date-time", "nullable": true})),
        Just(json!({"type": "string", "pattern": "("})),
        Just(json!({"type": "integer", "minimum": 1, "maximum": 5.5, "multipleOf": 0.5, "format": "int32"})),
        Just(json!({"type": "number", "multipleOf": 2, "exclusiveMinimum": true, "minimum": 0})),
        Just(json!({"x-kubernetes-int-or-string": true, "enum": [1, "a"]})),
        Just(json!({"x-kubernetes-preserve-unknown-fields": true})),
        Just(json!({"type": "boolean", "default": true})),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let named = prop::collection::btree_map("[a-d]", inner.clone(), 0..4);
        let junctor = prop::sample::select(vec!["allOf", "anyOf", "oneOf"]);
        prop_oneof![
            named.prop_map(
                |p| json!({"type": "object", "properties": p, "required": ["a"], "maxProperties": 3})
            ),
            inner
                .clone()
                .prop_map(|s| json!({"type": "object", "additionalProperties": s})),
            (inner.clone(), any::<bool>()).prop_map(|(s, set)| {
                json!({"type": "array", "items": s, "maxItems": 2,
                    "x-kubernetes-list-type": if set { "set" } else { "atomic" }})
            }),
            (junctor, prop::collection::vec(inner.clone(), 0..3), inner)
                .prop_map(|(junctor, all, not)| json!({"type": "object", junctor: all, "not": not})),
        ]
    })
}

fn arbitrary_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|m| json!(m)),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_judged_by_any_schema(schema in arbitrary_schema(), value in arbitrary_value()) {
        let props = Props::parse(&schema);
        let errors = validate(&value, None, &props, "");
        prop_assert_eq!(&errors, &validate(&value, None, &props, ""));
        crate::crd::list_type::validate(&value, &props, "");
    }

    #[test]
    fn filling_in_and_pruning_settle(schema in arbitrary_schema(), value in arbitrary_value()) {
        let props = Props::parse(&schema);
        let mut once = value;
        crate::crd::prune::nulls(&mut once, &props);
        crate::crd::prune::defaults(&mut once, &props);
        crate::crd::prune::unknown(&mut once, &props);
        let mut twice = once.clone();
        crate::crd::prune::nulls(&mut twice, &props);
        crate::crd::prune::defaults(&mut twice, &props);
        prop_assert!(crate::crd::prune::unknown(&mut twice, &props).is_empty());
        prop_assert_eq!(twice, once);
    }
}
