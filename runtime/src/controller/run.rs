//! The loop of a controller.
//!
//! One closed [`Event`] type, one place that waits for the next ([`Runner::poll_event`]), one place that acts on it ([`Runner::handle`]).
//! Reconciles run inside the stream, which is why nothing happens while nobody polls it.
//!
//! Reading order: here (what there is and what can happen), `run/act.rs` (what is done about it).
//!
//! **Invariant:** one object is never reconciled twice at once, and a trigger is never lost: it ends in a run, or in a report that the object is gone.

mod act;

use std::{
    fmt,
    hash::Hash,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt, Stream, StreamExt, TryFuture, stream::FuturesUnordered};
use seatrial_client::{
    Env, Resource,
    env::{Rng, Sleep},
};

use super::{
    Action, Config, Error, ReconcileReason,
    flight::{Flight, Landed, Recall},
    gate::Held,
    setup::{Setup, Wiring},
    shutdown::Shutdown,
    source::Trigger,
};
use crate::{
    hash::Map,
    lease::{Tenure, Turn},
    queue::{Limiter, Queue},
    reflector::{ObjectRef, Store, store::WriterDropped},
    time::time_until,
    utils::Exponential,
};

/// How many events may pass without anything to report before others on the thread get their turn.
const EVENTS_PER_POLL: usize = 256;

/// What a controller reports.
type Item<K, E, QE> = Result<(ObjectRef<K>, Action), Error<E, QE>>;

/// Everything that can happen to a controller.
enum Event<K: Resource, E, QE> {
    /// It was asked to end, now or when all is done.
    ShutDown { now: bool },
    /// The cache is complete, or never will be.
    Ready(Result<(), WriterDropped>),
    /// A source asks for something.
    Triggered(Trigger<K>),
    /// A source failed.
    SourceFailed(QE),
    /// No source will ask for anything any more.
    SourcesEnded,
    /// A run is over.
    Landed(Landed<K, E>),
    /// It is time for a key that waited.
    Due,
    /// The caches show what the last run of a key wrote.
    CaughtUp(ObjectRef<K>, ReconcileReason),
    /// The process leads, or does not any more.
    Turn(Turn),
}

/// A controller that runs.
pub(super) struct Runner<K: Resource + 'static, S, R, P, Ctx, Fut>
where
    K::DynamicType: Hash + Eq,
{
    env: Env,
    config: Config,
    store: Store<K>,
    /// Gone once they ended, or the controller was asked to.
    sources: Option<Pin<Box<S>>>,
    shutdown: Shutdown,
    reconciler: R,
    error_policy: P,
    context: Arc<Ctx>,
    queue: Queue<ObjectRef<K>, ReconcileReason>,
    limiter: Limiter<ObjectRef<K>>,
    /// Places the delays after failures within their jitter.
    rng: Rng,
    flights: FuturesUnordered<Flight<K, Fut>>,
    wiring: Wiring<K>,
    /// Keys whose last run wrote what the caches do not show yet, and why they want to run.
    held: FuturesUnordered<Holding<K>>,
    /// The same keys: a further request for one of them is answered by the run that is held.
    held_keys: Map<ObjectRef<K>, ()>,
    /// Which slots this process holds, if it does not hold everything.
    tenure: Option<Tenure>,
    /// How to end the runs under way, by the slot that they need. Never iterated in an order that shows.
    recalls: Map<ObjectRef<K>, (usize, Arc<Recall>)>,
    /// Fires when the queue has more to give, and for which moment it was set.
    timer: Option<(Duration, Sleep)>,
    phase: Phase,
    /// How many objects were said to wait last.
    told_depth: usize,
    /// Whether the sources are asked before the runs; alternates, so that neither starves the other.
    sources_first: bool,
}

type Holding<K> = futures::future::Map<Held, Box<dyn FnOnce(()) -> (ObjectRef<K>, ReconcileReason) + Send>>;

enum Phase {
    /// The cache is not complete: triggers are collected.
    Filling,
    /// Triggers become runs.
    Running,
    /// Runs are finished, none is begun.
    Draining { limit: Option<Sleep> },
    /// Nothing happens any more.
    Over,
}

// === impl Runner ===

