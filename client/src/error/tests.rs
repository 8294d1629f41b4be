use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use super::*;
use crate::core::{
    Verb,
    response::{StatusCause, StatusDetails},
};

#[test]
fn an_error_is_small() {
    assert!(size_of::<Error>() <= 64, "{} bytes", size_of::<Error>());
}

#[test]
fn an_error_can_go_anywhere() {
    fn anywhere<T: Send + Sync + 'static>() {}
    anywhere::<Error>();
    anywhere::<RequestError>();
}

fn status(code: u16, reason: &str, message: &str) -> Status {
    Status::failure(message, reason).with_code(code)
}

fn with_cause(status: Status, reason: &str, retry_after_seconds: u32) -> Status {
    let cause = StatusCause {
        reason: reason.to_owned(),
        ..StatusCause::default()
    };
    status.with_details(StatusDetails {
        causes: vec![cause],
        retry_after_seconds,
        ..StatusDetails::default()
    })
}

const NOW: Outcome = Outcome::NotApplied { retry_after: None };

fn after(seconds: u64) -> Outcome {
    Outcome::NotApplied {
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

#[track_caller]
fn check(status: Status, expect: Outcome) {
    assert_eq!(Error::Api(Box::new(status)).outcome(), expect);
}

#[test]
fn a_refusal_at_the_door_is_not_applied() {
    check(
        with_cause(status(429, "TooManyRequests", "slow down"), "", 1),
        after(1),
    );
    check(
        with_cause(
            status(429, "TooManyRequests", "slow down"),
            UNEXPECTED_SERVER_RESPONSE,
            2,
        ),
        after(2),
    );
    check(status(429, "TooManyRequests", "slow down"), NOW);
    check(
        with_cause(
            status(503, "ServiceUnavailable", "apiserver is shutting down"),
            "",
            1,
        ),
        after(1),
    );
    check(
        with_cause(
            status(504, "Timeout", "Too large resource version"),
            "ResourceVersionTooLarge",
            1,
        ),
        after(1),
    );
}

#[test]
fn a_webhook_that_could_not_be_asked_comes_before_storage() {
    let message = "Internal error occurred: failed calling webhook \"a.b.c\": connection refused";
    for code in [400, 403, 500] {
        check(status(code, "InternalError", message), NOW);
    }
}

#[test]
fn a_lost_answer_is_unknown() {
    check(
        status(
            504,
            "Timeout",
            "request did not complete within the allotted timeout",
        ),
        Outcome::Unknown,
    );
    check(
        with_cause(status(500, "ServerTimeout", "storage unreachable"), "", 2),
        Outcome::Unknown,
    );
    check(status(500, "", "etcdserver: leader changed"), Outcome::Unknown);
    check(
        status(503, "ServiceUnavailable", "error trying to reach service"),
        Outcome::Unknown,
    );
    for code in [502, 503, 504] {
        check(
            with_cause(status(code, "", "<html>"), UNEXPECTED_SERVER_RESPONSE, 9),
            Outcome::Unknown,
        );
    }
}

#[test]
fn an_object_that_is_not_as_assumed_is_a_conflict() {
    check(status(409, "Conflict", ""), Outcome::Conflict);
    check(status(409, "AlreadyExists", ""), Outcome::Conflict);
}

#[test]
fn a_decision_of_the_server_is_terminal() {
    for code in [400, 401, 403, 404, 405, 406, 410, 413, 415, 422] {
        check(status(code, "", ""), Outcome::Terminal);
    }
    check(
        status(500, "", "etcdserver: request is too large"),
        Outcome::Terminal,
    );
    check(
        with_cause(status(429, "TooManyRequests", ""), "DisruptionBudget", 10),
        Outcome::Terminal,
    );
}

fn unanswered(verb: Verb, source: impl Into<BoxError>) -> Error {
    let mut request =
        http::Request::get("https://user:hunter2@example.com:6443/api/v1/pods/x/exec?command=hunter2")
            .body(())
            .unwrap();
    request.extensions_mut().insert(verb);
    Target::of(&request).explain(false, Error::from_service(source.into()))
}

#[test]
fn a_request_that_was_not_answered_is_known_by_its_verb_and_its_cause() {
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    assert_eq!(unanswered(Verb::Create, reset()).outcome(), Outcome::Unknown);
    assert_eq!(unanswered(Verb::List, reset()).outcome(), NOW);
    assert_eq!(unanswered(Verb::Create, refused).outcome(), NOW);
    assert_eq!(unanswered(Verb::Create, NotSent::new(reset())).outcome(), NOW);
    assert_eq!(Error::Service("lost".into()).outcome(), Outcome::Unknown);
}

/// A connection that takes what is written, and then ends with this error.
struct Ending(io::ErrorKind);

impl hyper::rt::Read for Ending {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(self.0.into()))
    }
}

