//! Server-side apply, one request at a time.

use criterion::{BatchSize, Criterion, Throughput};
use http::{Method, Request};
use http_body_util::Full;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use crate::support::{CONFIGMAPS, count, must, request};

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

/// Applies to objects that others have applied to before; the time is that of one request.
pub(crate) fn bench(criterion: &mut Criterion) {
    let count = count(1000, 10);
    let mut group = criterion.benchmark_group("apply");
    group.throughput(Throughput::Elements(count as u64));

    let mut server = with_two_managers(count);
    let mut turn = 0;
    group.bench_function("one key of a ConfigMap with two managers", |b| {
        b.iter_batched(
            || {
                turn += 1;
                (0..count)
                    .map(|n| half("second", n, &format!("{turn}")))
                    .collect::<Vec<_>>()
            },
            |applies| applies.into_iter().for_each(|r| must(&mut server, r)),
            BatchSize::PerIteration,
        );
    });

    let server = with_deployments(count);
    for (name, image, force) in [
        (
            "a Deployment over an equal one by a second manager",
            "app:1",
            false,
        ),
        ("a Deployment over another by a second manager", "app:2", true),
    ] {
        let applies: Vec<_> = (0..count)
            .map(|n| deployment("second", n, image, force))
            .collect();
        group.bench_function(name, |b| {
            b.iter_batched(
                || (server.fork(), applies.clone()),
                |(mut server, applies)| {
                    applies.into_iter().for_each(|r| must(&mut server, r));
                    server
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// A server with ConfigMaps to which two managers have applied some keys each.
fn with_two_managers(count: usize) -> FakeApiServer {
    let mut server = FakeApiServer::new();
    for n in 0..count {
        must(&mut server, half("first", n, "0"));
        must(&mut server, half("second", n, "0"));
    }
    server
}

/// A server with Deployments to which one manager has applied everything.
fn with_deployments(count: usize) -> FakeApiServer {
    let mut server = FakeApiServer::new();
    for n in 0..count {
        must(&mut server, deployment("first", n, "app:1", false));
    }
    server
}

/// One manager's part of a ConfigMap.
fn half(manager: &str, n: usize, value: &str) -> Request<Full<bytes::Bytes>> {
    let name = format!("c{n}");
    let key = |k: &str| format!("{manager}-{k}");
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {key("app"): "web"}},
        "data": {key("color"): "blue", key("mode"): "fast", key("turn"): value},
    });
    apply(&format!("{CONFIGMAPS}/{name}"), manager, &object, false)
}

/// A Deployment whose container has thirty fields.
fn deployment(manager: &str, n: usize, image: &str, force: bool) -> Request<Full<bytes::Bytes>> {
    let name = format!("web-{n}");
    let mut object: Value = serde_json::from_str(include_str!("../data/deployment.json")).unwrap();
    object["metadata"]["name"] = json!(name);
    object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
    apply(&format!("{DEPLOYMENTS}/{name}"), manager, &object, force)
}

fn apply(path: &str, manager: &str, object: &Value, force: bool) -> Request<Full<bytes::Bytes>> {
    let path = format!("{path}?fieldManager={manager}&force={force}");
    request(
        Method::PATCH,
        &path,
        "application/apply-patch+yaml",
        object.to_string(),
    )
}
