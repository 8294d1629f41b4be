//! Reading one's own writes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller, WatchStreamExt,
    controller::{Action, WriteGate},
    reflector::{ObjectRef, Store, store},
    watcher::{self, watcher},
};
use seatrial_testkit::{
    FakeCluster,
    fault::{Rule, WatchFault},
};
use serde_json::json;

use crate::{
    life::undisturbed,
    support::{for_a_while, owner_ref},
};

struct Ctx {
    secrets: Api<Secret>,
    cache: Store<Secret>,
    gate: Option<WriteGate<ConfigMap>>,
    runs: Mutex<usize>,
    env: seatrial_client::Env,
}

/// Creates a secret with a drawn name unless the cache shows one: the mistake that a lagging cache turns into many.
async fn reconcile(config: Arc<ConfigMap>, ctx: Arc<Ctx>) -> Result<Action, seatrial_client::Error> {
    *ctx.runs.lock().unwrap() += 1;
    let uid = config.uid().unwrap();
    let owned = ctx
        .cache
        .find(|secret| secret.owner_references().iter().any(|owner| owner.uid == uid));
    if owned.is_none() {
        let mut secret = Secret::default();
        secret.metadata.generate_name = Some("made-".to_owned());
        secret.metadata.owner_references = Some(vec![owner_ref(&config)]);
        let made = ctx.secrets.create(&PostParams::default(), &secret).await?;
        if let Some(gate) = &ctx.gate {
            gate.wrote_at(
                &ObjectRef::from_obj(&*config),
                &ctx.cache,
                &made.resource_version().unwrap(),
            );
        }
    }
    Ok(Action::requeue(Duration::from_secs(1)))
}

/// How many secrets there are, and how many runs it took, after so many seconds in which the cache of secrets stalls for a while.
async fn made(gated: bool, secs: u64) -> (usize, usize) {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let api = Api::<ConfigMap>::default_namespaced(undisturbed(&cluster));
    let mut config = ConfigMap::default();
    config.metadata.name = Some("a".to_owned());
    api.create(&PostParams::default(), &config).await.unwrap();
    // The watch of secrets shows nothing until it is given up.
    cluster
        .faults()
        .inject(Rule::new(WatchFault::Stall { after: 0 }).on("/secrets").times(1));
    let secrets = Api::<Secret>::default_namespaced(cluster.client());
    let (cache, writer) = store();
    let events = watcher(
        secrets.clone(),
        watcher::Config::default().idle_timeout(Duration::from_secs(40)),
    );
    let health = events.health();
    let mut filling = events.reflect_changes(writer.with_health(health)).boxed();
    let gate = gated.then(WriteGate::new);
    let ctx = Arc::new(Ctx {
        secrets,
        cache: cache.clone(),
        gate: gate.clone(),
        runs: Mutex::default(),
        env: env.clone(),
    });
    let mut controller = Controller::new(
        Api::<ConfigMap>::default_namespaced(cluster.client()),
        watcher::Config::default().fields("metadata.name=a"),
    );
    if let Some(gate) = &gate {
        controller = controller.gated_by(gate);
    }
    let running = controller
        .run_with_backoff(reconcile, Arc::clone(&ctx))
        .map(drop)
        .boxed();
    for_a_while(&env, 1, &mut filling).await;
    let mut both = futures::stream::select(running, filling.map(drop)).boxed();
    for_a_while(&ctx.env, secs, &mut both).await;
    let runs = *ctx.runs.lock().unwrap();
    (cluster.server().list("secrets").len(), runs)
}

#[tokio::test(start_paused = true)]
async fn c4_a_controller_waits_until_its_caches_show_what_it_wrote() {
    let (secrets, _) = made(false, 30).await;
    assert!(
        secrets > 20,
        "without the gate, each run makes another: {secrets}"
    );
    assert_eq!(made(true, 30).await, (1, 1), "held back");
    let (secrets, runs) = made(true, 90).await;
    assert_eq!(secrets, 1);
    assert!(runs > 40, "and let go once the cache has caught up: {runs} runs");
}

#[tokio::test(start_paused = true)]
async fn a_gate_opens_after_a_list_a_bookmark_and_at_the_latest_after_a_while() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let api = Api::<ConfigMap>::default_namespaced(undisturbed(&cluster));
    let (cache, writer) = store::<ConfigMap>();
    let events = watcher(
        Api::<ConfigMap>::default_namespaced(cluster.client()),
        watcher::Config::default(),
    );
    let health = events.health();
    let mut filling = events.reflect_changes(writer.with_health(health)).boxed();
    for_a_while(&env, 1, &mut filling).await;
    // Written and deleted again, and the history is lost: no event ever tells of it, the list does.
    let mut config = ConfigMap::default();
    config.metadata.name = Some("a".to_owned());
    let made = api.create(&PostParams::default(), &config).await.unwrap();
    api.delete("a", &Default::default()).await.unwrap();
    let elsewhere = Api::<ConfigMap>::namespaced(undisturbed(&cluster), "kube-system");
    elsewhere.create(&PostParams::default(), &config).await.unwrap();
    cluster.server().compact();
    let version = made.resource_version().unwrap();
    let waiting = cache.wrote_at(&version);
    let filling_on = for_a_while(&env, 5, &mut filling);
    assert_eq!(futures::future::join(waiting, filling_on).await.0, Ok(()));
    // Written to an object that the cache does not select: a bookmark tells that it has passed.
    let patch = Patch::Merge(json!({"data": {"k": "v"}}));
    let written = elsewhere
        .patch("a", &PatchParams::default(), &patch)
        .await
        .unwrap();
    let version = written.resource_version().unwrap();
    let began = env.monotonic();
    {
        let waiting = env.timeout(Duration::from_secs(400), cache.wrote_at(&version));
        let filling_on = for_a_while(&env, 401, &mut filling);
        let opened = futures::future::select(Box::pin(waiting), Box::pin(filling_on)).await;
        assert!(
            matches!(opened, futures::future::Either::Left((Ok(Ok(())), _))),
            "never"
        );
    }
    assert!(env.monotonic() - began < Duration::from_secs(400));
    // A cache whose writer is gone says so instead.
    drop(filling);
    assert!(cache.wrote_at("99999999").await.is_err());
}
