//! What can happen to answers between a correct server and the client, and what is made of it.
//!
//! The names of the tests begin with the fault that they inject: A is the transport, B admission and load, C reads.

use std::io;

use futures::TryStreamExt;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial_client::{
    Api, Client, Error, ResourceExt,
    api::{ListParams, PostParams},
    client::Body,
    error::{NotSent, Outcome, RequestError},
};
use serde_json::{Value, json};

use crate::support::{answer, chain, chunked, json, pair, scripted};

fn maps(client: Client) -> Api<ConfigMap> {
    Api::namespaced(client, "apps")
}

const LIST: &str = "GET /api/v1/namespaces/apps/configmaps";
const GET: &str = "GET /api/v1/namespaces/apps/configmaps/web";
const CREATE: &str = "POST /api/v1/namespaces/apps/configmaps";

/// A client whose service fails in this way.
fn failing(error: fn() -> tower::BoxError) -> Client {
    let service =
        tower::service_fn(
            move |_: http::Request<Body>| async move { Err::<http::Response<Body>, _>(error()) },
        );
    Client::new(service, "default")
}

#[tokio::test]
async fn a1_a_refused_connection_proves_that_nothing_was_applied() {
    let refused = failing(|| io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused").into());
    let error = maps(refused)
        .create(&PostParams::default(), &ConfigMap::default())
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
    assert_snapshot!(chain(&error), @r"
    the request was not answered
      because: there was no answer to create /api/v1/namespaces/apps/configmaps
      because: connection refused
    ");
}

#[tokio::test]
async fn a3_a_lost_answer_leaves_the_outcome_of_a_write_unknown() {
    let reset = || io::Error::new(io::ErrorKind::ConnectionReset, "connection reset").into();
    let error = maps(failing(reset))
        .create(&PostParams::default(), &ConfigMap::default())
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_snapshot!(chain(&error), @r"
    the request was not answered
      because: there was no answer to create /api/v1/namespaces/apps/configmaps
      because: connection reset
    ");

    let error = maps(failing(reset)).get("web").await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
    let Error::Service(inner) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        inner.downcast_ref::<RequestError>().unwrap().path(),
        "/api/v1/namespaces/apps/configmaps/web"
    );

    let error = maps(failing(|| NotSent::new("full").into()))
        .create(&PostParams::default(), &ConfigMap::default())
        .await;
    assert_eq!(
        error.unwrap_err().outcome(),
        Outcome::NotApplied { retry_after: None }
    );
}

#[tokio::test]
async fn a4_a_cut_object_is_an_error_wherever_it_is_cut() {
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "wäb"}, "data": {"a": "b"}});
    let body = object.to_string();
    for end in 0..body.len() {
        for fails in [true, false] {
            let (client, server) = pair();
            let get = async { maps(client).get("web").await };
            let error = answer(get, server, GET, chunked([&body.as_bytes()[..end]], fails))
                .await
                .unwrap_err();
            let is_fitting = match &error {
                Error::Service(_) => fails,
                Error::SerdeError(error) => !fails && error.is_eof(),
                _ => false,
            };
            assert!(is_fitting, "cut at {end}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a4_a_cut_answer_leaves_the_outcome_of_a_write_unknown() {
    for fails in [true, false] {
        let (client, server) = pair();
        let create = async {
            maps(client)
                .create(&PostParams::default(), &ConfigMap::default())
                .await
        };
        let error = answer(create, server, CREATE, chunked([&b"{\"metadata\":"[..]], fails))
            .await
            .unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
    let (client, server) = pair();
    let create = async {
        maps(client)
            .create(&PostParams::default(), &ConfigMap::default())
            .await
    };
    let error = answer(create, server, CREATE, chunked([&b"{\"metadata\":"[..]], true))
        .await
        .unwrap_err();
    assert_snapshot!(chain(&error), @r"
    the request was not answered
      because: the answer to create /api/v1/namespaces/apps/configmaps broke off
      because: connection reset
    ");
}

fn list() -> Value {
    json!({
        "kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"},
        "items": [{"metadata": {"name": "ä"}}, {"metadata": {"name": "b"}, "data": {"a": "[{\"}"}}],
    })
}

#[tokio::test]
async fn a4_a_cut_list_is_an_error_never_a_shorter_list() {
    let body = list().to_string();
    for end in 0..body.len() {
        for fails in [true, false] {
            let (client, server) = pair();
            let call = async { maps(client).list(&ListParams::default()).await };
            let error = answer(call, server, LIST, chunked([&body.as_bytes()[..end]], fails))
                .await
                .unwrap_err();
            let is_fitting = match &error {
                Error::Service(_) => fails,
                Error::SerdeError(_) => !fails,
                _ => false,
            };
            assert!(is_fitting, "cut at {end}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a7_a_list_does_not_mind_where_it_is_cut_into_chunks() {
    let body = list().to_string();
    let bytes = body.as_bytes();
    let mut ways: Vec<Vec<&[u8]>> = vec![vec![bytes], bytes.chunks(1).collect()];
    ways.extend((0..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]));
    for chunks in ways {
        let (client, server) = pair();
        let call = async { maps(client).list(&ListParams::default()).await };
        let list = answer(call, server, LIST, chunked(chunks, false)).await.unwrap();
        assert_eq!(
            list.iter().map(ResourceExt::name_any).collect::<Vec<_>>(),
            ["ä", "b"]
        );
        assert_eq!(list.metadata.resource_version.as_deref(), Some("7"));
    }
}

#[tokio::test]
async fn a10_the_page_of_a_proxy_leaves_the_outcome_of_a_write_unknown() {
    for code in [502, 503, 504] {
        let (client, server) = pair();
        let create = async {
            maps(client)
                .create(&PostParams::default(), &ConfigMap::default())
                .await
        };
        let page = http::Response::builder()
            .status(code)
            .header("content-type", "text/html")
            .header("retry-after", "1")
            .body(b"<html><head><title>Sorry</title></head></html>".to_vec().into())
            .unwrap();
        let error = answer(create, server, CREATE, page).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(error.status().unwrap().code, code);
    }
}

#[tokio::test]
async fn b1_a_refusal_for_load_says_how_long_to_wait() {
    let (client, server) = pair();
    let create = async {
        maps(client)
            .create(&PostParams::default(), &ConfigMap::default())
            .await
    };
    let refusal = http::Response::builder()
        .status(429)
        .header("retry-after", "3")
        .body(b"Too many requests, please try again later.".to_vec().into())
        .unwrap();
    let error = answer(create, server, CREATE, refusal).await.unwrap_err();
    let wait = Some(std::time::Duration::from_secs(3));
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: wait });
    assert_eq!(error.retry_after(), wait);
    assert!(error.is_too_many_requests());
}

#[tokio::test]
async fn b10_what_is_too_large_stays_too_large() {
    let too_large = json!({"kind": "Status", "status": "Failure", "code": 500, "message": "etcdserver: request is too large"});
    for (code, body) in [
        (413, json!({})),
        (415, json!({})),
        (406, json!({})),
        (500, too_large),
    ] {
        let (client, server) = pair();
        let create = async {
            maps(client)
                .create(&PostParams::default(), &ConfigMap::default())
                .await
        };
        let error = answer(create, server, CREATE, json(code, &body))
            .await
            .unwrap_err();
        assert_eq!(error.outcome(), Outcome::Terminal, "{error}");
    }
}

/// The names and the resource version of a list that is answered with this.
async fn names(body: &Value) -> (Vec<String>, Option<String>) {
    let (client, server) = pair();
    let call = async { Api::<Pod>::all(client).list(&ListParams::default()).await };
    let list = answer(call, server, "GET /api/v1/pods", json(200, body))
        .await
        .unwrap();
    (
        list.iter().map(ResourceExt::name_any).collect(),
        list.metadata.resource_version,
    )
}

#[tokio::test]
async fn c10_lists_of_any_shape_are_read() {
    let nothing = (vec![], None);
    assert_eq!(
        names(&json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": null})).await,
        nothing
    );
    assert_eq!(
        names(&json!({"kind": "PodList", "apiVersion": "v1", "metadata": null, "items": []})).await,
        nothing
    );
    assert_eq!(names(&json!({"metadata": {}, "items": []})).await, nothing);
    let odd = json!({
        "items": [{"metadata": {"name": "a", "new": [1, {}]}, "unknown": {"items": [{}]}, "status": {"phase": "Dancing"}}],
        "columnDefinitions": [{"name": "items"}], "metadata": {"resourceVersion": "opaque"}, "kind": "PodList",
    });
    assert_eq!(
        names(&odd).await,
        (vec!["a".to_owned()], Some("opaque".to_owned()))
    );
}

#[tokio::test]
async fn c13_an_answer_of_another_kind_is_an_error() {
    let table = json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "7"},
        "columnDefinitions": [{"name": "Name"}], "rows": [{"cells": ["web"]}],
    });
    let metadata =
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "web"}});
    let of_kind =
        |kind: &str, version: &str| json!({"kind": kind, "apiVersion": version, "metadata": {"name": "web"}});
    for object in [
        &table,
        &metadata,
        &of_kind("Pod", "v1"),
        &of_kind("ConfigMap", "v2"),
    ] {
        let (client, server) = pair();
        let get = async { maps(client).get("web").await };
        let got = answer(get, server, GET, json(200, object)).await;
        assert!(matches!(got, Err(Error::SerdeError(_))), "{object}: {got:?}");
    }
    let item = of_kind("Pod", "v1");
    let of_others = json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {}, "items": [item]});
    let of_metadata = json!({"kind": "PartialObjectMetadataList", "metadata": {}, "items": [metadata]});
    for list in [&table, &of_others, &of_metadata, &of_kind("ConfigMap", "v1")] {
        let (client, server) = pair();
        let listed = async { maps(client).list(&ListParams::default()).await };
        let got = answer(listed, server, LIST, json(200, list)).await;
        assert!(got.is_err(), "{list}: {got:?}");
    }
}

