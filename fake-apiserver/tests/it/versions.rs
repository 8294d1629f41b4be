//! Versions of custom resources: what each shows of what was stored, with a webhook in between and without.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use seatrial_fake_apiserver::{FakeApiServer, VirtualClock};
use serde_json::{Value, json};
use tower::service_fn;

use crate::support::{events, get, json, open, send};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const V1: &str = "/apis/sea.io/v1/namespaces/default/boats";
const V2: &str = "/apis/sea.io/v2/namespaces/default/boats";
const HOOK: &str = "https://hook.example.com";

/// A definition with the versions `v1`, which is stored, and `v2`.
fn definition(v1: &Value, v2: &Value, conversion: &Value) -> Value {
    let version = |name: &str, spec: &Value| {
        json!({"name": name, "served": true, "storage": name == "v1", "schema": {"openAPIV3Schema":
            {"type": "object", "properties": {"spec": {"type": "object", "properties": spec}}}}})
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "boats.sea.io"},
        "spec": {
            "group": "sea.io", "scope": "Namespaced", "names": {"plural": "boats", "kind": "Boat"},
            "versions": [version("v1", v1), version("v2", v2)], "conversion": conversion,
        },
    })
}

fn boat(version: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": format!("sea.io/{version}"), "kind": "Boat", "metadata": {"name": name}, "spec": spec})
}

fn hooked() -> Value {
    definition(
        &json!({"sails": {"type": "integer"}}),
        &json!({"rig": {"type": "object", "properties": {"sails": {"type": "integer"}}}}),
        &json!({"strategy": "Webhook", "webhook": {
            "conversionReviewVersions": ["v1"], "clientConfig": {"url": format!("{HOOK}/convert")}}}),
    )
}

/// Moves `sails` to where the other version has it.
fn convert(mut review: Value) -> Value {
    let request = review["request"].take();
    let mut objects = request["objects"].clone();
    for object in objects.as_array_mut().into_iter().flatten() {
        object["apiVersion"] = request["desiredAPIVersion"].clone();
        object["spec"] = match &object["spec"]["rig"] {
            Value::Null => json!({"rig": {"sails": object["spec"]["sails"]}}),
            rig => rig.clone(),
        };
        object["metadata"]["annotations"] = json!({"converted-to": request["desiredAPIVersion"]});
        object["metadata"]["finalizers"] = json!(["ignored.example.com/f"]);
    }
    review["response"] =
        json!({"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": objects});
    review
}

/// A server with a webhook that notes the versions it was asked for.
fn server(answer: fn(Value) -> Value) -> (FakeApiServer, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let hook = service_fn(move |request: Request<Bytes>| {
        let seen = seen.clone();
        async move {
            let review: Value = serde_json::from_slice(request.body())?;
            let desired = review["request"]["desiredAPIVersion"].as_str().unwrap_or("");
            seen.lock().unwrap().push(desired.to_owned());
            Ok::<_, serde_json::Error>(Response::new(Full::<Bytes>::from(answer(review).to_string())))
        }
    });
    let clock = VirtualClock::starting_at("2030-01-01T00:00:00Z".parse().unwrap());
    let server = FakeApiServer::builder()
        .seed(1)
        .clock(clock)
        .webhook(HOOK, hook)
        .build();
    (server, asked)
}

