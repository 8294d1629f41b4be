//! The runs of sequences: which specifications are given, and what must hold after them.

use seatrial_client::env::Rng;
use serde_json::{Value, json};

use super::{FuzzFinding, FuzzReport, SpecFuzz, edit, generate::Generator, kept};
use crate::{
    oracle::Verdict,
    sim::{Op, Run, play},
    sweep::{
        Report, Sweep, Workload,
        attempt::Attempt,
        budget::Budget,
        drive,
        ground::{Ground, Worlds, lost},
        options::{Case, Options},
        shrink::minimal,
        signature::is_known,
    },
};

/// The object that is given one specification after the other.
const NAME: &str = "fuzzed";

/// What the runs are called in `TESTKIT_CASE`.
const CASE: &str = "sequence";

/// Specifications that are made up for one that is admitted.
const TRIES_MAX: usize = 50;

/// Runs that may be made to make a finding smaller.
const SHRINK_RUNS_MAX: usize = 500;

/// Makes the runs of a test.
pub(super) fn fuzz(fuzz: &SpecFuzz) -> FuzzReport {
    let sweep = &fuzz.sweep;
    let options = match Options::read(&*sweep.environment) {
        Ok(options) => options,
        Err(error) => panic!("the sequences cannot begin: {error}"),
    };
    let budget = Budget::begin(options.budget.or(sweep.budget));
    let (index, total) = sweep.shard.or(options.shard).unwrap_or((0, 1));
    let mut fuzzer = Fuzzer {
        fuzz,
        sweep,
        seed: options.seed.unwrap_or(sweep.seed),
        report: FuzzReport::default(),
    };
    if options.case.is_none() {
        fuzzer.kept();
    }
    let (first, end) = match options.case.filter(|case| case.strategy == CASE) {
        Some(case) => (case.nth, case.nth + 1),
        None if budget.is_limited() => (0, usize::MAX),
        None => (0, fuzz.sequences),
    };
    for nth in (first..end).filter(|nth| end == first + 1 || nth % total == index) {
        let is_spent = if budget.is_limited() {
            budget.is_spent()
        } else {
            fuzzer.report.runs >= sweep.runs_max
        };
        if is_spent || fuzzer.is_over() {
            break;
        }
        fuzzer.sequence(nth);
    }
    fuzzer.report
}

struct Fuzzer<'a> {
    fuzz: &'a SpecFuzz,
    sweep: &'a Sweep,
    seed: u64,
    report: FuzzReport,
}

// === impl Fuzzer ===

impl<'a> Fuzzer<'a> {
    fn is_over(&self) -> bool {
        self.report.findings.len() + self.report.fault_findings.len() >= self.sweep.findings_max
    }

    /// Makes the runs of the failures that were kept.
    fn kept(&mut self) {
        let Some(folder) = &self.sweep.regressions else {
            return;
        };
        for (path, sequence) in kept::saved(folder, &self.sweep.name) {
            if self.is_over() {
                return;
            }
            let name = path.display();
            match sequence {
                Ok(sequence) => {
                    let found = self.report.findings.len();
                    let before = std::mem::replace(&mut self.seed, sequence.seed);
                    self.judged(sequence.specs, "kept");
                    self.seed = before;
                    if self.report.findings.len() == found {
                        let note = format!(
                            "{name} does not fail as it did: {}: {}",
                            sequence.about, sequence.kind
                        );
                        self.report.notes.push(note);
                    }
                }
                Err(error) => self.report.notes.push(format!("{error}: {name}")),
            }
        }
        let report = drive::kept(self.sweep);
        self.add(report);
    }

    /// A sequence, without faults, and if it is well with some.
    fn sequence(&mut self, nth: usize) {
        let mut rng = Rng::new(self.seed).fork(&format!("sequence {nth}"));
        let Some(mut specs) = self.specs(&mut rng) else {
            return;
        };
        self.report.sequences += 1;
        let case = Case::new(CASE, nth);
        let mut is_well = self.judged(specs.clone(), &case.to_string());
        if is_well && let Some(mended) = self.mended(&specs) {
            specs.push(mended);
            is_well = self.judged(specs.clone(), &case.to_string());
        }
        if is_well && self.fuzz.faults > 0 {
            let workload = self.workload(&specs);
            let report = drive::under_faults(self.sweep, self.seed, workload, &case, |singles| {
                let drawn = (0..self.fuzz.faults.min(singles.len()))
                    .map(|_| singles[rng.below(singles.len() as u64) as usize].clone());
                drawn.collect()
            });
            self.add(report);
        }
    }

    /// What a sweep of a sequence told.
    fn add(&mut self, report: Report) {
        self.report.runs += report.runs + report.shrink_runs;
        self.report.faulted += report.strategies.iter().map(|tally| tally.runs).sum::<usize>();
        for note in report.notes {
            if !self.report.notes.contains(&note) {
                self.report.notes.push(note);
            }
        }
        for finding in report.findings {
            if !is_known(&self.report.fault_findings, &finding) {
                self.report.fault_findings.push(finding);
            }
        }
    }

