//! What a sweep tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use super::{Tape, Workload, attempt::class, plan::Plan};
use crate::{
    oracle::FailureKind,
    sim::{Injection, Overtaking, Run, Writer, Written},
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
    /// Faults that were not tried, because they can make no difference or come to the same as another.
    pub pruned: usize,
    /// Runs in which the fault kept the user from doing what the script says: they end there, and only what went wrong up to there is found.
    pub refused: usize,
    /// Runs in which the request that the fault was meant for did not come.
    pub unmet: usize,
    /// How often the run without faults came out the same; asked only where a sweep allows that it does not.
    pub repeated: Option<Repeated>,
    /// What is wrong, the plainest first.
    pub findings: Vec<Finding>,
    /// What is worth knowing, but not wrong.
    pub notes: Vec<String>,
    /// The seed of it all.
    pub seed: u64,
    /// The runs of each strategy, in the order in which they were first made.
    pub strategies: Vec<Tally>,
    /// The runs in which a fault of each class happened; a run with two faults counts for both.
    pub faults: BTreeMap<String, usize>,
    /// How many different requests were made, each with its outcome.
    pub places: usize,
    /// Which part of the runs this is, of how many.
    pub(super) shard: (usize, usize),
    /// What was to be seen sometimes, and was.
    pub(super) seen: Vec<Arc<str>>,
    /// Files of failures that were kept and cannot be read, each with what is wrong with it.
    pub(super) unreadable: Vec<String>,
    /// Whether a process has changed anything in the runs without faults.
    has_written: bool,
    /// The last answers in a run without faults.
    last_answers: Vec<String>,
    /// The requests with their outcomes, as numbers.
    met: BTreeSet<u64>,
}

/// How often something was the same when it was done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// How often it was the same.
    pub same: usize,
    /// How often it was done again.
    pub runs: usize,
}

/// The runs of a strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// `single`, `swarm`.
    pub strategy: String,
    /// Runs that were made.
    pub runs: usize,
    /// What was found by them.
    pub findings: usize,
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
    /// What there is to do, where less than the test says is enough.
    pub workload: Option<Workload>,
    /// The seed of names, UIDs and jitter.
    pub seed: u64,
    /// How often the same failure was seen when the run was made again; asked only where a sweep allows that it may not be.
    pub repeated: Option<Repeated>,
    /// The run that found it, as `TESTKIT_CASE` takes it.
    pub case: String,
    /// The same told by what it means, which outlives larger changes of the program.
    pub plan: Plan,
    /// What happened.
    pub trace: Trace,
    pub(super) shard: (usize, usize),
    /// How many faults and decisions the run had that found it.
    pub(super) drawn: (usize, usize),
}

// === impl Report ===

impl Report {
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Takes a run into account.
    pub(super) fn saw(&mut self, run: &Run) {
        self.runs += 1;
        for name in &run.seen {
            if !self.seen.contains(name) {
                self.seen.push(name.clone());
            }
        }
        for call in &run.calls {
            let mut hasher = DefaultHasher::new();
            (&call.site, call.code).hash(&mut hasher);
            self.met.insert(hasher.finish());
        }
        self.places = self.met.len();
    }

    /// Takes a run without faults into account.
    pub(super) fn saw_sound(&mut self, run: &Run) {
        self.saw(run);
        let is_own = |w: &Written| matches!(w.writer, Writer::Process(_)) && (w.is_effective || is_event(w));
        self.has_written |= run.written.iter().any(is_own);
        let last = run.calls.len().saturating_sub(ANSWERS_MAX);
        let told = run.calls[last..].iter().map(|call| match call.code {
            Some(code) => format!("{}: {code}", call.site),
            None => format!("{}: no answer", call.site),
        });
        self.last_answers = told.collect();
    }

    /// Why a sweep without a finding says nothing, if it does not: files were not tried, or no process did anything that could go wrong.
    pub(super) fn doubt(&self, is_read_only: bool) -> Option<String> {
        if let Some(file) = self.unreadable.first() {
            return Some(format!("a failure that was kept cannot be tried: {file}"));
        }
        if self.has_written || is_read_only {
            return None;
        }
        let answers = match &self.last_answers[..] {
            [] => "made no request".to_owned(),
            answers => format!("was answered last:\n  {}", answers.join("\n  ")),
        };
        Some(format!(
            "the controller wrote nothing in the runs without faults, so that no fault can show anything; it {answers}\n\
             serve its resources by `crd`, and give it objects that it works on by `given` or `scenario`, where it looks for them; a program that \
             never writes is swept with `read_only`"
        ))
    }

    /// Counts a run of a strategy, in which these faults were to happen.
    pub(super) fn tally(&mut self, strategy: &str, injections: &[Injection], run: &Run) {
        self.unmet += usize::from(!injections.is_empty() && run.befell.is_empty());
        let classes: BTreeSet<String> = run.befell.iter().map(class).collect();
        for class in classes {
            *self.faults.entry(class).or_default() += 1;
        }
        self.strategy(strategy).runs += 1;
    }

