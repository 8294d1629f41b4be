//! What is run, and in which order.

use super::{
    Finding, Repeated, Report, Sweep,
    attempt::Attempt,
    budget::Budget,
    ground::{Cost, Ground, REPEATS, Worlds, is_same},
    kinds::Kinds,
    lift::lift,
    options::{Case, Options},
    plan::{Plan, Shown},
    policy, ready,
    shrink::shrink,
    strategy::Explorer,
    tape,
    workload::Workload,
};
use crate::{
    oracle::Verdict,
    sim::{Course, Injection, Rule, Run, play, timeline},
    timeline::Failure,
};

/// How many runs a strategy makes before it is another's turn, where time is what limits them.
const TURN: usize = 50;

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

/// A workload's world, and what runs without faults come to in it.
struct Scene<'a> {
    worlds: Worlds<'a>,
    ground: Option<Ground>,
    seed: u64,
    workload: Option<Workload>,
}

/// The runs of a strategy, and how far they are.
struct Turn {
    name: String,
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

// === impl Scene ===

impl Scene<'_> {
    /// The single faults that there are to try, and how many need no run.
    fn singles(&self) -> (Vec<Injection>, usize) {
        let ground = self.ground.as_ref();
        ground.map_or_else(Default::default, |ground| policy::singles(&ground.first))
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
        let scene = match self.scene(self.seed, None) {
            Ok(scene) => scene,
            Err(error) => panic!("the sweep cannot begin: {error}"),
        };
        if scene.ground.is_none() || self.is_over() {
            return;
        }
        self.kept(Some(&scene));
        let (singles, pruned) = scene.singles();
        (self.report.plans, self.report.pruned) = (singles.len(), pruned);
        for (nth, injection) in singles.iter().enumerate() {
            if self.is_over() {
                break;
            }
            let case = Case::new("single", nth);
            if self.is_due(&case) {
                self.attempt(&scene, with(injection.clone()), None, case);
            }
        }
        self.explore(&scene, &singles);
        self.vacuous(&scene);
    }

    /// Makes the runs of all strategies, in turn until time is up if that is limited.
    fn explore(&mut self, scene: &Scene<'a>, singles: &[Injection]) {
        let mut turns: Vec<Turn> = Vec::new();
        for (strategy, runs) in self.sweep.strategies() {
            let explorer = Explorer::new(strategy, self.seed, singles, self.shard);
            // Each part learns by itself.
            let parts = if explorer.learns() { self.shard.1 } else { 1 };
            turns.push(Turn {
                name: strategy.to_string(),
                explorer,
                next: 0,
                runs: runs.div_ceil(parts),
            });
        }
        if let Some(only) = &self.options.case {
            turns.retain(|turn| turn.name == only.strategy);
        }
        while !turns.is_empty() {
            turns.retain_mut(|turn| self.turn(scene, singles, turn));
        }
    }

    /// Makes some runs of a strategy; whether there are more.
    fn turn(&mut self, scene: &Scene<'a>, singles: &[Injection], turn: &mut Turn) -> bool {
        let last = self.options.case.as_ref().map(|only| only.nth + 1);
        let is_limited = self.budget.is_limited();
        let end = match last {
            Some(last) => last,
            None if is_limited => turn.next + TURN,
            None => turn.runs,
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
                self.attempt(scene, course, None, case)
            } else {
                // It only leads to the one that is asked for.
                self.report.runs += 1;
                play(&scene.worlds.setup, course).ok()
            };
            if let Some(run) = run {
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
                Err(error) => self.report.note(format!("{error}: {}", path.display())),
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
        let found = self.report.findings.len();
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
            self.attempt(scene, attempt.course(), Some((&attempt, name)), case);
        }
        let shown = &plan.shows;
        if let Some(shown) = shown
            && !self.report.findings[found..]
                .iter()
                .any(|f| f.kind == shown.kind && f.about == shown.about)
        {
            let note = format!("{name} does not fail as it did: {}: {}", shown.about, shown.kind);
            self.report.note(note);
        }
    }

