//! Clients, settling, the request log and snapshots.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api,
    core::params::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use seatrial_testkit::FakeCluster;
use serde_json::json;

fn config_map(name: &str, value: &str) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name }, "data": { "key": value } })).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_reads_what_it_wrote() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let made = configs
        .create(&PostParams::default(), &config_map("a", "1"))
        .await
        .unwrap();
    assert_eq!(configs.get("a").await.unwrap(), made);
    let patch = Patch::Merge(json!({ "data": { "key": "2" } }));
    configs.patch("a", &PatchParams::default(), &patch).await.unwrap();
    let listed = configs.list(&ListParams::default()).await.unwrap();
    assert_eq!(listed.items[0].data.as_ref().unwrap()["key"], "2");
    configs.delete("a", &DeleteParams::default()).await.unwrap();
    assert!(configs.get("a").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn settling_waits_for_writes_and_not_for_reads() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let env = cluster.env().clone();
    let writer = tokio::spawn({
        let configs = configs.clone();
        async move {
            for n in 0..5 {
                env.sleep(Duration::from_millis(700)).await;
                configs
                    .create(&PostParams::default(), &config_map(&format!("c{n}"), "x"))
                    .await
                    .unwrap();
            }
            loop {
                env.sleep(Duration::from_millis(100)).await;
                configs.list(&ListParams::default()).await.unwrap();
            }
        }
    });
    cluster.settle().await.unwrap();
    assert_eq!(configs.list(&ListParams::default()).await.unwrap().items.len(), 5);
    writer.abort();
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_never_settles_shows_its_last_writes() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    configs
        .create(&PostParams::default(), &config_map("a", "0"))
        .await
        .unwrap();
    let env = cluster.env().clone();
    let fight = tokio::spawn(async move {
        for n in 0.. {
            env.sleep(Duration::from_millis(900)).await;
            let patch = Patch::Merge(json!({ "data": { "key": format!("{n}") } }));
            configs.patch("a", &PatchParams::default(), &patch).await.unwrap();
        }
    });
    let error = cluster.settle().await.unwrap_err();
    assert_eq!(error.tail.lines().count(), 10, "{error}");
    assert!(
        error
            .tail
            .lines()
            .all(|line| line.contains("PATCH /api/v1/namespaces/default/configmaps/a")),
        "{error}"
    );
    fight.abort();
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_shows_the_tests_own_objects_with_placeholders() {
    let cluster = FakeCluster::builder()
        .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: owner}}")
        .build()
        .unwrap();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let owner = configs.get("owner").await.unwrap();
    let mut owned = config_map("owned", "1");
    owned.metadata.owner_references = Some(vec![
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.metadata.uid,
        }))
        .unwrap(),
    ]);
    configs.create(&PostParams::default(), &owned).await.unwrap();
    insta::assert_snapshot!(cluster.dump());
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_requests_in_order() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    configs.get_opt("a").await.unwrap();
    cluster.env().sleep(Duration::from_millis(1500)).await;
    configs
        .create(&PostParams::default(), &config_map("a", "1"))
        .await
        .unwrap();
    insta::assert_snapshot!(cluster.requests().to_string());
    assert_eq!(cluster.requests().writes().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_seed_is_one_world() {
    async fn run(seed: u64) -> (String, Option<String>) {
        let cluster = FakeCluster::builder().seed(seed).build().unwrap();
        let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
        let mut config = config_map("", "1");
        config.metadata.name = None;
        config.metadata.generate_name = Some("c-".to_owned());
        let made = configs.create(&PostParams::default(), &config).await.unwrap();
        (
            cluster.requests().to_string() + &made.metadata.name.unwrap(),
            made.metadata.uid,
        )
    }
    assert_eq!(run(1).await, run(1).await);
    assert_ne!(run(1).await, run(2).await);
}
