//! Creating, reading, replacing, deleting.

use std::collections::BTreeMap;

use proptest::prelude::*;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use crate::support::{CONFIGMAPS, configmap, get, json, send, server};

#[tokio::test(start_paused = true)]
async fn an_object_lives() {
    let server = server();
    let one = format!("{CONFIGMAPS}/a");
    let (code, made) = json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    assert_eq!(code, 201, "{made}");
    assert_eq!(made["metadata"]["creationTimestamp"], "2030-01-01T00:00:00Z");
    assert_eq!(get(&server, &one).await, made);
    let (code, replaced) = json(&server, "PUT", &one, configmap("a", "2")).await;
    assert_eq!(code, 200, "{replaced}");
    assert_ne!(
        replaced["metadata"]["resourceVersion"],
        made["metadata"]["resourceVersion"]
    );
    let mut stale = made.clone();
    stale["data"]["k"] = json!("3");
    assert_eq!(json(&server, "PUT", &one, stale).await.0, 409);
    assert_eq!(send(&server, "DELETE", &one, b"").await.0, 200);
    assert_eq!(send(&server, "GET", &one, b"").await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn every_builtin_resource_can_be_listed() {
    let server = server();
    for path in [
        "/api/v1/pods",
        "/apis/apps/v1/deployments",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "/apis/coordination.k8s.io/v1/leases",
    ] {
        let list = get(&server, path).await;
        assert!(list["kind"].as_str().unwrap().ends_with("List"), "{list}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_changes_nothing_is_none() {
    let server = server();
    let one = format!("{CONFIGMAPS}/a");
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let before = server.revision();
    json(&server, "PUT", &one, configmap("a", "1")).await;
    assert_eq!(server.revision(), before);
}

#[tokio::test(start_paused = true)]
async fn finalizers_hold_an_object() {
    let server = server();
    let one = format!("{CONFIGMAPS}/a");
    let mut object = configmap("a", "1");
    object["metadata"]["finalizers"] = json!(["example.com/f"]);
    json(&server, "POST", CONFIGMAPS, object).await;
    let (_, held) = send(&server, "DELETE", &one, b"").await;
    assert_eq!(held["metadata"]["deletionGracePeriodSeconds"], 0, "{held}");
    let (code, released) = json(&server, "PUT", &one, configmap("a", "1")).await;
    assert_eq!(code, 200, "{released}");
    assert_eq!(send(&server, "GET", &one, b"").await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_fork_goes_its_own_way() {
    let server = server();
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let fork = server.fork();
    json(&fork, "POST", CONFIGMAPS, configmap("b", "1")).await;
    let names = |server: &FakeApiServer| -> Vec<Value> {
        let all = server.list("configmaps");
        all.iter().map(|o| o["metadata"]["name"].clone()).collect()
    };
    assert_eq!(names(&server), ["a"]);
    assert_eq!(names(&fork), ["a", "b"]);
}

/// Writes and deletes of a few names, through requests; the label `v` repeats the value.
pub(crate) async fn play(server: &FakeApiServer, operations: &[(u8, Option<u8>)]) {
    for (name, value) in operations {
        let path = format!("{CONFIGMAPS}/n{name}");
        match value {
            None => drop(send(server, "DELETE", &path, b"").await),
            Some(value) => {
                let mut object = configmap(&format!("n{name}"), &value.to_string());
                object["metadata"]["labels"] = json!({"v": value.to_string()});
                if json(server, "POST", CONFIGMAPS, object.clone()).await.0 == 409 {
                    json(server, "PUT", &path, object).await;
                }
            }
        }
    }
}

pub(crate) fn operations() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
    prop::collection::vec((0..8u8, prop::option::weighted(0.7, 0..4u8)), 0..40)
}

pub(crate) fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pages_of_any_size_make_up_the_list(ops in operations(), limit in 1..9usize) {
        in_runtime(async {
            let server = server();
            play(&server, &ops).await;
            let whole = get(&server, CONFIGMAPS).await;
            let mut items = Vec::new();
            let mut token = String::new();
            loop {
                let page = get(&server, &format!("{CONFIGMAPS}?limit={limit}&continue={token}")).await;
                let page_items = page["items"].as_array().unwrap();
                prop_assert!(page_items.len() <= limit);
                items.extend(page_items.iter().cloned());
                prop_assert_eq!(&page["metadata"]["resourceVersion"], &whole["metadata"]["resourceVersion"]);
                let Some(next) = page["metadata"]["continue"].as_str() else { break };
                token = next.to_owned();
                // Writes in between do not show.
                let name = format!("m{}", items.len());
                json(&server, "POST", CONFIGMAPS, configmap(&name, "x")).await;
            }
            prop_assert_eq!(Value::from(items), whole["items"].clone());
            Ok(())
        })?;
    }

    #[test]
    fn a_past_list_never_changes_and_compaction_only_makes_it_gone(ops in operations(), at in 0..40usize) {
        in_runtime(async {
            let server = server();
            let mut seen = BTreeMap::new();
            for op in &ops {
                play(&server, std::slice::from_ref(op)).await;
                let list = get(&server, CONFIGMAPS).await;
                let revision = list["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
                seen.insert(revision, list);
            }
            for (i, (revision, list)) in seen.iter().enumerate() {
                let exact = format!("{CONFIGMAPS}?resourceVersion={revision}&resourceVersionMatch=Exact");
                if i == at {
                    server.compact();
                }
                let (code, answer) = send(&server, "GET", &exact, b"").await;
                if code == 410 {
                    prop_assert!(i >= at);
                    prop_assert_eq!(&answer["reason"], "Expired");
                } else {
                    prop_assert_eq!(code, 200);
                    prop_assert_eq!(&answer, list);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn compaction_between_pages_only_turns_what_follows_into_gone(
        ops in operations(),
        limit in 1..9usize,
        compact_after in 0..9usize,
    ) {
        in_runtime(async {
            let server = server();
            play(&server, &ops).await;
            let whole = get(&server, CONFIGMAPS).await;
            let whole = whole["items"].as_array().unwrap();
            let (mut seen, mut token) = (0, String::new());
            for page in 0.. {
                if page == compact_after {
                    // Compaction keeps the present, which is thus moved on.
                    json(&server, "POST", CONFIGMAPS, configmap("later", "x")).await;
                    server.compact();
                }
                let path = format!("{CONFIGMAPS}?limit={limit}&continue={token}");
                let (code, answer) = send(&server, "GET", &path, b"").await;
                if code == 410 {
                    prop_assert!(page >= compact_after);
                    prop_assert_eq!(&answer["reason"], "Expired");
                    break;
                }
                prop_assert_eq!(code, 200);
                prop_assert!(page == 0 || page < compact_after, "a page of the past after it was forgotten");
                let items = answer["items"].as_array().unwrap();
                if page > 0 || compact_after > 0 {
                    prop_assert_eq!(items.as_slice(), &whole[seen..seen + items.len()]);
                }
                seen += items.len();
                let Some(next) = answer["metadata"]["continue"].as_str() else { break };
                token = next.to_owned();
                if page == 0 && compact_after == 0 {
                    break;
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_is_read_in_the_spelling_of_either_group() {
    let server = server();
    let (old, new) = (
        "/api/v1/namespaces/default/events",
        "/apis/events.k8s.io/v1/namespaces/default/events",
    );
    let event = json!({
        "metadata": {"name": "e"}, "eventTime": "2030-01-01T00:00:00.000000Z", "reportingController": "example.com/c",
        "reportingInstance": "c-1", "action": "Ran", "reason": "Done", "note": "well", "type": "Normal",
        "regarding": {"kind": "Pod", "namespace": "default", "name": "p"},
    });
    let (code, made) = json(&server, "POST", new, event).await;
    assert_eq!((code, &made["note"]), (201, &json!("well")), "{made}");
    let read = get(&server, &format!("{old}/e")).await;
    assert_eq!(
        (&read["message"], &read["involvedObject"]["name"]),
        (&json!("well"), &json!("p"))
    );
    let selected = get(&server, &format!("{new}?fieldSelector=regarding.name%3Dp")).await;
    assert_eq!(selected["items"][0]["note"], "well");
}

#[tokio::test(start_paused = true)]
async fn a_binding_is_an_order_and_leaves_no_object() {
    let server = server();
    let path = "/api/v1/namespaces/default/bindings";
    let binding = json!({"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}});
    assert_eq!(json(&server, "POST", path, binding.clone()).await.0, 404);
    let pod = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    assert_eq!(
        json(&server, "POST", "/api/v1/namespaces/default/pods", pod)
            .await
            .0,
        201
    );
    assert_eq!(json(&server, "POST", path, binding.clone()).await.0, 201);
    assert_eq!(
        get(&server, "/api/v1/namespaces/default/pods/p").await["spec"]["nodeName"],
        "n"
    );
    assert_eq!(json(&server, "POST", path, binding).await.0, 409);
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_is_named_twice_is_kept_once() {
    let server = server();
    let owner = json!({"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"});
    let mut object = configmap("a", "1");
    object["metadata"]["ownerReferences"] = json!([owner, owner]);
    let (code, made) = json(&server, "POST", CONFIGMAPS, object).await;
    assert_eq!(code, 201);
    assert_eq!(made["metadata"]["ownerReferences"], json!([owner]));
}

fn pod(name: &str, spec: Value) -> Value {
    let mut pod = json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    for (field, value) in spec.as_object().into_iter().flatten() {
        pod["spec"][field] = value.clone();
    }
    pod
}

const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test(start_paused = true)]
async fn a_pod_has_the_priority_of_its_class() {
    let server = server();
    let classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    let class = json!({"metadata": {"name": "high"}, "value": 7, "preemptionPolicy": "Never"});
    assert_eq!(json(&server, "POST", classes, class).await.0, 201);

    let (_, plain) = json(&server, "POST", PODS, pod("plain", json!({}))).await;
    assert_eq!(
        (&plain["spec"]["priority"], plain["spec"].get("priorityClassName")),
        (&json!(0), None)
    );
    let (_, high) = json(
        &server,
        "POST",
        PODS,
        pod("high", json!({"priorityClassName": "high"})),
    )
    .await;
    let spec = &high["spec"];
    assert_eq!(
        (&spec["priority"], &spec["preemptionPolicy"]),
        (&json!(7), &json!("Never"))
    );

    for (spec, why) in [
        (
            json!({"priorityClassName": "none"}),
            "no PriorityClass with name none was found",
        ),
        (
            json!({"priority": 5}),
            "the integer value of priority (5) must not be provided",
        ),
        (
            json!({"preemptionPolicy": "Never"}),
            "the string value of PreemptionPolicy (Never) must not be",
        ),
    ] {
        let (code, status) = json(&server, "POST", PODS, pod("x", spec)).await;
        assert_eq!(code, 403, "{status}");
        assert!(status["message"].as_str().unwrap().contains(why), "{status}");
    }

    let default = json!({"metadata": {"name": "usual"}, "value": 3, "globalDefault": true});
    assert_eq!(json(&server, "POST", classes, default).await.0, 201);
    let (_, usual) = json(&server, "POST", PODS, pod("usual", json!({}))).await;
    let spec = &usual["spec"];
    assert_eq!(
        (&spec["priority"], &spec["priorityClassName"]),
        (&json!(3), &json!("usual"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_resize_changes_processor_and_memory_alone() {
    let server = server();
    let requests = |cpu: &str| json!({"requests": {"cpu": cpu}});
    let container = |resources: Value| json!([{"name": "c", "image": "i", "resources": resources}]);
    let made = pod("p", json!({"containers": container(requests("1"))}));
    let (_, mut pod) = json(&server, "POST", PODS, made).await;
    let path = format!("{PODS}/p/resize");

    pod["metadata"]["labels"] = json!({"a": "b"});
    pod["spec"]["containers"][0]["resources"] = requests("2");
    pod["spec"]["containers"][0]["image"] = json!("other");
    let (code, resized) = json(&server, "PUT", &path, pod.clone()).await;
    assert_eq!(code, 200, "{resized}");
    assert_eq!(resized["spec"]["containers"][0]["resources"], requests("2"));
    assert_eq!(
        (
            &resized["spec"]["containers"][0]["image"],
            &resized["metadata"]["labels"]
        ),
        (&json!("i"), &Value::Null)
    );
    assert_eq!(resized["metadata"]["generation"], 2);

    for (resources, why) in [
        (json!({}), "Pod QOS Class may not change"),
        (
            json!({"requests": {"memory": "1"}}),
            "resource requests cannot be removed",
        ),
        (
            json!({"requests": {"cpu": "2", "ephemeral-storage": "1"}}),
            "only cpu and memory resources are mutable",
        ),
    ] {
        let mut pod = resized.clone();
        pod["spec"]["containers"][0]["resources"] = resources;
        let (code, status) = json(&server, "PUT", &path, pod).await;
        assert_eq!(code, 422, "{status}");
        assert!(status["message"].as_str().unwrap().contains(why), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_service_needed_goes_with_its_type() {
    let server = server();
    let services = "/api/v1/namespaces/default/services";
    let service = json!({
        "metadata": {"name": "s"},
        "spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]},
    });
    let (_, mut made) = json(&server, "POST", services, service).await;
    assert!(made["spec"]["healthCheckNodePort"].is_i64() && made["spec"]["ports"][0]["nodePort"].is_i64());
    made["spec"]["type"] = json!("ClusterIP");
    let (code, changed) = json(&server, "PUT", &format!("{services}/s"), made).await;
    assert_eq!(code, 200, "{changed}");
    let spec = changed["spec"].as_object().unwrap();
    for field in [
        "healthCheckNodePort",
        "externalTrafficPolicy",
        "allocateLoadBalancerNodePorts",
    ] {
        assert!(!spec.contains_key(field), "{changed}");
    }
    assert_eq!(
        changed["spec"]["ports"],
        json!([{"port": 80, "protocol": "TCP", "targetPort": 80}])
    );
}

#[tokio::test(start_paused = true)]
async fn a_volume_s_claim_is_owned_field_by_field() {
    let server = server();
    let volume = json!({
        "metadata": {"name": "v"},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"},
            "claimRef": {"name": "c"}},
    });
    let (code, made) = json(&server, "POST", "/api/v1/persistentvolumes", volume).await;
    assert_eq!(code, 201, "{made}");
    let owned = &made["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"];
    assert_eq!(owned["f:claimRef"], json!({".": {}, "f:name": {}}));
}

#[tokio::test(start_paused = true)]
async fn unknown_fields_of_selectors_are_refused_in_the_kind_s_words() {
    let server = server();
    for (path, why) in [
        (
            "/api/v1/secrets?fieldSelector=data%3Dx",
            "field label not supported: data",
        ),
        (
            "/api/v1/nodes?fieldSelector=metadata.namespace%3Dx",
            "field label not supported: metadata.namespace",
        ),
        (
            "/apis/batch/v1/jobs?fieldSelector=a%3Dx",
            "field label \"a\" not supported for Job",
        ),
        (
            "/api/v1/configmaps?fieldSelector=data%3Dx",
            "\"data\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
    ] {
        let (code, status) = send(&server, "GET", path, b"").await;
        assert_eq!((code, status["message"].as_str()), (400, Some(why)));
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_s_own_configuration_is_judged() {
    let server = server();
    let service = |version: &str| {
        json!({"metadata": {"name": "v1.x.io"}, "spec": {"group": "x.io", "version": version,
            "groupPriorityMinimum": 1, "versionPriority": 1, "service": {"name": "s", "namespace": "n"}}})
    };
    let level = |queues: i64| {
        json!({"metadata": {"name": "l"}, "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Queue",
            "queuing": {"queues": queues, "handSize": 2, "queueLengthLimit": 1}}}}})
    };
    let attachment = |source: Value| json!({"metadata": {"name": "a"}, "spec": {"attacher": "a.io", "nodeName": "n", "source": source}});
    let driver = |policy: &str| json!({"metadata": {"name": "d.io"}, "spec": {"fsGroupPolicy": policy}});
    let node =
        |id: &str| json!({"metadata": {"name": "n"}, "spec": {"drivers": [{"name": "d.io", "nodeID": id}]}});
    for (path, right, wrong, why) in [
        (
            "apiregistration.k8s.io/v1/apiservices",
            service("v1"),
            service("v2"),
            "\"v2.x.io\"",
        ),
        (
            "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
            level(2),
            level(1),
            "should not be greater than queues (1)",
        ),
        (
            "storage.k8s.io/v1/volumeattachments",
            attachment(json!({"persistentVolumeName": "v"})),
            attachment(json!({})),
            "must specify exactly one of inlineVolumeSpec and persistentVolumeName",
        ),
        (
            "storage.k8s.io/v1/csidrivers",
            driver("File"),
            driver("X"),
            "supported values: \"File\"",
        ),
        (
            "storage.k8s.io/v1/csinodes",
            node("i"),
            node(""),
            "spec.drivers[0].nodeID: Required value",
        ),
    ] {
        let path = format!("/apis/{path}");
        let (code, status) = json(&server, "POST", &path, wrong).await;
        assert_eq!(code, 422, "{path}: {status}");
        assert!(status["message"].as_str().unwrap().contains(why), "{status}");
        let (code, made) = json(&server, "POST", &path, right).await;
        assert_eq!(code, 201, "{path}: {made}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_names_no_class_gets_the_default_one() {
    let server = server();
    let classes = "/apis/storage.k8s.io/v1/storageclasses";
    let claims = "/api/v1/namespaces/default/persistentvolumeclaims?dryRun=All";
    let claim = |class: Option<&str>| {
        let mut claim = json!({"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}});
        if let Some(class) = class {
            claim["spec"]["storageClassName"] = json!(class);
        }
        claim
    };
    let class_of = async |server: &FakeApiServer, asked: Option<&str>| {
        let (code, made) = json(server, "POST", claims, claim(asked)).await;
        assert_eq!(code, 201, "{made}");
        made["spec"]["storageClassName"].clone()
    };
    assert_eq!(class_of(&server, None).await, Value::Null);
    for name in ["a", "b"] {
        let mark = json!({"storageclass.kubernetes.io/is-default-class": "true"});
        let class = json!({"metadata": {"name": name, "annotations": mark}, "provisioner": "p.io"});
        assert_eq!(json(&server, "POST", classes, class).await.0, 201);
    }
    // Of two of one age, the first by name.
    assert_eq!(class_of(&server, None).await, "a");
    assert_eq!(class_of(&server, Some("b")).await, "b");
    assert_eq!(class_of(&server, Some("")).await, "");
}
