//! Runs that come upon something new are kept, and changed a little: what goes wrong leads to requests that no run without faults makes, and
//! something may go wrong with those.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher as _},
};

use seatrial_client::env::Rng;

use super::policy;
use crate::sim::{Course, Injection, Likeness, Overtaking, Run, Schedule};

/// The runs that came upon something new.
pub(super) struct Corpus {
    rng: Rng,
    /// Requests with their outcomes and the states in which they were made, as numbers.
    seen: BTreeSet<u64>,
    kept: Vec<Kept>,
}

struct Kept {
    injections: Vec<Injection>,
    overtakings: Vec<Overtaking>,
    /// What can go wrong in it.
    places: Vec<Injection>,
}

/// No run has more faults than this: they would hide each other.
const FAULTS_MAX: usize = 4;

// === impl Corpus ===

impl Corpus {
    /// Begins with the run without faults.
    pub(super) fn new(singles: &[Injection], seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            seen: BTreeSet::new(),
            kept: vec![Kept {
                injections: Vec::new(),
                overtakings: Vec::new(),
                places: singles.to_vec(),
            }],
        }
    }

    /// One of the runs, a little changed; new ones are taken more often.
    pub(super) fn next(&mut self) -> Course {
        let count = self.kept.len() as u64;
        // Both are below the number of runs.
        let at = self.rng.below(count).max(self.rng.below(count)) as usize;
        let parent = &self.kept[at];
        let (mut injections, mut overtakings) = (parent.injections.clone(), parent.overtakings.clone());
        let other = |rng: &mut Rng| {
            let free: Vec<&Injection> = parent
                .places
                .iter()
                .filter(|place| !parent.injections.iter().any(|injection| injection.at == place.at))
                .collect();
            let at = rng.below((free.len() as u64).max(1)) as usize;
            free.get(at).map(|place| (*place).clone())
        };
        let mut schedule = None;
        match self.rng.below(10) {
            0 if !injections.is_empty() => {
                let at = self.rng.below(injections.len() as u64) as usize;
                injections.remove(at);
            }
            1 if !injections.is_empty() => {
                let at = self.rng.below(injections.len() as u64) as usize;
                if let Some(other) = other(&mut self.rng) {
                    injections[at] = other;
                }
            }
            2 => schedule = Some(Schedule::random(self.rng.next_u64())),
            3 if !overtakings.is_empty() => {
                let at = self.rng.below(overtakings.len() as u64) as usize;
                overtakings.remove(at);
            }
            _ if injections.len() < FAULTS_MAX => injections.extend(other(&mut self.rng)),
            _ => {
                injections.remove(0);
            }
        }
        Course {
            injections,
            schedule: schedule.unwrap_or_else(|| Schedule::taped(&overtakings)),
            ..Course::default()
        }
    }

    /// Keeps a run that came upon something new.
    pub(super) fn learn(&mut self, run: &Run) {
        let before = self.seen.len();
        self.seen.extend(states(run));
        if self.seen.len() > before {
            self.kept.push(Kept {
                injections: run.befell.clone(),
                overtakings: run.overtakings.clone(),
                places: policy::singles(run).0,
            });
        }
    }
}

/// The requests of a run, each with its outcome and the state before it, as numbers.
fn states(run: &Run) -> Vec<u64> {
    let mut likeness = Likeness::default();
    let mut objects = BTreeMap::new();
    let mut written = run.written.iter().peekable();
    let mut state = 0;
    let told = run.calls.iter().map(|call| {
        while let Some(next) = written.next_if(|next| next.change.revision <= call.before) {
            let change = &next.change;
            let class = likeness.class(&change.key, &change.new);
            let place = (&*change.resource, class.clone());
            if change.removed {
                objects.remove(&place);
            } else {
                objects.insert(place, likeness.of(&change.resource, &class, &change.new));
            }
            state = hash(&objects);
        }
        hash(&(&call.site, call.code, state))
    });
    told.collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
