use serde_json::json;

use super::*;
use crate::crd::{definition, naming};

fn crd(schema: Value) -> Value {
    let mut crd = json!({
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [
                {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
                        "statusReplicasPath": ".status.replicas"}}},
                {"name": "v1beta1", "served": true, "deprecated": true},
                {"name": "v1alpha1", "served": false},
            ]},
    });
    definition::default(&mut crd);
    definition::prepare_create(&mut crd);
    naming::step(&crd, [], "2024-01-02T03:04:05Z").expect("established")
}

#[test]
fn documents_say_which_fields_can_be_selected() {
    let mut crd = crd(json!({"type": "object", "properties": {"spec": {"type": "object"}}}));
    assert!(
        published_schema(&crd["spec"]["versions"][0])
            .get("x-kubernetes-selectable-fields")
            .is_none()
    );
    crd["spec"]["versions"][0]["selectableFields"] =
        json!([{"jsonPath": ".spec.color"}, {"jsonPath": ".spec.size"}]);
    assert_eq!(
        published_schema(&crd["spec"]["versions"][0])["x-kubernetes-selectable-fields"],
        json!([{"fieldPath": "spec.color"}, {"fieldPath": "spec.size"}])
    );
}

fn widget(schema: Value) -> CustomType {
    let schema = json!({"type": "object", "properties": {"spec": schema}});
    CustomType::new(&crd(schema), "v1").expect("served")
}

fn read(widget: &CustomType, body: Value) -> Result<Decoded, DecodeError> {
    widget.decode(body.to_string().as_bytes())
}

#[test]
fn a_body_is_filled_in_and_pruned() {
    let widget = widget(json!({"type": "object", "properties": {
        "a": {"type": "integer", "default": 3},
        "t": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {
            "spec": {"type": "object", "properties": {"x": {"type": "integer"}}}}},
    }}));
    let body = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x", "nope": 1},
        "spec": {"zz": 1, "t": {"apiVersion": "v1", "kind": "Pod", "zz": 3,
            "metadata": {"name": "x", "bogus": 1, "creationTimestamp": null}, "spec": {"x": 1, "zz": 2}}}});
    let decoded = read(&widget, body).expect("a widget");
    assert_eq!(
        decoded.strict,
        [
            r#"unknown field "metadata.nope""#,
            r#"unknown field "spec.t.spec.zz""#,
            r#"unknown field "spec.t.zz""#,
            r#"unknown field "spec.zz""#,
            r#"unknown field "spec.t.metadata.bogus""#,
        ]
    );
    assert_eq!(
        decoded.value,
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"},
            "spec": {"a": 3, "t": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"x": 1}}}})
    );
    assert_eq!(widget.validate(&decoded.value, None).errors, []);
}

