//! What an error answer says about the write that it answers.

use std::time::Duration;

use super::{Error, Status, UNEXPECTED_SERVER_RESPONSE};

/// What a failed write left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server did not act on the request. The same request may be sent again, whatever its verb.
    NotApplied {
        /// How long the server asks to wait first.
        retry_after: Option<Duration>,
    },
    /// The server did not act, because the object is not as the request assumed: read it again and decide anew.
    Conflict,
    /// The answer was lost or does not tell: the write may have been applied, or may be applied later. Read before
    /// you write again.
    Unknown,
    /// The server did not act and will not: the same request fails in the same way until something else changes.
    Terminal,
}

impl Outcome {
    pub(super) fn of_status(status: &Status) -> Self {
        let not_applied = Self::NotApplied {
            retry_after: status.retry_after(),
        };
        // Admission comes before storage, so that a webhook which could not be asked proves that nothing was stored.
        if matches!(status.code, 400 | 403 | 500) && status.message.contains("failed calling webhook") {
            return not_applied;
        }
        match status.code {
            409 => Self::Conflict,
            // A disruption budget is a decision about this pod, not about the server's load.
            429 if has_cause(status, "DisruptionBudget") => Self::Terminal,
            429 => not_applied,
            // The server that asks to come back refused at its door. A proxy that has lost its backend only guesses.
            503 if !is_foreign(status) && status.retry_after().is_some() => not_applied,
            // The wait for a revision that this replica has not seen yet comes before anything else.
            504 if has_cause(status, "ResourceVersionTooLarge") => not_applied,
            500 if is_too_large(&status.message) => Self::Terminal,
            408 => Self::Unknown,
            300..500 => Self::Terminal,
            _ => Self::Unknown,
        }
    }
}

/// The status was made here, out of an answer that came from something else than the Kubernetes API.
pub(super) fn is_foreign(status: &Status) -> bool {
    has_cause(status, UNEXPECTED_SERVER_RESPONSE)
}

fn has_cause(status: &Status, reason: &str) -> bool {
    status
        .details
        .iter()
        .flat_map(|details| &details.causes)
        .any(|cause| cause.reason == reason)
}

/// The storage, or the way to it, does not take an object of this size.
fn is_too_large(message: &str) -> bool {
    message.contains("request is too large") || message.contains("trying to send message larger than max")
}

/// A write that was sent more than once: how the first attempt that may have been applied failed, and the last one.
///
/// A refusal of the last attempt says nothing about the first: the conflict, or the absence, that it found may be the
/// first one's own work.
#[derive(Debug, thiserror::Error)]
#[error("an attempt was lost ({first}), and the one after it failed")]
pub struct OutcomeUnknown {
    first: Error,
    #[source]
    last: Error,
}

impl OutcomeUnknown {
    pub(crate) fn new(first: Error, last: Error) -> Self {
        Self { first, last }
    }

    /// How the attempt failed of which nobody knows whether it was applied.
    pub fn first(&self) -> &Error {
        &self.first
    }

    /// How the last attempt failed.
    pub fn last(&self) -> &Error {
        &self.last
    }

    /// What the server said to the last attempt, if it answered.
    pub fn status(&self) -> Option<&Status> {
        self.last.status()
    }
}
