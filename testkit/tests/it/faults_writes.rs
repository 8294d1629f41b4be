//! Faults of sections B, D and F: for each, the bytes on the wire and what became of the objects.

use std::{collections::BTreeSet, time::Duration};

use http::{HeaderValue, Method, Request};
use seatrial_client::{Env, client::Body};
use seatrial_fake_apiserver::FakeApiServer;
use seatrial_testkit::fault::{
    Class, CoordinationFault, DeleteAnswer, Fault, Faults, FlowFault, Invalidity, Propagation, ReadFault,
    Rule, StorageFailure, TransportFault, WatchFault, WebhookFailure, WriteFault,
};
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _};

use crate::faults::{Got, LIST, send, server};

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

fn request(method: &Method, path: &str, body: &Value) -> Request<Body> {
    let content_type = match *method {
        Method::PATCH => "application/merge-patch+json",
        _ => "application/json",
    };
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string().into_bytes())
    };
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

#[track_caller]
fn write(server: &FakeApiServer, fault: impl Into<Fault>, method: Method, path: &str, body: &Value) -> Got {
    send(server, fault, request(&method, path, body))
}

/// A write that nothing befalls.
#[track_caller]
fn undisturbed(server: &FakeApiServer, method: Method, path: &str, body: &Value) -> Value {
    // It concerns no write.
    let got = write(server, ReadFault::NullItems, method, path, body);
    assert!(got.status < 300, "{}", got.text);
    got.json()
}

fn config(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
}

fn a() -> String {
    format!("{LIST}/a")
}

#[track_caller]
fn post(server: &FakeApiServer, fault: impl Into<Fault>, name: &str) -> Got {
    write(server, fault, Method::POST, LIST, &config(name))
}

#[track_caller]
fn patch(server: &FakeApiServer, fault: impl Into<Fault>, patch: &Value) -> Got {
    write(server, fault, Method::PATCH, &a(), patch)
}

fn held(server: &FakeApiServer, name: &str) -> Option<Value> {
    server.get("configmaps", "default", name)
}

impl Got {
    /// Status, reason and message.
    #[track_caller]
    fn refused(&self, status: u16, reason: &str, message: &str) {
        let body = self.json();
        assert_eq!(
            (self.status, &body["message"], body["code"].as_u64()),
            (status, &json!(message), Some(status.into()))
        );
        assert_eq!(body["reason"].as_str().unwrap_or_default(), reason);
        assert_eq!(body["kind"], "Status");
    }

    fn retry_after(&self) -> Option<&str> {
        self.headers
            .get("retry-after")
            .map(|value| value.to_str().unwrap())
    }
}

// === B ===

#[test]
fn b1_to_b3_the_server_is_busy_or_about_to_end() {
    let server = server(&[]);
    let got = post(&server, FlowFault::TooManyRequests { retry_after: 3 }, "a");
    assert_eq!(
        (got.status, got.text.as_str(), got.retry_after()),
        (429, "Too many requests, please try again later.\n", Some("3"))
    );
    assert_eq!(got.headers["content-type"], "text/plain; charset=utf-8");
    assert!(got.headers.contains_key("x-kubernetes-pf-flowschema-uid"));
    let got = post(&server, FlowFault::ShuttingDown, "a");
    assert_eq!(
        (got.status, got.text.as_str(), got.retry_after()),
        (
            429,
            "The apiserver is shutting down, please try again later.\n",
            Some("5")
        )
    );
    assert_eq!(got.headers["connection"], "close");
    let got = post(&server, FlowFault::Draining, "a");
    got.refused(503, "ServiceUnavailable", "apiserver is shutting down");
    assert_eq!(got.retry_after(), Some("1"));
    assert!(held(&server, "a").is_none());
}

#[test]
fn b4_a_cache_is_being_filled() {
    let server = server(&[]);
    for (for_secs, retry_after) in [(0, "1"), (20, "3"), (50, "20"), (600, "30")] {
        let fault = FlowFault::CacheInitializing { for_secs };
        let got = write(&server, fault, Method::GET, LIST, &Value::Null);
        got.refused(429, "TooManyRequests", "storage is (re)initializing");
        assert_eq!(got.retry_after(), Some(retry_after));
    }
    let fault = FlowFault::CacheInitializing { for_secs: 0 };
    assert_eq!(post(&server, fault, "a").status, 201);
}