fn page(names: &[&str], token: &str) -> http::Response<Body> {
    let items: Vec<_> = names
        .iter()
        .map(|name| json!({"metadata": {"name": name}}))
        .collect();
    json(
        200,
        &json!({"kind": "ConfigMapList", "metadata": {"resourceVersion": "7", "continue": token}, "items": items}),
    )
}

fn expired() -> http::Response<Body> {
    let status = json!({
        "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old",
        "metadata": {"continue": "inconsistent"},
    });
    json(410, &status)
}

#[tokio::test]
async fn c8_an_expired_page_starts_the_list_again() {
    let (client, seen) = scripted(vec![page(&["a"], "t1"), expired(), page(&["a", "b"], "")]);
    let list = maps(client)
        .list_all(&ListParams::default().at("7").limit(1))
        .await
        .unwrap();
    assert_eq!(
        list.iter().map(ResourceExt::name_any).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_snapshot!(seen.lock().unwrap().join("\n"), @r"
    GET /api/v1/namespaces/apps/configmaps?limit=1&resourceVersion=7
    GET /api/v1/namespaces/apps/configmaps?limit=1&continue=t1
    GET /api/v1/namespaces/apps/configmaps?resourceVersion=7
    ");
}

#[tokio::test]
async fn c9_pages_follow_the_token_alone() {
    let (client, seen) = scripted(vec![page(&["a"], "t1"), page(&[], "t2"), page(&["b", "c"], "")]);
    let api = maps(client);
    let items: Vec<_> = api
        .list_stream(&ListParams::default().labels("x=y"))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        items.iter().map(ResourceExt::name_any).collect::<Vec<_>>(),
        ["a", "b", "c"]
    );
    assert_snapshot!(seen.lock().unwrap().join("\n"), @r"
    GET /api/v1/namespaces/apps/configmaps?labelSelector=x%3Dy&limit=500
    GET /api/v1/namespaces/apps/configmaps?labelSelector=x%3Dy&limit=500&continue=t1
    GET /api/v1/namespaces/apps/configmaps?labelSelector=x%3Dy&limit=500&continue=t2
    ");
}

#[tokio::test]
async fn c8_a_stream_of_pages_goes_on_where_the_server_says_how() {
    let (client, seen) = scripted(vec![page(&["a"], "t1"), expired(), page(&["b"], "")]);
    let items: Vec<_> = maps(client)
        .list_stream(&ListParams::default())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        items.iter().map(ResourceExt::name_any).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_snapshot!(seen.lock().unwrap().join("\n"), @r"
    GET /api/v1/namespaces/apps/configmaps?limit=500
    GET /api/v1/namespaces/apps/configmaps?limit=500&continue=t1
    GET /api/v1/namespaces/apps/configmaps?limit=500&continue=inconsistent
    ");
}

#[tokio::test]
async fn c8_a_stream_of_pages_ends_where_its_state_is_forgotten_and_no_other_is_offered() {
    let silent = json!({"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old"});
    // A server that offers the same again and again is not asked again and again.
    for answers in [
        vec![page(&["a"], "t1"), json(410, &silent)],
        vec![page(&["a"], "t1"), expired(), expired()],
    ] {
        let (client, _) = scripted(answers);
        let stream = maps(client).list_stream(&ListParams::default());
        futures::pin_mut!(stream);
        assert_eq!(stream.try_next().await.unwrap().unwrap().name_any(), "a");
        assert!(stream.try_next().await.unwrap_err().is_expired());
        assert!(stream.try_next().await.unwrap().is_none());
    }
}

/// What is followed rather than read is refused all the same: a refusal is no first line of a log.
#[tokio::test]
async fn a_refusal_is_an_error_however_the_answer_would_have_been_read() {
    let refusal = || {
        let status = serde_json::json!({
            "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "no",
        });
        json(403, &status)
    };
    let request = || http::Request::get("/api/v1/pods").body(vec![]).unwrap();
    const LINE: &str = "GET /api/v1/pods";

    let (client, server) = pair();
    let stream = answer(client.request_stream(request()), server, LINE, refusal()).await;
    assert!(stream.err().unwrap().is_forbidden());
    let (client, server) = pair();
    let events = answer(client.request_events::<Pod>(request()), server, LINE, refusal()).await;
    assert!(events.err().unwrap().is_forbidden());
    let (client, server) = pair();
    let status = answer(client.request_status::<Pod>(request()), server, LINE, refusal()).await;
    assert!(status.err().unwrap().is_forbidden());
    let (client, server) = pair();
    let text = answer(client.request_text(request()), server, LINE, refusal()).await;
    assert!(text.err().unwrap().is_forbidden());
    let (client, server) = pair();
    let connection = answer(client.connect(request()), server, LINE, refusal()).await;
    assert!(connection.err().unwrap().is_forbidden());
}

#[tokio::test]
async fn a_watch_from_nowhere_is_refused_before_anything_is_sent() {
    let (client, mut server) = pair();
    let maps = maps(client);
    let watch = maps
        .watch(&seatrial_client::api::WatchParams::default(), "")
        .await;
    assert!(matches!(watch.err().unwrap(), Error::BuildRequest(_)));
    drop(maps);
    assert!(server.next_request().await.is_none());
}
