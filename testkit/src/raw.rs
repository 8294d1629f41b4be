//! Requests straight to the fake's service, answered at once, for fixtures and snapshots.
//!
//! These bypass the client and the request log on purpose: what a test sets up or looks at is not what its controller did.

use bytes::Bytes;
use futures::FutureExt as _;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{
    FakeApiServer,
    discovery::{Catalog, Resource},
};
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

/// The resource of a kind, if it is served.
pub(crate) fn served(server: &FakeApiServer, api_version: &str, kind: &str) -> Option<Resource> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    server.discovery().resource_of_kind(group, version, kind).cloned()
}

/// The resources of all groups, each in its preferred version; the core group's first.
pub(crate) fn preferred(catalog: &Catalog) -> impl Iterator<Item = &Resource> {
    let versions = catalog.groups().filter_map(|group| group.versions.first());
    versions.flat_map(|version| &version.resources)
}

/// The path of a resource's collection, in a namespace or across all.
pub(crate) fn collection(resource: &Resource, namespace: Option<&str>) -> String {
    let root = if resource.group.is_empty() {
        "/api"
    } else {
        "/apis"
    };
    let api_version = resource.api_version();
    match namespace {
        Some(ns) => format!("{root}/{api_version}/namespaces/{ns}/{}", resource.plural),
        None => format!("{root}/{api_version}/{}", resource.plural),
    }
}
