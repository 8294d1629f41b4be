//! Who waits for a change of a table.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

/// The wakers of those who wait, by table, in the order in which they came.
///
/// A change takes the table's wakers; whoever still cares registers again. So an idle watcher costs one waker and a
/// change costs nothing to those who watch other resources.
#[derive(Debug, Default)]
pub(crate) struct Notifier {
    tables: BTreeMap<Arc<str>, BTreeMap<u64, Waker>>,
    /// Those who wait for any change at all.
    all: BTreeMap<u64, Waker>,
    next: u64,
}

// === impl Notifier ===

impl Notifier {
    /// A number that tells one waiter from another.
    pub(crate) fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Wakes `waker` at the next change of the table.
    pub(crate) fn wait(&mut self, table: &Arc<str>, id: u64, waker: &Waker) {
        let waiting = match self.tables.get_mut(table) {
            Some(waiting) => waiting,
            None => self.tables.entry(table.clone()).or_default(),
        };
        insert(waiting, id, waker);
    }

    /// Wakes `waker` at the next change of any table.
    pub(crate) fn wait_any(&mut self, id: u64, waker: &Waker) {
        insert(&mut self.all, id, waker);
    }

    /// Forgets a waiter.
    pub(crate) fn leave(&mut self, table: Option<&Arc<str>>, id: u64) {
        match table {
            Some(table) => self.tables.get_mut(table).and_then(|w| w.remove(&id)),
            None => self.all.remove(&id),
        };
    }

    /// Takes everyone to wake after a change of the table.
    pub(crate) fn take(&mut self, table: &str, into: &mut Vec<Waker>) {
        if let Some(waiting) = self.tables.get_mut(table) {
            into.extend(std::mem::take(waiting).into_values());
        }
        into.extend(std::mem::take(&mut self.all).into_values());
    }

    /// Takes everyone.
    pub(crate) fn take_all(&mut self, into: &mut Vec<Waker>) {
        for (_, waiting) in std::mem::take(&mut self.tables) {
            into.extend(waiting.into_values());
        }
        into.extend(std::mem::take(&mut self.all).into_values());
    }
}

fn insert(waiting: &mut BTreeMap<u64, Waker>, id: u64, waker: &Waker) {
    match waiting.get_mut(&id) {
        Some(known) => known.clone_from(waker),
        None => {
            waiting.insert(id, waker.clone());
        }
    }
}
