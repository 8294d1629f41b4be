//! Types of k8s-openapi inside a spec.

use k8s_openapi::{
    api::core::v1::{ConfigMapKeySelector, LocalObjectReference, PodTemplateSpec, ResourceRequirements},
    apiextensions_apiserver::pkg::apis::apiextensions::v1::JSON,
    apimachinery::pkg::{
        api::resource::Quantity,
        apis::meta::v1::{Condition, LabelSelector, ObjectMeta, Time},
        runtime::RawExtension,
        util::intstr::IntOrString,
    },
};

use super::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Small {
    port: IntOrString,
    optional_port: Option<IntOrString>,
    limits: std::collections::BTreeMap<String, Quantity>,
    since: Option<Time>,
    conditions: Vec<Condition>,
    secret: Option<LocalObjectReference>,
    key: ConfigMapKeySelector,
    selector: LabelSelector,
    raw: RawExtension,
    json: Option<JSON>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Large {
    template: PodTemplateSpec,
    resources: Option<ResourceRequirements>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Embedded {
    #[schemars(schema_with = "embedded")]
    object: serde_json::Value,
    metadata: ObjectMeta,
}

fn embedded(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object", "x-kubernetes-embedded-resource": true})
}

shapes! {
    kubernetes_types: Small => [Small {
        port: IntOrString::Int(80),
        optional_port: Some(IntOrString::String("http".into())),
        limits: [("cpu".into(), Quantity("1".into()))].into(),
        since: None,
        conditions: vec![],
        secret: Some(LocalObjectReference { name: "s".into() }),
        key: ConfigMapKeySelector { key: "k".into(), ..Default::default() },
        selector: LabelSelector { match_labels: Some([("a".into(), "b".into())].into()), ..Default::default() },
        raw: RawExtension(json!({"apiVersion": "v1", "spec": {"a": 1}})),
        json: Some(JSON(json!([1, "a"]))),
    }];
}

#[test]
fn an_embedded_resource_keeps_its_fields() {
    let object = json!({"apiVersion": "v1", "kind": "A", "metadata": {}, "spec": {"a": 1}});
    let schema = shape(vec![Embedded {
        object,
        metadata: ObjectMeta::default(),
    }]);
    assert!(
        schema
            .contains("x-kubernetes-embedded-resource: true\n    x-kubernetes-preserve-unknown-fields: true")
    );
}

#[test]
fn a_pod_template_is_structural() {
    let template: PodTemplateSpec = serde_json::from_value(json!({
        "metadata": {"labels": {"a": "b"}},
        "spec": {
            "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}], "env": [{"name": "A", "value": "b"}]}],
            "volumes": [{"name": "v", "configMap": {"name": "m"}}],
        },
    }))
    .unwrap();
    let schema = shape(vec![Large {
        template,
        resources: None,
    }]);
    assert!(schema.contains("containers:"));
}

/// A schema that may hold schemas, and types that hold each other in a ring.
#[test]
fn definitions_inside_of_a_spec_end() {
    use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

    #[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    struct Holder {
        definition: CustomResourceDefinition,
        ring: Option<Box<First>>,
    }
    #[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    struct First {
        second: Option<Box<Second>>,
    }
    #[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    #[serde(untagged)]
    enum Second {
        // Before the other, which reads anything.
        List { list: Vec<Second> },
        First(First),
    }

    let definition = serde_json::from_value(json!({
        "metadata": {"name": "a"},
        "spec": {
            "group": "g", "names": {"kind": "K", "plural": "ks"}, "scope": "Cluster",
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}},
            }}}],
        },
    }))
    .unwrap();
    let list = Second::List {
        list: vec![Second::First(First { second: None })],
    };
    let ring = Some(Box::new(First {
        second: Some(Box::new(list)),
    }));
    let schema = shape(vec![Holder { definition, ring }]);
    assert!(schema.len() < 100_000, "{} bytes", schema.len());
}
