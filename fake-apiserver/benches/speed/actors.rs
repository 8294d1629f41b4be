//! What the cluster's own controllers cost a write that does not concern them.

use criterion::{BatchSize, Criterion};
use http::Method;
use seatrial_fake_apiserver::{Actor, FakeApiServer};
use serde_json::{Value, json};

use crate::support::{CONFIGMAPS, configmap, count, must, post, request};

/// So many objects have one owner.
const DEPENDENTS: usize = 10;

/// A create beside ten thousand objects with owners, without and with a garbage collector, and the end of one owner with
/// ten dependents.
pub(crate) fn bench(criterion: &mut Criterion) {
    let count = count(10_000, 100);
    let mut group = criterion.benchmark_group(format!("beside {count} objects with owners"));
    let create = post(CONFIGMAPS, &configmap("another"));
    for (name, actors) in [
        ("create", Vec::new()),
        ("create, garbage collected", vec![Actor::GarbageCollector]),
        ("create, with all actors", Actor::ALL.to_vec()),
    ] {
        group.bench_function(name, |b| {
            let server = with_owners(count, &actors);
            b.iter_batched(
                || (server.fork(), create.clone()),
                |(mut server, create)| {
                    must(&mut server, create);
                    server
                },
                BatchSize::NumIterations(100),
            );
        });
    }
    group.bench_function("delete an owner of 10", |b| {
        let server = with_owners(count, &[Actor::GarbageCollector]);
        let delete = request(Method::DELETE, &format!("{CONFIGMAPS}/owner-0"), "", "");
        b.iter_batched(
            || (server.fork(), delete.clone()),
            |(mut server, delete)| {
                must(&mut server, delete);
                server
            },
            BatchSize::NumIterations(100),
        );
    });
    group.finish();
}

/// A server with that many ConfigMaps, of which each owner has ten.
fn with_owners(count: usize, actors: &[Actor]) -> FakeApiServer {
    let mut server = FakeApiServer::builder().actors(actors.iter().copied()).build();
    for n in 0..count / DEPENDENTS {
        let owner = format!("owner-{n}");
        must(&mut server, post(CONFIGMAPS, &configmap(&owner)));
        let stored = server.get("configmaps", "default", &owner).unwrap();
        for m in 0..DEPENDENTS {
            let mut dependent = configmap(&format!("dependent-{n}-{m}"));
            dependent["metadata"]["ownerReferences"] = json!([reference(&stored)]);
            must(&mut server, post(CONFIGMAPS, &dependent));
        }
    }
    server
}

fn reference(owner: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    })
}
