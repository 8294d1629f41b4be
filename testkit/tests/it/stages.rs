//! Stages: what becomes of pods, nodes and others by themselves, in a cluster; in a sweep, in `swept.rs`.

mod swept;

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{ConfigMap, Node, Pod},
};
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{
    BuildError, FailureKind, FakeCluster,
    plan::{Plan, stage},
    sim::Fate,
    stages::Stages,
    sweep,
};
use serde_json::{Value, json};

fn workload(kind: &str, more: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: {kind}
metadata: {{name: web}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: 'web:1'}}]}}
{more}
"
    )
}

const POD: &str =
    "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: 'a:1'}]}}";

fn kubelet(yaml: &str) -> FakeCluster {
    let builder = FakeCluster::builder().yaml(yaml);
    builder.stages(Stages::kubelet()).build().unwrap()
}

/// A cluster with one stage of one's own.
fn own(given: &str, spec: &str) -> FakeCluster {
    let yaml =
        format!("kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {{name: own}}\nspec: {spec}\n");
    let builder = FakeCluster::builder().yaml(given);
    builder.stages(Stages::parse(&yaml).unwrap()).build().unwrap()
}

fn value(cluster: &FakeCluster, resource: &str, name: &str) -> Value {
    let namespace = if resource == "nodes" { "" } else { "default" };
    cluster
        .server()
        .get(resource, namespace, name)
        .unwrap_or_default()
}

fn condition<'a>(object: &'a Value, kind: &str) -> &'a str {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let mut conditions = conditions.into_iter().flatten();
    let found = conditions.find(|c| c["type"] == kind);
    found.and_then(|c| c["status"].as_str()).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_stateful_set_becomes_ready_in_order() {
    let cluster = kubelet(&workload("StatefulSet", "  serviceName: web"));
    cluster.settle().await.unwrap();
    // Nobody waits for the heartbeats of nodes.
    assert!(cluster.env().monotonic() < Duration::from_secs(60));
    let sets: Api<StatefulSet> = Api::default_namespaced(cluster.client());
    let status = sets.get("web").await.unwrap().status.unwrap();
    assert_eq!(
        (status.ready_replicas, status.available_replicas),
        (Some(3), Some(3))
    );
    assert_eq!(status.current_revision, status.update_revision);

    // Each pod is made when the one before it is ready.
    let changes = cluster.server().changes_since(0);
    let pods: Vec<_> = changes.iter().filter(|c| &*c.resource == "pods").collect();
    let ready = |c: &&seatrial_fake_apiserver::Change| condition(&c.new, "Ready") == "True";
    let mut order = Vec::new();
    for change in pods {
        if change.old.is_none() {
            order.push(format!("{} made", change.key));
        } else if ready(&change) && !order.contains(&format!("{} ready", change.key)) {
            order.push(format!("{} ready", change.key));
        }
    }
    let expected = ["0 made", "0 ready", "1 made", "1 ready", "2 made", "2 ready"];
    assert_eq!(order, expected.map(|step| format!("default/web-{step}")));
}

#[tokio::test(start_paused = true)]
async fn a_stateful_set_rolls_downwards_and_shrinks_from_the_end() {
    let cluster = kubelet(&workload("StatefulSet", "  serviceName: web"));
    cluster.settle().await.unwrap();
    let (sets, pods) = (
        Api::<StatefulSet>::default_namespaced(cluster.client()),
        Api::<Pod>::default_namespaced(cluster.client()),
    );
    let since = cluster.server().revision();
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}}});
    sets.patch("web", &PatchParams::default(), &Patch::Strategic(image))
        .await
        .unwrap();
    cluster.settle().await.unwrap();
    let changes = cluster.server().changes_since(since);
    let gone: Vec<_> = changes
        .iter()
        .filter(|c| &*c.resource == "pods" && c.removed)
        .map(|c| &*c.key)
        .collect();
    assert_eq!(gone, ["default/web-2", "default/web-1", "default/web-0"]);
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        assert_eq!(pod.spec.unwrap().containers[0].image.as_deref(), Some("web:2"));
    }
    let status = sets.get("web").await.unwrap().status.unwrap();
    assert_eq!(status.current_revision, status.update_revision);

    let smaller = Patch::Merge(json!({"spec": {"replicas": 1}}));
    sets.patch("web", &PatchParams::default(), &smaller)
        .await
        .unwrap();
    cluster.settle().await.unwrap();
    let names: Vec<_> = pods
        .list(&ListParams::default())
        .await
        .unwrap()
        .iter()
        .map(|p| p.name_any())
        .collect();
    assert_eq!(names, ["web-0"]);
}

