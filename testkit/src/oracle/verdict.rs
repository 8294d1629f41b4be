//! What is wrong with a run.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::{
    lints::{hot_loop, lint, task_leak, too_many},
    normal::{self, Class},
    reference::Reference,
    turnover::{Counts, Turn, turnover},
};
use crate::{
    FieldDiff,
    sim::{Cycle, Ending, Fate, RefusedStep, Rival, Run, ScriptError, Writer, Written},
    snapshot::changed,
    timeline::hide_field,
};

/// How many fields of a change are told.
const FIELDS_MAX: usize = 3;

/// In which way a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FailureKind {
    /// Everything had come to rest as in runs without faults, and then changed, though nothing went wrong any more.
    Unstable,
    /// Nothing happens any more, and the state is not the one that runs without faults end in.
    Stuck,
    /// Nothing goes wrong, and yet the end is another one if things happen in another order: the program is not confluent.
    OrderDependent,
    /// States come back again and again: somebody fights somebody.
    Livelock,
    /// Changes go on without an end, each state a new one.
    Diverging,
    /// Objects were made more often than in any run without faults.
    MadeTooOften,
    /// Objects were deleted more often than in any run without faults.
    DeletedTooOften,
    /// There were more than twice as many objects at once as in any run without faults.
    TooMany,
    /// Tasks were left behind, and more of them than in any run without faults.
    TaskLeak,
    /// Something was made outside of the cluster before a finalizer was there by which it would be taken away again.
    EffectBeforeFinalizer,
    /// The program panicked.
    Panicked,
    /// An invariant of the test's does not hold.
    Invariant,
    /// A process asks again and again although nothing changes.
    HotLoop,
    /// A write took back what somebody else had written since the read.
    LostUpdate,
    /// An object was deleted by its name although it had become another one.
    UidBlindDelete,
    /// A start with an empty memory changes what was at rest.
    MemoryDependent,
    /// What is being deleted was changed.
    WriteAfterDeletion,
    /// A status says more than is known.
    StatusLies,
    /// An object outlives its owners.
    Orphan,
    /// An object was made again and again for an owner that was gone.
    MadeForNobody,
    /// Two processes take one lease by the same identity, so that both lead at once.
    SharedIdentity,
    /// A process writes although the lease by which it was elected is another's.
    WriteWithoutLease,
    /// The state depends on what was wanted before, and not only on what is wanted now.
    HistoryDependent,
    /// What ran is lost by a specification that the program cannot carry out, because the server refuses what it makes of it.
    Misoperation,
    /// A run without faults was not repeatable.
    NotRepeatable,
}

/// Something that is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) kind: FailureKind,
    /// What it is about: a resource and a key, a process.
    pub(crate) about: String,
    pub(crate) details: Vec<String>,
    /// The changes that are wrong, where it is known which.
    pub(crate) at: Vec<u64>,
}

impl Verdict {
    /// With a change that is wrong.
    pub(super) fn at(mut self, revision: u64) -> Self {
        self.at.push(revision);
        self
    }

    /// The changes that are wrong in a run; where nobody can say which, the last one that a process made of what is.
    pub(crate) fn blamed(&self, run: &Run) -> Vec<u64> {
        if !self.at.is_empty() {
            return self.at.clone();
        }
        let mut own = run.written.iter().rev();
        let last =
            own.find(|w| w.is_effective && matches!(w.writer, Writer::Process(_)) && about(w) == self.about);
        last.map(|written| written.change.revision).into_iter().collect()
    }

    /// Whether both say the same of the same thing. Being stuck and depending on the order are one: only whether there was a fault tells them
    /// apart, and whether it takes one is what is to be found out.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let is_about_the_end = |kind| matches!(kind, FailureKind::Stuck | FailureKind::OrderDependent);
        let is_alike =
            self.kind == other.kind || (is_about_the_end(self.kind) && is_about_the_end(other.kind));
        is_alike
            && self.about == other.about
            && panic_told(self.kind, &self.details) == panic_told(other.kind, &other.details)
    }
}

