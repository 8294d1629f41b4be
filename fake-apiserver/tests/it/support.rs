//! Requests in one line.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{Body, FakeApiServer, VirtualClock};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A server on virtual time.
pub(crate) fn server() -> FakeApiServer {
    let epoch = "2030-01-01T00:00:00Z".parse().unwrap();
    FakeApiServer::builder()
        .seed(1)
        .clock(VirtualClock::starting_at(epoch))
        .build()
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(server: &FakeApiServer, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    let response = open(server, method, path, body).await;
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let value = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    (code, value)
}

/// Sends a request with a JSON body.
pub(crate) async fn json(server: &FakeApiServer, method: &str, path: &str, body: Value) -> (u16, Value) {
    send(server, method, path, body.to_string().as_bytes()).await
}

/// Reads an object or list that is there.
pub(crate) async fn get(server: &FakeApiServer, path: &str) -> Value {
    let (code, value) = send(server, "GET", path, b"").await;
    assert_eq!(code, 200, "{path}: {value}");
    value
}

/// Sends a request and leaves the body to be read.
pub(crate) async fn open(
    server: &FakeApiServer,
    method: &str,
    path: &str,
    body: &[u8],
) -> http::Response<Body> {
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header("user-agent", "it/1.0")
        .body(Full::new(Bytes::copy_from_slice(body)))
        .unwrap();
    server.clone().oneshot(request).await.unwrap()
}

/// A ConfigMap.
pub(crate) fn configmap(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": value}})
}

/// Where ConfigMaps live.
pub(crate) const CONFIGMAPS: &str = "/api/v1/namespaces/default/configmaps";

/// Reads the events that a watch has, and whether it has ended.
pub(crate) async fn events(body: &mut Body) -> (Vec<Value>, bool) {
    let mut out = Vec::new();
    loop {
        match futures::poll!(Box::pin(body.frame())) {
            std::task::Poll::Ready(Some(frame)) => {
                let data = frame.unwrap().into_data().unwrap();
                out.push(serde_json::from_slice(&data).unwrap());
            }
            std::task::Poll::Ready(None) => return (out, true),
            std::task::Poll::Pending => return (out, false),
        }
    }
}
