//! Section E: watches.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use http::request::Parts;
use seatrial_fake_apiserver::FakeApiServer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::duration;

use super::{
    Class,
    wire::{
        self, Changes, Chunks, Edit, Lines, Pace, Step, Verdict, answer, event, is_watch, json_answer, param,
        set_param,
    },
};

/// What a watch may meet. `after` counts events, bookmarks included, that the client gets before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum WatchFault {
    /// C4, C6: everything that this watch tells comes so late, while others are on time.
    Late {
        /// How late.
        #[serde(with = "duration")]
        by: Duration,
    },
    /// E1: the server ends the watch after so many seconds.
    TimesOut {
        /// After how many.
        secs: u64,
    },
    /// E2: the stream ends in good order: the time is up, the client was too slow, the server shuts down.
    End {
        /// After how many events.
        after: usize,
    },
    /// E3: the watch opens and ends at once.
    Empty,
    /// E4: the version is too old, told in the stream.
    Expired {
        /// After how many events.
        after: usize,
    },
    /// E5: the version is too old, told instead of a stream.
    ExpiredAtConnect,
    /// E6: the version lies in the replica's future, told in the stream.
    TooLargeVersion {
        /// After how many events.
        after: usize,
    },
    /// E7: the server fails in itself, told in the stream.
    InternalError {
        /// After how many events.
        after: usize,
    },
    /// E8: the server has too much to do, told in the stream.
    TooManyRequests {
        /// After how many events.
        after: usize,
    },
    /// E8: an error event whose object is no `Status`.
    BareError {
        /// After how many events.
        after: usize,
    },
    /// E9: the watch is refused with this code.
    RefusedAtConnect {
        /// One of 401, 403, 404, 429, 500 and 503.
        code: u16,
    },
    /// E10: no bookmark is ever sent, except the one that ends initial events.
    NoBookmarks,
    /// E11, E12: a bookmark at this version, which no event of the watch has reached. True if nothing that the watch sees changes in between.
    Bookmark {
        /// After how many events.
        after: usize,
        /// The version that it carries.
        version: u64,
    },
    /// E13: the stream ends before the objects that exist have all been sent, or the bookmark after them.
    InitialCut {
        /// After how many events.
        after: usize,
    },
    /// E14: streaming lists are refused with this code, 400 or 422.
    StreamingListRefused {
        /// The code.
        code: u16,
    },
    /// E14: the server knows nothing of streaming lists: it sends what there is, and no bookmark after it.
    StreamingListIgnored,
    /// E15: the objects that exist come in reverse order.
    Reversed,
    /// E16: the watch begins so many versions earlier than asked for, so that events come twice.
    ResumedEarlier {
        /// How many versions.
        by: u64,
    },
    /// E17: changes are told as additions and additions as changes.
    Retyped,
    /// E17: a deletion of an object that nobody knew.
    UnknownDeleted {
        /// After how many events.
        after: usize,
    },
    /// E21: the connection lives and nothing comes any more.
    Stall {
        /// After how many events.
        after: usize,
    },
    /// E22: the watch lands on a replica that is at an older state. Make it by [`FakeApiServer::fork`] at the time that it is stuck in.
    ///
    /// Only watches from a version land there: one that names none is promised the newest state.
    #[serde(skip)]
    Replica(FakeApiServer),
    /// E23: nothing comes for this time, and then all at once.
    Bursts {
        /// From one burst to the next.
        #[serde(with = "duration")]
        every: Duration,
    },
    /// E24: an event about an object of another kind and version.
    ForeignKind {
        /// After how many events.
        after: usize,
    },
    /// E26: versions have no order: each is written in letters, on lists as on watches.
    OpaqueVersions,
    /// E27: old events are sent again, which takes objects back in time.
    Replayed {
        /// After how many events the earlier ones come again.
        after: usize,
    },
    /// E27: every so-manieth event is lost.
    Lost {
        /// Which of them: 2 is every second one.
        every: usize,
    },
    /// E27: a cache is stuck, and answers even those who ask for the newest state, lists included. Make it as for [`Replica`](Self::Replica).
    #[serde(skip)]
    StuckCache(FakeApiServer),
}

