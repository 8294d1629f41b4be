//! Single requests about ConfigMaps.

use criterion::{BatchSize, Criterion, Throughput};
use http::Method;

use crate::support::{CONFIGMAPS, configmap, count, must, post, request, with_configmaps};

/// GETs, creates and merge patches by the second, on a server that has a thousand ConfigMaps already.
pub(crate) fn bench(criterion: &mut Criterion) {
    let count = count(1000, 10);
    let server = with_configmaps(count);
    let mut group = criterion.benchmark_group("configmap");
    group.throughput(Throughput::Elements(count as u64));

    let reads: Vec<_> = (0..count)
        .map(|n| request(Method::GET, &format!("{CONFIGMAPS}/c{n}"), "", ""))
        .collect();
    group.bench_function("get", |b| {
        let mut server = server.clone();
        b.iter_batched(
            || reads.clone(),
            |reads| reads.into_iter().for_each(|r| must(&mut server, r)),
            BatchSize::PerIteration,
        );
    });

    let creates: Vec<_> = (0..count)
        .map(|n| post(CONFIGMAPS, &configmap(&format!("new-{n}"))))
        .collect();
    group.bench_function("create", |b| {
        b.iter_batched(
            || (server.fork(), creates.clone()),
            |(mut server, creates)| {
                creates.into_iter().for_each(|r| must(&mut server, r));
                server
            },
            BatchSize::PerIteration,
        );
    });

    let mut generation = 0;
    group.bench_function("merge patch", |b| {
        let mut server = server.fork();
        b.iter_batched(
            || {
                generation += 1;
                let body = format!(r#"{{"data":{{"color":"red-{generation}"}}}}"#);
                let patch = |n| {
                    let path = format!("{CONFIGMAPS}/c{n}");
                    request(Method::PATCH, &path, "application/merge-patch+json", body.clone())
                };
                (0..count).map(patch).collect::<Vec<_>>()
            },
            |patches| patches.into_iter().for_each(|r| must(&mut server, r)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}
