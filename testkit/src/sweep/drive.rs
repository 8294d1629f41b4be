//! What is run, and in which order.

use std::path::PathBuf;

use seatrial_client::env::Rng;

use super::{
    Finding, Report, Sweep,
    explore::{self, Strategy},
    policy,
    shrink::{Attempt, shrink},
    tape::{self, Tape},
};
use crate::{
    oracle::{FailureKind, Reference, Verdict, judge},
    sim::{Course, Injection, Overtaking, Run, Schedule, Setup, play, timeline},
    timeline::Failure,
};

/// Runs without faults in other orders than the usual one.
const SCHEDULES: u64 = 5;

/// Runs that may be made to make a finding smaller.
const SHRINK_RUNS_MAX: usize = 500;

/// The worlds of one test.
struct Driver<'a> {
    sweep: &'a Sweep,
    setup: Setup,
    /// Objects that were there before are the cluster's own.
    since: u64,
    report: Report,
}

/// What runs are compared with: the reference, and the run it began with.
struct Ground {
    first: Run,
    reference: Reference,
}

/// Runs everything that a sweep says; `only` a tape, if one is given.
pub(super) fn sweep(sweep: &Sweep, only: Option<&Tape>) -> Report {
    let (setup, since) = match sweep.setup(only.map_or(sweep.seed, |tape| tape.seed)) {
        Ok(setup) => setup,
        Err(error) => panic!("the sweep cannot begin: {error}"),
    };
    let mut driver = Driver {
        sweep,
        setup,
        since,
        report: Report::default(),
    };
    match only {
        Some(tape) => driver.replay(tape),
        None => driver.drive(),
    }
    driver.report
}

// === impl Driver ===

