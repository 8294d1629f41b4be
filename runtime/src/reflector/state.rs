//! The pure half of a store: a set of objects, and what an event changes in it.
//!
//! A relist happens in place: what the list shows is marked with its round, and what carries an older mark at the end is gone. So there is
//! never a second map, a list that breaks off deletes nothing, and objects that vanished unseen are found by difference.

use std::{
    borrow::{Borrow, Cow},
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
    sync::Arc,
};

use super::Lookup;
use crate::watcher::Event;

/// What an event changed, told with the objects as the store holds or held them.
#[derive(Debug, PartialEq, Eq)]
pub enum Change<K> {
    /// The object is new or different.
    Applied(Arc<K>),
    /// The object is gone; this is its last known state.
    Deleted(Arc<K>),
}

impl<K> Clone for Change<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Applied(object) => Self::Applied(Arc::clone(object)),
            Self::Deleted(object) => Self::Deleted(Arc::clone(object)),
        }
    }
}

impl<K> Change<K> {
    /// The object that this is about.
    pub fn object(&self) -> &Arc<K> {
        match self {
            Self::Applied(object) | Self::Deleted(object) => object,
        }
    }

    /// The object that this is about.
    pub fn into_object(self) -> Arc<K> {
        match self {
            Self::Applied(object) | Self::Deleted(object) => object,
        }
    }
}

/// Namespace and name; the namespace is empty for kinds that live in none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) namespace: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl Key {
    pub(crate) fn of<K: Lookup + ?Sized>(object: &K) -> Self {
        let namespace = object.namespace().unwrap_or(Cow::Borrowed(""));
        let name = object.name().unwrap_or(Cow::Borrowed(""));
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

/// A key that need not own its parts, so that a lookup allocates nothing.
pub(super) trait KeyParts {
    fn parts(&self) -> (&str, &str);
}

impl KeyParts for Key {
    fn parts(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }
}

impl KeyParts for (&str, &str) {
    fn parts(&self) -> (&str, &str) {
        *self
    }
}

impl<'a> Borrow<dyn KeyParts + 'a> for Key {
    fn borrow(&self) -> &(dyn KeyParts + 'a) {
        self
    }
}

// These agree with what `Key` derives, as `Borrow` demands: both compare namespace, then name.
impl PartialEq for dyn KeyParts + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn KeyParts + '_ {}

impl PartialOrd for dyn KeyParts + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn KeyParts + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

/// The set.
#[derive(Debug)]
pub(super) struct State<K> {
    /// Ordered by name, so that what a reader sees does not depend on the history of the watch.
    objects: BTreeMap<Key, Slot<K>>,
    /// Counts lists.
    round: u32,
    /// The present list of each namespace that is watched by itself.
    scopes: BTreeMap<String, u32>,
    /// A first list was complete.
    ready: bool,
    /// Everything up to this version is in the set, as far as its events say. Versions without order leave it alone.
    version: u64,
    /// The newest version that the present list showed: it counts once the list is complete.
    listing: u64,
}

#[derive(Debug)]
struct Slot<K> {
    object: Arc<K>,
    /// The list that showed this object last, or during which it came.
    round: u32,
}

// === impl State ===

impl<K> Default for State<K> {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            round: 0,
            scopes: BTreeMap::new(),
            ready: false,
            version: 0,
            listing: 0,
        }
    }
}

impl<K: Lookup> State<K> {
    /// Takes an event, and tells `changed` what it changed, in order.
    pub(super) fn apply(&mut self, event: Event<K>, mut changed: impl FnMut(&Key, Change<K>)) {
        match event {
            Event::Init => {
                self.round = self.round.wrapping_add(1);
                self.listing = 0;
            }
            Event::InitApply(object) => {
                // A list shows objects in no order.
                self.listing = self.listing.max(version_of(&object));
                self.upsert(object, self.round, &mut changed);
            }
            Event::Apply(object) => {
                self.version = self.version.max(version_of(&object));
                self.upsert(object, self.round, &mut changed);
            }
            Event::Delete(object) => {
                self.version = self.version.max(version_of(&object));
                self.remove(object, &mut changed);
            }
            Event::InitDone => {
                self.ready = true;
                self.version = self.version.max(self.listing);
                let round = self.round;
                self.objects.retain(|key, slot| {
                    let shown = slot.round == round;
                    if !shown {
                        changed(key, Change::Deleted(Arc::clone(&slot.object)));
                    }
                    shown
                });
            }
        }
    }