// === impl WatchFault ===

impl WatchFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::Late { .. } => "C6",
            Self::TimesOut { .. } => "E1",
            Self::End { .. } => "E2",
            Self::Empty => "E3",
            Self::Expired { .. } => "E4",
            Self::ExpiredAtConnect => "E5",
            Self::TooLargeVersion { .. } => "E6",
            Self::InternalError { .. } => "E7",
            Self::TooManyRequests { .. } | Self::BareError { .. } => "E8",
            Self::RefusedAtConnect { .. } => "E9",
            Self::NoBookmarks => "E10",
            Self::Bookmark { .. } => "E11",
            Self::InitialCut { .. } => "E13",
            Self::StreamingListRefused { .. } | Self::StreamingListIgnored => "E14",
            Self::Reversed => "E15",
            Self::ResumedEarlier { .. } => "E16",
            Self::Retyped | Self::UnknownDeleted { .. } => "E17",
            Self::Stall { .. } => "E21",
            Self::Replica(_) => "E22",
            Self::Bursts { .. } => "E23",
            Self::ForeignKind { .. } => "E24",
            Self::OpaqueVersions => "E26",
            Self::Replayed { .. } | Self::Lost { .. } | Self::StuckCache(_) => "E27",
        }
    }

    pub(super) fn class(&self) -> Class {
        match self {
            Self::Replayed { .. } | Self::Lost { .. } | Self::StuckCache(_) => Class::HistoricalServerBug,
            _ => Class::Legal,
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        match self {
            // Versions are written in lists as well, and go back to the server in both.
            Self::OpaqueVersions | Self::StuckCache(_) => request.method == http::Method::GET,
            Self::InitialCut { .. } | Self::StreamingListRefused { .. } | Self::StreamingListIgnored => {
                is_watch(request) && param(request, "sendInitialEvents") == Some("true")
            }
            // A watch without a version asks for the newest state, which a replica that is behind may not answer.
            Self::ResumedEarlier { .. } | Self::Replica(_) => {
                is_watch(request) && version_of(request).is_some()
            }
            _ => is_watch(request),
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let then = |after: usize, steps: Vec<Step>| {
            Changes::lines(Then {
                left: after,
                steps: steps.into(),
            })
        };
        let error = |object: &Value| vec![Step::Send(event("ERROR", object)), Step::End];
        match *self {
            Self::Late { by } => paced(Pace::Late(by)),
            Self::Bursts { every } => paced(Pace::Bursts(every)),
            Self::TimesOut { secs } => Changes::request(move |request| {
                set_param(request, "timeoutSeconds", Some(&secs.to_string()));
            }),
            Self::End { after } | Self::InitialCut { after } => then(after, vec![Step::End]),
            Self::Empty => then(0, vec![Step::End]),
            Self::Expired { after } => then(after, error(&expired())),
            Self::ExpiredAtConnect => Verdict::Answer(json_answer(410, &expired())),
            Self::TooLargeVersion { after } => then(after, error(&wire::too_large_version())),
            Self::InternalError { after } => {
                let message = "Internal error occurred: etcd event received with PrevKv=nil";
                then(after, error(&wire::status(500, "InternalError", message)))
            }
            Self::TooManyRequests { after } => {
                let message = "Too many requests, please try again later.";
                let mut status = wire::status(429, "TooManyRequests", message);
                status["details"] = json!({"retryAfterSeconds": 1});
                then(after, error(&status))
            }
            Self::BareError { after } => then(after, error(&json!({"message": "no status at all"}))),
            Self::RefusedAtConnect { code } => Verdict::Answer(refusal(code)),
            Self::NoBookmarks => Changes::lines(NoBookmarks),
            Self::Bookmark { after, version } => {
                let object = json!({
                    "kind": "Bookmark", "apiVersion": "v1",
                    "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null},
                });
                then(after, vec![Step::Send(event("BOOKMARK", &object))])
            }
            Self::StreamingListRefused { code } => {
                let message = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList \
                               feature gate is enabled";
                let reason = if code == 422 { "Invalid" } else { "BadRequest" };
                Verdict::Answer(json_answer(code, &wire::status(code, reason, message)))
            }
            Self::StreamingListIgnored => Verdict::Serve(Changes {
                request: Some(Box::new(|request| {
                    set_param(request, "sendInitialEvents", None);
                    set_param(request, "resourceVersionMatch", None);
                })),
                elsewhere: None,
                // A newer server takes such a watch for the streaming list that it nearly is.
                answer: Some(Edit::Lines(Box::new(NoEndOfInitial))),
            }),
            Self::Reversed => Changes::lines(Reversed {
                held: Vec::new(),
                over: false,
            }),
            Self::ResumedEarlier { by } => Changes::request(move |request| {
                if let Some(version) = version_of(request) {
                    let earlier = version.saturating_sub(by).max(1);
                    set_param(request, "resourceVersion", Some(&earlier.to_string()));
                }
            }),
            Self::Retyped => Changes::lines(Retyped),
            Self::UnknownDeleted { after } => {
                let object = json!({
                    "kind": "ConfigMap", "apiVersion": "v1",
                    "metadata": {"name": "never-seen", "namespace": "default", "uid": "never-seen", "resourceVersion": "1"},
                });
                then(after, vec![Step::Send(event("DELETED", &object))])
            }
            Self::Stall { after } => then(after, vec![Step::Stall]),
            Self::Replica(ref server) | Self::StuckCache(ref server) => Changes::elsewhere(server),
            Self::ForeignKind { after } => {
                let object = json!({
                    "kind": "Other", "apiVersion": "example.com/v9", "metadata": [],
                });
                then(after, vec![Step::Send(event("MODIFIED", &object))])
            }
            Self::OpaqueVersions => opaque(),
            Self::Replayed { after } => Changes::lines(Replayed {
                left: after,
                seen: Vec::new(),
            }),
            Self::Lost { every } => Changes::lines(Lost {
                every: every.max(1),
                count: 0,
            }),
        }
    }
}

fn paced(pace: Pace) -> Verdict {
    Verdict::Serve(Changes {
        answer: Some(Edit::Paced(pace)),
        ..Changes::default()
    })
}

fn expired() -> Value {
    wire::status(410, "Expired", "too old resource version: 1 (2)")
}

fn refusal(code: u16) -> http::Response<Bytes> {
    let (reason, message) = match code {
        401 => ("Unauthorized", "Unauthorized"),
        403 => ("Forbidden", "watch is forbidden: access denied"),
        // The path is not served, so that nobody is there to write a `Status`.
        404 => return answer(404, "text/plain; charset=utf-8", "404 page not found\n"),
        429 => ("TooManyRequests", "storage is (re)initializing"),
        503 => ("ServiceUnavailable", "apiserver is shutting down"),
        _ => ("InternalError", "Internal error occurred"),
    };
    json_answer(code, &wire::status(code, reason, message))
}

/// The version that a watch goes on from, if it says one.
fn version_of(request: &Parts) -> Option<u64> {
    let version = param(request, "resourceVersion")?.parse().ok()?;
    (version > 0).then_some(version)
}

fn type_of(line: &[u8]) -> Option<&'static str> {
    ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
        .into_iter()
        .find(|type_| line.starts_with(format!("{{\"type\":\"{type_}\"").as_bytes()))
}

