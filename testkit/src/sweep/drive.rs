//! What is run, and in which order.
//!
//! Reading order: here (all runs of a test), `scene` (those without faults), `found` (what becomes of one that fails).

mod found;
mod scene;

use self::scene::Scene;
use super::{
    Report, Sweep,
    attempt::Attempt,
    budget::Budget,
    kinds::Kinds,
    options::{Case, Options},
    plan::Plan,
    signature::is_known,
    strategy::Explorer,
    tape,
    workload::Workload,
};
use crate::{
    oracle::Verdict,
    sim::{Course, Injection, Rule, Run, play},
};

/// Of so many runs one is made twice, as is every run that fails: a run must be the same again.
const GUARDED: usize = 100;

/// How many runs a strategy makes before it is another's turn, where time is what limits them.
const TURN: usize = 50;

/// How many runs a strategy makes before the single faults that only changes the order in which several processes get their turns.
const HEAD_START: usize = 10;

/// Makes the runs of one test.
struct Driver<'a> {
    sweep: &'a Sweep,
    options: Options,
    seed: u64,
    /// Which part of the runs is made here, of how many.
    shard: (usize, usize),
    budget: Budget,
    report: Report,
}

/// A run that was made, and what is wrong with it.
struct Attempted {
    run: Run,
    verdict: Option<Verdict>,
}

/// The runs of a strategy, and how far they are.
struct Turn {
    name: String,
    has_faults: bool,
    explorer: Explorer,
    next: usize,
    runs: usize,
}

/// Runs everything that a sweep says.
pub(super) fn sweep(sweep: &Sweep) -> Report {
    let options = match Options::read(&*sweep.environment) {
        Ok(options) => options,
        Err(error) => panic!("the sweep cannot begin: {error}"),
    };
    let mut driver = Driver::new(sweep, options);
    driver.drive();
    driver.report
}

/// Runs a workload with faults that are drawn from all that there are to try in it, one in each run.
pub(super) fn under_faults(
    sweep: &Sweep,
    seed: u64,
    workload: Workload,
    case: &Case,
    draw: impl FnOnce(&[Injection]) -> Vec<Injection>,
) -> Report {
    let mut driver = Driver::new(sweep, Options::default());
    let scene = match driver.scene(seed, Some(workload)) {
        Ok(scene) => scene,
        Err(error) => panic!("the sweep cannot begin: {error}"),
    };
    let (singles, _) = scene.singles();
    for injection in draw(&singles) {
        if driver.is_over() {
            break;
        }
        driver.attempt(&scene, with(injection), None, case.clone());
    }
    driver.report
}

/// Runs the failures that were kept, each in the world that it names.
pub(super) fn kept(sweep: &Sweep) -> Report {
    let mut driver = Driver::new(sweep, Options::default());
    driver.kept(None);
    driver.report
}

/// A run with one fault.
fn with(injection: Injection) -> Course {
    Course {
        injections: vec![injection],
        ..Course::default()
    }
}

// === impl Driver ===

impl<'a> Driver<'a> {
    fn new(sweep: &'a Sweep, options: Options) -> Self {
        let seed = options.seed.unwrap_or(sweep.seed);
        let shard = sweep.shard.or(options.shard).unwrap_or((0, 1));
        let mut report = Report::default();
        (report.seed, report.shard) = (seed, shard);
        Self {
            sweep,
            seed,
            shard,
            budget: Budget::begin(options.budget.or(sweep.budget)),
            options,
            report,
        }
    }

