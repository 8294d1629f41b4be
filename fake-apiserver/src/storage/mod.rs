//! The revisioned store: what is, what was, and what changed in between.
//!
//! Every write that changes an object takes the next number of one global revision counter. A [`Table`] per resource holds
//! the objects as they are, the log of changes, and a snapshot every so often; the state at an older revision is the
//! nearest later snapshot with the changes since then undone. All three are persistent structures: a [`Store`] is
//! cloned by counting references, however many objects it holds.
//!
//! **Invariant:** nothing here knows HTTP, kinds or schemas. **Invariant:** a revision's content never changes;
//! compaction only makes it [`Gone`].

mod founding;
mod notify;
mod object;
mod owners;
mod table;

use std::sync::Arc;

use founding::{Founding, LazyTable};
use owners::Owners;

use crate::apply::entries::Entries;

pub(crate) use founding::Founders;
pub(crate) use notify::Notifier;
pub(crate) use object::{FrameKey, Stored, ViewKey};
pub(crate) use owners::Place;
pub(crate) use table::{Event, Objects, Table};

/// What names an object inside a table: `namespace/name`, or `name` where there are no namespaces.
///
/// The server lists in the byte order of these keys, so `a-b/x` comes before `a/x`.
pub(crate) type Key = Arc<str>;

/// The revision has been compacted away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// All tables at one moment, with their history.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    revision: u64,
    /// The newest revision that was forgotten.
    compacted: u64,
    /// Goes up with every compaction, so that watches that are open then can tell.
    epoch: u64,
    tables: imbl::OrdMap<Arc<str>, LazyTable>,
    /// What was there from the beginning.
    founding: Arc<Founding>,
    owners: Owners,
    /// The most log entries that a table keeps.
    history_max: usize,
}

// === impl Store ===

impl Store {
    /// An empty store whose tables keep at most `history_max` changes.
    pub(crate) fn new(history_max: usize) -> Self {
        Self {
            history_max,
            ..Self::default()
        }
    }

    /// A store that holds these objects from the beginning, in the tables that are named and in this order.
    pub(crate) fn founded(history_max: usize, tables: Vec<Founders>) -> Self {
        let mut store = Self::new(history_max);
        let founding = Founding::new(tables);
        for founders in &founding.tables {
            let table = LazyTable::founded(founders.clone(), store.revision, history_max);
            store.tables.insert(founders.table.clone(), table);
            store.revision += founders.count;
        }
        store.founding = Arc::new(founding);
        store
    }

    /// The revision of the newest write.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The newest revision that was forgotten.
    pub(crate) fn compacted(&self) -> u64 {
        self.compacted
    }

    /// The number of compactions so far.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The table of a resource; `None` before its first object.
    pub(crate) fn table(&self, resource: &str) -> Option<&Table> {
        self.tables.get(resource).map(LazyTable::get)
    }

    /// The names of all tables, in order.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Arc<str>, &Table)> {
        self.tables.iter().map(|(name, table)| (name, table.get()))
    }

    /// The tables that have changed since a revision, in order.
    pub(crate) fn changed_tables(&self, revision: u64) -> impl Iterator<Item = (&Arc<str>, &Table)> {
        let changed = self
            .tables
            .iter()
            .filter(move |(_, table)| table.changed() > revision);
        changed.map(|(name, table)| (name, table.get()))
    }

    /// The object as it is now.
    pub(crate) fn get(&self, resource: &str, key: &str) -> Option<&Arc<Stored>> {
        self.table(resource)?.live().get(key)
    }

    /// The objects of a resource as they are now.
    pub(crate) fn live(&self, resource: &str) -> Objects {
        self.table(resource).map(|t| t.live().clone()).unwrap_or_default()
    }

    /// The objects of a resource as they were right after `revision`.
    pub(crate) fn at(&self, resource: &str, revision: u64) -> Result<Objects, Gone> {
        if revision < self.compacted {
            return Err(Gone);
        }
        match self.table(resource) {
            Some(table) => table.at(revision),
            None => Ok(Objects::default()),
        }
    }

    /// Writes an object and returns it as stored, at its new revision; `version` is the `apiVersion` of its shape, where
    /// the resource has several.
    pub(crate) fn put(
        &mut self,
        resource: &Arc<str>,
        key: &Key,
        value: Arc<serde_json::Value>,
        entries: Entries,
        version: Option<Arc<str>>,
    ) -> Arc<Stored> {
        self.revision += 1;
        let new = Arc::new(Stored::written_in(value, entries, self.revision, version));
        self.change(resource, key, new.clone(), false);
        new
    }

    /// Removes an object; the answer is its last state at the revision of the removal.
    pub(crate) fn remove(&mut self, resource: &Arc<str>, key: &Key) -> Option<Arc<Stored>> {
        let old = self.get(resource, key)?;
        let last = Arc::new(old.at(self.revision + 1));
        self.revision += 1;
        self.change(resource, key, last.clone(), true);
        Some(last)
    }

    /// Forgets everything but the present.
    pub(crate) fn compact(&mut self) {
        self.compacted = self.revision;
        self.epoch += 1;
        let names: Vec<Arc<str>> = self.tables.keys().cloned().collect();
        for name in names {
            if let Some(table) = self.tables.get_mut(&name) {
                table.get_mut().forget();
            }
        }
    }

    /// The object with that UID.
    pub(crate) fn by_uid(&self, uid: &str) -> Option<&Arc<Stored>> {
        let place = self.owners.place(&self.founding, uid)?;
        // A founder may have gone, and another object be in its place.
        self.find(place).filter(|object| object.meta("uid") == uid)
    }

    /// The objects that name a UID as an owner's, in the order of their tables and keys.
    pub(crate) fn dependents(&self, uid: &str) -> impl Iterator<Item = Place> + '_ {
        self.owners.dependents(uid)
    }

    /// The objects that name an owner that is not there by that name, in the same order.
    pub(crate) fn astray(&self) -> impl Iterator<Item = &Place> {
        self.owners.astray()
    }

    /// The objects that are being deleted, in the same order.
    pub(crate) fn leaving(&self) -> impl Iterator<Item = &Place> {
        self.owners.leaving()
    }

    /// The object at a place.
    pub(crate) fn find(&self, (table, key): &Place) -> Option<&Arc<Stored>> {
        self.get(table, key)
    }

    fn change(&mut self, resource: &Arc<str>, key: &Key, new: Arc<Stored>, removed: bool) {
        let (compacted, max) = (self.compacted, self.history_max);
        if !self.tables.contains_key(resource) {
            self.tables.insert(resource.clone(), LazyTable::new(compacted));
        }
        let Some(table) = self.tables.get_mut(resource) else {
            return;
        };
        let old = table.get_mut().change(key, new.clone(), removed, max);
        let place = (resource.clone(), key.clone());
        let tables = &self.tables;
        let find = |(table, key): &Place| tables.get(table)?.get().live().get(key).cloned();
        let new = (!removed).then_some(&*new);
        self.owners
            .change(&place, old.as_deref(), new, &self.founding, &find);
    }
}

#[cfg(test)]
mod tests;
