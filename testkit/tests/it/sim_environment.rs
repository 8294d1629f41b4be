//! What a simulated process is given without asking for it.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client, Env, ResourceExt as _,
    api::{Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller, WatchStreamExt as _,
    controller::{Action, Config},
    reflector, watcher,
};
use seatrial_testkit::{FakeCluster, sim::Script, sweep};
use serde_json::json;

/// A controller that is told of no environment: its stream was made elsewhere. It fails a few times before it marks a config map.
pub(crate) async fn controller(client: Client) {
    let maps = Api::<ConfigMap>::default_namespaced(client.clone());
    let (store, writer) = reflector::store();
    let changes = watcher(maps.clone(), watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects();
    let failures = std::sync::atomic::AtomicUsize::new(0);
    Controller::for_stream(changes, store)
        .with_config(Config::default().concurrency(1))
        .shutdown_on_signal()
        .run_with_backoff(
            move |map: Arc<ConfigMap>, maps: Arc<Api<ConfigMap>>| {
                // The cluster has one of its own.
                let is_asked_for = map.name_any() == "a";
                let failed =
                    failures.fetch_add(usize::from(is_asked_for), std::sync::atomic::Ordering::SeqCst);
                async move {
                    if !is_asked_for {
                        return Ok(Action::await_change());
                    }
                    let patch = Patch::Merge(json!({"data": {"failed": failed.to_string()}}));
                    if failed < 2 {
                        // Asking for what is not there is seen from outside, with the time at which it happens.
                        maps.get(&format!("attempt-{failed}")).await?;
                    }
                    if map.data.is_none() {
                        maps.patch(&map.name_any(), &PatchParams::default(), &patch)
                            .await?;
                    }
                    Ok::<_, seatrial_client::Error>(Action::await_change())
                }
            },
            Arc::new(maps),
        )
        .for_each(|_| async {})
        .await;
}

#[test]
fn a_controller_of_a_stream_waits_by_the_jitter_of_its_world() {
    let run = |seed| {
        let mut world = sweep(controller).seed(seed).simulation();
        let script = Script::new().apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        world.play(&script).unwrap();
        assert!(world.settle());
        let marked = world.view().get("configmaps", "default", "a").unwrap();
        assert_eq!(marked["data"]["failed"], "2", "{}", world.trace().text());
        (world.trace().text(), world.elapsed())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2), "the delays are other ones");
}

#[test]
fn the_environment_of_a_process_is_its_default() {
    let mut world = sweep(|client: Client| async move {
        tokio::spawn(async move {
            client.env().sleep(Duration::from_secs(90)).await;
            let (own, default) = (client.env(), Env::default());
            let mut made = ConfigMap::default();
            made.metadata.name = Some("a".to_owned());
            let facts = [
                (own.now() == default.now(), "now"),
                (own.monotonic() == default.monotonic(), "monotonic"),
                (own.rng("x") == default.rng("x"), "chance"),
                (!default.has_signals(), "signals"),
            ];
            made.data = Some(
                facts
                    .map(|(holds, name)| (name.to_owned(), holds.to_string()))
                    .into(),
            );
            let maps = Api::<ConfigMap>::default_namespaced(client);
            maps.create(&PostParams::default(), &made).await.unwrap();
        })
        .await
        .unwrap();
        std::future::pending::<()>().await;
    })
    .simulation();
    assert!(world.settle());
    let made = world.view().get("configmaps", "default", "a").unwrap();
    let holds = json!({"now": "true", "monotonic": "true", "chance": "true", "signals": "true"});
    assert_eq!(made["data"], holds);
    assert!(Env::default().has_signals(), "outside of it nothing has changed");
}

#[test]
fn a_test_keeps_its_own_signals() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let cluster = FakeCluster::builder().build().unwrap();
        let maps = Api::<ConfigMap>::default_namespaced(cluster.client());
        let mut reports = Controller::new(maps.clone(), watcher::Config::default())
            .shutdown_on_signal()
            .run(
                |_: Arc<ConfigMap>, _| async { Ok::<_, seatrial_client::Error>(Action::await_change()) },
                |_, _, _| Action::await_change(),
                Arc::new(()),
            )
            .boxed();
        let mut made = ConfigMap::default();
        made.metadata.name = Some("a".to_owned());
        maps.create(&PostParams::default(), &made).await.unwrap();
        // The runtime has no signals to give, and would say so by a panic.
        let (object, _) = reports.next().await.unwrap().unwrap();
        assert_eq!(object.name, "a");
    });
}