#[test]
fn b5_an_eviction_would_take_too_many() {
    let path = "/api/v1/namespaces/default/pods/web-0/eviction";
    for retry_after in [None, Some(10)] {
        let fault = FlowFault::BudgetExhausted { retry_after };
        let got = write(&server(&[]), fault, Method::POST, path, &json!({}));
        got.refused(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
        );
        assert_eq!(got.json()["details"]["causes"][0]["reason"], "DisruptionBudget");
        assert_eq!(got.retry_after(), retry_after.map(|_| "10"));
    }
}

#[test]
fn b6_b7_nobody_or_somebody_without_rights_asks() {
    let server = server(&["a"]);
    patch(&server, FlowFault::Unauthorized, &json!({})).refused(401, "Unauthorized", "Unauthorized");
    let got = patch(&server, FlowFault::Forbidden, &json!({}));
    got.refused(
        403,
        "Forbidden",
        "configmaps \"a\" is forbidden: User \"somebody\" cannot patch resource \"configmaps\" in API group \"\" in the \
         namespace \"default\"",
    );
    let pods = "/apis/apps/v1/deployments?watch=true";
    write(&server, FlowFault::Forbidden, Method::GET, pods, &Value::Null).refused(
        403,
        "Forbidden",
        "deployments.apps is forbidden: User \"somebody\" cannot watch resource \"deployments\" in API group \"apps\" at the \
         cluster scope",
    );
}

#[test]
fn b8_a_namespace_takes_nothing_new() {
    let server = server(&[]);
    let got = post(&server, FlowFault::NamespaceTerminating, "a");
    got.refused(
        403,
        "Forbidden",
        "configmaps \"a\" is forbidden: unable to create new content in namespace default because it is being terminated",
    );
    assert_eq!(
        got.json()["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
    let got = post(&server, FlowFault::QuotaExceeded, "a");
    assert!(got.json()["message"].as_str().unwrap().contains("exceeded quota"));
}

#[test]
fn b9_a_webhook_fails_or_refuses() {
    let server = server(&[]);
    for (failure, status, part) in [
        (
            WebhookFailure::TimedOut,
            500,
            "failed calling webhook \"check.example.com\": failed to call webhook: Post",
        ),
        (WebhookFailure::Unreachable, 500, "connect: connection refused"),
        (
            WebhookFailure::Denied,
            403,
            "admission webhook \"check.example.com\" denied the request: not today",
        ),
        (WebhookFailure::DeniedAsMalformed, 400, "denied the request"),
        (
            WebhookFailure::Conversion,
            500,
            "conversion webhook for v1, Kind=ConfigMap failed: Post",
        ),
    ] {
        let got = post(&server, FlowFault::Webhook(failure), "a");
        assert_eq!(got.status, status, "{failure:?}");
        assert!(
            got.json()["message"].as_str().unwrap().contains(part),
            "{}",
            got.text
        );
    }
    assert!(held(&server, "a").is_none());
}

#[test]
fn b10_b11_a_request_is_not_taken_or_taken_with_a_warning() {
    let server = server(&[]);
    for (fault, status, reason) in [
        (FlowFault::BodyTooLarge, 413, "RequestEntityTooLarge"),
        (FlowFault::ObjectTooLarge, 500, ""),
        (FlowFault::UnsupportedMediaType, 415, "UnsupportedMediaType"),
        (FlowFault::NotAcceptable, 406, "NotAcceptable"),
    ] {
        let got = post(&server, fault, "a");
        assert_eq!(
            (got.status, got.json()["reason"].as_str().unwrap_or_default()),
            (status, reason)
        );
    }
    let got = post(
        &server,
        FlowFault::Warning {
            text: "v1 is old".into(),
        },
        "a",
    );
    assert_eq!(
        (got.status, &got.headers["warning"]),
        (201, &HeaderValue::from_static("299 - \"v1 is old\""))
    );
}

// === D ===

#[test]
fn d1_the_object_is_newer() {
    let server = server(&["a"]);
    let before = held(&server, "a").unwrap();
    patch(&server, WriteFault::Conflict, &json!({})).refused(
        409,
        "Conflict",
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the \
         latest version and try again",
    );
    assert_eq!(held(&server, "a").unwrap(), before);
    // The version that the update names is overtaken for good.
    let got = write(&server, WriteFault::Interleaved, Method::PUT, &a(), &before);
    assert_eq!(got.status, 409);
    assert!(held(&server, "a").unwrap()["metadata"]["annotations"].is_object());
}

#[test]
fn d2_another_object_has_the_name() {
    let server = server(&["a"]);
    let uid = held(&server, "a").unwrap()["metadata"]["uid"].clone();
    let options = json!({"preconditions": {"uid": uid}});
    let got = write(&server, WriteFault::Recreated, Method::DELETE, &a(), &options);
    assert_eq!((got.status, &got.json()["reason"]), (409, &json!("Conflict")));
    assert!(
        got.json()["message"]
            .as_str()
            .unwrap()
            .contains("might have been deleted and then recreated")
    );
    assert_ne!(held(&server, "a").unwrap()["metadata"]["uid"], uid);
}

#[test]
fn d3_the_name_is_taken_by_ourselves_or_by_somebody_else() {
    let labelled = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"ours": "yes"}}, "data": {"k": "v"},
    });
    for (fault, ours) in [(WriteFault::SentTwice, true), (WriteFault::Preempted, false)] {
        let server = server(&[]);
        let got = write(&server, fault, Method::POST, LIST, &labelled);
        got.refused(409, "AlreadyExists", "configmaps \"a\" already exists");
        let held = held(&server, "a").unwrap();
        assert_eq!(held["metadata"]["labels"]["ours"] == "yes", ours);
    }
    // Twice by a name that the server draws makes two.
    let server = server(&[]);
    let drawn = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "a-"}});
    assert_eq!(
        write(&server, WriteFault::SentTwice, Method::POST, LIST, &drawn).status,
        201
    );
    assert_eq!(
        server
            .list("configmaps")
            .iter()
            .filter(|o| o["metadata"]["generateName"] == "a-")
            .count(),
        2
    );
}

