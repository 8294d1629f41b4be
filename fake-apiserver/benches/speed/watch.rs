//! A write that many watch.

use bytes::Bytes;
use criterion::{BatchSize, Criterion};
use futures::stream::{FuturesUnordered, StreamExt as _};
use http::Method;
use http_body_util::BodyExt as _;
use seatrial_fake_apiserver::{Body, FakeApiServer};
use serde_json::{Value, json};

use crate::support::{CONFIGMAPS, configmap, count, must, post, request, send};

const SELECTORS: usize = 200;

/// A create with a thousand watchers over 200 selectors, until all it concerns have read their event.
pub(crate) fn bench(criterion: &mut Criterion) {
    let watchers = count(1000, 2 * SELECTORS);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut group = criterion.benchmark_group(format!("create with {watchers} watchers"));

    let all: Value = (0..SELECTORS)
        .map(|n| (format!("team-{n}"), json!("yes")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let one = json!({"team-7": "yes"});
    for (name, labels, expected) in [
        ("delivered to all", all, watchers),
        ("delivered to one in 200", one, watchers / SELECTORS),
    ] {
        group.bench_function(name, |b| {
            let mut server = FakeApiServer::new();
            let _timers = runtime.enter();
            let mut waiting: FuturesUnordered<_> = (0..watchers)
                .map(|n| next(watch(&mut server, n % SELECTORS)))
                .collect();
            // All are asked once, so that they wait.
            runtime.block_on(async { assert!(futures::poll!(waiting.next()).is_pending()) });
            let mut n = 0;
            b.iter_batched(
                || {
                    n += 1;
                    let mut object = configmap(&format!("c{n}"));
                    object["metadata"]["labels"] = labels.clone();
                    (server.clone(), post(CONFIGMAPS, &object))
                },
                |(mut server, create)| {
                    must(&mut server, create);
                    runtime.block_on(async {
                        for _ in 0..expected {
                            let (_, body) = waiting.next().await.unwrap();
                            waiting.push(next(body));
                        }
                        assert!(futures::poll!(waiting.next()).is_pending());
                    });
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Opens a watch of the ConfigMaps with one label.
fn watch(server: &mut FakeApiServer, label: usize) -> Body {
    let path = format!("{CONFIGMAPS}?watch=true&resourceVersion=1&labelSelector=team-{label}%3Dyes");
    send(server, request(Method::GET, &path, "", "")).into_body()
}

/// Reads one event.
async fn next(mut body: Body) -> (Bytes, Body) {
    let frame = body.frame().await.unwrap().unwrap();
    (frame.into_data().unwrap(), body)
}
