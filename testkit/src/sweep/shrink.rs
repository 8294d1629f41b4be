//! Makes a failing run smaller, as long as it fails in the same way.
//!
//! Whole classes of faults go first, then single faults, then decisions about the order in halves; then what there is to do: operations of the
//! user, processes, objects, and what is large in them; in the end delays get shorter. Where less is to be done, fewer decisions may do.

mod size;

use std::{collections::BTreeSet, time::Duration};

use super::{
    attempt::{Attempt, class},
    workload::Workload,
};
use crate::sim::{Fate, Move, Op, Overtaking, Trigger};

/// Of so many changes of the order each is tried alone.
const SINGLES_MAX: usize = 60;

/// The shortest delay that is tried.
const SHORT: Duration = Duration::from_secs(1);

/// The smallest attempt that was found to fail; `fails` says whether one does. `all` is the workload of an attempt that names none.
pub(super) fn shrink(attempt: Attempt, all: &Workload, fails: impl FnMut(&Attempt) -> bool) -> Attempt {
    let mut shrinker = Shrinker { best: attempt, fails };
    shrinker.classes();
    shrinker.faults();
    shrinker.order();
    shrinker.operations(all);
    shrinker.processes(all);
    shrinker.objects(all);
    shrinker.sizes(all);
    if shrinker.best.workload.is_some() {
        shrinker.order();
    }
    shrinker.delays(all);
    shrinker.best
}

struct Shrinker<F> {
    best: Attempt,
    fails: F,
}

// === impl Shrinker ===

impl<F: FnMut(&Attempt) -> bool> Shrinker<F> {
    /// Takes a smaller attempt for the best one if it fails.
    fn accept(&mut self, smaller: Attempt) -> bool {
        let fails = smaller != self.best && (self.fails)(&smaller);
        if fails {
            self.best = smaller;
        }
        fails
    }

    /// Whole classes of faults, and the order as one of them.
    fn classes(&mut self) {
        let classes: BTreeSet<String> = self.best.injections.iter().map(class).collect();
        let ordered = Attempt {
            overtakings: Vec::new(),
            ..self.best.clone()
        };
        self.accept(ordered);
        let faultless = Attempt {
            injections: Vec::new(),
            ..self.best.clone()
        };
        if self.accept(faultless) {
            return;
        }
        for gone in classes {
            let mut smaller = self.best.clone();
            smaller.injections.retain(|injection| class(injection) != gone);
            self.accept(smaller);
        }
    }

    fn faults(&mut self) {
        let faults = self.best.injections.clone();
        minimal(faults, |injections| {
            self.accept(Attempt {
                injections: injections.to_vec(),
                ..self.best.clone()
            })
        });
    }

    /// The fewest changes of the order: a single one of them, or else as few as halving comes to.
    fn order(&mut self) {
        let order = self.best.overtakings.clone();
        let mut accept = |overtakings: &[Overtaking]| {
            self.accept(Attempt {
                overtakings: overtakings.to_vec(),
                ..self.best.clone()
            })
        };
        let left = minimal(order.clone(), &mut accept);
        // What halving comes to need not be the least.
        if left.len() > 1 && order.len() <= SINGLES_MAX {
            order.chunks(1).any(accept);
        }
    }

    fn operations(&mut self, all: &Workload) {
        let before = self.best.clone();
        let workload = before.workload.clone().unwrap_or_else(|| all.clone());
        let places: Vec<usize> = (0..workload.script.len()).collect();
        minimal(places, |kept| {
            let Some(smaller) = without(&before, &workload, kept) else {
                return false;
            };
            // What came second may come first once something before it is gone.
            let first = with_first(&smaller);
            self.accept(smaller) || self.accept(first)
        });
    }

    fn processes(&mut self, all: &Workload) {
        let workload = self.best.workload.clone().unwrap_or_else(|| all.clone());
        minimal(workload.processes.clone(), |processes| {
            !processes.is_empty()
                && self.accept(Attempt {
                    workload: Some(Workload {
                        processes: processes.to_vec(),
                        ..workload.clone()
                    }),
                    ..self.best.clone()
                })
        });
    }

    fn objects(&mut self, all: &Workload) {
        let workload = self.best.workload.clone().unwrap_or_else(|| all.clone());
        minimal(workload.given.clone(), |given| {
            self.accept(Attempt {
                workload: Some(Workload {
                    given: given.to_vec(),
                    ..workload.clone()
                }),
                ..self.best.clone()
            })
        });
    }

