//! Faults of sections A, C and E: for each, the bytes on the wire.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{Env, client::Body};
use seatrial_fake_apiserver::FakeApiServer;
use seatrial_testkit::fault::{Class, Fault, Faults, ReadFault, Rule, TransportFault, WatchFault};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};

pub(crate) const LIST: &str = "/api/v1/namespaces/default/configmaps";
const WATCH: &str =
    "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=1&allowWatchBookmarks=true";
const STREAM: &str = "/api/v1/namespaces/default/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan\
                      &allowWatchBookmarks=true";

/// A server with config maps of these names, made in this order.
pub(crate) fn server(names: &[&str]) -> FakeApiServer {
    let server = FakeApiServer::builder().seed(1).build();
    for name in names {
        put(&server, name);
    }
    server
}

fn put(server: &FakeApiServer, name: &str) {
    let response = server.clone().oneshot(create(name)).now_or_never().unwrap();
    assert_eq!(response.unwrap().status(), 201);
}

/// Makes a config map of this name.
fn create(name: &str) -> Request<Body> {
    let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    Request::post(LIST)
        .body(Body::from(body.to_string().into_bytes()))
        .unwrap()
}

/// What the client gets: the status, and what is read until nothing comes any more.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// How the body goes on: `end`, `silence`, or the error.
    pub(crate) then: String,
}

#[track_caller]
fn ask(server: &FakeApiServer, fault: impl Into<Fault>, path: &str) -> Got {
    send(server, fault, Request::get(path).body(Body::empty()).unwrap())
}

/// Sends a request that a fault befalls.
#[track_caller]
pub(crate) fn send(server: &FakeApiServer, fault: impl Into<Fault>, request: Request<Body>) -> Got {
    let runtime = timer();
    let _entered = runtime.enter();
    let faults = Faults::new();
    faults.inject(Rule::new(fault));
    let service = faults.layer().layer(server.clone());
    let nothing = |then: String| Got {
        status: 0,
        headers: HeaderMap::new(),
        text: String::new(),
        then,
    };
    match service.oneshot(request).now_or_never() {
        None => nothing("silence".to_owned()),
        Some(Err(error)) => nothing(error.to_string()),
        Some(Ok(response)) => read(response),
    }
}

/// A watch starts a timer, which it never waits for here.
fn timer() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

fn read<B>(response: Response<B>) -> Got
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: ToString,
{
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let (mut body, mut text) = (response.into_body(), Vec::new());
    let then = loop {
        match body.frame().now_or_never() {
            None => break "silence".to_owned(),
            Some(None) => break "end".to_owned(),
            Some(Some(Err(error))) => break error.to_string(),
            Some(Some(Ok(frame))) => text.extend_from_slice(&frame.into_data().unwrap()),
        }
    };
    Got {
        status,
        headers,
        text: String::from_utf8(text).unwrap(),
        then,
    }
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The events as type and name, or type and version where there is no name.
    fn events(&self) -> Vec<String> {
        self.text
            .lines()
            .map(|line| {
                let event: Value = serde_json::from_str(line).unwrap();
                let object = &event["object"];
                let what = [
                    &object["metadata"]["name"],
                    &object["reason"],
                    &object["metadata"]["resourceVersion"],
                ]
                .into_iter()
                .find_map(Value::as_str);
                format!("{} {}", event["type"].as_str().unwrap(), what.unwrap_or("-"))
            })
            .collect()
    }

    #[track_caller]
    fn check(&self, events: &[&str], then: &str) {
        assert_eq!(
            (self.status, self.events(), self.then.as_str()),
            (200, events.iter().map(|e| (*e).to_owned()).collect(), then)
        );
    }
}

// === A ===

#[test]
fn a1_refused_is_no_answer() {
    assert_eq!(
        ask(&server(&[]), TransportFault::Refused, LIST).then,
        "connection refused"
    );
}