    /// Counts a finding for a strategy.
    pub(super) fn credit(&mut self, strategy: &str) {
        self.strategy(strategy).findings += 1;
    }

    fn strategy(&mut self, name: &str) -> &mut Tally {
        let at = self.strategies.iter().position(|tally| tally.strategy == name);
        let at = at.unwrap_or_else(|| {
            self.strategies.push(Tally {
                strategy: name.to_owned(),
                runs: 0,
                findings: 0,
            });
            self.strategies.len() - 1
        });
        &mut self.strategies[at]
    }

    /// The whole campaign: how many runs each strategy made, what went wrong how often, what was reached, and what never was.
    pub fn campaign(&self) -> String {
        let mut lines = vec![format!(
            "{} runs with seed {:#x}{}, {} to make findings smaller",
            self.runs,
            self.seed,
            shard(self.shard),
            self.shrink_runs
        )];
        lines.push(format!(
            "{} faults to try, {} more need no run; {} runs did not meet theirs, {} end where the user was refused; {} requests with their outcomes",
            self.plans, self.pruned, self.unmet, self.refused, self.places
        ));
        let mut column = |title: &str, rows: Vec<(String, String)>| {
            let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            lines.extend((!rows.is_empty()).then(|| title.to_owned()));
            let told = rows
                .into_iter()
                .map(|(name, count)| format!("  {name:width$}  {count}"));
            lines.extend(told);
        };
        let tallies = self.strategies.iter().map(|tally| {
            let found = match tally.findings {
                0 => String::new(),
                1 => ", 1 finding".to_owned(),
                count => format!(", {count} findings"),
            };
            (tally.strategy.clone(), format!("{:>6} runs{found}", tally.runs))
        });
        column("strategies:", tallies.collect());
        let faults = self.faults.iter();
        column(
            "faults:",
            faults
                .map(|(class, runs)| (class.clone(), format!("{runs:>6} runs")))
                .collect(),
        );
        let repeated = self.repeated.iter();
        lines.extend(
            repeated
                .map(|repeated| format!("{repeated} runs with one seed and without faults were the same")),
        );
        lines.extend(
            self.findings
                .iter()
                .map(|finding| format!("found by {}: {}: {}", finding.case, finding.about, finding.kind)),
        );
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines.join("\n")
    }
}

/// ` (part 2 of 4)`, unless there is only one.
fn shard((index, total): (usize, usize)) -> String {
    if total > 1 {
        format!(" (part {} of {total})", index + 1)
    } else {
        String::new()
    }
}

/// How many of the last answers are told.
const ANSWERS_MAX: usize = 5;

/// Whether an event was recorded, which is all that some programs write.
fn is_event(written: &Written) -> bool {
    matches!(&*written.change.resource, "events" | "events.events.k8s.io")
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
            write!(f, ", {} runs that end where the user was refused", self.refused)?;
        }
        if let Some(repeated) = self.repeated {
            write!(f, "; without faults, {repeated} runs with one seed were the same")?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.same, self.runs)
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

    /// What is wrong, and what it takes, in a few lines; what differs is left out where the difference is shown.
    pub(super) fn summary(&self, with_details: bool) -> String {
        let mut lines = vec![self.about.clone()];
        lines.extend(
            self.injections
                .iter()
                .map(|injection| format!("fault: {injection}")),
        );
        lines.extend(
            self.overtakings
                .iter()
                .take(DETAILS_MAX)
                .map(|order| format!("order: {order}")),
        );
        if with_details {
            lines.extend(self.details.iter().take(DETAILS_MAX).cloned());
            if self.details.len() > DETAILS_MAX {
                lines.push(format!("and {} more", self.details.len() - DETAILS_MAX));
            }
        }
        lines.join("\n")
    }

    /// What there is to do, in a line, where that is less than the test says.
    fn steps(&self) -> Option<String> {
        let workload = self.workload.as_ref()?;
        let steps: Vec<String> = workload.steps().collect();
        Some(if steps.is_empty() {
            "nothing".to_owned()
        } else {
            steps.join(", ")
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.about, self.kind)?;
        // What differs is shown at the end.
        let has_diff = self
            .trace
            .failure
            .as_ref()
            .is_some_and(|failure| !failure.diff.is_empty());
        for line in self.details.iter().take(if has_diff { 0 } else { DETAILS_MAX }) {
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
        if let Some(steps) = self.steps() {
            writeln!(f, "user: {steps}")?;
        }
        if let Some(repeated) = self.repeated {
            writeln!(f, "seen in {repeated} runs that were made again")?;
        }
        f.write_str(&self.trace.story())
    }
}
