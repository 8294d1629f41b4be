//! What is run, and in which order.

use crate::{
    oracle::{FailureKind, Reference, Verdict, judge},
    sim::{Course, Injection, Run, Schedule, Setup, play},
};

use super::{Finding, Report, Sweep, policy};

/// Runs without faults in other orders than the usual one.
const SCHEDULES: u64 = 5;

struct Driver<'a> {
    sweep: &'a Sweep,
    setup: Setup,
    report: Report,
}

pub(super) fn sweep(sweep: &Sweep) -> Report {
    let (setup, since) = match sweep.setup() {
        Ok(setup) => setup,
        Err(error) => panic!("the sweep cannot begin: {error}"),
    };
    let mut driver = Driver {
        sweep,
        setup,
        report: Report::default(),
    };
    driver.drive(since);
    driver.report
}

// === impl Driver ===

impl Driver<'_> {
    fn drive(&mut self, since: u64) {
        let first = self.reference_run(Schedule::Usual);
        if let Some(verdict) = judge(&first, None) {
            return self.found(verdict, Course::default());
        }
        let again = self.reference_run(Schedule::Usual);
        if let Some(verdict) = unrepeatable(&first, &again) {
            return self.found(verdict, Course::default());
        }
        let mut reference = Reference::of(&first, since);
        for seed in 1..=SCHEDULES {
            let schedule = Schedule::random(self.sweep.seed.wrapping_add(seed));
            let run = self.reference_run(schedule);
            if let Some(verdict) = judge(&run, None) {
                let course = Course {
                    schedule: Schedule::taped(&run.overtakings),
                    ..Course::default()
                };
                self.found(verdict, course);
                if self.is_over() {
                    return;
                }
                continue;
            }
            for differing in reference.add(&run) {
                self.report.note(format!(
                    "{differing} depends on the order of things even without faults"
                ));
            }
        }
        let plans = policy::singles(&first);
        self.report.plans = plans.len();
        for injection in plans {
            if self.is_over() {
                return;
            }
            self.try_plan(&reference, vec![injection]);
        }
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
            Ok(run) => run,
            Err(error) => panic!("the scenario does not work without faults: {error}"),
        }
    }

    fn try_plan(&mut self, reference: &Reference, injections: Vec<Injection>) {
        let course = Course {
            injections,
            ..Course::default()
        };
        self.report.runs += 1;
        // A fault may take away what the user would work on: such a run says nothing.
        let Ok(run) = play(&self.setup, course.clone()) else {
            self.report.refused += 1;
            return;
        };
        self.report.unmet += usize::from(run.befell.is_empty());
        if let Some(verdict) = judge(&run, Some(reference)) {
            self.found(verdict, course);
        }
    }

    /// Runs it once more, to write down what happens.
    fn found(&mut self, verdict: Verdict, course: Course) {
        if self
            .report
            .findings
            .iter()
            .any(|f| f.kind == verdict.kind && f.about == verdict.about)
        {
            return;
        }
        let injections = course.injections.clone();
        let traced = Course {
            is_traced: true,
            ..course
        };
        let run = play(&self.setup, traced);
        let (trace, overtakings) = match run {
            Ok(run) => (run.trace, run.overtakings),
            Err(_) => (Vec::new(), Vec::new()),
        };
        self.report.findings.push(Finding {
            kind: verdict.kind,
            about: verdict.about,
            details: verdict.details,
            injections,
            overtakings,
            trace,
        });
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
        call.map_or_else(|| "nothing".to_owned(), |call| call.site.to_string())
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
