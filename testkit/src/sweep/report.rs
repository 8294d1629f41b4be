//! What a sweep tells.

use std::{fmt, sync::Arc};

use super::Tape;
use crate::{
    oracle::FailureKind,
    sim::{Injection, Overtaking},
    timeline::Trace,
};

/// What a sweep did and found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Runs that were made.
    pub runs: usize,
    /// Runs that were made to make findings smaller.
    pub shrink_runs: usize,
    /// Faults that there were to try.
    pub plans: usize,
    /// Runs in which the fault kept the user from doing what the script says, so that they say nothing.
    pub refused: usize,
    /// Runs in which the request that the fault was meant for did not come.
    pub unmet: usize,
    /// What is wrong, the plainest first.
    pub findings: Vec<Finding>,
    /// What is worth knowing, but not wrong.
    pub notes: Vec<String>,
    /// What was to be seen sometimes, and was.
    pub(super) seen: Vec<Arc<str>>,
}

/// A run that failed, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// In which way.
    pub kind: FailureKind,
    /// What it is about: a resource and a key, or a process.
    pub about: String,
    /// What differs from a run without faults.
    pub details: Vec<String>,
    /// The faults that it takes.
    pub injections: Vec<Injection>,
    /// Where the order was another than the usual one.
    pub overtakings: Vec<Overtaking>,
    /// The seed of names, UIDs and jitter.
    pub seed: u64,
    /// What happened.
    pub trace: Trace,
}

// === impl Report ===

impl Report {
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs, {} faults to try, {} findings",
            self.runs,
            self.plans,
            self.findings.len()
        )?;
        if self.refused > 0 {
            write!(f, ", {} runs that say nothing", self.refused)?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

// === impl Finding ===

/// The most lines of differences that are told.
const DETAILS_MAX: usize = 6;

impl Finding {
    /// What it takes to see it again: save it, and give it to [`Sweep::replay`](crate::Sweep::replay).
    pub fn tape(&self) -> Tape {
        Tape::of(self)
    }

    /// What is wrong, and what it takes, in a few lines.
    pub(super) fn summary(&self) -> String {
        let mut lines = vec![self.about.clone()];
        lines.extend(self.details.iter().take(DETAILS_MAX).cloned());
        if self.details.len() > DETAILS_MAX {
            lines.push(format!("and {} more", self.details.len() - DETAILS_MAX));
        }
        lines.join("\n")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.about, self.kind)?;
        for line in self.details.iter().take(DETAILS_MAX) {
            writeln!(f, "  {line}")?;
        }
        if self.injections.is_empty() && self.overtakings.is_empty() {
            writeln!(f, "without any fault")?;
        }
        for injection in &self.injections {
            writeln!(f, "fault: {injection}")?;
        }
        for overtaking in self.overtakings.iter().take(DETAILS_MAX) {
            writeln!(f, "order: {overtaking}")?;
        }
        f.write_str(&self.trace.text())
    }
}
