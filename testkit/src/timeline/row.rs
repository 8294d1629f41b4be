//! Entries as lines: a request together with its response, said in words, and how much each matters.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Entry, Exchange, LaneId, Trace, What,
    words::{change, made, words},
};

/// One line of a rendering.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) at: Duration,
    pub(super) lane: LaneId,
    /// The lane at the other end, and whether the message comes from there.
    pub(super) other: Option<(LaneId, Direction)>,
    pub(super) revision: Option<u64>,
    pub(super) topic: Topic,
    pub(super) text: String,
    /// The request as it was sent, where the text shortens it.
    pub(super) line: String,
    /// What there is to look at closely, each with a heading.
    pub(super) bodies: Vec<(&'static str, &'a str)>,
    pub(super) tone: Tone,
    /// The line only says when an answer came that its request's line tells already.
    pub(super) is_echo: bool,
    /// It is a write that the failure is about.
    pub(super) is_blamed: bool,
    /// What begins or ends here for the lane.
    pub(super) turn: Option<Turn>,
    /// How much it matters to somebody who looks for the cause of a failure.
    pub(super) weight: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    To,
    From,
}

/// What a reader can choose to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    Fault,
    Operation,
    Write,
    Read,
    Event,
    Reconcile,
    Note,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    ReconcileBegin,
    ReconcileEnd,
    Crash,
    Restart,
}

/// How much a write matters that the failure is about.
const BLAMED: u32 = 98;

// === impl Topic ===

impl Topic {
    pub(super) const ALL: [Self; 7] = [
        Self::Fault,
        Self::Operation,
        Self::Write,
        Self::Read,
        Self::Event,
        Self::Reconcile,
        Self::Note,
    ];

    /// Its name in the page's markup.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Operation => "operation",
            Self::Write => "write",
            Self::Read => "read",
            Self::Event => "event",
            Self::Reconcile => "reconcile",
            Self::Note => "note",
        }
    }

    /// What people call it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Fault => "Faults and crashes",
            Self::Operation => "What others do",
            Self::Write => "Writes",
            Self::Read => "Reads",
            Self::Event => "Watch events",
            Self::Reconcile => "Reconciles",
            Self::Note => "Notes",
        }
    }
}

/// The lines of a trace, in order.
pub(super) fn rows(trace: &Trace) -> Vec<Row<'_>> {
    let mut answers: BTreeMap<Exchange, (usize, &Entry)> = BTreeMap::new();
    for (place, entry) in trace.entries.iter().enumerate() {
        if let What::Response { exchange, .. } = entry.what {
            answers.entry(exchange).or_insert((place, entry));
        }
    }
    let mut requests: BTreeMap<Exchange, (usize, Topic)> = BTreeMap::new();
    let mut rows = Vec::with_capacity(trace.entries.len());
    for (place, entry) in trace.entries.iter().enumerate() {
        match &entry.what {
            What::Request {
                exchange,
                to,
                method,
                path,
            } => {
                let topic = if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
                    Topic::Read
                } else {
                    Topic::Write
                };
                requests.insert(*exchange, (place, topic));
                let answer = answers.get(exchange).map(|(_, answer)| *answer);
                rows.push(request(entry, *to, topic, (method, path), answer));
            }
            What::Response { exchange, from, code } => match requests.get(exchange) {
                // Told by the line before.
                Some((request, _)) if request + 1 == place => {}
                Some((_, topic)) => rows.push(response(entry, *from, *topic, *code, true)),
                None => rows.push(response(entry, *from, Topic::Note, *code, false)),
            },
            _ => rows.push(other(entry)),
        }
    }
    blame(trace, &mut rows);
    rows
}

