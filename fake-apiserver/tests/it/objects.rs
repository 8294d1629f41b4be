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
