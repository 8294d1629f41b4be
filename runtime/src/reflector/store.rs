//! A cache of the objects that a watch tells of.
//!
//! Reading order: here (what readers see), `store/writer.rs` (how it changes).

mod writer;

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

pub use self::writer::Writer;
pub use super::state::Change;
use super::{
    Lookup, ObjectRef,
    index::{Index, Observer},
    state::State,
    subscription::{Changes, Inbox, ReflectHandle},
};
use crate::watcher::Health;

/// The readable half of a cache.
///
/// Cheap to clone; all clones see the same objects. What it holds follows the server with the delay of the watch, so it may lack what this
/// process just wrote. Objects are ordered by namespace and name.
///
/// ```
/// use futures::StreamExt;
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, ResourceExt};
/// use seatrial_runtime::{WatchStreamExt, reflector::{ObjectRef, store}, watcher::{Config, watcher}};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let cluster = seatrial_testkit::FakeCluster::builder()
/// #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: web, labels: {tier: front}}}")
/// #     .build()?;
/// # let client = cluster.client();
/// let (configs, writer) = store::<ConfigMap>();
/// let events = watcher(Api::default_namespaced(client), Config::default());
/// // The store moves while this is polled: beside what reads it, or as a task of its own.
/// let following = events.reflect_changes(writer).for_each(async |_| {});
///
/// let by_tier = configs.index_by_label("tier");
/// let reading = async {
///     configs.wait_until_ready().await?;
///     assert!(configs.get(&ObjectRef::new("web").within("default")).is_some());
///     assert_eq!(by_tier.get("front").len(), 1);
///     assert!(configs.find(|config| config.data.is_some()).is_none());
///     Ok::<_, seatrial_runtime::reflector::store::WriterDropped>(())
/// };
/// # futures::pin_mut!(following, reading);
/// # match futures::future::select(reading, following).await {
/// #     futures::future::Either::Left((read, _)) => read?,
/// #     futures::future::Either::Right(_) => unreachable!("a watch does not end"),
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What changes is told by [`changes`](Self::changes) to any number of followers; [`wrote_at`](Self::wrote_at) waits for a write of one's own.
pub struct Store<K: Lookup + 'static>
where
    K::DynamicType: Hash + Eq,
{
    shared: Arc<Shared<K>>,
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

    /// Whether what the store shows may be older than what this process or another one has seen already: so it is unless each of the watches that fill it is known and says
    /// otherwise. See [`Health::may_be_stale`], which also tells what to do about it.
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use seatrial_client::{Api, Error, api::ListParams};
    /// # use seatrial_runtime::reflector::{Store, store::WriterDropped};
    /// /// Waits until the store is as recent as the server is now.
    /// async fn catch_up(configs: &Api<ConfigMap>, store: &Store<ConfigMap>) -> Result<(), Error> {
    ///     // One object is as good as all: it is the version of the answer that counts.
    ///     let now = configs.list_metadata(&ListParams::default().limit(1)).await?;
    ///     let version = now.metadata.resource_version.unwrap_or_default();
    ///     // A bookmark shows that version if no event does: about a minute later at most.
    ///     let _gone: Result<(), WriterDropped> = store.wrote_at(&version).await;
    ///     Ok(())
    /// }
    /// ```
    pub fn may_be_stale(&self) -> bool {
        let inner = self.read();
        inner.sources.is_empty() || inner.sources.iter().any(Health::may_be_stale)
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
    /// It may be made at any time and follows the store from then on. `values` is called under the store's lock, so it must not use the store. An object over which it
    /// panics is found nowhere, which is logged.
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
