//! What a store holds from the beginning, which is made when somebody looks.
//!
//! A fresh server holds dozens of objects of which most tests see but the namespaces. So a store is told how many there are
//! in each table, which fixes their revisions, and a table makes its own at the first look into it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::owners::{Place, number};
use super::{Key, Stored, Table};

/// The first objects of all tables.
#[derive(Debug, Default)]
pub(super) struct Founding {
    pub(super) tables: Vec<Arc<Founders>>,
    /// Where each of them was put; read for UIDs that nobody has been given since.
    by_uid: OnceLock<BTreeMap<u128, Place>>,
}

/// A table that may not have been looked into yet.
#[derive(Debug, Clone)]
pub(super) struct LazyTable {
    table: OnceLock<Table>,
    first: Option<Arc<First>>,
}

/// What a table begins with.
#[derive(Debug)]
struct First {
    founders: Arc<Founders>,
    /// The revision before that of the first object.
    after: u64,
    history_max: usize,
    /// The table as it begins.
    table: OnceLock<Table>,
}

/// The first objects of one table.
pub(crate) struct Founders {
    /// The table.
    pub(crate) table: Arc<str>,
    /// How many objects there are; each takes one revision.
    pub(crate) count: u64,
    /// Makes them, the same ones each time.
    pub(crate) make: Box<dyn Fn() -> Vec<(Key, Value)> + Send + Sync>,
}

// === impl Founding ===

impl Founding {
    pub(super) fn new(tables: Vec<Founders>) -> Self {
        Self {
            tables: tables.into_iter().map(Arc::new).collect(),
            by_uid: OnceLock::new(),
        }
    }

    /// Where the object with that UID was put, whether or not it is there still.
    pub(super) fn place(&self, uid: u128) -> Option<&Place> {
        let by_uid = self.by_uid.get_or_init(|| {
            let places = self.tables.iter().flat_map(|founders| {
                let objects = (founders.make)().into_iter();
                objects.filter_map(|(key, object)| {
                    let uid = number(object["metadata"]["uid"].as_str()?)?;
                    Some((uid, (founders.table.clone(), key)))
                })
            });
            places.collect()
        });
        by_uid.get(&uid)
    }
}

// === impl LazyTable ===

impl LazyTable {
    /// An empty table; revisions below `floor` cannot be read.
    pub(super) fn new(floor: u64) -> Self {
        Self {
            table: Table::new(floor).into(),
            first: None,
        }
    }

    /// A table that begins with objects, at the revisions after `after`.
    pub(super) fn founded(founders: Arc<Founders>, after: u64, history_max: usize) -> Self {
        Self {
            table: OnceLock::new(),
            first: Some(Arc::new(First {
                founders,
                after,
                history_max,
                table: OnceLock::new(),
            })),
        }
    }

    /// The revision of the newest change, which is known without a look.
    pub(super) fn changed(&self) -> u64 {
        match (self.table.get(), &self.first) {
            (None, Some(first)) => first.after + first.founders.count,
            _ => self.get().changed(),
        }
    }

    pub(super) fn get(&self) -> &Table {
        self.table.get_or_init(|| match &self.first {
            // Clones share the objects.
            Some(first) => first.table.get_or_init(|| first.make()).clone(),
            None => Table::new(0),
        })
    }

    pub(super) fn get_mut(&mut self) -> &mut Table {
        self.get();
        match self.table.get_mut() {
            Some(table) => table,
            None => unreachable!("it was made just above"),
        }
    }
}

// === impl First ===

impl First {
    fn make(&self) -> Table {
        let mut table = Table::new(0);
        let objects = (self.founders.make)();
        debug_assert_eq!(objects.len() as u64, self.founders.count, "{:?}", self.founders);
        for ((key, object), revision) in objects.into_iter().zip(self.after + 1..) {
            let stored = Arc::new(Stored::whole(object, revision));
            table.change(&key, stored, false, self.history_max);
        }
        table
    }
}

// === impl Founders ===

impl fmt::Debug for Founders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Founders({} of {})", self.count, self.table)
    }
}
