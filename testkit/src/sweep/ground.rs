//! What runs are judged against: runs without faults, of the same workload, in several orders.

use super::{attempt::Attempt, report::Repeated};
use crate::{
    oracle::{FailureKind, Reference, Verdict, history_dependent, judge, order_dependent},
    sim::{Course, Overtaking, Run, Schedule, ScriptError, Setup, play},
};

/// Runs without faults in other orders than the usual one.
const SCHEDULES: u64 = 5;

/// How often a run is made again where it is allowed that runs with one seed differ.
pub(super) const REPEATS: usize = 20;

/// Runs that may be made to make a finding smaller; with those that tell of the smallest, there are 500 at most.
const RUNS_MAX: usize = 480;

/// Requests that may be made in them: runs that never come to rest are long.
const REQUESTS_MAX: usize = 20_000;

/// The world that runs of one workload begin with.
pub(super) struct Worlds<'a> {
    pub(super) setup: Setup,
    /// Objects that were there before this revision are the cluster's own.
    pub(super) since: u64,
    pub(super) allowed: &'a [FailureKind],
}

/// What runs of one workload are compared with.
pub(super) struct Ground {
    /// The run in the usual order.
    pub(super) first: Run,
    reference: Reference,
}

/// What it has cost to try things: in runs, and in requests, as some runs are a hundred times as long as others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) runs: usize,
    pub(super) requests: usize,
}

/// Something that is wrong without any fault, and the order of things that shows it.
pub(super) struct Flaw {
    pub(super) verdict: Verdict,
    pub(super) overtakings: Vec<Overtaking>,
}

/// What the runs without faults have come to.
pub(super) struct Laid {
    /// Absent where already the usual run fails, or tells that it is not repeatable.
    pub(super) ground: Option<Ground>,
    pub(super) flaws: Vec<Flaw>,
    /// The runs in other orders that have none of these.
    pub(super) ordered: Vec<Run>,
    /// What depends on the order of things.
    pub(super) varying: Vec<String>,
}

// === impl Ground ===

impl Ground {
    /// How a run ends otherwise, as people compare texts.
    pub(super) fn diff(&self, run: &Run) -> String {
        self.reference.diff(run)
    }

    /// Whether a run ends otherwise because of what was wanted before what is wanted here.
    pub(super) fn history_dependent(&self, run: &Run) -> Option<Verdict> {
        history_dependent(run, &self.reference)
    }

    /// Whether a run without faults ends otherwise because of the order in which things happened.
    pub(super) fn order_dependent(&self, run: &Run) -> Option<Verdict> {
        order_dependent(run, &self.reference)
    }
}

/// What a run has no more, of what there was at the end of another one.
pub(super) fn lost(before: &Run, since: u64, run: &Run) -> Option<Verdict> {
    let lost = Reference::of(before, since).lost(run);
    let ((resource, key), _) = lost.first()?;
    Some(Verdict {
        kind: FailureKind::Misoperation,
        about: format!("{resource} {key}"),
        details: lost.iter().map(|(_, line)| line.clone()).collect(),
        at: Vec::new(),
    })
}

// === impl Worlds ===

