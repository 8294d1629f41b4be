//! Objects that move on by themselves as time passes, and the choices in it.

use std::time::Duration;

use seatrial_fake_apiserver::Clock as _;

use crate::sim::{Crossing, Fate, Injection, Trigger, record::Writer};

use super::World;

impl World {
    /// Lets the stages see what has changed.
    pub(super) fn watch_stages(&mut self) {
        let Some(mut stages) = self.stages.take() else {
            return;
        };
        let (server, now) = (self.server.clone(), self.clock.now());
        stages.observe(&server, now, &mut |crossing| self.cross(crossing));
        self.stages = Some(stages);
    }

    pub(super) fn has_due_stage(&self) -> bool {
        self.next_stage().is_some_and(|due| due <= self.clock.elapsed())
    }

    /// When the next stage is over.
    pub(super) fn next_stage(&self) -> Option<Duration> {
        self.elapsed_at(self.stages.as_ref()?.next_due()?)
    }

    /// When the last one is of those that lead anywhere.
    pub(super) fn last_stage(&self) -> Option<Duration> {
        self.elapsed_at(self.stages.as_ref()?.last_due()?)
    }

    pub(super) fn move_stage(&mut self) {
        self.stage_steps += 1;
        let Some(mut stages) = self.stages.take() else {
            return;
        };
        let (server, now) = (self.server.clone(), self.clock.now());
        if let Err(why) = stages.step(&server, now, &mut |crossing| self.cross(crossing)) {
            self.refused_stages.push(why);
        }
        self.stages = Some(stages);
        self.observe(Writer::Stages, false);
    }

    /// Which way an object goes on: the usual one, unless it is to be another.
    fn cross(&mut self, crossing: &Crossing) -> usize {
        self.crossings.push(crossing.clone());
        // The late way is the last, and is called as the usual one.
        let place = |name: &str| crossing.ways.iter().position(|way| way.name == name);
        let late = crossing.ways.iter().position(|way| way.is_late);
        // A stage that is not among them does not happen.
        let is_meant = |injection: &Injection| match &injection.fate {
            Fate::Staged(name) => place(name).is_some(),
            Fate::StagedLate => late.is_some(),
            _ => false,
        };
        let is_meant = |injection: &Injection| {
            matches!(&injection.at, Trigger::Stage(at) if *at == crossing.at) && is_meant(injection)
        };
        let planned = self
            .injections
            .iter()
            .position(|planned| is_meant(&planned.injection));
        match planned.map(|planned| self.befalls(planned)) {
            Some(Fate::Staged(name)) => {
                let place = place(&name).unwrap_or(0);
                let is_lasting = crossing.ways[place].is_lasting;
                self.astray.push((crossing.uid.clone(), is_lasting));
                place
            }
            Some(Fate::StagedLate) => late.unwrap_or(0),
            _ => 0,
        }
    }

    fn elapsed_at(&self, at: jiff::Timestamp) -> Option<Duration> {
        let since = at.duration_since(self.clock.epoch());
        Some(Duration::try_from(since).unwrap_or_default())
    }
}
