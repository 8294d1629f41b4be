use schemars::{JsonSchema, Schema, generate::SchemaSettings, json_schema, transform::Transform};
use serde_json::{Value, json};

use super::*;

/// The structural form of a schema written as JSON.
#[track_caller]
fn check(schema: Value, expect: Value) {
    let mut schema = Schema::try_from(schema).unwrap();
    StructuralSchemaRewriter.transform(&mut schema);
    assert_eq!(schema.to_value(), expect);
}

#[test]
fn keywords_that_kubernetes_has_no_use_for_are_dropped() {
    check(
        json!({
            "$schema": "s", "$id": "i", "$comment": "c", "examples": [1], "readOnly": true, "deprecated": true, "x-mine": 1,
            "type": "string", "description": "d", "format": "ip", "if": {}, "contentEncoding": "base64",
        }),
        json!({"type": "string", "description": "d"}),
    );
}

#[test]
fn null_is_nullable() {
    check(
        json!({"type": ["string", "null"]}),
        json!({"type": "string", "nullable": true}),
    );
    check(
        json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        json!({"type": "integer", "nullable": true}),
    );
    check(
        json!({"anyOf": [{"type": "integer"}, {"enum": [null], "nullable": true}]}),
        json!({"type": "integer", "nullable": true}),
    );
    check(
        json!({"enum": ["a", null], "type": ["string", "null"]}),
        json!({"type": "string", "enum": ["a"], "nullable": true}),
    );
    check(
        json!({"type": "null"}),
        json!({"nullable": true, "x-kubernetes-preserve-unknown-fields": true}),
    );
}

#[test]
fn bounds_become_those_of_the_older_draft() {
    check(
        json!({"type": "integer", "exclusiveMinimum": 3, "minimum": 1, "maximum": 9, "exclusiveMaximum": 20}),
        json!({"type": "integer", "minimum": 3, "exclusiveMinimum": true, "maximum": 9}),
    );
    check(
        json!({"type": "integer", "allOf": [{"minimum": 3, "exclusiveMinimum": true}, {"minimum": 5}, {"maxLength": 1}]}),
        json!({"type": "integer", "minimum": 5, "maxLength": 1}),
    );
    check(
        json!({"type": "integer", "format": "uint32", "minimum": 0}),
        json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
    );
    check(
        json!({"type": "string", "maxLength": u64::MAX}),
        json!({"type": "string", "maxLength": i64::MAX}),
    );
}

#[test]
fn constants_are_values_of_their_type() {
    check(json!({"const": "a"}), json!({"type": "string", "enum": ["a"]}));
    check(
        json!({"enum": [1, 2]}),
        json!({"type": "integer", "enum": [1, 2]}),
    );
    check(
        json!({"oneOf": [{"const": "a", "description": "A."}, {"type": "string", "enum": ["b", "c"]}]}),
        json!({"type": "string", "enum": ["a", "b", "c"]}),
    );
    check(
        json!({"enum": [1, "a"]}),
        json!({"enum": [1, "a"], "x-kubernetes-preserve-unknown-fields": true}),
    );
}

#[test]
fn several_types() {
    check(
        json!({"type": ["integer", "string"]}),
        json!({"x-kubernetes-int-or-string": true}),
    );
    check(
        json!({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true}),
        json!({"x-kubernetes-int-or-string": true}),
    );
    check(json!({"type": ["integer", "number"]}), json!({"type": "number"}));
    check(
        json!({"type": ["boolean", "string"]}),
        json!({"x-kubernetes-preserve-unknown-fields": true}),
    );
    check(
        json!({"anyOf": [{"type": "string"}, {"type": "object"}], "description": "d"}),
        json!({"x-kubernetes-preserve-unknown-fields": true, "description": "d"}),
    );
}

#[test]
fn anything_keeps_everything() {
    let open = json!({"x-kubernetes-preserve-unknown-fields": true, "nullable": true});
    check(
        json!({"properties": {"a": true}}),
        json!({"type": "object", "properties": {"a": open}}),
    );
    check(
        json!({"properties": {"a": {}}}),
        json!({"type": "object", "properties": {"a": open}}),
    );
    check(json!({"type": "array"}), json!({"type": "array", "items": open}));
}

