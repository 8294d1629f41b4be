//! What a cluster can start with, and how it says what it cannot.

use k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
use seatrial_client::Api;
use seatrial_testkit::{BuildError, FakeCluster, FixtureError};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn namespaces_are_made_as_needed_and_a_status_is_kept() {
    let cluster = FakeCluster::builder()
        .yaml(
            r"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
status: {replicas: 1, readyReplicas: 1}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {k: v}
",
        )
        .build()
        .unwrap();
    let web: Api<Deployment> = Api::namespaced(cluster.client(), "shop");
    assert_eq!(
        web.get("web").await.unwrap().status.unwrap().ready_replicas,
        Some(1)
    );
    let secrets: Api<Secret> = Api::namespaced(cluster.client(), "default");
    assert_eq!(secrets.get("key").await.unwrap().data.unwrap()["k"].0, b"v");
}

#[track_caller]
fn check(yaml: &str, expect: &str) {
    let error = FakeCluster::builder()
        .yaml(yaml)
        .build()
        .err()
        .expect("the fixture is broken");
    assert_eq!(error.to_string(), expect);
}

#[test]
fn a_broken_fixture_is_named() {
    check(
        "{apiVersion: v1, kind: ConfigMap}",
        "a fixture lacks metadata.name: {\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}",
    );
    check(
        "{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}",
        "example.com/v1 Thing is not served; add its definition with `crd::<Thing>()`",
    );
    check(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: A}}",
        "the server refused ConfigMap A: ConfigMap \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    );
}

#[test]
fn yaml_that_cannot_be_read_is_told_by_its_document() {
    let error = FakeCluster::builder().yaml("a: 1\n---\n{").build().err().unwrap();
    assert!(
        matches!(error, BuildError::Fixture(FixtureError::Yaml { document: 2, .. })),
        "{error}"
    );
}

#[test]
fn an_object_may_be_any_value_that_serialises() {
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } });
    let cluster = FakeCluster::builder().object(object).build().unwrap();
    assert!(cluster.dump().contains("name: a"), "{}", cluster.dump());
}
