//! What only some kinds have, and requests without a kind, against a cluster in memory.

use either::Either;
use futures::{TryStreamExt as _, pin_mut};
use http::Request;
use k8s_openapi::api::{
    apps::v1::Deployment,
    authentication::v1::TokenRequest,
    certificates::v1::CertificateSigningRequest,
    core::v1::{ConfigMap, Node, Pod, ServiceAccount},
};
use seatrial_client::{
    Api, ResourceExt as _,
    api::{EvictParams, GetParams, Patch, PatchParams, PostParams, WatchEvent},
};
use seatrial_testkit::FakeCluster;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn make<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn merge(value: Value) -> Patch<Value> {
    Patch::Merge(value)
}

/// A cluster with a pod.
async fn pods() -> (FakeCluster, Api<Pod>) {
    let cluster = FakeCluster::new();
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let resources = json!({"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}});
    let pod = json!({
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": "nginx", "resources": resources}]},
    });
    pods.create(&PostParams::default(), &make(pod)).await.unwrap();
    (cluster, pods)
}

#[tokio::test(start_paused = true)]
async fn a_scale_is_read_changed_and_replaced() {
    let cluster = FakeCluster::new();
    let deployments: Api<Deployment> = Api::default_namespaced(cluster.client());
    let deployment = json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    });
    let deployment = deployments
        .create(&PostParams::default(), &make(deployment))
        .await
        .unwrap();
    let old = deployments.get_scale("web").await.unwrap();
    assert_eq!(old.metadata.uid, deployment.metadata.uid);
    let replicas = |spec: Option<k8s_openapi::api::autoscaling::v1::ScaleSpec>| spec.unwrap().replicas;
    assert_eq!(replicas(old.spec.clone()), Some(1));

    let params = PatchParams::default();
    let three = merge(json!({"spec": {"replicas": 3}}));
    let scaled = deployments.patch_scale("web", &params, &three).await.unwrap();
    assert_eq!(replicas(scaled.spec.clone()), Some(3));

    // A scale has the version of its object.
    let error = deployments
        .replace_scale("web", &PostParams::default(), &old)
        .await
        .unwrap_err();
    assert!(error.is_conflict(), "{error}");
    let mut five = scaled;
    five.spec.as_mut().unwrap().replicas = Some(5);
    deployments
        .replace_scale("web", &PostParams::default(), &five)
        .await
        .unwrap();
    let deployment = deployments.get("web").await.unwrap();
    assert_eq!(deployment.spec.unwrap().replicas, Some(5));
}

