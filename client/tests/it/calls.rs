//! Calls through the production stack, on virtual time: what is sent again, how long it takes, and what ends it.
//!
//! The names of tests begin with the fault that they inject, as in `faults.rs`.

use std::{
    future::pending,
    io,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::join_all;
use http::{Request, Response};
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial_client::{
    Api, Client, Discovery, Env, Error,
    api::{
        DeleteParams, EvictParams, ListParams, Patch, PatchParams, PostParams, Preconditions, WatchParams,
    },
    client::{Body, ClientBuilder, Warnings, retry::RetryPolicy},
    error::{NotSent, Outcome},
};
use serde_json::{Value, json};
use tower::BoxError;

use crate::support::{chunked, json, line};

/// One answer of the server, or the way in which there was none.
enum Answer {
    Json(u16, Value),
    Response(Response<Body>),
    Reset,
    Refused,
    NotSent,
    /// Nothing, for ever.
    Silence,
}
use Answer::{Json, Refused, Reset, Silence};

/// What the server saw: when, since the start, and the first line.
#[derive(Clone)]
struct Seen(Arc<Mutex<Vec<String>>>, Env);

impl Seen {
    fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// The production stack over a server that gives these answers, and silence after them.
fn stack(answers: impl IntoIterator<Item = Answer>) -> (Client, Seen) {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let seen = Seen(Arc::default(), env.clone());
    let log = seen.clone();
    let answers = Arc::new(Mutex::new(answers.into_iter().collect::<Vec<_>>().into_iter()));
    let service = tower::service_fn(move |request: Request<Body>| {
        let at = log.1.monotonic().as_millis();
        log.0.lock().unwrap().push(format!("{at} ms: {}", line(&request)));
        let answer = answers.lock().unwrap().next().unwrap_or(Silence);
        async move {
            let reset = io::Error::from(io::ErrorKind::ConnectionReset);
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            match answer {
                Json(code, body) => Ok(json(code, &body)),
                Answer::Response(response) => Ok(response),
                Reset => Err(BoxError::from(reset)),
                Refused => Err(refused.into()),
                Answer::NotSent => Err(NotSent::new("the stream was refused").into()),
                Silence => pending().await,
            }
        }
    });
    let client = ClientBuilder::stack("default")
        .with_env(env)
        .transport(service)
        .build();
    (client, seen)
}

fn maps(client: Client) -> Api<ConfigMap> {
    Api::namespaced(client, "apps")
}

fn status(code: u16, reason: &str, message: &str, details: Value) -> Answer {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code, "reason": reason,
        "message": message, "details": details,
    });
    Json(code, body)
}

fn text(code: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response = Response::builder().status(code);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Answer::Response(response.body(body.as_bytes().to_vec().into()).unwrap())
}

fn map() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "resourceVersion": "8"}})
}

async fn create(client: Client) -> seatrial_client::Result<ConfigMap> {
    maps(client)
        .create(&PostParams::default(), &ConfigMap::default())
        .await
}

/// Replaces a map that was read at a resource version, or at none.
async fn replace(client: Client, version: Option<&str>) -> seatrial_client::Result<ConfigMap> {
    let mut map = ConfigMap::default();
    map.metadata.resource_version = version.map(str::to_owned);
    maps(client).replace("web", &PostParams::default(), &map).await
}

// === The transport ===