impl hyper::rt::Write for Ending {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn an_unreachable_host_proves_nothing_once_there_was_a_connection() {
    let broken = |kind| {
        futures::executor::block_on(async {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(Ending(kind)).await.unwrap();
            let request = http::Request::post("/api/v1/pods").body(String::new()).unwrap();
            let (answer, connection) = futures::join!(sender.send_request(request), connection);
            // Whichever of the two has the cause.
            answer
                .err()
                .into_iter()
                .chain(connection.err())
                .collect::<Vec<_>>()
        })
    };
    for kind in [io::ErrorKind::HostUnreachable, io::ErrorKind::ConnectionRefused] {
        assert_eq!(unanswered(Verb::Create, io::Error::from(kind)).outcome(), NOW);
        let errors = broken(kind);
        assert!(!errors.is_empty());
        for error in errors {
            assert_eq!(unanswered(Verb::Create, error).outcome(), Outcome::Unknown);
        }
        // Nor once there was an answer.
        let request = http::Request::post("/api/v1/pods").body(()).unwrap();
        let lost = Error::Service(io::Error::from(kind).into());
        assert_eq!(
            Target::of(&request).explain(true, lost).outcome(),
            Outcome::Unknown
        );
    }
}

#[test]
fn a_connection_that_was_switched_may_have_begun_its_work() {
    use UpgradeConnectionError as Upgrade;

    let refused = Upgrade::ProtocolSwitch(http::StatusCode::OK);
    assert_eq!(Error::UpgradeConnection(refused).outcome(), Outcome::Terminal);
    for error in [
        Upgrade::MissingUpgradeWebSocketHeader,
        Upgrade::MissingConnectionUpgradeHeader,
        Upgrade::SecWebSocketAcceptKeyMismatch,
        Upgrade::SecWebSocketProtocolMismatch,
        Upgrade::GetPendingUpgrade("lost".into()),
    ] {
        assert_eq!(Error::UpgradeConnection(error).outcome(), Outcome::Unknown);
    }
}

#[test]
fn a_request_that_was_not_answered_tells_no_secrets() {
    let error = unanswered(Verb::Connect, "lost");
    let Error::Service(inner) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        inner.to_string(),
        "there was no answer to connect /api/v1/pods/x/exec at example.com:6443"
    );
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    let inner = inner.downcast_ref::<RequestError>().unwrap();
    assert_eq!((inner.verb(), inner.host()), (Verb::Connect, Some("example.com")));
}

#[test]
fn an_error_of_ours_keeps_its_variant_through_a_service() {
    let error = Error::from_service(Box::new(Error::Api(status(404, "NotFound", "").boxed())));
    assert!(error.is_not_found());
}

#[test]
fn a_timeout_is_one_wherever_it_was_set() {
    assert!(Error::Api(status(504, "Timeout", "").boxed()).is_timeout());
    assert!(Error::Api(status(500, "ServerTimeout", "").boxed()).is_timeout());
    assert!(unanswered(Verb::Get, io::Error::from(io::ErrorKind::TimedOut)).is_timeout());
    assert!(!unanswered(Verb::Get, "lost").is_timeout());
}

#[test]
fn absent_objects_and_absent_kinds_are_told_apart() {
    let object = Error::Api(status(404, "NotFound", "pods \"x\" not found").boxed());
    let kind = Error::Api(
        with_cause(
            status(404, "NotFound", "404 page not found"),
            UNEXPECTED_SERVER_RESPONSE,
            0,
        )
        .boxed(),
    );
    assert!(object.is_not_found() && !object.is_not_served());
    assert!(kind.is_not_found() && kind.is_not_served());
}
