//! A map that forgets what was not used for a while.

use std::{collections::BTreeMap, time::Duration};

/// Values by key, each kept for as long as it is asked for at least every so often.
///
/// Forgetting costs as much as there is to forget, not as much as there is.
#[derive(Debug)]
pub(crate) struct Aging<K, V> {
    keep: Duration,
    values: BTreeMap<K, (V, Stamp)>,
    /// The same keys by when they were used last.
    by_age: BTreeMap<Stamp, K>,
    ticket: u64,
}

/// When a key was used; the number keeps equal times apart.
type Stamp = (Duration, u64);

// === impl Aging ===

impl<K: Ord + Clone, V> Aging<K, V> {
    /// An empty map that keeps what was used within `keep`.
    pub(crate) fn new(keep: Duration) -> Self {
        Self {
            keep,
            values: BTreeMap::new(),
            by_age: BTreeMap::new(),
            ticket: 0,
        }
    }

    /// The value of a key, made by `make` if there is none; counts as use.
    pub(crate) fn entry(&mut self, now: Duration, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.expire(now);
        self.ticket += 1;
        let stamp = (now, self.ticket);
        self.by_age.insert(stamp, key.clone());
        let (value, used) = self.values.entry(key).or_insert_with(|| (make(), stamp));
        if *used != stamp {
            self.by_age.remove(used);
            *used = stamp;
        }
        value
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((_, used)) = self.values.remove(key) {
            self.by_age.remove(&used);
        }
    }

    fn expire(&mut self, now: Duration) {
        while let Some(oldest) = self.by_age.first_entry() {
            if now.saturating_sub(oldest.key().0) <= self.keep {
                return;
            }
            self.values.remove(&oldest.remove());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_forgotten() {
        let secs = Duration::from_secs;
        let mut map = Aging::new(secs(10));
        for n in 0..1000 {
            map.entry(secs(n), n, || ());
        }
        assert_eq!((map.values.len(), map.by_age.len()), (11, 11));
    }

    #[test]
    fn what_is_used_is_kept() {
        let secs = Duration::from_secs;
        let mut map = Aging::new(secs(10));
        for n in 0..100 {
            *map.entry(secs(9 * n), "kept", || 0) += 1;
        }
        assert_eq!(*map.entry(secs(900), "kept", || 0), 100);
        assert_eq!(*map.entry(secs(911), "kept", || 0), 0);
        map.remove(&"kept");
        map.remove(&"kept");
        assert_eq!((map.values.len(), map.by_age.len()), (0, 0));
    }
}
