//! Sequences of specifications, made up from the schema of a custom resource: where a program ends must depend on the last one alone.
//!
//! Reading order: here (what a test says, and what it is told), `run` (what is run, and what must hold), `generate` (values of a schema), `edit` (changes
//! of them), `kept` (files of what was found).

mod edit;
mod generate;
mod kept;
mod run;

use std::fmt;

use seatrial_client::CustomResourceExt;
use serde_json::Value;

use super::{Finding, Sweep, tape};
use crate::oracle::FailureKind;

/// Specifications that are made up and given to a controller, one after the other; see [`Sweep::fuzz_spec`].
#[must_use = "nothing is run until `check` or `run`"]
pub struct SpecFuzz {
    sweep: Sweep,
    resource: Value,
    sequences: usize,
    length: usize,
    faults: usize,
}

/// What was run, and what was found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FuzzReport {
    /// Sequences that were run.
    pub sequences: usize,
    /// Runs that were made, those to make findings smaller included.
    pub runs: usize,
    /// Specifications that the server admitted.
    pub admitted: usize,
    /// Specifications that it refused, where rules say more than types.
    pub refused: usize,
    /// Specifications that were made to be refused, and were, without a change of anything.
    pub invalid: usize,
    /// Runs with a fault.
    pub faulted: usize,
    /// What is wrong.
    pub findings: Vec<FuzzFinding>,
    /// What it takes a fault to see, besides the specifications.
    pub fault_findings: Vec<Finding>,
    /// What is worth knowing, but not wrong.
    pub notes: Vec<String>,
}

/// A sequence of specifications after which something is wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FuzzFinding {
    /// In which way.
    pub kind: FailureKind,
    /// What it is about.
    pub about: String,
    /// How the end differs from that of the last specification alone, or what else is wrong.
    pub details: Vec<String>,
    /// The specifications, each given when everything is at rest.
    pub specs: Vec<Value>,
    /// The seed of names, UIDs and jitter.
    pub seed: u64,
    /// The run that found it, as `TESTKIT_CASE` takes it.
    pub case: String,
}

impl Sweep {
    /// Gives the controller specifications of `K` that are made up from its schema, edges of it included, one after the other, instead of what the
    /// scenario says: new ones, and the one before with one place of it changed, which is often a label or a selector. After each everything must
    /// come to rest; in the end the state must be the same as if the last one had been given alone, also where the last one is an
    /// earlier one again. What should be refused must be, and must not change anything. Where the server refuses what the controller makes of a
    /// specification, as of an image without a name, what ran before must still be there, and the next specification must mend it. Some runs of each sequence meet a fault, and are
    /// judged as those of a sweep are.
    ///
    /// `TESTKIT_SEED`, `TESTKIT_CASE`, `TESTKIT_BUDGET` and the parts of a campaign are understood as by a sweep, whose limit of runs holds, too.
    ///
    /// ```
    /// use schemars::JsonSchema;
    /// use seatrial_client::Client;
    /// use seatrial_derive::CustomResource;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    /// #[kube(group = "example.com", version = "v1", kind = "Queue", namespaced)]
    /// struct QueueSpec {
    ///     #[schemars(range(min = 1, max = 9))]
    ///     workers: u8,
    /// }
    ///
    /// seatrial_testkit::sweep(|_: Client| std::future::pending::<()>()).fuzz_spec::<Queue>().sequences(5).check();
    /// ```
    ///
    /// # Source
    /// J. T. Gu and others, "Acto: Automatic End-to-End Testing for Operation Correctness of Cloud System Management", 2023.
    pub fn fuzz_spec<K: CustomResourceExt>(self) -> SpecFuzz {
        let resource = serde_json::to_value(K::crd()).unwrap_or_default();
        let is_known = self
            .crds
            .iter()
            .any(|crd| crd["metadata"]["name"] == resource["metadata"]["name"]);
        SpecFuzz {
            sweep: if is_known { self } else { self.crd::<K>() },
            resource,
            sequences: 20,
            length: 4,
            faults: 3,
        }
    }
}

// === impl SpecFuzz ===

impl SpecFuzz {
    /// Runs so many sequences; 20 unless this is said.
    pub fn sequences(mut self, count: usize) -> Self {
        self.sequences = count;
        self
    }

    /// Gives so many specifications in each at most; 4 unless this is said.
    pub fn length(mut self, count: usize) -> Self {
        self.length = count.max(1);
        self
    }

    /// Runs each again with so many single faults, drawn from all that a sweep would try; 3 unless this is said.
    pub fn faults(mut self, count: usize) -> Self {
        self.faults = count;
        self
    }

    /// Runs them, and tells what was found. Failures that were kept are tried first.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn run(self) -> FuzzReport {
        run::fuzz(&self)
    }

    /// Runs them, and fails the test by the first thing that is found, which is kept in a file.
    ///
    /// # Panics
    /// With the shortest sequence that shows it; and as [`SpecFuzz::run`] does.
    pub fn check(self) {
        let report = run::fuzz(&self);
        if let Some(finding) = report.findings.first() {
            let kept = tape::kept(self.sweep.regressions.as_deref(), |folder| {
                kept::save(folder, &self.sweep.name, finding)
            });
            let again = format!(
                "again: TESTKIT_SEED={:#x} TESTKIT_CASE={} cargo test {}",
                finding.seed, finding.case, self.sweep.name
            );
            panic!("{finding}{again}\n{kept}\n{report}");
        }
        if let Some(finding) = report.fault_findings.first() {
            panic!("{}\n{report}", self.sweep.told(finding));
        }
    }
}

// === impl FuzzReport ===

impl fmt::Display for FuzzReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sequences, {} runs, {} of them with a fault; {} specifications admitted, {} refused, {} made to be refused; {} findings",
            self.sequences,
            self.runs,
            self.faulted,
            self.admitted,
            self.refused,
            self.invalid,
            self.findings.len() + self.fault_findings.len()
        )?;
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

impl fmt::Display for FuzzFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.about, self.kind)?;
        for line in self.details.iter().take(6) {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "after these specifications, one after the other:")?;
        self.specs.iter().try_for_each(|spec| writeln!(f, "- {spec}"))
    }
}