impl Worlds<'_> {
    /// Makes the runs without faults; `saw` is told of each.
    pub(super) fn lay(&self, mut saw: impl FnMut(&Run)) -> Result<Laid, ScriptError> {
        let mut laid = Laid {
            ground: None,
            flaws: Vec::new(),
            ordered: Vec::new(),
            varying: Vec::new(),
        };
        let first = self.without_faults(Schedule::Usual);
        saw(&first);
        let again = self.without_faults(Schedule::Usual);
        saw(&again);
        let differs = unrepeatable(&first, &again).filter(|verdict| !self.allowed.contains(&verdict.kind));
        if let Some(verdict) = differs.or_else(|| judge(&first, None, self.allowed)) {
            laid.flaws.push(Flaw {
                verdict,
                overtakings: Vec::new(),
            });
            return Ok(laid);
        }
        works(&first)?;
        let mut reference = Reference::of(&first, self.since);
        for seed in 1..=SCHEDULES {
            let run = self.without_faults(Schedule::random(self.setup.seed.wrapping_add(seed)));
            saw(&run);
            if let Some(verdict) = judge(&run, None, self.allowed) {
                laid.flaws.push(Flaw {
                    verdict,
                    overtakings: run.overtakings,
                });
                continue;
            }
            works(&run)?;
            laid.varying.extend(reference.add(&run));
            laid.ordered.push(run);
        }
        laid.ground = Some(Ground { first, reference });
        Ok(laid)
    }

    /// Whether it is allowed that runs with one seed differ.
    pub(super) fn may_differ(&self) -> bool {
        self.allowed.contains(&FailureKind::NotRepeatable)
    }

    /// Makes the usual run again and again, and tells how often it comes out the same, and what differed first. What differs by itself is
    /// not held against runs with faults.
    pub(super) fn repeat(
        &self,
        ground: &mut Ground,
        mut saw: impl FnMut(&Run),
    ) -> Result<(Repeated, Option<Verdict>), ScriptError> {
        let (mut same, mut difference) = (0, None);
        for _ in 0..REPEATS {
            let again = self.without_faults(Schedule::Usual);
            saw(&again);
            works(&again)?;
            match unrepeatable(&ground.first, &again) {
                None => same += 1,
                Some(verdict) => difference = difference.or(Some(verdict)),
            }
            ground.reference.add_usual(&again);
        }
        Ok((Repeated { same, runs: REPEATS }, difference))
    }

    /// Makes a run again, and tells where it is another one, unless that is allowed.
    pub(super) fn differs_again(&self, run: &Run, course: Course) -> Option<Verdict> {
        if self.may_differ() {
            return None;
        }
        unrepeatable(run, &play(&self.setup, course))
    }

    /// A run without faults.
    fn without_faults(&self, schedule: Schedule) -> Run {
        let course = Course {
            schedule,
            ..Course::default()
        };
        play(&self.setup, course)
    }

    /// What is wrong with a run.
    pub(super) fn judge(&self, run: &Run, ground: Option<&Ground>) -> Option<Verdict> {
        judge(run, ground.map(|ground| &ground.reference), self.allowed)
    }

    /// Whether an attempt fails in a way, in this world.
    pub(super) fn fails(
        &self,
        attempt: &Attempt,
        ground: Option<&Ground>,
        as_before: &Verdict,
        cost: &mut Cost,
    ) -> bool {
        cost.runs += 1;
        let run = play(&self.setup, attempt.course());
        cost.requests += run.calls.len();
        self.judge(&run, ground)
            .is_some_and(|verdict| verdict.is_like(as_before))
    }

    /// The same where nothing is known of this world yet: first with a single run to compare with, which is cheap, then with all. Gives back
    /// what runs are compared with if it fails; there is nothing where it takes no fault.
    pub(super) fn fails_alone(
        &self,
        attempt: &Attempt,
        as_before: &Verdict,
        cost: &mut Cost,
    ) -> Option<Option<Ground>> {
        cost.runs += 1;
        let first = self.without_faults(Schedule::Usual);
        cost.requests += first.calls.len();
        let flaw = judge(&first, None, self.allowed);
        if attempt.injections.is_empty() {
            let is_flawed = flaw.is_some_and(|flaw| flaw.is_like(as_before));
            if is_flawed || attempt.overtakings.is_empty() {
                return is_flawed.then_some(None);
            }
        } else if flaw.is_some() {
            return None;
        }
        works(&first).ok()?;
        let reference = Reference::of(&first, self.since);
        let ground = Ground { first, reference };
        if !self.fails(attempt, Some(&ground), as_before, cost) {
            return None;
        }
        let ground = self.lay(|run| cost.add(run)).ok()?.ground?;
        self.fails(attempt, Some(&ground), as_before, cost)
            .then_some(Some(ground))
    }
}

// === impl Cost ===

impl Cost {
    /// Whether no more should be tried.
    pub(super) fn is_over(self) -> bool {
        self.runs >= RUNS_MAX || self.requests >= REQUESTS_MAX
    }

    fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.requests += run.calls.len();
    }
}

/// Without faults, the user must be able to do what the script says.
fn works(run: &Run) -> Result<(), ScriptError> {
    match &run.refused {
        Some(refused) => Err(refused.error.clone()),
        None => Ok(()),
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
    let (then, now) = (told(first), told(again));
    let what = if then == now {
        format!("{then} has another body or answer")
    } else {
        format!("{then} in the first run, {now} in the second")
    };
    Some(Verdict {
        kind: FailureKind::NotRepeatable,
        about: "two runs with one seed".to_owned(),
        details: vec![
            format!("request {} differs: {what}", at + 1),
            "look for hash maps that are iterated, for clocks and random numbers that are not the client's, for threads"
                .to_owned(),
        ],
        at: Vec::new(),
    })
}
