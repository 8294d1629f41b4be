//! What happened in a run, for people.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::Site;
use crate::timeline::{self, Entry, LaneKind, Trace, What, redacted};

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// The virtual time since the start.
    pub(crate) at: Duration,
    /// The newest revision then.
    pub(crate) revision: u64,
    /// What it was.
    pub(crate) what: Happening,
}

/// What can happen in a run.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A process started, for the so-manieth time.
    Started(Arc<str>, u32),
    /// A process was killed.
    Crashed(Arc<str>),
    /// A process ended by itself, with what it panicked with.
    Ended(Arc<str>, Option<String>),
    /// A process panicked, and went on, because something caught it.
    Caught(Arc<str>, String),
    /// The server dealt with a request.
    Request(Exchange),
    /// A change was told to a process that watches: the watch, and the line as it was sent.
    Told(Arc<Site>, String),
    /// One of the cluster's controllers, the user or somebody else changed an object.
    Changed(Change),
    /// Something went wrong on purpose.
    Fault(String),
    /// The user did something.
    User(String),
}

/// A request and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Who asked for what.
    pub(crate) site: Arc<Site>,
    /// The request's line, `PATCH /api/v1/…`.
    pub(crate) request: String,
    /// The request's body.
    pub(crate) body: String,
    /// The code of the answer; none where there was no answer.
    pub(crate) code: Option<u16>,
    /// The answer's body, unless it is a stream.
    pub(crate) answer: String,
    /// The revision that it wrote, if it changed something.
    pub(crate) wrote: Option<u64>,
}

/// A change of an object by somebody who is no process.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Who changed it.
    pub(crate) writer: &'static str,
    /// The resource, and the object's key.
    pub(crate) object: String,
    /// `created`, `changed` or `deleted`.
    pub(crate) how: &'static str,
    /// The object after it.
    pub(crate) body: String,
}

/// Where the server of a world is shown.
const SERVER: &str = "apiserver";

/// The same as a story for people.
pub(crate) fn timeline(events: &[Event], title: &str) -> Trace {
    let mut trace = Trace::new(title);
    let mut exchanges = 0;
    for event in events {
        let (lane, what) = match &event.what {
            Happening::Started(name, times) => {
                let what = if *times == 1 {
                    What::Note("starts".to_owned())
                } else {
                    What::Restart
                };
                (trace.lane(LaneKind::Process, name), what)
            }
            Happening::Crashed(name) => (trace.lane(LaneKind::Process, name), What::Crash),
            Happening::Ended(name, panic) => {
                let text = panic
                    .as_ref()
                    .map_or_else(|| "returns".to_owned(), |panic| format!("panics: {panic}"));
                (trace.lane(LaneKind::Process, name), What::Note(text))
            }
            Happening::Caught(name, panic) => {
                let text = format!("panics: {panic} (and something catches it)");
                (trace.lane(LaneKind::Process, name), What::Note(text))
            }
            Happening::Request(exchange) => {
                exchanges += 1;
                exchange.tell(&mut trace, event, timeline::Exchange(exchanges));
                continue;
            }
            Happening::Told(site, line) => {
                let lane = trace.lane(LaneKind::Process, &site.process);
                let (change, object, version) = told(site, line);
                let from = trace.lane(LaneKind::Apiserver, SERVER);
                let mut entry = Entry::new(event.at, lane, What::Event { from, change, object })
                    .body(redacted(line.trim_end(), site.is_secret()));
                entry.revision = version;
                trace.push(entry);
                continue;
            }
            Happening::Changed(change) => {
                let lane = trace.lane(LaneKind::Actor, change.writer);
                let entry = Entry::new(
                    event.at,
                    lane,
                    What::Operation(format!("{} {}", change.object, change.how)),
                );
                let body = redacted(&change.body, change.object.starts_with("secrets "));
                trace.push(entry.revision(event.revision).body(body));
                continue;
            }
            Happening::Fault(fault) => {
                let lane = trace.lane(LaneKind::Actor, "fault");
                (lane, What::Fault(fault.clone()))
            }
            Happening::User(step) => (trace.lane(LaneKind::Actor, "user"), What::Operation(step.clone())),
        };
        trace.push(Entry::new(event.at, lane, what));
    }
    trace
}

/// The type of an event, its object, and the version that the object has.
fn told(site: &Site, line: &str) -> (String, String, Option<u64>) {
    let event: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let change = match text("/type") {
        "" => "END",
        other => other,
    };
    let kind = match text("/object/kind") {
        "" => site.resource.as_str(),
        kind => kind,
    };
    let (namespace, name) = (text("/object/metadata/namespace"), text("/object/metadata/name"));
    let place = if namespace.is_empty() { "" } else { "/" };
    let version = text("/object/metadata/resourceVersion").parse().ok();
    (
        change.to_owned(),
        format!("{kind} {namespace}{place}{name}"),
        version,
    )
}

impl Exchange {
    fn tell(&self, trace: &mut Trace, event: &Event, exchange: timeline::Exchange) {
        let process = trace.lane(LaneKind::Process, &self.site.process);
        let server = trace.lane(LaneKind::Apiserver, SERVER);
        let (method, path) = self.request.split_once(' ').unwrap_or(("", &self.request));
        let request = What::Request {
            exchange,
            to: server,
            method: method.to_owned(),
            path: path.to_owned(),
        };
        let is_secret = self.site.is_secret();
        let mut entry = Entry::new(event.at, process, request).body(redacted(&self.body, is_secret));
        entry.revision = self.wrote;
        trace.push(entry);
        let response = What::Response {
            exchange,
            from: server,
            code: self.code.unwrap_or_default(),
        };
        trace.push(Entry::new(event.at, process, response).body(redacted(&self.answer, is_secret)));
    }
}