#[tokio::test(start_paused = true)]
async fn ephemeral_containers_are_added_and_stay() {
    let (_cluster, pods) = pods().await;
    assert_eq!(
        pods.get_ephemeral_containers("web").await.unwrap().name_any(),
        "web"
    );
    let names = |pod: &Pod| -> Vec<String> {
        let all = pod.spec.as_ref().unwrap().ephemeral_containers.iter().flatten();
        all.map(|container| container.name.clone()).collect()
    };
    let debug = json!({"spec": {"ephemeralContainers": [{"name": "debug", "image": "busybox"}]}});
    let pod = pods
        .patch_ephemeral_containers("web", &PatchParams::default(), &Patch::Strategic(debug))
        .await
        .unwrap();
    assert_eq!(names(&pod), ["debug"]);

    let mut more = pod.clone();
    let containers = more.spec.as_mut().unwrap().ephemeral_containers.as_mut().unwrap();
    containers.push(make(json!({"name": "trace", "image": "busybox"})));
    let more = pods
        .replace_ephemeral_containers("web", &PostParams::default(), &more)
        .await
        .unwrap();
    assert_eq!(names(&more), ["debug", "trace"]);

    let mut none = more;
    none.spec.as_mut().unwrap().ephemeral_containers = None;
    let error = pods
        .replace_ephemeral_containers("web", &PostParams::default(), &none)
        .await
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_is_resized_where_it_runs() {
    let (_cluster, pods) = pods().await;
    let cpu = |pod: &Pod| {
        let container = &pod.spec.as_ref().unwrap().containers[0];
        let requests = container.resources.as_ref().unwrap().requests.clone();
        requests.unwrap()["cpu"].0.clone()
    };
    let mut pod = pods.get_resize("web").await.unwrap();
    assert_eq!(cpu(&pod), "100m");
    let resources = json!({"requests": {"cpu": "200m"}});
    let patch = json!({"spec": {"containers": [{"name": "web", "resources": resources}]}});
    // Elsewhere than by this subresource it is refused.
    let error = pods
        .patch("web", &PatchParams::default(), &Patch::Strategic(patch.clone()))
        .await
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
    let resized = pods
        .patch_resize("web", &PatchParams::default(), &Patch::Strategic(patch))
        .await
        .unwrap();
    assert_eq!(cpu(&resized), "200m");

    pod.metadata.resource_version = resized.resource_version();
    let back = pods
        .replace_resize("web", &PostParams::default(), &pod)
        .await
        .unwrap();
    assert_eq!(cpu(&back), "100m");
}

#[tokio::test(start_paused = true)]
async fn a_node_is_cordoned_and_uncordoned() {
    let cluster = FakeCluster::new();
    let nodes: Api<Node> = Api::all(cluster.client());
    nodes
        .create(&PostParams::default(), &make(json!({"metadata": {"name": "n"}})))
        .await
        .unwrap();
    let is_cordoned = |node: Node| node.spec.and_then(|spec| spec.unschedulable) == Some(true);
    assert!(is_cordoned(nodes.cordon("n").await.unwrap()));
    assert!(is_cordoned(nodes.get("n").await.unwrap()));
    assert!(!is_cordoned(nodes.uncordon("n").await.unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_request_for_a_certificate_is_approved() {
    let cluster = FakeCluster::new();
    let requests: Api<CertificateSigningRequest> = Api::all(cluster.client());
    let key = rcgen::KeyPair::generate().unwrap();
    let request = rcgen::CertificateParams::new(vec!["host".to_owned()]).unwrap();
    let request = request.serialize_request(&key).unwrap().pem().unwrap();
    let request = json!({
        "metadata": {"name": "jane"},
        "spec": {
            "request": k8s_openapi::ByteString(request.into_bytes()), "signerName": "example.com/clients",
            "usages": ["client auth"],
        },
    });
    requests
        .create(&PostParams::default(), &make(request))
        .await
        .unwrap();
    let approved = merge(json!({"status": {"conditions": [
        {"type": "Approved", "status": "True", "reason": "Known", "message": "it is jane"},
    ]}}));
    requests
        .patch_approval("jane", &PatchParams::default(), &approved)
        .await
        .unwrap();
    let read = requests.get_approval("jane").await.unwrap();
    let conditions = read.status.unwrap().conditions.unwrap();
    assert_eq!(
        (conditions[0].type_.as_str(), conditions[0].status.as_str()),
        ("Approved", "True")
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for() {
    let cluster = FakeCluster::new();
    let accounts: Api<ServiceAccount> = Api::default_namespaced(cluster.client());
    accounts
        .create(
            &PostParams::default(),
            &make(json!({"metadata": {"name": "robot"}})),
        )
        .await
        .unwrap();
    let wanted: TokenRequest = make(json!({"spec": {"audiences": ["vault"], "expirationSeconds": 900}}));
    let given = accounts
        .create_token_request("robot", &PostParams::default(), &wanted)
        .await
        .unwrap();
    let spec = given.spec.unwrap();
    assert_eq!(
        (spec.audiences.unwrap(), spec.expiration_seconds),
        (vec!["vault".to_owned()], Some(900))
    );
    let status = given.status.unwrap();
    let ends = status.expiration_timestamp.unwrap();
    let lasts = ends.0.as_second() - cluster.env().now().as_second();
    assert!(
        !status.token.unwrap().is_empty() && (890..=910).contains(&lasts),
        "{lasts} s"
    );
}

#[tokio::test(start_paused = true)]
async fn an_eviction_that_no_budget_forbids_deletes() {
    let (_cluster, pods) = pods().await;
    let params = EvictParams::default();
    assert!(pods.evict("web", &params).await.unwrap().is_success());
    let left = pods.get_opt("web").await.unwrap();
    assert!(left.is_none_or(|pod| pod.metadata.deletion_timestamp.is_some()));
    assert!(pods.evict("absent", &params).await.unwrap_err().is_not_found());
}

#[tokio::test(start_paused = true)]
async fn metadata_may_come_from_a_cache() {
    let (_cluster, pods) = pods().await;
    let any = GetParams::any();
    let metadata = pods.get_metadata_with("web", &any).await.unwrap().metadata;
    assert_eq!(metadata.name.as_deref(), Some("web"));
    let found = pods.get_metadata_opt_with("web", &any).await.unwrap();
    assert_eq!(found.unwrap().metadata.uid, metadata.uid);
    assert!(
        pods.get_metadata_opt_with("absent", &any)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn requests_without_a_kind_are_answered_in_kind() {
    const MAPS: &str = "/api/v1/namespaces/default/configmaps";
    let cluster = FakeCluster::new();
    let client = cluster.client();
    let request = |method: &str, uri: &str, body: &Value| {
        let request = Request::builder().method(method).uri(uri);
        let request = request.header("content-type", "application/json");
        request.body(serde_json::to_vec(body).unwrap()).unwrap()
    };
    let none = json!(null);
    let from = client
        .request_list::<ConfigMap>(request("GET", MAPS, &none))
        .await
        .unwrap();
    let from = from.metadata.resource_version.unwrap();
    let map = json!({"metadata": {"name": "a"}, "data": {"k": "v"}});
    let made: ConfigMap = client.request(request("POST", MAPS, &map)).await.unwrap();
    let list = client
        .request_list::<ConfigMap>(request("GET", MAPS, &none))
        .await
        .unwrap();
    assert_eq!(list.items, std::slice::from_ref(&made));

    let path = format!("{MAPS}/a");
    let gone = client
        .request_status::<ConfigMap>(request("DELETE", &path, &json!({})))
        .await
        .unwrap();
    assert!(matches!(gone, Either::Right(status) if status.is_success()));
    let error = client
        .request_status::<ConfigMap>(request("DELETE", &path, &json!({})))
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");

    let watch = format!("{MAPS}?watch=true&timeoutSeconds=5&resourceVersion={from}");
    let events = client
        .request_events::<ConfigMap>(request("GET", &watch, &none))
        .await
        .unwrap();
    pin_mut!(events);
    let Some(WatchEvent::Added(added)) = events.try_next().await.unwrap() else {
        panic!("the creation is told first")
    };
    assert_eq!(added, made);
    assert!(matches!(
        events.try_next().await.unwrap(),
        Some(WatchEvent::Deleted(_))
    ));
    assert!(
        events.try_next().await.unwrap().is_none(),
        "the server ends the watch"
    );
}

#[tokio::test(start_paused = true)]
async fn the_documents_of_discovery_agree() {
    let client = FakeCluster::new().client();
    let groups = client.list_api_groups().await.unwrap();
    let aggregated = client.list_api_groups_aggregated().await.unwrap();
    let mut named: Vec<_> = groups.groups.iter().map(|group| group.name.clone()).collect();
    let mut others: Vec<_> = aggregated
        .items
        .iter()
        .map(|group| group.metadata.as_ref().unwrap().name.clone().unwrap())
        .collect();
    named.sort();
    others.sort();
    assert_eq!(named, others);
    assert!(named.contains(&"apps".to_owned()));

    let versions = client.list_core_api_versions().await.unwrap().versions;
    assert_eq!(versions, ["v1"]);
    let core = client.list_core_api_versions_aggregated().await.unwrap();
    assert_eq!(core.items[0].versions.len(), 1);

    let has = |list: &k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList, name: &str| {
        list.resources.iter().any(|resource| resource.name == name)
    };
    let apps = client.list_api_group_resources("apps/v1").await.unwrap();
    assert!(apps.group_version == "apps/v1" && has(&apps, "deployments") && has(&apps, "deployments/scale"));
    let core = client.list_core_api_resources("v1").await.unwrap();
    assert!(core.group_version == "v1" && has(&core, "pods") && has(&core, "pods/eviction"));
    let error = client.list_api_group_resources("absent/v1").await.unwrap_err();
    assert!(error.is_not_served(), "{error}");
}
