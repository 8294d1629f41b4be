//! Validating admission policies: bindings, parameters, actions, and who is let through.

use http_body_util::BodyExt as _;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::support::{CONFIGMAPS, configmap, json as send_json, open, send, server};

const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";

async fn make(server: &FakeApiServer, kind: &str, plural: &str, name: &str, spec: Value) {
    let body = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec,
    });
    let (code, answer) = send_json(server, "POST", &format!("{GROUP}/{plural}"), body).await;
    assert_eq!(code, 201, "{answer}");
}

async fn policy(server: &FakeApiServer, mut spec: Value) {
    spec["matchConstraints"] = json!({"resourceRules": [
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "DELETE"], "resources": ["configmaps"]},
    ]});
    make(
        server,
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        "p",
        spec,
    )
    .await;
}

async fn binding(server: &FakeApiServer, mut spec: Value) {
    spec["policyName"] = json!("p");
    if spec["validationActions"].is_null() {
        spec["validationActions"] = json!(["Deny"]);
    }
    let (kind, plural) = (
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
    );
    make(server, kind, plural, "b", spec).await;
}

/// Tries to make a ConfigMap.
async fn tried(server: &FakeApiServer, name: &str) -> (u16, String) {
    let (code, answer) = send_json(server, "POST", CONFIGMAPS, configmap(name, "")).await;
    (code, answer["message"].as_str().unwrap_or("").to_owned())
}

#[tokio::test]
async fn nothing_is_refused_without_a_binding_that_matches() {
    let server = server();
    policy(
        &server,
        json!({"validations": [{"expression": "false", "message": "never"}]}),
    )
    .await;
    assert_eq!(tried(&server, "a").await.0, 201);
    let elsewhere = json!({"matchLabels": {"kubernetes.io/metadata.name": "elsewhere"}});
    binding(
        &server,
        json!({"matchResources": {"namespaceSelector": elsewhere}}),
    )
    .await;
    assert_eq!(tried(&server, "b").await.0, 201);
}

#[tokio::test]
async fn deletions_have_an_old_object_only() {
    let server = server();
    let rule = "request.operation != 'DELETE' || (object == null && oldObject.metadata.name != 'kept')";
    policy(
        &server,
        json!({"validations": [{"expression": rule, "reason": "Forbidden"}]}),
    )
    .await;
    binding(&server, json!({})).await;
    for (name, code) in [("kept", 403), ("other", 200)] {
        assert_eq!(tried(&server, name).await.0, 201);
        let (got, answer) = send(&server, "DELETE", &format!("{CONFIGMAPS}/{name}"), b"").await;
        assert_eq!(got, code, "{answer}");
    }
}

#[tokio::test]
async fn parameters_are_looked_up_with_each_request() {
    let server = server();
    policy(
        &server,
        json!({
            "paramKind": {"apiVersion": "v1", "kind": "Secret"},
            "validations": [{
                "expression": "object.metadata.name != params.metadata.labels.taboo",
                "messageExpression": "'taboo in ' + params.metadata.name",
            }],
        }),
    )
    .await;
    binding(
        &server,
        json!({"paramRef": {"name": "s", "parameterNotFoundAction": "Deny"}}),
    )
    .await;
    let (code, why) = tried(&server, "x").await;
    assert_eq!(code, 422);
    assert_eq!(
        why,
        "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed to \
         configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    );
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "labels": {"taboo": "x"}}});
    assert_eq!(
        send_json(&server, "POST", "/api/v1/namespaces/default/secrets", secret)
            .await
            .0,
        201
    );
    assert_eq!(tried(&server, "y").await.0, 201);
    let (code, why) = tried(&server, "x").await;
    assert_eq!(code, 422);
    assert!(why.ends_with("denied request: taboo in s"), "{why}");
}

#[tokio::test]
async fn a_warning_lets_the_object_through() {
    let server = server();
    policy(
        &server,
        json!({"validations": [{"expression": "false", "message": "careful"}]}),
    )
    .await;
    binding(&server, json!({"validationActions": ["Warn", "Audit"]})).await;
    let body = configmap("x", "").to_string();
    let response = open(&server, "POST", CONFIGMAPS, body.as_bytes()).await;
    assert_eq!(response.status(), 201);
    assert_eq!(
        response.headers()["warning"],
        "299 - \"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': careful\""
    );
    drop(response.into_body().collect().await);
}

#[tokio::test]
async fn a_condition_that_does_not_hold_spares_and_one_that_fails_refuses() {
    for (condition, failure_policy, code) in [
        ("object.metadata.name == 'other'", "Fail", 201),
        ("object.metadata.name == 'x'", "Fail", 422),
        ("object.nosuch == 'x'", "Fail", 422),
        ("object.nosuch == 'x'", "Ignore", 201),
    ] {
        let server = server();
        policy(
            &server,
            json!({
                "failurePolicy": failure_policy,
                "matchConditions": [{"name": "c", "expression": condition}],
                "validations": [{"expression": "false"}],
            }),
        )
        .await;
        binding(&server, json!({})).await;
        let (got, why) = tried(&server, "x").await;
        assert_eq!(got, code, "{condition} {failure_policy}: {why}");
    }
}

#[tokio::test]
async fn an_apply_that_changes_nothing_is_asked_of_too() {
    let server = server();
    let apply = || {
        let request = http::Request::patch(format!("{CONFIGMAPS}/a?fieldManager=m"))
            .header("content-type", "application/apply-patch+yaml")
            .body(http_body_util::Full::new(bytes::Bytes::from(
                configmap("a", "1").to_string(),
            )))
            .unwrap();
        tower::ServiceExt::oneshot(server.clone(), request)
    };
    assert_eq!(apply().await.unwrap().status(), 201);
    let spec = json!({
        "matchConstraints": {"resourceRules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["configmaps"]},
        ]},
        "validations": [{"expression": "object.data.k != '1'", "message": "never"}],
    });
    let plural = "validatingadmissionpolicies";
    make(&server, "ValidatingAdmissionPolicy", plural, "p", spec).await;
    let revision = server.revision();
    assert_eq!(apply().await.unwrap().status(), 200);
    assert_eq!(server.revision(), revision);
    binding(&server, json!({})).await;
    assert_eq!(apply().await.unwrap().status(), 422);
}