    fn drive(&mut self) {
        if !self.sweep.plans.is_empty() {
            for (nth, plan) in self.sweep.plans.iter().enumerate() {
                self.plan(None, plan, &format!("plan {}", nth + 1), Case::new("plan", nth));
            }
            return;
        }
        let mut scene = match self.scene(self.seed, None) {
            Ok(scene) => scene,
            Err(error) => panic!("the sweep cannot begin: {error}"),
        };
        self.order(&mut scene);
        if scene.ground.is_none() || self.is_over() {
            return;
        }
        self.kept(Some(&scene));
        let (singles, pruned) = scene.singles();
        (self.report.plans, self.report.pruned) = (singles.len(), pruned);
        let mut turns = self.turns(&singles);
        if self.sweep.processes.len() > 1 {
            let orders = turns.iter_mut().filter(|turn| !turn.has_faults);
            for turn in orders {
                self.turn(&scene, &singles, turn, HEAD_START);
            }
        }
        for (nth, injection) in singles.iter().enumerate() {
            if self.is_over() {
                break;
            }
            let case = Case::new("single", nth);
            if self.is_due(&case) {
                self.attempt(&scene, with(injection.clone()), None, case);
            }
        }
        let count = if self.budget.is_limited() {
            TURN
        } else {
            usize::MAX
        };
        while !turns.is_empty() {
            turns.retain_mut(|turn| self.turn(&scene, &singles, turn, count));
        }
        self.vacuous(&scene);
    }

