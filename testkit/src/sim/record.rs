//! What a run leaves behind for those who judge it.

use std::{sync::Arc, time::Duration};

use seatrial_fake_apiserver::{self as fake, Held};
use serde_json::Value;

use super::{Crossing, Fate, Injection, ScriptError, Site, schedule::Overtaking, trace::Event};

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) calls: Vec<Called>,
    pub(crate) written: Vec<Written>,
    /// Invariants that do not hold, each with a revision.
    pub(crate) broken: Vec<(Arc<str>, u64)>,
    /// What was to be seen sometimes, and was.
    pub(crate) seen: Vec<Arc<str>>,
    /// What processes are called, in the order in which [`Writer::Process`] numbers them.
    pub(crate) processes: Vec<Arc<str>>,
    /// The newest revision at each rest that the script asks for, and at its end.
    pub(crate) rests: Vec<u64>,
    /// The state at the end.
    pub(crate) held: Vec<Held>,
    pub(crate) ending: Ending,
    /// What the user could not do, which ended the run.
    pub(crate) refused: Option<RefusedStep>,
    /// The injections that took place.
    pub(crate) befell: Vec<Injection>,
    /// Where objects could go on in more than one way.
    pub(crate) crossings: Vec<Crossing>,
    /// The UIDs of those that did not take the usual one, and whether nothing leads back from theirs.
    pub(crate) astray: Vec<(String, bool)>,
    /// Where the order was not the usual one.
    pub(crate) overtakings: Vec<Overtaking>,
    /// What processes panicked with.
    pub(crate) panics: Vec<(Arc<str>, String)>,
    /// How many tasks each process had in the end, beside its main one.
    pub(crate) tasks: Vec<(Arc<str>, usize)>,
    /// The state in which everything had come to rest, where something changed afterwards though nothing went wrong any more.
    pub(crate) calm: Option<Vec<Held>>,
    /// The pieces of watches that processes were told, in order.
    pub(crate) told: Vec<Told>,
    /// The objects that processes were told are being deleted, in order.
    pub(crate) leaving: Vec<Leaving>,
    pub(crate) trace: Vec<Event>,
    pub(crate) elapsed: Duration,
}

/// A request that reached the server, or would have.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) site: Arc<Site>,
    pub(crate) at: Duration,
    pub(crate) sent: Sent,
    /// The newest revision before.
    pub(crate) before: u64,
    /// The newest revision when it was dealt with.
    pub(crate) after: u64,
    /// The code of the answer; none where there was none.
    pub(crate) code: Option<u16>,
    /// Whether it changed what counts.
    pub(crate) is_effective: bool,
    /// Whether it reads what any replica may answer, of whatever age.
    pub(crate) any_age: bool,
    pub(crate) fate: Option<Fate>,
    /// All that was asked and answered up to here, as a number.
    pub(crate) hash: u64,
}

/// When a process sent a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// In which of its lives, from 1.
    pub(crate) life: u32,
    /// The newest revision then.
    pub(crate) revision: u64,
    /// How many objects processes had been told are being deleted.
    pub(super) heard: usize,
}

/// An object that a process was told is being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub(super) process: usize,
    /// In which of its lives: the next one remembers nothing.
    pub(super) life: u32,
    pub(super) uid: String,
}

/// A piece of a watch, on its way no more.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) site: Arc<Site>,
    /// How many requests there had been.
    pub(crate) calls: usize,
    /// How long it is.
    pub(crate) bytes: usize,
    pub(crate) is_bookmark: bool,
}

/// An operation of the user's that was refused.
#[derive(Clone, Debug)]
pub(crate) struct RefusedStep {
    pub(crate) error: ScriptError,
    /// The resource and the key of its object; nothing where that is not served.
    pub(crate) about: Option<String>,
    /// Whether the user had waited until everything was at rest, and everybody had heard of everything.
    pub(crate) is_after_rest: bool,
}