    /// Takes an event of a watch that sees nothing but this namespace: a list of it says nothing of others.
    ///
    /// Several watches are at several versions, so none of them moves the version of the set.
    pub(super) fn apply_in(
        &mut self,
        namespace: &str,
        event: Event<K>,
        mut changed: impl FnMut(&Key, Change<K>),
    ) {
        match event {
            Event::Init => {
                self.round = self.round.wrapping_add(1);
                self.scopes.insert(namespace.to_owned(), self.round);
            }
            Event::InitApply(object) | Event::Apply(object) => {
                let round = self.scopes.get(namespace).copied().unwrap_or_default();
                self.upsert(object, round, &mut changed);
            }
            Event::Delete(object) => {
                self.remove(object, &mut changed);
            }
            Event::InitDone => {
                let round = self.scopes.get(namespace).copied().unwrap_or_default();
                self.remove_in(namespace, |slot| slot.round != round, &mut changed);
            }
        }
    }

    /// Removes an object, but not another one that has its name by now: a deletion may be told again after the list that shows its successor.
    fn remove(&mut self, object: K, changed: &mut impl FnMut(&Key, Change<K>)) {
        let key = Key::of(&object);
        let Some(slot) = self.objects.get(&key) else {
            return;
        };
        let is_another =
            slot.object.uid().is_some() && object.uid().is_some() && slot.object.uid() != object.uid();
        if !is_another {
            self.objects.remove(&key);
            changed(&key, Change::Deleted(Arc::new(object)));
        }
    }

    /// Removes everything in a namespace, which is watched no more.
    pub(super) fn forget(&mut self, namespace: &str, mut changed: impl FnMut(&Key, Change<K>)) {
        self.scopes.remove(namespace);
        self.remove_in(namespace, |_| true, &mut changed);
    }

    fn remove_in(
        &mut self,
        namespace: &str,
        remove: impl Fn(&Slot<K>) -> bool,
        changed: &mut impl FnMut(&Key, Change<K>),
    ) {
        let first = (namespace, "");
        let from = (Bound::Included(&first as &dyn KeyParts), Bound::Unbounded);
        let keys: Vec<_> = self
            .objects
            .range::<dyn KeyParts, _>(from)
            .take_while(|(key, _)| *key.namespace == *namespace)
            .filter(|(_, slot)| remove(slot))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            if let Some(slot) = self.objects.remove(&key) {
                changed(&key, Change::Deleted(slot.object));
            }
        }
    }

    pub(super) fn set_ready(&mut self) {
        self.ready = true;
    }

    fn upsert(&mut self, object: K, round: u32, changed: &mut impl FnMut(&Key, Change<K>)) {
        match self.objects.entry(Key::of(&object)) {
            Entry::Vacant(entry) => {
                let key = entry.key().clone();
                let object = Arc::new(object);
                entry.insert(Slot {
                    object: Arc::clone(&object),
                    round,
                });
                changed(&key, Change::Applied(object));
            }
            Entry::Occupied(mut entry) => {
                let key = entry.key().clone();
                let slot = entry.get_mut();
                slot.round = round;
                let same_object = slot.object.uid() == object.uid();
                if same_object
                    && object.resource_version().is_some()
                    && slot.object.resource_version() == object.resource_version()
                {
                    // A relist shows what did not change as well.
                    return;
                }
                let object = Arc::new(object);
                let held = std::mem::replace(&mut slot.object, Arc::clone(&object));
                if !same_object {
                    // Deleted and created anew while nobody looked.
                    changed(&key, Change::Deleted(held));
                }
                changed(&key, Change::Applied(object));
            }
        }
    }

    pub(super) fn get(&self, namespace: Option<&str>, name: &str) -> Option<&Arc<K>> {
        let parts = (namespace.unwrap_or(""), name);
        self.objects.get(&parts as &dyn KeyParts).map(|slot| &slot.object)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// Everything up to this version is in the set for certain.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Arc<K>)> {
        self.objects.iter().map(|(key, slot)| (key, &slot.object))
    }
}

/// The version of an object as a number; zero if it has none.
fn version_of<K: Lookup>(object: &K) -> u64 {
    object
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
