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
async fn who_asks_without_a_pause_does_not_stop_the_time() {
    let cluster = FakeCluster::builder()
        .object(config_map("a", "0"))
        .build()
        .unwrap();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let (reads, env) = (configs.clone(), cluster.env().clone());
    let hot = tokio::spawn(async move { while reads.get("absent").await.is_err() {} });
    let slow = tokio::spawn(async move {
        for n in 0.. {
            env.sleep(Duration::from_millis(900)).await;
            let patch = Patch::Merge(json!({ "data": { "key": format!("{n}") } }));
            configs.patch("a", &PatchParams::default(), &patch).await.unwrap();
        }
    });
    let error = cluster.settle().await.unwrap_err();
    assert!(
        error.requests > 20_000 && error.waited < Duration::from_secs(60),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("GET /api/v1/namespaces/default/configmaps/absent"),
        "{error}"
    );
    assert_eq!(error.tail.lines().count(), 10, "{error}");
    hot.abort();
    slow.abort();
}

#[tokio::test(start_paused = true)]
async fn many_requests_are_made_at_one_instant() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    for _ in 0..1000 {
        configs.get_opt("absent").await.unwrap();
    }
    assert_eq!(cluster.env().monotonic(), Duration::ZERO);
    configs.get_opt("absent").await.unwrap();
    assert_eq!(cluster.env().monotonic(), Duration::from_millis(100));
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

#[tokio::test(start_paused = true)]
async fn a_difference_tells_objects_and_fields() {
    let cluster = FakeCluster::builder()
        .yaml(
            r"
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, labels: {app: web, old: 'yes'}, finalizers: [example.com/a]}
data: {key: '1'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: again}
data: {key: '1'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: untouched}
",
        )
        .build()
        .unwrap();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let before = cluster.state();
    assert!(before.diff(&cluster.state()).is_empty());
    cluster.env().sleep(Duration::from_secs(90)).await;

    let patch = Patch::Merge(json!({
        "metadata": {"labels": {"old": null}, "finalizers": ["example.com/a", "example.com/b"]},
        "data": {"key": "2", "long": "x".repeat(200)},
    }));
    configs
        .patch("kept", &PatchParams::default(), &patch)
        .await
        .unwrap();
    configs.delete("gone", &DeleteParams::default()).await.unwrap();
    configs.delete("again", &DeleteParams::default()).await.unwrap();
    let owner = configs.get("kept").await.unwrap();
    for (name, value) in [("again", "2"), ("made", "3")] {
        let mut made = config_map(name, value);
        made.metadata.owner_references = Some(vec![
            serde_json::from_value(json!({
                "apiVersion": "v1", "kind": "ConfigMap", "name": "kept", "uid": owner.metadata.uid,
            }))
            .unwrap(),
        ]);
        configs.create(&PostParams::default(), &made).await.unwrap();
    }
    insta::assert_snapshot!("difference", before.diff(&cluster.state()).to_string());
    insta::assert_snapshot!("changes", cluster.changes());
}

#[tokio::test(start_paused = true)]
async fn events_are_told_in_the_order_of_their_making() {
    let event = |name: &str, uid: &str, count: u32, message: &str| {
        json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "default"},
            "involvedObject": {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "default", "name": "a", "uid": uid},
            "type": "Normal", "reason": "Created", "message": message, "count": count,
            "reportingComponent": "greeter", "reportingInstance": "greeter-0", "action": "Create",
            "source": {"component": "greeter"},
        })
    };
    let uid = "0b9f4a3e-5c1d-4e2f-8a7b-6c5d4e3f2a1b";
    let cluster = FakeCluster::builder()
        .object(event(
            "z",
            uid,
            1,
            &format!("made {uid} at 2026-01-01T00:00:00Z."),
        ))
        .object(event("a", uid, 3, "again"))
        .build()
        .unwrap();
    assert_eq!(
        cluster.events(),
        "Normal Created ConfigMap default/a: made <uid-1> at <time>. (greeter)\n\
         Normal Created ConfigMap default/a: again (greeter) ×3\n"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_and_filtered() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let params = PatchParams {
        field_manager: Some("me and you".to_owned()),
        ..PatchParams::default()
    };
    configs
        .create(&PostParams::default(), &config_map("a", "1"))
        .await
        .unwrap();
    let patch = Patch::Merge(json!({ "data": { "key": "1" } }));
    configs.patch("a", &params, &patch).await.unwrap();
    configs.get_opt("b").await.unwrap();
    let log = cluster.requests();
    let counts: Vec<_> = log.counts().into_iter().collect();
    assert_eq!(
        counts,
        [
            ("create configmaps".to_owned(), 1),
            ("get configmaps".to_owned(), 1),
            ("patch configmaps".to_owned(), 1)
        ]
    );
    log.of::<ConfigMap>().named("a").expect_count(2);
    log.named("b").failed().expect_count(1);
    log.field_manager("me and you").expect_count(1);
    log.resource("configmaps/status").expect_none();
    // The patch asked for what was there.
    log.after(1).expect_no_changes();
    log.namespace("elsewhere").expect_none();
    log.expect_at_least(3);
    log.user_agent("seatrial").expect_at_most(3);
}

#[tokio::test(start_paused = true)]
async fn a_broken_expectation_shows_the_requests() {
    let cluster = FakeCluster::new();
    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    configs
        .create(&PostParams::default(), &config_map("a", "1"))
        .await
        .unwrap();
    let log = cluster.requests();
    let message = |expectation: &dyn Fn()| {
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(expectation)).unwrap_err();
        broken.downcast_ref::<String>().unwrap().clone()
    };
    insta::assert_snapshot!(
        "broken_expectations",
        [
            message(&|| log.expect_no_writes()),
            message(&|| log.of::<ConfigMap>().namespace("shop").expect_at_least(1)),
        ]
        .join("\n")
    );
}
