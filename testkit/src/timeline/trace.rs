//! The data of a timeline.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What happened in one run, in order.
///
/// It serialises to JSON with the order of fields as declared, so that two runs that are the same have the same bytes.
///
/// ```
/// use std::time::Duration;
/// use seatrial_testkit::timeline::{Entry, LaneKind, Trace, What};
///
/// let mut trace = Trace::new("greeting: crash after write 3");
/// let user = trace.lane(LaneKind::Actor, "user");
/// let controller = trace.lane(LaneKind::Process, "controller");
/// trace.push(Entry::new(Duration::ZERO, user, What::Operation("creates Greeting default/a".into())).revision(7));
/// trace.push(Entry::new(Duration::from_millis(3), controller, What::Crash));
/// assert_eq!(trace.entries.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// What was run: the test or scenario, and what went wrong in it on purpose.
    pub title: String,
    /// Who takes part, in the order in which they are shown.
    pub lanes: Vec<Lane>,
    /// What happened, in the order in which it happened.
    pub entries: Vec<Entry>,
    /// Why the run failed; none if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One who takes part in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lane {
    /// What it is.
    pub kind: LaneKind,
    /// What it is called; unique among lanes of one kind.
    pub name: String,
}

/// What a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LaneKind {
    /// Somebody besides the controllers under test: a user, a built-in controller, a kubelet.
    Actor,
    /// A process that runs a controller under test.
    Process,
    /// An apiserver, or one replica of it.
    Apiserver,
}

/// Names a lane of one trace: its place among [`Trace::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LaneId(usize);

/// Names a request of one trace, so that its response finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exchange(pub u64);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// When, in virtual time since the world began.
    #[serde(with = "nanos", rename = "at_nanos")]
    pub at: Duration,
    /// Who did it, or to whom it happened.
    pub lane: LaneId,
    /// The revision of the store that it made or showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// What it was.
    pub what: What,
    /// What there is to look at closely: the body of a request or response, the object of an event. JSON is shown indented.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What an entry tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// A process sends a request.
    Request {
        /// By which its response is found.
        exchange: Exchange,
        /// The replica to which it goes.
        to: LaneId,
        /// The method.
        method: String,
        /// The path with its query.
        path: String,
    },
    /// A process gets the head of a response, and the body where it is short.
    Response {
        /// Which request it answers.
        exchange: Exchange,
        /// The replica from which it comes.
        from: LaneId,
        /// The status code; 0 where the connection failed instead.
        code: u16,
    },
    /// A watch brings an event to a process.
    Event {
        /// The replica from which it comes.
        from: LaneId,
        /// The type: `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
        change: String,
        /// The object, such as `ConfigMap default/settings`.
        object: String,
    },
    /// Something goes wrong on purpose.
    Fault(String),
    /// A process ends without warning.
    Crash,
    /// A process begins anew, with empty memory.
    Restart,
    /// A process begins to reconcile an object.
    ReconcileBegin {
        /// The object, such as `Greeting default/morning`.
        object: String,
    },
    /// A process is done with reconciling an object.
    ReconcileEnd {
        /// The object.
        object: String,
        /// What came of it: when it wants to see the object again, or the error.
        outcome: String,
        /// Whether it was an error.
        failed: bool,
    },
    /// A user or another actor changes something.
    Operation(String),
    /// Anything else worth knowing.
    Note(String),
}

/// Why a run failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The kind in a word, such as `Stuck` or `LostUpdate`.
    pub kind: String,
    /// What is wrong, and what to do about it, in a sentence or a few lines.
    pub message: String,
    /// The difference between what should be and what is, as lines that begin with `-` (expected), `+` (found) or a space.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff: String,
    /// How to run the same again: a command or a file, one a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replay: Vec<String>,
    /// The revisions of the writes that are wrong, or of the last ones of what is; they stand out in both renderings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<u64>,
}

// === impl Trace ===

impl Trace {
    /// A trace in which nothing has happened yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The lane of this kind and name, which is added if there is none yet.
    pub fn lane(&mut self, kind: LaneKind, name: &str) -> LaneId {
        let known = self.lanes.iter().position(|l| l.kind == kind && l.name == name);
        LaneId(known.unwrap_or_else(|| {
            self.lanes.push(Lane {
                kind,
                name: name.to_owned(),
            });
            self.lanes.len() - 1
        }))
    }

    /// Adds what happened last.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The name of a lane; `?` for one of another trace.
    pub fn name(&self, lane: LaneId) -> &str {
        self.lanes.get(lane.0).map_or("?", |l| l.name.as_str())
    }
}

// === impl LaneId ===

impl LaneId {
    /// Its place among [`Trace::lanes`].
    pub fn index(self) -> usize {
        self.0
    }
}

// === impl Entry ===

impl Entry {
    /// Something that happened, without revision and body.
    pub fn new(at: Duration, lane: LaneId, what: What) -> Self {
        Self {
            at,
            lane,
            revision: None,
            what,
            body: String::new(),
        }
    }

    /// With the revision of the store that it made or showed.
    pub fn revision(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// With what there is to look at closely.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

// === impl Failure ===

impl Failure {
    /// A failure without difference and command.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
            ..Self::default()
        }
    }

    /// With the difference between what should be and what is.
    pub fn diff(mut self, diff: impl Into<String>) -> Self {
        self.diff = diff.into();
        self
    }

    /// With the revisions of the writes that are wrong.
    pub fn writes(mut self, revisions: impl IntoIterator<Item = u64>) -> Self {
        self.writes.extend(revisions);
        self
    }

    /// With one more way to run the same again.
    pub fn replay(mut self, command: impl Into<String>) -> Self {
        self.replay.push(command.into());
        self
    }
}

/// A duration as one number, which is easier to read and to compare than seconds and the rest.
mod nanos {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_json() {
        let mut trace = Trace::new("t");
        let server = trace.lane(LaneKind::Apiserver, "apiserver");
        let process = trace.lane(LaneKind::Process, "controller");
        assert_eq!(trace.lane(LaneKind::Apiserver, "apiserver"), server);
        let request = What::Request {
            exchange: Exchange(1),
            to: server,
            method: "POST".into(),
            path: "/api/v1/pods".into(),
        };
        trace.push(Entry::new(Duration::from_millis(1500), process, request).body("{}"));
        trace.push(Entry::new(Duration::from_secs(2), process, What::Crash).revision(4));
        trace.failure = Some(
            Failure::new("Stuck", "nothing moves")
                .diff("-a\n+b")
                .writes([4])
                .replay("cargo test"),
        );
        let text = serde_json::to_string(&trace).unwrap();
        assert!(text.contains(r#""at_nanos":1500000000"#), "{text}");
        assert_eq!(serde_json::from_str::<Trace>(&text).unwrap(), trace);
    }
}
