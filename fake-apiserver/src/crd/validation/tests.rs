use serde_json::json;

use super::*;
use crate::crd::definition;

fn crd(spec: Value) -> Value {
    let mut crd = json!({"metadata": {"name": "widgets.example.com"}, "spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1", "served": true, "storage": true,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
    }});
    for (field, value) in spec.as_object().expect("fields") {
        crd["spec"][field] = value.clone();
    }
    definition::default(&mut crd);
    definition::prepare_create(&mut crd);
    crd
}

#[track_caller]
fn check(spec: Value, expect: &[&str]) {
    let errors: Vec<String> = create(&crd(spec)).iter().map(ToString::to_string).collect();
    assert_eq!(errors, expect);
}

/// Checks the schema of `spec.properties[spec]`; errors are named from there.
#[track_caller]
fn schema_is(schema: Value, expect: &[&str]) {
    let schema = json!({"type": "object", "properties": {"spec": schema}});
    let versions =
        json!([{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]);
    let expect: Vec<String> = expect
        .iter()
        .map(|e| format!("spec.validation.openAPIV3Schema.properties[spec]{e}"))
        .collect();
    check(
        json!({"versions": versions}),
        &expect.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn a_plain_definition_is_valid() {
    check(json!({}), &[]);
}

#[test]
fn versions_have_names_and_one_is_stored() {
    let version = |name: &str, storage: bool| {
        json!({"name": name, "served": true, "storage": storage,
            "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}})
    };
    let shown = |name: &str, storage: bool| {
        format!(
            "{{\"Name\":\"{name}\",\"Served\":true,\"Storage\":{storage},\"Deprecated\":false,\
             \"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\
             \"SelectableFields\":null}}"
        )
    };
    check(
        json!({"versions": [version("v1", false)]}),
        &[
            &format!(
                "spec.versions: Invalid value: [{}]: must have exactly one version marked as storage version",
                shown("v1", false)
            ),
            "status.storedVersions: Invalid value: null: must have at least one stored version",
        ],
    );
    check(
        json!({"versions": [version("v1", true), version("v2", true)]}),
        &[
            &format!(
                "spec.versions: Invalid value: [{},{}]: must have exactly one version marked as storage version",
                shown("v1", true),
                shown("v2", true)
            ),
            r#"status.storedVersions: Invalid value: ["v1"]: must have the storage version v2"#,
        ],
    );
    check(
        json!({"versions": [version("v1", true), version("v1", false)]}),
        &[&format!(
            "spec.versions: Invalid value: [{},{}]: must contain unique version names",
            shown("v1", true),
            shown("v1", false)
        )],
    );
    check(
        json!({"versions": [{"name": "v1", "served": true, "storage": true}]}),
        &["spec.versions[0].schema.openAPIV3Schema: Required value"],
    );
}

#[test]
fn schemas_are_structural() {
    schema_is(
        json!({}),
        &[".type: Required value: must not be empty for specified object fields"],
    );
    schema_is(
        json!({"type": "object", "properties": {"l": {"type": "array"}}}),
        &[".properties[l].items: Required value: must be specified"],
    );
    schema_is(
        json!({"type": "object", "properties": {"l": {"type": "array", "items": [{"type": "string"}]}}}),
        &[".properties[l].items: Forbidden: items must be a schema object and not an array"],
    );
    schema_is(
        json!({"type": "object", "oneOf": [{"default": {}, "description": "x", "nullable": true}]}),
        &[
            ".oneOf[0].default: Forbidden: must be undefined to be structural",
            ".oneOf[0].description: Forbidden: must be empty to be structural",
            ".oneOf[0].nullable: Forbidden: must be false to be structural",
        ],
    );
    schema_is(
        json!({"type": "object", "allOf": [{"properties": {"b": {"minimum": 1}}}]}),
        &[],
    );
    schema_is(
        json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
        &[],
    );
    schema_is(
        json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "string"}, {"type": "integer"}]}),
        &[
            ".anyOf[0].type: Forbidden: must be empty to be structural",
            ".anyOf[1].type: Forbidden: must be empty to be structural",
        ],
    );
    schema_is(
        json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-embedded-resource": true}),
        &[
            ".properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without \
             x-kubernetes-preserve-unknown-fields",
            r#".type: Invalid value: "array": must be object if x-kubernetes-embedded-resource is true"#,
        ],
    );
}

#[test]
fn keywords_are_the_supported_ones() {
    schema_is(
        json!({"type": "object", "definitions": {"a": {}}, "dependencies": {"a": ["b"]}, "patternProperties": {"a": {}}}),
        &[
            ".patternProperties: Forbidden: patternProperties is not supported",
            ".definitions: Forbidden: definitions is not supported",
            ".dependencies: Forbidden: dependencies is not supported",
        ],
    );
    schema_is(
        json!({"$ref": "#/definitions/x"}),
        &[".$ref: Forbidden: $ref is not supported"],
    );
    let types = r#"supported values: "array", "boolean", "integer", "number", "object", "string""#;
    schema_is(
        json!({"type": "null"}),
        &[
            &format!(r#".type: Unsupported value: "null": {types}"#),
            ".type: Forbidden: type cannot be set to null, use nullable as an alternative",
        ],
    );
    schema_is(
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": false}),
        &[".x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"],
    );
}

#[test]
fn lists_have_fitting_types_and_keys() {
    let items =
        json!({"type": "object", "properties": {"name": {"type": "string"}, "o": {"type": "object"}}});
    let map = |keys: Value| json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys, "items": items});
    schema_is(
        map(json!(["name"])),
        &[
            ".items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must \
           have a default or be a required property",
        ],
    );
    schema_is(
        map(json!(["none"])),
        &[
            r#".x-kubernetes-list-map-keys: Invalid value: ["none"]: entries must all be names of item properties"#,
        ],
    );
    schema_is(
        json!({"type": "array", "x-kubernetes-list-type": "set", "items": items}),
        &[
            ".items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with \
           x-kubernetes-list-type=set",
        ],
    );
    schema_is(
        json!({"type": "array", "x-kubernetes-list-type": "set", "x-kubernetes-list-map-keys": ["name"], "items": {"type": "string"}}),
        &[
            r#".x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty"#,
        ],
    );
    schema_is(
        json!({"type": "string", "x-kubernetes-map-type": "atomic"}),
        &[r#".type: Invalid value: "string": must be object if x-kubernetes-map-type is specified"#],
    );
}

#[test]
fn defaults_are_values_of_their_schema() {
    schema_is(json!({"type": "integer", "default": 1}), &[]);
    schema_is(
        json!({"type": "integer", "default": "x"}),
        &[
            r#".default: Invalid value: "string": spec.validation.openAPIV3Schema.properties[spec].default in body must be of type integer: "string""#,
        ],
    );
    schema_is(
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "default": {"b": 1}}),
        &[r#".default: Invalid value: {"b":1}: must not have unknown fields"#],
    );
}

