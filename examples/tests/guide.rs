//! The code of `docs/testing-a-controller.md`, which shows pieces of this file: a test at its end sees to that.

// piece: controller
use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
    runtime::{Controller, controller::Action, watcher},
};

async fn controller(client: Client) {
    let configs = Api::<ConfigMap>::default_namespaced(client);
    let again = |_: Arc<ConfigMap>, _: &seatrial::Error, _| Action::requeue(Duration::from_secs(1));
    Controller::new(configs.clone(), watcher::Config::default())
        .run(reconcile, again, Arc::new(configs))
        .for_each(|_| async {})
        .await;
}

async fn reconcile(config: Arc<ConfigMap>, configs: Arc<Api<ConfigMap>>) -> Result<Action, seatrial::Error> {
    let keys = config.data.iter().flatten().count().to_string();
    if config.annotations().get("keys") != Some(&keys) {
        let patch = Patch::Merge(serde_json::json!({"metadata": {"annotations": {"keys": keys}}}));
        let patched = configs
            .patch(&config.name_any(), &PatchParams::default(), &patch)
            .await;
        match patched {
            // It was deleted meanwhile.
            Err(error) if error.is_not_found() => {}
            other => drop(other?),
        }
    }
    Ok(Action::await_change())
}
// end

// piece: unit
use seatrial::testkit::FakeCluster;

const SETTINGS: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}";

#[tokio::test(start_paused = true)]
async fn a_config_map_is_marked() {
    let cluster = FakeCluster::builder().yaml(SETTINGS).build().unwrap();
    let running = tokio::spawn(controller(cluster.client()));
    cluster.settle().await.unwrap();

    let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let marked = configs.get("settings").await.unwrap();
    assert_eq!(marked.annotations()["keys"], "1");
    running.abort();
}
// end

// piece: difference
#[tokio::test(start_paused = true)]
async fn only_the_mark_is_written() {
    let cluster = FakeCluster::builder().yaml(SETTINGS).build().unwrap();
    let before = cluster.state();
    let running = tokio::spawn(controller(cluster.client()));
    cluster.settle().await.unwrap();
    assert_eq!(
        before.diff(&cluster.state()).to_string(),
        "~ ConfigMap default/settings\n    metadata.annotations.keys: added \"1\"\n",
    );
    running.abort();
}
// end

// piece: log
use seatrial::testkit::sim::Verb;

#[tokio::test(start_paused = true)]
async fn it_writes_once_and_rests() {
    let cluster = FakeCluster::builder().yaml(SETTINGS).build().unwrap();
    let running = tokio::spawn(controller(cluster.client()));
    cluster.settle().await.unwrap();
    let log = cluster.requests();
    log.of::<ConfigMap>()
        .named("settings")
        .verb(Verb::Patch)
        .expect_count(1);

    cluster.env().sleep(Duration::from_secs(3600)).await;
    cluster.requests().after(log.len()).expect_no_writes();
    running.abort();
}
// end

// piece: interceptor
use seatrial::testkit::{
    fault::{Rule, WatchFault},
    interceptor::Interceptor,
};

#[tokio::test(start_paused = true)]
async fn it_tries_again() {
    let cluster = FakeCluster::builder().yaml(SETTINGS).build().unwrap();
    // Two patches are refused.
    let refused = Interceptor::patch().of::<ConfigMap>().times(2);
    cluster.intercept(refused.fail(403, "Forbidden", "not yet"));
    // The first watch breaks as real ones do: 410 Gone, in the stream, before any event.
    let expired = WatchFault::Expired { after: 0 };
    cluster.faults().inject(Rule::new(expired).times(1));

    let running = tokio::spawn(controller(cluster.client()));
    cluster.env().sleep(Duration::from_secs(60)).await;
    cluster.requests().changes().expect_count(1);
    running.abort();
}
// end

// piece: scenario
use proptest::prelude::*;
use seatrial::testkit::scenario::{Scenario, Subject, Trial};

/// The controller, and what the objects of scenarios are.
fn trial() -> Trial {
    let subject = Subject::new("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {mode: fast}}");
    let changed = subject.unwrap().change("{data: {size: '3'}}");
    Trial::of_controller(controller, changed.unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_watches_meet_it_ends_the_same(scenario in any::<Scenario>()) {
        trial().run(&scenario)?;
    }
}

/// A failure's message holds the scenario. Kept in a file or here, it is a test of its own.
#[test]
fn a_stalled_watch_hides_no_change() {
    let kept = "
- create: 0
- wait: 1s
- fault: {what: {watch: {stall: {after: 0}}}, times: 1}
- wait: 30s
- compact
- change: 0
";
    trial().run(&kept.parse().unwrap()).unwrap();
}
// end

// piece: stages
use k8s_openapi::api::apps::v1::StatefulSet;
use seatrial::testkit::stages::Stages;

const DATABASE: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'db:1'}]}
";

#[tokio::test(start_paused = true)]
async fn a_database_gets_ready() {
    let builder = FakeCluster::builder().yaml(DATABASE);
    let cluster = builder.stages(Stages::kubelet()).build().unwrap();
    cluster.settle().await.unwrap();
    let sets: Api<StatefulSet> = Api::default_namespaced(cluster.client());
    let status = sets.get("db").await.unwrap().status.unwrap();
    assert_eq!(status.ready_replicas, Some(3));
}
// end

// piece: own stages
/// A volume takes a minute, and may be lost.
const PROVIDER: &str = "
kind: Stage
apiVersion: kwok.x-k8s.io/v1alpha1
metadata: {name: provided}
spec:
  resourceRef: {apiGroup: v1, kind: PersistentVolumeClaim}
  selector:
    matchExpressions: [{key: .status.phase, operator: In, values: [Pending]}]
  delay: {durationMilliseconds: 60000}
  next: {statusTemplate: 'phase: Bound'}
---
kind: Stage
apiVersion: kwok.x-k8s.io/v1alpha1
metadata: {name: lost, annotations: {stages.seatrial.dev/failure: lasting}}
spec:
  resourceRef: {apiGroup: v1, kind: PersistentVolumeClaim}
  selector:
    matchExpressions: [{key: .status.phase, operator: In, values: [Pending, Bound]}]
  delay: {durationMilliseconds: 30000}
  next: {statusTemplate: 'phase: Lost'}
";

#[test]
fn survives_what_pods_and_volumes_do() {
    let stages = Stages::kubelet().and(Stages::parse(PROVIDER).unwrap());
    seatrial::testkit::sweep(controller)
        .stages(stages)
        .scenario(|user| user.apply(SETTINGS))
        .check();
}
// end

// piece: sweep
#[test]
fn survives_whatever_may_happen() {
    seatrial::testkit::sweep(controller)
        .scenario(|user| user.apply(SETTINGS).settle().delete("ConfigMap/v1 settings"))
        .check();
}
// end

/// Whoever changes one of the two changes the other.
#[test]
fn the_page_shows_this_file() {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    let page = include_str!("../../docs/testing-a-controller.md");
    let here = lines(include_str!("guide.rs"));
    let pieces: Vec<&str> = page
        .split("```rust\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(
        pieces.len(),
        here.iter().filter(|line| line.starts_with("// piece: ")).count()
    );
    for piece in pieces {
        let shown = lines(piece);
        assert!(
            here.windows(shown.len()).any(|window| window == shown),
            "not here:\n{piece}"
        );
    }
}
