//! Sequences of specifications, made up from the schema of a custom resource: where a program ends must depend on the last one alone.
//!
//! Reading order: here (what is run, and what must hold), `generate` (values of a schema).

mod generate;

use std::fmt;

use seatrial_client::{CustomResourceExt, env::Rng};
use serde_json::{Value, json};

use self::generate::Generator;
use super::{
    Sweep, Workload,
    attempt::Attempt,
    ground::{Ground, Worlds, is_same},
    shrink::minimal,
};
use crate::{
    oracle::{FailureKind, Verdict},
    sim::{Op, play},
};

/// Specifications that are made up and given to a controller, one after the other; see [`Sweep::fuzz_spec`].
#[must_use = "nothing is run until `check` or `run`"]
pub struct SpecFuzz {
    sweep: Sweep,
    resource: Value,
    sequences: usize,
    length: usize,
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
    /// What is wrong.
    pub findings: Vec<FuzzFinding>,
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
}

/// The object that is given one specification after the other.
const NAME: &str = "fuzzed";

/// Specifications that are made up for one that is admitted.
const TRIES_MAX: usize = 50;

/// Runs that may be made to make a finding smaller.
const SHRINK_RUNS_MAX: usize = 500;

impl Sweep {
    /// Gives the controller specifications of `K` that are made up from its schema, edges of it included, one after the other, instead of what the
    /// scenario says. After each everything must come to rest; in the end the state must be the same as if the last one had been
    /// given alone, also where the last one is an earlier one again. What should be refused must be, and must not change anything.
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

    /// Runs them, and tells what was found.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn run(self) -> FuzzReport {
        let seed = super::options::Options::read(&*self.sweep.environment).map(|options| options.seed);
        let seed = match seed {
            Ok(seed) => seed.unwrap_or(self.sweep.seed),
            Err(error) => panic!("the sequences cannot begin: {error}"),
        };
        let mut fuzzer = Fuzzer {
            sweep: &self.sweep,
            resource: &self.resource,
            seed,
            report: FuzzReport::default(),
        };
        for nth in 0..self.sequences {
            if fuzzer.report.findings.len() >= self.sweep.findings_max {
                break;
            }
            let mut rng = Rng::new(seed).fork(&format!("sequence {nth}"));
            fuzzer.sequence(self.length, &mut rng);
        }
        fuzzer.report
    }

    /// Runs them, and fails the test by the first thing that is found.
    ///
    /// # Panics
    /// With the shortest sequence that shows it; and as [`SpecFuzz::run`] does.
    pub fn check(self) {
        let report = self.run();
        if let Some(finding) = report.findings.first() {
            panic!("{finding}\n{report}");
        }
    }
}

struct Fuzzer<'a> {
    sweep: &'a Sweep,
    resource: &'a Value,
    seed: u64,
    report: FuzzReport,
}

// === impl Fuzzer ===

impl<'a> Fuzzer<'a> {
    fn sequence(&mut self, length: usize, rng: &mut Rng) {
        let Some(specs) = self.specs(length, rng) else {
            return;
        };
        self.report.sequences += 1;
        let Some(verdict) = self.judge(&specs) else {
            return;
        };
        let known = |finding: &FuzzFinding| finding.kind == verdict.kind && finding.about == verdict.about;
        if self.report.findings.iter().any(known) {
            return;
        }
        let (specs, verdict) = self.smallest(specs, verdict);
        self.report.findings.push(FuzzFinding {
            kind: verdict.kind,
            about: verdict.about,
            details: verdict.details,
            specs,
        });
    }

    /// Specifications that the server admits one after the other; in half of the sequences the last one is an earlier one again.
    fn specs(&mut self, length: usize, rng: &mut Rng) -> Option<Vec<Value>> {
        let server = self.worlds(&[]).setup.server;
        let schema = self.version()["schema"]["openAPIV3Schema"]["properties"]["spec"].clone();
        let mut specs: Vec<Value> = Vec::new();
        for _ in 0..length {
            for _ in 0..TRIES_MAX {
                let spec = Generator::new(rng).value(&schema);
                if Op::Apply(self.object(&spec)).perform(&server).is_ok() {
                    self.report.admitted += 1;
                    specs.push(spec);
                    break;
                }
                self.report.refused += 1;
            }
            let last = specs.last()?;
            if let Some(invalid) = Generator::new(rng).invalid(&schema, last) {
                let before = server.revision();
                let is_refused = Op::Apply(self.object(&invalid)).perform(&server).is_err();
                self.report.invalid += usize::from(is_refused && server.revision() == before);
                if !is_refused {
                    // It was no mistake, but the object is what it says now.
                    specs.push(invalid);
                }
            }
        }
        if specs.len() > 1 && rng.chance(0.5) {
            let earlier = specs[specs.len() - 2].clone();
            if Op::Apply(self.object(&earlier)).perform(&server).is_ok() {
                specs.push(earlier);
            }
        }
        Some(specs)
    }