#[test]
fn d4_all_names_that_are_drawn_are_taken() {
    let server = server(&[]);
    let drawn = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "a-"}});
    write(&server, WriteFault::NameCollision, Method::POST, LIST, &drawn).refused(
        409,
        "AlreadyExists",
        "configmaps \"a-x7k2p\" already exists, the server was not able to generate a unique name for the object",
    );
    assert_eq!(post(&server, WriteFault::NameCollision, "named").status, 201);
}

#[test]
fn d5_to_d7_an_answer_does_not_say_what_became_of_the_request() {
    for applied in [false, true] {
        let server = server(&[]);
        post(&server, WriteFault::TimedOut { applied }, "a").refused(
            504,
            "Timeout",
            "Timeout: request did not complete within the allotted timeout",
        );
        let got = post(&server, WriteFault::StorageUnreachable { applied }, "b");
        got.refused(
            500,
            "ServerTimeout",
            "The POST operation against configmaps could not be completed at this time, please try again.",
        );
        assert_eq!(got.retry_after(), Some("2"));
        for (name, why, message) in [
            ("c", StorageFailure::LeaderChanged, "etcdserver: leader changed"),
            ("d", StorageFailure::NoLeader, "etcdserver: no leader"),
            (
                "e",
                StorageFailure::RequestTimedOut,
                "etcdserver: request timed out",
            ),
        ] {
            post(&server, WriteFault::StorageFailed { why, applied }, name).refused(500, "", message);
        }
        for name in ["a", "b", "c", "d", "e"] {
            assert_eq!(held(&server, name).is_some(), applied, "{name}");
        }
    }
}

#[test]
fn d8_the_object_is_gone() {
    let server = server(&["a"]);
    patch(&server, WriteFault::Gone, &json!({})).refused(404, "NotFound", "configmaps \"a\" not found");
}

#[test]
fn d9_the_object_is_invalid() {
    let server = server(&["a"]);
    for (why, field, message) in [
        (
            Invalidity::VersionMissing,
            "metadata.resourceVersion",
            "must be specified for an update",
        ),
        (
            Invalidity::Immutable,
            "spec",
            "updates to this field are not allowed",
        ),
        (Invalidity::Rule, "spec", "failed rule: self.min <= self.max"),
    ] {
        let got = write(&server, WriteFault::Invalid(why), Method::PUT, &a(), &config("a"));
        let body = got.json();
        assert_eq!((got.status, &body["reason"]), (422, &json!("Invalid")));
        assert_eq!(body["details"]["causes"][0]["field"], field);
        let text = body["message"].as_str().unwrap();
        assert!(
            text.starts_with("ConfigMap \"a\" is invalid: ") && text.ends_with(message),
            "{text}"
        );
    }
}