#[tokio::test(start_paused = true)]
async fn a_version_shows_what_it_knows_and_the_defaults_of_the_stored_one() {
    let server = crate::support::server();
    let bare = definition(
        &json!({"a": {"type": "integer"}, "one": {"type": "string"}}),
        &json!({"a": {"type": "integer"}, "two": {"type": "string"}}),
        &json!({"strategy": "None"}),
    );
    json(&server, "POST", DEFINITIONS, bare).await;
    json(&server, "POST", V1, boat("v1", "b", json!({"a": 1, "one": "x"}))).await;
    assert_eq!(get(&server, &format!("{V2}/b")).await["spec"], json!({"a": 1}));
    let (code, made) = json(&server, "POST", V2, boat("v2", "c", json!({"a": 2, "two": "y"}))).await;
    assert_eq!((code, &made["spec"]), (201, &json!({"a": 2})));

    // A default that comes later fills what was stored before, and is stored with the next write.
    let later = json!([
        {"op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/default", "value": 7},
        {"op": "add", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/new",
            "value": {"type": "string", "default": "n"}},
    ]);
    let path = format!("{DEFINITIONS}/boats.sea.io");
    let request = Request::patch(&path)
        .header("content-type", "application/json-patch+json")
        .body(Full::new(Bytes::from(later.to_string())))
        .unwrap();
    let code = tower::ServiceExt::oneshot(server.clone(), request)
        .await
        .unwrap()
        .status();
    assert_eq!(code, 200);
    let read = get(&server, &format!("{V1}/b")).await;
    assert_eq!(read["spec"], json!({"a": 1, "new": "n", "one": "x"}));
    let before = server.revision();
    json(&server, "PUT", &format!("{V1}/b"), read).await;
    assert_eq!(server.revision(), before + 1, "what was filled in is written");
    let read = get(&server, &format!("{V1}/b")).await;
    json(&server, "PUT", &format!("{V1}/b"), read).await;
    assert_eq!(server.revision(), before + 1, "nothing is left to write");
}

