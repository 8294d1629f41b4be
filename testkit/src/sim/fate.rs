//! What can become of a request, and when.

use std::{fmt, io, time::Duration};

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};
use tower::BoxError;

use super::{Pattern, Site};
use crate::fault::{Fault, TransportFault, WatchFault, wire};

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
    /// Something happens to the answer's way back, or to the watch that it opens.
    Mishap(Mishap),
    /// After the request, the process hears nothing of a resource for this long, or until a few dozen changes were made: its watches of it lag.
    Lags {
        /// As [`Site::resource`].
        resource: String,
        /// For how long: `20s`.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        time: Duration,
    },
    /// The request is carried out, and the process's watches of a resource break before they have told of what it changed.
    Broken {
        /// As [`Site::resource`].
        resource: String,
        /// How.
        how: Break,
    },
    /// The process stands still for this long with the request under way, and then goes on as if nothing had been.
    Paused {
        /// For how long: `60s`.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        time: Duration,
    },
    /// The process reaches no server for this long, from this request on; at a rest, no process does. Every connection is reset.
    Outage {
        /// For how long: `4m`.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        time: Duration,
    },
    /// No process reaches a system outside of the cluster for this long, from this request on, while the cluster is reached. Every connection to
    /// it is reset.
    OutsideOutage {
        /// What it was declared as, `buckets`.
        system: String,
        /// For how long: `4m`.
        #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
        time: Duration,
    },
    /// Nobody hears of the object's resource from this change on; once the object has changed again, watches are told that their version is
    /// too old, so that they never see the change itself. If nothing else can happen before that, they go on where they were, late.
    Unobserved,
    /// Nobody hears of the object's resource from this change on; once the object has changed again, watches are told of both at once, so that
    /// a cache holds the change for no time. If nothing else can happen before that, they go on where they were, late.
    Coalesced,
    /// Every process is killed and starts anew with an empty memory.
    Restarted,
    /// The object goes on by this stage instead of the usual one: a container that crashes, a pod that is evicted.
    Staged(String),
    /// The object goes on by the usual stage as late as that may come: a container that takes long to start, or to stop.
    StagedLate,
    /// Every process is killed and starts anew, and until it has come to rest it is served by a replica that has not seen what happened
    /// after a change.
    TimeTravel {
        /// The newest change that the replica has seen.
        to: ChangeRef,
    },
}

/// What can happen to an answer or to a watch that begins with it; the rows are those of the catalogue in [`fault`](crate::fault).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Mishap {
    /// A4: the connection breaks after so many bytes.
    Cut(usize),
    /// A7: the body comes in pieces of so many bytes.
    Rechunked(usize),
    /// E2: the watch ends after so many events.
    End(usize),
    /// E4: after so many events the version is too old.
    Expired(usize),
    /// E5: the version is too old, told instead of a watch.
    ExpiredAtConnect,
    /// E6: after so many events the version lies in the replica's future.
    TooLargeVersion(usize),
    /// E7: after so many events the server fails in itself.
    InternalError(usize),
    /// E8: after so many events the server has too much to do.
    TooManyRequests(usize),
    /// E9: the watch is refused with this code.
    RefusedAtConnect(u16),
    /// E10: no bookmark comes.
    NoBookmarks,
    /// E16: the watch begins so many versions earlier than asked for.
    ResumedEarlier(u64),
}

/// How a watch breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Break {
    /// E2: it ends.
    End,
    /// E4: the version is too old.
    Expired,
    /// A4: the connection is reset in the middle of an event.
    MidFrame,
    /// A3: the connection is reset between two.
    Reset,
}

/// When something happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Trigger {
    /// A request reaches the server.
    Request(Site),
    /// The so-manieth of the requests that are alike reaches the server.
    Matching(Pattern),
    /// An object changes.
    Change(ChangeRef),
    /// An object may go on by more than one stage, or at more than one time, for the so-manieth time.
    Stage(ChangeRef),
    /// Everything has come to rest for the so-manieth time, from 1: once for each `settle` of the script and once at its end.
    Settled(u32),
}

/// The so-manieth change of an object, or the so-manieth choice about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangeRef {
    /// `pods`, `deployments.apps`; in a plan also the kind, `Deployment`.
    #[serde(alias = "kind")]
    pub resource: String,
    /// `namespace/name`, or `name`; generated names are told by what they are generated from.
    pub key: String,
    /// Which of its changes, from 1.
    pub nth: u32,
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
    /// Changes what it specifies and changes it back, so that its version and its generation are other ones and nothing else is. Watches of its
    /// resource have to list anew, so that nobody sees the state between.
    EditsSpec,
    /// The same with its status, which leaves the generation as it is.
    EditsStatus,
}

