//! The adaptors as methods.

use std::hash::Hash;

use futures::{Stream, TryStream};
use seatrial_client::Resource;

use super::{
    Backoff, DefaultBackoff, EventDecode, EventModify, Predicate, PredicateConfig, PredicateFilter, Reflect,
    StreamBackoff,
};
use crate::{
    reflector::{ReflectChanges, reflector, store::Writer},
    watcher::{self, Error, Event},
};

/// Adaptors of streams of watch events.
///
/// ```no_run
/// use futures::{Stream, TryStreamExt};
/// use k8s_openapi::api::core::v1::Pod;
/// use seatrial_client::{Api, Client, ResourceExt};
/// use seatrial_runtime::{WatchStreamExt, watcher};
///
/// async fn follow(client: Client) -> Result<(), watcher::Error> {
///     let pods = watcher(Api::<Pod>::default_namespaced(client), watcher::Config::default());
///     pods.applied_objects()
///         .try_for_each(async |pod| Ok(println!("{}", pod.name_any())))
///         .await
/// }
/// ```
pub trait WatchStreamExt: Stream {
    /// Pauses after each error with the default delays.
    ///
    /// A [`watcher`](crate::watcher()) waits by itself, so over one this does little: the longer of the two pauses holds.
    fn default_backoff(self) -> StreamBackoff<Self, DefaultBackoff>
    where
        Self: TryStream + Sized,
    {
        StreamBackoff::new(self, DefaultBackoff::default())
    }

    /// Pauses after each error as long as `b` says.
    fn backoff<B>(self, b: B) -> StreamBackoff<Self, B>
    where
        B: Backoff,
        Self: TryStream + Sized,
    {
        StreamBackoff::new(self, b)
    }

    /// The objects that exist or changed, without the deleted ones.
    fn applied_objects<K>(self) -> EventDecode<Self>
    where
        Self: Stream<Item = Result<Event<K>, Error>> + Sized,
    {
        EventDecode::new(self, false)
    }

    /// The objects that exist, changed or were deleted.
    fn touched_objects<K>(self) -> EventDecode<Self>
    where
        Self: Stream<Item = Result<Event<K>, Error>> + Sized,
    {
        EventDecode::new(self, true)
    }

    /// Changes each object, for example to drop fields that nobody reads before it is cached.
    fn modify<F, K>(self, f: F) -> EventModify<Self, F>
    where
        Self: Stream<Item = Result<Event<K>, Error>> + Sized,
        F: FnMut(&mut K),
    {
        EventModify::new(self, f)
    }

    /// Only objects of which the property that `predicate` looks at changed.
    ///
    /// Three things pass whatever the property says: an object that begins to be deleted, one that was deleted (if
    /// [`touched_objects`](Self::touched_objects) is what yields them), and another object under the same name.
    fn predicate_filter<K, P>(self, predicate: P, config: PredicateConfig) -> PredicateFilter<Self, K, P>
    where
        Self: Stream<Item = Result<K, Error>> + Sized,
        K: Resource + 'static,
        P: Predicate<K> + 'static,
    {
        PredicateFilter::new(self, predicate, config)
    }

    /// Writes the events into a store and passes them on; see [`reflector`](crate::reflector()).
    fn reflect<K>(self, writer: Writer<K>) -> Reflect<Self, K>
    where
        Self: Stream<Item = watcher::Result<Event<K>>> + Sized,
        K: Resource + Clone + 'static,
        K::DynamicType: Eq + Hash + Clone,
    {
        reflector(writer, self)
    }

    /// Writes the events into a store and passes on what each changed there.
    ///
    /// Objects are shared with the store, where [`reflect`](Self::reflect) copies each: take this where the objects are many and nobody needs them by value.
    /// What a list shows that did not change is no change.
    fn reflect_changes<K>(self, writer: Writer<K>) -> ReflectChanges<Self, K>
    where
        Self: Stream<Item = watcher::Result<Event<K>>> + Sized,
        K: Resource + Clone + 'static,
        K::DynamicType: Eq + Hash + Clone,
    {
        ReflectChanges::new(self, writer)
    }

    /// The same as [`reflect`](Self::reflect): every store can be followed.
    fn reflect_shared<K>(self, writer: Writer<K>) -> impl Stream<Item = Self::Item>
    where
        Self: Stream<Item = watcher::Result<Event<K>>> + Sized,
        K: Resource + Clone + 'static,
        K::DynamicType: Eq + Hash + Clone,
    {
        reflector(writer, self)
    }
}

impl<St> WatchStreamExt for St where St: Stream + ?Sized {}
