//! How long a key that keeps failing waits.

use std::{hash::Hash, time::Duration};

use crate::{hash::Map, utils::Exponential};

/// Counts the failures of each key in a row.
///
/// A key that succeeds is forgotten, so memory is bounded by the keys that fail at present.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    curve: Exponential,
    /// Failures in a row. Never iterated.
    failures: Map<K, u32>,
}

// === impl Limiter ===

impl<K> Limiter<K>
where
    K: Clone + Eq + Hash,
{
    /// No failures yet, delays along `curve`.
    pub(crate) fn new(curve: Exponential) -> Self {
        Self {
            curve,
            failures: Map::default(),
        }
    }

    /// Notes a failure of `key` and says how long to wait; `unit` in `0.0..1.0` places the delay within the jitter.
    pub(crate) fn failed(&mut self, key: &K, unit: f64) -> Duration {
        let failures = match self.failures.get_mut(key) {
            Some(count) => count,
            None => self.failures.entry(key.clone()).or_insert(0),
        };
        let delay = self.curve.delay(*failures, unit);
        *failures = failures.saturating_add(1);
        delay
    }

    /// Forgets the failures of `key`.
    pub(crate) fn succeeded(&mut self, key: &K) {
        // Most keys never failed: the lookup is all that they cost.
        self.failures.swap_remove(key);
    }

    /// Forgets the failures of all keys but those that `kept` names.
    pub(crate) fn retain(&mut self, mut kept: impl FnMut(&K) -> bool) {
        self.failures.retain(|key, _| kept(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_doubles_by_itself_and_success_forgets() {
        let mut limiter = Limiter::new(Exponential::new(
            Duration::from_millis(100),
            Duration::from_secs(1),
            2.0,
            0.5,
        ));
        let delays: Vec<_> = (0..6).map(|_| limiter.failed(&"a", 0.0).as_millis()).collect();
        assert_eq!(delays, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(limiter.failed(&"b", 0.0), Duration::from_millis(100));
        limiter.succeeded(&"a");
        assert_eq!(limiter.failed(&"a", 0.0), Duration::from_millis(100));
    }

    #[test]
    fn only_failing_keys_are_remembered() {
        let mut limiter = Limiter::new(Exponential::RECONCILE);
        for key in 0..1000 {
            limiter.failed(&key, 0.5);
            limiter.succeeded(&key);
        }
        assert!(limiter.failures.is_empty());
    }
}