    /// What is wrong after a sequence; nothing where the server refuses one of it.
    fn judge(&mut self, specs: &[Value]) -> Option<Verdict> {
        let worlds = self.worlds(specs);
        self.report.runs += 1;
        let run = play(&worlds.setup, Attempt::default().course()).ok()?;
        if let Some(verdict) = worlds.judge(&run, None) {
            return Some(verdict);
        }
        if specs.len() < 2 || self.sweep.allowed.contains(&FailureKind::HistoryDependent) {
            return None;
        }
        let ground = self.alone(specs.last()?)?;
        let verdict = ground.differs(&run)?;
        Some(Verdict {
            kind: FailureKind::HistoryDependent,
            ..verdict
        })
    }

    /// What the last specification alone comes to.
    fn alone(&mut self, spec: &Value) -> Option<Ground> {
        let worlds = self.worlds(std::slice::from_ref(spec));
        let laid = worlds.lay(|_| self.report.runs += 1).ok()?;
        laid.ground
    }

    /// Fewer specifications, and less in them, as long as the same is wrong.
    fn smallest(&mut self, specs: Vec<Value>, verdict: Verdict) -> (Vec<Value>, Verdict) {
        let limit = self.report.runs + SHRINK_RUNS_MAX;
        let mut best = (specs, verdict);
        let accept = |fuzzer: &mut Self, specs: &[Value], best: &mut (Vec<Value>, Verdict)| {
            if specs.is_empty() || fuzzer.report.runs >= limit {
                return false;
            }
            let again = fuzzer.judge(specs).filter(|again| is_same(again, &best.1));
            let fails = again.is_some();
            if let Some(again) = again {
                *best = (specs.to_vec(), again);
            }
            fails
        };
        minimal(best.0.clone(), |specs| accept(self, specs, &mut best));
        for at in 0..best.0.len() {
            let fields: Vec<String> = match &best.0[at] {
                Value::Object(fields) => fields.keys().cloned().collect(),
                _ => Vec::new(),
            };
            for field in fields {
                let mut specs = best.0.clone();
                if let Some(fields) = specs[at].as_object_mut() {
                    fields.remove(&field);
                }
                // What is required, or makes no difference between two, is the same in all.
                if accept(self, &specs, &mut best) || at == 0 {
                    continue;
                }
                let mut specs = best.0.clone();
                specs[at][&field] = specs[0][&field].clone();
                if specs[at][&field] != best.0[at][&field] && !specs[at][&field].is_null() {
                    accept(self, &specs, &mut best);
                }
            }
        }
        best
    }

    /// The world in which a sequence is given.
    fn worlds(&self, specs: &[Value]) -> Worlds<'a> {
        let given = specs.iter().map(|spec| Op::Apply(self.object(spec)));
        let script = given.flat_map(|apply| [apply, Op::Settle]).collect();
        let workload = Workload {
            script,
            ..Workload::of(self.sweep)
        };
        match self.sweep.setup(self.seed, Some(&workload)) {
            Ok((setup, since)) => Worlds {
                setup,
                since,
                allowed: &self.sweep.allowed,
            },
            Err(error) => panic!("the sequences cannot begin: {error}"),
        }
    }

    fn object(&self, spec: &Value) -> Value {
        let definition = &self.resource["spec"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        json!({
            "apiVersion": format!("{}/{}", text(&definition["group"]), text(&self.version()["name"])),
            "kind": definition["names"]["kind"],
            "metadata": {"name": NAME},
            "spec": spec,
        })
    }

    /// The version that is stored.
    fn version(&self) -> &'a Value {
        let versions = self.resource["spec"]["versions"].as_array();
        let mut stored = versions
            .into_iter()
            .flatten()
            .filter(|version| version["storage"] == true);
        stored.next().unwrap_or(&Value::Null)
    }
}

// === impl FuzzReport ===

impl fmt::Display for FuzzReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sequences, {} runs; {} specifications admitted, {} refused, {} made to be refused; {} findings",
            self.sequences,
            self.runs,
            self.admitted,
            self.refused,
            self.invalid,
            self.findings.len()
        )
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