#[tokio::test(start_paused = true)]
async fn a_webhook_converts_what_is_written_read_listed_and_watched() {
    let (server, asked) = server(convert);
    assert_eq!(json(&server, "POST", DEFINITIONS, hooked()).await.0, 201);
    let mut watch = open(&server, "GET", &format!("{V2}?watch=1"), b"")
        .await
        .into_body();
    assert!(events(&mut watch).await.0.is_empty());

    let (code, made) = json(&server, "POST", V2, boat("v2", "b", json!({"rig": {"sails": 3}}))).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(made["spec"], json!({"rig": {"sails": 3}}));
    assert_eq!(
        made["metadata"]["annotations"],
        json!({"converted-to": "sea.io/v2"})
    );
    assert_eq!(
        made["metadata"].get("finalizers"),
        None,
        "metadata stays as it was"
    );
    let stored = get(&server, &format!("{V1}/b")).await;
    assert_eq!(stored["spec"], json!({"sails": 3}));
    assert_eq!(stored["metadata"]["uid"], made["metadata"]["uid"]);
    assert_eq!(
        get(&server, V2).await["items"][0]["spec"],
        json!({"rig": {"sails": 3}})
    );

    json(&server, "POST", V1, boat("v1", "c", json!({"sails": 1}))).await;
    send(&server, "DELETE", &format!("{V1}/b"), b"").await;
    let (seen, _) = events(&mut watch).await;
    let told: Vec<_> = seen
        .iter()
        .map(|e| (e["type"].as_str(), &e["object"]["spec"]["rig"]["sails"]))
        .collect();
    assert_eq!(
        told,
        [
            (Some("ADDED"), &json!(3)),
            (Some("ADDED"), &json!(1)),
            (Some("DELETED"), &json!(3))
        ]
    );
    // Each state is converted once, however many look at it.
    let asked = asked.lock().unwrap();
    let to_v2 = asked.iter().filter(|v| *v == "sea.io/v2").count();
    assert!(to_v2 <= 4, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_fails_fails_the_request_and_changes_nothing() {
    let (server, _) = server(|mut review| {
        review["response"] = json!({"uid": review["request"]["uid"], "result": {"status": "Failure", "message": "out of rope"}});
        review
    });
    json(&server, "POST", DEFINITIONS, hooked()).await;
    let before = server.revision();
    let (code, answer) = json(&server, "POST", V2, boat("v2", "b", json!({}))).await;
    assert_eq!(code, 500);
    assert_eq!(
        answer["message"],
        "conversion webhook for sea.io/v2, Kind=Boat failed: out of rope"
    );
    assert_eq!(server.revision(), before);
    // What needs no conversion goes on.
    assert_eq!(
        json(&server, "POST", V1, boat("v1", "b", json!({"sails": 1})))
            .await
            .0,
        201
    );
    for path in [V2.to_owned(), format!("{V2}/b")] {
        let (code, answer) = send(&server, "GET", &path, b"").await;
        assert_eq!(code, 500, "{answer}");
    }
    assert_eq!(server.list("boats.sea.io")[0]["metadata"]["name"], "b");
}

#[tokio::test(start_paused = true)]
async fn nobody_at_the_address_is_told_as_a_socket_would() {
    let server = crate::support::server();
    let mut crd = hooked();
    crd["spec"]["conversion"]["webhook"]["clientConfig"] = json!({"url": "https://127.0.0.1:29444/convert"});
    json(&server, "POST", DEFINITIONS, crd).await;
    let (code, answer) = json(&server, "POST", V2, boat("v2", "b", json!({}))).await;
    assert_eq!(code, 500);
    assert_eq!(
        answer["message"],
        "conversion webhook for sea.io/v2, Kind=Boat failed: Post \"https://127.0.0.1:29444/convert?timeout=30s\": dial tcp \
         127.0.0.1:29444: connect: connection refused"
    );
}

#[tokio::test(start_paused = true)]
async fn a_webhook_may_talk_to_the_server_that_calls_it() {
    let handle: Arc<OnceLock<FakeApiServer>> = Arc::default();
    let inside = handle.clone();
    let hook = service_fn(move |request: Request<Bytes>| {
        let inside = inside.clone();
        async move {
            let server = inside.get().expect("the server is there").clone();
            let namespace = get(&server, "/api/v1/namespaces/default").await;
            assert_eq!(namespace["kind"], "Namespace");
            let review: Value = serde_json::from_slice(request.body())?;
            Ok::<_, serde_json::Error>(Response::new(Full::<Bytes>::from(convert(review).to_string())))
        }
    });
    let server = FakeApiServer::builder().webhook(HOOK, hook).build();
    handle.set(server.clone()).expect("it is set once");
    json(&server, "POST", DEFINITIONS, hooked()).await;
    let (code, made) = json(&server, "POST", V2, boat("v2", "b", json!({"rig": {"sails": 3}}))).await;
    assert_eq!(code, 201, "{made}");
}

#[tokio::test(start_paused = true)]
async fn lists_and_watches_select_by_the_fields_that_a_version_offers() {
    let server = crate::support::server();
    let mut crd = definition(
        &json!({"color": {"type": "string"}, "oars": {"type": "integer"}}),
        &json!({"color": {"type": "string"}}),
        &json!({"strategy": "None"}),
    );
    crd["spec"]["versions"][0]["selectableFields"] =
        json!([{"jsonPath": ".spec.color"}, {"jsonPath": ".spec.oars"}]);
    assert_eq!(json(&server, "POST", DEFINITIONS, crd).await.0, 201);
    json(
        &server,
        "POST",
        V1,
        boat("v1", "a", json!({"color": "red", "oars": 2})),
    )
    .await;
    json(&server, "POST", V1, boat("v1", "b", json!({"color": "blue"}))).await;
    let names = async |query: &str| -> Vec<String> {
        let list = get(&server, &format!("{V1}?fieldSelector={query}")).await;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|i| i["metadata"]["name"].to_string()).collect()
    };
    assert_eq!(names("spec.color%3Dred").await, ["\"a\""]);
    assert_eq!(names("spec.color!%3Dred").await, ["\"b\""]);
    assert_eq!(names("spec.oars%3D2").await, ["\"a\""]);
    assert_eq!(names("spec.oars%3D").await, ["\"b\""]);
    let (code, answer) = send(
        &server,
        "GET",
        &format!("{V2}?fieldSelector=spec.color%3Dred"),
        b"",
    )
    .await;
    assert_eq!(
        (code, &answer["message"]),
        (400, &json!("field label not supported: spec.color"))
    );

    let path = format!("{V1}?watch=1&fieldSelector=spec.color%3Dred");
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    assert_eq!(events(&mut watch).await.0.len(), 1);
    let mut a = get(&server, &format!("{V1}/a")).await;
    a["spec"]["color"] = "blue".into();
    json(&server, "PUT", &format!("{V1}/a"), a).await;
    let (seen, _) = events(&mut watch).await;
    assert_eq!(seen[0]["type"], "DELETED");
    assert_eq!(seen[0]["object"]["spec"]["color"], "red");
}
