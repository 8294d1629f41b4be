//! One run of a reconciler.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, TryFuture, task::AtomicWaker};
use pin_project_lite::pin_project;
use seatrial_client::{Resource, env::Sleep};
use tracing::Span;

use super::{Action, ReconcileResult, action::Next};
use crate::{lease::Permit, panic::guarded, reflector::ObjectRef};

pin_project! {
    /// A run under way.
    pub(super) struct Flight<K, Fut>
    where
        K: Resource,
    {
        // Taken out with the result.
        about: Option<(Arc<ObjectRef<K>>, Arc<K>)>,
        #[pin]
        future: Option<Fut>,
        // The run is dropped when this fires.
        limit: Option<(Duration, Sleep)>,
        // The right to run, and how it is taken back.
        permit: Option<(Permit, Arc<Recall>)>,
        started: Duration,
        // Why there is no future: the reconciler panicked before it made one.
        stillborn: Option<String>,
        span: Span,
    }
}

/// A run that is over.
pub(super) struct Landed<K: Resource, E> {
    pub(super) key: Arc<ObjectRef<K>>,
    pub(super) object: Arc<K>,
    pub(super) outcome: Outcome<E>,
    /// When it began.
    pub(super) started: Duration,
    /// Given back with this: until then, the lease is not released.
    pub(super) permit: Option<Permit>,
}

/// How a run ended.
pub(super) enum Outcome<E> {
    Done(Action),
    Failed(E),
    Panicked(String),
    TimedOut(Duration),
    /// The right to run was taken back.
    Recalled,
}

/// Ends a run from outside.
#[derive(Debug, Default)]
pub(super) struct Recall {
    recalled: AtomicBool,
    waker: AtomicWaker,
}

// === impl Outcome ===

impl<E> Outcome<E> {
    /// What this is to somebody who counts.
    pub(super) fn result(&self) -> ReconcileResult {
        match self {
            Self::Done(action) if action.next == Next::Change => ReconcileResult::Success,
            Self::Done(_) => ReconcileResult::Requeue,
            Self::Failed(_) => ReconcileResult::Error,
            Self::Panicked(_) => ReconcileResult::Panic,
            Self::TimedOut(_) => ReconcileResult::Timeout,
            Self::Recalled => ReconcileResult::Fenced,
        }
    }
}

// === impl Recall ===

impl Recall {
    /// Ends the run the next time that it is polled, before it does anything else.
    pub(super) fn recall(&self) {
        self.recalled.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    fn is_recalled(&self, cx: &Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.recalled.load(Ordering::SeqCst)
    }
}

// === impl Flight ===

impl<K: Resource, Fut> Flight<K, Fut> {
    /// Calls the reconciler.
    pub(super) fn start(
        key: Arc<ObjectRef<K>>,
        object: Arc<K>,
        limit: Option<(Duration, Sleep)>,
        started: Duration,
        permit: Option<(Permit, Arc<Recall>)>,
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
            permit,
            started,
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
        let recalled = this
            .permit
            .as_ref()
            .is_some_and(|(_, recall)| recall.is_recalled(cx));
        let polled = match this.future.as_mut().as_pin_mut() {
            Some(_) if recalled => Ok(Poll::Pending),
            Some(future) => guarded(|| future.try_poll(cx)),
            None => Err(this.stillborn.take().unwrap_or_default()),
        };
        let outcome = match polled {
            Ok(Poll::Ready(Ok(action))) => Outcome::Done(action),
            Ok(Poll::Ready(Err(error))) => Outcome::Failed(error),
            Err(message) => Outcome::Panicked(message),
            Ok(Poll::Pending) if recalled => Outcome::Recalled,
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
            Some((key, object)) => Poll::Ready(Landed {
                key,
                object,
                outcome,
                started: *this.started,
                permit: this.permit.take().map(|(permit, _)| permit),
            }),
            // A future that is polled after its end: nobody here does that.
            None => Poll::Pending,
        }
    }
}
