//! A cache of the objects that a watch tells of.

use std::{
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak},
    task::{Context, Poll, Waker},
};

use futures::future::poll_fn;
use seatrial_client::{
    ResourceExt,
    core::{Selector, SelectorExt},
};

pub use super::state::Change;
use super::{
    Lookup, ObjectRef,
    index::{Index, Observer},
    state::{Key, State},
    subscription::{Changes, Inbox, ReflectHandle, lock},
};
use crate::watcher::{Event, Health};

/// The readable half of a cache.
///
/// Cheap to clone; all clones see the same objects. What it holds follows the server with the delay of the watch, so it may lack what this
/// process just wrote. Objects are ordered by namespace and name.
pub struct Store<K: Lookup + 'static>
where
    K::DynamicType: Hash + Eq,
{
    shared: Arc<Shared<K>>,
}

/// The writable half of a cache.
pub struct Writer<K: Lookup + Clone + 'static>
where
    K::DynamicType: Eq + Hash + Clone,
{
    store: Store<K>,
}

/// The writer of a store is gone, so that what is waited for will never happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store's writer was dropped")]
pub struct WriterDropped(());

struct Shared<K: Lookup> {
    dyntype: K::DynamicType,
    inner: RwLock<Inner<K>>,
}

struct Inner<K> {
    state: State<K>,
    /// The queues of those who follow; one that was dropped is removed at the next change.
    followers: Vec<Weak<Mutex<Inbox<K>>>>,
    /// The indexes; one that was dropped is removed at the next change.
    observers: Vec<Weak<dyn Observer<K>>>,
    /// The watches that fill the store, if they are known: they also know how far they are when no object changes.
    sources: Vec<Health>,
    /// Those who wait for the set to reach a version.
    behind: Vec<Waker>,
    /// Those who wait for the first complete list.
    waiting: Vec<Waker>,
    writer_dropped: bool,
}

/// An empty store and its writer.
pub fn store<K>() -> (Store<K>, Writer<K>)
where
    K: Lookup + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone + Default,
{
    let writer = Writer::default();
    (writer.as_reader(), writer)
}

