//! Webhooks that change objects: in which order they are asked, what they see, and what becomes of their patches.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::support::{CONFIGMAPS, configmap, get, json as send_json, send};

/// What a server's webhook was asked: path and name of the object.
type Asked = Arc<Mutex<Vec<String>>>;

/// A server whose webhook adds a letter to `data.k`, the last of its path, or renames, or breaks the object.
fn server() -> (FakeApiServer, Asked) {
    let asked = Asked::default();
    let heard = asked.clone();
    let hook = tower::service_fn(move |request: Request<Bytes>| {
        let path = request.uri().path().to_owned();
        let review: Value = serde_json::from_slice(request.body()).unwrap();
        let object = &review["request"]["object"];
        heard
            .lock()
            .unwrap()
            .push(format!("{path} {}", object["data"]["k"]));
        let value = |at: &str, value: Value| json!([{"op": "add", "path": at, "value": value}]);
        let patch = match path.as_str() {
            "/rename" => value("/metadata/name", json!("renamed")),
            "/type" => value("/data", json!({"k": 1})),
            "/unknown" => value("/nosuch", json!(1)),
            "/missing" => json!([{"op": "remove", "path": "/data/nosuch"}]),
            path => {
                let text = object["data"]["k"].as_str().unwrap_or("");
                let letter = &path[1..];
                let new = if text.contains(letter) {
                    text.to_owned()
                } else {
                    format!("{text}{letter}")
                };
                value("/data/k", json!(new))
            }
        };
        let response = json!({
            "uid": review["request"]["uid"], "allowed": true, "patchType": "JSONPatch",
            "patch": base64::engine::general_purpose::STANDARD.encode(patch.to_string()),
        });
        let body =
            json!({"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response});
        std::future::ready(Ok::<_, serde_json::Error>(Response::new(Full::<Bytes>::from(
            body.to_string(),
        ))))
    });
    let server = FakeApiServer::builder()
        .seed(1)
        .webhook("https://hook.test", hook)
        .build();
    (server, asked)
}

async fn configure(server: &FakeApiServer, hooks: &[(&str, &str)]) {
    let hooks = hooks.iter().enumerate().map(|(i, (path, reinvocation))| {
        json!({
            "name": format!("h{i}.example.com"),
            "clientConfig": {"url": format!("https://hook.test/{path}")},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "reinvocationPolicy": reinvocation,
        })
    });
    let configuration = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "hooks"}, "webhooks": hooks.collect::<Vec<_>>(),
    });
    let path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    let (code, body) = send_json(server, "POST", path, configuration).await;
    assert_eq!(code, 201, "{body}");
}

#[tokio::test]
async fn each_sees_what_the_one_before_did() {
    let (server, asked) = server();
    configure(&server, &[("a", "Never"), ("b", "Never")]).await;
    let (code, made) = send_json(&server, "POST", CONFIGMAPS, configmap("x", "")).await;
    assert_eq!((code, &made["data"]["k"]), (201, &json!("ab")));
    assert_eq!(*asked.lock().unwrap(), ["/a \"\"", "/b \"a\""]);
    assert_eq!(get(&server, &format!("{CONFIGMAPS}/x")).await["data"]["k"], "ab");
}

#[tokio::test]
async fn who_asks_for_it_is_asked_again_after_a_change() {
    let (server, asked) = server();
    configure(&server, &[("a", "IfNeeded"), ("b", "IfNeeded")]).await;
    let (_, made) = send_json(&server, "POST", CONFIGMAPS, configmap("x", "")).await;
    assert_eq!(made["data"]["k"], "ab");
    // What the second has seen nobody changed after it.
    assert_eq!(*asked.lock().unwrap(), ["/a \"\"", "/b \"a\"", "/a \"ab\""]);
}

#[tokio::test]
async fn an_object_may_get_another_name() {
    let (server, _) = server();
    configure(&server, &[("rename", "Never")]).await;
    let (code, made) = send_json(&server, "POST", CONFIGMAPS, configmap("x", "")).await;
    assert_eq!((code, &made["metadata"]["name"]), (201, &json!("renamed")));
    assert_eq!(send(&server, "GET", &format!("{CONFIGMAPS}/x"), b"").await.0, 404);
    assert_eq!(
        get(&server, &format!("{CONFIGMAPS}/renamed")).await["metadata"]["name"],
        "renamed"
    );
}

#[tokio::test]
async fn patches_that_do_not_fit_fail_the_request() {
    for (path, code) in [("type", 500), ("missing", 500), ("unknown", 201)] {
        let (server, _) = server();
        configure(&server, &[(path, "Never")]).await;
        let (got, body) = send_json(&server, "POST", CONFIGMAPS, configmap("x", "")).await;
        assert_eq!(got, code, "{path}: {body}");
        let there = send(&server, "GET", &format!("{CONFIGMAPS}/x"), b"").await.0;
        assert_eq!(there == 200, code == 201, "{path}");
    }
}

#[tokio::test]
async fn a_dry_run_asks_too_and_a_fork_goes_on_asking() {
    let (server, asked) = server();
    configure(&server, &[("a", "Never")]).await;
    let fork = server.fork();
    let dry = format!("{CONFIGMAPS}?dryRun=All");
    let (code, made) = send_json(&fork, "POST", &dry, configmap("x", "")).await;
    assert_eq!((code, &made["data"]["k"]), (201, &json!("a")));
    assert_eq!(asked.lock().unwrap().len(), 1);
    assert_eq!(send(&fork, "GET", &format!("{CONFIGMAPS}/x"), b"").await.0, 404);
    // Nobody is asked about whom to ask.
    let path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/hooks";
    assert_eq!(send(&fork, "DELETE", path, b"").await.0, 200);
    let (_, made) = send_json(&fork, "POST", CONFIGMAPS, configmap("x", "")).await;
    assert_eq!(made["data"]["k"], "");
    let (_, made) = send_json(&server, "POST", CONFIGMAPS, configmap("x", "")).await;
    assert_eq!(made["data"]["k"], "a");
}
