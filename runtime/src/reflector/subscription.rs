//! Followers of a store.
//!
//! Each has a queue of its own in which changes of one key are folded into the latest, so that a slow follower costs at most one entry per
//! object and never holds the others up.

use std::{
    collections::VecDeque,
    fmt,
    hash::Hash,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures::Stream;

use super::{
    Lookup, Store,
    state::{Change, Key},
};
use crate::hash::Map;

/// What a follower has not seen yet.
#[derive(Debug)]
pub(super) struct Inbox<K> {
    /// The keys with news, by the time of the first news.
    order: VecDeque<Key>,
    /// The news of each key in `order`. Never iterated.
    news: Map<Key, News<K>>,
    /// Who waits for news.
    waker: Option<Waker>,
    /// No more will come.
    closed: bool,
}

#[derive(Debug)]
struct News<K> {
    /// The last object that was deleted under this name.
    deleted: Option<Arc<K>>,
    /// The object that lives under this name now.
    applied: Option<Arc<K>>,
}

impl<K> Clone for News<K> {
    fn clone(&self) -> Self {
        Self {
            deleted: self.deleted.clone(),
            applied: self.applied.clone(),
        }
    }
}

// === impl Inbox ===

impl<K> Default for Inbox<K> {
    fn default() -> Self {
        Self {
            order: VecDeque::new(),
            news: Map::default(),
            waker: None,
            closed: false,
        }
    }
}

impl<K> Inbox<K> {
    /// Adds a change, folding it into what is there.
    pub(super) fn push(&mut self, key: &Key, change: Change<K>) {
        let news = match self.news.get_mut(key) {
            Some(news) => news,
            None => {
                self.order.push_back(key.clone());
                self.news.entry(key.clone()).or_insert(News {
                    deleted: None,
                    applied: None,
                })
            }
        };
        match change {
            Change::Applied(object) => news.applied = Some(object),
            Change::Deleted(object) => {
                news.applied = None;
                news.deleted = Some(object);
            }
        }
        self.wake();
    }

    /// Says that nothing follows.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.wake();
    }

    fn pop(&mut self) -> Option<Change<K>> {
        let key = self.order.front()?;
        // Each key in the order has news: they are added and removed together.
        let news = self.news.get_mut(key)?;
        if let Some(object) = news.deleted.take() {
            if news.applied.is_none() {
                self.drop_front();
            }
            return Some(Change::Deleted(object));
        }
        let object = news.applied.take();
        self.drop_front();
        object.map(Change::Applied)
    }

    fn drop_front(&mut self) {
        if let Some(key) = self.order.pop_front() {
            self.news.swap_remove(&key);
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Change<K>>> {
        if let Some(change) = self.pop() {
            return Poll::Ready(Some(change));
        }
        if self.closed {
            return Poll::Ready(None);
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn copy(&self) -> Self {
        Self {
            order: self.order.clone(),
            news: self.news.clone(),
            waker: None,
            closed: self.closed,
        }
    }
}

pub(super) fn lock<K>(inbox: &Mutex<Inbox<K>>) -> MutexGuard<'_, Inbox<K>> {
    // No code of a caller runs under this lock, and each method leaves the inbox whole.
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream of the changes of a [`Store`], beginning with what it holds.
///
/// Made by [`Store::changes`]. It ends when the writer of the store is dropped.
///
/// # Order
///
/// Changes of one object come in order, and several that were not read in time become the latest of them; a deletion is not lost by that.
pub struct Changes<K: Lookup + 'static>
where
    K::DynamicType: Eq + Hash + Clone,
{
    reader: Store<K>,
    inbox: Arc<Mutex<Inbox<K>>>,
}

// === impl Changes ===

impl<K: Lookup + 'static> Changes<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    pub(super) fn new(reader: Store<K>, inbox: Arc<Mutex<Inbox<K>>>) -> Self {
        Self { reader, inbox }
    }

    /// The store that this follows.
    pub fn reader(&self) -> Store<K> {
        self.reader.clone()
    }
}

impl<K: Lookup + 'static> Stream for Changes<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    type Item = Change<K>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Change<K>>> {
        lock(&self.inbox).poll(cx)
    }
}

impl<K: Lookup + 'static> Clone for Changes<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    /// Another follower that has seen as much as this one.
    fn clone(&self) -> Self {
        self.reader.fork(|| lock(&self.inbox).copy())
    }
}

impl<K: Lookup + 'static> fmt::Debug for Changes<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("waiting", &lock(&self.inbox).order.len())
            .finish_non_exhaustive()
    }
}

/// A stream of the objects that a [`Store`] learns about, deleted ones in their last state included.
///
/// Made by [`Writer::subscribe`](super::store::Writer::subscribe) and [`Store::subscribe`]. Feed it to a controller's `for_shared_stream`,
/// `owns_shared_stream` or `watches_shared_stream`. Where the difference between a change and a deletion matters, take [`Store::changes`].
#[derive(Clone, Debug)]
pub struct ReflectHandle<K: Lookup + 'static>(Changes<K>)
where
    K::DynamicType: Eq + Hash + Clone;

// === impl ReflectHandle ===

impl<K: Lookup + 'static> ReflectHandle<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    pub(super) fn new(changes: Changes<K>) -> Self {
        Self(changes)
    }

    /// The store that this follows.
    pub fn reader(&self) -> Store<K> {
        self.0.reader()
    }
}

impl<K: Lookup + 'static> Stream for ReflectHandle<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    type Item = Arc<K>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<K>>> {
        Pin::new(&mut self.0)
            .poll_next(cx)
            .map(|change| change.map(Change::into_object))
    }
}
