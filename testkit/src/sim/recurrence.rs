//! States that come back, with changes in between: where that goes on, a run never comes to rest.
//!
//! Reading order: [`Cycle`] (what those who judge a run are told), [`Returns`] (what ends a run), `Log` (what states and changes are compared by).

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;

use super::{likeness::Likeness, record::Written};

/// Changes after which everything is as it was before.
#[derive(Debug)]
pub(crate) struct Cycle<'a> {
    /// From one state to the same state, in order.
    pub(crate) changes: Vec<&'a Written>,
    /// How often that state was met.
    pub(crate) times: usize,
}

/// Watches whether things come back while a world settles.
#[derive(Default)]
pub(super) struct Returns {
    log: Log,
    /// How many changes were looked at, from the first.
    looked: usize,
    /// How many faults there were.
    faults: usize,
    marks: Vec<Mark>,
}

/// A moment at which nothing moved but for timers.
struct Mark {
    /// When every timer that was set then has fired.
    due: Duration,
    /// What was changed since the mark before, as a number.
    turn: u64,
    /// What everything was like, as a number.
    state: u64,
}

/// The states that a state must have come back from, each time by the same changes, before it is certain that it always will.
const TURNS: usize = 20;

/// The changes of a run, from the end, in which a cycle is looked for.
const TAIL: usize = 1000;

/// A state that was met so often comes back.
const TIMES: usize = 3;

// === impl Cycle ===

impl<'a> Cycle<'a> {
    /// What comes back at the end of a run that did not come to rest: everything, or else a single object.
    pub(crate) fn of(written: &'a [Written]) -> Option<Self> {
        let effective: Vec<&Written> = written.iter().filter(|w| w.is_effective).collect();
        let tail = &effective[effective.len().saturating_sub(TAIL)..];
        Self::within(tail).or_else(|| {
            let mut objects = BTreeMap::<(&str, &str), Vec<&Written>>::new();
            for written in tail {
                let change = &written.change;
                objects
                    .entry((&*change.resource, &*change.key))
                    .or_default()
                    .push(written);
            }
            objects.into_values().find_map(|tail| Self::within(&tail))
        })
    }

    fn within(tail: &[&'a Written]) -> Option<Self> {
        let mut log = Log::default();
        let mut states = vec![log.state];
        let mut changes = Vec::new();
        for written in tail {
            changes.push(log.add(written));
            states.push(log.state);
        }
        // The last state that was met often enough.
        let (end, before) = (0..states.len()).rev().find_map(|end| {
            let before: Vec<usize> = (0..end).rev().filter(|at| states[*at] == states[end]).collect();
            (before.len() + 1 >= TIMES).then_some((end, before))
        })?;
        // Met twice on a way that is always the same, it is the whole way that counts.
        let repeats = |start: &&usize| {
            let length = end - **start;
            **start >= length && changes[**start..end] == changes[**start - length..**start]
        };
        let start = before.iter().find(repeats).or(before.first())?;
        Some(Self {
            changes: tail[*start..end].to_vec(),
            times: before.len() + 1,
        })
    }
}

// === impl Returns ===

impl Returns {
    /// What was changed before these, and what befell before, does not count.
    pub(super) fn since(changes: usize, faults: usize) -> Self {
        Self {
            looked: changes,
            faults,
            ..Self::default()
        }
    }

    /// Nothing moves; `due` tells when every timer that is set now will have fired. Whether it is certain that things come back for ever.
    ///
    /// It is if the same changes have led to the same state again and again, for so long that everybody who waited for something when that began
    /// has had his turn.
    pub(super) fn are_certain(
        &mut self,
        written: &[Written],
        faults: usize,
        now: Duration,
        due: impl FnOnce() -> Duration,
    ) -> bool {
        if faults != self.faults {
            *self = Self::since(self.looked, faults);
        }
        // Hardly any run changes as much: what is not needed is not computed.
        if written.len() < self.looked + TURNS && self.marks.is_empty() {
            return false;
        }
        let mut turn = DefaultHasher::new();
        let before = self.looked;
        for written in written[before..].iter().filter(|w| w.is_effective) {
            self.log.add(written).hash(&mut turn);
        }
        self.looked = written.len();
        if self.looked == before {
            return false;
        }
        self.marks.push(Mark {
            due: due(),
            turn: turn.finish(),
            state: self.log.state,
        });
        self.begun().is_some_and(|begun| begun.due <= now)
    }

    /// The mark at which what comes back began to do so, if it has often enough.
    fn begun(&self) -> Option<&Mark> {
        let marks = &self.marks;
        let last = marks.len().checked_sub(1)?;
        for length in 1..=last / TURNS {
            let repeats = |at: &usize| {
                marks[*at].turn == marks[*at - length].turn && marks[*at].state == marks[*at - length].state
            };
            let alike = (length..=last).rev().take_while(repeats).count();
            if alike >= length * TURNS {
                return Some(&marks[last - alike]);
            }
        }
        None
    }
}

// === impl Log ===

/// Changes, and the states that they lead to, as numbers.
#[derive(Default)]
struct Log {
    /// The sum over all objects of what they are like: where it is the same, everything is.
    state: u64,
    /// What each object was like last, as far as it is known.
    objects: BTreeMap<(Arc<str>, Arc<str>), u64>,
    likeness: Likeness,
}

impl Log {
    /// Takes a change into account; which one it is, as a number.
    fn add(&mut self, written: &Written) -> u64 {
        let change = &written.change;
        let class = self.likeness.class(&change.key, &change.new);
        let object = |object: &Value| self.likeness.of(&change.resource, &class, object);
        let place = (change.resource.clone(), change.key.clone());
        let old = self.objects.get(&place).copied();
        let old = old.unwrap_or_else(|| change.old.as_ref().map_or(0, |old| object(old)));
        let new = if change.removed { 0 } else { object(&change.new) };
        self.objects.insert(place, new);
        self.state = self.state.wrapping_sub(old).wrapping_add(new);
        let mut hasher = DefaultHasher::new();
        (&*change.resource, &class, written.writer, old, new).hash(&mut hasher);
        hasher.finish()
    }
}