/// What tells one panic of a process from another: its message, without numbers and names, which may differ from run to run. Nothing of other
/// failures.
pub(crate) fn panic_told(kind: FailureKind, details: &[String]) -> Option<String> {
    let message = details.first().filter(|_| kind == FailureKind::Panicked)?;
    // What is quoted is every other part.
    let bare: Vec<&str> = message.split('"').step_by(2).collect();
    let words = bare.join("\" \"");
    let words = words.split_whitespace().map(|word| {
        let is_name = word.contains(|c: char| c.is_ascii_digit());
        if is_name { "#" } else { word }
    });
    Some(words.collect::<Vec<_>>().join(" "))
}

/// Judges a run: the first thing that is wrong with it and that is not allowed, the plainest kinds first.
pub(crate) fn judge(run: &Run, reference: Option<&Reference>, allowed: &[FailureKind]) -> Option<Verdict> {
    let may = |verdict: &Verdict| !allowed.contains(&verdict.kind);
    let judged = panicked(run)
        .filter(may)
        .or_else(|| broken(run).filter(may))
        .or_else(|| {
            hot_loop(run)
                .filter(|_| run.ending == Ending::OutOfSteps)
                .filter(may)
        })
        .or_else(|| unsettled(run).filter(may));
    let judged = judged.or_else(|| {
        let reference = reference?;
        let too_often = counts(run, reference, allowed);
        if let Some(refused) = &run.refused {
            return too_often
                .or_else(|| hindered(run, refused).filter(may))
                .or_else(|| too_many(run, reference).filter(may));
        }
        too_often
            .or_else(|| ends_otherwise(run, reference).filter(may))
            .or_else(|| too_many(run, reference).filter(may))
            .or_else(|| task_leak(run, reference).filter(may))
    });
    judged.or_else(|| lint(run, allowed))
}

fn panicked(run: &Run) -> Option<Verdict> {
    run.panics.first().map(|(process, message)| Verdict {
        kind: FailureKind::Panicked,
        about: process.to_string(),
        details: vec![format!("{process} panicked: {message}")],
        at: Vec::new(),
    })
}

fn broken(run: &Run) -> Option<Verdict> {
    run.broken.first().map(|(name, revision)| Verdict {
        kind: FailureKind::Invariant,
        about: name.to_string(),
        details: vec![format!("`{name}` does not hold, since @{revision}")],
        at: vec![*revision],
    })
}

fn unsettled(run: &Run) -> Option<Verdict> {
    let why = match run.ending {
        Ending::Settled | Ending::Refused => return None,
        Ending::Returning => "the same changes led to the same state again and again",
        Ending::OutOfTime => "it still changed things",
        Ending::OutOfSteps => "it was still busy",
    };
    let after = format!(
        "{why} after {:?} of virtual time and {} requests",
        run.elapsed,
        run.calls.len()
    );
    Some(match Cycle::of(&run.written) {
        Some(cycle) => livelock(run, &cycle, after),
        None => diverging(run, after),
    })
}

/// Changes that come back: who makes them.
fn livelock(run: &Run, cycle: &Cycle<'_>, after: String) -> Verdict {
    let writers: BTreeSet<&str> = cycle.changes.iter().map(|w| run.name(w.writer)).collect();
    let writers: Vec<&str> = writers.into_iter().collect();
    let head = match writers[..] {
        [one] => format!("{one} changes things back and forth"),
        _ => format!("{} work against each other", writers.join(" and ")),
    };
    let mut details = vec![
        after,
        format!("{head}; one state was met {} times, and in between:", cycle.times),
    ];
    details.extend(cycle.changes.iter().map(|w| told(run, w)));
    let about = cycle.changes.iter().map(|w| about(w)).min();
    Verdict {
        kind: FailureKind::Livelock,
        about: about.unwrap_or_else(|| "no object".to_owned()),
        details,
        at: cycle.changes.iter().map(|w| w.change.revision).collect(),
    }
}

