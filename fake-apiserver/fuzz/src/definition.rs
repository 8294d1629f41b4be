//! The schema of a definition as JSON, then objects of it, each part behind a line `>>>`.
//!
//! A definition with the schema is created; then every object is, by a POST and by an apply, read as a table, replaced by
//! the next one and listed. What is no JSON is sent all the same.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::request;

const OBJECTS: &str = "/apis/sea.io/v1/namespaces/default/ships";

/// Creates what the input says; nothing may panic, and nothing that is refused may change anything.
pub fn run(input: &[u8]) {
    let server = request::server();
    let mut parts = request::split(input, b"\n>>>\n");
    let schema = parts.next().unwrap_or_default();
    let code = send(
        &server,
        Method::POST,
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "application/json",
        &definition(schema),
    );
    if code != 201 {
        return;
    }
    for object in parts {
        let object = match serde_json::from_slice::<Value>(object) {
            Ok(mut value) if value.is_object() => {
                value["apiVersion"] = "sea.io/v1".into();
                value["kind"] = "Ship".into();
                if !value["metadata"].is_object() {
                    value["metadata"] = json!({});
                }
                value["metadata"]["name"] = "s".into();
                value.to_string().into_bytes()
            }
            _ => object.to_vec(),
        };
        let one = format!("{OBJECTS}/s");
        send(&server, Method::POST, OBJECTS, "application/json", &object);
        send(&server, Method::PUT, &one, "application/json", &object);
        send(
            &server,
            Method::PATCH,
            &one,
            "application/merge-patch+json",
            &object,
        );
        send(
            &server,
            Method::PATCH,
            &format!("{one}?fieldManager=f&force=true"),
            "application/apply-patch+yaml",
            &object,
        );
        send(&server, Method::GET, OBJECTS, "", b"");
    }
    send(&server, Method::GET, "/openapi/v3/apis/sea.io/v1", "", b"");
    send(&server, Method::GET, "/openapi/v2", "", b"");
}

/// A definition around a schema, which may be no JSON.
fn definition(schema: &[u8]) -> Vec<u8> {
    let mut out = br#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"ships.sea.io"},"spec":{"group":"sea.io","scope":"Namespaced","names":{"plural":"ships","kind":"Ship"},"versions":[{"name":"v1","served":true,"storage":true,"additionalPrinterColumns":[{"name":"A","type":"string","jsonPath":".spec.a"}],"schema":{"openAPIV3Schema":"#.to_vec();
    out.extend_from_slice(schema);
    out.extend_from_slice(b"}}]}}");
    out
}

fn send(server: &FakeApiServer, method: Method, path: &str, content_type: &str, body: &[u8]) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", content_type)
        .header(
            "accept",
            "application/json;as=Table;g=meta.k8s.io;v=v1,application/json",
        )
        .body(Full::new(Bytes::copy_from_slice(body)));
    // The parts above are those of a request.
    let request = request.unwrap_or_else(|error| panic!("no request: {error}"));
    let before = server.revision();
    let code = request::answer(server, request, async |response| {
        let code = response.status().as_u16();
        // A body in memory cannot fail.
        drop(response.into_body().collect().await);
        code
    });
    if (400..500).contains(&code) {
        assert_eq!(
            server.revision(),
            before,
            "an answer of {code} comes with a write"
        );
    }
    code
}
