use std::str::FromStr;

use schemars::{JsonSchema, Schema, generate::SchemaSettings, json_schema};
use serde_json::json;

use super::*;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Fields {
    field: Option<String>,
}

fn schema() -> Schema {
    SchemaSettings::openapi3()
        .into_generator()
        .into_root_schema_for::<Fields>()
}

#[test]
fn a_rule_is_added_to_those_that_are_there() {
    let mut schema = json_schema!({});
    validate(&mut schema, "self == oldSelf").unwrap();
    validate(&mut schema, ("self > 0", "too small")).unwrap();
    assert_eq!(
        schema.to_value(),
        json!({"x-kubernetes-validations": [
            {"rule": "self == oldSelf"},
            {"rule": "self > 0", "message": "too small"},
        ]})
    );
}

#[test]
fn a_rule_as_json_and_back() {
    let rule = Rule::new("r")
        .message(Message::Expression("'m'".into()))
        .field_path(".a")
        .reason(Reason::FieldValueDuplicate)
        .optional_old_self(true);
    let written = serde_json::to_value(&rule).unwrap();
    assert_eq!(
        written,
        json!({
            "rule": "r",
            "messageExpression": "'m'",
            "fieldPath": ".a",
            "reason": "FieldValueDuplicate",
            "optionalOldSelf": true,
        })
    );
    assert_eq!(serde_json::from_value::<Rule>(written).unwrap(), rule);
    assert_eq!(
        serde_json::from_value::<Rule>(json!({"rule": "r"})).unwrap(),
        Rule::from("r")
    );
}

#[test]
fn properties_are_found_by_position_and_absent_ones_ignored() {
    let mut schema = schema();
    validate_property(&mut schema, 0, "self != ''").unwrap();
    validate_property(&mut schema, 1, "false").unwrap();
    merge_strategy_property(&mut schema, 0, MapMerge::Atomic).unwrap();
    let mut addition = json_schema!({"properties": {"field": {"maxLength": 3}, "other": {"maxLength": 3}}});
    merge_properties(&mut schema, &mut addition);
    let properties = schema.to_value()["properties"].take();
    assert_eq!(properties.as_object().unwrap().len(), 1);
    assert_eq!(
        properties["field"]["x-kubernetes-validations"],
        json!([{"rule": "self != ''"}])
    );
    assert_eq!(properties["field"]["x-kubernetes-map-type"], "atomic");
    assert_eq!(properties["field"]["maxLength"], 3);
}

#[test]
fn merge_strategies_as_extensions() {
    let check = |strategy: MergeStrategy, expect: serde_json::Value| {
        let mut schema = json!({});
        merge_strategy(&mut schema, strategy).unwrap();
        assert_eq!(schema, expect);
    };
    check(
        ListMerge::Map(vec!["a".into(), "b".into()]).into(),
        json!({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"]}),
    );
    check(ListMerge::Set.into(), json!({"x-kubernetes-list-type": "set"}));
    check(
        ListMerge::Atomic.into(),
        json!({"x-kubernetes-list-type": "atomic"}),
    );
    check(
        MapMerge::Granular.into(),
        json!({"x-kubernetes-map-type": "granular"}),
    );
    check(
        StructMerge::Atomic.into(),
        json!({"x-kubernetes-map-type": "atomic"}),
    );
    assert!(merge_strategy(&mut json!("no schema"), ListMerge::Set.into()).is_err());
}

#[test]
fn reasons_by_name() {
    assert_eq!(
        Reason::from_str("FieldValueForbidden").unwrap(),
        Reason::FieldValueForbidden
    );
    assert!(Reason::from_str("Forbidden").is_err());
}
