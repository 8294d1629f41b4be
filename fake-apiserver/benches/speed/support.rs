//! Servers with objects, and requests that are ready to be sent.

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Method, Request, Response};
use http_body_util::Full;
use seatrial_fake_apiserver::{Body, FakeApiServer};
use serde_json::{Value, json};
use tower::Service as _;

/// Where ConfigMaps live.
pub(crate) const CONFIGMAPS: &str = "/api/v1/namespaces/default/configmaps";
/// Where Pods live.
pub(crate) const PODS: &str = "/api/v1/namespaces/default/pods";

/// A count that is cut down to `few` where nothing is measured and the benches only have to run.
pub(crate) fn count(full: usize, few: usize) -> usize {
    // `cargo bench` says so to its programs; `cargo test` does not.
    if std::env::args().any(|arg| arg == "--bench") {
        full
    } else {
        few
    }
}

/// A request as a client sends it.
pub(crate) fn request(
    method: Method,
    path: &str,
    media: &str,
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("user-agent", "bench/1.0")
        .header("accept", "application/json");
    if !media.is_empty() {
        request = request.header("content-type", media);
    }
    request.body(Full::new(body.into())).unwrap()
}

/// A request that creates an object.
pub(crate) fn post(path: &str, object: &Value) -> Request<Full<Bytes>> {
    request(Method::POST, path, "application/json", object.to_string())
}

/// Sends a request that is answered at once.
pub(crate) fn send(server: &mut FakeApiServer, request: Request<Full<Bytes>>) -> Response<Body> {
    // Only a watch and the wait for a revision to come go on after the call.
    server.call(request).now_or_never().unwrap().unwrap()
}

/// Sends a request that must succeed.
pub(crate) fn must(server: &mut FakeApiServer, request: Request<Full<Bytes>>) {
    let response = send(server, request);
    assert!(response.status().is_success(), "{response:?}");
}

/// A ConfigMap of three small entries.
pub(crate) fn configmap(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"app": "web", "team": "payments"}},
        "data": {"color": "blue", "mode": "fast", "retries": "3"},
    })
}

/// A server with that many ConfigMaps: `c0`, `c1` and so on.
pub(crate) fn with_configmaps(count: usize) -> FakeApiServer {
    let mut server = FakeApiServer::new();
    for n in 0..count {
        must(&mut server, post(CONFIGMAPS, &configmap(&format!("c{n}"))));
    }
    server
}

/// A pod as a cluster has it, with its status.
pub(crate) fn pod(name: &str) -> Value {
    let mut pod: Value = serde_json::from_str(include_str!("../data/pod.json")).unwrap();
    pod["metadata"]["name"] = json!(name);
    for field in ["uid", "resourceVersion"] {
        pod["metadata"].as_object_mut().unwrap().remove(field);
    }
    pod
}

/// A server with that many pods: `web-0`, `web-1` and so on.
pub(crate) fn with_pods(count: usize) -> FakeApiServer {
    let mut server = FakeApiServer::new();
    for n in 0..count {
        let name = format!("web-{n}");
        let pod = pod(&name);
        must(&mut server, post(PODS, &pod));
        let status = format!("{PODS}/{name}/status");
        must(
            &mut server,
            request(Method::PUT, &status, "application/json", pod.to_string()),
        );
    }
    server
}
