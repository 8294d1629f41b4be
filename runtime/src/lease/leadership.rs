//! What an election decided, for those who work by it.
//!
//! Reading order: here, `tenure.rs` (how a controller follows it).

mod tenure;

use std::{
    fmt,
    future::poll_fn,
    hash::BuildHasher,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::{Method, Request, Response};
use seatrial_client::{Client, Env, client::Body, error::NotSent};
use tower::{BoxError, service_fn};

pub(crate) use self::tenure::{Refused, Tenure, Turn};
use crate::{
    hash::FixedState,
    reflector::{Lookup, ObjectRef},
    time::time_until,
};

/// Whether this process leads, or which shards of the keys it holds: a handle on an [`Election`](super::Election) or on
/// [`Shards`](super::Shards).
///
/// Cheap to clone. What it answers is never later than the moment until which the lease was renewed, by the monotonic clock, whoever is or is not polled.
#[derive(Clone)]
pub struct Leadership {
    env: Env,
    /// One for an election, one for each shard.
    slots: Arc<[Mutex<Slot>]>,
}

#[derive(Default)]
struct Slot {
    /// Held until then.
    until: Option<Duration>,
    /// Counts gains: whoever works by the slot tells by this that it was lost in between.
    term: u64,
    /// On its way out: what runs may end, nothing begins.
    yielding: bool,
    /// Permits that are out.
    permits: usize,
    /// Who leads, as far as this process knows.
    holder: Option<String>,
    waiting: Vec<Waker>,
}

/// The right to work on the keys of a slot, for as long as it is held. The lease is not released before it is dropped.
pub(crate) struct Permit {
    leadership: Leadership,
    slot: usize,
}

/// This process does not lead, so the write was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this process does not lead any more, so the request was not sent")]
pub struct NotLeader(());

// === impl Leadership ===

impl Leadership {
    pub(super) fn new(env: Env, slots: usize) -> Self {
        Self {
            env,
            slots: (0..slots).map(|_| Mutex::default()).collect(),
        }
    }

    /// Whether this process leads at this moment; of shards, whether it holds any.
    pub fn is_leader(&self) -> bool {
        let now = self.env.monotonic();
        (0..self.slots.len()).any(|slot| self.held_until(slot, now).is_some())
    }

    /// Whether the object is this process's to work on at this moment.
    pub fn owns<K: Lookup>(&self, object: &ObjectRef<K>) -> bool {
        let slot = self.slot_of(object);
        self.held_until(slot, self.env.monotonic()).is_some()
    }

    /// Who leads, as far as this process has seen. Of shards, who holds the first.
    pub fn holder(&self) -> Option<String> {
        self.slot(0).holder.clone()
    }

    /// Which shards this process holds, from 0; `[0]` for a leader.
    pub fn held(&self) -> Vec<usize> {
        let now = self.env.monotonic();
        (0..self.slots.len())
            .filter(|slot| self.held_until(*slot, now).is_some())
            .collect()
    }

    /// Waits until this process leads.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn gained(&self) {
        poll_fn(|cx| self.poll_until(cx, true)).await;
    }

    /// Waits until this process does not lead any more; ready at once if it does not.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn lost(&self) {
        loop {
            let now = self.env.monotonic();
            let ends = (0..self.slots.len())
                .filter_map(|slot| self.held_until(slot, now))
                .max();
            let Some(until) = ends else { return };
            let sleep = self.env.sleep(time_until(now, until));
            let released = poll_fn(|cx| self.poll_until(cx, false));
            futures::future::select(sleep, Box::pin(released)).await;
        }
    }

    /// The same client, except that its writes need the leadership; of shards, any that is held when a write begins.
    ///
    /// A write that begins when this process does not lead is refused with a [`NotLeader`] as its cause, and was not applied. One whose answer has not come when the leadership
    /// ends is given up, so its outcome is unknown; the server may still apply it, so guard writes by resource versions all the same. Reads pass.
    ///
    /// With shards, [`fence_for`](Self::fence_for) guards the writes of one reconcile more closely.
    #[must_use]
    pub fn fence(&self, client: &Client) -> Client {
        self.fence_by(client, 0..self.slots.len())
    }

    /// The same client, except that its writes need the shard of this object, whatever they write: [`fence`](Self::fence) for one reconcile.
    ///
    /// For a leader it is no different from [`fence`](Self::fence).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use k8s_openapi::api::core::v1::ConfigMap;
    /// use seatrial_client::{Api, Client, api::{Patch, PatchParams}};
    /// use seatrial_runtime::{controller::Action, lease::Leadership, reflector::ObjectRef};
    ///
    /// async fn reconcile(object: Arc<ConfigMap>, ctx: Arc<(Leadership, Client)>) -> Result<Action, seatrial_client::Error> {
    ///     let (leadership, client) = &*ctx;
    ///     let fenced = leadership.fence_for(client, &ObjectRef::from_obj(&*object));
    ///     let configs = Api::<ConfigMap>::default_namespaced(fenced);
    ///     let patch = Patch::Merge(serde_json::json!({"data": {"seen": "yes"}}));
    ///     configs.patch("seen", &PatchParams::default(), &patch).await?;
    ///     Ok(Action::await_change())
    /// }
    /// ```
    #[must_use]
    pub fn fence_for<K: Lookup>(&self, client: &Client, object: &ObjectRef<K>) -> Client {
        let slot = self.slot_of(object);
        self.fence_by(client, slot..slot + 1)
    }

    /// The same client, except that its writes need one of these slots.
    fn fence_by(&self, client: &Client, slots: Range<usize>) -> Client {
        let (inner, leadership) = (client.clone(), self.clone());
        let service = service_fn(move |request: Request<Body>| {
            let (inner, leadership, slots) = (inner.clone(), leadership.clone(), slots.clone());
            async move { leadership.send(&inner, request, slots).await }
        });
        Client::new(service, client.default_namespace()).with_env(client.env().clone())
    }

    async fn send(
        &self,
        client: &Client,
        request: Request<Body>,
        slots: Range<usize>,
    ) -> Result<Response<Body>, BoxError> {
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            return client.send(request).await.map_err(Into::into);
        }
        let now = self.env.monotonic();
        let mut terms: Vec<(usize, u64)> = slots
            .filter_map(|slot| Some((slot, self.term_at(slot, now)?)))
            .collect();
        let mut answer = Box::pin(client.send(request));
        let mut ended = None;
        loop {
            let now = self.env.monotonic();
            // One that was lost and gained again is not the one that this began in.
            terms.retain(|(slot, term)| self.term_at(*slot, now) == Some(*term));
            let ends = terms.iter().filter_map(|(slot, _)| self.held_until(*slot, now));
            let Some(until) = ends.max() else {
                return Err(ended.map_or_else(|| NotSent::new(NotLeader(())).into(), Into::into));
            };
            match self.env.timeout(until.saturating_sub(now), &mut answer).await {
                Ok(answer) => return answer.map_err(Into::into),
                Err(elapsed) => ended = Some(elapsed),
            }
        }
    }

    /// The right to work on an object, if it is this process's and not about to be given up.
    fn permit(&self, slot: usize) -> Option<Permit> {
        let now = self.env.monotonic();
        let mut state = self.slot(slot);
        if state.yielding || state.until.is_none_or(|until| until <= now) {
            return None;
        }
        state.permits += 1;
        Some(Permit {
            leadership: self.clone(),
            slot,
        })
    }

    /// The slot that an object belongs to: the same in every process, whatever its version.
    pub(crate) fn slot_of<K: Lookup>(&self, object: &ObjectRef<K>) -> usize {
        if self.slots.len() == 1 {
            return 0;
        }
        let hash = FixedState.hash_one((object.namespace.as_deref().unwrap_or(""), object.name.as_str()));
        // The remainder is below the number of slots, which is a `usize`.
        usize::try_from(hash % self.slots.len() as u64).unwrap_or(0)
    }

    fn held_until(&self, slot: usize, now: Duration) -> Option<Duration> {
        self.slot(slot).until.filter(|until| now < *until)
    }

    /// The term in which a slot is held, if it is.
    fn term_at(&self, slot: usize, now: Duration) -> Option<u64> {
        let state = self.slot(slot);
        state.until.filter(|until| now < *until).map(|_| state.term)
    }

    // --- for whoever elects ---

    /// Says until when a slot is held, if it is.
    pub(super) fn set(&self, slot: usize, until: Option<Duration>, holder: Option<&str>) {
        let mut state = self.slot(slot);
        if state.holder.as_deref() != holder {
            state.holder = holder.map(str::to_owned);
        }
        if state.until == until {
            return;
        }
        match (state.until, until) {
            (None, Some(_)) => state.term += 1,
            (_, None) => state.yielding = false,
            (Some(_), Some(_)) => {}
        }
        state.until = until;
        state.wake();
    }

    /// Begins to give a slot up, or takes that back.
    pub(super) fn set_yielding(&self, slot: usize, yielding: bool) {
        let mut state = self.slot(slot);
        if state.yielding != yielding {
            state.yielding = yielding;
            state.wake();
        }
    }

    /// Whether nobody works by a slot; wakes when that changes.
    pub(super) fn is_drained(&self, slot: usize) -> bool {
        self.slot(slot).permits == 0
    }

    /// Wakes whenever anything about a slot changes.
    pub(super) fn register(&self, slot: usize, cx: &Context<'_>) {
        self.slot(slot).register(cx);
    }

    fn poll_until(&self, cx: &Context<'_>, leads: bool) -> Poll<()> {
        for slot in self.slots.iter() {
            lock(slot).register(cx);
        }
        if self.is_leader() == leads {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn slot(&self, slot: usize) -> MutexGuard<'_, Slot> {
        lock(&self.slots[slot])
    }
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    // Nothing that could panic runs under this lock.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Leadership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leadership")
            .field("held", &self.held())
            .field("of", &self.slots.len())
            .finish_non_exhaustive()
    }
}

// === impl Slot ===

impl Slot {
    fn register(&mut self, cx: &Context<'_>) {
        if !self.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.waiting.push(cx.waker().clone());
        }
    }

    fn wake(&mut self) {
        for waker in self.waiting.drain(..) {
            waker.wake();
        }
    }
}

// === impl Permit ===

impl Permit {
    pub(crate) fn slot(&self) -> usize {
        self.slot
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.leadership.slot(self.slot);
        state.permits -= 1;
        if state.permits == 0 {
            state.wake();
        }
    }
}

#[cfg(test)]
mod tests;
