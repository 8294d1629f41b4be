//! The worlds that runs of a test begin with, and the runs without faults in them.

use super::Driver;
use crate::{
    oracle::{FailureKind, Verdict},
    sim::{Injection, Run},
    sweep::{
        attempt::Attempt,
        ground::{Flaw, Ground, Worlds},
        options::Case,
        policy,
        workload::Workload,
    },
};

/// A workload's world, and what runs without faults come to in it.
pub(super) struct Scene<'a> {
    pub(super) worlds: Worlds<'a>,
    pub(super) ground: Option<Ground>,
    /// The runs without faults in other orders, of which it is not told yet how they end.
    ordered: Vec<Run>,
    /// What depends on the order of things.
    varying: Vec<String>,
    pub(super) seed: u64,
    pub(super) workload: Option<Workload>,
}

// === impl Scene ===

impl<'a> Scene<'a> {
    pub(super) fn new(
        worlds: Worlds<'a>,
        ground: Option<Ground>,
        seed: u64,
        workload: Option<Workload>,
    ) -> Self {
        Self {
            worlds,
            ground,
            ordered: Vec::new(),
            varying: Vec::new(),
            seed,
            workload,
        }
    }

    /// The single faults that there are to try, and how many need no run.
    pub(super) fn singles(&self) -> (Vec<Injection>, usize) {
        let ground = self.ground.as_ref();
        ground.map_or_else(Default::default, |ground| policy::singles(&ground.first))
    }
}

// === impl Driver ===

impl<'a> Driver<'a> {
    /// A world, and the runs without faults in it; what already they find is noted.
    pub(super) fn scene(&mut self, seed: u64, workload: Option<Workload>) -> Result<Scene<'a>, String> {
        let (setup, since) = self.sweep.setup(seed, workload.as_ref())?;
        let worlds = Worlds {
            setup,
            since,
            allowed: &self.sweep.allowed,
        };
        let laid = worlds.lay(|run| self.report.saw_sound(run));
        let broken = |error| format!("the scenario does not work without faults: {error}");
        let mut laid = laid.map_err(broken)?;
        if let Some(ground) = laid.ground.as_mut().filter(|_| worlds.may_differ()) {
            let repeated = worlds.repeat(ground, |run| self.report.saw_sound(run));
            let (repeated, difference) = repeated.map_err(broken)?;
            self.report.repeated = Some(repeated);
            if let Some(Verdict { about, details, .. }) = difference {
                self.report
                    .note(format!("{about} differ: {}", details.join("; ")));
            }
        }
        let mut scene = Scene::new(worlds, None, seed, workload);
        (scene.ordered, scene.varying) = (laid.ordered, laid.varying);
        for (nth, flaw) in laid.flaws.into_iter().enumerate() {
            self.flawed(&scene, flaw, Case::new("reference", nth));
        }
        scene.ground = laid.ground;
        Ok(scene)
    }

    /// Tells what ends otherwise in another order; where that is allowed, only that it does, as it is not compared then.
    pub(super) fn order(&mut self, scene: &mut Scene<'a>) {
        if self.sweep.allowed.contains(&FailureKind::OrderDependent) {
            for varying in &scene.varying {
                let note = format!("{varying} depends on the order of things even without faults");
                self.report.note(note);
            }
            return;
        }
        for (nth, run) in std::mem::take(&mut scene.ordered).into_iter().enumerate() {
            let ground = scene.ground.as_ref();
            if let Some(verdict) = ground.and_then(|ground| ground.order_dependent(&run)) {
                let overtakings = run.overtakings;
                self.flawed(scene, Flaw { verdict, overtakings }, Case::new("order", nth));
            }
        }
    }

    /// Something that is wrong without any fault.
    fn flawed(&mut self, scene: &Scene<'a>, flaw: Flaw, case: Case) {
        let attempt = Attempt {
            overtakings: flaw.overtakings,
            workload: scene.workload.clone(),
            ..Attempt::default()
        };
        self.found(scene, flaw.verdict, attempt, case);
    }
}
