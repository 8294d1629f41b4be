//! Virtual time: it goes on while somebody works without a pause.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt as _, StreamExt as _, select_biased};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller,
    controller::{self, Action},
    watcher,
};
use seatrial_testkit::sweep;

const A: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// Asks for a config map without a pause, until a second is over.
async fn busy_for_a_second(client: Client) {
    let api = Api::<ConfigMap>::default_namespaced(client.clone());
    let mut over = client.env().sleep(Duration::from_secs(1)).fuse();
    loop {
        select_biased! {
            () = over => break,
            _ = api.get("a").fuse() => {}
        }
    }
    std::future::pending().await
}

#[test]
fn timers_get_their_turn_while_somebody_works() {
    let mut world = sweep(busy_for_a_second).given(A).simulation();
    assert!(world.settle(), "a second is never over");
    // A request and its answer take a millisecond each.
    assert!((450..=550).contains(&world.requests()), "{}", world.requests());
    let mut again = sweep(busy_for_a_second).given(A).simulation();
    assert!(again.settle());
    assert_eq!(
        (again.digest(), again.requests()),
        (world.digest(), world.requests())
    );
}

#[test]
fn a_process_that_works_does_not_stop_the_time_of_others() {
    let mut world = sweep(|client: Client| async move {
        client.env().sleep(Duration::from_millis(500)).await;
        let made = ConfigMap {
            metadata: ObjectMeta {
                name: Some("late".to_owned()),
                ..ObjectMeta::default()
            },
            ..ConfigMap::default()
        };
        let _ = Api::default_namespaced(client)
            .create(&PostParams::default(), &made)
            .await;
        std::future::pending::<()>().await;
    })
    .process("busy", |client: Client| async move {
        let api = Api::<ConfigMap>::default_namespaced(client);
        while api.get("late").await.is_err() {}
        std::future::pending::<()>().await;
    })
    .simulation();
    assert!(world.settle(), "half a second is never over");
}

#[test]
fn a_burst_is_one_instant() {
    let mut world = sweep(|client: Client| async move {
        let api = Api::<ConfigMap>::default_namespaced(client.clone());
        let start = client.env().monotonic();
        for _ in 0..40 {
            let _ = api.get("a").await;
        }
        assert_eq!(client.env().monotonic(), start, "time went on");
        std::future::pending::<()>().await;
    })
    .given(A)
    .simulation();
    assert!(world.settle());
    assert_eq!(world.requests(), 40);
}

#[test]
fn a_timer_may_be_set_for_ever() {
    let mut world = sweep(|client: Client| async move {
        let reconcile = |object: Arc<ConfigMap>, client: Arc<Client>| async move {
            let api = Api::<ConfigMap>::default_namespaced((*client).clone());
            let patch = Patch::Merge(serde_json::json!({"metadata": {"labels": {"seen": "yes"}}}));
            api.patch(&object.name_any(), &PatchParams::default(), &patch)
                .await?;
            Ok::<_, seatrial_client::Error>(Action::requeue(Duration::MAX))
        };
        let config = controller::Config::default().reconcile_timeout(Duration::MAX);
        let api = Api::<ConfigMap>::default_namespaced(client.clone());
        Controller::new(api, watcher::Config::default())
            .with_config(config)
            .run(
                reconcile,
                |_, _, _| Action::requeue(Duration::MAX),
                Arc::new(client),
            )
            .for_each(|_| std::future::ready(()))
            .await;
    })
    .given(A)
    .simulation();
    assert!(world.settle());
    let seen = world.view().get("configmaps", "default", "a").unwrap();
    assert_eq!(seen["metadata"]["labels"]["seen"], "yes");
}
