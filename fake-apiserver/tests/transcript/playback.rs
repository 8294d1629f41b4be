//! Checks the harness against the recordings themselves: a server that answers what was recorded must come out the same
//! throughout, and one that changes anything must not.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use http_body::Frame;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::sync::mpsc;

use super::format::{Step, Transcript, files};
use super::replay::{Outcome, replay};
use super::run::{in_virtual_time, recorded, replay_all};
use super::target::{Body, Target};

/// Answers each step with what was recorded for it.
struct Playback {
    transcript: Arc<Transcript>,
    at: Cell<usize>,
    streams: RefCell<BTreeMap<String, mpsc::UnboundedSender<Bytes>>>,
    /// Changes an answer before it is sent.
    twist: Box<dyn Fn(&mut Value)>,
}

impl Playback {
    fn new(transcript: &Arc<Transcript>, twist: impl Fn(&mut Value) + 'static) -> Self {
        Self {
            transcript: Arc::clone(transcript),
            at: Cell::default(),
            streams: RefCell::default(),
            twist: Box::new(twist),
        }
    }
}

impl Target for Playback {
    fn call(
        &self,
        _: http::Request<Full<Bytes>>,
    ) -> LocalBoxFuture<'_, Result<http::Response<Body>, String>> {
        let answer = match &self.transcript.steps[self.at.get()] {
            Step::Exchange { expected, .. } => {
                let mut expected = expected.clone();
                (self.twist)(&mut expected);
                respond(&expected, body_of(&expected))
            }
            Step::Watch { expected, .. } if expected["status"] != 200 => respond(expected, body_of(expected)),
            Step::Watch { id, expected, .. } => {
                let (sender, events) = mpsc::unbounded_channel();
                self.streams.borrow_mut().insert(id.clone(), sender);
                respond(
                    expected,
                    Feed(events).map_err(|never| match never {}).boxed_unsync(),
                )
            }
            other => Err(format!("a request at {other:?}")),
        };
        async { answer }.boxed_local()
    }

    fn compact(&self) {}

    fn at_step(&self, index: usize) {
        self.at.set(index);
        if let Step::Events {
            id, expected, closed, ..
        } = &self.transcript.steps[index]
        {
            let mut expected = expected.clone();
            (self.twist)(&mut expected);
            let mut streams = self.streams.borrow_mut();
            if let Some(stream) = streams.get(id) {
                for event in expected.as_array().into_iter().flatten() {
                    let _ = stream.send(Bytes::from(format!("{event}\n")));
                }
            }
            if *closed {
                streams.remove(id);
            }
        }
    }
}

/// A body that yields what is sent into it.
struct Feed(mpsc::UnboundedReceiver<Bytes>);

impl http_body::Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|data| data.map(|d| Ok(Frame::data(d))))
    }
}

fn body_of(answer: &Value) -> Body {
    let data = match &answer["body"] {
        Value::Null => Bytes::new(),
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("<text>") => {
            Bytes::from(fields["<text>"].as_str().unwrap_or_default().to_owned())
        }
        body => Bytes::from(body.to_string()),
    };
    Full::new(data).map_err(|never| match never {}).boxed_unsync()
}

fn respond(answer: &Value, body: Body) -> Result<http::Response<Body>, String> {
    let status = answer["status"]
        .as_u64()
        .and_then(|s| u16::try_from(s).ok())
        .ok_or("no status")?;
    let mut response = http::Response::builder().status(status);
    for (name, values) in answer["headers"].as_object().into_iter().flatten() {
        let one = std::slice::from_ref(values);
        for value in values.as_array().map_or(one, Vec::as_slice) {
            response = response.header(name, value.as_str().ok_or("a header of no text")?);
        }
    }
    response.body(body).map_err(|e| e.to_string())
}

fn play(transcript: &Arc<Transcript>, twist: impl Fn(&mut Value) + 'static) -> Vec<Outcome> {
    let playback = Playback::new(transcript, twist);
    let outcomes = RefCell::new(Vec::new());
    in_virtual_time(replay(transcript, &playback, &[], |outcome| {
        outcomes.borrow_mut().push(outcome)
    }));
    outcomes.into_inner()
}