    /// Numbers and lists in specifications.
    fn sizes(&mut self, all: &Workload) {
        let mut place = 0;
        loop {
            let workload = self.best.workload.as_ref().unwrap_or(all);
            match size::smaller(workload, place) {
                Some(sizes) => {
                    let tried = sizes.into_iter().any(|workload| {
                        self.accept(Attempt {
                            workload: Some(workload),
                            ..self.best.clone()
                        })
                    });
                    // What got smaller may get smaller still, unless it is as small as can be.
                    place += usize::from(!tried);
                }
                None => return,
            }
        }
    }

    /// Faults that last, and what the user waits for.
    fn delays(&mut self, all: &Workload) {
        for at in 0..self.best.injections.len() {
            self.shorten(|attempt| delay(&mut attempt.injections[at].fate));
        }
        for at in 0..self.best.workload.as_ref().unwrap_or(all).script.len() {
            self.shorten(|attempt| {
                let workload = attempt.workload.get_or_insert_with(|| all.clone());
                match &mut workload.script[at] {
                    Op::Wait(time) => Some(time),
                    _ => None,
                }
            });
        }
    }

    /// Makes a time short, or else half as long as often as that still fails.
    fn shorten(&mut self, time: impl Fn(&mut Attempt) -> Option<&mut Duration>) {
        loop {
            let mut smaller = self.best.clone();
            let Some(long) = time(&mut smaller).filter(|time| **time > SHORT) else {
                return;
            };
            let half = *long / 2;
            *long = SHORT;
            if self.accept(smaller.clone()) || half <= SHORT {
                return;
            }
            if let Some(time) = time(&mut smaller) {
                *time = half;
            }
            if !self.accept(smaller) {
                return;
            }
        }
    }
}

fn delay(fate: &mut Fate) -> Option<&mut Duration> {
    match fate {
        Fate::Lags { time, .. }
        | Fate::Paused { time }
        | Fate::Outage { time }
        | Fate::OutsideOutage { time, .. } => Some(time),
        _ => None,
    }
}

/// An attempt of which only some operations are left; what names others by their number is told the new one. None where something
/// hangs on an operation that is gone.
fn without(attempt: &Attempt, workload: &Workload, kept: &[usize]) -> Option<Attempt> {
    let place = |at: usize| kept.iter().position(|other| *other == at);
    let settles: Vec<usize> = (0..workload.script.len())
        .filter(|at| workload.script[*at] == Op::Settle)
        .collect();
    let left = |count: usize| settles[..count].iter().filter(|at| kept.contains(at)).count();
    let mut smaller = attempt.clone();
    for injection in &mut smaller.injections {
        if let Trigger::Settled(nth) = &mut injection.at {
            // Where that rest is gone, it is the next one's.
            let at = (*nth as usize).checked_sub(1)?;
            *nth = u32::try_from(left(at.min(settles.len())) + 1).ok()?;
        }
    }
    for overtaking in &mut smaller.overtakings {
        for step in [&mut overtaking.usual, &mut overtaking.chosen] {
            if let Move::User(step) = step {
                *step = u32::try_from(place(*step as usize)?).ok()?;
            }
        }
    }
    let script = kept.iter().map(|at| workload.script[*at].clone());
    smaller.workload = Some(Workload {
        script: script.collect(),
        ..workload.clone()
    });
    Some(smaller)
}

/// The same with each fault at the first of the requests and changes that are alike.
fn with_first(attempt: &Attempt) -> Attempt {
    let mut first = attempt.clone();
    for injection in &mut first.injections {
        match &mut injection.at {
            Trigger::Request(site) => site.nth = 1,
            Trigger::Matching(pattern) => pattern.nth = 1,
            Trigger::Change(change) | Trigger::Stage(change) => change.nth = 1,
            _ => {}
        }
    }
    first
}

/// Takes away as much of a list as can be taken away: by halves, quarters, and so on down to single items (delta debugging).
pub(super) fn minimal<T: Clone>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut size = items.len().div_ceil(2);
    while size > 0 && !items.is_empty() {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < items.len() {
            let mut fewer = items.clone();
            fewer.drain(start..(start + size).min(items.len()));
            if fails(&fewer) {
                items = fewer;
                has_shrunk = true;
            } else {
                start += size;
            }
        }
        if size == 1 && !has_shrunk {
            break;
        }
        size = if size == 1 { 1 } else { size.div_ceil(2) };
    }
    items
}

#[cfg(test)]
mod tests;
