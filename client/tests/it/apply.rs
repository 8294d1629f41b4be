//! Server-side apply against a cluster in memory.

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Pod},
};
use seatrial_client::{
    Api, Error,
    api::{ListParams, PatchParams, PostParams, ValidationDirective, WatchEvent, WatchParams},
    core::decode::Decode,
};
use seatrial_testkit::FakeCluster;
use serde_json::json;

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: i}]}
";

#[tokio::test(start_paused = true)]
async fn what_is_applied_is_stated_in_full_and_removed_when_left_out() {
    let cluster = FakeCluster::new();
    let maps: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    // No type: the Api knows it.
    let wanted = json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}});
    let mut map = maps.apply(&wanted, "one").await.unwrap();
    assert_eq!(
        map.metadata.managed_fields.as_ref().unwrap()[0]
            .manager
            .as_deref(),
        Some("one")
    );

    // What was read can be applied: what an apply must not say is left out.
    map.data.as_mut().unwrap().remove("y");
    let map = maps.apply(&map, "one").await.unwrap();
    assert_eq!(map.data.unwrap().into_keys().collect::<Vec<_>>(), ["x"]);
}

#[tokio::test(start_paused = true)]
async fn d14_a_conflict_names_the_managers_and_the_fields() {
    let cluster = FakeCluster::new();
    let maps: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let state = |x: &str| json!({"metadata": {"name": "a"}, "data": {"x": x, "y": x}});
    maps.apply(&state("1"), "one").await.unwrap();
    let error = maps.apply(&state("2"), "two").await.unwrap_err();
    assert!(error.is_conflict());
    let conflicts: Vec<_> = error
        .apply_conflicts()
        .into_iter()
        .map(|conflict| format!("{}: {}", conflict.manager, conflict.field))
        .collect();
    assert_eq!(conflicts, ["one: .data.x", "one: .data.y"]);

    // Nothing was taken over silently; with force, it is.
    assert_eq!(maps.get("a").await.unwrap().data.unwrap()["x"], "1");
    let map = maps
        .apply(&state("2"), PatchParams::apply("two").force())
        .await
        .unwrap();
    assert_eq!(map.data.unwrap()["x"], "2");
}

#[tokio::test(start_paused = true)]
async fn a_status_is_applied_without_the_rest() {
    let cluster = FakeCluster::builder()
        .yaml(
            "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: i}]}}",
        )
        .build()
        .unwrap();
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let mut pod = pods.get("web").await.unwrap();
    pod.metadata.labels = Some([("a".to_owned(), "b".to_owned())].into());
    pod.status.get_or_insert_default().message = Some("well".to_owned());
    let pod = pods.apply_status(&pod, "kubelet").await.unwrap();
    assert_eq!(pod.status.unwrap().message.as_deref(), Some("well"));
    assert_eq!(pod.metadata.labels, None);
    let absent = json!({"metadata": {"name": "absent"}, "status": {}});
    assert!(
        pods.apply_status(&absent, "kubelet")
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test(start_paused = true)]
async fn a_scale_is_applied() {
    let cluster = FakeCluster::builder().yaml(DEPLOYMENT).build().unwrap();
    let deployments: Api<Deployment> = Api::default_namespaced(cluster.client());
    let scale = deployments
        .apply_scale("web", 3, PatchParams::apply("autoscaler").force())
        .await
        .unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(3));
    assert_eq!(
        deployments.get("web").await.unwrap().spec.unwrap().replicas,
        Some(3)
    );
}

#[tokio::test]
async fn what_cannot_be_applied_is_not_sent() {
    let cluster = FakeCluster::new();
    let maps: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    for (object, params) in [
        (json!({"metadata": {}}), "one"),
        (json!({"metadata": {"name": ""}}), "one"),
        (json!({"data": {}}), "one"),
        (json!([]), "one"),
        (json!({"metadata": {"name": "a"}}), ""),
    ] {
        let error = maps.apply(&object, params).await.unwrap_err();
        assert!(matches!(error, Error::BuildRequest(_)), "{object} {error:?}");
    }
    assert_eq!(cluster.requests().iter().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn d15_dry_runs_and_strict_validation_are_passed_on() {
    let cluster = FakeCluster::new();
    let maps: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let dry = PatchParams::apply("one").dry_run();
    maps.apply(&json!({"metadata": {"name": "a"}}), dry)
        .await
        .unwrap();
    assert!(maps.get_opt("a").await.unwrap().is_none());
    let strict = PatchParams::apply("one").validation(ValidationDirective::Strict);
    let odd = json!({"metadata": {"name": "a"}, "daat": {}});
    let error = maps.apply(&odd, strict).await.unwrap_err();
    assert!(matches!(error.status().unwrap().code, 400 | 422 | 500), "{error}");
    maps.create(&PostParams::default(), &ConfigMap::default())
        .await
        .unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn managed_fields_are_kept_unless_they_are_passed_over() {
    let cluster = FakeCluster::new();
    let full: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    let lean = full.clone().with_decode(Decode::default().skip_managed_fields());
    full.apply(&json!({"metadata": {"name": "a"}, "data": {"x": "1"}}), "one")
        .await
        .unwrap();
    let has = |map: &ConfigMap| map.metadata.managed_fields.is_some();
    let params = ListParams::default();
    assert!(has(&full.list(&params).await.unwrap().items[0]));
    let read = lean.list(&params).await.unwrap().items.remove(0);
    assert!(!has(&read));
    let events = lean.watch(&WatchParams::default().timeout(1), "0").await.unwrap();
    let events: Vec<_> = futures::TryStreamExt::try_collect(events).await.unwrap();
    assert!(
        matches!(&events[0], WatchEvent::Added(map) if !has(map)),
        "{events:?}"
    );

    // What was read without them is written without harm to them.
    lean.replace("a", &PostParams::default(), &read).await.unwrap();
    assert!(has(&full.get("a").await.unwrap()));
}
