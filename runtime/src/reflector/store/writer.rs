//! The half of a cache that is written to: what an event changes, and who is told of it.

use std::{
    fmt,
    hash::Hash,
    sync::{Arc, RwLock},
};

use super::{Inner, Shared, Store};
use crate::{
    reflector::{
        Lookup,
        state::{Change, Key, State},
        subscription::{ReflectHandle, lock},
    },
    watcher::{Event, Health},
};

/// The writable half of a cache.
pub struct Writer<K: Lookup + Clone + 'static>
where
    K::DynamicType: Eq + Hash + Clone,
{
    store: Store<K>,
}

// === impl Writer ===

impl<K: Lookup + Clone + 'static> Writer<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    /// A writer of an empty store for a kind known at run time.
    pub fn new(dyntype: K::DynamicType) -> Self {
        let inner = Inner {
            state: State::default(),
            followers: Vec::new(),
            observers: Vec::new(),
            sources: Vec::new(),
            behind: Vec::new(),
            waiting: Vec::new(),
            writer_dropped: false,
        };
        Self {
            store: Store {
                shared: Arc::new(Shared {
                    dyntype,
                    inner: RwLock::new(inner),
                }),
            },
        }
    }

    /// The same as [`new`](Self::new): every store can be followed.
    pub fn new_shared(_buf_size: usize, dyntype: K::DynamicType) -> Self {
        Self::new(dyntype)
    }

    /// Tells the store which watch fills it, so that [`Store::wrote_at`] also learns from bookmarks and empty lists.
    ///
    /// Between the watch and this writer there must be no buffer: what the watch has handed out counts as written.
    #[must_use]
    pub fn with_health(self, health: Health) -> Self {
        self.store.write().sources = vec![health];
        self
    }

    /// A reader of this store.
    pub fn as_reader(&self) -> Store<K> {
        self.store.clone()
    }

    /// A stream of the objects that the store learns about, beginning with those it holds. Always there.
    pub fn subscribe(&self) -> Option<ReflectHandle<K>> {
        Some(self.store.subscribe())
    }

    /// Takes an event into the store, cloning its object. [`apply`](Self::apply) does without the clone.
    pub fn apply_watcher_event(&mut self, event: &Event<K>) {
        self.apply_each(event.clone(), |_| {});
    }

    /// Takes an event into the store and returns what it changed, in order.
    ///
    /// An event may change nothing (an object shown again by a list) or much: a list that is complete deletes what it did not show, and an
    /// object with a new UID under an old name is a deletion followed by a creation.
    pub fn apply(&mut self, event: Event<K>) -> Vec<Change<K>> {
        let mut changes = Vec::new();
        self.apply_each(event, |change| changes.push(change));
        changes
    }

    /// [`apply`](Self::apply) without the vector.
    pub(crate) fn apply_each(&mut self, event: Event<K>, changed: impl FnMut(Change<K>)) {
        self.change(changed, |state, changed| state.apply(event, changed));
    }

    /// Takes an event of a watch that sees nothing but this namespace.
    pub(in crate::reflector) fn apply_in(
        &mut self,
        namespace: &str,
        event: Event<K>,
        changed: impl FnMut(Change<K>),
    ) {
        self.change(changed, |state, changed| {
            state.apply_in(namespace, event, changed)
        });
    }

    /// Deletes what is in a namespace from the store.
    pub(in crate::reflector) fn forget(&mut self, namespace: &str, changed: impl FnMut(Change<K>)) {
        self.change(changed, |state, changed| state.forget(namespace, changed));
    }

    /// Says that the first lists are complete.
    pub(in crate::reflector) fn set_ready(&mut self) {
        self.change(|_| {}, |state, _| state.set_ready());
    }

    /// Tells the store which watches fill it; see [`with_health`](Self::with_health).
    pub(in crate::reflector) fn set_sources(&mut self, sources: Vec<Health>) {
        let mut inner = self.store.write();
        inner.sources = sources;
        // Those who waited for a watch that is not among them any more look again.
        for waker in inner.behind.drain(..) {
            waker.wake();
        }
    }

    /// Changes the set, and tells everybody who wants to know.
    fn change(
        &mut self,
        mut changed: impl FnMut(Change<K>),
        change: impl FnOnce(&mut State<K>, &mut dyn FnMut(&Key, Change<K>)),
    ) {
        let mut inner = self.store.write();
        let Inner {
            state,
            followers,
            observers,
            waiting,
            behind,
            ..
        } = &mut *inner;
        let mut abandoned = false;
        let before = (state.version(), state.is_ready());
        change(state, &mut |key, change| {
            for follower in followers.iter() {
                match follower.upgrade() {
                    Some(inbox) => lock(&inbox).push(key, change.clone()),
                    None => abandoned = true,
                }
            }
            for observer in observers.iter() {
                match observer.upgrade() {
                    Some(observer) => observer.changed(key, &change),
                    None => abandoned = true,
                }
            }
            changed(change);
        });
        if abandoned {
            followers.retain(|follower| follower.strong_count() > 0);
            observers.retain(|observer| observer.strong_count() > 0);
        }
        if state.version() != before.0 {
            for waker in behind.drain(..) {
                waker.wake();
            }
        }
        if state.is_ready() && !before.1 {
            for waker in waiting.drain(..) {
                waker.wake();
            }
        }
    }
}

impl<K> Default for Writer<K>
where
    K: Lookup + Clone + 'static,
    K::DynamicType: Default + Eq + Hash + Clone,
{
    fn default() -> Self {
        Self::new(K::DynamicType::default())
    }
}

impl<K: Lookup + Clone + 'static> Drop for Writer<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    fn drop(&mut self) {
        let mut inner = self.store.write();
        inner.writer_dropped = true;
        for follower in inner.followers.drain(..) {
            if let Some(inbox) = follower.upgrade() {
                lock(&inbox).close();
            }
        }
        let Inner { waiting, behind, .. } = &mut *inner;
        for waker in waiting.drain(..).chain(behind.drain(..)) {
            waker.wake();
        }
    }
}

impl<K: Lookup + Clone + 'static> fmt::Debug for Writer<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("store", &self.store).finish()
    }
}
