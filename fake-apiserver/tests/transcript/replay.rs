//! Plays one transcript against one server.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use regex::{Captures, Regex};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::compare::{first_difference, without};
use super::format::{Payload, Request, Step, Transcript};
use super::normalise::Normaliser;
use super::stream::Stream;
use super::target::{self, Target, Wire};

/// How long a request is repeated until its answer is the recorded one, and how often.
const UNTIL: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(50);
/// Passes after each step, so that everything that is ready runs before the next.
const PAUSE: Duration = Duration::from_millis(1);

static REPEATS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{(\w)\*([0-9]+)\}\}").expect("the pattern is a literal that parses"));
static VARIABLES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{(\w+)\}\}").expect("the pattern is a literal that parses"));

/// How one compared step came out.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) index: usize,
    pub(crate) status_same: bool,
    pub(crate) difference: Option<String>,
}

/// The transcript whose answers hold a build's own version strings: other builds have others.
const BUILD: &str = "discovery/version";

/// Plays all steps; must run within a `LocalSet` on a paused clock.
///
/// An outcome is handed over as soon as it is known, so that those before a crash count.
///
/// Members named in `ignored` are not compared, to see what else there is.
pub(crate) async fn replay(
    transcript: &Transcript,
    target: &dyn Target,
    ignored: &[String],
    mut report: impl FnMut(Outcome),
) {
    let mut player = Player {
        target,
        ignored,
        names_only: transcript.name == BUILD,
        variables: BTreeMap::new(),
        normaliser: Normaliser::default(),
        streams: BTreeMap::new(),
    };
    for (index, step) in transcript.steps.iter().enumerate() {
        target.at_step(index);
        let outcome = player.play(step).await;
        if let Some((status_same, difference)) = outcome {
            report(Outcome {
                index,
                status_same,
                difference,
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

struct Player<'a> {
    target: &'a dyn Target,
    ignored: &'a [String],
    /// Whether only the names of a successful answer's members count.
    names_only: bool,
    variables: BTreeMap<String, Value>,
    normaliser: Normaliser,
    streams: BTreeMap<String, Stream>,
}

/// Whether the status was the same, and where the answer parts from the expected one.
type Compared = (bool, Option<String>);

impl Player<'_> {
    async fn play(&mut self, step: &Step) -> Option<Compared> {
        match step {
            Step::Compact => {
                self.target.compact();
                None
            }
            Step::Sleep(time) => {
                tokio::time::sleep(*time).await;
                None
            }
            Step::Events {
                id,
                expected,
                closed,
                bookmarks,
            } => Some(self.events(id, expected, *closed, *bookmarks).await),
            Step::Watch {
                id,
                request,
                expected,
            } => Some(self.watch(id, request, expected).await),
            Step::Exchange {
                request,
                expected,
                captures,
                until,
            } => Some(self.exchange(request, expected, captures, *until).await),
        }
    }

    async fn exchange(
        &mut self,
        request: &Request,
        expected: &Value,
        captures: &[(String, String)],
        until: bool,
    ) -> Compared {
        let wire = self.wire(request);
        let end = Instant::now() + if until { UNTIL } else { Duration::ZERO };
        loop {
            let (head, body) = match self.send(&wire).await {
                Ok(answer) => answer,
                Err(error) => return (false, Some(format!("transport: {error}"))),
            };
            let saved = self.normaliser.clone();
            let got =
                json!({"status": head.status, "headers": head.headers, "body": self.normaliser.body(&body)});
            let difference = self.difference(expected, &got);
            if difference.is_some() && Instant::now() < end {
                self.normaliser = saved;
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            for (name, pointer) in captures {
                if let Some(value) = pointed(&body, pointer) {
                    self.variables.insert(name.clone(), value.clone());
                }
            }
            return (expected["status"] == head.status, difference);
        }
    }

    async fn watch(&mut self, id: &str, request: &Request, expected: &Value) -> Compared {
        let wire = self.wire(request);
        let (head, body) = match target::send(self.target, &wire).await {
            Ok(answer) => answer,
            Err(error) => return (false, Some(format!("transport: {error}"))),
        };
        let mut got = json!({"status": head.status, "headers": head.headers});
        if head.status == 200 {
            self.streams.insert(id.to_owned(), Stream::open(body));
        } else {
            match target::read(body).await {
                Ok(body) => got["body"] = self.normaliser.body(&body),
                Err(error) => return (false, Some(format!("transport: {error}"))),
            }
        }
        (expected["status"] == head.status, self.difference(expected, &got))
    }

    async fn events(&mut self, id: &str, expected: &Value, closed: bool, bookmarks: bool) -> Compared {
        let Some(stream) = self.streams.get_mut(id) else {
            return (false, Some("the watch was not opened".to_owned()));
        };
        let wanted = expected.as_array().map_or(0, Vec::len);
        let (events, ended) = stream.collect(wanted, closed, bookmarks).await;
        let got = Value::Array(events.iter().map(|event| self.normaliser.event(event)).collect());
        let difference = self
            .difference(expected, &got)
            .or_else(|| (ended != closed).then(|| format!("closed: expected {closed}, got {ended}")));
        let kinds = |events: &Value| -> Vec<Value> {
            events
                .as_array()
                .into_iter()
                .flatten()
                .map(|e| e["type"].clone())
                .collect()
        };
        (kinds(expected) == kinds(&got), difference)
    }

    fn difference(&self, expected: &Value, got: &Value) -> Option<String> {
        if self.names_only && expected["status"] == 200 {
            return first_difference(&names(expected), &names(got));
        }
        if self.ignored.is_empty() {
            return first_difference(expected, got);
        }
        first_difference(&without(expected, self.ignored), &without(got, self.ignored))
    }

    async fn send(&self, wire: &Wire) -> Result<(target::Head, Value), String> {
        let (head, body) = target::send(self.target, wire).await?;
        Ok((head, target::read(body).await?))
    }

    fn wire(&self, request: &Request) -> Wire {
        let fill = |text: &str| self.fill(text);
        let mut headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_deref().map(fill)))
            .collect();
        let payload = match &request.payload {
            Payload::None => None,
            Payload::Raw(text) => Some(Bytes::from(fill(text))),
            Payload::Json(json) => {
                headers.insert(
                    0,
                    ("Content-Type".to_owned(), Some("application/json".to_owned())),
                );
                Some(Bytes::from(json.map_strings(&fill).to_wire()))
            }
        };
        Wire {
            method: request.method.clone(),
            path: fill(&request.path),
            headers,
            payload,
        }
    }

    fn fill(&self, text: &str) -> String {
        if !text.contains("{{") {
            return text.to_owned();
        }
        let repeated = REPEATS.replace_all(text, |c: &Captures<'_>| c[1].repeat(c[2].parse().unwrap_or(0)));
        VARIABLES
            .replace_all(&repeated, |c: &Captures<'_>| match self.variables.get(&c[1]) {
                Some(Value::String(s)) => s.clone(),
                Some(other) => other.to_string(),
                None => c[0].to_owned(),
            })
            .into_owned()
    }
}

/// The value a JSON pointer leads to; a pointer may end in a slash.
/// An answer whose body keeps the names of its members alone.
fn names(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(Value::Object(body)) = answer.get_mut("body") {
        body.values_mut().for_each(|value| *value = Value::Null);
    }
    answer
}

fn pointed<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    match pointer.trim_matches('/') {
        "" => Some(value),
        path => value.pointer(&format!("/{path}")),
    }
}