/// Whether this is the bookmark that ends initial events.
fn ends_initial(line: &[u8]) -> bool {
    const MARK: &[u8] = b"k8s.io/initial-events-end";
    type_of(line) == Some("BOOKMARK") && line.windows(MARK.len()).any(|part| part == MARK)
}

/// The same line as an event of another type.
fn retyped(line: &[u8], from: &str, to: &str) -> Bytes {
    let prefix = format!("{{\"type\":\"{from}\"");
    [format!("{{\"type\":\"{to}\"").as_bytes(), &line[prefix.len()..]]
        .concat()
        .into()
}

// === What is done to lines ===

/// Something after a number of events.
struct Then {
    left: usize,
    steps: VecDeque<Step>,
}

impl Lines for Then {
    fn start(&mut self) -> Vec<Step> {
        if self.left == 0 {
            self.steps.drain(..).collect()
        } else {
            Vec::new()
        }
    }

    fn line(&mut self, line: Bytes) -> Vec<Step> {
        let mut steps = vec![Step::Send(line)];
        if self.left > 0 {
            self.left -= 1;
            if self.left == 0 {
                steps.extend(self.steps.drain(..));
            }
        }
        steps
    }
}

struct NoEndOfInitial;

impl Lines for NoEndOfInitial {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        if ends_initial(&line) {
            Vec::new()
        } else {
            vec![Step::Send(line)]
        }
    }
}

