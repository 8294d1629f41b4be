//! The webhook that transcripts tagged `webhook` call, with the answers that it gave when they were recorded.

use std::convert::Infallible;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Map, Value, json};

/// Where it is; the port after this one stays closed.
pub(crate) const ADDRESS: &str = "https://127.0.0.1:29443";

/// The certificate that it shows, which is in the configurations of those who trust it.
pub(crate) const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBfjCCASSgAwIBAgIBATAKBggqhkjOPQQDAjAlMSMwIQYDVQQDDBp3ZWJob29r
LW9mLXRoZS10cmFuc2NyaXB0czAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAw
MDAwMFowJTEjMCEGA1UEAwwad2ViaG9vay1vZi10aGUtdHJhbnNjcmlwdHMwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAAQGbMqUbufCrUS7Awo5ZO45UANRQpfP0Rt8
/d3wQP7EwLQNZleRJhe7xormlXfXq9JYToNidvN2fUg7+j1aunBoo0MwQTAPBgNV
HREECDAGhwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFLD6AI+i4V9y
Q1hNXmAeSzJ6zDFXMAoGCCqGSM49BAMCA0gAMEUCIH1W2M6451hBAr7SJFj3ghZo
iAa6tANcDraw0RNB+fhLAiEA3ZV1l72EWla7da8YCTarBEqzPXGoh8K3WzvapYnh
Dmw=
-----END CERTIFICATE-----
";

/// How long it takes where it is slow.
const SLOW: Duration = Duration::from_secs(3);

/// Answers a review.
pub(crate) async fn answer(request: Request<Bytes>) -> Result<Response<Full<Bytes>>, Infallible> {
    let review: Value = serde_json::from_slice(request.body()).expect("a server sends JSON");
    if request.uri().path() == "/slow" {
        tokio::time::sleep(SLOW).await;
    }
    let (code, body) = match response(request.uri().path(), &review["request"]) {
        Said::Text(code, text) => (code, text.to_owned()),
        Said::Review(version, response) => {
            let version = version.map_or_else(|| review["apiVersion"].clone(), Value::from);
            let mut body = json!({"apiVersion": version, "kind": "AdmissionReview"});
            if let Some(response) = response {
                body["response"] = json!({"uid": review["request"]["uid"]});
                for (field, value) in response {
                    body["response"][field] = value;
                }
            }
            (200, body.to_string())
        }
    };
    let response = Response::builder()
        .status(code)
        .header("content-type", "application/json");
    Ok(response.body(Full::from(body)).expect("the parts are constants"))
}

