//! A long list.

use criterion::{BatchSize, Criterion, Throughput};
use futures::FutureExt as _;
use http::Method;
use http_body_util::BodyExt as _;
use seatrial_fake_apiserver::FakeApiServer;

use crate::support::{PODS, count, must, request, send, with_pods};

/// A list of ten thousand pods, one in a hundred of which has changed since the last list, with its body read.
pub(crate) fn bench(criterion: &mut Criterion) {
    let count = count(10_000, 100);
    let mut server = with_pods(count);
    let bytes = list(&mut server);
    let mut group = criterion.benchmark_group(format!("list {count} pods"));
    group.throughput(Throughput::Bytes(bytes as u64));
    let mut turn = 0;
    group.bench_function("1 % changed", |b| {
        b.iter_batched(
            || {
                turn += 1;
                for n in (turn % 100..count).step_by(100) {
                    let path = format!("{PODS}/web-{n}");
                    let patch = format!(r#"{{"metadata":{{"labels":{{"turn":"{turn}"}}}}}}"#);
                    let patch = request(Method::PATCH, &path, "application/merge-patch+json", patch);
                    must(&mut server.clone(), patch);
                }
                server.clone()
            },
            |mut server| list(&mut server),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Lists all pods; how many bytes that were.
fn list(server: &mut FakeApiServer) -> usize {
    let mut body = send(server, request(Method::GET, PODS, "", "")).into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().now_or_never().unwrap() {
        bytes += frame.unwrap().into_data().unwrap().len();
    }
    bytes
}
