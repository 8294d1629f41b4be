//! How long the first request takes in a process that has just begun.
//!
//! Each sample is a process of its own: what a server makes once and keeps would otherwise be there from the sample before.
//! The time goes from the start of `main` to the end of the answer, the start of the server included.

#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::FakeApiServer;
use tower::Service as _;

/// A request to begin with.
struct Case {
    name: &'static str,
    method: Method,
    path: &'static str,
    accept: &'static str,
    body: &'static str,
    code: u16,
    /// How long it may take in a release build.
    limit: Duration,
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"web:1","ports":[{"containerPort":80}],"resources":{"requests":{"cpu":"100m"}}}]}}"#;
const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const CASES: [Case; 4] = [
    Case {
        name: "list pods",
        method: Method::GET,
        path: "/api/v1/pods",
        accept: "application/json",
        body: "",
        code: 200,
        limit: Duration::from_millis(5),
    },
    Case {
        name: "version",
        method: Method::GET,
        path: "/version",
        accept: "application/json",
        body: "",
        code: 200,
        limit: Duration::from_millis(5),
    },
    Case {
        name: "aggregated discovery",
        method: Method::GET,
        path: "/apis",
        accept: DISCOVERY,
        body: "",
        code: 200,
        limit: Duration::from_millis(5),
    },
    Case {
        name: "create a pod",
        method: Method::POST,
        path: "/api/v1/namespaces/default/pods",
        accept: "application/json",
        body: POD,
        code: 201,
        limit: Duration::from_millis(10),
    },
];

fn main() {
    let start = Instant::now();
    let args: Vec<String> = std::env::args().collect();
    if let Some(name) = args.iter().find_map(|a| a.strip_prefix("--first=")) {
        let case = CASES.iter().find(|c| c.name == name).unwrap();
        first(case);
        println!("{}", start.elapsed().as_nanos());
        return;
    }
    // `cargo bench` says so to its programs; `cargo test` does not.
    let samples = if args.iter().any(|a| a == "--bench") {
        21
    } else {
        1
    };
    for case in &CASES {
        let mut times: Vec<Duration> = (0..samples).map(|_| sample(case)).collect();
        times.sort();
        let (median, worst) = (times[samples / 2], times[samples - 1]);
        println!(
            "first request of a process: {:<22} median {median:?}, worst of {samples} {worst:?} (limit {:?})",
            case.name, case.limit
        );
    }
}

/// The time that one new process takes.
fn sample(case: &Case) -> Duration {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(format!("--first={}", case.name))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let nanos = String::from_utf8(output.stdout).unwrap();
    Duration::from_nanos(nanos.trim().parse().unwrap())
}

/// Starts a server and sends it the request.
fn first(case: &Case) {
    let request = Request::builder()
        .method(case.method.clone())
        .uri(case.path)
        .header("accept", case.accept)
        .body(Full::new(Bytes::from_static(case.body.as_bytes())))
        .unwrap();
    let mut server = FakeApiServer::new();
    let response = server.call(request).now_or_never().unwrap().unwrap();
    assert_eq!(response.status(), case.code);
    let body = response.into_body().collect().now_or_never().unwrap().unwrap();
    assert!(!body.to_bytes().is_empty());
}