#[test]
fn d10_d11_what_is_stored_is_not_what_was_sent() {
    let server = server(&[]);
    let got = post(&server, WriteFault::Mutated, "a").json();
    assert_eq!(
        got["metadata"]["annotations"]["injected.example.com/by"],
        "webhook"
    );
    let sent = json!({"data": {"kept": "1", "dropped": "2"}});
    let got = patch(
        &server,
        WriteFault::Pruned {
            field: "data.dropped",
        },
        &sent,
    )
    .json();
    assert_eq!(got["data"], json!({"kept": "1"}));
    let before = server.revision();
    let got = patch(&server, WriteFault::Unchanged, &json!({"data": {"kept": "3"}}));
    assert_eq!(
        (got.status, &got.json()["data"]["kept"], server.revision()),
        (200, &json!("1"), before)
    );
    assert_eq!(got.json()["metadata"]["resourceVersion"], before.to_string());
}

#[test]
fn d12_a_deletion_is_answered_in_each_of_its_ways() {
    for how in [DeleteAnswer::Status, DeleteAnswer::Object, DeleteAnswer::Accepted] {
        let server = server(&["a"]);
        let uid = held(&server, "a").unwrap()["metadata"]["uid"].clone();
        let got = write(
            &server,
            WriteFault::DeleteAnswer(how),
            Method::DELETE,
            &a(),
            &Value::Null,
        );
        let body = got.json();
        match how {
            DeleteAnswer::Status => {
                assert_eq!(
                    (got.status, &body["status"], &body["details"]["uid"]),
                    (200, &json!("Success"), &uid)
                );
            }
            DeleteAnswer::Object => {
                assert_eq!((got.status, &body["metadata"]["uid"]), (200, &uid));
                assert!(body["metadata"]["deletionTimestamp"].is_string());
            }
            _ => assert_eq!(got.status, 202),
        }
        assert!(held(&server, "a").is_none());
    }
}

#[test]
fn d13_dependents_stay_although_they_should_go() {
    let server = server(&["a"]);
    let fault = WriteFault::Propagation(Propagation::Orphan);
    let options = json!({"propagationPolicy": "Foreground"});
    assert_eq!(write(&server, fault, Method::DELETE, &a(), &options).status, 200);
    // The garbage collector, which this server goes without, takes the owner off its dependents first.
    let held = held(&server, "a").unwrap();
    assert_eq!(held["metadata"]["finalizers"], json!(["orphan"]));
}

#[test]
fn d14_d15_a_field_is_somebody_elses_or_unknown() {
    let server = server(&["a"]);
    let apply = |query: &str| {
        let object =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}});
        Request::patch(format!("{}?fieldManager=us{query}", a()))
            .header("content-type", "application/apply-patch+yaml")
            .body(Body::from(object.to_string().into_bytes()))
            .unwrap()
    };
    let got = send(&server, WriteFault::FieldsOwned, apply(""));
    got.refused(
        409,
        "Conflict",
        "Apply failed with 1 conflict: conflict with \"somebody-else\" using v1: .data.k",
    );
    assert_eq!(
        got.json()["details"]["causes"],
        json!([{"reason": "FieldManagerConflict", "message": "conflict with \"somebody-else\" using v1", "field": ".data.k"}])
    );
    assert_eq!(
        send(&server, WriteFault::FieldsOwned, apply("&force=true")).status,
        200
    );
    post(&server, WriteFault::StrictlyRefused, "b").refused(
        400,
        "BadRequest",
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"spec.unknown\"",
    );
}

