//! Simulated runs: a process that makes 70 reads and 30 small writes, in a world that is forked from a populated cluster.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::sweep;
use serde_json::json;

const WRITES: usize = 30;
const READS: usize = 70;

/// Reads and writes one object, again and again.
async fn busy(client: Client) {
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    for n in 0..READS {
        api.get("busy").await.expect("the fixture has it");
        if n < WRITES {
            let patch = Patch::Merge(json!({"data": {"n": n.to_string()}}));
            let patched = api.patch("busy", &PatchParams::default(), &patch).await;
            patched.expect("nobody else writes");
        }
    }
    std::future::pending().await
}

/// Keeps a secret for each config map.
async fn controller(client: Client) {
    let configs: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let secrets: Api<Secret> = Api::default_namespaced(client);
    Controller::new(configs, watcher::Config::default().labels("swept=yes"))
        .run(
            |config, secrets| async move {
                let name = config.name_any();
                let patch = Patch::Apply(json!({
                    "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": config.data,
                }));
                secrets.patch(&name, &PatchParams::apply("bench").force(), &patch).await?;
                Ok::<_, seatrial_client::Error>(Action::await_change())
            },
            |_, _, _| Action::requeue(std::time::Duration::from_secs(1)),
            std::sync::Arc::new(secrets),
        )
        .for_each(|_| async {})
        .await;
}

fn simulate(c: &mut Criterion) {
    let mut given =
        String::from("{apiVersion: v1, kind: ConfigMap, metadata: {name: busy}, data: {n: '-1'}}\n");
    for n in 0..100 {
        given += &format!(
            "---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: other-{n}}}, data: {{a: b}}}}\n"
        );
    }
    let worlds = sweep(busy).given(&given).worlds();
    let mut group = c.benchmark_group("simulate");
    group.throughput(Throughput::Elements(1));
    group.bench_function("run of 70 reads and 30 writes", |b| {
        b.iter(|| {
            let mut world = worlds.fork();
            assert!(world.settle());
            assert_eq!(world.requests(), READS + WRITES);
            black_box(world.digest())
        });
    });
    group.sample_size(10);
    group.bench_function("sweep of a small controller", |b| {
        b.iter(|| {
            let report = sweep(controller)
                .scenario(|user| {
                    user.apply(
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {swept: 'yes'}}}",
                    )
                    .settle()
                    .patch("ConfigMap/v1 a", "{data: {a: b}}")
                })
                .run();
            assert!(report.findings.is_empty());
            black_box(report.runs)
        });
    });
    group.finish();
}

criterion_group!(benches, simulate);
criterion_main!(benches);
