//! One resource's objects and their history.

use std::sync::Arc;

use super::{Gone, Key, Stored};

/// Objects by key, in list order.
pub(crate) type Objects = imbl::OrdMap<Key, Arc<Stored>>;

/// A snapshot is kept after this many changes, which bounds the work of reading the past.
const SNAPSHOT_EVERY: usize = 256;

/// A resource's objects as they are, and how they came to be.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    live: Objects,
    log: imbl::Vector<Arc<Event>>,
    /// How many entries were dropped from the front of `log`, so that positions stay valid.
    dropped: u64,
    /// Revisions below this one cannot be read any more.
    floor: u64,
    /// Past states, oldest first, each with the log position that follows it.
    snapshots: imbl::Vector<Snapshot>,
}

#[derive(Debug, Clone)]
struct Snapshot {
    position: u64,
    objects: Objects,
}

/// One change of one object.
#[derive(Debug)]
pub(crate) struct Event {
    /// The revision of the change.
    pub(crate) revision: u64,
    /// Which object.
    pub(crate) key: Key,
    /// The object before; `None` where it was created.
    pub(crate) old: Option<Arc<Stored>>,
    /// The object after. For a removal this is the last state at the revision of the removal.
    pub(crate) new: Arc<Stored>,
    /// Whether the object is gone.
    pub(crate) removed: bool,
}

// === impl Table ===

impl Table {
    pub(crate) fn new(floor: u64) -> Self {
        Self {
            live: Objects::new(),
            log: imbl::Vector::new(),
            dropped: 0,
            floor,
            snapshots: imbl::Vector::new(),
        }
    }

    /// The objects as they are now.
    pub(crate) fn live(&self) -> &Objects {
        &self.live
    }

    /// The revision of the newest change; zero before the first.
    pub(crate) fn changed(&self) -> u64 {
        self.log.last().map_or(self.floor, |e| e.revision)
    }

    /// Revisions below this one cannot be watched from.
    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }

    /// The log position that follows every change up to `revision`.
    pub(crate) fn position_after(&self, revision: u64) -> u64 {
        let (mut low, mut high) = (0, self.log.len());
        while low < high {
            let mid = low.midpoint(high);
            if self.log[mid].revision <= revision {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        self.dropped + low as u64
    }

    /// The change at a log position, or [`Gone`] where it was dropped; `None` at the end.
    pub(crate) fn event(&self, position: u64) -> Result<Option<&Arc<Event>>, Gone> {
        let Some(index) = position.checked_sub(self.dropped) else {
            return Err(Gone);
        };
        Ok(usize::try_from(index).ok().and_then(|i| self.log.get(i)))
    }

    /// The log position that follows the newest change.
    pub(crate) fn end(&self) -> u64 {
        self.dropped + self.log.len() as u64
    }

    /// The objects as they were right after `revision`.
    pub(crate) fn at(&self, revision: u64) -> Result<Objects, Gone> {
        if revision < self.floor {
            return Err(Gone);
        }
        let position = self.position_after(revision);
        if position == self.end() {
            return Ok(self.live.clone());
        }
        let (mut objects, mut end) = self
            .snapshots
            .iter()
            .find(|s| s.position >= position)
            .map_or_else(
                || (self.live.clone(), self.end()),
                |s| (s.objects.clone(), s.position),
            );
        while end > position {
            end -= 1;
            if let Ok(Some(event)) = self.event(end) {
                match &event.old {
                    Some(old) => objects.insert(event.key.clone(), old.clone()),
                    None => objects.remove(&event.key),
                };
            }
        }
        Ok(objects)
    }

    /// Applies and logs a change, and returns the object as it was before; of a removal `new` is the last state at the
    /// revision of the removal.
    pub(super) fn change(
        &mut self,
        key: &Key,
        new: Arc<Stored>,
        removed: bool,
        history_max: usize,
    ) -> Option<Arc<Stored>> {
        let revision = new.revision();
        let old = if removed {
            self.live.remove(key)
        } else {
            self.live.insert(key.clone(), new.clone())
        };
        self.log.push_back(Arc::new(Event {
            revision,
            key: key.clone(),
            old: old.clone(),
            new,
            removed,
        }));
        if (self.end() as usize).is_multiple_of(SNAPSHOT_EVERY) {
            self.snapshots.push_back(Snapshot {
                position: self.end(),
                objects: self.live.clone(),
            });
        }
        while self.log.len() > history_max {
            if let Some(event) = self.log.pop_front() {
                self.floor = event.revision;
                self.dropped += 1;
            }
            if self.snapshots.front().is_some_and(|s| s.position <= self.dropped) {
                self.snapshots.pop_front();
            }
        }
        old
    }

    /// Forgets everything but the present.
    pub(super) fn forget(&mut self) {
        self.floor = self.changed();
        self.dropped = self.end();
        self.log = imbl::Vector::new();
        self.snapshots = imbl::Vector::new();
    }
}
