//! The stream that keeps a store up to date.

use std::{
    collections::VecDeque,
    hash::Hash,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::Stream;
use pin_project_lite::pin_project;

use super::{
    Lookup,
    store::{Change, Writer},
};
use crate::watcher::{self, Event};

/// Writes the events of a watch into a store and passes them on.
///
/// Deletions that the watch did not see are added: when a list is complete, a [`Event::Delete`] follows for each object that the store held
/// and the list did not show, and an object whose UID changed is deleted before it is applied.
///
/// The store moves only while the stream is polled. It is dropped with the stream, which readers of the store notice.
pub fn reflector<K, W>(writer: Writer<K>, stream: W) -> Reflect<W, K>
where
    K: Lookup + Clone,
    K::DynamicType: Eq + Hash + Clone,
    W: Stream<Item = watcher::Result<Event<K>>>,
{
    Reflect {
        stream,
        writer,
        pending: VecDeque::new(),
    }
}

pin_project! {
    /// The stream of [`reflector`].
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Reflect<St, K>
    where
        K: Lookup,
        K: Clone,
        K: 'static,
        K::DynamicType: Eq,
        K::DynamicType: Hash,
        K::DynamicType: Clone,
    {
        #[pin]
        stream: St,
        writer: Writer<K>,
        pending: VecDeque<Event<K>>,
    }
}

impl<St, K> Stream for Reflect<St, K>
where
    K: Lookup + Clone,
    K::DynamicType: Eq + Hash + Clone,
    St: Stream<Item = watcher::Result<Event<K>>>,
{
    type Item = watcher::Result<Event<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Some(event) = this.pending.pop_front() {
            return Poll::Ready(Some(Ok(event)));
        }
        let event = match ready!(this.stream.poll_next(cx)) {
            Some(Ok(event)) => event,
            other => return Poll::Ready(other),
        };
        // The event itself goes on as it came; of the changes only the deletions that it does not name are added.
        let own = matches!(event, Event::Delete(_));
        let done = matches!(event, Event::InitDone);
        let deleted = |change| match change {
            Change::Deleted(object) if !own => {
                let object = Arc::try_unwrap(object).unwrap_or_else(|shared| K::clone(&shared));
                Some(Event::Delete(object))
            }
            Change::Deleted(_) | Change::Applied(_) => None,
        };
        let pending = this.pending;
        // The copy goes on, and the store keeps what came: most copies are dropped soon, so that the next one is made in memory that is at hand.
        let copy = event.clone();
        this.writer
            .apply_each(event, |change| pending.extend(deleted(change)));
        let event = copy;
        if done {
            return Poll::Ready(Some(Ok(event)));
        }
        pending.push_back(event);
        Poll::Ready(pending.pop_front().map(Ok))
    }
}

pin_project! {
    /// The stream of [`WatchStreamExt::reflect_changes`](crate::WatchStreamExt::reflect_changes).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct ReflectChanges<St, K>
    where
        K: Lookup,
        K: Clone,
        K: 'static,
        K::DynamicType: Eq,
        K::DynamicType: Hash,
        K::DynamicType: Clone,
    {
        #[pin]
        stream: St,
        writer: Writer<K>,
        pending: VecDeque<Change<K>>,
    }
}

impl<St, K> ReflectChanges<St, K>
where
    K: Lookup + Clone,
    K::DynamicType: Eq + Hash + Clone,
{
    pub(crate) fn new(stream: St, writer: Writer<K>) -> Self {
        Self {
            stream,
            writer,
            pending: VecDeque::new(),
        }
    }
}

impl<St, K> Stream for ReflectChanges<St, K>
where
    K: Lookup + Clone,
    K::DynamicType: Eq + Hash + Clone,
    St: Stream<Item = watcher::Result<Event<K>>>,
{
    type Item = watcher::Result<Change<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            if let Some(change) = this.pending.pop_front() {
                return Poll::Ready(Some(Ok(change)));
            }
            match ready!(this.stream.as_mut().poll_next(cx)) {
                Some(Ok(event)) => this
                    .writer
                    .apply_each(event, |change| this.pending.push_back(change)),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
