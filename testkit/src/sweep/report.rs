//! What a sweep tells.

use std::fmt;

use crate::{
    oracle::FailureKind,
    sim::{Injection, Overtaking, trace::Event},
};

/// What a sweep did and found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Runs that were made.
    pub runs: usize,
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
    /// What happened.
    pub trace: Vec<Event>,
}

/// The most lines of a timeline.
const LINES_MAX: usize = 30;

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

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.about, self.kind)?;
        for line in self.details.iter().take(6) {
            writeln!(f, "  {line}")?;
        }
        if self.details.len() > 6 {
            writeln!(f, "  and {} more", self.details.len() - 6)?;
        }
        if self.injections.is_empty() && self.overtakings.is_empty() {
            writeln!(f, "without any fault")?;
        }
        for injection in &self.injections {
            writeln!(f, "fault: {injection}")?;
        }
        for overtaking in self.overtakings.iter().take(6) {
            writeln!(f, "order: {overtaking}")?;
        }
        let start = self.trace.len().saturating_sub(LINES_MAX);
        if start > 0 {
            writeln!(f, "  ... {start} events before")?;
        }
        self.trace[start..]
            .iter()
            .try_for_each(|event| writeln!(f, "{event}"))
    }
}