#[test]
fn a1_a2_failures_before_sending_say_so_and_serve_nothing() {
    let server = server(&[]);
    for (fault, then) in [
        (TransportFault::Unresolved, "Name or service not known"),
        (TransportFault::Untrusted, "UnknownIssuer"),
        (TransportFault::StreamRefused, "refused stream"),
        (TransportFault::BrokenRequest, "broken pipe"),
    ] {
        let before = server.revision();
        let got = send(&server, fault.clone(), create("a"));
        // The proof is an error of its own; its source says what went wrong.
        assert_eq!((got.status, server.revision()), (0, before), "{fault:?}");
        let proves = fault != TransportFault::BrokenRequest;
        assert_eq!(
            got.then == "the request was not sent",
            proves,
            "{fault:?}: {}, {then}",
            got.then
        );
    }
}

#[test]
fn a3_a9_an_answer_is_lost_after_the_request_was_served() {
    for (name, fault, then) in [
        ("a", TransportFault::LostAnswer, "connection reset by peer"),
        ("b", TransportFault::Abandoned, "silence"),
    ] {
        let server = server(&[]);
        assert_eq!(send(&server, fault, create(name)).then, then);
        assert!(server.get("configmaps", "default", name).is_some());
    }
}

#[test]
fn a4_a_cut_body_is_short_and_breaks() {
    let got = ask(&server(&["a"]), TransportFault::Cut { after_bytes: 10 }, LIST);
    assert_eq!(
        (got.text.as_str(), got.then.as_str()),
        (r#"{"kind":"C"#, "connection reset by peer")
    );
}

#[test]
fn a5_silence_is_silence() {
    assert_eq!(ask(&server(&[]), TransportFault::Silence, LIST).then, "silence");
}

#[test]
fn a6_a_server_that_goes_away_answers_before() {
    let got = ask(&server(&["a"]), TransportFault::GoAway, LIST);
    assert_eq!(
        (got.status, &got.headers["connection"]),
        (200, &HeaderValue::from_static("close"))
    );
    assert_eq!(got.json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a7_events_arrive_in_one_piece() {
    let runtime = timer();
    let _entered = runtime.enter();
    let faults = Faults::new();
    faults.inject(Rule::new(TransportFault::Gathered));
    let service = faults.layer().layer(server(&["a", "b", "c"]));
    let request = Request::get(WATCH).body(Body::empty()).unwrap();
    let mut body = service
        .oneshot(request)
        .now_or_never()
        .unwrap()
        .unwrap()
        .into_body();
    let piece = body
        .frame()
        .now_or_never()
        .unwrap()
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    assert_eq!(piece.iter().filter(|byte| **byte == b'\n').count(), 3);
    assert!(body.frame().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn a8_e23_c6_bytes_come_slowly_late_or_all_at_once() {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let second = Duration::from_secs(1);
    let took = async |fault: Fault| {
        let faults = Faults::timed_by(env.clone());
        faults.inject(Rule::new(fault));
        let (server, began) = (server(&["a"]), env.monotonic());
        let service = faults.layer().layer(server.clone());
        let request = Request::get(WATCH).body(Body::empty()).unwrap();
        let mut body = service.oneshot(request).await.unwrap().into_body();
        put(&server, "b");
        let (mut text, mut times) = (Vec::new(), Vec::new());
        while text.iter().filter(|byte| **byte == b'\n').count() < 2 {
            text.extend_from_slice(&body.frame().await.unwrap().unwrap().into_data().unwrap());
            times.push((env.monotonic() - began).as_secs());
        }
        (text.len(), times)
    };
    let late = took(WatchFault::Late { by: 3 * second }.into()).await;
    assert_eq!(late.1, [3, 3]);
    let bursts = took(WatchFault::Bursts { every: 5 * second }.into()).await;
    assert_eq!(bursts, (late.0, vec![5, 5]));
    let (whole, slow) = took(
        TransportFault::Slow {
            bytes: 100,
            every: second,
        }
        .into(),
    )
    .await;
    assert_eq!(whole, late.0);
    assert!(slow.len() as u64 == *slow.last().unwrap() && slow.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a10_a_proxy_answers_in_html() {
    for applied in [false, true] {
        let server = server(&[]);
        let got = send(
            &server,
            TransportFault::Gateway { code: 502, applied },
            create("a"),
        );
        assert_eq!(
            (got.status, &got.headers["content-type"]),
            (502, &HeaderValue::from_static("text/html"))
        );
        assert!(got.text.starts_with("<html>") && got.text.contains("502 Bad Gateway"));
        assert_eq!(server.get("configmaps", "default", "a").is_some(), applied);
    }
}

#[test]
fn a7_pieces_add_up_to_the_whole() {
    let server = server(&["a", "b"]);
    let whole = ask(&server, TransportFault::Rechunked { size: usize::MAX }, LIST);
    let pieces = ask(&server, TransportFault::Rechunked { size: 1 }, LIST);
    assert_eq!((whole.text, whole.then), (pieces.text, pieces.then));
}

// === C ===

#[test]
fn c2_a_replica_that_is_behind_gives_up_after_waiting() {
    let got = ask(&server(&[]), ReadFault::TooLargeVersion, LIST);
    assert_eq!(got.status, 504);
    assert_eq!(
        got.text,
        r#"{"apiVersion":"v1","code":504,"details":{"causes":[{"message":"Too large resource version","reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1},"kind":"Status","message":"Too large resource version: 99999999, current: 1","metadata":{},"reason":"Timeout","status":"Failure"}"#
    );
    let got = ask(&server(&[]), ReadFault::CacheNotReady, LIST);
    assert_eq!(
        (got.status, &got.json()["message"]),
        (429, &json!("storage is (re)initializing"))
    );
}

#[test]
fn c3_a_replica_shows_its_own_time() {
    let server = server(&["a"]);
    let old = server.fork();
    put(&server, "b");
    let got = ask(&server, ReadFault::Replica(old), LIST).json();
    assert_eq!(got["items"].as_array().unwrap().len(), 1);
}

#[test]
fn c1_reads_that_may_be_old_are_old() {
    let server = server(&["a"]);
    let old = server.fork();
    put(&server, "b");
    let names = |path: &str| {
        ask(&server, ReadFault::Stale(old.clone()), path).json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((names(LIST), names(&format!("{LIST}?resourceVersion=0"))), (2, 1));
}

#[test]
fn c7_an_object_is_not_there_yet() {
    let got = ask(&server(&["a"]), ReadFault::NotYetThere, &format!("{LIST}/a"));
    assert_eq!(
        (got.status, &got.json()["message"]),
        (404, &json!("configmaps \"a\" not found"))
    );
    assert_eq!(got.json()["details"], json!({"kind": "configmaps", "name": "a"}));
}

#[test]
fn c8_an_expired_token_may_come_with_another() {
    let page = format!("{LIST}?limit=1&continue=x");
    let got = ask(
        &server(&["a"]),
        ReadFault::ContinueExpired { with_token: true },
        &page,
    );
    assert_eq!((got.status, &got.json()["reason"]), (410, &json!("Expired")));
    assert!(got.json()["metadata"]["continue"].is_string());
    let got = ask(
        &server(&["a"]),
        ReadFault::ContinueExpired { with_token: false },
        &page,
    );
    assert_eq!(got.json()["metadata"], json!({}));
}

#[test]
fn c9_pages_say_little_hold_little_or_are_none() {
    let (server, page) = (server(&["a", "b"]), format!("{LIST}?limit=1"));
    let got = ask(&server, ReadFault::NoRemainingCount, &page).json();
    assert!(got["metadata"]["remainingItemCount"].is_null() && got["metadata"]["continue"].is_string());
    let got = ask(&server, ReadFault::LimitIgnored, &page).json();
    assert_eq!(got["items"].as_array().unwrap().len(), 2);
    let got = ask(&server, ReadFault::EmptyPage, &page).json();
    assert_eq!(got["items"], json!([]));
    // Going on leads to everything.
    let next = format!(
        "{LIST}?continue={}",
        got["metadata"]["continue"].as_str().unwrap()
    );
    let rest = ask(&server, ReadFault::NoRemainingCount, &next).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
}

#[test]
fn c10_lists_hold_null_and_the_unknown() {
    assert_eq!(
        ask(&server(&[]), ReadFault::NullItems, LIST).json()["items"],
        Value::Null
    );
    let got = ask(&server(&["a"]), ReadFault::UnknownFields, LIST).json();
    assert_eq!(
        (&got["items"][0]["future"], &got["future"]["of"][1]),
        (&json!(1), &json!("API"))
    );
}

#[test]
fn c11_the_storage_changes_its_leader() {
    let got = ask(&server(&[]), ReadFault::LeaderChanged, LIST);
    assert_eq!(
        got.text,
        r#"{"apiVersion":"v1","code":500,"kind":"Status","message":"etcdserver: leader changed","metadata":{},"status":"Failure"}"#
    );
    let got = ask(&server(&[]), ReadFault::RequestTimedOut, LIST);
    assert_eq!(
        (got.status, &got.json()["message"]),
        (500, &json!("etcdserver: request timed out"))
    );
}

#[test]
fn c12_a_path_that_is_not_served_is_answered_in_text() {
    let got = ask(&server(&[]), ReadFault::NotServed, LIST);
    assert_eq!((got.status, got.text.as_str()), (404, "404 page not found\n"));
    let got = ask(&server(&[]), ReadFault::UnknownResource, LIST);
    assert_eq!(
        (got.status, &got.json()["message"], &got.json()["details"]),
        (
            404,
            &json!("the server could not find the requested resource"),
            &json!({})
        )
    );
    let got = ask(&server(&[]), ReadFault::GroupUnavailable, "/apis/apps/v1");
    assert_eq!((got.status, got.text.as_str()), (503, "service unavailable\n"));
    assert_eq!(
        ask(
            &server(&[]),
            ReadFault::GroupUnavailable,
            "/apis/apps/v1/deployments"
        )
        .status,
        200
    );
}

#[test]
fn c13_answers_come_as_tables_or_as_metadata() {
    let server = server(&["a"]);
    let kind = |fault: ReadFault, path: &str| ask(&server, fault, path).json()["kind"].clone();
    assert_eq!(kind(ReadFault::Table, LIST), "Table");
    assert_eq!(
        kind(ReadFault::PartialMetadata, LIST),
        "PartialObjectMetadataList"
    );
    assert_eq!(
        kind(ReadFault::PartialMetadata, &format!("{LIST}/a")),
        "PartialObjectMetadata"
    );
}

#[test]
fn c13_objects_come_as_another_kind() {
    let got = ask(&server(&["a"]), ReadFault::Converted, LIST).json();
    assert_eq!(
        (&got["items"][0]["kind"], &got["apiVersion"]),
        (&json!("Other"), &json!("example.com/v9"))
    );
}

// === E ===

#[test]
fn e2_e3_a_watch_ends_in_good_order() {
    let server = server(&["a", "b"]);
    ask(&server, WatchFault::End { after: 1 }, WATCH).check(&["ADDED a"], "end");
    ask(&server, WatchFault::Empty, WATCH).check(&[], "end");
}

#[test]
fn e4_to_e8_a_watch_ends_by_an_error() {
    let server = server(&["a", "b"]);
    ask(&server, WatchFault::Expired { after: 0 }, WATCH).check(&["ERROR Expired"], "end");
    ask(&server, WatchFault::TooLargeVersion { after: 1 }, WATCH).check(&["ADDED a", "ERROR Timeout"], "end");
    ask(&server, WatchFault::InternalError { after: 1 }, WATCH)
        .check(&["ADDED a", "ERROR InternalError"], "end");
    ask(&server, WatchFault::TooManyRequests { after: 1 }, WATCH)
        .check(&["ADDED a", "ERROR TooManyRequests"], "end");
    ask(&server, WatchFault::BareError { after: 1 }, WATCH).check(&["ADDED a", "ERROR -"], "end");
    let got = ask(&server, WatchFault::Expired { after: 0 }, WATCH);
    assert_eq!(
        got.text,
        "{\"object\":{\"apiVersion\":\"v1\",\"code\":410,\"kind\":\"Status\",\"message\":\"too old resource version: 1 (2)\",\
         \"metadata\":{},\"reason\":\"Expired\",\"status\":\"Failure\"},\"type\":\"ERROR\"}\n"
    );
}

#[test]
fn e5_e9_a_watch_is_refused() {
    let server = server(&["a"]);
    let got = ask(&server, WatchFault::ExpiredAtConnect, WATCH);
    assert_eq!((got.status, &got.json()["reason"]), (410, &json!("Expired")));
    for (code, reason) in [
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (429, "TooManyRequests"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
    ] {
        let got = ask(&server, WatchFault::RefusedAtConnect { code }, WATCH);
        assert_eq!((got.status, &got.json()["reason"]), (code, &json!(reason)));
    }
    assert_eq!(
        ask(&server, WatchFault::RefusedAtConnect { code: 404 }, WATCH).text,
        "404 page not found\n"
    );
    // Lists are not watches.
    assert_eq!(ask(&server, WatchFault::ExpiredAtConnect, LIST).status, 200);
}

#[test]
fn e10_to_e12_bookmarks_are_missing_or_ahead() {
    let server = server(&["a", "b"]);
    let got = ask(
        &server,
        WatchFault::Bookmark {
            after: 2,
            version: 77,
        },
        WATCH,
    );
    got.check(&["ADDED a", "ADDED b", "BOOKMARK 77"], "silence");
    assert!(got.text.ends_with(
        "{\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Bookmark\",\"metadata\":{\"creationTimestamp\":null,\"resourceVersion\":\"77\"}},\
         \"type\":\"BOOKMARK\"}\n"
    ));
    // The bookmark that ends initial events is a promise, not a courtesy.
    let got = ask(&server, WatchFault::NoBookmarks, STREAM).events();
    assert_eq!((got.len(), got[2].starts_with("BOOKMARK")), (3, true));
}

#[tokio::test(start_paused = true)]
async fn e1_the_server_ends_a_watch_when_its_time_is_up() {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let cluster = seatrial_testkit::FakeCluster::new();
    cluster
        .faults()
        .inject(Rule::new(WatchFault::TimesOut { secs: 7 }));
    let service = cluster.faults().layer().layer(cluster.server().clone());
    let began = env.monotonic();
    let request = Request::get(WATCH).body(Body::empty()).unwrap();
    let body = service.oneshot(request).await.unwrap().into_body();
    body.collect().await.unwrap();
    assert_eq!((env.monotonic() - began).as_secs(), 7);
}

#[test]
fn e13_the_objects_that_exist_do_not_all_come() {
    let server = server(&["a", "b"]);
    ask(&server, WatchFault::InitialCut { after: 1 }, STREAM).check(&["ADDED a"], "end");
    ask(&server, WatchFault::InitialCut { after: 1 }, WATCH).check(&["ADDED a", "ADDED b"], "silence");
}

#[test]
fn e14_streaming_lists_are_refused_or_not_understood() {
    let server = server(&["a"]);
    for code in [400, 422] {
        assert_eq!(
            ask(&server, WatchFault::StreamingListRefused { code }, STREAM).status,
            code
        );
    }
    ask(&server, WatchFault::StreamingListIgnored, STREAM).check(&["ADDED a"], "silence");
    assert_eq!(
        ask(&server, WatchFault::StreamingListRefused { code: 400 }, WATCH).status,
        200
    );
}

#[test]
fn e15_to_e17_events_come_in_another_order_twice_or_as_another_type() {
    let server = server(&["a", "b"]);
    let got = ask(&server, WatchFault::Reversed, STREAM).events();
    assert_eq!(got[..2], ["ADDED b", "ADDED a"]);
    ask(&server, WatchFault::Retyped, WATCH).check(&["MODIFIED a", "MODIFIED b"], "silence");
    ask(&server, WatchFault::UnknownDeleted { after: 1 }, WATCH)
        .check(&["ADDED a", "DELETED never-seen", "ADDED b"], "silence");
    let now = server.revision();
    let from = WATCH.replace("Version=1", &format!("Version={now}"));
    ask(&server, WatchFault::ResumedEarlier { by: 1 }, &from).check(&["ADDED b"], "silence");
}

#[test]
fn e21_e22_nothing_comes_any_more_or_late() {
    let server = server(&["a"]);
    let old = server.fork();
    put(&server, "b");
    ask(&server, WatchFault::Stall { after: 1 }, WATCH).check(&["ADDED a"], "silence");
    ask(&server, WatchFault::Replica(old), WATCH).check(&["ADDED a"], "silence");
}

#[test]
fn e24_an_event_is_about_another_kind() {
    let got = ask(&server(&["a"]), WatchFault::ForeignKind { after: 1 }, WATCH);
    assert!(got.text.ends_with("{\"object\":{\"apiVersion\":\"example.com/v9\",\"kind\":\"Other\",\"metadata\":[]},\"type\":\"MODIFIED\"}\n"));
}

#[test]
fn e26_versions_have_no_order_and_lead_back_all_the_same() {
    let server = server(&["a"]);
    let list = ask(&server, WatchFault::OpaqueVersions, LIST).json();
    let version = list["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    assert!(!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_lowercase()));
    put(&server, "b");
    let from = WATCH.replace("Version=1", &format!("Version={version}"));
    let got = ask(&server, WatchFault::OpaqueVersions, &from);
    got.check(&["ADDED b"], "silence");
    assert!(
        !got.text
            .contains(&format!("\"resourceVersion\":\"{}\"", server.revision()))
    );
}

#[test]
fn e27_events_come_again_or_never() {
    let server = server(&["a", "b", "c"]);
    ask(&server, WatchFault::Replayed { after: 2 }, WATCH).check(
        &["ADDED a", "ADDED b", "ADDED a", "ADDED b", "ADDED c"],
        "silence",
    );
    ask(&server, WatchFault::Lost { every: 2 }, WATCH).check(&["ADDED a", "ADDED c"], "silence");
    let stuck = server.fork();
    put(&server, "d");
    let got = ask(&server, WatchFault::StuckCache(stuck.clone()), LIST).json();
    assert_eq!(got["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        Fault::from(WatchFault::StuckCache(stuck)).class(),
        Class::HistoricalServerBug
    );
    assert_eq!(
        Fault::from(WatchFault::Lost { every: 2 }).class(),
        Class::HistoricalServerBug
    );
    assert_eq!(Fault::from(WatchFault::Empty).class(), Class::Legal);
}

// === Rules ===

#[test]
fn rules_count_and_the_first_that_concerns_a_request_acts() {
    let server = server(&["a"]);
    let faults = Faults::new();
    let kept = faults.inject(
        Rule::new(ReadFault::LeaderChanged)
            .on("configmaps")
            .skip(1)
            .times(1),
    );
    faults.inject(Rule::new(ReadFault::NotServed).skip(2));
    let status = || {
        let service = faults.layer().layer(server.clone());
        let request = Request::get(LIST).body(Body::empty()).unwrap();
        let response = service.oneshot(request).now_or_never().unwrap().unwrap();
        assert!(response.body().size_hint().lower() > 0);
        response.status().as_u16()
    };
    assert_eq!([status(), status(), status(), status()], [200, 500, 200, 404]);
    assert_eq!(
        faults.happened(),
        [format!("C11 GET {LIST}"), format!("C12 GET {LIST}")]
    );
    faults.withdraw(kept);
    assert_eq!(status(), 404);
    faults.clear();
    assert_eq!(status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_has_faults_between_its_clients_and_its_server() {
    let cluster = seatrial_testkit::FakeCluster::new();
    let configs = seatrial_client::Api::<ConfigMap>::default_namespaced(cluster.client().with_retry(None));
    cluster
        .faults()
        .inject(Rule::new(TransportFault::Refused).times(1));
    assert!(configs.list(&Default::default()).await.is_err());
    assert!(configs.list(&Default::default()).await.unwrap().items.is_empty());
    assert_eq!(cluster.requests().iter().count(), 1);
}
