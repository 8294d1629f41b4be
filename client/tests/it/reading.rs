//! Gets, lists and watches.

use futures::{StreamExt, TryStreamExt, pin_mut};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial_client::{
    Api, Error, ResourceExt,
    api::{GetParams, ListParams, WatchEvent, WatchParams},
};
use serde_json::json;

use crate::support::{answer, chunked, json, pair};

fn maps(client: seatrial_client::Client) -> Api<ConfigMap> {
    Api::namespaced(client, "apps")
}

#[tokio::test]
async fn a_get_reads_the_object() {
    let (client, server) = pair();
    let body =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "b"}});
    let get = async { maps(client).get("web").await };
    let map = answer(
        get,
        server,
        "GET /api/v1/namespaces/apps/configmaps/web",
        json(200, &body),
    )
    .await
    .unwrap();
    assert_eq!(map.name_any(), "web");
    assert_eq!(map.data.unwrap()["a"], "b");
}

#[tokio::test]
async fn a_get_can_ask_for_a_cached_object() {
    let (client, server) = pair();
    let body = json!({"metadata": {"name": "web"}});
    let get = async { maps(client).get_with("web", &GetParams::any()).await };
    let expect = "GET /api/v1/namespaces/apps/configmaps/web?resourceVersion=0";
    assert!(answer(get, server, expect, json(200, &body)).await.is_ok());
}

#[tokio::test]
async fn an_absent_object_is_an_error_or_none() {
    let absent = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 404, "reason": "NotFound",
        "message": "configmaps \"web\" not found", "details": {"name": "web", "kind": "configmaps"},
    });
    let line = "GET /api/v1/namespaces/apps/configmaps/web";

    let (client, server) = pair();
    let get = async { maps(client).get("web").await };
    let error = answer(get, server, line, json(404, &absent)).await.unwrap_err();
    assert!(error.is_not_found() && !error.is_not_served());
    assert!(matches!(&error, Error::Api(status) if status.code == 404 && status.is_not_found()));

    let (client, server) = pair();
    let get = async { maps(client).get_opt("web").await };
    assert_eq!(answer(get, server, line, json(404, &absent)).await.unwrap(), None);

    let (client, server) = pair();
    let get = async { maps(client).get_metadata_opt("web").await };
    assert!(
        answer(get, server, line, json(404, &absent))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn c12_an_unknown_path_says_nothing_about_the_object() {
    let (client, server) = pair();
    let get = async { maps(client).get_opt("web").await };
    let page = http::Response::builder()
        .status(404)
        .header("content-type", "text/plain; charset=utf-8")
        .body(b"404 page not found\n".to_vec().into())
        .unwrap();
    let error = answer(get, server, "GET /api/v1/namespaces/apps/configmaps/web", page)
        .await
        .unwrap_err();
    assert!(error.is_not_found() && error.is_not_served());
}

#[tokio::test]
async fn an_empty_name_is_refused_before_anything_is_sent() {
    let (client, _server) = pair();
    let error = maps(client).get("").await.unwrap_err();
    assert!(matches!(error, Error::BuildRequest(_)), "{error:?}");
}

#[tokio::test]
async fn a_list_reads_its_items_and_its_metadata() {
    let (client, server) = pair();
    let body = json!({
        "kind": "ConfigMapList", "apiVersion": "v1",
        "metadata": {"resourceVersion": "7", "continue": "abc", "remainingItemCount": 3},
        "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}],
    });
    let list = async {
        maps(client)
            .list(&ListParams::default().labels("app=web").limit(2))
            .await
    };
    let expect = "GET /api/v1/namespaces/apps/configmaps?labelSelector=app%3Dweb&limit=2";
    let list = answer(list, server, expect, json(200, &body)).await.unwrap();
    assert_eq!(
        list.iter().map(ResourceExt::name_any).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(list.metadata.continue_.as_deref(), Some("abc"));
    assert_eq!(list.metadata.resource_version.as_deref(), Some("7"));
}

const EVENTS: &str = concat!(
    r#"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}"#,
    "\n",
    r#"{"type":"MODIFIED","object":{"metadata":{"name":"ä","resourceVersion":"2"}}}"#,
    "\n",
    r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"5"}}}"#,
    "\n",
    r#"{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"6"}}}"#,
    "\n",
    r#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#,
    "\n",
);

