//! What can become of a request, and when.

use std::{fmt, io, time::Duration};

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};
use tower::BoxError;

use super::Site;
use crate::fault::wire;

/// What becomes of a request, instead of an answer in due course.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fate {
    /// The process is killed when it has sent the request, which is lost with it; it starts anew with an empty memory.
    CrashBefore,
    /// The request is carried out, and the process is killed before it hears of it.
    CrashAfter,
    /// The request is carried out, and the process is told that something went wrong.
    OutcomeUnknown(Loss),
    /// The request is lost, and the process is told the same.
    Lost(Loss),
    /// The request is refused, or cannot be carried out now.
    Refused(Refusal),
    /// Somebody else changes the same object right before.
    Raced(Rival),
}

/// How it is told that an answer does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Loss {
    /// The connection is reset.
    Reset,
    /// A 504, as a server gives that has run out of time.
    Timeout,
}

/// How a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Refusal {
    /// A 500: the storage changes its leader.
    Internal,
    /// A 429 that asks to come back in a second.
    TooManyRequests,
    /// The connection is reset.
    Reset,
}

/// What somebody else does to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Rival {
    /// Changes it without changing what it means: an annotation.
    Touches,
    /// Deletes it.
    Deletes,
    /// Deletes it and makes it anew, with another UID.
    Recreates,
}

/// Something that is to happen, and to which request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Injection {
    /// Which request.
    pub at: Site,
    /// What becomes of it.
    pub fate: Fate,
}

/// An answer, or the failure of the connection.
pub(super) type Told = Result<Response<Bytes>, BoxError>;

// === impl Loss ===

impl Loss {
    pub(super) fn told(self) -> Told {
        match self {
            Self::Reset => Err(reset()),
            Self::Timeout => {
                let message = "Timeout: request did not complete within the allotted timeout";
                Ok(wire::json_answer(504, &wire::status(504, "Timeout", message)))
            }
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reset => "connection reset",
            Self::Timeout => "504 Timeout",
        })
    }
}

// === impl Refusal ===

impl Refusal {
    pub(super) fn told(self) -> Told {
        match self {
            Self::Internal => {
                let status = wire::status(500, "", "etcdserver: leader changed");
                Ok(wire::json_answer(500, &status))
            }
            Self::TooManyRequests => {
                let text = "Too many requests, please try again later.\n";
                let mut response = wire::answer(429, "text/plain; charset=utf-8", text);
                let headers = response.headers_mut();
                headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
                Ok(response)
            }
            Self::Reset => Err(reset()),
        }
    }
}

fn reset() -> BoxError {
    io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer").into()
}

// === impl Fate ===

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrashBefore => f.write_str("crash before the request is carried out"),
            Self::CrashAfter => f.write_str("crash after the request is carried out"),
            Self::OutcomeUnknown(loss) => write!(f, "carried out, but answered by {loss}"),
            Self::Lost(loss) => write!(f, "not carried out, and answered by {loss}"),
            Self::Refused(Refusal::Internal) => f.write_str("answered by 500 leader changed"),
            Self::Refused(Refusal::TooManyRequests) => f.write_str("answered by 429, come back in 1 s"),
            Self::Refused(Refusal::Reset) => f.write_str("connection reset"),
            Self::Raced(Rival::Touches) => f.write_str("somebody annotates the object right before"),
            Self::Raced(Rival::Deletes) => f.write_str("somebody deletes the object right before"),
            Self::Raced(Rival::Recreates) => {
                f.write_str("somebody deletes the object and makes it anew right before")
            }
        }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.fate)
    }
}

/// How long a process that has ended stays down, at first and at most, as a kubelet has it.
pub(super) const BACKOFF: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
