//! Admission and conversion webhooks over HTTP.

use bytes::Bytes;
use futures::FutureExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    client::Body,
    core::admission::{AdmissionRequest, AdmissionResponse},
};
use seatrial_runtime::webhook::{self, Converter, Router};
use serde_json::{Value, json};
use tower::ServiceExt;

fn router() -> Router {
    let admit = |request: AdmissionRequest<ConfigMap>| async move {
        let answer = AdmissionResponse::from(&request);
        let Some(object) = request.object else {
            return answer;
        };
        match object.metadata.name.as_deref() {
            Some("forbidden") => answer.deny("this name is taken by nobody"),
            Some("panics") => panic!("as planned"),
            _ => {
                let mut changed = object.clone();
                changed
                    .data
                    .get_or_insert_default()
                    .insert("checked".to_owned(), "yes".to_owned());
                answer
                    .with_patch(webhook::diff(&object, &changed).unwrap())
                    .unwrap()
            }
        }
    };
    let converter = Converter::new()
        .step_between("g/v1", "g/v2", Ok)
        .step_between("g/v2", "g/v1", |_| Err("v1 has no place for this".to_owned()));
    Router::new()
        .admit("/admit", admit)
        .convert("/convert", converter)
}

fn send(request: Request<Full<Bytes>>) -> Response<Body> {
    router().oneshot(request).now_or_never().unwrap().unwrap()
}

fn text(response: Response<Body>) -> String {
    let body = response
        .into_body()
        .collect()
        .now_or_never()
        .unwrap()
        .unwrap()
        .to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

fn post(path: &str, body: &Value) -> Request<Full<Bytes>> {
    Request::post(path)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap()
}

/// The response within the review that answers this.
#[track_caller]
fn review(path: &str, body: &Value) -> Value {
    let response = send(post(path, body));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let review: Value = serde_json::from_str(&text(response)).unwrap();
    assert_eq!(
        (&review["kind"], &review["apiVersion"]),
        (&body["kind"], &body["apiVersion"])
    );
    assert_eq!(review["response"]["uid"], "uid-1");
    review["response"].clone()
}

fn admission(object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "uid-1", "name": "a", "namespace": "ns", "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "resource": {"group": "", "version": "v1", "resource": "configmaps"},
            "userInfo": {"username": "somebody"}, "object": object, "dryRun": false,
        },
    })
}

#[test]
fn a_write_is_let_through_changed_or_denied() {
    let response = review(
        "/admit",
        &admission(json!({"metadata": {"name": "a"}, "data": {"k": "v"}, "unknown": 1})),
    );
    assert_eq!(
        (&response["allowed"], &response["patchType"]),
        (&json!(true), &json!("JSONPatch"))
    );
    // [{"op":"add","path":"/data/checked","value":"yes"}]
    assert_eq!(
        response["patch"],
        "W3sib3AiOiJhZGQiLCJwYXRoIjoiL2RhdGEvY2hlY2tlZCIsInZhbHVlIjoieWVzIn1d"
    );
    let response = review("/admit", &admission(json!({"metadata": {"name": "forbidden"}})));
    assert_eq!(
        (&response["allowed"], &response["status"]["message"]),
        (&json!(false), &json!("this name is taken by nobody"))
    );
}

#[test]
fn what_goes_wrong_is_a_denial_with_the_reason() {
    let response = review("/admit", &admission(json!({"metadata": {"name": 7}})));
    assert_eq!(
        (&response["allowed"], &response["status"]["code"]),
        (&json!(false), &json!(400))
    );
    assert!(
        response["status"]["message"]
            .as_str()
            .unwrap()
            .contains("invalid type: integer `7`"),
        "{response}"
    );
    let response = review("/admit", &admission(json!({"metadata": {"name": "panics"}})));
    assert_eq!(
        (&response["allowed"], &response["status"]["code"]),
        (&json!(false), &json!(500))
    );
}

#[test]
fn objects_are_converted_all_or_none() {
    let conversion = |to: &str, objects: Value| {
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
            "request": {"uid": "uid-1", "desiredAPIVersion": to, "objects": objects},
        })
    };
    let object =
        |version: &str, name: &str| json!({"apiVersion": version, "kind": "K", "metadata": {"name": name}});
    let response = review(
        "/convert",
        &conversion("g/v2", json!([object("g/v1", "a"), object("g/v2", "b")])),
    );
    assert_eq!(response["result"]["status"], "Success");
    assert_eq!(
        response["convertedObjects"],
        json!([object("g/v2", "a"), object("g/v2", "b")])
    );
    let response = review(
        "/convert",
        &conversion("g/v1", json!([object("g/v1", "a"), object("g/v2", "b")])),
    );
    assert_eq!(
        response["result"]["message"],
        "converting to g/v1 failed: v1 has no place for this"
    );
    assert_eq!(response["convertedObjects"], Value::Null);
}

#[test]
fn what_is_no_request_to_a_webhook_is_refused_by_http() {
    let status = |request: Request<Full<Bytes>>| send(request).status().as_u16();
    let json_post = |path: &str, body: &str| {
        Request::post(path)
            .header("content-type", "application/json; charset=utf-8")
            .body(Full::from(body.to_owned()))
            .unwrap()
    };
    assert_eq!(status(json_post("/other", "{}")), 404);
    assert_eq!(status(Request::get("/admit").body(Full::default()).unwrap()), 405);
    assert_eq!(
        status(Request::post("/admit").body(Full::default()).unwrap()),
        415
    );
    assert_eq!(status(json_post("/admit", &" ".repeat(8 << 20))), 413);
    for body in [
        "",
        "[]",
        "{}",
        r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}"#,
        r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"1"}}"#,
    ] {
        assert_eq!(status(json_post("/admit", body)), 400, "{body}");
        assert_eq!(status(json_post("/convert", body)), 400, "{body}");
    }
}