#[test]
fn conversions_name_a_webhook_or_none() {
    let webhook = |client: Value, reviews: Value| json!({"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": client, "conversionReviewVersions": reviews}}});
    check(
        json!({"conversion": {"strategy": "Webhook"}}),
        &[
            "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
            "spec.conversion.conversionReviewVersions: Required value",
        ],
    );
    check(
        webhook(json!({"url": "https://x.example.com/a?b#c"}), json!([])),
        &[
            r#"spec.conversion.webhookClientConfig.url: Invalid value: "c": fragments are not permitted in the URL"#,
            r#"spec.conversion.webhookClientConfig.url: Invalid value: "b": query parameters are not permitted in the URL"#,
            "spec.conversion.conversionReviewVersions: Required value",
        ],
    );
    check(
        webhook(
            json!({"service": {"name": "x", "namespace": ""}}),
            json!(["v1", "v1"]),
        ),
        &[
            "spec.conversion.webhookClientConfig.service.name: Required value",
            r#"spec.conversion.conversionReviewVersions[1]: Invalid value: "v1": duplicate version"#,
        ],
    );
    check(
        json!({"conversion": {"strategy": "Other"}}),
        &[r#"spec.conversion.strategy: Unsupported value: "Other": supported values: "None", "Webhook""#],
    );
}

#[test]
fn names_and_scope_stay_once_established() {
    let mut old = crd(json!({}));
    definition::set_condition(&mut old, "Established", "True", "x", "y", "2024-01-02T03:04:05Z");
    let mut new = old.clone();
    new["spec"]["scope"] = json!("Cluster");
    new["spec"]["names"]["kind"] = json!("Gadget");
    new["spec"]["names"]["listKind"] = json!("GadgetList");
    let errors: Vec<String> = update(&new, &old).iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            r#"spec.scope: Invalid value: "Cluster": field is immutable"#,
            r#"spec.names.kind: Invalid value: "Gadget": field is immutable"#,
        ]
    );
    let mut new = old.clone();
    new["spec"]["versions"][0]["name"] = json!("v2");
    let errors = update(&new, &old);
    assert!(errors.iter().any(|e| {
        e.to_string()
            .contains("status.storedVersions[0]: Invalid value: \"v1\": missing")
    }));
}
