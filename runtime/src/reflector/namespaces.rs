//! One store over several namespaces, which may come and go: for programs that may not watch all of them.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::{self, Debug},
    hash::Hash,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{
    Stream, StreamExt,
    stream::{BoxStream, Fuse},
};
use seatrial_client::{Api, Resource, core::NamespaceScope};
use serde::de::DeserializeOwned;

use super::{state::Change, store::Writer};
use crate::watcher::{self, Config, Event, Health, Watcher, watcher};

/// Keeps a store of the objects of several namespaces.
///
/// `namespaces` tells the whole set whenever it changes: each namespace is watched by itself, as a role in it permits, and the objects of one that is no longer in the set are deleted from the store. The store is ready once
/// everything in the first set was listed. What `api` is constrained to does not matter.
///
/// Feed [`Store::subscribe`](super::Store::subscribe) to a controller's `for_shared_stream`, and poll this beside it.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use futures::{StreamExt, stream};
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client};
/// use seatrial_runtime::{reflector::{reflect_namespaces, store}, watcher::Config};
///
/// async fn follow(client: Client) {
///     let (configs, writer) = store::<ConfigMap>();
///     let tenants = stream::iter([BTreeSet::from(["tenant-a".to_owned(), "tenant-b".to_owned()])]);
///     let following = reflect_namespaces(writer, Api::all(client), Config::default(), tenants);
///     following.for_each(|_| async {}).await;
///     drop(configs);
/// }
/// ```
pub fn reflect_namespaces<K>(
    writer: Writer<K>,
    api: Api<K>,
    config: Config,
    namespaces: impl Stream<Item = BTreeSet<String>> + Send + 'static,
) -> ReflectNamespaces<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
    K::Scope: NamespaceScope,
    K::DynamicType: Eq + Hash + Clone,
{
    ReflectNamespaces {
        watch: Box::new(move |namespace| watcher(api.clone().constrain(namespace), config.clone())),
        namespaces: namespaces.boxed().fuse(),
        writer,
        watches: BTreeMap::new(),
        known: false,
        after: String::new(),
        pending: VecDeque::new(),
    }
}

/// The stream of [`reflect_namespaces`]: what changes in the store, and what goes wrong with a watch, which holds up no other.
#[must_use = "streams do nothing unless polled"]
pub struct ReflectNamespaces<K>
where
    K: Resource + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    watch: Watch<K>,
    namespaces: Fuse<BoxStream<'static, BTreeSet<String>>>,
    writer: Writer<K>,
    /// With whether each has listed.
    watches: BTreeMap<String, (Watcher<K>, bool)>,
    /// The set was told at least once.
    known: bool,
    /// Whose turn it was last, so that a busy namespace does not hide the others.
    after: String,
    pending: VecDeque<Change<K>>,
}

/// Opens the watch of a namespace.
type Watch<K> = Box<dyn Fn(&str) -> Watcher<K> + Send>;

// === impl ReflectNamespaces ===

impl<K> ReflectNamespaces<K>
where
    K: Resource + Clone + Debug + Send + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    /// How the watch of each namespace is doing.
    pub fn health(&self) -> BTreeMap<String, Health> {
        let watches = self.watches.iter();
        watches
            .map(|(namespace, (watch, _))| (namespace.clone(), watch.health()))
            .collect()
    }

    fn take_set(&mut self, set: &BTreeSet<String>) {
        let gone: Vec<_> = self
            .watches
            .keys()
            .filter(|held| !set.contains(*held))
            .cloned()
            .collect();
        for namespace in gone {
            self.watches.remove(&namespace);
            let pending = &mut self.pending;
            self.writer.forget(&namespace, |change| pending.push_back(change));
        }
        for namespace in set {
            if !self.watches.contains_key(namespace) {
                self.watches
                    .insert(namespace.clone(), ((self.watch)(namespace), false));
            }
        }
        self.known = true;
        self.writer
            .set_sources(self.watches.values().map(|(watch, _)| watch.health()).collect());
        self.check_ready();
    }

    fn take_event(&mut self, namespace: &str, event: Event<K>) {
        let listed = matches!(event, Event::InitDone);
        let pending = &mut self.pending;
        self.writer
            .apply_in(namespace, event, |change| pending.push_back(change));
        if listed {
            if let Some((_, done)) = self.watches.get_mut(namespace) {
                *done = true;
            }
            self.check_ready();
        }
    }

    fn check_ready(&mut self) {
        if self.known && self.watches.values().all(|(_, listed)| *listed) {
            self.writer.set_ready();
        }
    }

    /// The next event of any watch, beginning behind the one whose turn it was.
    fn poll_watches(&mut self, cx: &mut Context<'_>) -> Poll<(String, watcher::Result<Event<K>>)> {
        let after = self.after.clone();
        let (before, behind): (Vec<_>, Vec<_>) = self
            .watches
            .iter_mut()
            .partition(|(namespace, _)| **namespace <= after);
        for (namespace, (watch, _)) in behind.into_iter().chain(before) {
            if let Poll::Ready(Some(event)) = watch.poll_next_unpin(cx) {
                self.after.clone_from(namespace);
                return Poll::Ready((namespace.clone(), event));
            }
        }
        Poll::Pending
    }
}

impl<K> Stream for ReflectNamespaces<K>
where
    K: Resource + Clone + Debug + Send + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    type Item = watcher::Result<Change<K>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(change) = this.pending.pop_front() {
                return Poll::Ready(Some(Ok(change)));
            }
            // A set that is told no more stays as it is.
            if let Poll::Ready(Some(set)) = this.namespaces.poll_next_unpin(cx) {
                this.take_set(&set);
                continue;
            }
            match this.poll_watches(cx) {
                Poll::Ready((namespace, Ok(event))) => this.take_event(&namespace, event),
                Poll::Ready((_, Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

// What must not move is boxed.
impl<K> Unpin for ReflectNamespaces<K>
where
    K: Resource + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
}

impl<K> fmt::Debug for ReflectNamespaces<K>
where
    K: Resource + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReflectNamespaces")
            .field("namespaces", &self.watches.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
