//! Servers made anew, and from others.

use std::hint::black_box;

use criterion::{BatchSize, Criterion};
use seatrial_fake_apiserver::FakeApiServer;

use crate::support::{CONFIGMAPS, configmap, count, must, post, with_pods};

/// So many servers are held at a time, since dropping them is not measured.
const HELD: BatchSize = BatchSize::NumIterations(100);

/// The start of an empty server and the fork of one with ten thousand pods, alone and with its first write.
pub(crate) fn bench(criterion: &mut Criterion) {
    criterion.bench_function("start", |b| {
        b.iter_batched(|| (), |()| FakeApiServer::new(), HELD)
    });
    let count = count(10_000, 100);
    let server = with_pods(count);
    let mut group = criterion.benchmark_group(format!("fork {count} pods"));
    group.bench_function("fork", |b| b.iter_batched(|| (), |()| server.fork(), HELD));
    group.bench_function("fork, drop", |b| b.iter(|| drop(black_box(server.fork()))));
    let create = post(CONFIGMAPS, &configmap("first"));
    group.bench_function("fork, create", |b| {
        b.iter_batched(
            || create.clone(),
            |create| {
                let mut fork = server.fork();
                must(&mut fork, create);
                fork
            },
            HELD,
        );
    });
    group.finish();
}