    /// Judges a sequence, and notes what is wrong; whether nothing is.
    fn judged(&mut self, specs: Vec<Value>, case: &str) -> bool {
        let Some(verdict) = self.judge(&specs) else {
            return true;
        };
        if !is_known(&self.report.findings, &verdict) {
            let (specs, verdict) = self.smallest(specs, verdict);
            self.report.findings.push(FuzzFinding {
                kind: verdict.kind,
                about: verdict.about,
                details: verdict.details,
                specs,
                seed: self.seed,
                case: case.to_owned(),
            });
        }
        false
    }

    /// Specifications that the server admits one after the other; in half of the sequences the last one is an earlier one again.
    fn specs(&mut self, rng: &mut Rng) -> Option<Vec<Value>> {
        let server = self.worlds(&[]).setup.server;
        let schema = &self.version()["schema"]["openAPIV3Schema"]["properties"]["spec"];
        let mut specs: Vec<Value> = Vec::new();
        for _ in 0..self.fuzz.length {
            for _ in 0..TRIES_MAX {
                let edited = specs.last().filter(|_| rng.chance(0.5)).cloned();
                let spec = edited.and_then(|last| edit::edited(schema, &last, rng));
                let spec = spec.unwrap_or_else(|| Generator::new(rng).value(schema));
                if Op::Apply(self.object(&spec)).perform(&server).is_ok() {
                    self.report.admitted += 1;
                    specs.push(spec);
                    break;
                }
                self.report.refused += 1;
            }
            let last = specs.last()?;
            if let Some(invalid) = edit::invalid(schema, last, rng) {
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

    /// What is wrong after a sequence; where the server refuses one of it, only what went wrong before.
    fn judge(&mut self, specs: &[Value]) -> Option<Verdict> {
        let worlds = self.worlds(specs);
        let run = self.play(&worlds);
        if let Some(verdict) = worlds.judge(&run, None) {
            return Some(verdict);
        }
        let (last, before) = specs.split_last()?;
        if before.is_empty() || run.refused.is_some() {
            return None;
        }
        let verdict = if self.is_mistake(last) {
            // It may well stay as it was, but not come to less.
            let before = self.worlds(before);
            let before = self.play(&before);
            if before.refused.is_some() {
                return None;
            }
            lost(&before, worlds.since, &run)
        } else {
            self.alone(last)?.history_dependent(&run)
        };
        verdict.filter(|verdict| !self.sweep.allowed.contains(&verdict.kind))
    }

    /// The run without faults of a sequence, in its world.
    fn play(&mut self, worlds: &Worlds<'_>) -> Run {
        self.report.runs += 1;
        play(&worlds.setup, Attempt::default().course())
    }

    /// Whether a specification is one that the program cannot carry out: of what it makes of it, the server refuses something.
    fn is_mistake(&mut self, spec: &Value) -> bool {
        let alone = self.worlds(std::slice::from_ref(spec));
        let run = self.play(&alone);
        let is_refused = |code| matches!(code, Some(400 | 413 | 422));
        run.calls
            .iter()
            .any(|call| !call.site.verb.is_read_only() && is_refused(call.code))
    }

    /// After a sequence that ends in a mistake, the last specification that is none: the program must recover by it.
    fn mended(&mut self, specs: &[Value]) -> Option<Value> {
        let (last, before) = specs.split_last()?;
        if !self.is_mistake(last) {
            return None;
        }
        before.iter().rev().find(|spec| !self.is_mistake(spec)).cloned()
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
            let again = fuzzer.judge(specs).filter(|again| again.is_like(&best.1));
            let fails = again.is_some();
            if let Some(again) = again {
                *best = (specs.to_vec(), again);
            }
            fails
        };
        minimal(best.0.clone(), |specs| accept(self, specs, &mut best));
        for at in 0..best.0.len() {
            let mut place = 0;
            while let Some(pointer) = edit::pointers(&best.0[at]).get(place) {
                let mut specs = best.0.clone();
                if edit::remove(&mut specs[at], pointer) && accept(self, &specs, &mut best) {
                    // What came after it is at its place now.
                    continue;
                }
                // What is required, or makes no difference between two, is the same in all.
                let same = best.0[0].pointer(pointer).cloned().filter(|_| at > 0);
                if let Some(same) = same.filter(|same| best.0[at].pointer(pointer) != Some(same)) {
                    let mut specs = best.0.clone();
                    edit::set(&mut specs[at], pointer, same);
                    accept(self, &specs, &mut best);
                }
                place += 1;
            }
        }
        best
    }

    /// The world in which a sequence is given.
    fn worlds(&self, specs: &[Value]) -> Worlds<'a> {
        match self.sweep.setup(self.seed, Some(&self.workload(specs))) {
            Ok((setup, since)) => Worlds {
                setup,
                since,
                allowed: &self.sweep.allowed,
            },
            Err(error) => panic!("the sequences cannot begin: {error}"),
        }
    }

    fn workload(&self, specs: &[Value]) -> Workload {
        let given = specs.iter().map(|spec| Op::Apply(self.object(spec)));
        Workload {
            script: given.flat_map(|apply| [apply, Op::Settle]).collect(),
            ..Workload::of(self.sweep)
        }
    }

    fn object(&self, spec: &Value) -> Value {
        let definition = &self.fuzz.resource["spec"];
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
        let versions = self.fuzz.resource["spec"]["versions"].as_array();
        let mut stored = versions
            .into_iter()
            .flatten()
            .filter(|version| version["storage"] == true);
        stored.next().unwrap_or(&Value::Null)
    }
}
