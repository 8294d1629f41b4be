//! What runs without faults agree on.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use seatrial_fake_apiserver::Held;

use super::{
    astray,
    difference::{diff, differences, pin},
    normal::{self, Class, State},
    turnover::{Counts, Turn, most_live},
};
use crate::sim::Run;

/// The end that runs without faults have in common, and how much they made and deleted on the way.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Objects that were there before this revision are the cluster's own.
    since: u64,
    /// What runs in the usual order end in.
    usual: Common,
    /// What runs in any order end in.
    any: Common,
    made: BTreeMap<Class, usize>,
    deleted: BTreeMap<Class, usize>,
    /// The most objects that there were at once.
    live: BTreeMap<Class, usize>,
    /// The most tasks that a process had in the end.
    tasks: BTreeMap<Arc<str>, usize>,
}

/// What several states have in common.
#[derive(Clone, Debug)]
struct Common {
    /// The common state; where states differ, a mark that fits everything.
    pinned: State,
    /// Classes of which some states have other numbers of objects than others.
    varying: Vec<Class>,
}

// === impl Reference ===

impl Reference {
    /// What the first run has.
    pub(crate) fn of(run: &Run, since: u64) -> Self {
        let counts = Counts::of(run);
        let usual = Common {
            pinned: normal::state(&run.held, since),
            varying: Vec::new(),
        };
        Self {
            since,
            any: usual.clone(),
            usual,
            made: counts.made,
            deleted: counts.deleted,
            live: most_live(run)
                .into_iter()
                .map(|(class, (most, _))| (class, most))
                .collect(),
            tasks: run.tasks.iter().cloned().collect(),
        }
    }

    /// Takes a run in another order into account; where it differs from those before, told as `resource key`.
    pub(crate) fn add(&mut self, run: &Run) -> Vec<String> {
        let counts = Counts::of(run);
        widen(&mut self.made, counts.made);
        widen(&mut self.deleted, counts.deleted);
        let live = most_live(run).into_iter();
        widen(
            &mut self.live,
            live.map(|(class, (most, _))| (class, most)).collect(),
        );
        widen(&mut self.tasks, run.tasks.iter().cloned().collect());
        let differing = self.any.add(normal::state(&run.held, self.since));
        differing
            .into_iter()
            .map(|(resource, key)| format!("{resource} {key}"))
            .collect()
    }

    /// Takes another run in the usual order into account, of a program of which not even these are the same.
    pub(crate) fn add_usual(&mut self, run: &Run) {
        self.add(run);
        self.usual.add(normal::state(&run.held, self.since));
    }

    /// How the end of a run differs from those in the usual order, one line each, with the class that it is about.
    pub(super) fn differences_of_order(&self, run: &Run) -> Vec<(Class, String)> {
        self.usual.differences(normal::state(&run.held, self.since))
    }

    /// Whether a state is the one that runs without faults end in.
    pub(super) fn fits(&self, held: &[Held]) -> bool {
        self.compare(held).is_empty()
    }

    /// How many objects of a class there may be at once.
    pub(super) fn most_live(&self, class: &Class) -> usize {
        self.live.get(class).copied().unwrap_or_default()
    }

    /// How many tasks a process may have in the end.
    pub(super) fn most_tasks(&self, process: &str) -> usize {
        self.tasks.get(process).copied().unwrap_or_default()
    }

    /// How a state differs, one line each, with the class that it is about.
    pub(super) fn differences(&self, run: &Run) -> Vec<(Class, String)> {
        let (pinned, state) = self.compared(run);
        differences(&pinned, &state)
    }

    /// The same as people compare texts: what should be there after `-`, what is there after `+`, under the name of each object.
    pub(crate) fn diff(&self, run: &Run) -> String {
        let (pinned, state) = self.compared(run);
        diff(&pinned, &state)
    }

    fn compare(&self, held: &[Held]) -> Vec<(Class, String)> {
        differences(&self.any.pinned, &self.state(held))
    }

    /// What is compared of a state.
    fn state(&self, held: &[Held]) -> State {
        let mut state = normal::state(held, self.since);
        state.retain(|class, _| !self.any.varying.contains(class));
        state
    }

    /// What is to be compared with what.
    fn compared(&self, run: &Run) -> (Cow<'_, State>, State) {
        if !astray::is_astray(run) {
            return (Cow::Borrowed(&self.any.pinned), self.state(&run.held));
        }
        let mut pinned = self.any.pinned.clone();
        let mut state = astray::state(run, self.since, &pinned);
        state.retain(|class, _| !self.any.varying.contains(class));
        astray::summarize(&mut pinned);
        astray::summarize(&mut state);
        (Cow::Owned(pinned), state)
    }

    /// What there was and a state has no more, or fewer of, one line each.
    pub(crate) fn lost(&self, run: &Run) -> Vec<(Class, String)> {
        let state = normal::state(&run.held, self.since);
        let count = |class| state.get(class).map_or(0, Vec::len);
        let lost = self
            .any
            .pinned
            .iter()
            .filter(|(class, pinned)| count(*class) < pinned.len());
        lost.map(|(class, _)| (class.clone(), format!("{} {} is gone", class.0, class.1)))
            .collect()
    }

    /// How often this may become of objects of a class.
    pub(super) fn most(&self, class: &Class, turn: Turn) -> usize {
        let counts = match turn {
            Turn::Made => &self.made,
            Turn::Deleted => &self.deleted,
        };
        counts.get(class).copied().unwrap_or_default()
    }
}

// === impl Common ===

impl Common {
    /// Takes another state into account; the classes in which it differs from those before.
    fn add(&mut self, mut state: State) -> Vec<Class> {
        let mut differing = Vec::new();
        let varying = &mut self.varying;
        self.pinned.retain(|class, pinned| {
            let other = state.remove(class).unwrap_or_default();
            if pinned.len() != other.len() {
                varying.push(class.clone());
                differing.push(class.clone());
                return false;
            }
            let pairs = pinned.iter_mut().zip(&other);
            if !pairs.fold(true, |same, (pinned, other)| pin(pinned, other) && same) {
                differing.push(class.clone());
            }
            true
        });
        for class in state.into_keys() {
            if !varying.contains(&class) {
                varying.push(class.clone());
                differing.push(class);
            }
        }
        differing
    }

    fn differences(&self, mut state: State) -> Vec<(Class, String)> {
        state.retain(|class, _| !self.varying.contains(class));
        differences(&self.pinned, &state)
    }
}

fn widen<K: Ord>(counts: &mut BTreeMap<K, usize>, others: BTreeMap<K, usize>) {
    for (key, other) in others {
        let count = counts.entry(key).or_default();
        *count = (*count).max(other);
    }
}