#[tokio::test(start_paused = true)]
async fn a1_a_refused_connection_is_tried_again_whatever_the_verb() {
    let (client, seen) = stack([Refused, Refused, Json(201, map())]);
    create(client).await.unwrap();
    assert_snapshot!(seen.text(), @r"
    0 ms: POST /api/v1/namespaces/apps/configmaps
    93 ms: POST /api/v1/namespaces/apps/configmaps
    224 ms: POST /api/v1/namespaces/apps/configmaps
    ");
}

#[tokio::test(start_paused = true)]
async fn a1_a_server_that_stays_away_is_given_up() {
    let (client, seen) = stack(std::iter::repeat_with(|| Refused).take(9));
    let error = create(client).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
    assert_eq!(seen.count(), 5);
}

#[tokio::test(start_paused = true)]
async fn a2_a_request_that_provably_did_not_arrive_is_sent_again() {
    let (client, seen) = stack([Answer::NotSent, Json(201, map())]);
    create(client).await.unwrap();
    assert_eq!(seen.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a3_a_lost_answer_is_asked_for_again_by_reads_alone() {
    let (client, seen) = stack([Reset, Json(200, map())]);
    maps(client).get("web").await.unwrap();
    assert_eq!(seen.count(), 2);

    let (client, seen) = stack([Reset]);
    assert_eq!(create(client).await.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(seen.count(), 1);

    let (client, seen) = stack([Reset]);
    let patch = Patch::Merge(json!({"data": {"a": "b"}}));
    let error = maps(client)
        .patch("web", &PatchParams::default(), &patch)
        .await
        .unwrap_err();
    assert_eq!((error.outcome(), seen.count()), (Outcome::Unknown, 1));
}

#[tokio::test(start_paused = true)]
async fn a3_a_write_that_names_the_state_it_expects_is_sent_again() {
    let (client, seen) = stack([Reset, Json(200, map())]);
    replace(client, Some("7")).await.unwrap();
    assert_eq!(seen.count(), 2);

    let (client, seen) = stack([Reset]);
    assert_eq!(
        replace(client, None).await.unwrap_err().outcome(),
        Outcome::Unknown
    );
    assert_eq!(seen.count(), 1);

    let (client, seen) = stack([Reset, Json(200, map())]);
    let by_uid = DeleteParams::default().preconditions(Preconditions {
        uid: Some("u".to_owned()),
        resource_version: None,
    });
    maps(client).delete("web", &by_uid).await.unwrap();
    assert_eq!(seen.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a3_a_conflict_with_ones_own_lost_write_is_no_conflict() {
    let conflict = || status(409, "Conflict", "the object has been modified", json!({}));
    let (client, _) = stack([Reset, conflict()]);
    let error = replace(client, Some("7")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(!error.is_conflict());
    let Error::OutcomeUnknown(unknown) = &error else {
        panic!("{error:?}")
    };
    assert!(unknown.status().unwrap().is_conflict());
    assert_snapshot!(crate::support::chain(&error), @r"
    it is not known whether the request was applied
      because: an attempt was lost (the request was not answered), and the one after it failed
      because: the server answered: the object has been modified: Conflict (409)
    ");

    // Whoever takes refusals as answers is told as well.
    let put = |client: Client| async move {
        let body = Body::from(
            json!({"metadata": {"resourceVersion": "7"}})
                .to_string()
                .into_bytes(),
        );
        let request = Request::put("/api/v1/namespaces/apps/configmaps/web").body(body);
        client.send(request.unwrap()).await
    };
    let (client, _) = stack([Reset, conflict()]);
    let error = put(client).await.unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown(_)), "{error:?}");
    let (client, _) = stack([conflict()]);
    assert_eq!(put(client).await.unwrap().status(), 409);

    // The same answer to the first attempt is one.
    let (client, _) = stack([conflict()]);
    assert!(replace(client, Some("7")).await.unwrap_err().is_conflict());
}

#[tokio::test(start_paused = true)]
async fn a4_an_answer_that_broke_off_is_asked_for_again_by_reads_alone() {
    let cut = || Answer::Response(chunked([&b"{\"kind\":\"ConfigMapList\",\"items\":[{}"[..]], true));
    let whole = json!({"kind": "ConfigMapList", "metadata": {}, "items": [map(), map()]});
    let (client, seen) = stack([cut(), cut(), Json(200, whole)]);
    let list = maps(client).list(&ListParams::default()).await.unwrap();
    assert_eq!((list.items.len(), seen.count()), (2, 3));

    let (client, seen) = stack([cut(), Json(200, map())]);
    let got: Value = client
        .request(Request::get("/api/v1/configmaps/a").body(vec![]).unwrap())
        .await
        .unwrap();
    assert_eq!((got, seen.count()), (map(), 2));

    let (client, seen) = stack([cut()]);
    assert_eq!(create(client).await.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(seen.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a5_a_server_that_falls_silent_is_not_waited_for_for_ever() {
    let (client, seen) = stack([]);
    let error = create(client.clone()).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!((seen.1.monotonic().as_secs(), seen.count()), (75, 1));

    // Nor is the rest of an answer.
    let begun = futures::stream::iter([Ok::<_, BoxError>(http_body::Frame::data("{".into()))]);
    let begun = futures::StreamExt::chain(begun, futures::stream::pending());
    let body = Body::wrap(http_body_util::StreamBody::new(begun));
    let (client, _) = stack([Answer::Response(Response::new(body))]);
    let error = maps(client.with_request_timeout(Duration::from_secs(1)))
        .get("web")
        .await
        .unwrap_err();
    assert!(error.is_timeout());
}

#[tokio::test(start_paused = true)]
async fn a5_a_deadline_covers_all_attempts_and_waits() {
    let busy = || {
        status(
            429,
            "TooManyRequests",
            "slow down",
            json!({"retryAfterSeconds": 3}),
        )
    };
    let (client, seen) = stack([busy(), busy(), Silence]);
    let client = client.with_deadline(Duration::from_secs(10));
    let error = create(client.clone()).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!((seen.1.monotonic().as_secs(), seen.count()), (10, 3));

    // A wait that would end after it is not begun.
    let (client, seen) = stack([busy()]);
    let error = create(client.with_deadline(Duration::from_secs(2)))
        .await
        .unwrap_err();
    assert!(error.is_too_many_requests());
    assert_eq!((seen.1.monotonic().as_secs(), seen.count()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a5_a_stream_has_to_begin_in_time_and_then_takes_its_time() {
    let event = json!({"type": "ADDED", "object": map()});
    let events = futures::stream::once(async move {
        // Longer than any timeout of a request.
        let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
        env.sleep(Duration::from_secs(280)).await;
        Ok::<_, BoxError>(http_body::Frame::data((event.to_string() + "\n").into()))
    });
    let body = Body::wrap(http_body_util::StreamBody::new(events));
    let (client, _) = stack([Answer::Response(Response::new(body))]);
    let client = client.with_deadline(Duration::from_secs(80));
    let stream = maps(client).watch(&WatchParams::default(), "7").await.unwrap();
    let events: Vec<_> = futures::StreamExt::collect(stream).await;
    assert!(matches!(events.as_slice(), [Ok(_)]), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn a9_dropping_a_call_proves_nothing_and_sends_nothing_more() {
    let (client, seen) = stack([Refused]);
    let call = create(client);
    assert!(futures::FutureExt::now_or_never(call).is_none());
    seen.1.sleep(Duration::from_secs(60)).await;
    assert_eq!(seen.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a10_the_page_of_a_proxy_is_no_reason_to_write_again() {
    for code in [502, 503, 504] {
        let page = || {
            text(
                code,
                &[("content-type", "text/html"), ("retry-after", "1")],
                "<html>",
            )
        };
        let (client, seen) = stack([page()]);
        assert_eq!(create(client).await.unwrap_err().outcome(), Outcome::Unknown);
        assert_eq!(seen.count(), 1);
        let (client, seen) = stack([page(), Json(200, map())]);
        maps(client).get("web").await.unwrap();
        assert_eq!(seen.count(), 2);
    }
}

// === Load ===

#[tokio::test(start_paused = true)]
async fn b1_a_server_under_load_is_waited_for_as_long_as_it_asks() {
    let flow = [
        ("retry-after", "3"),
        ("content-type", "text/plain"),
        ("x-kubernetes-pf-flowschema-uid", "f"),
    ];
    let busy = || text(429, &flow, "Too many requests, please try again later.\n");
    let (client, seen) = stack([busy(), busy(), Json(201, map())]);
    create(client).await.unwrap();
    assert_snapshot!(seen.text(), @r"
    0 ms: POST /api/v1/namespaces/apps/configmaps
    3085 ms: POST /api/v1/namespaces/apps/configmaps
    6116 ms: POST /api/v1/namespaces/apps/configmaps
    ");

    let date = [("retry-after", "Thu, 01 Jan 2026 00:00:20 GMT")];
    let (client, seen) = stack([text(429, &date, "Too many requests"), Json(201, map())]);
    create(client).await.unwrap();
    assert!(seen.1.monotonic() >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn b2_b3_a_server_that_shuts_down_has_not_begun() {
    let down = text(
        429,
        &[("retry-after", "5"), ("connection", "close")],
        "The apiserver is shutting down, please try again later.\n",
    );
    let closing = text(
        503,
        &[("retry-after", "1"), ("content-type", "application/json")],
        r#"{"kind":"Status","status":"Failure","code":503,"reason":"ServiceUnavailable","message":"apiserver is shutting down"}"#,
    );
    let (client, seen) = stack([down, closing, Json(201, map())]);
    create(client).await.unwrap();
    assert_eq!(seen.1.monotonic().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn b4_a_watch_waits_for_a_cache_that_is_filled() {
    let filling = status(
        429,
        "TooManyRequests",
        "storage is (re)initializing",
        json!({"retryAfterSeconds": 1}),
    );
    let (client, seen) = stack([filling, Answer::Response(chunked([], false))]);
    let stream = maps(client).watch(&WatchParams::default(), "7").await.unwrap();
    assert_eq!(futures::StreamExt::count(stream).await, 0);
    assert_eq!(seen.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn b5_a_disruption_budget_decides_and_is_not_asked_again() {
    let budget = || {
        let details = json!({"retryAfterSeconds": 10, "causes": [{"reason": "DisruptionBudget", "message": "needs 2"}]});
        status(429, "TooManyRequests", "Cannot evict pod", details)
    };
    let (client, seen) = stack([budget()]);
    let error = Api::<Pod>::namespaced(client, "apps")
        .evict("web", &EvictParams::default())
        .await
        .unwrap_err();
    assert!(error.is_too_many_requests());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
    assert_eq!((error.outcome(), seen.count()), (Outcome::Terminal, 1));
}

#[tokio::test(start_paused = true)]
async fn b7_b8_b9_b10_a_decision_is_told_at_once() {
    for (code, message) in [
        (403, "pods is forbidden: User \"a\" cannot list"),
        (
            403,
            "unable to create new content in namespace x because it is being terminated",
        ),
        (500, "failed calling webhook \"a.b.c\": context deadline exceeded"),
        (413, "Request entity too large"),
        (500, "etcdserver: request is too large"),
        (415, "the body of the request was in an unknown format"),
        (
            422,
            "ConfigMap \"web\" is invalid: metadata.resourceVersion: must be specified for an update",
        ),
    ] {
        let (client, seen) = stack([status(code, "", message, json!({}))]);
        let error = create(client).await.unwrap_err();
        assert_eq!(
            (error.status().unwrap().code, seen.count()),
            (code, 1),
            "{message}"
        );
    }
}

#[tokio::test]
async fn b11_warnings_are_collected_and_fail_nothing() {
    let warned = || {
        let mut response = json(200, &map());
        for text in [r#"299 - "use v2""#, r#"299 - "unknown field \"spec.x\"""#] {
            response.headers_mut().append("warning", text.parse().unwrap());
        }
        Answer::Response(response)
    };
    let (client, _) = stack([warned(), warned()]);
    let warnings = Warnings::default();
    maps(client.clone().with_warnings(warnings.clone()))
        .get("web")
        .await
        .unwrap();
    maps(client).get("web").await.unwrap();
    let texts: Vec<_> = warnings.take().iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["use v2", "unknown field \"spec.x\""]);
}

// === Reads ===

#[tokio::test(start_paused = true)]
async fn c2_a_replica_that_is_behind_is_asked_again() {
    let behind = || {
        let details = json!({"retryAfterSeconds": 1, "causes": [{"reason": "ResourceVersionTooLarge"}]});
        status(
            504,
            "Timeout",
            "Too large resource version: 9, current: 8",
            details,
        )
    };
    let list = json!({"kind": "ConfigMapList", "metadata": {}, "items": []});
    let (client, seen) = stack([behind(), Json(200, list)]);
    let not_older = ListParams::default().at("9");
    maps(client).list(&not_older).await.unwrap();
    assert_eq!((seen.1.monotonic().as_secs(), seen.count()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn c11_d7_a_storage_without_leader_is_asked_again_by_reads_alone() {
    for message in [
        "etcdserver: leader changed",
        "etcdserver: request timed out",
        "etcdserver: no leader",
    ] {
        let trouble = || status(500, "", message, json!({}));
        let (client, seen) = stack([trouble(), Json(200, map())]);
        maps(client).get("web").await.unwrap();
        assert_eq!(seen.count(), 2);
        let (client, seen) = stack([trouble()]);
        let error = create(client).await.unwrap_err();
        assert_eq!((error.outcome(), seen.count()), (Outcome::Unknown, 1));
    }
}

// === Writes ===

/// Also defect D9 of the list of defects: a creation that may have succeeded reported `AlreadyExists`.
#[tokio::test(start_paused = true)]
async fn d5_d6_a_creation_that_may_go_on_is_never_sent_twice() {
    for (code, reason, message) in [
        (
            504,
            "Timeout",
            "request did not complete within the allotted timeout",
        ),
        (
            500,
            "ServerTimeout",
            "The POST operation could not be completed at this time, please try again.",
        ),
        (
            503,
            "ServiceUnavailable",
            "error trying to reach service: dial tcp: connect refused",
        ),
    ] {
        let answer = status(
            code,
            reason,
            message,
            json!({"retryAfterSeconds": if code == 500 { 2 } else { 0 }}),
        );
        let (client, seen) = stack([answer]);
        let error = create(client).await.unwrap_err();
        assert_eq!(
            (error.outcome(), seen.count()),
            (Outcome::Unknown, 1),
            "{message}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn d16_a_collection_that_was_half_deleted_is_left_alone() {
    let (client, seen) = stack([Reset]);
    let error = maps(client)
        .delete_collection(&DeleteParams::default(), &ListParams::default())
        .await
        .unwrap_err();
    assert_eq!((error.outcome(), seen.count()), (Outcome::Unknown, 1));
}

// === Settings ===

#[tokio::test(start_paused = true)]
async fn a_call_can_have_a_policy_of_its_own() {
    let (client, seen) = stack([Refused]);
    create(client.clone().with_retry(None)).await.unwrap_err();
    assert_eq!(seen.count(), 1);

    let (client, seen) = stack(std::iter::repeat_with(|| Refused).take(20));
    let policy = RetryPolicy::server_retry().max_retries(12);
    create(client.with_retry(policy)).await.unwrap_err();
    assert_eq!(seen.count(), 13);
}

#[tokio::test(start_paused = true)]
async fn a_client_over_a_bare_service_repeats_nothing() {
    let service =
        tower::service_fn(|_: Request<Body>| async { Err::<Response<Body>, _>(NotSent::new("full")) });
    let error = create(Client::new(service, "default")).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
}

#[tokio::test(start_paused = true)]
async fn requests_sent_as_they_are_are_sent_again_and_their_refusals_handed_out() {
    let get = || Request::get("/healthz").body(Body::empty()).unwrap();
    let busy = || text(429, &[("retry-after", "1")], "Too many requests");
    let (client, seen) = stack([busy(), text(200, &[], "ok")]);
    let response = client.send(get()).await.unwrap();
    assert_eq!((response.status().as_u16(), seen.count()), (200, 2));

    let (client, _) = stack(std::iter::repeat_with(busy).take(9));
    let response = client.send(get()).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(
        response.into_body().collect_bytes().await.unwrap(),
        "Too many requests"
    );

    let (client, seen) = stack([text(404, &[], "no"), text(500, &[], "no")]);
    assert_eq!(client.send(get()).await.unwrap().status(), 404);
    assert_eq!(client.send(get()).await.unwrap().status(), 500);
    assert_eq!(seen.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_bound_wait_their_turn() {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let under_way = Arc::new(Mutex::new((0, 0)));
    let (clock, count) = (env.clone(), Arc::clone(&under_way));
    let service = tower::service_fn(move |_: Request<Body>| {
        let (clock, count) = (clock.clone(), Arc::clone(&count));
        async move {
            {
                let mut count = count.lock().unwrap();
                count.0 += 1;
                count.1 = count.0.max(count.1);
            }
            clock.sleep(Duration::from_secs(1)).await;
            count.lock().unwrap().0 -= 1;
            Ok::<_, BoxError>(json(200, &map()))
        }
    });
    let client = ClientBuilder::stack("default")
        .with_env(env.clone())
        .with_max_in_flight(NonZeroUsize::new(3))
        .transport(service)
        .build();
    let api = maps(client.clone());
    join_all((0..10).map(|_| api.get("web"))).await;
    assert_eq!((under_way.lock().unwrap().1, env.monotonic().as_secs()), (3, 4));

    // Whoever does not get its turn in time was not sent.
    let patient = maps(client.clone());
    let hasty = maps(client.with_deadline(Duration::from_millis(500)));
    let busy = join_all((0..3).map(|_| patient.get("web")));
    let late = async { hasty.create(&PostParams::default(), &ConfigMap::default()).await };
    let (_, late) = futures::join!(busy, late);
    let error = late.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
}

/// Regression 30: one dead aggregated API made discovery hang for minutes.
#[tokio::test(start_paused = true)]
async fn a_dead_aggregated_api_delays_discovery_by_seconds() {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let service = tower::service_fn(|request: Request<Body>| async move {
        let group = json!({"name": "metrics.k8s.io", "versions": [{"groupVersion": "metrics.k8s.io/v1", "version": "v1"}]});
        Ok::<_, BoxError>(match request.uri().path() {
            "/api" => json(200, &json!({"kind": "APIVersions", "versions": []})),
            "/apis" => json(200, &json!({"kind": "APIGroupList", "groups": [group]})),
            _ => {
                let body = b"the server is currently unable to handle the request".to_vec();
                Response::builder().status(503).body(Body::from(body)).unwrap()
            }
        })
    });
    let client = ClientBuilder::stack("default")
        .with_env(env.clone())
        .transport(service)
        .build();
    let discovery = Discovery::new(client).run().await.unwrap();
    assert_eq!(discovery.unavailable().len(), 1);
    assert!(env.monotonic() < Duration::from_secs(5), "{:?}", env.monotonic());
}

#[tokio::test]
async fn a_user_agent_is_sent_unless_the_request_brings_one() {
    let service = tower::service_fn(|request: Request<Body>| async move {
        let agent = request.headers()["user-agent"].as_bytes().to_vec();
        Ok::<_, BoxError>(Response::new(Body::from(agent)))
    });
    let ask = async |client: &Client, agent: Option<&str>| {
        let mut request = Request::get("/");
        if let Some(agent) = agent {
            request = request.header("user-agent", agent);
        }
        client.request_text(request.body(vec![]).unwrap()).await.unwrap()
    };
    let plain = Client::new(service, "default");
    assert!(ask(&plain, None).await.starts_with("seatrial/"));
    assert_eq!(ask(&plain, Some("mine")).await, "mine");
    let named = ClientBuilder::new(service, "default").with_user_agent("operator/1".parse().unwrap());
    assert_eq!(ask(&named.build(), None).await, "operator/1");
}

/// Regression of a client that read the first member of a compressed answer only.
#[cfg(feature = "gzip")]
#[tokio::test(start_paused = true)]
async fn a_compressed_answer_of_several_members_is_read_whole() {
    use std::io::Write as _;

    let whole = json!({"kind": "ConfigMapList", "metadata": {}, "items": [map(), map(), map()]}).to_string();
    let mut members = Vec::new();
    for part in whole.as_bytes().chunks(whole.len() / 3) {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        member.write_all(part).unwrap();
        members.extend(member.finish().unwrap());
    }
    for chunk_len in [1, 7, members.len()] {
        let mut response = chunked(members.chunks(chunk_len), false);
        response
            .headers_mut()
            .insert("content-encoding", "gzip".parse().unwrap());
        let (client, _) = stack([Answer::Response(response)]);
        let list = maps(client.with_retry(None))
            .list(&ListParams::default())
            .await
            .unwrap();
        assert_eq!(list.items.len(), 3, "chunks of {chunk_len}");
    }

    // Cut short, it is an error as any other.
    let mut response = chunked([&members[..members.len() - 9]], false);
    response
        .headers_mut()
        .insert("content-encoding", "gzip".parse().unwrap());
    let (client, _) = stack([Answer::Response(response)]);
    maps(client.with_retry(None))
        .list(&ListParams::default())
        .await
        .unwrap_err();
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_answers_are_asked_for_unless_they_are_not_wanted() {
    let service = tower::service_fn(|request: Request<Body>| async move {
        let accepted = request
            .headers()
            .get("accept-encoding")
            .map(|value| value.as_bytes().to_vec());
        Ok::<_, BoxError>(Response::new(Body::from(accepted.unwrap_or_default())))
    });
    let get = || Request::get("/").body(vec![]).unwrap();
    let stack = || ClientBuilder::stack("default");
    let asking = stack().transport(service).build();
    assert_eq!(asking.request_text(get()).await.unwrap(), "gzip");
    let plain = stack().without_compression().transport(service).build();
    assert_eq!(plain.request_text(get()).await.unwrap(), "");
}

/// What is told to `tracing` while `run` runs.
async fn told(level: tracing::Level, run: impl Future<Output = ()>) -> String {
    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Text {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let text = Text::default();
    let writer = text.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .without_time()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With one subscriber alone, whether an event is of interest would be asked of the thread that meets it first, which
    // may be another test's.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let guard = tracing::subscriber::set_default(subscriber);
    run.await;
    drop(guard);
    let bytes = text.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_is_told_and_payloads_are_not() {
    let run = async {
        let busy = text(429, &[("retry-after", "1")], "hunter2 in the refusal");
        let secret = json!({"metadata": {"name": "a"}, "data": {"password": "hunter2"}});
        let (client, _) = stack([busy, Json(201, secret.clone())]);
        let request = Request::post("/api/v1/namespaces/a/secrets?fieldManager=hunter2")
            .header("authorization", "Bearer hunter2");
        let request = request.body(secret.to_string().into_bytes()).unwrap();
        client.request::<Value>(request).await.unwrap();
    };
    let text = told(tracing::Level::TRACE, run).await;
    assert_snapshot!(text.trim(), @r#"INFO request{verb=create path="/api/v1/namespaces/a/secrets"}: seatrial_client::client::call: the request will be sent again verb=create path="/api/v1/namespaces/a/secrets" retries=1 wait=1.084133761s outcome=NotApplied { retry_after: Some(1s) }"#);
    assert!(!text.contains("hunter2"));
}