    /// A world, and the runs without faults in it; what already they find is noted.
    fn scene(&mut self, seed: u64, workload: Option<Workload>) -> Result<Scene<'a>, String> {
        let (setup, since) = self.sweep.setup(seed, workload.as_ref())?;
        let worlds = Worlds {
            setup,
            since,
            allowed: &self.sweep.allowed,
        };
        let laid = worlds.lay(|run| self.report.saw(run));
        let broken = |error| format!("the scenario does not work without faults: {error}");
        let mut laid = laid.map_err(broken)?;
        if let Some(ground) = laid.ground.as_mut().filter(|_| worlds.may_differ()) {
            let repeated = worlds.repeat(ground, |run| self.report.saw(run));
            let (repeated, difference) = repeated.map_err(broken)?;
            self.report.repeated = Some(repeated);
            if let Some(Verdict { about, details, .. }) = difference {
                self.report
                    .note(format!("{about} differ: {}", details.join("; ")));
            }
        }
        for varying in laid.varying {
            let note = format!("{varying} depends on the order of things even without faults");
            self.report.note(note);
        }
        let scene = Scene {
            worlds,
            ground: None,
            seed,
            workload: workload.clone(),
        };
        for (nth, flaw) in laid.flaws.into_iter().enumerate() {
            let attempt = Attempt {
                overtakings: flaw.overtakings,
                workload: workload.clone(),
                ..Attempt::default()
            };
            self.found(&scene, flaw.verdict, attempt, Case::new("reference", nth));
        }
        Ok(Scene {
            ground: laid.ground,
            ..scene
        })
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

    /// Makes a run and judges it; `told` is the plan that it comes from, and what that is called. None where it says nothing.
    fn attempt(
        &mut self,
        scene: &Scene<'a>,
        course: Course,
        told: Option<(&Attempt, &str)>,
        case: Case,
    ) -> Option<Run> {
        let injections = course.injections.clone();
        // A fault may take away what the user would work on: such a run says nothing.
        let Ok(run) = play(&scene.worlds.setup, course) else {
            self.report.runs += 1;
            self.report.refused += 1;
            return None;
        };
        self.report.saw(&run);
        self.report.tally(&case.strategy, &injections, &run);
        if let Some((attempt, name)) = told
            && let Some(step) = attempt.diverged(&run)
        {
            self.report.note(format!("{name} diverged at {step}"));
        }
        if let Some(verdict) = scene.worlds.judge(&run, scene.ground.as_ref()) {
            let attempt = Attempt {
                injections,
                overtakings: run.overtakings.clone(),
                workload: scene.workload.clone(),
            };
            self.found(scene, verdict, attempt, case);
        }
        Some(run)
    }

    /// Notes what was to be seen sometimes, and never was.
    fn vacuous(&mut self, scene: &Scene<'a>) {
        for invariant in scene.worlds.setup.invariants.iter() {
            let is_due = matches!(invariant.rule, Rule::Sometimes(_));
            if is_due && !self.report.seen.contains(&invariant.name) {
                let note = format!("vacuous: `{}` was never seen", invariant.name);
                self.report.note(note);
            }
        }
    }

    // --- findings ---