struct NoBookmarks;

impl Lines for NoBookmarks {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        if type_of(&line) == Some("BOOKMARK") && !ends_initial(&line) {
            return Vec::new();
        }
        vec![Step::Send(line)]
    }
}

/// Holds additions until something else comes.
struct Reversed {
    held: Vec<Bytes>,
    over: bool,
}

impl Lines for Reversed {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        if !self.over && type_of(&line) == Some("ADDED") {
            self.held.push(line);
            return Vec::new();
        }
        self.over = true;
        let held = self.held.drain(..).rev();
        held.chain([line]).map(Step::Send).collect()
    }
}

struct Retyped;

impl Lines for Retyped {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        vec![Step::Send(match type_of(&line) {
            Some("ADDED") => retyped(&line, "ADDED", "MODIFIED"),
            Some("MODIFIED") => retyped(&line, "MODIFIED", "ADDED"),
            _ => line,
        })]
    }
}

struct Replayed {
    left: usize,
    seen: Vec<Bytes>,
}

impl Lines for Replayed {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        if self.left == 0 {
            return vec![Step::Send(line)];
        }
        self.seen.push(line.clone());
        self.left -= 1;
        let mut steps = vec![Step::Send(line)];
        if self.left == 0 {
            steps.extend(self.seen.drain(..).map(Step::Send));
        }
        steps
    }
}

struct Lost {
    every: usize,
    count: usize,
}

impl Lines for Lost {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        self.count += 1;
        if self.count.is_multiple_of(self.every) {
            Vec::new()
        } else {
            vec![Step::Send(line)]
        }
    }
}

// === Versions without order ===

/// Writes versions in letters on the way out, and reads them on the way in.
fn opaque() -> Verdict {
    Verdict::Serve(Changes {
        request: Some(Box::new(|request| {
            let version = param(request, "resourceVersion").and_then(from_letters);
            if let Some(version) = version {
                set_param(request, "resourceVersion", Some(&version));
            }
        })),
        elsewhere: None,
        answer: Some(Edit::Chunks(Box::new(Letters))),
    })
}

struct Letters;

impl Chunks for Letters {
    fn chunk(&mut self, chunk: Bytes) -> Vec<Step> {
        if chunk.is_empty() {
            return Vec::new();
        }
        // The server in memory writes no version across two pieces.
        vec![Step::Send(in_letters(&chunk))]
    }
}

/// The same JSON with each version in letters, least digit first, so that no order is left.
fn in_letters(json: &[u8]) -> Bytes {
    const KEY: &[u8] = b"\"resourceVersion\":\"";
    let mut out = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.windows(KEY.len()).position(|part| part == KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        out.extend_from_slice(before);
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        out.extend(after[..digits].iter().rev().map(|digit| digit - b'0' + b'a'));
        rest = &after[digits..];
    }
    out.extend_from_slice(rest);
    out.into()
}

fn from_letters(version: &str) -> Option<String> {
    let is_ours = !version.is_empty() && version.bytes().all(|byte| (b'a'..=b'j').contains(&byte));
    is_ours.then(|| {
        version
            .bytes()
            .rev()
            .map(|byte| char::from(byte - b'a' + b'0'))
            .collect()
    })
}