#[test]
fn maps_and_closed_structs() {
    check(
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
    );
    check(
        json!({"type": "object", "additionalProperties": true}),
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    );
    check(
        json!({"properties": {"a": {"type": "string"}}, "additionalProperties": false}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    );
    check(
        json!({"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "x-kubernetes-preserve-unknown-fields": true}),
    );
    check(
        json!({"type": "object", "patternProperties": {"^\\d+$": {"type": "string"}}, "additionalProperties": false}),
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
    );
}

#[test]
fn sets_and_tuples() {
    check(
        json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true}),
        json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}),
    );
    // The items of a set cannot be null, and objects would have to be atomic.
    check(
        json!({"type": "array", "items": {"type": ["string", "null"]}, "uniqueItems": true}),
        json!({"type": "array", "items": {"type": "string", "nullable": true}}),
    );
    check(
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2}),
        json!({"type": "array", "items": {"x-kubernetes-int-or-string": true}, "minItems": 2, "maxItems": 2}),
    );
    check(
        json!({"type": "array", "items": [{"type": "string"}, {"type": "string"}]}),
        json!({"type": "array", "items": {"type": "string"}}),
    );
}

#[test]
fn variants_that_share_a_field_keep_what_both_allow() {
    check(
        json!({"anyOf": [
            {"properties": {"a": {"type": "integer", "minimum": 1}}, "required": ["a"]},
            {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a", "b"]},
        ]}),
        json!({
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
            "required": ["a"],
            "anyOf": [{"properties": {"a": {"minimum": 1}}}, {"required": ["b"]}],
        }),
    );
    check(
        json!({"anyOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"type": "object"}}}]}),
        json!({"type": "object", "properties": {"a": {"x-kubernetes-preserve-unknown-fields": true}}}),
    );
}

#[test]
fn alternatives_without_a_type_have_that_of_the_schema_around_them() {
    check(
        json!({"type": "string", "anyOf": [{"pattern": "^a"}, {"maxLength": 1}]}),
        json!({"type": "string", "anyOf": [{"pattern": "^a"}, {"maxLength": 1}]}),
    );
    check(
        json!({
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        }),
        json!({
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        }),
    );
}

#[test]
fn one_of_becomes_any_of_where_types_alone_told_variants_apart() {
    check(
        json!({"oneOf": [
            {"properties": {"a": {"type": "string", "minLength": 1}}, "required": ["a"]},
            {"properties": {"a": {"type": "integer", "minimum": 1}}, "required": ["a"]},
        ]}),
        json!({
            "type": "object",
            "properties": {"a": {"x-kubernetes-int-or-string": true}},
            "required": ["a"],
            "anyOf": [{"properties": {"a": {"minLength": 1}}}, {"properties": {"a": {"minimum": 1}}}],
        }),
    );
}

#[test]
fn negation_stays_only_if_it_means_the_same() {
    check(
        json!({"type": "string", "not": {"enum": ["a"]}}),
        json!({"type": "string", "not": {"enum": ["a"]}}),
    );
    check(
        json!({"type": "string", "not": {"type": "string", "minLength": 2}}),
        json!({"type": "string"}),
    );
    check(
        json!({"type": "object", "not": {"required": ["a"]}}),
        json!({"type": "object"}),
    );
}

#[test]
fn references_are_followed_and_what_stands_beside_them_wins() {
    check(
        json!({
            "properties": {"a": {"$ref": "#/$defs/A~1b", "description": "mine", "default": {"x": "y"}}},
            "$defs": {"A/b": {"type": "object", "description": "theirs", "properties": {"x": {"type": "string"}}}},
        }),
        json!({
            "type": "object",
            "properties": {"a": {
                "type": "object", "description": "mine", "default": {"x": "y"}, "properties": {"x": {"type": "string"}},
            }},
        }),
    );
    check(
        json!({"properties": {"a": {"$ref": "#/$defs/None"}, "b": {"$ref": "https://example.com/schema"}}}),
        json!({"type": "object", "properties": {
            "a": {"x-kubernetes-preserve-unknown-fields": true},
            "b": {"x-kubernetes-preserve-unknown-fields": true},
        }}),
    );
}

#[test]
fn defaults_that_are_no_value_of_the_schema_are_dropped() {
    let with = |schema: Value, default: Value| {
        let mut schema = schema;
        schema["default"] = default;
        let mut schema = Schema::try_from(schema).unwrap();
        StructuralSchemaRewriter.transform(&mut schema);
        schema.get("default").cloned()
    };
    assert_eq!(with(json!({"type": "string"}), json!("a")), Some(json!("a")));
    assert_eq!(with(json!({"type": "string"}), json!(1)), None);
    assert_eq!(with(json!({"type": "string"}), Value::Null), None);
    assert_eq!(with(json!({"type": "number"}), json!(1)), Some(json!(1)));
    assert_eq!(with(json!({"enum": ["a"]}), json!("b")), None);
    let object = json!({"properties": {"a": {"type": ["integer", "null"]}}, "required": ["a"]});
    assert_eq!(with(object.clone(), json!({"a": null})), Some(json!({"a": null})));
    assert_eq!(with(object.clone(), json!({})), None);
    assert_eq!(with(object, json!({"a": 1, "unknown": 1})), None);
    assert_eq!(with(json!({"items": {"type": "string"}}), json!(["a", 1])), None);
}

#[test]
fn contradictions_end_somewhere() {
    check(
        json!({"type": "string", "properties": {"a": true}, "items": true}),
        json!({"type": "string"}),
    );
    check(
        json!({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}),
        json!({"type": "string", "enum": ["a"]}),
    );
    check(
        json!({"type": "what"}),
        json!({"x-kubernetes-preserve-unknown-fields": true, "nullable": true}),
    );
    check(
        json!({"type": 3, "properties": [], "required": "a", "enum": {}, "anyOf": 1, "items": 3, "$ref": 4}),
        json!({"x-kubernetes-preserve-unknown-fields": true, "nullable": true}),
    );
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Node {
    name: String,
    /// Those below.
    children: Vec<Node>,
    parent: Option<Box<Node>>,
    by_name: std::collections::BTreeMap<String, Other>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "for its schema")]
enum Other {
    Node(Box<Node>),
    Leaf { value: i64 },
}

#[test]
fn a_type_that_contains_itself_is_cut_where_it_repeats() {
    let schema = structural_schema_for::<Node>().to_value();
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    assert_eq!(
        schema["properties"]["children"]["items"]["properties"]["children"]["items"],
        open
    );
    assert!(!schema.to_string().contains("$ref"));
    // The same when schemars inlines what it can.
    let inlined = SchemaSettings::openapi3()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(StructuralSchemaRewriter)
        .into_generator()
        .into_root_schema_for::<Node>();
    assert!(!inlined.to_value().to_string().contains("$ref"));
}

#[test]
fn depth_is_bounded() {
    let mut schema = json!({"type": "string"});
    for _ in 0..5_000 {
        schema = json!({"type": "array", "items": schema});
    }
    let mut schema = Schema::try_from(schema).unwrap();
    StructuralSchemaRewriter.transform(&mut schema);
    let mut depth = 0;
    let mut inner = schema.as_value();
    while let Some(items) = inner.get("items") {
        depth += 1;
        inner = items;
    }
    assert_eq!(depth, 100);
    assert_eq!(*inner, json!({"x-kubernetes-preserve-unknown-fields": true}));
}

#[test]
fn free_form_types_of_k8s_openapi_keep_their_content() {
    use k8s_openapi::{
        apiextensions_apiserver::pkg::apis::apiextensions::v1::JSON, apimachinery::pkg::runtime::RawExtension,
    };

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "for its schema")]
    struct Holder {
        raw: RawExtension,
        json: Option<JSON>,
    }

    let schema = structural_schema_for::<Holder>().to_value();
    assert_eq!(schema["properties"]["raw"]["type"], "object");
    assert_eq!(
        schema["properties"]["raw"]["x-kubernetes-preserve-unknown-fields"],
        true
    );
    assert_eq!(schema["properties"]["json"].get("type"), None);
    assert_eq!(
        schema["properties"]["json"]["x-kubernetes-preserve-unknown-fields"],
        true
    );
}

#[test]
fn rewriting_twice_changes_nothing() {
    let once = structural_schema_for::<Node>();
    let mut twice = once.clone();
    StructuralSchemaRewriter.transform(&mut twice);
    assert_eq!(once, twice);
}

#[test]
fn optional_transforms() {
    let mut schema = json_schema!({
        "properties": {
            "a": {"anyOf": [{"enum": ["x"]}, {"enum": [null], "nullable": true}], "description": "d"},
            "b": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "c": {"x-kubernetes-int-or-string": true},
            "d": {"x-kubernetes-int-or-string": true},
        },
        "required": ["d"],
    });
    OptionalEnum.transform(&mut schema);
    OptionalIntOrString.transform(&mut schema);
    assert_eq!(
        schema.to_value()["properties"],
        json!({
            "a": {"enum": ["x"], "nullable": true, "description": "d"},
            "b": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "c": {"x-kubernetes-int-or-string": true, "nullable": true},
            "d": {"x-kubernetes-int-or-string": true},
        })
    );
}