#[test]
fn d16_a_collection_is_deleted_in_part() {
    let server = server(&["a", "b", "c"]);
    let path = format!("{LIST}?labelSelector=x!%3Dy");
    let fault = WriteFault::PartialCollection { deleted: 2 };
    write(&server, fault, Method::DELETE, &path, &Value::Null).refused(
        500,
        "",
        "etcdserver: request timed out",
    );
    let left = ["a", "b", "c"]
        .into_iter()
        .filter(|name| held(&server, name).is_some());
    assert_eq!(left.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn c5_d17_an_answer_or_a_request_is_overtaken() {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let server = server(&["a"]);
    let faults = Faults::timed_by(env.clone());
    let by = Duration::from_secs(2);
    let first = || json!({"data": {"k": "first"}});
    let second = json!({"data": {"k": "second"}});
    for (fault, last) in [
        (WriteFault::AnswerLate { by }, "second"),
        (WriteFault::Overtaken { by }, "first"),
    ] {
        faults.clear();
        faults.inject(Rule::new(fault).times(1));
        let began = env.monotonic();
        let ask = |body: &Value| {
            faults
                .layer()
                .layer(server.clone())
                .oneshot(request(&Method::PATCH, &a(), body))
        };
        let slow = ask(&first());
        let quick = async {
            // On its way after the first.
            env.sleep(Duration::from_millis(1)).await;
            ask(&second).await
        };
        let (slow, quick) = futures::join!(slow, quick);
        assert!(slow.unwrap().status().is_success() && quick.unwrap().status().is_success());
        assert_eq!(env.monotonic() - began, by);
        assert_eq!(held(&server, "a").unwrap()["data"]["k"], last);
    }
}

// === F ===

#[test]
fn f1_f2_a_lease_is_lost_while_it_is_renewed() {
    let server = server(&[]);
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "operator"},
        "spec": {"holderIdentity": "a", "leaseTransitions": 1},
    });
    let lease = undisturbed(&server, Method::POST, LEASES, &lease);
    let renew =
        |fault: CoordinationFault| write(&server, fault, Method::PUT, &format!("{LEASES}/operator"), &lease);
    renew(CoordinationFault::LeaseConflict).refused(
        409,
        "Conflict",
        "Operation cannot be fulfilled on leases.coordination.k8s.io \"operator\": the object has been modified; please apply \
         your changes to the latest version and try again",
    );
    assert_eq!(
        renew(CoordinationFault::LeaseTimedOut { applied: false }).status,
        504
    );
    assert_eq!(renew(CoordinationFault::LeaseTaken { by: "b" }).status, 409);
    let held = server
        .get("leases.coordination.k8s.io", "default", "operator")
        .unwrap();
    assert_eq!(
        (&held["spec"]["holderIdentity"], &held["spec"]["leaseTransitions"]),
        (&json!("b"), &json!(2))
    );
}

#[test]
fn f3_siblings_are_of_one_second() {
    let server = server(&["a", "b"]);
    let got = write(
        &server,
        CoordinationFault::SameSecond,
        Method::GET,
        LIST,
        &Value::Null,
    )
    .json();
    let times: BTreeSet<_> = got["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["metadata"]["creationTimestamp"].as_str().unwrap())
        .collect();
    assert_eq!(times.len(), 1);
}

#[test]
fn f5_f6_others_change_or_delete_what_is_written_to() {
    let server = server(&[]);
    let mut object = config("a");
    object["metadata"]["labels"] = json!({"l": "1"});
    object["metadata"]["finalizers"] = json!(["example.com/f"]);
    object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}]);
    undisturbed(&server, Method::POST, LIST, &object);
    for (fault, field) in [
        (CoordinationFault::LabelsRemoved, "labels"),
        (CoordinationFault::FinalizersRemoved, "finalizers"),
        (CoordinationFault::OwnersRemoved, "ownerReferences"),
    ] {
        assert!(!held(&server, "a").unwrap()["metadata"][field].is_null());
        let got = patch(&server, fault, &json!({"data": {"k": field}})).json();
        assert!(got["metadata"][field].is_null());
        assert_eq!(got["data"]["k"], field);
    }
    let nonsense = CoordinationFault::Edited(json!({"data": {"replicas": "-1"}}));
    let got = write(&server, nonsense, Method::GET, &a(), &Value::Null).json();
    assert_eq!(got["data"]["replicas"], "-1");
    undisturbed(
        &server,
        Method::POST,
        "/api/v1/namespaces",
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "doomed"}}),
    );
    let path = "/api/v1/namespaces/doomed/configmaps";
    let got = write(
        &server,
        CoordinationFault::NamespaceDeleted,
        Method::POST,
        path,
        &config("a"),
    );
    assert!(matches!(got.status, 403 | 404), "{}", got.text);
}

// === The catalogue ===

