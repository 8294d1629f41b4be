//! The pure half of a store: a set of objects, and what an event changes in it.
//!
//! A relist happens in place: what the list shows is marked with its round, and what carries an older mark at the end is gone. So there is
//! never a second map, a list that breaks off deletes nothing, and objects that vanished unseen are found by difference.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use indexmap::Equivalent;

use super::Lookup;
use crate::{hash::Map, watcher::Event};

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
        let (namespace, name) = parts_of(object);
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

fn parts_of<K: Lookup + ?Sized>(object: &K) -> (Cow<'_, str>, Cow<'_, str>) {
    let empty = Cow::Borrowed("");
    (
        object.namespace().unwrap_or(empty.clone()),
        object.name().unwrap_or(empty),
    )
}

/// The parts of a key, so that a look-up allocates nothing. They hash as the key does, part by part.
impl Equivalent<Key> for (&str, &str) {
    fn equivalent(&self, key: &Key) -> bool {
        // Names differ more than namespaces do.
        *self.1 == *key.name && *self.0 == *key.namespace
    }
}

/// The set.
#[derive(Debug)]
pub(super) struct State<K> {
    /// Every event and most readers ask for one name, which a tree would answer by comparing a dozen.
    objects: Map<Key, Slot<K>>,
    /// The objects stand in the order of their names, as a list brings them.
    sorted: bool,
    /// The places in `objects` by name where they do not stand so, so that what a reader sees does not depend on the history of the watch. Made when
    /// somebody wants to see everything, and gone when a name comes or goes.
    order: OnceLock<Box<[usize]>>,
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
            objects: Map::default(),
            sorted: true,
            order: OnceLock::new(),
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
                self.remove_all(|_, slot| slot.round != round, &mut changed);
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
                self.remove_all(
                    |key, slot| slot.round != round && *key.namespace == *namespace,
                    &mut changed,
                );
            }
        }
    }

    /// Removes an object, but not another one that has its name by now: a deletion may be told again after the list that shows its successor.
    fn remove(&mut self, object: K, changed: &mut impl FnMut(&Key, Change<K>)) {
        let Some(index) = self.find(&object) else {
            return;
        };
        let held = &self.objects[index].object;
        let is_another = held.uid().is_some() && object.uid().is_some() && held.uid() != object.uid();
        if !is_another && let Some((key, _)) = self.objects.swap_remove_index(index) {
            // The last one is there now, unless it is the one that went.
            self.sorted &= index == self.objects.len();
            self.order.take();
            changed(&key, Change::Deleted(Arc::new(object)));
        }
    }

    /// Removes everything in a namespace, which is watched no more.
    pub(super) fn forget(&mut self, namespace: &str, mut changed: impl FnMut(&Key, Change<K>)) {
        self.scopes.remove(namespace);
        self.remove_all(|key, _| *key.namespace == *namespace, &mut changed);
    }

    /// Removes the objects that `remove` names, and tells of them in the order of their names.
    fn remove_all(
        &mut self,
        remove: impl Fn(&Key, &Slot<K>) -> bool,
        changed: &mut impl FnMut(&Key, Change<K>),
    ) {
        let mut gone = Vec::new();
        self.objects.retain(|key, slot| {
            let keep = !remove(key, slot);
            if !keep {
                gone.push((key.clone(), Arc::clone(&slot.object)));
            }
            keep
        });
        if gone.is_empty() {
            return;
        }
        // Those that are left stay in their order.
        self.order.take();
        gone.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, object) in gone {
            changed(&key, Change::Deleted(object));
        }
    }

    pub(super) fn set_ready(&mut self) {
        self.ready = true;
    }

    fn upsert(&mut self, object: K, round: u32, changed: &mut impl FnMut(&Key, Change<K>)) {
        let Some((key, slot)) = self
            .find(&object)
            .and_then(|index| self.objects.get_index_mut(index))
        else {
            let key = self.new_key(&object);
            self.sorted &= self.objects.last().is_none_or(|(last, _)| *last < key);
            let object = Arc::new(object);
            let slot = Slot {
                object: Arc::clone(&object),
                round,
            };
            self.objects.insert(key.clone(), slot);
            self.order.take();
            return changed(&key, Change::Applied(object));
        };
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
            changed(key, Change::Deleted(held));
        }
        changed(key, Change::Applied(object));
    }

    /// Where the object of the same name is.
    fn find(&self, object: &K) -> Option<usize> {
        let (namespace, name) = parts_of(object);
        self.objects.get_index_of(&(&*namespace, &*name))
    }

    /// The key of an object that is not there yet. Neighbours share their namespace.
    fn new_key(&self, object: &K) -> Key {
        let (namespace, name) = parts_of(object);
        let neighbour = self.objects.last().map(|(key, _)| &key.namespace);
        Key {
            namespace: match neighbour {
                Some(neighbour) if **neighbour == *namespace => Arc::clone(neighbour),
                Some(_) | None => namespace.into(),
            },
            name: name.into(),
        }
    }

    pub(super) fn get(&self, namespace: Option<&str>, name: &str) -> Option<&Arc<K>> {
        let parts = (namespace.unwrap_or(""), name);
        self.objects.get(&parts).map(|slot| &slot.object)
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

    /// All objects, by namespace and name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Arc<K>)> {
        let order = (!self.sorted).then(|| self.order.get_or_init(|| self.order()));
        let in_order = order.into_iter().flatten();
        let in_order = in_order.filter_map(|index| self.objects.get_index(*index));
        let as_they_are = order.is_none().then(|| self.objects.iter());
        let slots = as_they_are.into_iter().flatten().chain(in_order);
        slots.map(|(key, slot)| (key, &slot.object))
    }

    fn order(&self) -> Box<[usize]> {
        let mut order: Box<[usize]> = (0..self.objects.len()).collect();
        let key = |index: usize| self.objects.get_index(index).map(|(key, _)| key);
        // Most of them are in order, which makes this few passes.
        order.sort_by(|a, b| key(*a).cmp(&key(*b)));
        order
    }
}

/// The version of an object as a number; zero if it has none.
fn version_of<K: Lookup>(object: &K) -> u64 {
    object
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