fn diverging(run: &Run, after: String) -> Verdict {
    let effective = run.written.iter().rev().filter(|w| w.is_effective);
    let last: Vec<_> = effective.take(4).collect();
    let mut details = vec![after];
    details.extend(
        last.iter()
            .rev()
            .map(|w| format!("one of the last changes: {}", told(run, w))),
    );
    Verdict {
        kind: FailureKind::Diverging,
        about: last.first().map_or_else(|| "no object".to_owned(), |w| about(w)),
        details,
        at: last.iter().map(|w| w.change.revision).collect(),
    }
}

/// What a change is about: a resource and a key.
fn about(written: &Written) -> String {
    let change = &written.change;
    let ((resource, key), _) = normal::class(&change.resource, &change.key, &change.new);
    format!("{resource} {key}")
}

/// Who changed what, and how: `controller changes pods default/a: spec.x: 1 → 2`. What secrets hold is not told.
fn told(run: &Run, written: &Written) -> String {
    let change = &written.change;
    let (writer, object) = (
        run.name(written.writer),
        format!("{} {}", change.resource, change.key),
    );
    let old = match (&change.old, change.removed) {
        (_, true) => return format!("{writer} deletes {object}"),
        (None, false) => return format!("{writer} makes {object}"),
        (Some(old), false) => old,
    };
    let mut fields = changed(old, &change.new);
    fields.truncate(FIELDS_MAX);
    for field in &mut fields {
        hide_field(&change.resource, &field.path, [&mut field.old, &mut field.new]);
    }
    let fields: Vec<String> = fields.iter().map(FieldDiff::to_string).collect();
    format!("{writer} changes {object}: {}", fields.join(", "))
}

fn counts(run: &Run, reference: &Reference, allowed_kinds: &[FailureKind]) -> Option<Verdict> {
    let may = |kind| !allowed_kinds.contains(&kind);
    // What a program does not see it cannot count: it may have to do once what it did twice, or the other way round.
    if run.befell.iter().any(|injection| is_blinding(&injection.fate)) {
        return None;
    }
    // What a rival deletes is made again, and may go again, too.
    let by_rivals = Counts::of(run).by_rivals;
    let mut counts = Counts::default();
    // The first that is one too many is the wrong one; what comes after may be its repair.
    let own = turnover(run).filter(|(written, ..)| written.writer != Writer::Rival);
    for (written, class, turn) in own {
        let most = reference.most(&class, turn) + by_rivals;
        let (kind, verb) = match turn {
            Turn::Made => (FailureKind::MadeTooOften, "made"),
            Turn::Deleted => (FailureKind::DeletedTooOften, "deleted"),
        };
        let count = counts.add(class.clone(), turn);
        if count > most && may(kind) {
            let about = format!("{} {}", class.0, class.1);
            let line = format!(
                "{about} was {verb} once too often by {} at @{}: runs without faults do so {most} times at most",
                run.name(written.writer),
                written.change.revision
            );
            return Some(Verdict {
                kind,
                about,
                details: vec![line],
                at: vec![written.change.revision],
            });
        }
    }
    None
}

/// Whether a program may see other states than it did without the fault, and have other things to do.
fn is_blinding(fate: &Fate) -> bool {
    matches!(
        fate,
        Fate::Unobserved | Fate::Coalesced | Fate::Raced(Rival::EditsSpec | Rival::EditsStatus)
    )
}

/// Whether a run ends otherwise than runs without faults.
fn ends_otherwise(run: &Run, reference: &Reference) -> Option<Verdict> {
    if run.befell.is_empty() {
        return order_dependent(run, reference);
    }
    let wrong = differs(FailureKind::Stuck, &reference.differences(run))?;
    Some(unstable(run, reference, wrong))
}

/// Whether the user cannot do what he can without faults, though he has waited until everything was at rest and nobody took away what he would
/// work on.
fn hindered(run: &Run, refused: &RefusedStep) -> Option<Verdict> {
    let takes_away = |fate: &Fate| matches!(fate, Fate::Raced(Rival::Deletes | Rival::Recreates));
    let is_excused = run.befell.iter().any(|injection| takes_away(&injection.fate))
        || run.astray.iter().any(|(_, is_lasting)| *is_lasting);
    if is_excused || !refused.is_after_rest {
        return None;
    }
    let ScriptError { step, message } = &refused.error;
    Some(Verdict {
        kind: if run.befell.is_empty() {
            FailureKind::OrderDependent
        } else {
            FailureKind::Stuck
        },
        about: refused.about.clone().unwrap_or_else(|| "the user".to_owned()),
        details: vec![format!(
            "everything was at rest, and the user could not {step}, which works in runs without faults: {message}"
        )],
        at: Vec::new(),
    })
}

