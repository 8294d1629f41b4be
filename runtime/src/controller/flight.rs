//! One run of a reconciler.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, TryFuture};
use pin_project_lite::pin_project;
use seatrial_client::{Resource, env::Sleep};
use tracing::Span;

use super::Action;
use crate::reflector::ObjectRef;

pin_project! {
    /// A run under way.
    pub(super) struct Flight<K, Fut>
    where
        K: Resource,
    {
        // Taken out with the result.
        about: Option<(ObjectRef<K>, Arc<K>)>,
        #[pin]
        future: Option<Fut>,
        // The run is dropped when this fires.
        limit: Option<(Duration, Sleep)>,
        // Why there is no future: the reconciler panicked before it made one.
        stillborn: Option<String>,
        span: Span,
    }
}

/// A run that is over.
pub(super) struct Landed<K: Resource, E> {
    pub(super) key: ObjectRef<K>,
    pub(super) object: Arc<K>,
    pub(super) outcome: Outcome<E>,
}

/// How a run ended.
pub(super) enum Outcome<E> {
    Done(Action),
    Failed(E),
    Panicked(String),
    TimedOut(Duration),
}

// === impl Flight ===

impl<K: Resource, Fut> Flight<K, Fut> {
    /// Calls the reconciler.
    pub(super) fn start(
        key: ObjectRef<K>,
        object: Arc<K>,
        limit: Option<(Duration, Sleep)>,
        span: Span,
        reconcile: impl FnOnce(Arc<K>) -> Fut,
    ) -> Self {
        let argument = Arc::clone(&object);
        let made = span.in_scope(|| guarded(|| reconcile(argument)));
        let (future, stillborn) = match made {
            Ok(future) => (Some(future), None),
            Err(message) => (None, Some(message)),
        };
        Self {
            about: Some((key, object)),
            future,
            limit,
            stillborn,
            span,
        }
    }
}

impl<K: Resource, Fut: TryFuture<Ok = Action>> Future for Flight<K, Fut> {
    type Output = Landed<K, Fut::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let entered = this.span.enter();
        let polled = match this.future.as_mut().as_pin_mut() {
            Some(future) => guarded(|| future.try_poll(cx)),
            None => Err(this.stillborn.take().unwrap_or_default()),
        };
        let outcome = match polled {
            Ok(Poll::Ready(Ok(action))) => Outcome::Done(action),
            Ok(Poll::Ready(Err(error))) => Outcome::Failed(error),
            Err(message) => Outcome::Panicked(message),
            Ok(Poll::Pending) => {
                let Some((limit, sleep)) = this.limit else {
                    return Poll::Pending;
                };
                ready!(sleep.poll_unpin(cx));
                Outcome::TimedOut(*limit)
            }
        };
        // What the run still holds is let go before anybody hears of its end. A panic in that is the run's too.
        let outcome = match guarded(|| this.future.set(None)) {
            Ok(()) => outcome,
            Err(message) => Outcome::Panicked(message),
        };
        drop(entered);
        match this.about.take() {
            Some((key, object)) => Poll::Ready(Landed { key, object, outcome }),
            // A future that is polled after its end: nobody here does that.
            None => Poll::Pending,
        }
    }
}

/// Runs `f`, a panic becoming its message.
///
/// What a panic may leave in a bad state belongs to the run, which ends with it.
pub(super) fn guarded<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| message(&*payload))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
