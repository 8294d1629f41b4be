//! From events to the objects that they are about.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::Stream;
use pin_project_lite::pin_project;

use crate::watcher::{Error, Event};

thread_local! {
    /// Whether the object that was taken last from an [`EventDecode`] on this thread is a deleted one.
    ///
    /// A predicate must let deletions pass, but what it filters are objects, which do not say whether they are deleted. So the decoder
    /// leaves word here and the filter looks right after it polled: both happen within one call.
    static DELETED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `poll` and says whether it took a deleted object.
pub(super) fn watch_for_deletion<T>(poll: impl FnOnce() -> T) -> (T, bool) {
    DELETED.set(false);
    let polled = poll();
    (polled, DELETED.replace(false))
}

pin_project! {
    /// The stream of [`applied_objects`](super::WatchStreamExt::applied_objects) and
    /// [`touched_objects`](super::WatchStreamExt::touched_objects).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct EventDecode<St> {
        #[pin]
        stream: St,
        deletions: bool,
    }
}

// === impl EventDecode ===

impl<St> EventDecode<St> {
    pub(super) fn new(stream: St, deletions: bool) -> Self {
        Self { stream, deletions }
    }
}

impl<St, K> Stream for EventDecode<St>
where
    St: Stream<Item = Result<Event<K>, Error>>,
{
    type Item = Result<K, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            let event = match ready!(this.stream.as_mut().poll_next(cx)) {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            let deleted = matches!(event, Event::Delete(_));
            let object = if *this.deletions {
                event.into_touched()
            } else {
                event.into_applied()
            };
            if let Some(object) = object {
                DELETED.set(deleted);
                return Poll::Ready(Some(Ok(object)));
            }
        }
    }
}

pin_project! {
    /// The stream of [`modify`](super::WatchStreamExt::modify).
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct EventModify<St, F> {
        #[pin]
        stream: St,
        f: F,
    }
}

// === impl EventModify ===

impl<St, F> EventModify<St, F> {
    pub(super) fn new(stream: St, f: F) -> Self {
        Self { stream, f }
    }
}

impl<St, F, K> Stream for EventModify<St, F>
where
    St: Stream<Item = Result<Event<K>, Error>>,
    F: FnMut(&mut K),
{
    type Item = Result<Event<K>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let item = ready!(this.stream.poll_next(cx));
        Poll::Ready(item.map(|item| item.map(|event| event.modify(this.f))))
    }
}