/// Whether a run without faults ends otherwise than those in the usual order.
pub(crate) fn order_dependent(run: &Run, reference: &Reference) -> Option<Verdict> {
    let mut verdict = differs(FailureKind::OrderDependent, &reference.differences_of_order(run))?;
    let note = "that is, it is not as in the usual order, which need not be the right one either";
    verdict.details.push(note.to_owned());
    Some(verdict)
}

/// Whether a run ends otherwise than those that were asked for nothing but the last thing that it was asked for.
pub(crate) fn history_dependent(run: &Run, alone: &Reference) -> Option<Verdict> {
    differs(FailureKind::HistoryDependent, &alone.differences(run))
}

/// A verdict of a kind, if there are differences.
fn differs(kind: FailureKind, differences: &[(Class, String)]) -> Option<Verdict> {
    let ((resource, key), _) = differences.first()?;
    Some(Verdict {
        kind,
        about: format!("{resource} {key}"),
        details: differences.iter().map(|(_, line)| line.clone()).collect(),
        at: Vec::new(),
    })
}

/// A wrong end that was not wrong from the moment on at which everything had come to rest.
fn unstable(run: &Run, reference: &Reference, mut wrong: Verdict) -> Verdict {
    if run.calm.as_ref().is_some_and(|calm| reference.fits(calm)) {
        wrong.kind = FailureKind::Unstable;
        wrong
            .details
            .push("everything was at rest in the right state before".to_owned());
    }
    wrong
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stuck => "stuck in a wrong state",
            Self::OrderDependent => "ends in another state if things happen in another order",
            Self::Livelock => "never comes to rest: states come back",
            Self::Diverging => "never comes to rest: changes without an end",
            Self::MadeTooOften => "made too often",
            Self::DeletedTooOften => "deleted too often",
            Self::Unstable => "was right, and did not stay so",
            Self::TooMany => "too many at once",
            Self::TaskLeak => "leaves tasks behind",
            Self::EffectBeforeFinalizer => "made before there is a finalizer that takes it away",
            Self::Panicked => "panicked",
            Self::Invariant => "an invariant does not hold",
            Self::HotLoop => "asks without a pause",
            Self::LostUpdate => "somebody else's update is lost",
            Self::UidBlindDelete => "deleted by its name, though it was another one",
            Self::MemoryDependent => "depends on what a process remembers",
            Self::WriteAfterDeletion => "changed while it is being deleted",
            Self::StatusLies => "the status says more than is known",
            Self::Orphan => "left behind",
            Self::MadeForNobody => "made again and again for an owner that is gone",
            Self::SharedIdentity => "held by two processes under one identity",
            Self::WriteWithoutLease => "written by a process that has lost its lease",
            Self::HistoryDependent => "depends on what was wanted before",
            Self::Misoperation => "lost by a specification that cannot be carried out",
            Self::NotRepeatable => "not repeatable",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_told_apart_by_what_they_say() {
        let panic = |message: &str| Verdict {
            kind: FailureKind::Panicked,
            about: "controller".to_owned(),
            details: vec![format!("controller panicked: {message}")],
            at: Vec::new(),
        };
        let first = panic(r#"no pod "web-x" of 0b5a9c1e-8f57-4f0e-9a39-c0ffee000001 at 17"#);
        assert!(first.is_like(&panic(
            r#"no pod "web y" of 77777777-8f57-4f0e-9a39-c0ffee000002 at 9"#
        )));
        assert!(!first.is_like(&panic("no node")));
        let stuck = |details: &str| Verdict {
            kind: FailureKind::Stuck,
            details: vec![details.to_owned()],
            ..first.clone()
        };
        assert!(stuck("one way").is_like(&stuck("another")));
    }
}