/// A change, and who made it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) change: fake::Change,
    pub(crate) writer: Writer,
    pub(crate) is_effective: bool,
}

/// Who changes objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Writer {
    Process(usize),
    Cluster,
    Stages,
    User,
    Rival,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing happens any more, and nothing changes when all timers fire.
    Settled,
    /// The same changes led back to the same state again and again, and always will.
    Returning,
    /// It still changed things when its time was up.
    OutOfTime,
    /// It was still busy after so many steps.
    OutOfSteps,
    /// The server refused what the user did next.
    Refused,
}

// === impl Run ===

impl Run {
    /// The changes that a request has made.
    pub(crate) fn written_by(&self, call: &Called) -> impl Iterator<Item = &Written> {
        let later = self.written.partition_point(|w| w.change.revision <= call.before);
        let own = self.written[later..].iter();
        own.take_while(|w| w.change.revision <= call.after)
            .filter(|w| matches!(w.writer, Writer::Process(_)) && self.name(w.writer) == call.site.process)
    }

    /// Whether whoever changed an object had been told that it was being deleted when he sent the request that did it.
    pub(crate) fn knew_of_deletion(&self, written: &Written) -> bool {
        let Writer::Process(process) = written.writer else {
            return false;
        };
        let revision = written.change.revision;
        let does_it = |call: &&Called| {
            call.before < revision && revision <= call.after && call.site.process == self.name(written.writer)
        };
        let uid = written
            .change
            .new
            .pointer("/metadata/uid")
            .and_then(Value::as_str);
        let (Some(Called { sent, .. }), Some(uid)) = (self.calls.iter().find(does_it), uid) else {
            return false;
        };
        let known = |l: &Leaving| l.process == process && l.life == sent.life && l.uid == uid;
        self.leaving.iter().take(sent.heard).any(known)
    }

    /// What a writer is called.
    pub(crate) fn name(&self, writer: Writer) -> &str {
        match writer {
            Writer::Process(index) => self.processes.get(index).map_or(writer.label(), |name| name),
            _ => writer.label(),
        }
    }
}

// === impl Writer ===

impl Writer {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Process(_) => "process",
            Self::Cluster => "cluster",
            Self::Stages => "stages",
            Self::User => "user",
            Self::Rival => "somebody",
        }
    }
}

/// Whether a change is one that anybody should care for: not that of a lease, of an event, or of who manages which field.
pub(crate) fn is_effective(change: &fake::Change) -> bool {
    if matches!(
        &*change.resource,
        "leases.coordination.k8s.io" | "events" | "events.events.k8s.io"
    ) {
        return false;
    }
    let (Some(old), false) = (&change.old, change.removed) else {
        return true;
    };
    !same_but_managers(old, &change.new)
}

/// Whether an object has only moved on in time: heartbeats do so.
pub(crate) fn is_heartbeat(change: &fake::Change) -> bool {
    let is_same = |old: &Value| same_but_times(old, &change.new);
    !change.removed && change.old.as_deref().is_some_and(is_same)
}

fn same_but_times(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut fields = old.iter();
            old.len() == new.len()
                && fields.all(|(name, old)| new.get(name).is_some_and(|new| same_but_times(old, new)))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_but_times(old, new))
        }
        (Value::String(old), Value::String(new)) => {
            let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
            old == new || (is_time(old) && is_time(new))
        }
        _ => old == new,
    }
}

fn same_but_managers(old: &Value, new: &Value) -> bool {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return old == new;
    };
    old.len() == new.len()
        && old
            .iter()
            .all(|(field, old)| match (new.get(field), field.as_str()) {
                (Some(Value::Object(new)), "metadata") => old.as_object().is_some_and(|old| {
                    let counted = |field: &&String| field.as_str() != "managedFields";
                    old.keys().filter(counted).count() == new.keys().filter(counted).count()
                        && old
                            .iter()
                            .all(|(f, v)| f == "managedFields" || new.get(f) == Some(v))
                }),
                (other, _) => other == Some(old),
            })
}