/// Something that is to happen, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Injection {
    /// When.
    pub at: Trigger,
    /// What.
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

pub(super) fn reset() -> BoxError {
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
            Self::Raced(Rival::EditsSpec) => {
                f.write_str("somebody changes the object's specification and changes it back right before")
            }
            Self::Raced(Rival::EditsStatus) => {
                f.write_str("somebody changes the object's status and changes it back right before")
            }
            Self::Mishap(mishap) => mishap.fmt(f),
            Self::Lags { resource, time } => {
                write!(
                    f,
                    "carried out, and the process hears nothing of {resource} for {time:?}"
                )
            }
            Self::Broken { resource, how } => {
                let how = match how {
                    Break::End => "ends",
                    Break::Expired => "is told that its version is too old",
                    Break::MidFrame => "breaks in the middle of an event",
                    Break::Reset => "breaks",
                };
                write!(
                    f,
                    "carried out, and the watch of {resource} {how} before it tells of it"
                )
            }
            Self::Paused { time } => write!(f, "the process stands still for {time:?}"),
            Self::Outage { time } => write!(f, "no server is reached for {time:?}"),
            Self::OutsideOutage { system, time } => {
                write!(f, "`{system}` outside of the cluster is not reached for {time:?}")
            }
            Self::Unobserved => f.write_str("the watch misses it, and has to list anew after the next one"),
            Self::Coalesced => f.write_str("the watch tells of it together with the next one"),
            Self::Restarted => f.write_str("every process starts anew"),
            Self::Staged(stage) => write!(f, "goes on by the stage `{stage}`"),
            Self::StagedLate => f.write_str("goes on as late as it may"),
            Self::TimeTravel { to } => {
                write!(
                    f,
                    "every process starts anew, on a replica that has seen nothing after {to}"
                )
            }
        }
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(bytes) => write!(f, "the connection breaks after {bytes} bytes"),
            Self::Rechunked(bytes) => write!(f, "the answer comes in pieces of {bytes} bytes"),
            Self::End(events) => write!(f, "the watch ends after {events} events"),
            Self::Expired(events) => write!(f, "410 in the watch after {events} events"),
            Self::ExpiredAtConnect => f.write_str("410 instead of the watch"),
            Self::TooLargeVersion(events) => {
                write!(f, "504 too large version in the watch after {events} events")
            }
            Self::InternalError(events) => write!(f, "500 in the watch after {events} events"),
            Self::TooManyRequests(events) => write!(f, "429 in the watch after {events} events"),
            Self::RefusedAtConnect(code) => write!(f, "{code} instead of the watch"),
            Self::NoBookmarks => f.write_str("the watch has no bookmarks"),
            Self::ResumedEarlier(by) => write!(f, "the watch begins {by} versions earlier"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(site) => site.fmt(f),
            Self::Matching(pattern) => pattern.fmt(f),
            Self::Change(change) => change.fmt(f),
            Self::Stage(ChangeRef { resource, key, nth }) => write!(f, "stage {nth} of {resource} {key}"),
            Self::Settled(1) => f.write_str("at rest"),
            Self::Settled(nth) => write!(f, "at rest (#{nth})"),
        }
    }
}

impl fmt::Display for ChangeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "change {} of {} {}", self.nth, self.resource, self.key)
    }
}

impl From<Mishap> for Fault {
    fn from(mishap: Mishap) -> Self {
        match mishap {
            Mishap::Cut(after_bytes) => TransportFault::Cut { after_bytes }.into(),
            Mishap::Rechunked(size) => TransportFault::Rechunked { size }.into(),
            Mishap::End(after) => WatchFault::End { after }.into(),
            Mishap::Expired(after) => WatchFault::Expired { after }.into(),
            Mishap::ExpiredAtConnect => WatchFault::ExpiredAtConnect.into(),
            Mishap::TooLargeVersion(after) => WatchFault::TooLargeVersion { after }.into(),
            Mishap::InternalError(after) => WatchFault::InternalError { after }.into(),
            Mishap::TooManyRequests(after) => WatchFault::TooManyRequests { after }.into(),
            Mishap::RefusedAtConnect(code) => WatchFault::RefusedAtConnect { code }.into(),
            Mishap::NoBookmarks => WatchFault::NoBookmarks.into(),
            Mishap::ResumedEarlier(by) => WatchFault::ResumedEarlier { by }.into(),
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