#[test]
fn metadata_of_a_wrong_form_is_refused() {
    let widget = widget(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    let error = |metadata: Value| {
        read(&widget, json!({"metadata": metadata}))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(json!({"annotations": {"k": 1}})),
        "json: cannot unmarshal number into Go struct field ObjectMeta.annotations of type string"
    );
    assert_eq!(
        error(json!("x")),
        "json: cannot unmarshal string into Go value of type v1.ObjectMeta"
    );
    assert_eq!(
        error(json!({"finalizers": "x"})),
        "json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string"
    );
}

#[test]
fn embedded_objects_are_judged_as_objects() {
    let widget = widget(json!({"type": "object", "properties": {"t": {"type": "object",
        "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}}}));
    let object = |t: Value| json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"t": t}});
    let judge = |t: Value| {
        let errors = widget.validate(&object(t), None).errors;
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        judge(json!({"kind": "Pod"})),
        ["spec.t.apiVersion: Required value"]
    );
    assert_eq!(
        judge(json!({"apiVersion": "a/b/c", "kind": ""})),
        [
            r#"spec.t.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c"#,
            r#"spec.t.kind: Invalid value: "": must not be empty"#,
        ]
    );
    let refused = |t: Value| read(&widget, object(t)).unwrap_err().to_string();
    assert_eq!(
        refused(json!({"apiVersion": 1, "kind": "Pod"})),
        "spec.t.apiVersion: Invalid value: 1: must be a string"
    );
    assert_eq!(
        refused(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": 1}}})),
        r#"spec.t.metadata: Invalid value: {"labels":{"a":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"#
    );
}

#[test]
fn an_established_definition_is_in_discovery() {
    let crd = crd(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    let table = catalog([&crd]);
    let v1 = table.resource("example.com", "v1", "widgets").expect("v1");
    let names: Vec<&str> = v1.subresources.iter().map(|s| &*s.name).collect();
    assert_eq!(names, ["status", "scale"]);
    assert!(table.resource("example.com", "v1beta1", "widgets").is_some());
    assert!(table.resource("example.com", "v1alpha1", "widgets").is_none());
    let mut terminating = crd.clone();
    definition::begin_deletion(&mut terminating, "2024-01-02T03:04:05Z");
    let verbs = catalog([&terminating])
        .resource("example.com", "v1", "widgets")
        .expect("v1")
        .verbs;
    assert!(!verbs.contains(Verb::Create) && verbs.contains(Verb::Delete));
    assert!(CustomType::new(&crd, "v3").is_err());
    let beta = CustomType::new(&crd, "v1beta1").expect("served");
    assert_eq!(
        beta.deprecation(),
        Some("example.com/v1beta1 Widget is deprecated")
    );
}

#[test]
fn replicas_are_held_to_their_range() {
    let widget = widget(json!({"type": "object", "properties": {"replicas": {"type": "integer"}}}));
    let errors = widget
        .validate(
            &json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"replicas": -1}}),
            None,
        )
        .errors;
    assert_eq!(
        errors[0].to_string(),
        ".spec.replicas: Invalid value: -1: should be a non-negative integer"
    );
    let errors = widget
        .validate(&json!({"apiVersion": "example.com/v2", "kind": "Gadget"}), None)
        .errors;
    assert_eq!(
        errors[0].to_string(),
        r#"kind: Invalid value: "Gadget": must be Widget"#
    );
}

#[test]
fn objects_lose_what_a_version_does_not_know_and_get_its_defaults() {
    let crd = crd(
        json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "only1": {"type": "string"}, "both": {"type": "string", "default": "one"}}}}}),
    );
    let v1 = CustomType::new(&crd, "v1").expect("served");
    let mut object =
        json!({"apiVersion": "example.com/v1beta1", "kind": "Widget", "spec": {"only1": "k", "only2": "y"}});
    v1.prune(&mut object);
    assert_eq!(object["spec"], json!({"only1": "k"}));
    v1.fill(&mut object);
    assert_eq!(object["spec"], json!({"only1": "k", "both": "one"}));
}

#[test]
fn what_did_not_change_is_not_judged_again() {
    let lax = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "name": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}},
        "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
            "items": {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}}},
    }}}});
    let mut strict = lax.clone();
    let spec = &mut strict["properties"]["spec"]["properties"];
    spec["name"]["maxLength"] = 2.into();
    spec["list"]["items"]["maxLength"] = 2.into();
    spec["list"]["x-kubernetes-list-type"] = "set".into();
    spec["map"]["items"]["properties"]["v"]["maximum"] = 2.into();
    let widget = widget(strict["properties"]["spec"].take());
    let object = |spec: Value| json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": spec});
    let old = object(
        json!({"name": "long", "list": ["long", "a", "a"], "map": [{"k": "x", "v": 9}, {"k": "y", "v": 1}]}),
    );
    let errors = |spec: Value| -> Vec<String> {
        let errors = widget.validate(&object(spec), Some(&old)).errors;
        errors.iter().map(|e| e.field.clone()).collect()
    };
    assert_eq!(
        errors(
            json!({"name": "long", "list": ["long", "a", "a"], "map": [{"k": "y", "v": 2}, {"k": "x", "v": 9}]})
        ),
        [""; 0]
    );
    assert_eq!(errors(json!({"name": "other"})), ["spec.name"]);
    // Items of a list that is no map have no place to be compared by; that one stands twice was so before.
    assert_eq!(errors(json!({"list": ["long", "a", "a", "b"]})), ["spec.list[0]"]);
    assert_eq!(errors(json!({"map": [{"k": "x", "v": 8}]})), ["spec.map[0].v"]);
}
