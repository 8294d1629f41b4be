//! Makes a failing run smaller, as long as it fails in the same way.

use std::time::Duration;

use crate::sim::{Fate, Injection, Overtaking};

/// What is tried: faults, and decisions about the order of things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) injections: Vec<Injection>,
    pub(super) overtakings: Vec<Overtaking>,
}

/// The shortest delay that is tried.
const SHORT: Duration = Duration::from_secs(1);

/// The smallest attempt that was found to fail; `fails` says whether one does.
///
/// First whole groups go, then single faults, then decisions in halves, then delays get shorter.
pub(super) fn shrink(attempt: Attempt, mut fails: impl FnMut(&Attempt) -> bool) -> Attempt {
    let mut best = attempt;
    let no_order = Attempt {
        overtakings: Vec::new(),
        ..best.clone()
    };
    if !best.overtakings.is_empty() && fails(&no_order) {
        best = no_order;
    }
    let no_faults = Attempt {
        injections: Vec::new(),
        ..best.clone()
    };
    if !best.injections.is_empty() && fails(&no_faults) {
        best = no_faults;
    }
    best.injections = minimal(best.injections.clone(), |injections| {
        fails(&Attempt {
            injections: injections.to_vec(),
            overtakings: best.overtakings.clone(),
        })
    });
    best.overtakings = minimal(best.overtakings.clone(), |overtakings| {
        fails(&Attempt {
            injections: best.injections.clone(),
            overtakings: overtakings.to_vec(),
        })
    });
    for at in 0..best.injections.len() {
        let mut shorter = best.clone();
        if let Fate::Lags { time, .. } | Fate::Paused { time } = &mut shorter.injections[at].fate
            && *time > SHORT
        {
            *time = SHORT;
            if fails(&shorter) {
                best = shorter;
            }
        }
    }
    best
}

/// Takes away as much of a list as can be taken away: by halves, quarters, and so on down to single items (delta debugging).
fn minimal<T: Clone>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut size = items.len().div_ceil(2);
    while size > 0 && !items.is_empty() {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < items.len() {
            let mut fewer = items.clone();
            fewer.drain(start..(start + size).min(items.len()));
            // The whole list at once was tried before.
            if fewer.len() < items.len() && fails(&fewer) {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_needed_stays_and_nothing_else(needed in proptest::collection::btree_set(0_u32..40, 0..5)) {
            let all: Vec<u32> = (0..40).collect();
            let mut runs = 0;
            let left = minimal(all, |items| {
                runs += 1;
                needed.iter().all(|n| items.contains(n))
            });
            prop_assert_eq!(left, needed.into_iter().collect::<Vec<_>>());
            prop_assert!(runs < 200, "{}", runs);
        }
    }
}
