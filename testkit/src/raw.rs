//! Requests straight to the fake's service, answered at once, for fixtures and snapshots.
//!
//! These bypass the client and the request log on purpose: what a test sets up or looks at is not what its controller did.

use bytes::Bytes;
use futures::FutureExt as _;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::Value;
use tower::Service as _;

/// Sends a request and returns the answer's code and JSON body (`Null` where there is none).
pub(crate) fn send(
    server: &FakeApiServer,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    send_as(server, method, path, "application/json", body)
}

/// The same with a body of another type.
pub(crate) fn send_as(
    server: &FakeApiServer,
    method: Method,
    path: &str,
    content_type: &str,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    send_by(server, method, path, content_type, None, body)
}

/// The same in the name of a user.
pub(crate) fn send_by(
    server: &FakeApiServer,
    method: Method,
    path: &str,
    content_type: &str,
    user: Option<&HeaderValue>,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let bytes = body.map(|b| b.to_string().into_bytes()).unwrap_or_default();
    let mut request = Request::builder();
    if let Some(user) = user {
        request = request.header("impersonate-user", user);
    }
    let request = request
        .method(method)
        .uri(path)
        .header("content-type", content_type)
        .header("user-agent", "testkit")
        .body(Full::<Bytes>::from(bytes))
        .expect("paths are built from names that the server itself listed or validates");
    let mut server = server.clone();
    async move {
        let response = match server.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let code = response.status();
        let bytes = match response.into_body().collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(never) => match never {},
        };
        (code, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
    .now_or_never()
    .expect("only watches and reads at a future revision wait, and neither is asked for here")
}

/// A resource that the server serves, as discovery tells it.
pub(crate) struct Served {
    pub(crate) api_version: String,
    pub(crate) plural: String,
    pub(crate) kind: String,
    pub(crate) namespaced: bool,
    pub(crate) verbs: Vec<String>,
}

impl Served {
    /// The path of the collection, in a namespace or across all.
    pub(crate) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.api_version.contains('/') {
            "/apis"
        } else {
            "/api"
        };
        match namespace {
            Some(ns) => format!("{root}/{}/namespaces/{ns}/{}", self.api_version, self.plural),
            None => format!("{root}/{}/{}", self.api_version, self.plural),
        }
    }
}

/// The resources of one group and version; empty where it is not served.
pub(crate) fn resources(server: &FakeApiServer, api_version: &str) -> Vec<Served> {
    let root = if api_version.contains('/') {
        "/apis"
    } else {
        "/api"
    };
    let (_, list) = send(server, Method::GET, &format!("{root}/{api_version}"), None);
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    list["resources"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|r| Served {
            api_version: api_version.to_owned(),
            plural: text(&r["name"]),
            kind: text(&r["kind"]),
            namespaced: r["namespaced"] == true,
            verbs: r["verbs"].as_array().into_iter().flatten().map(text).collect(),
        })
        .collect()
}

/// The groups' preferred versions, the core group's first.
pub(crate) fn preferred_versions(server: &FakeApiServer) -> Vec<String> {
    let (_, groups) = send(server, Method::GET, "/apis", None);
    let named = groups["groups"].as_array().into_iter().flatten();
    std::iter::once("v1".to_owned())
        .chain(named.filter_map(|g| g["preferredVersion"]["groupVersion"].as_str().map(str::to_owned)))
        .collect()
}