/// All transcripts of the folder, or one.
fn transcripts(below: &str) -> Vec<Transcript> {
    let path = recorded().join(below);
    let files = if path.is_dir() {
        files(&path).expect("the folder can be read")
    } else {
        vec![path]
    };
    let read = |path: &PathBuf| Transcript::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    files.iter().map(read).collect()
}

#[test]
fn recorded_answers_come_out_the_same() {
    let mut steps = 0;
    for (transcript, outcomes) in replay_all(transcripts(""), |t| Box::new(Playback::new(t, |_| {})), &[]) {
        assert_eq!(
            outcomes.len(),
            transcript.compared().count(),
            "{}",
            transcript.name
        );
        for Outcome {
            index,
            status_same,
            difference,
        } in &outcomes
        {
            assert!(
                *status_same && difference.is_none(),
                "{} step {index}: {difference:?}",
                transcript.name
            );
        }
        steps += outcomes.len();
    }
    assert!(steps > 5000, "only {steps} steps were found");
}

#[test]
fn a_crash_in_one_transcript_leaves_the_others_alone() {
    let results = replay_all(
        transcripts("patch"),
        |t| match t.name.as_str() {
            "patch/scale" => std::panic::resume_unwind(Box::new("no server today")),
            "patch/json-test" => Box::new(Playback::new(t, |_| {
                std::panic::resume_unwind(Box::new("no answer today"))
            })),
            _ => Box::new(Playback::new(t, |_| {})),
        },
        &[],
    );
    for (transcript, outcomes) in results {
        let expected = match transcript.name.as_str() {
            "patch/scale" => Some("panicked: no server today"),
            "patch/json-test" => Some("transport: panicked: no answer today"),
            _ => None,
        };
        for outcome in outcomes {
            assert_eq!(
                outcome.difference.as_deref(),
                expected,
                "{} step {}",
                transcript.name,
                outcome.index
            );
        }
    }
}

#[test]
fn every_changed_answer_is_noticed() {
    type Twist = fn(&mut Value);
    let twists: [(Twist, bool); 4] = [
        (|answer| answer["status"] = 299.into(), false),
        (
            |answer| answer["headers"]["warning"] = "299 - \"careful\"".into(),
            true,
        ),
        (|answer| answer["body"]["kind"] = "Other".into(), true),
        (|answer| answer["body"]["extra"] = true.into(), true),
    ];
    let transcript = Arc::new(transcripts("patch/json-operations.json").remove(0));
    for (twist, status_same) in twists {
        for outcome in play(&transcript, twist) {
            assert!(outcome.difference.is_some(), "step {}", outcome.index);
            assert_eq!(outcome.status_same, status_same, "step {}", outcome.index);
        }
    }
}

#[test]
fn missing_and_surplus_events_are_noticed() {
    type Twist = fn(&mut VecDeque<Value>);
    let twists: [Twist; 3] = [
        |events| drop(events.pop_front()),
        |events| events.push_back(serde_json::json!({"type": "ADDED", "object": {}})),
        |events| events.iter_mut().for_each(|e| e["type"] = "OTHER".into()),
    ];
    let mut seen = 0;
    for transcript in transcripts("watch").into_iter().map(Arc::new) {
        for twist in twists {
            let outcomes = play(&transcript, move |answer| {
                if let Value::Array(events) = answer {
                    let mut changed = VecDeque::from(std::mem::take(events));
                    twist(&mut changed);
                    *events = changed.into();
                }
            });
            let first = outcomes.iter().find(|o| {
                matches!(&transcript.steps[o.index],
                Step::Events { expected, .. } if expected.as_array().is_some_and(|e| !e.is_empty()))
            });
            if let Some(outcome) = first {
                assert!(
                    !outcome.status_same && outcome.difference.is_some(),
                    "{}",
                    transcript.name
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "only {seen} were tried");
}