#[test]
fn every_row_has_a_fault_or_happens_in_the_cluster() {
    let server = server(&[]);
    let (by, after, applied) = (Duration::from_secs(1), 0, true);
    let faults: Vec<Fault> = vec![
        TransportFault::Refused.into(),
        TransportFault::BrokenRequest.into(),
        TransportFault::LostAnswer.into(),
        TransportFault::Cut { after_bytes: 1 }.into(),
        TransportFault::Silence.into(),
        TransportFault::GoAway.into(),
        TransportFault::Rechunked { size: 1 }.into(),
        TransportFault::Slow { bytes: 1, every: by }.into(),
        TransportFault::Abandoned.into(),
        TransportFault::Gateway { code: 502, applied }.into(),
        FlowFault::TooManyRequests { retry_after: 1 }.into(),
        FlowFault::ShuttingDown.into(),
        FlowFault::Draining.into(),
        FlowFault::CacheInitializing { for_secs: 0 }.into(),
        FlowFault::BudgetExhausted { retry_after: None }.into(),
        FlowFault::Unauthorized.into(),
        FlowFault::Forbidden.into(),
        FlowFault::QuotaExceeded.into(),
        FlowFault::Webhook(WebhookFailure::Denied).into(),
        FlowFault::BodyTooLarge.into(),
        FlowFault::Warning { text: String::new() }.into(),
        ReadFault::Stale(server.clone()).into(),
        ReadFault::TooLargeVersion.into(),
        ReadFault::Replica(server.clone()).into(),
        WriteFault::AnswerLate { by }.into(),
        WatchFault::Late { by }.into(),
        ReadFault::NotYetThere.into(),
        ReadFault::ContinueExpired { with_token: true }.into(),
        ReadFault::EmptyPage.into(),
        ReadFault::NullItems.into(),
        ReadFault::LeaderChanged.into(),
        ReadFault::NotServed.into(),
        ReadFault::Table.into(),
        WriteFault::Conflict.into(),
        WriteFault::Recreated.into(),
        WriteFault::SentTwice.into(),
        WriteFault::NameCollision.into(),
        WriteFault::TimedOut { applied }.into(),
        WriteFault::StorageUnreachable { applied }.into(),
        WriteFault::StorageFailed {
            why: StorageFailure::NoLeader,
            applied,
        }
        .into(),
        WriteFault::Gone.into(),
        WriteFault::Invalid(Invalidity::Rule).into(),
        WriteFault::Mutated.into(),
        WriteFault::Unchanged.into(),
        WriteFault::DeleteAnswer(DeleteAnswer::Status).into(),
        WriteFault::Propagation(Propagation::Orphan).into(),
        WriteFault::FieldsOwned.into(),
        WriteFault::StrictlyRefused.into(),
        WriteFault::PartialCollection { deleted: 1 }.into(),
        WriteFault::Overtaken { by }.into(),
        WatchFault::TimesOut { secs: 1 }.into(),
        WatchFault::End { after }.into(),
        WatchFault::Empty.into(),
        WatchFault::Expired { after }.into(),
        WatchFault::ExpiredAtConnect.into(),
        WatchFault::TooLargeVersion { after }.into(),
        WatchFault::InternalError { after }.into(),
        WatchFault::BareError { after }.into(),
        WatchFault::RefusedAtConnect { code: 403 }.into(),
        WatchFault::NoBookmarks.into(),
        WatchFault::Bookmark { after, version: 1 }.into(),
        WatchFault::InitialCut { after }.into(),
        WatchFault::StreamingListIgnored.into(),
        WatchFault::Reversed.into(),
        WatchFault::ResumedEarlier { by: 1 }.into(),
        WatchFault::Retyped.into(),
        WatchFault::Stall { after }.into(),
        WatchFault::Replica(server).into(),
        WatchFault::Bursts { every: by }.into(),
        WatchFault::ForeignKind { after }.into(),
        WatchFault::OpaqueVersions.into(),
        WatchFault::Lost { every: 2 }.into(),
        CoordinationFault::LeaseConflict.into(),
        CoordinationFault::LeaseTaken { by: "b" }.into(),
        CoordinationFault::SameSecond.into(),
        CoordinationFault::LabelsRemoved.into(),
        CoordinationFault::NamespaceDeleted.into(),
    ];
    let mut rows: BTreeSet<String> = faults.iter().map(|fault| fault.row().to_owned()).collect();
    // A cache is behind as a replica is; the others are what the documentation of the module says.
    for elsewhere in ["C4", "E12", "E18", "E19", "E20", "E25", "F4"] {
        assert!(rows.insert(elsewhere.to_owned()), "{elsewhere} is there");
    }
    let all = [("A", 10), ("B", 11), ("C", 13), ("D", 17), ("E", 27), ("F", 6)];
    let expected: BTreeSet<String> = all
        .into_iter()
        .flat_map(|(section, rows)| (1..=rows).map(move |row| format!("{section}{row}")))
        .collect();
    assert_eq!(rows, expected);
    let historical = faults
        .iter()
        .filter(|fault| fault.class() == Class::HistoricalServerBug);
    assert!(historical.map(Fault::row).eq(["C3", "E27"]));
}