impl<K, S, R, P, Ctx, Fut, QE> Runner<K, S, R, P, Ctx, Fut>
where
    K: Resource + Clone + 'static,
    K::DynamicType: fmt::Debug + Eq + Hash + Clone,
    S: Stream<Item = Result<Trigger<K>, QE>>,
    R: FnMut(Arc<K>, Arc<Ctx>) -> Fut,
    P: Fn(Arc<K>, &Fut::Error, Arc<Ctx>) -> Action,
    Fut: TryFuture<Ok = Action>,
    Fut::Error: 'static,
    QE: 'static,
{
    pub(super) fn new(setup: Setup<K, S, R, P, Ctx>) -> Self {
        let Setup {
            env,
            config,
            store,
            sources,
            shutdown,
            wiring,
            reconciler,
            error_policy,
            context,
        } = setup;
        let rng = env.rng(&format!("controller/{}", wiring.name));
        Self {
            queue: Queue::new(config.running_max()),
            limiter: Limiter::new(Exponential::RECONCILE),
            rng,
            flights: FuturesUnordered::new(),
            held: FuturesUnordered::new(),
            held_keys: Map::default(),
            tenure: wiring.leadership.clone().map(Tenure::new),
            recalls: Map::default(),
            wiring,
            timer: None,
            phase: Phase::Filling,
            told_depth: 0,
            sources_first: true,
            sources: Some(Box::pin(sources)),
            env,
            config,
            store,
            shutdown,
            reconciler,
            error_policy,
            context,
        }
    }

    /// The next thing that happens.
    fn poll_event(&mut self, now: Duration, cx: &mut Context<'_>) -> Poll<Event<K, Fut::Error, QE>> {
        if self.shutdown.poll_forceful(cx).is_ready() {
            return Poll::Ready(Event::ShutDown { now: true });
        }
        if self.shutdown.poll_graceful(cx).is_ready() {
            return Poll::Ready(Event::ShutDown { now: false });
        }
        if let Phase::Draining { limit: Some(limit) } = &mut self.phase
            && limit.poll_unpin(cx).is_ready()
        {
            return Poll::Ready(Event::ShutDown { now: true });
        }
        // Before the runs, so that one whose time is over is not polled again.
        if let Some(tenure) = &mut self.tenure
            && let Poll::Ready(turn) = tenure.poll(cx)
        {
            return Poll::Ready(Event::Turn(turn));
        }
        if let Poll::Ready(Some((key, reason))) = self.held.poll_next_unpin(cx) {
            return Poll::Ready(Event::CaughtUp(key, reason));
        }
        self.sources_first = !self.sources_first;
        let event = if self.sources_first {
            self.poll_sources(cx).or_else(|| self.poll_flights(cx))
        } else {
            self.poll_flights(cx).or_else(|| self.poll_sources(cx))
        };
        if let Some(event) = event {
            return Poll::Ready(event);
        }
        // After the sources, because it is they who fill the cache.
        if matches!(self.phase, Phase::Filling)
            && let Poll::Ready(ready) = self.store.poll_ready(cx)
        {
            return Poll::Ready(Event::Ready(ready));
        }
        if matches!(self.phase, Phase::Running) && self.poll_timer(now, cx).is_ready() {
            return Poll::Ready(Event::Due);
        }
        Poll::Pending
    }

    fn poll_sources(&mut self, cx: &mut Context<'_>) -> Option<Event<K, Fut::Error, QE>> {
        match self.sources.as_mut()?.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(trigger))) => Some(Event::Triggered(trigger)),
            Poll::Ready(Some(Err(error))) => Some(Event::SourceFailed(error)),
            Poll::Ready(None) => Some(Event::SourcesEnded),
            Poll::Pending => None,
        }
    }

    fn poll_flights(&mut self, cx: &mut Context<'_>) -> Option<Event<K, Fut::Error, QE>> {
        match self.flights.poll_next_unpin(cx) {
            Poll::Ready(Some(landed)) => Some(Event::Landed(landed)),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    fn poll_timer(&mut self, now: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.queue.next_due() else {
            self.timer = None;
            return Poll::Pending;
        };
        if due <= now {
            // Over the bound of runs, time alone brings nothing.
            return if self.is_full() {
                Poll::Pending
            } else {
                Poll::Ready(())
            };
        }
        let (_, sleep) = match &mut self.timer {
            Some(timer) if timer.0 <= due => timer,
            timer => timer.insert((due, self.env.sleep(time_until(now, due)))),
        };
        if sleep.poll_unpin(cx).is_pending() {
            return Poll::Pending;
        }
        // It may have been set for an earlier moment; whoever handles the event looks at the clock.
        self.timer = None;
        Poll::Ready(())
    }

    fn is_full(&self) -> bool {
        self.config
            .running_max()
            .is_some_and(|max| self.queue.running() >= max)
    }

    fn is_over(&self) -> bool {
        match self.phase {
            Phase::Over => true,
            Phase::Draining { .. } => self.flights.is_empty(),
            Phase::Running => {
                self.sources.is_none()
                    && self.flights.is_empty()
                    && self.held.is_empty()
                    && self.queue.waiting() == 0
            }
            Phase::Filling => false,
        }
    }

    /// The next report.
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<K, Fut::Error, QE>>> {
        let mut now = self.env.monotonic();
        for _ in 0..EVENTS_PER_POLL {
            if matches!(self.phase, Phase::Running)
                && let Some(item) = self.dispatch(now)
            {
                return Poll::Ready(Some(item));
            }
            if self.is_over() {
                self.wiring.health.set_ended();
                return Poll::Ready(None);
            }
            match self.poll_event(now, cx) {
                Poll::Ready(event) => {
                    // A run may have taken its time.
                    now = self.env.monotonic();
                    if let Some(item) = self.handle(now, event) {
                        return Poll::Ready(Some(item));
                    }
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<K, S, R, P, Ctx, Fut, QE> Stream for Runner<K, S, R, P, Ctx, Fut>
where
    K: Resource + Clone + 'static,
    K::DynamicType: fmt::Debug + Eq + Hash + Clone,
    S: Stream<Item = Result<Trigger<K>, QE>>,
    R: FnMut(Arc<K>, Arc<Ctx>) -> Fut,
    P: Fn(Arc<K>, &Fut::Error, Arc<Ctx>) -> Action,
    Fut: TryFuture<Ok = Action>,
    Fut::Error: 'static,
    QE: 'static,
{
    type Item = Item<K, Fut::Error, QE>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.poll_item(cx);
        self.tell_depth();
        item
    }
}

// Nothing in a runner is pinned in place: sources are boxed, and the set of flights pins its futures itself.
impl<K: Resource + 'static, S, R, P, Ctx, Fut> Unpin for Runner<K, S, R, P, Ctx, Fut> where
    K::DynamicType: Hash + Eq
{
}