/// What comes back.
enum Said {
    Text(u16, &'static str),
    /// The version where it is not the request's, and the response where there is one.
    Review(Option<&'static str>, Option<Map<String, Value>>),
}

fn response(path: &str, request: &Value) -> Said {
    let reviewed = |response: Value| Said::Review(None, response.as_object().cloned());
    let denied = |status: Value| reviewed(json!({"allowed": false, "status": status}));
    let data = &request["object"]["data"];
    let put = |key: &str, value: String| {
        reviewed(if data.is_object() {
            patch(&json!({"op": "add", "path": format!("/data/{key}"), "value": value}))
        } else {
            patch(&json!({"op": "add", "path": "/data", "value": {key: value}}))
        })
    };
    let add = |path: &str, value: Value| reviewed(patch(&json!({"op": "add", "path": path, "value": value})));
    match path {
        "/allow" | "/slow" => reviewed(json!({"allowed": true})),
        "/deny" => denied(json!({"code": 403, "message": "not today"})),
        "/deny-bare" => reviewed(json!({"allowed": false})),
        "/deny-reason" => denied(json!({"reason": "because I say so"})),
        "/deny-full" => denied(json!({
            "code": 409, "reason": "Conflict", "message": "full",
            "details": {"kind": "k", "name": "n", "causes": [
                {"reason": "FieldValueInvalid", "message": "m", "field": "data.x"},
            ]},
        })),
        "/deny-teapot" => denied(json!({"code": 418, "message": "short and stout"})),
        "/deny-200" => denied(json!({"code": 200, "message": "a success?"})),
        "/warn" => reviewed(json!({
            "allowed": true, "warnings": ["first warning", "second \"quoted\" warning", "x".repeat(300)],
        })),
        "/warn-deny" => reviewed(json!({
            "allowed": false, "warnings": ["before the fall"], "status": {"message": "denied with a warning"},
        })),
        "/reflect" => {
            let mut seen = stripped(request);
            seen["uid"] = if request["uid"] == "" {
                "missing"
            } else {
                "checked"
            }
            .into();
            denied(json!({"message": printed(&seen)}))
        }
        "/reflect-meta" => {
            let mut seen = request.clone();
            for object in ["object", "oldObject"] {
                if !seen[object].is_null() {
                    let name = &request[object]["metadata"]["name"];
                    seen[object] = name.as_str().unwrap_or("-").into();
                }
            }
            if let Some(fields) = seen.as_object_mut() {
                fields.remove("uid");
            }
            denied(json!({"message": printed(&seen)}))
        }
        "/mutate-a" => put("a", format!("{}A", data["a"].as_str().unwrap_or(""))),
        "/mutate-b" => put("b", format!("{}B", data["a"].as_str().unwrap_or("-"))),
        "/mutate-label" => add("/metadata/labels", json!({"by": "webhook"})),
        "/mutate-sidecar" => add("/spec/containers/-", json!({"name": "side", "image": "side"})),
        "/mutate-invalid" => add("/data", json!({"bad key": "x"})),
        "/mutate-type" => add("/data", json!({"a": 1})),
        "/mutate-unknown" => add("/nosuch", json!(1)),
        "/mutate-name" => reviewed(patch(
            &json!({"op": "replace", "path": "/metadata/name", "value": "renamed"}),
        )),
        "/patch-missing" => reviewed(patch(&json!({"op": "remove", "path": "/data/nosuch"}))),
        "/patch-garbage" => {
            reviewed(json!({"allowed": true, "patchType": "JSONPatch", "patch": encoded("{}")}))
        }
        "/patch-untyped" => {
            let mut response = patch(&json!({"op": "add", "path": "/data", "value": {}}));
            if let Some(fields) = response.as_object_mut() {
                fields.remove("patchType");
            }
            reviewed(response)
        }
        "/error" => Said::Text(500, "boom"),
        "/text" => Said::Text(200, "hello"),
        "/empty" => Said::Text(200, ""),
        "/wrong-uid" => reviewed(json!({"allowed": true, "uid": "other"})),
        "/no-response" => Said::Review(None, None),
        "/wrong-version" => Said::Review(
            Some("admission.k8s.io/v1beta1"),
            json!({"allowed": true}).as_object().cloned(),
        ),
        _ => Said::Text(404, "no such path"),
    }
}

fn patch(operation: &Value) -> Value {
    let operations = json!([operation]).to_string();
    json!({"allowed": true, "patchType": "JSONPatch", "patch": encoded(&operations)})
}

fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Without what differs from run to run and tells nothing.
fn stripped(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| *key != "managedFields");
            let shown = kept.map(|(key, value)| {
                let value = if key == "resourceVersion" {
                    "set".into()
                } else {
                    stripped(value)
                };
                (key.clone(), value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => items.iter().map(stripped).collect(),
        other => other.clone(),
    }
}

/// JSON with its keys sorted and a space after each comma and colon.
fn printed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            let each = sorted
                .iter()
                .map(|(key, value)| format!("{}: {}", json!(key), printed(value)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(printed).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[test]
fn reviews_are_printed_sorted() {
    let value = json!({"b": [1, "x"], "a": {"c": null}});
    assert_eq!(printed(&value), r#"{"a": {"c": null}, "b": [1, "x"]}"#);
}