    /// The strategies whose runs are to be made, in turn until time is up if that is limited.
    fn turns(&self, singles: &[Injection]) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        for (strategy, runs) in self.sweep.strategies() {
            let explorer = Explorer::new(strategy, self.seed, singles, self.shard);
            // Each part learns by itself.
            let parts = if explorer.learns() { self.shard.1 } else { 1 };
            turns.push(Turn {
                name: strategy.to_string(),
                has_faults: strategy.has_faults(),
                explorer,
                next: 0,
                runs: runs.div_ceil(parts),
            });
        }
        if let Some(only) = &self.options.case {
            turns.retain(|turn| turn.name == only.strategy);
        }
        turns
    }

    /// Makes so many runs of a strategy, if there are as many; whether there are more.
    fn turn(&mut self, scene: &Scene<'a>, singles: &[Injection], turn: &mut Turn, count: usize) -> bool {
        let last = self.options.case.as_ref().map(|only| only.nth + 1);
        let is_limited = self.budget.is_limited();
        let most = turn.next.saturating_add(count);
        let end = match last {
            Some(last) => last,
            None if is_limited => most,
            None => turn.runs.min(most),
        };
        while turn.next < end {
            let case = Case::new(&turn.name, turn.next);
            turn.next += 1;
            if self.is_over() {
                return false;
            }
            let learns = turn.explorer.learns();
            let is_due = self.is_due(&case) || (learns && self.options.case.is_none());
            if !is_due && !learns {
                continue;
            }
            let Some(course) = turn.explorer.course(singles, case.nth) else {
                return false;
            };
            let run = if is_due {
                let attempted = self.attempt(scene, course, None, case);
                attempted.run
            } else {
                // It only leads to the one that is asked for.
                self.report.runs += 1;
                play(&scene.worlds.setup, course)
            };
            if run.refused.is_none() {
                turn.explorer.learn(&run);
            }
        }
        is_limited && last.is_none()
    }

    /// Makes the runs of the failures that were kept.
    fn kept(&mut self, scene: Option<&Scene<'a>>) {
        let Some(folder) = &self.sweep.regressions else {
            return;
        };
        for (nth, (path, plan)) in tape::saved(folder, &self.sweep.name).into_iter().enumerate() {
            let case = Case::new("kept", nth);
            if self.is_over() || self.options.case.as_ref().is_some_and(|only| *only != case) {
                continue;
            }
            match plan {
                Ok(plan) => self.plan(scene, &plan, &path.display().to_string(), case),
                Err(error) => {
                    let told = format!("{error}: {}", path.display());
                    self.report.note(told.clone());
                    self.report.unreadable.push(told);
                }
            }
        }
    }

    /// Makes the run of a plan, in the world that is given if it says nothing else.
    fn plan(&mut self, scene: Option<&Scene<'a>>, plan: &Plan, name: &str, case: Case) {
        let seed = self.options.seed.or(plan.seed).unwrap_or(self.seed);
        let own;
        let scene = match scene {
            Some(scene) if plan.workload.is_none() && seed == scene.seed => scene,
            _ => match self.scene(seed, plan.workload.clone()) {
                Ok(scene) => {
                    own = scene;
                    &own
                }
                Err(error) => return self.report.note(format!("{name} cannot be run: {error}")),
            },
        };
        let mut verdict = None;
        if scene.ground.is_some() {
            let kinds = Kinds::of(&scene.worlds.setup.server);
            let mut attempt = Attempt {
                injections: plan.faults.clone(),
                overtakings: plan.order.clone(),
                workload: plan.workload.clone(),
            };
            for injection in &mut attempt.injections {
                if let Err(error) = kinds.resolve(injection) {
                    self.report.note(format!("{name}: {error}"));
                }
            }
            let attempted = self.attempt(scene, attempt.course(), Some((&attempt, name)), case);
            verdict = attempted.verdict;
        }
        if let Some(shown) = &plan.shows
            && !is_known(verdict.as_slice(), shown)
        {
            let note = format!("{name} does not fail as it did: {}: {}", shown.about, shown.kind);
            self.report.note(note);
        }
    }

    /// Whether a run is this part's, and not another than the one that is asked for.
    fn is_due(&self, case: &Case) -> bool {
        let (index, total) = self.shard;
        match &self.options.case {
            Some(only) => only == case,
            None => case.nth % total == index,
        }
    }

    fn is_over(&self) -> bool {
        if self.report.findings.len() >= self.sweep.findings_max {
            return true;
        }
        if self.budget.is_limited() {
            self.budget.is_spent()
        } else {
            self.report.runs >= self.sweep.runs_max
        }
    }

    /// Makes a run and judges it; `told` is the plan that it comes from, and what that is called.
    fn attempt(
        &mut self,
        scene: &Scene<'a>,
        course: Course,
        told: Option<(&Attempt, &str)>,
        case: Case,
    ) -> Attempted {
        let again = course.clone();
        let run = play(&scene.worlds.setup, course);
        self.report.saw(&run);
        self.report.refused += usize::from(run.refused.is_some());
        self.report.tally(&case.strategy, &again.injections, &run);
        if let Some((attempt, name)) = told.filter(|_| run.refused.is_none())
            && let Some(step) = attempt.diverged(&run)
        {
            self.report.note(format!("{name} diverged at {step}"));
        }
        let mut verdict = scene.worlds.judge(&run, scene.ground.as_ref());
        if verdict.is_some() || case.nth % GUARDED == GUARDED - 1 {
            // Of a run that may be another one the next time, that is what there is to tell.
            verdict = scene.worlds.differs_again(&run, again.clone()).or(verdict);
        }
        if let Some(verdict) = &verdict {
            let attempt = Attempt {
                injections: again.injections,
                overtakings: run.overtakings.clone(),
                workload: scene.workload.clone(),
            };
            self.found(scene, verdict.clone(), attempt, case);
        }
        Attempted { run, verdict }
    }

    /// Notes what was to be seen sometimes, and never was, and that no run came to its end.
    fn vacuous(&mut self, scene: &Scene<'a>) {
        let tried: usize = self.report.strategies.iter().map(|tally| tally.runs).sum();
        if tried > 0 && self.report.refused == tried {
            let note = "vacuous: the user was refused something in every run with a fault";
            self.report.note(note.to_owned());
        }
        for invariant in scene.worlds.setup.invariants.iter() {
            let is_due = matches!(invariant.rule, Rule::Sometimes(_));
            if is_due && !self.report.seen.contains(&invariant.name) {
                let note = format!("vacuous: `{}` was never seen", invariant.name);
                self.report.note(note);
            }
        }
    }
}
