//! What a controller does about each thing that happens, and the runs that it begins.

use std::{fmt, hash::Hash, sync::Arc, time::Duration};

use futures::{FutureExt, Stream, TryFuture, stream::FuturesUnordered};
use seatrial_client::Resource;
use tracing::Span;

use super::{Event, Item, Phase, Runner};
use crate::{
    controller::{
        Action, Error, ReconcileReason, ReconcileRequest, RunnerError,
        action::Next,
        flight::{Flight, Landed, Outcome, Recall},
        source::Trigger,
    },
    lease::{Refused, Turn},
    panic::guarded,
    queue::{Priority, Request},
    reflector::{Lookup, ObjectRef},
};

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
    /// Acts on an event; some are worth a report.
    pub(super) fn handle(
        &mut self,
        now: Duration,
        event: Event<K, Fut::Error, QE>,
    ) -> Option<Item<K, Fut::Error, QE>> {
        match event {
            Event::ShutDown { now: true } => {
                self.sources = None;
                self.flights = FuturesUnordered::new();
                self.phase = Phase::Over;
            }
            Event::ShutDown { now: false } => {
                // Dropping the sources closes their connections.
                self.sources = None;
                let limit = self.config.shutdown_timeout.map(|limit| self.env.sleep(limit));
                self.phase = Phase::Draining { limit };
            }
            Event::Ready(Ok(())) => {
                self.wiring.health.set_ready();
                self.phase = Phase::Running;
            }
            Event::Ready(Err(error)) => {
                self.sources = None;
                self.phase = Phase::Over;
                return Some(Err(Error::RunnerError(RunnerError::Readiness(error))));
            }
            Event::Triggered(Trigger::One { request, priority }) => self.trigger(now, request, priority),
            Event::Triggered(Trigger::All) => {
                self.trigger_all(now, &ReconcileReason::BulkReconcile, |_| true)
            }
            Event::Triggered(Trigger::Panicked { message, other }) => {
                return Some(Err(Error::MapperPanicked(message, other)));
            }
            Event::CaughtUp(key, reason) => {
                self.held_keys.swap_remove(&key);
                self.trigger(now, ReconcileRequest { obj_ref: key, reason }, Priority::Normal);
            }
            // What others left undone is not known, so everything is looked at.
            Event::Turn(Turn::Gained(slot)) => {
                if let Some(tenure) = &self.tenure {
                    let leadership = tenure.leadership().clone();
                    self.trigger_all(now, &ReconcileReason::LeadershipGained, |key| {
                        leadership.slot_of(key) == slot
                    });
                }
            }
            Event::Turn(Turn::Lost(slot)) => {
                for (_, recall) in self.recalls.values().filter(|(held, _)| *held == slot) {
                    recall.recall();
                }
                // Whoever comes next does not know of them, and in the next term of this process they say nothing.
                if let Some(tenure) = &self.tenure {
                    let leadership = tenure.leadership();
                    self.limiter.retain(|key| leadership.slot_of(key) != slot);
                }
            }
            Event::SourceFailed(error) => return Some(Err(Error::QueueError(error))),
            Event::SourcesEnded => self.sources = None,
            Event::Landed(landed) => return Some(self.landed(now, landed)),
            Event::Due => {}
        }
        None
    }

    /// Asks for a run of all objects that `selected` names, after those that changed.
    fn trigger_all(
        &mut self,
        now: Duration,
        reason: &ReconcileReason,
        selected: impl Fn(&ObjectRef<K>) -> bool,
    ) {
        for object in self.store.state() {
            let obj_ref = object.to_object_ref(self.store.dyntype().clone());
            if selected(&obj_ref) {
                let reason = reason.clone();
                self.trigger(now, ReconcileRequest { obj_ref, reason }, Priority::Low);
            }
        }
    }

    fn trigger(&mut self, now: Duration, request: ReconcileRequest<K>, priority: Priority) {
        let ReconcileRequest { obj_ref, reason } = request;
        if self.config.debounce.is_zero() {
            self.queue.add(
                now,
                obj_ref,
                Request {
                    at: now,
                    priority,
                    reason,
                },
            );
        } else {
            self.queue
                .add_debounced(now, obj_ref, priority, reason, self.config.debounce);
        }
    }

    /// A run is over: decides when the object runs again.
    fn landed(&mut self, now: Duration, landed: Landed<K, Fut::Error>) -> Item<K, Fut::Error, QE> {
        let Landed {
            key,
            object,
            outcome,
            started,
            permit,
        } = landed;
        self.recalls.swap_remove(&*key);
        drop(permit);
        if let Some(metrics) = &self.wiring.metrics {
            metrics.reconciled(&self.wiring.name, outcome.result(), now.saturating_sub(started));
        }
        let (next, reason) = match &outcome {
            Outcome::Done(action) => {
                if action.next != Next::Backoff {
                    self.limiter.succeeded(&key);
                }
                (action.next.clone(), ReconcileReason::ReconcilerRequestedRetry)
            }
            Outcome::Failed(error) => {
                let (policy, context) = (&self.error_policy, Arc::clone(&self.context));
                // A policy that panics has not decided anything.
                let next =
                    guarded(|| policy(object, error, context)).map_or(Next::Backoff, |action| action.next);
                (next, ReconcileReason::ErrorPolicyRequestedRetry)
            }
            Outcome::Panicked(_) | Outcome::TimedOut(_) => {
                (Next::Backoff, ReconcileReason::ErrorPolicyRequestedRetry)
            }
            Outcome::Recalled => (Next::Change, ReconcileReason::Unknown),
        };
        let retries = next == Next::Backoff || outcome.result().is_failure();
        let delay = match next {
            Next::Change => None,
            Next::After(delay) => Some(delay),
            Next::Backoff => Some(self.limiter.failed(&key, self.rng.f64())),
        };
        if let (Some(metrics), Some(delay), true) = (&self.wiring.metrics, delay, retries) {
            metrics.retrying(&self.wiring.name, delay);
        }
        if let Some(delay) = delay {
            let request = Request {
                at: now.saturating_add(delay),
                priority: Priority::Normal,
                reason,
            };
            self.queue.add(now, Arc::clone(&key), request);
        }
        self.queue.done(now, &key);
        // The queue has let the key go, unless the object runs again.
        let key = Arc::unwrap_or_clone(key);
        match outcome {
            Outcome::Done(action) => Ok((key, action)),
            Outcome::Failed(error) => Err(Error::ReconcilerFailed(error, Box::new(key.erase()))),
            Outcome::Panicked(message) => Err(Error::ReconcilerPanicked(message, Box::new(key.erase()))),
            Outcome::TimedOut(limit) => Err(Error::ReconcilerTimedOut(limit, Box::new(key.erase()))),
            Outcome::Recalled => Err(Error::LeadershipLost(Box::new(key.erase()))),
        }
    }

    /// Begins the runs that may begin; one whose object is gone is reported instead.
    pub(super) fn dispatch(&mut self, now: Duration) -> Option<Item<K, Fut::Error, QE>> {
        while let Some((key, reason, waited)) = self.queue.pop(now) {
            if self.held_keys.contains_key(&*key) {
                self.queue.done(now, &key);
                continue;
            }
            let permit = match self.tenure.as_mut().map(|tenure| tenure.permit(&key)) {
                None => None,
                Some(Ok(permit)) => Some((permit, Arc::new(Recall::default()))),
                // A turn follows, after which this is looked at here or elsewhere.
                Some(Err(Refused::ForNow)) => {
                    self.queue.done(now, &key);
                    continue;
                }
                // Its last run may have failed just after the turn.
                Some(Err(Refused::Elsewhere)) => {
                    self.queue.done(now, &key);
                    self.limiter.succeeded(&key);
                    continue;
                }
            };
            if let Some(held) = self
                .wiring
                .gate
                .as_ref()
                .and_then(|gate| gate.hold(&key, &self.env))
            {
                self.queue.done(now, &key);
                let key = Arc::unwrap_or_clone(key);
                self.held_keys.insert(key.clone(), ());
                self.held.push(held.map(Box::new(move |()| (key, reason))));
                continue;
            }
            if let Some(metrics) = &self.wiring.metrics {
                metrics.queue_latency(&self.wiring.name, waited);
            }
            let Some(object) = self.store.get(&key) else {
                self.queue.done(now, &key);
                self.limiter.succeeded(&key);
                let key = Arc::unwrap_or_clone(key);
                return Some(Err(Error::ObjectNotFound(Box::new(key.erase()))));
            };
            let span = span(&key, &reason);
            let limit = self
                .config
                .reconcile_timeout
                .map(|limit| (limit, self.env.sleep(limit)));
            if let Some((permit, recall)) = &permit {
                self.recalls
                    .insert(ObjectRef::clone(&key), (permit.slot(), Arc::clone(recall)));
            }
            let (reconciler, context) = (&mut self.reconciler, Arc::clone(&self.context));
            self.flights
                .push(Flight::start(key, object, limit, now, permit, span, |object| {
                    reconciler(object, context)
                }));
        }
        None
    }

    /// Tells how many objects wait, if that changed: also while nothing runs, or nothing else can.
    pub(super) fn tell_depth(&mut self) {
        let Some(metrics) = &self.wiring.metrics else {
            return;
        };
        let depth = self.queue.ready() + self.held.len();
        if self.told_depth != depth {
            self.told_depth = depth;
            metrics.queue_depth(&self.wiring.name, depth);
        }
    }
}

fn span<K: Resource>(key: &ObjectRef<K>, reason: &ReconcileReason) -> Span {
    tracing::info_span!("reconciling object", object.ref = %key, object.reason = %reason)
}