/// The same as [`store`]: every store can be followed.
///
/// Followers have queues in which changes of one object are folded, so there is no buffer whose size would have to be chosen.
pub fn store_shared<K>(_buf_size: usize) -> (Store<K>, Writer<K>)
where
    K: Lookup + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone + Default,
{
    store()
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
    pub(super) fn apply_in(&mut self, namespace: &str, event: Event<K>, changed: impl FnMut(Change<K>)) {
        self.change(changed, |state, changed| {
            state.apply_in(namespace, event, changed)
        });
    }

    /// Deletes what is in a namespace from the store.
    pub(super) fn forget(&mut self, namespace: &str, changed: impl FnMut(Change<K>)) {
        self.change(changed, |state, changed| state.forget(namespace, changed));
    }

    /// Says that the first lists are complete.
    pub(super) fn set_ready(&mut self) {
        self.change(|_| {}, |state, _| state.set_ready());
    }

    /// Tells the store which watches fill it; see [`with_health`](Self::with_health).
    pub(super) fn set_sources(&mut self, sources: Vec<Health>) {
        self.store.write().sources = sources;
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

// === impl Store ===

impl<K: Lookup + 'static> Store<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    /// Waits until the first list is complete.
    ///
    /// # Errors
    ///
    /// [`WriterDropped`] if the writer is dropped before that.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn wait_until_ready(&self) -> Result<(), WriterDropped> {
        poll_fn(|cx| self.poll_ready(cx)).await
    }

    /// Whether the first list is complete.
    pub fn is_ready(&self) -> bool {
        self.read().state.is_ready()
    }

    /// Waits until the store shows everything up to `version`, the resource version that a write was answered with.
    ///
    /// A cache lags behind the server, so what is decided from it right after a write may be decided from before the write. Await this before reading
    /// the store again; a controller does it for its objects by a [`WriteGate`](crate::controller::WriteGate). A write that changed nothing is
    /// answered with the version that the object had, which is waited for no longer than any other.
    ///
    /// Versions without order, as some aggregated APIs have them, are not waited for.
    ///
    /// # Limits
    ///
    /// The store learns of versions from the events of its objects, and from bookmarks if it knows its watch: a [`Controller`](crate::Controller) and
    /// [`Writer::with_health`] see to that. Without, a write whose object the store does not select is waited for until any event comes.
    ///
    /// # Errors
    ///
    /// [`WriterDropped`] if the store will not move any more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn wrote_at(&self, version: &str) -> Result<(), WriterDropped> {
        let Ok(version) = version.parse() else {
            return Ok(());
        };
        poll_fn(|cx| self.poll_reached(version, cx)).await
    }

    /// How the watches that fill the store are doing, as far as the store knows them: one, or one for each namespace.
    pub fn sources(&self) -> Vec<Health> {
        self.read().sources.clone()
    }

    /// The object of this name.
    pub fn get(&self, key: &ObjectRef<K>) -> Option<Arc<K>> {
        if key.dyntype != self.shared.dyntype {
            return None;
        }
        self.read()
            .state
            .get(key.namespace.as_deref(), &key.name)
            .map(Arc::clone)
    }

    /// All objects, by namespace and name.
    pub fn state(&self) -> Vec<Arc<K>> {
        let inner = self.read();
        let mut objects = Vec::with_capacity(inner.state.len());
        objects.extend(inner.state.iter().map(|(_, object)| Arc::clone(object)));
        objects
    }

    /// The objects that `predicate` accepts.
    ///
    /// The store is locked for reading meanwhile, so `predicate` should not use the store itself.
    pub fn state_filter<P>(&self, predicate: P) -> Vec<Arc<K>>
    where
        P: Fn(&K) -> bool,
    {
        self.read()
            .state
            .iter()
            .map(|(_, object)| object)
            .filter(|object| predicate(object))
            .map(Arc::clone)
            .collect()
    }

    /// The objects whose labels match `selector`.
    pub fn state_filter_selector(&self, selector: &Selector) -> Vec<Arc<K>>
    where
        K: ResourceExt,
    {
        self.state_filter(|object| selector.matches(ResourceExt::labels(object)))
    }

    /// The first object that `predicate` accepts; the store is locked for reading meanwhile.
    pub fn find<P>(&self, predicate: P) -> Option<Arc<K>>
    where
        P: Fn(&K) -> bool,
    {
        self.read()
            .state
            .iter()
            .map(|(_, object)| object)
            .find(|object| predicate(object))
            .map(Arc::clone)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.read().state.len()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An index of the objects by what `values` says of each: one value, several or none.
    ///
    /// It may be made at any time and follows the store from then on. `values` is called under the store's lock, so it must not use the store.
    pub fn index<I, V>(&self, values: impl Fn(&K) -> V + Send + Sync + 'static) -> Index<K, I>
    where
        K: Send + Sync,
        K::DynamicType: Send + Sync,
        I: Hash + Eq + Clone + Send + Sync + 'static,
        V: IntoIterator<Item = I>,
    {
        let values = move |object: &K| values(object).into_iter().collect();
        let index = Index::new(self.shared.dyntype.clone(), Box::new(values));
        let mut inner = self.write();
        for (key, object) in inner.state.iter() {
            index.shared().changed(key, &Change::Applied(Arc::clone(object)));
        }
        let observer: Arc<dyn Observer<K>> = Arc::clone(index.shared()) as _;
        inner.observers.push(Arc::downgrade(&observer));
        drop(inner);
        index
    }

    /// An index of the objects by the value of the label `name`.
    pub fn index_by_label(&self, name: &str) -> Index<K, String>
    where
        K: ResourceExt + Send + Sync,
        <K as Lookup>::DynamicType: Send + Sync,
    {
        let name = name.to_owned();
        self.index(move |object| {
            object
                .meta()
                .labels
                .as_ref()
                .and_then(|labels| labels.get(&name).cloned())
        })
    }

    /// An index of the objects by the UIDs of their owners.
    pub fn index_by_owner(&self) -> Index<K, String>
    where
        K: ResourceExt + Send + Sync,
        <K as Lookup>::DynamicType: Send + Sync,
    {
        self.index(|object| {
            let owners = object.meta().owner_references.iter().flatten();
            owners.map(|owner| owner.uid.clone()).collect::<Vec<_>>()
        })
    }

    /// A stream of the changes from now on, after one for each object that is there.
    ///
    /// It may be made at any time, and a follower that is slow slows nobody else down.
    pub fn changes(&self) -> Changes<K> {
        let mut inner = self.write();
        let mut inbox = Inbox::default();
        for (key, object) in inner.state.iter() {
            inbox.push(key, Change::Applied(Arc::clone(object)));
        }
        self.follow(&mut inner, inbox)
    }

    /// [`changes`](Self::changes) as a stream of objects.
    pub fn subscribe(&self) -> ReflectHandle<K> {
        ReflectHandle::new(self.changes())
    }

    /// A follower whose queue is taken while no change can happen.
    pub(super) fn fork(&self, inbox: impl FnOnce() -> Inbox<K>) -> Changes<K> {
        let mut inner = self.write();
        let inbox = inbox();
        self.follow(&mut inner, inbox)
    }

    pub(crate) fn poll_ready(&self, cx: &Context<'_>) -> Poll<Result<(), WriterDropped>> {
        if self.read().state.is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut inner = self.write();
        if inner.state.is_ready() {
            Poll::Ready(Ok(()))
        } else if inner.writer_dropped {
            Poll::Ready(Err(WriterDropped(())))
        } else {
            if !inner.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                inner.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        }
    }

    fn poll_reached(&self, version: u64, cx: &Context<'_>) -> Poll<Result<(), WriterDropped>> {
        let mut inner = self.write();
        if inner.state.version() >= version {
            return Poll::Ready(Ok(()));
        }
        // All are asked, so that all wake.
        let reached = inner
            .sources
            .iter()
            .filter(|source| source.poll_reached(version, cx).is_ready());
        if reached.count() == inner.sources.len() && !inner.sources.is_empty() {
            return Poll::Ready(Ok(()));
        }
        if inner.writer_dropped {
            return Poll::Ready(Err(WriterDropped(())));
        }
        if !inner.behind.iter().any(|waker| waker.will_wake(cx.waker())) {
            inner.behind.push(cx.waker().clone());
        }
        Poll::Pending
    }

    pub(crate) fn dyntype(&self) -> &K::DynamicType {
        &self.shared.dyntype
    }

    fn follow(&self, inner: &mut Inner<K>, mut inbox: Inbox<K>) -> Changes<K> {
        if inner.writer_dropped {
            inbox.close();
        }
        let inbox = Arc::new(Mutex::new(inbox));
        inner.followers.push(Arc::downgrade(&inbox));
        Changes::new(self.clone(), inbox)
    }

    // A panic under the lock can only come from a caller's predicate, under a lock for reading, which leaves the state whole.
    fn read(&self) -> RwLockReadGuard<'_, Inner<K>> {
        self.shared.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner<K>> {
        self.shared.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Lookup + 'static> Clone for Store<K>
where
    K::DynamicType: Hash + Eq,
{
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K: Lookup + 'static> fmt::Debug for Store<K>
where
    K::DynamicType: Hash + Eq,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Store");
        if let Ok(inner) = self.shared.inner.try_read() {
            out.field("len", &inner.state.len())
                .field("ready", &inner.state.is_ready());
        }
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
