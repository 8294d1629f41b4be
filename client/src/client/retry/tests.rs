use std::io;

use http::Request;

use super::*;
use crate::{
    core::{Status, response::StatusDetails},
    error::{NotSent, Target},
};

fn status(code: u16, reason: &str, message: &str, retry_after_seconds: u32) -> Error {
    let details = StatusDetails {
        retry_after_seconds,
        ..StatusDetails::default()
    };
    Error::Api(
        Status::failure(message, reason)
            .with_code(code)
            .with_details(details)
            .boxed(),
    )
}

fn unanswered(verb: Verb, source: impl Into<BoxError>) -> Error {
    let mut request = Request::get("/api/v1/pods/a").body(()).unwrap();
    request.extensions_mut().insert(verb);
    Target::of(&request).explain(false, Error::Service(source.into()))
}

fn reset(verb: Verb) -> Error {
    unanswered(verb, io::Error::from(io::ErrorKind::ConnectionReset))
}

/// The verbs of which a request that failed in this way is sent again; a star marks those that need a guard.
fn retried(error: impl Fn(Verb) -> Error) -> String {
    let verbs = [
        Verb::Get,
        Verb::List,
        Verb::Watch,
        Verb::Create,
        Verb::Update,
        Verb::Patch,
        Verb::Delete,
        Verb::DeleteCollection,
        Verb::Connect,
    ];
    let policy = RetryPolicy::default();
    let is_retried = |verb, is_guarded: bool| {
        let mut attempts = Attempts::start(verb, Duration::ZERO);
        let mut rng = Rng::new(1);
        attempts
            .after(error(verb), &policy, None, Duration::ZERO, &mut rng, || {
                is_guarded
            })
            .is_ok()
    };
    let words = verbs
        .iter()
        .filter_map(|&verb| match (is_retried(verb, false), is_retried(verb, true)) {
            (true, _) => Some(verb.to_string()),
            (false, true) => Some(format!("{verb}*")),
            (false, false) => None,
        });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_not_applied_is_sent_again_whatever_its_verb() {
    const ALL: &str = "get list watch create update patch delete deletecollection connect";
    assert_eq!(retried(|_| status(429, "TooManyRequests", "slow down", 1)), ALL);
    assert_eq!(retried(|_| status(503, "", "apiserver is shutting down", 1)), ALL);
    assert_eq!(retried(|verb| unanswered(verb, NotSent::new("full"))), ALL);
    let refused = |verb| unanswered(verb, io::Error::from(io::ErrorKind::ConnectionRefused));
    assert_eq!(retried(refused), ALL);
}

#[test]
fn what_is_unknown_is_sent_again_if_that_cannot_do_harm() {
    const HARMLESS: &str = "get list watch update* patch* delete*";
    assert_eq!(retried(reset), HARMLESS);
    assert_eq!(
        retried(|_| status(504, "Timeout", "did not complete", 0)),
        HARMLESS
    );
    assert_eq!(
        retried(|_| status(503, "", "error trying to reach service", 0)),
        HARMLESS
    );
    assert_eq!(
        retried(|_| status(500, "ServerTimeout", "storage unreachable", 2)),
        HARMLESS
    );
    assert_eq!(
        retried(|_| status(500, "", "etcdserver: leader changed", 0)),
        HARMLESS
    );
}

#[test]
fn what_was_decided_is_not_sent_again() {
    for code in [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 500, 501] {
        assert_eq!(retried(|_| status(code, "", "no", 1)), "", "{code}");
    }
    // A webhook that could not be asked is for the caller to wait for.
    let webhook = "failed calling webhook \"a.b.c\": connection refused";
    assert_eq!(retried(|_| status(500, "InternalError", webhook, 0)), "");
}

#[test]
fn an_answer_that_ended_early_is_asked_for_again() {
    let cut = |text: &str| Error::SerdeError(serde_json::from_str::<Vec<u8>>(text).unwrap_err());
    assert_eq!(retried(|_| cut("[1,")), "get list watch update* patch* delete*");
    assert_eq!(retried(|_| cut("{}")), "");
}

/// The waits of a call that goes on failing, each drawn twice as small and as large as can be.
fn waits(policy: &RetryPolicy, asked: u32, deadline: Option<Duration>) -> String {
    let mut attempts = Attempts::start(Verb::Create, Duration::ZERO);
    let mut rng = Rng::new(3);
    let mut now = Duration::ZERO;
    let mut text = String::new();
    loop {
        let error = status(429, "TooManyRequests", "slow down", asked);
        match attempts.after(error, policy, deadline, now, &mut rng, || false) {
            Ok(wait) => {
                now += wait;
                text += &format!("{} ", wait.as_millis());
            }
            Err(error) => return format!("{text}then {}", error.status().unwrap().code),
        }
    }
}

#[test]
fn waits_double_within_their_bounds() {
    assert_eq!(waits(&RetryPolicy::default(), 0, None), "52 164 373 737 then 429");
    let policy = RetryPolicy::new(Duration::from_millis(10), Duration::from_millis(40), 6, true).unwrap();
    assert_eq!(waits(&policy, 0, None), "5 16 37 36 32 22 then 429");
    for made in 0..100 {
        let wait = policy
            .wait(made, Duration::ZERO, None, &mut Rng::new(made.into()))
            .unwrap();
        assert!(wait >= Duration::from_millis(5) && wait <= Duration::from_millis(40));
    }
}

#[test]
fn a_server_is_waited_for_as_long_as_it_asks_but_not_for_ever() {
    assert_eq!(
        waits(&RetryPolicy::default(), 7, None),
        "7005 7064 7086 7084 then 429"
    );
    assert_eq!(waits(&RetryPolicy::default(), 3_600, None), "then 429");
    assert_eq!(
        waits(&RetryPolicy::default(), 7, Some(Duration::from_secs(7))),
        "then 429"
    );
    let deaf = RetryPolicy::new(Duration::from_millis(100), Duration::from_secs(5), 4, false).unwrap();
    assert_eq!(waits(&deaf, 3_600, None), waits(&deaf, 0, None));
}

#[test]
fn a_policy_has_bounds() {
    let ms = Duration::from_millis;
    assert!(RetryPolicy::new(ms(2), ms(1), 1, true).is_err());
    assert!(RetryPolicy::new(ms(0), ms(0), 1, true).is_err());
    assert_eq!(waits(&RetryPolicy::default().max_retries(0), 0, None), "then 429");
    assert_eq!(waits(&RetryPolicy::default().total(ms(10)), 0, None), "then 429");
}

#[test]
fn after_a_write_of_unknown_outcome_no_refusal_tells_what_became_of_it() {
    let policy = RetryPolicy::default();
    for code in [404, 409, 422, 429] {
        let mut attempts = Attempts::start(Verb::Delete, Duration::ZERO);
        let mut rng = Rng::new(1);
        let mut after = |error, retries| {
            let policy = policy.clone().max_retries(retries);
            attempts.after(error, &policy, None, Duration::ZERO, &mut rng, || true)
        };
        after(reset(Verb::Delete), 1).unwrap();
        let error = after(status(code, "", "no", 0), 1).unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(!error.is_not_found() && !error.is_conflict(), "{error:?}");
        let Error::OutcomeUnknown(unknown) = error else {
            panic!("{error:?}")
        };
        assert_eq!(unknown.status().unwrap().code, code);
        assert!(matches!(unknown.first(), Error::Service(_)));
    }
}

// === The policy in a tower stack ===

/// Whether tower is told to send a request again.
fn tower(verb: Verb, uri: &str, code: u16, headers: &[(&str, &str)]) -> bool {
    let mut request = Request::post(uri).body(Body::empty()).unwrap();
    request.extensions_mut().insert(verb);
    let mut response = Response::builder().status(code);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let mut policy = RetryPolicy::default().with_env(Env::seeded(1, jiff::Timestamp::UNIX_EPOCH));
    assert!(Policy::<_, Response<()>, _>::clone_request(&mut policy, &request).is_some());
    policy
        .retry(&mut request, &mut Ok(response.body(()).unwrap()))
        .is_some()
}

#[tokio::test]
async fn a_tower_stack_repeats_what_codes_and_headers_prove_harmless() {
    let pods = "/api/v1/namespaces/a/pods";
    let (after, json) = (("retry-after", "1"), ("content-type", "application/json"));
    assert!(tower(Verb::Create, pods, 429, &[]));
    assert!(tower(Verb::Create, pods, 503, &[after, json]));
    // A server that asks for an hour does not get it.
    assert!(!tower(Verb::Create, pods, 429, &[("retry-after", "3600")]));
    assert!(!tower(Verb::Create, pods, 503, &[after]));
    assert!(!tower(Verb::Create, pods, 503, &[json]));
    assert!(!tower(Verb::Create, pods, 504, &[]));
    assert!(!tower(
        Verb::Create,
        "/api/v1/namespaces/a/pods/x/eviction",
        429,
        &[]
    ));
    assert!(tower(Verb::List, pods, 504, &[]) && tower(Verb::Get, pods, 503, &[]));
    assert!(!tower(Verb::Get, pods, 500, &[]) && !tower(Verb::Get, pods, 404, &[]));
}

#[tokio::test]
async fn a_tower_stack_does_not_repeat_writes_whose_answer_was_lost() {
    let mut policy = RetryPolicy::default().max_retries(1);
    let lost =
        || -> Result<Response<()>, BoxError> { Err(io::Error::from(io::ErrorKind::ConnectionReset).into()) };
    let refused = || -> Result<Response<()>, BoxError> { Err(NotSent::new("refused").into()) };
    let mut create = Request::post("/api/v1/pods").body(Body::empty()).unwrap();
    assert!(policy.clone().retry(&mut create, &mut lost()).is_none());
    assert!(policy.clone().retry(&mut create, &mut refused()).is_some());
    let body = br#"{"metadata": {"resourceVersion": "7"}}"#.to_vec();
    let mut update = Request::put("/api/v1/pods/a").body(Body::from(body)).unwrap();
    // Nobody could tell the caller of a conflict that it may be with the caller's own first write.
    assert!(policy.clone().retry(&mut update, &mut lost()).is_none());
    assert!(policy.retry(&mut update, &mut refused()).is_some());
    // One retry, and no more.
    assert!(policy.retry(&mut update, &mut refused()).is_none());
}