/// Makes the writes stand out that the failure is about.
fn blame(trace: &Trace, rows: &mut [Row<'_>]) {
    let Some(failure) = &trace.failure else { return };
    let writes = rows
        .iter_mut()
        .filter(|row| matches!(row.topic, Topic::Write | Topic::Operation) && !row.is_echo);
    for row in writes {
        row.is_blamed = row
            .revision
            .is_some_and(|revision| failure.writes.contains(&revision));
        if row.is_blamed {
            row.weight = BLAMED;
            let patch = row.bodies.first().filter(|_| row.line.starts_with("PATCH"));
            if let Some(change) = patch.and_then(|(_, body)| change(body)) {
                row.text = format!("{} {change}", row.text);
            }
        }
    }
}

fn request<'a>(
    entry: &'a Entry,
    to: LaneId,
    topic: Topic,
    (method, path): (&str, &str),
    answer: Option<&'a Entry>,
) -> Row<'a> {
    let mut bodies = vec![("Request body", entry.body.as_str())];
    let (outcome, code, revision) = match answer {
        None => ("no answer".to_owned(), None, entry.revision),
        Some(answer) => {
            bodies.push(("Response body", answer.body.as_str()));
            let code = match answer.what {
                What::Response { code, .. } => code,
                _ => 0,
            };
            let late = answer.at.saturating_sub(entry.at);
            let outcome = if late.is_zero() {
                outcome(code)
            } else {
                format!("{} after {late:?}", outcome(code))
            };
            (outcome, Some(code), answer.revision.or(entry.revision))
        }
    };
    bodies.retain(|(_, body)| !body.is_empty());
    // To look for what is not there is nothing bad.
    let is_bad = !matches!((topic, code), (_, Some(200..=399)) | (Topic::Read, Some(404)));
    let weight = match (topic, is_bad) {
        (Topic::Write, true) => 70,
        (Topic::Write, false) => 65,
        (_, true) => 45,
        (_, false) => 10,
    };
    Row {
        at: entry.at,
        lane: entry.lane,
        other: Some((to, Direction::To)),
        revision,
        topic,
        text: format!(
            "{}{} → {outcome}",
            words(method, path),
            made(method, path, entry, answer)
        ),
        line: format!("{method} {path}"),
        bodies,
        tone: if is_bad { Tone::Bad } else { Tone::Plain },
        is_echo: false,
        is_blamed: false,
        turn: None,
        weight,
    }
}

fn response(entry: &Entry, from: LaneId, topic: Topic, code: u16, is_echo: bool) -> Row<'_> {
    Row {
        other: Some((from, Direction::From)),
        topic,
        text: format!("answer: {}", outcome(code)),
        tone: if matches!(code, 200..=399) {
            Tone::Plain
        } else {
            Tone::Bad
        },
        is_echo,
        ..row(entry, "Response body", topic, String::new(), 40)
    }
}

fn other(entry: &Entry) -> Row<'_> {
    match &entry.what {
        What::Event { from, change, object } => {
            let (weight, tone) = match change.as_str() {
                "ERROR" => (60, Tone::Bad),
                "BOOKMARK" => (5, Tone::Plain),
                "DELETED" => (35, Tone::Plain),
                _ => (30, Tone::Plain),
            };
            Row {
                other: Some((*from, Direction::From)),
                tone,
                ..row(
                    entry,
                    "Object",
                    Topic::Event,
                    format!("{change} {object}"),
                    weight,
                )
            }
        }
        What::Fault(text) => Row {
            tone: Tone::Bad,
            ..row(entry, "Detail", Topic::Fault, format!("fault: {text}"), 95)
        },
        What::Crash => Row {
            tone: Tone::Bad,
            turn: Some(Turn::Crash),
            ..row(entry, "Detail", Topic::Fault, "crashes".to_owned(), 100)
        },
        What::Restart => Row {
            turn: Some(Turn::Restart),
            ..row(
                entry,
                "Detail",
                Topic::Fault,
                "starts, with empty memory".to_owned(),
                80,
            )
        },
        What::ReconcileBegin { object } => Row {
            turn: Some(Turn::ReconcileBegin),
            ..row(
                entry,
                "Object",
                Topic::Reconcile,
                format!("reconciles {object}"),
                22,
            )
        },
        What::ReconcileEnd {
            object,
            outcome,
            failed,
        } => Row {
            tone: if *failed { Tone::Bad } else { Tone::Plain },
            turn: Some(Turn::ReconcileEnd),
            ..row(
                entry,
                "Detail",
                Topic::Reconcile,
                format!("reconciled {object}: {outcome}"),
                if *failed { 55 } else { 20 },
            )
        },
        // What somebody does counts more than each change that it makes.
        What::Operation(text) => {
            let weight = if entry.revision.is_none() { 75 } else { 60 };
            row(entry, "Object", Topic::Operation, text.clone(), weight)
        }
        What::Note(text) => row(entry, "Detail", Topic::Note, text.clone(), 50),
        // Told by `request` and `response`.
        What::Request { .. } | What::Response { .. } => row(entry, "Body", Topic::Note, String::new(), 0),
    }
}

fn row<'a>(entry: &'a Entry, heading: &'static str, topic: Topic, text: String, weight: u32) -> Row<'a> {
    let bodies = if entry.body.is_empty() {
        Vec::new()
    } else {
        vec![(heading, entry.body.as_str())]
    };
    Row {
        at: entry.at,
        lane: entry.lane,
        other: None,
        revision: entry.revision,
        topic,
        text,
        line: String::new(),
        bodies,
        tone: Tone::Plain,
        is_echo: false,
        is_blamed: false,
        turn: None,
        weight,
    }
}

fn outcome(code: u16) -> String {
    if code == 0 {
        "connection failed".to_owned()
    } else {
        code.to_string()
    }
}
