//! Requests as bytes, one after the other, against a server that holds some objects.
//!
//! A request is a line `METHOD PATH`, lines `header: value`, an empty line and the body; a line `>>>` parts it from the
//! next. What `http` cannot make a request of, no server gets to see, so it is passed over.

use std::sync::OnceLock;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{Body, FakeApiServer, VirtualClock};
use tower_service::Service as _;

/// So many events are read from a watch.
const EVENTS_MAX: usize = 64;

/// Objects that the server holds.
pub(crate) const OBJECTS: [(&str, &str); 6] = [
    (
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"boats.sea.io"},"spec":{"group":"sea.io","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"sails":{"type":"integer","default":2,"maximum":9},"crew":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"role":{"type":"string"}}}}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}"#,
    ),
    (
        "/apis/sea.io/v1/namespaces/default/boats",
        r#"{"apiVersion":"sea.io/v1","kind":"Boat","metadata":{"name":"b"},"spec":{"crew":[{"name":"ann","role":"mate"}]}}"#,
    ),
    (
        "/api/v1/namespaces/default/configmaps",
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","labels":{"a":"b"},"finalizers":["x.io/f"]},"data":{"k":"v"}}"#,
    ),
    (
        "/api/v1/namespaces/default/pods",
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]}}"#,
    ),
    (
        "/apis/apps/v1/namespaces/default/deployments",
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]}}}}"#,
    ),
    (
        "/api/v1/namespaces/default/services",
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}"#,
    ),
];

/// Sends the requests; none may panic, and none that is refused may change anything.
pub fn run(input: &[u8]) {
    let server = server();
    for part in split(input, b"\n>>>\n") {
        let Some(request) = read(part) else { continue };
        let before = server.revision();
        let Some(code) = exchange(&server, request) else {
            continue;
        };
        if (400..500).contains(&code) {
            assert_eq!(
                server.revision(),
                before,
                "an answer of {code} comes with a write"
            );
        }
    }
}

/// A server of one's own with [`OBJECTS`] in it, on whose clock no second ends between two requests.
pub(crate) fn server() -> FakeApiServer {
    static FULL: OnceLock<FakeApiServer> = OnceLock::new();
    let full = FULL.get_or_init(|| {
        let epoch = "2026-01-01T00:00:00Z".parse();
        let clock = VirtualClock::starting_at(epoch.unwrap_or_default());
        let server = FakeApiServer::builder().clock(clock).build();
        for (path, object) in OBJECTS {
            let request = Request::post(path).body(Full::new(Bytes::from(object)));
            // The objects above are whole.
            let code = request.ok().and_then(|request| exchange(&server, request));
            assert_eq!(code, Some(201), "{path}");
        }
        server
    });
    full.fork()
}

/// The answer to a request, on a clock that jumps.
pub(crate) fn answer<T>(
    server: &FakeApiServer,
    request: Request<Full<Bytes>>,
    read: impl AsyncFnOnce(Response<Body>) -> T,
) -> T {
    let mut server = server.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    // A runtime without I/O needs nothing that could be missing.
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        let Ok(response) = server.call(request).await;
        read(response).await
    })
}

/// The status code of the answer, once its body was read.
fn exchange(server: &FakeApiServer, request: Request<Full<Bytes>>) -> Option<u16> {
    answer(server, request, async |response| {
        let code = response.status().as_u16();
        let mut body = response.into_body();
        for _ in 0..EVENTS_MAX {
            let Some(Ok(_)) = body.frame().await else { break };
        }
        Some(code)
    })
}

fn read(part: &[u8]) -> Option<Request<Full<Bytes>>> {
    let (head, body) = match part.windows(2).position(|w| w == b"\n\n") {
        Some(at) => (&part[..at], &part[at + 2..]),
        None => (part, &[][..]),
    };
    let mut lines = head.split(|b| *b == b'\n');
    let mut first = lines.next()?.splitn(2, |b| *b == b' ');
    let mut request = Request::builder().method(first.next()?).uri(first.next()?);
    for line in lines {
        let mut parts = line.splitn(2, |b| *b == b':');
        let (name, value) = (parts.next()?, parts.next()?);
        request = request.header(name, value.strip_prefix(b" ").unwrap_or(value));
    }
    request.body(Full::new(Bytes::copy_from_slice(body))).ok()
}

pub(crate) fn split<'a>(mut input: &'a [u8], by: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        match input.windows(by.len()).position(|w| w == by) {
            Some(at) => {
                let part = &input[..at];
                input = &input[at + by.len()..];
                Some(part)
            }
            None => {
                done = true;
                Some(input)
            }
        }
    })
}