#[tokio::test(start_paused = true)]
async fn a_partition_keeps_pods_below_it_as_they_were() {
    let more = "  serviceName: web
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}
  podManagementPolicy: Parallel
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";
    let cluster = kubelet(&workload("StatefulSet", more));
    cluster.settle().await.unwrap();
    let claims = cluster.server().list("persistentvolumeclaims");
    let claims: Vec<_> = claims
        .iter()
        .map(|c| c["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(claims, ["data-web-0", "data-web-1", "data-web-2"]);
    assert_eq!(
        value(&cluster, "pods", "web-1")["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"],
        "data-web-1"
    );

    let sets: Api<StatefulSet> = Api::default_namespaced(cluster.client());
    let image = json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}}});
    sets.patch("web", &PatchParams::default(), &Patch::Strategic(image))
        .await
        .unwrap();
    cluster.settle().await.unwrap();
    // One below the partition that goes comes back as it was.
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    pods.delete("web-0", &DeleteParams::default()).await.unwrap();
    cluster.settle().await.unwrap();
    let images = ["web-0", "web-1", "web-2"]
        .map(|name| value(&cluster, "pods", name)["spec"]["containers"][0]["image"].clone());
    assert_eq!(images, ["web:1", "web:1", "web:2"]);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_becomes_available_and_a_deleted_pod_goes_within_its_grace() {
    let cluster = kubelet(&workload("Deployment", ""));
    cluster.settle().await.unwrap();
    let deployments: Api<Deployment> = Api::default_namespaced(cluster.client());
    assert_eq!(
        deployments
            .get("web")
            .await
            .unwrap()
            .status
            .unwrap()
            .available_replicas,
        Some(3)
    );

    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let first = pods
        .list(&ListParams::default())
        .await
        .unwrap()
        .items
        .remove(0)
        .name_any();
    pods.delete(&first, &DeleteParams::default()).await.unwrap();
    assert!(
        pods.get(&first)
            .await
            .unwrap()
            .metadata
            .deletion_timestamp
            .is_some()
    );
    cluster.env().sleep(Duration::from_secs(31)).await;
    assert!(pods.get(&first).await.unwrap_err().is_not_found());
    assert_eq!(
        deployments
            .get("web")
            .await
            .unwrap()
            .status
            .unwrap()
            .available_replicas,
        Some(3)
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_completes() {
    let job = "
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  completions: 2
  template:
    spec:
      restartPolicy: Never
      initContainers: [{name: before, image: 'i:1'}]
      containers: [{name: work, image: 'w:1'}]
";
    let cluster = kubelet(job);
    cluster.settle().await.unwrap();
    let jobs: Api<Job> = Api::default_namespaced(cluster.client());
    let status = jobs.get("once").await.unwrap().status.unwrap();
    assert_eq!(status.succeeded, Some(2));
    assert!(
        status
            .conditions
            .unwrap()
            .iter()
            .any(|c| c.type_ == "Complete" && c.status == "True")
    );
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        let status = pod.status.unwrap();
        assert_eq!(status.phase.as_deref(), Some("Succeeded"));
        let ended = status.container_statuses.unwrap().remove(0).state.unwrap();
        assert_eq!(ended.terminated.unwrap().exit_code, 0);
        assert!(ended.running.is_none());
        let before = status.init_container_statuses.unwrap().remove(0);
        assert_eq!(
            before.state.unwrap().terminated.unwrap().reason.as_deref(),
            Some("Completed")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn pods_go_to_nodes_that_fit() {
    let nodes = "
{apiVersion: v1, kind: Node, metadata: {name: a, labels: {disk: ssd}}}
---
{apiVersion: v1, kind: Node, metadata: {name: b, labels: {gpu: 'yes'}}, spec: {taints: [{key: gpu, value: 'yes', effect: NoSchedule}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: c}, spec: {unschedulable: true}}
---
{apiVersion: v1, kind: Pod, metadata: {name: plain}, spec: {containers: [{name: a, image: 'a:1'}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: tolerant}, spec: {containers: [{name: a, image: 'a:1'}], tolerations: [{key: gpu, operator: Exists}], nodeSelector: {gpu: 'yes'}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: choosy}, spec: {containers: [{name: a, image: 'a:1'}], nodeSelector: {disk: hdd}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: gated}, spec: {containers: [{name: a, image: 'a:1'}], schedulingGates: [{name: example.com/wait}]}}
";
    let cluster = kubelet(nodes);
    cluster.settle().await.unwrap();
    let of = |name: &str| value(&cluster, "pods", name)["spec"]["nodeName"].clone();
    assert_eq!(
        [of("plain"), of("tolerant"), of("choosy"), of("gated")],
        [json!("a"), json!("b"), Value::Null, Value::Null]
    );
    let choosy = value(&cluster, "pods", "choosy");
    assert_eq!(
        choosy["status"]["conditions"][0]["message"],
        "0/3 nodes are available."
    );

    let labelled = Patch::Merge(json!({"metadata": {"labels": {"disk": "hdd"}}}));
    let nodes: Api<Node> = Api::all(cluster.client());
    nodes
        .patch("a", &PatchParams::default(), &labelled)
        .await
        .unwrap();
    cluster.settle().await.unwrap();
    assert_eq!(condition(&value(&cluster, "pods", "choosy"), "Ready"), "True");
}

#[tokio::test(start_paused = true)]
async fn gates_of_a_pod_keep_it_from_being_ready() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {readinessGates: [{conditionType: example.com/up}], containers: [{name: a, image: 'a:1'}]}}";
    let cluster = kubelet(pod);
    cluster.settle().await.unwrap();
    let now = value(&cluster, "pods", "a");
    assert_eq!(
        [condition(&now, "ContainersReady"), condition(&now, "Ready")],
        ["True", "False"]
    );

    let open = json!({"status": {"conditions": [{"type": "example.com/up", "status": "True"}]}});
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    pods.patch_status("a", &PatchParams::default(), &Patch::Strategic(open))
        .await
        .unwrap();
    cluster.settle().await.unwrap();
    assert_eq!(condition(&value(&cluster, "pods", "a"), "Ready"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_node_keeps_saying_that_it_is_well() {
    let cluster = kubelet("");
    cluster.env().sleep(Duration::from_secs(10)).await;
    let first = value(&cluster, "nodes", "node");
    assert_eq!(condition(&first, "Ready"), "True");
    assert!(
        first
            .pointer("/spec/taints")
            .is_none_or(|taints| taints == &json!([]))
    );
    cluster.env().sleep(Duration::from_secs(600)).await;
    let later = value(&cluster, "nodes", "node");
    let beat = |node: &Value| node["status"]["conditions"][0]["lastHeartbeatTime"].clone();
    assert_ne!(beat(&first), beat(&later));
    assert_eq!(
        first["status"]["conditions"][0]["lastTransitionTime"],
        later["status"]["conditions"][0]["lastTransitionTime"]
    );
}

const MAP: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {go: 'yes'}, annotations: {on: 'true'}}, data: {n: '1'}}";

#[tokio::test(start_paused = true)]
async fn a_stage_comes_to_what_it_selects_after_its_time() {
    let others = format!(
        "{MAP}\n---\n{}\n---\n{}",
        MAP.replace("name: a", "name: b").replace("'yes'", "'no'"),
        MAP.replace("name: a", "name: c")
            .replace("on: 'true'", "off: 'true'")
    );
    let cluster = own(
        &others,
        "{resourceRef: {apiGroup: v1, kind: ConfigMap},
          selector: {matchLabels: {go: 'yes'}, matchAnnotations: {on: 'true'}, matchExpressions: [{key: .data.done, operator: DoesNotExist}, {key: .data.n, operator: NotIn, values: ['2']}]},
          delay: {durationMilliseconds: 90000},
          next: {patches: [{root: data, template: 'done: {{ .metadata.name }}', type: merge}]}}",
    );
    cluster.env().sleep(Duration::from_secs(89)).await;
    assert_eq!(value(&cluster, "configmaps", "a")["data"], json!({"n": "1"}));
    cluster.env().sleep(Duration::from_secs(2)).await;
    assert_eq!(
        value(&cluster, "configmaps", "a")["data"],
        json!({"n": "1", "done": "a"})
    );
    for other in ["b", "c"] {
        assert_eq!(value(&cluster, "configmaps", other)["data"], json!({"n": "1"}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_does_not_fit_any_more_does_not_come() {
    let cluster = own(
        MAP,
        "{resourceRef: {kind: ConfigMap}, selector: {matchExpressions: [{key: .data.n, operator: In, values: ['1']}, {key: .metadata.name, operator: In, values: [a]}]},
          delay: {durationMilliseconds: 60000}, next: {delete: true}}",
    );
    let maps: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    cluster.env().sleep(Duration::from_secs(30)).await;
    // A change that the stage does not ask for leaves it its time.
    let patch = Patch::Merge(json!({"data": {"other": "x"}}));
    maps.patch("a", &PatchParams::default(), &patch).await.unwrap();
    let patch = Patch::Merge(json!({"data": {"n": "2"}}));
    maps.patch("a", &PatchParams::default(), &patch).await.unwrap();
    cluster.env().sleep(Duration::from_secs(120)).await;
    let patch = Patch::Merge(json!({"data": {"n": "1"}}));
    maps.patch("a", &PatchParams::default(), &patch).await.unwrap();
    cluster.env().sleep(Duration::from_secs(59)).await;
    assert!(maps.get("a").await.is_ok());
    cluster.env().sleep(Duration::from_secs(2)).await;
    assert!(maps.get("a").await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn times_come_from_the_object_too() {
    for (delay, seconds) in [
        ("{durationFrom: {expressionFrom: .data.wait}}", 90),
        (
            "{durationMilliseconds: 5000, durationFrom: {expressionFrom: .data.nothing}}",
            5,
        ),
        ("{durationFrom: {expressionFrom: .data.until}}", 3600),
        (
            "{durationMilliseconds: 60000, jitterDurationMilliseconds: 20000}",
            20,
        ),
        (
            "{durationMilliseconds: 60000, jitterDurationFrom: {expressionFrom: .data.wait30}}",
            30,
        ),
    ] {
        let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {go: 'yes'}}, data: {wait: 1m30s, wait30: 30s, until: '2026-01-01T01:00:00Z'}}";
        let spec = format!(
            "{{resourceRef: {{kind: ConfigMap}}, selector: {{matchLabels: {{go: 'yes'}}}}, delay: {delay}, next: {{delete: true}}}}"
        );
        let cluster = own(map, &spec);
        cluster
            .env()
            .sleep(Duration::from_millis(seconds * 1000 - 500))
            .await;
        assert!(!value(&cluster, "configmaps", "a").is_null(), "{delay}");
        cluster.env().sleep(Duration::from_secs(1)).await;
        assert!(value(&cluster, "configmaps", "a").is_null(), "{delay}");
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_is_drawn_between_its_bounds_from_the_seed() {
    let mut drawn = Vec::new();
    for seed in [1, 1, 2, 3, 4] {
        let yaml = "kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {name: own}\nspec: {resourceRef: {kind: ConfigMap}, selector: {matchLabels: {go: 'yes'}}, delay: {durationMilliseconds: 1000, jitterDurationMilliseconds: 9000}, next: {patches: [{root: data, template: 'at: {{ Now | Quote }}', type: merge}], finalizers: {add: [{value: example.com/kept}]}}}\n";
        let stages = Stages::parse(&yaml.replace(
            "matchLabels: {go: 'yes'}",
            "matchLabels: {go: 'yes'}, matchExpressions: [{key: .data.at, operator: DoesNotExist}]",
        ))
        .unwrap();
        let cluster = FakeCluster::builder()
            .seed(seed)
            .yaml(MAP)
            .stages(stages)
            .build()
            .unwrap();
        cluster.env().sleep(Duration::from_secs(20)).await;
        let map = value(&cluster, "configmaps", "a");
        assert_eq!(map["metadata"]["finalizers"], json!(["example.com/kept"]));
        drawn.push(map["data"]["at"].as_str().unwrap().to_owned());
    }
    assert_eq!(drawn[0], drawn[1]);
    assert!(
        drawn
            .iter()
            .all(|at| ("2026-01-01T00:00:01"..="2026-01-01T00:00:10").contains(&&at[..19])),
        "{drawn:?}"
    );
    drawn.dedup();
    assert!(drawn.len() > 2, "{drawn:?}");
}

#[tokio::test(start_paused = true)]
async fn the_heavier_stage_comes_more_often_and_one_without_weight_never() {
    let stage = |name: &str, weight: u32| {
        format!(
            "kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {{name: {name}}}\nspec: {{resourceRef: {{kind: ConfigMap}}, selector: {{matchLabels: {{go: 'yes'}}, matchExpressions: [{{key: .data.way, operator: DoesNotExist}}]}}, weight: {weight}, next: {{patches: [{{root: data, template: 'way: {name}'}}]}}}}\n"
        )
    };
    let all = [stage("light", 1), stage("heavy", 9), stage("never", 0)].join("---\n");
    let maps: Vec<String> = (0..100)
        .map(|n| MAP.replace("name: a", &format!("name: m{n}")))
        .collect();
    let cluster = FakeCluster::builder()
        .yaml(&maps.join("\n---\n"))
        .stages(Stages::parse(&all).unwrap())
        .build()
        .unwrap();
    cluster.settle().await.unwrap();
    let maps = cluster.server().list("configmaps");
    let count = |way: &str| maps.iter().filter(|map| map["data"]["way"] == way).count();
    assert_eq!((count("light") + count("heavy"), count("never")), (100, 0));
    assert!((2..=25).contains(&count("light")), "{}", count("light"));
}

#[tokio::test(start_paused = true)]
async fn everything_that_a_stage_does_is_done() {
    let given = "
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {go: 'yes'}, finalizers: [example.com/a, example.com/b]}, data: {n: '1'}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: somebody}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: somebody}]
";
    let cluster = own(
        given,
        "{resourceRef: {kind: ConfigMap}, selector: {matchLabels: {go: 'yes'}}, delay: {durationMilliseconds: 10},
          next: {event: {type: Warning, reason: Moved, message: it moved on},
                 finalizers: {remove: [{value: example.com/a}], add: [{value: example.com/c}]},
                 patches: [{type: json, template: '[{op: replace, path: /data/n, value: \"2\"}]'},
                           {template: 'metadata: {labels: {go: \"no\"}}', impersonation: {username: somebody}}]}}",
    );
    cluster.settle().await.unwrap();
    let map = value(&cluster, "configmaps", "a");
    assert_eq!(
        map["metadata"]["finalizers"],
        json!(["example.com/b", "example.com/c"])
    );
    assert_eq!(map["data"], json!({"n": "2"}));
    assert_eq!(map["metadata"]["labels"], json!({"go": "no"}));
    assert_eq!(
        cluster.events(),
        "Warning Moved ConfigMap default/a: it moved on (kubelet)\n"
    );
}

#[tokio::test(start_paused = true)]
async fn finalizers_are_emptied_and_the_object_goes() {
    let given = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {go: 'yes'}, finalizers: [example.com/a]}}";
    let cluster = own(
        given,
        "{resourceRef: {kind: ConfigMap}, selector: {matchLabels: {go: 'yes'}}, next: {finalizers: {empty: true}, delete: true}}",
    );
    cluster.settle().await.unwrap();
    assert!(value(&cluster, "configmaps", "a").is_null());
}

#[tokio::test(start_paused = true)]
async fn a_custom_resource_has_stages_as_well() {
    let crd = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lamps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: lamps, singular: lamp, kind: Lamp, listKind: LampList}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
{apiVersion: example.com/v1, kind: Lamp, metadata: {name: a}, spec: {on: true}}
";
    for group in ["example.com/v1", "example.com"] {
        let stages = "kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {name: NAME}\nspec: {resourceRef: {apiGroup: GROUP, kind: Lamp}, selector: {matchExpressions: [{key: .status.phase, operator: WHEN}]}, immediateNextStage: true, next: {statusTemplate: 'phase: PHASE'}}\n";
        let stage = |name: &str, when: &str, phase: &str| {
            stages
                .replace("GROUP", group)
                .replace("NAME", name)
                .replace("WHEN", when)
                .replace("PHASE", phase)
        };
        let all = [
            stage("lit", "DoesNotExist", "Warming"),
            stage("warm", "In, values: [Warming]", "Bright"),
        ];
        let stages = Stages::parse(&all.join("---\n")).unwrap();
        let cluster = FakeCluster::builder().yaml(crd).stages(stages).build().unwrap();
        cluster.settle().await.unwrap();
        let lamp = cluster.server().get("lamps.example.com", "default", "a").unwrap();
        assert_eq!(lamp["status"], json!({"phase": "Bright"}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_the_server_refuses_is_told() {
    let cluster = own(
        MAP,
        "{resourceRef: {kind: ConfigMap}, selector: {matchLabels: {go: 'yes'}}, next: {patches: [{root: data, template: 'n: {a: b}', type: merge}]}}",
    );
    let error = cluster.settle().await.unwrap_err();
    assert!(error.stage.is_some());
    let text = error.to_string();
    assert!(
        text.starts_with(
            "a stage cannot come to pass: the stage `own` of configmaps default/a: PATCH /api/v1/"
        ),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stage_without_a_selector_comes_to_nobody() {
    let cluster = own(MAP, "{resourceRef: {kind: ConfigMap}, next: {delete: true}}");
    cluster.settle().await.unwrap();
    assert!(!value(&cluster, "configmaps", "a").is_null());
}

#[test]
fn stages_need_a_runtime() {
    let built = FakeCluster::builder().stages(Stages::kubelet()).build();
    assert!(matches!(built.err(), Some(BuildError::NoRuntime(_))));
}

#[test]
fn a_simulated_cluster_has_stages_on_its_own_time() {
    let mut world = sweep(|_: Client| std::future::pending::<()>())
        .stages(Stages::kubelet())
        .given(&workload("StatefulSet", "  serviceName: web"))
        .simulation();
    assert!(world.settle());
    let set = world.view().get("statefulsets.apps", "default", "web").unwrap();
    assert_eq!(set["status"]["readyReplicas"], 3);
}
