//! What can go wrong while watching, and what it means.

use std::time::Duration;

use seatrial_client::{Error as ClientError, core::Status};

use super::effect::{Class, Failure};

/// The result of a watcher's step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An attempt of a watcher failed.
///
/// A watcher never ends by itself: it tries again after a while, from where it was if it can. It tells what somebody has to look into (access
/// denied, a kind that is not served, objects that cannot be decoded) at once, what may pass (no connection, an overloaded server) from
/// the third time in a row, and what is part of normal life (a watch that ends, a resource version that is too old) never.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The objects could not be listed.
    #[error("the list failed")]
    InitialListFailed(#[source] ClientError),
    /// The watch could not be opened.
    #[error("the watch could not be opened")]
    WatchStartFailed(#[source] ClientError),
    /// The server reported an error in the open watch.
    #[error("the server ended the watch: {}", .0.message)]
    WatchError(Box<Status>),
    /// The open watch broke or sent something that cannot be read.
    #[error("the watch failed")]
    WatchFailed(#[source] ClientError),
    /// The list carries no resource version, so that there is no place to watch from.
    #[error("the list carries no resource version")]
    NoResourceVersion,
    /// The server did not answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Unanswered(Duration),
}

/// What a failed request means for the next attempt.
pub(super) fn of_request(error: ClientError, wrap: impl FnOnce(ClientError) -> Error) -> Failure<Error> {
    let class = match &error {
        ClientError::Api(status) => class_of(status),
        ClientError::Service(_) | ClientError::ReadEvents(_) => Class::Passing,
        _ => Class::Standing,
    };
    Failure {
        class,
        retry_after: error.retry_after(),
        error: wrap(error),
    }
}

/// What an error event means for the next attempt.
pub(super) fn of_event(status: Box<Status>) -> Failure<Error> {
    let error = ClientError::Api(status);
    let retry_after = error.retry_after();
    let ClientError::Api(status) = error else {
        unreachable!("made above as the variant that is taken apart here")
    };
    Failure {
        class: class_of(&status),
        retry_after,
        error: Error::WatchError(status),
    }
}

/// Nobody answered for `patience`.
pub(super) fn unanswered(patience: Duration) -> Failure<Error> {
    Failure {
        class: Class::Passing,
        retry_after: None,
        error: Error::Unanswered(patience),
    }
}

/// The list cannot be watched from.
pub(super) fn no_resource_version() -> Failure<Error> {
    Failure {
        class: Class::Standing,
        retry_after: None,
        error: Error::NoResourceVersion,
    }
}

/// Whether this failure is about one answer that cannot be decoded, not about the connection.
pub(super) fn is_unreadable(error: &ClientError) -> bool {
    matches!(error, ClientError::SerdeError(_) | ClientError::FromUtf8(_))
}

fn class_of(status: &Status) -> Class {
    // The reason is what the API conventions ask clients to read; the code stands in where a proxy or an old server leaves it out.
    match (status.reason.as_str(), status.code) {
        ("Expired" | "Gone", _) | (_, 410) => Class::Expired,
        ("Timeout", _) | (_, 504) if is_too_new(status) => Class::TooNew,
        ("BadRequest" | "Invalid", _) | (_, 400 | 422) => Class::Refused,
        ("NotFound", _) | (_, 404) => Class::NotFound,
        ("InternalError", _) => Class::Internal,
        (_, 401 | 403 | 405 | 406 | 415) => Class::Standing,
        _ => Class::Passing,
    }
}

/// Whether the version asked for lies in the future of the replica that answered.
fn is_too_new(status: &Status) -> bool {
    let by_cause = status
        .details
        .iter()
        .flat_map(|details| &details.causes)
        .any(|cause| cause.reason == "ResourceVersionTooLarge");
    by_cause || status.message.contains("Too large resource version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: u16, reason: &str, message: &str, expected: Class) {
        let status = Status::failure(message, reason).with_code(code);
        assert_eq!(class_of(&status), expected, "{code} {reason}");
    }

    #[test]
    fn statuses_by_reason_and_by_code() {
        check(410, "Expired", "too old resource version: 5 (10)", Class::Expired);
        check(410, "Gone", "", Class::Expired);
        check(410, "", "", Class::Expired);
        check(
            504,
            "Timeout",
            "Too large resource version: 10, current: 5",
            Class::TooNew,
        );
        check(
            504,
            "Timeout",
            "the server was unable to return a response in time",
            Class::Passing,
        );
        check(
            422,
            "Invalid",
            "sendInitialEvents is forbidden for watch",
            Class::Refused,
        );
        check(400, "BadRequest", "", Class::Refused);
        check(404, "NotFound", "", Class::NotFound);
        check(404, "", "404 page not found", Class::NotFound);
        check(403, "Forbidden", "", Class::Standing);
        check(401, "Unauthorized", "", Class::Standing);
        check(429, "TooManyRequests", "", Class::Passing);
        check(503, "ServiceUnavailable", "", Class::Passing);
        check(500, "InternalError", "", Class::Internal);
        check(500, "", "etcdserver: leader changed", Class::Passing);
        check(0, "", "", Class::Passing);
    }
}
