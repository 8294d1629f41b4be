//! Watches.
#![expect(
    clippy::disallowed_methods,
    reason = "a watch ends by the paused clock of the runtime, which is what is measured"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::objects::{in_runtime, operations, play};
use crate::support::{CONFIGMAPS, configmap, events, get, json, open, send, server};

fn summary(events: &[Value]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    events
        .iter()
        .map(|e| (text(&e["type"]), text(&e["object"]["metadata"]["name"])))
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_watch_shows_the_present_and_what_follows() {
    let server = server();
    json(&server, "POST", CONFIGMAPS, configmap("b", "1")).await;
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let path = format!("{CONFIGMAPS}?watch=1&allowWatchBookmarks=true");
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    let (first, ended) = events(&mut watch).await;
    assert_eq!(
        summary(&first),
        pairs(&[("ADDED", "a"), ("ADDED", "b"), ("BOOKMARK", "")])
    );
    assert!(!ended);
    assert_eq!(
        first[2]["object"]["metadata"]["annotations"],
        json!({"k8s.io/initial-events-end": "true"})
    );
    json(&server, "PUT", &format!("{CONFIGMAPS}/a"), configmap("a", "2")).await;
    send(&server, "DELETE", &format!("{CONFIGMAPS}/b"), b"").await;
    let (next, _) = events(&mut watch).await;
    assert_eq!(summary(&next), pairs(&[("MODIFIED", "a"), ("DELETED", "b")]));
    assert_eq!(
        next[1]["object"]["metadata"]["resourceVersion"],
        server.revision().to_string()
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_when_its_time_is_up() {
    let server = server();
    let path = format!("{CONFIGMAPS}?watch=1&timeoutSeconds=5");
    let body = open(&server, "GET", &path, b"").await.into_body();
    let before = tokio::time::Instant::now();
    let all = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    assert!(all.is_empty());
    assert_eq!(before.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_compacted_version_cannot_be_watched_from() {
    let server = server();
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let old = server.revision();
    json(&server, "PUT", &format!("{CONFIGMAPS}/a"), configmap("a", "2")).await;
    let path = format!("{CONFIGMAPS}?watch=1&resourceVersion={old}");
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    server.compact();
    assert_eq!(events(&mut watch).await, (vec![], true));
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    let (error, ended) = events(&mut watch).await;
    assert_eq!(
        (&error[0]["type"], &error[0]["object"]["code"]),
        (&json!("ERROR"), &json!(410))
    );
    assert!(ended);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_falls_off() {
    let server = seatrial_fake_apiserver::FakeApiServer::builder()
        .history(4)
        .build();
    let path = format!("{CONFIGMAPS}?watch=1");
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    assert_eq!(events(&mut watch).await.0.len(), 1);
    for i in 0..9 {
        json(
            &server,
            "PUT",
            &format!("{CONFIGMAPS}/a"),
            configmap("a", &format!("v{i}")),
        )
        .await;
    }
    assert_eq!(events(&mut watch).await, (vec![], true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_watch_from_any_version_leads_to_the_present(before in operations(), after in operations()) {
        in_runtime(async {
            let server = server();
            play(&server, &before).await;
            let list = get(&server, CONFIGMAPS).await;
            let name = |o: &Value| o["metadata"]["name"].as_str().unwrap_or("").to_owned();
            let as_map = |list: &Value| -> BTreeMap<String, Value> {
                list["items"].as_array().unwrap().iter().map(|o| (name(o), o.clone())).collect()
            };
            let mut state = as_map(&list);
            let from = list["metadata"]["resourceVersion"].as_str().unwrap();
            play(&server, &after).await;
            let path = format!("{CONFIGMAPS}?watch=1&resourceVersion={from}");
            let mut watch = open(&server, "GET", &path, b"").await.into_body();
            for event in events(&mut watch).await.0 {
                let mut object = event["object"].clone();
                if let Some(fields) = object.as_object_mut() {
                    fields.remove("kind");
                    fields.remove("apiVersion");
                }
                match event["type"].as_str() {
                    Some("ADDED") => prop_assert!(state.insert(name(&object), object).is_none()),
                    Some("MODIFIED") => prop_assert!(state.insert(name(&object), object).is_some()),
                    Some("DELETED") => prop_assert!(state.remove(&name(&object)).is_some()),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert_eq!(state, as_map(&get(&server, CONFIGMAPS).await));
            Ok(())
        })?;
    }

    #[test]
    fn a_watch_with_a_selector_replays_what_it_selects_from_any_past_list(
        ops in operations(),
        from in 0..40usize,
        wanted in 0..4u8,
    ) {
        in_runtime(async {
            let server = server();
            let mut revisions = vec![server.revision()];
            for op in &ops {
                play(&server, std::slice::from_ref(op)).await;
                revisions.push(server.revision());
            }
            let from = revisions[from % revisions.len()];
            let selected = format!("{CONFIGMAPS}?labelSelector=v%3D{wanted}");
            let name = |o: &Value| o["metadata"]["name"].as_str().unwrap_or("").to_owned();
            let as_map = |list: &Value| -> BTreeMap<String, Value> {
                list["items"].as_array().unwrap().iter().map(|o| (name(o), o.clone())).collect()
            };
            let past = format!("{selected}&resourceVersion={from}&resourceVersionMatch=Exact");
            let mut state = as_map(&get(&server, &past).await);
            let path = format!("{selected}&watch=1&resourceVersion={from}");
            let mut watch = open(&server, "GET", &path, b"").await.into_body();
            let mut last = from;
            for event in events(&mut watch).await.0 {
                let mut object = event["object"].clone();
                let revision: u64 = object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
                prop_assert!(revision > last, "versions only rise");
                last = revision;
                if let Some(fields) = object.as_object_mut() {
                    fields.remove("kind");
                    fields.remove("apiVersion");
                }
                match event["type"].as_str() {
                    Some("ADDED") => prop_assert!(state.insert(name(&object), object).is_none()),
                    Some("MODIFIED") => prop_assert!(state.insert(name(&object), object).is_some()),
                    Some("DELETED") => prop_assert!(state.remove(&name(&object)).is_some()),
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert_eq!(state, as_map(&get(&server, &selected).await));
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_what_went_with_its_definition_and_ends() {
    let server = server();
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    });
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    assert_eq!(
        json(&server, "POST", definitions, definition.clone()).await.0,
        201
    );
    let things = "/apis/example.com/v1/namespaces/default/things";
    let thing =
        |name: &str| json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}});
    assert_eq!(json(&server, "POST", things, thing("a")).await.0, 201);
    let path = format!("{things}?watch=1");
    let mut watch = open(&server, "GET", &path, b"").await.into_body();
    assert_eq!(summary(&events(&mut watch).await.0), pairs(&[("ADDED", "a")]));
    assert_eq!(
        send(
            &server,
            "DELETE",
            &format!("{definitions}/things.example.com"),
            b""
        )
        .await
        .0,
        200
    );
    // What follows under the same name is another resource.
    assert_eq!(json(&server, "POST", definitions, definition).await.0, 201);
    assert_eq!(json(&server, "POST", things, thing("b")).await.0, 201);
    let (rest, ended) = events(&mut watch).await;
    assert_eq!((summary(&rest), ended), (pairs(&[("DELETED", "a")]), true));
}
