//! Which changes matter.

use std::{
    fmt,
    hash::{BuildHasher, Hash},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::Stream;
use pin_project_lite::pin_project;
use seatrial_client::{Env, Resource, ResourceExt};

use super::decode;
use crate::{aging::Aging, hash::FixedState, reflector::Key, watcher::Error};

/// How long an object that is not heard of is remembered when nothing is configured.
const TTL: Duration = Duration::from_secs(60 * 60);

/// A property of objects whose changes matter, as a hash; nothing if the object does not have it.
///
/// A function `Fn(&K) -> Option<u64>` is one; see [`predicates`] for the common ones.
pub trait Predicate<K> {
    /// The hash of the property.
    fn hash_property(&self, obj: &K) -> Option<u64>;

    /// Both properties: a change of either matters.
    fn combine<F: Predicate<K>>(self, f: F) -> Combine<Self, F>
    where
        Self: Sized,
    {
        Combine(self, f)
    }

    /// This property, or `f` for objects that do not have it.
    fn fallback<F: Predicate<K>>(self, f: F) -> Fallback<Self, F>
    where
        Self: Sized,
    {
        Fallback(self, f)
    }
}

impl<K, F: Fn(&K) -> Option<u64>> Predicate<K> for F {
    fn hash_property(&self, obj: &K) -> Option<u64> {
        self(obj)
    }
}

/// Two properties of which either may change; made by [`Predicate::combine`].
#[derive(Clone, Copy, Debug)]
pub struct Combine<A, B>(A, B);

impl<K, A: Predicate<K>, B: Predicate<K>> Predicate<K> for Combine<A, B> {
    fn hash_property(&self, obj: &K) -> Option<u64> {
        match (self.0.hash_property(obj), self.1.hash_property(obj)) {
            (None, None) => None,
            both => hash(&both),
        }
    }
}

/// A property and what stands in for it; made by [`Predicate::fallback`].
#[derive(Clone, Copy, Debug)]
pub struct Fallback<A, B>(A, B);

impl<K, A: Predicate<K>, B: Predicate<K>> Predicate<K> for Fallback<A, B> {
    fn hash_property(&self, obj: &K) -> Option<u64> {
        self.0.hash_property(obj).or_else(|| self.1.hash_property(obj))
    }
}

/// The common predicates.
pub mod predicates {
    use super::{Resource, ResourceExt, hash};

    /// The generation, which grows with changes of the spec. Kinds without one, such as ConfigMaps, have nothing here.
    pub fn generation<K: Resource>(obj: &K) -> Option<u64> {
        obj.meta().generation.and_then(|generation| hash(&generation))
    }

    /// The resource version: every change.
    pub fn resource_version<K: Resource>(obj: &K) -> Option<u64> {
        obj.meta().resource_version.as_ref().and_then(hash)
    }

    /// The labels.
    pub fn labels<K: Resource>(obj: &K) -> Option<u64> {
        hash(obj.labels())
    }

    /// The annotations.
    pub fn annotations<K: Resource>(obj: &K) -> Option<u64> {
        hash(obj.annotations())
    }

    /// The finalizers.
    pub fn finalizers<K: Resource>(obj: &K) -> Option<u64> {
        hash(obj.finalizers())
    }
}

/// A hash that is the same in every run.
fn hash<T: Hash + ?Sized>(value: &T) -> Option<u64> {
    Some(FixedState.hash_one(value))
}

/// What a predicate filter remembers.
#[derive(Clone, Debug)]
pub struct PredicateConfig {
    ttl: Duration,
    env: Option<Env>,
}

// === impl PredicateConfig ===

impl Default for PredicateConfig {
    fn default() -> Self {
        Self { ttl: TTL, env: None }
    }
}

impl PredicateConfig {
    /// Forgets an object that was not heard of for `ttl`, one hour by default; it then counts as new.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Takes the time from `env` instead of from the system.
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }
}

pin_project! {
    /// The stream of [`predicate_filter`](super::WatchStreamExt::predicate_filter).
    #[must_use = "streams do nothing unless polled"]
    pub struct PredicateFilter<St, K, P> {
        #[pin]
        stream: St,
        predicate: P,
        // What was let through of each object last.
        memory: Aging<Key, Option<u64>>,
        env: Env,
        _kind: PhantomData<fn() -> K>,
    }
}

// === impl PredicateFilter ===

impl<St, K, P> PredicateFilter<St, K, P> {
    pub(super) fn new(stream: St, predicate: P, config: PredicateConfig) -> Self {
        let env = config.env.unwrap_or_default();
        Self {
            stream,
            predicate,
            memory: Aging::new(config.ttl),
            env,
            _kind: PhantomData,
        }
    }
}

impl<St, K, P> Stream for PredicateFilter<St, K, P>
where
    St: Stream<Item = Result<K, Error>>,
    K: Resource,
    P: Predicate<K>,
{
    type Item = Result<K, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            let (item, deleted) = decode::watch_for_deletion(|| this.stream.as_mut().poll_next(cx));
            let object = match ready!(item) {
                Some(Ok(object)) => object,
                other => return Poll::Ready(other),
            };
            let Some(property) = this.predicate.hash_property(&object) else {
                // Nothing to compare: the predicate cannot say that it does not matter. Should the object have the property again, that is a change, too.
                this.memory.remove(&Key::of(&object));
                return Poll::Ready(Some(Ok(object)));
            };
            let now = this.env.monotonic();
            if deleted {
                this.memory.remove(&Key::of(&object));
                return Poll::Ready(Some(Ok(object)));
            }
            let meta = object.meta();
            // Another object under the same name, and one that begins to be deleted, matter whatever the property says.
            let state = hash(&(property, &meta.uid, meta.deletion_timestamp.is_some()));
            let before = this.memory.entry(now, Key::of(&object), || None);
            if std::mem::replace(before, state) != state {
                return Poll::Ready(Some(Ok(object)));
            }
        }
    }
}

impl<St: fmt::Debug, K, P> fmt::Debug for PredicateFilter<St, K, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredicateFilter")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "predicate_tests.rs"]
mod tests;