/// The events of a watch that is answered with these chunks.
async fn watch(chunks: impl IntoIterator<Item = &[u8]>, fails: bool) -> Vec<String> {
    let (client, server) = pair();
    let call = async {
        let pods = Api::<Pod>::all(client);
        let wp = WatchParams::default().timeout(10);
        let events = pods.watch(&wp, "1").await.unwrap();
        drop(pods);
        events.map(|event| describe(&event)).collect().await
    };
    let expect = "GET /api/v1/pods?watch=true&timeoutSeconds=10&allowWatchBookmarks=true&resourceVersion=1";
    answer(call, server, expect, chunked(chunks, fails)).await
}

fn describe(event: &Result<WatchEvent<Pod>, Error>) -> String {
    match event {
        Ok(WatchEvent::Added(pod)) => format!("added {}", pod.name_any()),
        Ok(WatchEvent::Modified(pod)) => format!("modified {}", pod.name_any()),
        Ok(WatchEvent::Deleted(pod)) => format!("deleted {}", pod.name_any()),
        Ok(WatchEvent::Bookmark(bookmark)) => format!("bookmark {}", bookmark.metadata.resource_version),
        Ok(WatchEvent::Error(status)) => format!("error {}", status.code),
        Err(error) => error.to_string(),
    }
}

const ALL: [&str; 5] = ["added a", "modified ä", "bookmark 5", "deleted a", "error 410"];

#[tokio::test]
async fn a_watch_does_not_mind_where_it_is_cut_into_chunks() {
    let bytes = EVENTS.as_bytes();
    assert_eq!(watch([bytes], false).await, ALL);
    assert_eq!(watch(bytes.chunks(1), false).await, ALL);
    for at in 0..bytes.len() {
        let (head, tail) = bytes.split_at(at);
        assert_eq!(watch([head, tail], false).await, ALL, "cut at {at}");
    }
}

#[tokio::test]
async fn a_watch_drops_the_event_that_its_end_cuts_short() {
    let bytes = EVENTS.as_bytes();
    for end in 0..bytes.len() {
        // The line break behind an event is no part of it.
        let complete = bytes[..=end].iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(
            watch([&bytes[..end]], false).await,
            ALL[..complete],
            "ended at {end}"
        );
    }
}

#[tokio::test]
async fn a_watch_that_breaks_off_says_so_and_ends() {
    let bytes = EVENTS.as_bytes();
    let events = watch([&bytes[..bytes.len() - 2]], true).await;
    assert_eq!(events[..4], ALL[..4]);
    assert_eq!(events[4..], ["the watch stream broke off"]);
}

#[tokio::test]
async fn a_watch_goes_on_after_an_event_that_is_no_object_of_its_kind() {
    let events = watch(
        [concat!(
            r#"{"type":"ADDED","object":{"metadata":{"name":7}}}"#,
            "\n",
            r#"{"type":"ADDED","object":{"metadata":{"name":"b"}}}"#,
            "\n",
        )
        .as_bytes()],
        false,
    )
    .await;
    assert_eq!(events, ["the answer could not be decoded", "added b"]);
}

#[tokio::test]
async fn a_watch_can_be_followed_with_question_marks() {
    let (client, server) = pair();
    let call = async {
        let events = maps(client)
            .watch_metadata(&WatchParams::default().timeout(10), "1")
            .await?;
        pin_mut!(events);
        let mut names = vec![];
        while let Some(event) = events.try_next().await? {
            if let WatchEvent::Added(object) = event {
                names.push(object.name_any());
            }
        }
        Ok::<_, Error>(names)
    };
    let expect = "GET /api/v1/namespaces/apps/configmaps?watch=true&timeoutSeconds=10&allowWatchBookmarks=true&resourceVersion=1";
    let names = answer(call, server, expect, chunked([EVENTS.as_bytes()], false))
        .await
        .unwrap();
    assert_eq!(names, ["a"]);
}
