//! Entries as lines: a request together with its response, said in words, and how much each matters.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Entry, Exchange, LaneId, Trace, What};
use crate::request::decoded;

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

/// What a patch changes, in a few words.
fn change(body: &str) -> Option<String> {
    let mut patch: Value = serde_json::from_str(body).ok()?;
    if let Some(fields) = patch.as_object_mut().filter(|fields| fields.len() > 1) {
        // These say of which object it is, as the address does.
        fields.retain(|name, _| !matches!(name.as_str(), "apiVersion" | "kind" | "metadata"));
    }
    let text = patch.to_string();
    if text.chars().count() <= CHANGE_WIDTH {
        return Some(text);
    }
    Some(text.chars().take(CHANGE_WIDTH - 1).chain(['…']).collect())
}

/// How much of a patch is told in its line.
const CHANGE_WIDTH: usize = 72;

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

/// The name of what a request makes, for behind the collection in which it does; nothing where it makes nothing.
fn made(method: &str, path: &str, request: &Entry, answer: Option<&Entry>) -> String {
    let address = path.split('?').next().unwrap_or_default().trim_matches('/');
    let parts: Vec<&str> = address.split('/').collect();
    let parent = match parts.as_slice() {
        ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] if method == "POST" => rest,
        _ => return String::new(),
    };
    let is_namespaced = match parent {
        ["namespaces", _, _] => true,
        [_] => false,
        _ => return String::new(),
    };
    let bodies = answer.into_iter().chain([request]);
    let metadata = bodies.map(|entry| serde_json::from_str(&entry.body).unwrap_or_default());
    let name = metadata.into_iter().find_map(|object: Value| {
        let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
        text("name").or_else(|| Some(format!("{}*", text("generateName")?)))
    });
    match (name, is_namespaced) {
        (Some(name), true) => name,
        (Some(name), false) => format!(" {name}"),
        (None, _) => String::new(),
    }
}

/// A request as people say it: `PATCH greetings default/morning status`, `GET pods, watch`.
fn words(method: &str, path: &str) -> String {
    let (address, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = address.split('/').filter(|part| !part.is_empty()).collect();
    let resource = match parts.as_slice() {
        ["api", _, resource @ ..] | ["apis", _, _, resource @ ..] if !resource.is_empty() => resource,
        _ => return format!("{method} {path}"),
    };
    let mut said = match resource {
        ["namespaces", namespace, plural, rest @ ..] if !matches!(*plural, "status" | "finalize") => {
            let mut said = format!("{method} {plural} {namespace}/");
            said.push_str(&rest.join(" "));
            said
        }
        _ => format!("{method} {}", resource.join(" ")),
    };
    for (field, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match (field, value) {
            ("watch", "true" | "1") => said.push_str(", watch"),
            ("resourceVersion", version) => {
                said.push_str(" @");
                said.push_str(version);
            }
            ("labelSelector" | "fieldSelector" | "continue" | "dryRun", value) => {
                said.push_str(", ");
                said.push_str(field);
                said.push('=');
                said.push_str(&decoded(value));
            }
            _ => {}
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::LaneKind;

    #[test]
    fn requests_are_said_in_words() {
        let check = |line: &str, said: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            assert_eq!(words(method, path), said);
        };
        check("GET /api/v1/pods", "GET pods");
        check("GET /api/v1/namespaces/a", "GET namespaces a");
        check("PUT /api/v1/namespaces/a/finalize", "PUT namespaces a finalize");
        check("PUT /api/v1/namespaces/a/status", "PUT namespaces a status");
        check(
            "POST /api/v1/namespaces/a/configmaps?fieldManager=x",
            "POST configmaps a/",
        );
        check(
            "GET /apis/apps/v1/namespaces/a/deployments/b",
            "GET deployments a/b",
        );
        check(
            "PATCH /apis/x.dev/v1/namespaces/a/greetings/b/status",
            "PATCH greetings a/b status",
        );
        check(
            "GET /apis/x.dev/v1/greetings?watch=true&resourceVersion=6",
            "GET greetings, watch @6",
        );
        check(
            "GET /api/v1/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%29",
            "GET pods, labelSelector=app=web,tier in (a)",
        );
        check(
            "GET /api/v1/pods?labelSelector=100%",
            "GET pods, labelSelector=100%",
        );
        check("GET /version", "GET /version");
        check("GET /apis/apps/v1", "GET /apis/apps/v1");
    }

    #[test]
    fn a_patch_is_told_by_what_it_changes() {
        let apply = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"x":1}}"#;
        assert_eq!(change(apply).unwrap(), r#"{"spec":{"x":1}}"#);
        let own = r#"{"metadata":{"finalizers":[]}}"#;
        assert_eq!(change(own).unwrap(), own);
        assert_eq!(
            change(r#"[{"op":"remove","path":"/a"}]"#).unwrap(),
            r#"[{"op":"remove","path":"/a"}]"#
        );
        assert!(change("apiVersion: v1").is_none());
        let long = format!(r#"{{"data":{{"x":"{}"}}}}"#, "ä".repeat(200));
        assert_eq!(change(&long).unwrap().chars().count(), CHANGE_WIDTH);
    }

    #[test]
    fn what_is_made_has_a_name_in_its_line() {
        let check = |line: &str, body: &str, answer: &str, name: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            let lane = Trace::new("t").lane(LaneKind::Process, "p");
            let entry = |body: &str| Entry::new(Duration::ZERO, lane, What::Crash).body(body);
            assert_eq!(
                made(method, path, &entry(body), Some(&entry(answer))),
                name,
                "{line}"
            );
        };
        let (pods, own) = (
            "POST /api/v1/namespaces/a/pods?x=y",
            r#"{"metadata":{"name":"web"}}"#,
        );
        let generated = r#"{"metadata":{"generateName":"web-"}}"#;
        check(pods, own, "", "web");
        check(pods, generated, r#"{"metadata":{"name":"web-x"}}"#, "web-x");
        check(pods, generated, r#"{"kind":"Status","metadata":{}}"#, "web-*");
        check(pods, "no JSON", "", "");
        check("POST /apis/x.dev/v1/things", own, "", " web");
        check("POST /api/v1/namespaces/a/pods/web/eviction", own, "", "");
        check("PUT /api/v1/namespaces/a/pods/web", own, "", "");
    }
}
