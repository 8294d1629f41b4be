use serde_json::{Value, json};

use super::*;

#[track_caller]
fn check(schema: Value, value: Value, expect: &[&str]) {
    let errors = Validator::new(schema).validate(&value, None).err();
    let lines: Vec<String> = errors
        .into_iter()
        .flat_map(|errors| errors.0)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(lines, expect);
}

#[test]
fn types() {
    check(json!({"type": "string"}), json!(1), &["must be of type string"]);
    check(json!({"type": "integer"}), json!(1.0), &[]);
    check(
        json!({"type": "integer"}),
        json!(1.5),
        &["must be of type integer"],
    );
    check(json!({"type": "number"}), json!(1), &[]);
    check(
        json!({"type": "boolean"}),
        json!("true"),
        &["must be of type boolean"],
    );
    check(
        json!({"x-kubernetes-int-or-string": true}),
        json!(true),
        &["must be of type integer or string"],
    );
    check(json!({"type": "object"}), json!(null), &["must not be null"]);
    check(json!({"type": "object", "nullable": true}), json!(null), &[]);
    check(
        json!({"type": "string", "enum": ["a", "b"]}),
        json!("c"),
        &[r#"must be one of "a", "b""#],
    );
}

#[test]
fn limits() {
    check(
        json!({"type": "integer", "minimum": 1, "maximum": 3}),
        json!(0),
        &["must be at least 1"],
    );
    check(
        json!({"type": "integer", "maximum": 3, "exclusiveMaximum": true}),
        json!(3),
        &["must be below 3"],
    );
    check(
        json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
        json!(1),
        &["must be above 1"],
    );
    check(
        json!({"type": "number", "multipleOf": 0.5}),
        json!(1.25),
        &["must be a multiple of 0.5"],
    );
    check(json!({"type": "number", "multipleOf": 0.1}), json!(0.3), &[]);
    check(
        json!({"type": "string", "minLength": 2}),
        json!("ü"),
        &["must have at least 2 characters"],
    );
    check(
        json!({"type": "string", "pattern": "^a+$"}),
        json!("ab"),
        &["must match ^a+$"],
    );
    check(
        json!({"type": "object", "maxProperties": 0}),
        json!({"a": 1}),
        &["must have at most 0 fields"],
    );
    check(
        json!({"type": "array", "minItems": 3, "items": {"type": "integer"}}),
        json!([1, "2"]),
        &["must have at least 3 items", "[1]: must be of type integer"],
    );
}

#[test]
fn fields_and_items_are_named_by_their_paths() {
    let schema = json!({
        "type": "object", "required": ["spec"],
        "properties": {"spec": {"type": "object", "required": ["a"], "properties": {
            "list": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        }}},
    });
    check(schema.clone(), json!({}), &["spec: is required"]);
    check(
        schema,
        json!({"spec": {
            "list": [{"name": "x"}, {"name": "y"}, {"name": "x", "more": 1}],
            "map": {"k": "v"}, "set": ["a", "a"], "unknown": 1,
        }}),
        &[
            "spec.a: is required",
            "spec.list[2]: is in the list already",
            "spec.map[k]: must be of type integer",
            "spec.set[1]: is in the list already",
        ],
    );
}

#[test]
fn combinators() {
    let tagged = json!({
        "type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    });
    check(tagged.clone(), json!({"a": 1}), &[]);
    check(
        tagged.clone(),
        json!({}),
        &["must fit one schema of oneOf, and fits 0"],
    );
    check(
        tagged,
        json!({"a": 1, "b": 2}),
        &["must fit one schema of oneOf, and fits 2"],
    );
    check(
        json!({"type": "integer", "not": {"minimum": 5}}),
        json!(7),
        &["must not fit the schema of not"],
    );
    check(
        json!({"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 1}]}),
        json!(3),
        &["must fit a schema of anyOf"],
    );
    check(
        json!({"type": "integer", "allOf": [{"minimum": 5}, {"maximum": 9}]}),
        json!(3),
        &["must fit every schema of allOf"],
    );
}

#[test]
fn rules_run_on_what_fits_the_schema() {
    let schema = json!({
        "type": "object",
        "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}, "class": {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "is immutable", "reason": "FieldValueForbidden"}],
        }},
        "x-kubernetes-validations": [{
            "rule": "self.min <= self.max", "messageExpression": "'must not be above %d'.format([self.max])", "fieldPath": ".min",
        }],
    });
    check(
        schema.clone(),
        json!({"min": 3, "max": 2, "class": "a"}),
        &["min: must not be above 2"],
    );
    check(
        schema.clone(),
        json!({"min": "3", "max": 2}),
        &["min: must be of type integer"],
    );
    let validator = Validator::new(schema);
    let (new, old) = (
        json!({"min": 1, "max": 2, "class": "b"}),
        json!({"min": 1, "max": 2, "class": "a"}),
    );
    validator.validate(&new, None).unwrap();
    let errors = validator.validate(&new, Some(&old)).unwrap_err();
    assert_eq!(errors.0.len(), 1);
    assert_eq!(
        (&*errors.0[0].path, &errors.0[0].reason),
        ("class", &Reason::FieldValueForbidden)
    );
}

#[test]
fn what_a_rule_may_cost_is_a_matter_of_the_definition() {
    // A server would refuse this definition, since a text may be of any length; the rule can be run all the same.
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "x-kubernetes-validations": [
        {"rule": "self.n < 3", "messageExpression": "'not ' + string(self.n)"},
    ]});
    check(schema, json!({"n": 5}), &["not 5"]);
}

#[test]
fn a_rule_that_cannot_be_run_is_told() {
    let schema = json!({"type": "object", "x-kubernetes-validations": [{"rule": "self.nowhere == 1"}]});
    let errors = Validator::new(schema).validate(&json!({}), None).unwrap_err();
    assert!(
        errors.to_string().contains("the rule cannot be run: "),
        "{errors}"
    );
    assert!(
        errors.to_string().contains("undefined field 'nowhere'"),
        "{errors}"
    );
}
