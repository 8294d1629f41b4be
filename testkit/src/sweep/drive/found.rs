//! What becomes of a run that fails: it is made smaller, and told.

use super::{Driver, scene::Scene};
use crate::{
    oracle::{FailureKind, Verdict},
    sim::{Course, play, timeline},
    sweep::{
        Finding, Repeated,
        attempt::Attempt,
        ground::{Cost, REPEATS, Worlds},
        kinds::Kinds,
        lift::lift,
        options::Case,
        plan::{Plan, Shown},
        ready,
        shrink::shrink,
        signature::is_known,
        workload::Workload,
    },
    timeline::Failure,
};

impl<'a> Driver<'a> {
    /// Makes it smaller, and runs it once more to write down what happens.
    pub(super) fn found(&mut self, scene: &Scene<'a>, verdict: Verdict, attempt: Attempt, case: Case) {
        if is_known(&self.report.findings, &verdict) {
            return;
        }
        self.report.credit(&case.strategy);
        let drawn = (attempt.injections.len(), attempt.overtakings.len());
        let all = Workload::of(self.sweep);
        let mut cost = Cost::default();
        let mut smaller: Option<Scene<'a>> = None;
        let smallest = shrink(attempt, &all, |attempt| {
            // What is not the same twice cannot be found again by a smaller run.
            if cost.is_over() || verdict.kind == FailureKind::NotRepeatable {
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
        // Without the fault that it did not take it may be another's.
        if !is_known(&self.report.findings, &finding) {
            self.report.findings.push(finding);
        }
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
        Some(Scene::new(worlds, ground, seed, attempt.workload.clone()))
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
        let (mut verdict, mut events, mut plan) = (verdict, Vec::new(), Plan::default());
        let (mut diff, mut blamed) = (String::new(), Vec::new());
        // Where runs differ by themselves, one that fails is told of, if any does.
        let repeats = if worlds.may_differ() { REPEATS } else { 1 };
        let (mut same, mut shown) = (0, None);
        for _ in 0..repeats {
            let run = play(&worlds.setup, course.clone());
            let again = worlds.judge(&run, ground);
            match again.filter(|again| again.is_like(&verdict)) {
                Some(again) if same == 0 => {
                    verdict = again;
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
            // A run that ends at a step of the user's has not come to the end that others have.
            let ended = ground.filter(|_| run.refused.is_none());
            diff = ended.map(|ground| ground.diff(&run)).unwrap_or_default();
            blamed = verdict.blamed(&run);
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
            details: verdict.details,
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
                .writes(blamed)
                .replay(ready::command(&finding, &self.sweep.name)),
        );
        finding
    }
}