    /// Makes it smaller, and runs it once more to write down what happens.
    fn found(&mut self, scene: &Scene<'a>, verdict: Verdict, attempt: Attempt, case: Case) {
        let known = |finding: &Finding| finding.kind == verdict.kind && finding.about == verdict.about;
        if self.report.findings.iter().any(known) {
            return;
        }
        self.report.credit(&case.strategy);
        let drawn = (attempt.injections.len(), attempt.overtakings.len());
        let all = Workload::of(self.sweep);
        let mut cost = Cost::default();
        let mut smaller: Option<Scene<'a>> = None;
        let smallest = shrink(attempt, &all, |attempt| {
            if cost.is_over() {
                return false;
            }
            let known = [Some(scene), smaller.as_ref()].into_iter().flatten();
            let known = known.into_iter().find(|scene| scene.workload == attempt.workload);
            if let Some(Scene { worlds, ground, .. }) = known {
                return worlds.fails(attempt, ground.as_ref(), &verdict, &mut cost);
            }
            let found = self.fails_elsewhere(scene.seed, attempt, &verdict, &mut cost);
            let fails = found.is_some();
            smaller = found.or(smaller.take());
            fails
        });
        let scene = smaller
            .as_ref()
            .filter(|smaller| smaller.workload == smallest.workload)
            .unwrap_or(scene);
        let finding = self.told(scene, verdict, smallest, case, drawn, &mut cost);
        self.report.shrink_runs += cost.runs;
        self.report.findings.push(finding);
    }

    /// The world of an attempt, if the attempt fails there as one did before.
    fn fails_elsewhere(
        &self,
        seed: u64,
        attempt: &Attempt,
        verdict: &Verdict,
        cost: &mut Cost,
    ) -> Option<Scene<'a>> {
        let (setup, since) = self.sweep.setup(seed, attempt.workload.as_ref()).ok()?;
        let worlds = Worlds {
            setup,
            since,
            allowed: &self.sweep.allowed,
        };
        let ground = worlds.fails_alone(attempt, verdict, cost)?;
        Some(Scene {
            worlds,
            ground,
            seed,
            workload: attempt.workload.clone(),
        })
    }

    /// A finding, with what happens in the smallest run of it.
    fn told(
        &self,
        scene: &Scene<'a>,
        verdict: Verdict,
        attempt: Attempt,
        case: Case,
        drawn: (usize, usize),
        cost: &mut Cost,
    ) -> Finding {
        let (worlds, ground) = (&scene.worlds, scene.ground.as_ref());
        let course = Course {
            is_traced: true,
            ..attempt.course()
        };
        let (mut details, mut events, mut plan) = (verdict.details.clone(), Vec::new(), Plan::default());
        let mut diff = String::new();
        // Where runs differ by themselves, one that fails is told of, if any does.
        let repeats = if worlds.may_differ() { REPEATS } else { 1 };
        let (mut same, mut shown) = (0, None);
        for _ in 0..repeats {
            let Ok(run) = play(&worlds.setup, course.clone()) else {
                continue;
            };
            let again = worlds.judge(&run, ground);
            match again.filter(|again| is_same(again, &verdict)) {
                Some(again) if same == 0 => {
                    details = again.details;
                    shown = Some(run);
                    same = 1;
                }
                Some(_) => same += 1,
                None => shown = shown.or(Some(run)),
            }
        }
        if let Some(run) = shown {
            let kinds = Kinds::of(&worlds.setup.server);
            plan = lift(&attempt, &run, &kinds, |attempt| {
                !cost.is_over() && worlds.fails(attempt, ground, &verdict, cost)
            });
            diff = ground.map(|ground| ground.diff(&run)).unwrap_or_default();
            events = run.trace;
        }
        plan.seed = (scene.seed != 0).then_some(scene.seed);
        plan.shows = Some(Shown {
            kind: verdict.kind,
            about: verdict.about.clone(),
        });
        let mut finding = Finding {
            kind: verdict.kind,
            about: verdict.about,
            details,
            injections: attempt.injections,
            overtakings: attempt.overtakings,
            workload: attempt.workload,
            seed: scene.seed,
            repeated: worlds.may_differ().then_some(Repeated { same, runs: repeats }),
            case: case.to_string(),
            shard: self.shard,
            drawn,
            plan,
            trace: timeline(&events, &self.sweep.name),
        };
        let failure = Failure::new(finding.kind.to_string(), finding.summary(diff.is_empty()));
        finding.trace.failure = Some(
            failure
                .diff(diff)
                .replay(ready::command(&finding, &self.sweep.name)),
        );
        finding
    }
}