impl Driver<'_> {
    fn drive(&mut self) {
        let Some(ground) = self.ground() else {
            return;
        };
        for (path, tape) in self.kept() {
            match tape {
                Ok(tape) => self.try_tape(&ground, &tape),
                Err(error) => self.report.note(format!("{error}: {}", path.display())),
            }
        }
        let plans = policy::singles(&ground.first);
        self.report.plans = plans.len();
        let (index, total) = self.sweep.shard;
        for (_, injection) in plans.iter().enumerate().filter(|(at, _)| at % total == index) {
            if self.is_over() {
                break;
            }
            let course = Course {
                injections: vec![injection.clone()],
                ..Course::default()
            };
            self.attempt(&ground, course);
        }
        for (strategy, runs) in &self.sweep.strategies {
            self.explore(&ground, *strategy, *runs, &plans);
        }
        self.vacuous();
    }

    /// Makes runs of a strategy; the shard that is this one's.
    fn explore(&mut self, ground: &Ground, strategy: Strategy, runs: usize, singles: &[Injection]) {
        let (index, total) = self.sweep.shard;
        let seed = Rng::new(self.sweep.seed)
            .fork(&format!("{strategy:?}"))
            .next_u64();
        for nth in (index..runs).step_by(total) {
            if self.is_over() {
                return;
            }
            let course = explore::course(strategy, singles, seed, nth as u64);
            self.attempt(ground, course);
        }
    }

    fn replay(&mut self, tape: &Tape) {
        if let Some(ground) = self.ground() {
            self.try_tape(&ground, tape);
        }
    }

    fn try_tape(&mut self, ground: &Ground, tape: &Tape) {
        let course = Course {
            injections: tape.injections.clone(),
            schedule: Schedule::taped(&tape.overtakings),
            ..Course::default()
        };
        let unmet = self.report.unmet;
        self.attempt(ground, course);
        if self.report.unmet > unmet {
            self.report.note(format!(
                "the tape about {} names a place that did not come up",
                tape.about
            ));
        }
    }

    /// Runs without faults, in several orders; nothing where already they fail, or tell that they are not repeatable.
    fn ground(&mut self) -> Option<Ground> {
        let first = self.reference_run(Schedule::Usual);
        let again = self.reference_run(Schedule::Usual);
        let allowed = &self.sweep.allowed;
        let verdict = unrepeatable(&first, &again).filter(|verdict| !allowed.contains(&verdict.kind));
        if let Some(verdict) = verdict.or_else(|| judge(&first, None, allowed)) {
            self.found(None, verdict, Course::default(), &[]);
            return None;
        }
        let mut reference = Reference::of(&first, self.since);
        for seed in 1..=SCHEDULES {
            let run = self.reference_run(Schedule::random(self.sweep.seed.wrapping_add(seed)));
            if let Some(verdict) = judge(&run, None, &self.sweep.allowed) {
                let overtakings = run.overtakings.clone();
                self.found(None, verdict, Course::default(), &overtakings);
                if self.is_over() {
                    return None;
                }
                continue;
            }
            for differing in reference.add(&run) {
                let note = format!("{differing} depends on the order of things even without faults");
                self.report.note(note);
            }
        }
        Some(Ground { first, reference })
    }

    fn is_over(&self) -> bool {
        self.report.findings.len() >= self.sweep.findings_max || self.report.runs >= self.sweep.runs_max
    }

    /// A run without faults, in which the script must work.
    fn reference_run(&mut self, schedule: Schedule) -> Run {
        let course = Course {
            schedule,
            ..Course::default()
        };
        self.report.runs += 1;
        match play(&self.setup, course) {
            Ok(run) => {
                self.saw(&run);
                run
            }
            Err(error) => panic!("the scenario does not work without faults: {error}"),
        }
    }

    fn attempt(&mut self, ground: &Ground, course: Course) {
        self.report.runs += 1;
        let has_faults = !course.injections.is_empty();
        // A fault may take away what the user would work on: such a run says nothing.
        let Ok(run) = play(&self.setup, course.clone()) else {
            self.report.refused += 1;
            return;
        };
        self.saw(&run);
        self.report.unmet += usize::from(has_faults && run.befell.is_empty());
        if let Some(verdict) = judge(&run, Some(&ground.reference), &self.sweep.allowed) {
            self.found(Some(ground), verdict, course, &run.overtakings);
        }
    }

    fn saw(&mut self, run: &Run) {
        for name in &run.seen {
            if !self.report.seen.contains(name) {
                self.report.seen.push(name.clone());
            }
        }
    }

    /// Notes what was to be seen sometimes, and never was.
    fn vacuous(&mut self) {
        for invariant in self.setup.invariants.iter() {
            let is_due = matches!(invariant.rule, crate::sim::Rule::Sometimes(_));
            if is_due && !self.report.seen.contains(&invariant.name) {
                let note = format!("vacuous: `{}` was never seen", invariant.name);
                self.report.note(note);
            }
        }
    }

    // --- findings ---

    /// Makes it smaller, and runs it once more to write down what happens.
    fn found(
        &mut self,
        ground: Option<&Ground>,
        verdict: Verdict,
        course: Course,
        overtakings: &[Overtaking],
    ) {
        let known = |finding: &Finding| finding.kind == verdict.kind && finding.about == verdict.about;
        if self.report.findings.iter().any(known) {
            return;
        }
        let attempt = Attempt {
            injections: course.injections,
            overtakings: overtakings.to_vec(),
        };
        let reference = ground.map(|ground| &ground.reference);
        let smallest = self.smallest(reference, &verdict, attempt);
        let course = Course {
            is_traced: true,
            ..smallest.course()
        };
        let (events, details) = match play(&self.setup, course) {
            Ok(run) => {
                let again = judge(&run, reference, &self.sweep.allowed);
                let again = again.filter(|again| again.kind == verdict.kind);
                (run.trace, again.map_or(verdict.details, |again| again.details))
            }
            Err(_) => (Vec::new(), verdict.details),
        };
        let mut finding = Finding {
            kind: verdict.kind,
            about: verdict.about,
            details,
            injections: smallest.injections,
            overtakings: smallest.overtakings,
            seed: self.setup.seed,
            trace: timeline(&events, &self.sweep.name),
        };
        finding.trace.failure = Some(Failure::new(finding.kind.to_string(), finding.summary()));
        self.report.findings.push(finding);
    }

    fn smallest(&mut self, reference: Option<&Reference>, verdict: &Verdict, attempt: Attempt) -> Attempt {
        let (setup, allowed) = (&self.setup, &self.sweep.allowed);
        let mut runs = 0;
        let smallest = shrink(attempt, |attempt| {
            if runs >= SHRINK_RUNS_MAX {
                return false;
            }
            runs += 1;
            let Ok(run) = play(setup, attempt.course()) else {
                return false;
            };
            let again = judge(&run, reference, allowed);
            again.is_some_and(|again| again.kind == verdict.kind && again.about == verdict.about)
        });
        self.report.shrink_runs += runs;
        smallest
    }

    /// The tapes of earlier failures.
    fn kept(&self) -> Vec<(PathBuf, Result<Tape, tape::TapeError>)> {
        match &self.sweep.regressions {
            Some(folder) => tape::saved(folder, &self.sweep.name),
            None => Vec::new(),
        }
    }
}

// === impl Attempt ===

impl Attempt {
    fn course(&self) -> Course {
        Course {
            injections: self.injections.clone(),
            schedule: Schedule::taped(&self.overtakings),
            ..Course::default()
        }
    }
}

/// Compares two runs that should be the same: the first request in which they are not.
fn unrepeatable(first: &Run, again: &Run) -> Option<Verdict> {
    let same = first
        .calls
        .iter()
        .zip(&again.calls)
        .position(|(a, b)| a.hash != b.hash);
    let at = match same {
        Some(at) => at,
        None if first.calls.len() == again.calls.len() => return None,
        None => first.calls.len().min(again.calls.len()),
    };
    let told = |run: &Run| {
        let call = run.calls.get(at);
        call.map_or_else(
            || "nothing".to_owned(),
            |call| {
                let code = call
                    .code
                    .map_or_else(|| "no answer".to_owned(), |code| code.to_string());
                format!("{} at {:?} ({code})", call.site, call.at)
            },
        )
    };
    Some(Verdict {
        kind: FailureKind::NotRepeatable,
        about: "two runs with one seed".to_owned(),
        details: vec![
            format!("request {} differs: {} in the first run, {} in the second", at + 1, told(first), told(again)),
            "look for hash maps that are iterated, for clocks and random numbers that are not the client's, for threads"
                .to_owned(),
        ],
    })
}
