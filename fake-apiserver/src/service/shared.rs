//! What the handles on a server share, and how a request gets hold of it.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;

use crate::actors::{self, Actor};
use crate::clock::Clock;
use crate::ids::Ids;
use crate::registry::{Core, Reply, handle};
use crate::webhook::{Call, Calls, Webhooks};
use crate::wire;

/// How long a read waits for a revision that is yet to come.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the handles share.
pub(crate) struct Shared {
    pub(super) core: Mutex<Core>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The controllers that move after each write.
    pub(super) actors: Vec<Actor>,
    pub(super) webhooks: Webhooks,
    #[cfg(feature = "kubelet")]
    pub(super) kubelet: Option<crate::kubelet::FakeKubelet>,
}

// === impl Shared ===

impl Shared {
    /// The core, for as long as the guard lives; those whom the work woke are told when it goes.
    pub(crate) fn lock(&self) -> Guard<'_> {
        // A panic elsewhere leaves the core as the last complete write made it.
        Guard(Some(self.core.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Answers a request, and lets the controllers see what it changed.
    ///
    /// A request that depends on webhooks is run several times, each time as if it were the first: at the same time of
    /// day, drawing the same names.
    pub(super) fn handle(&self, request: &wire::Request, session: &mut Option<Session>) -> Reply {
        let mut core = self.lock();
        let before = core.store.revision();
        if session.is_none() && core.may_call() {
            *session = Some(Session {
                now: self.clock.now(),
                ids: core.ids.child(),
                calls: Calls::default(),
            });
        }
        let now = session.as_ref().map_or_else(|| self.clock.now(), |s| s.now);
        let reply = match session {
            Some(session) => session.run(&mut core, |core| handle(core, request, now)),
            None => handle(&mut core, request, now),
        };
        if core.store.revision() != before {
            actors::settle(&mut core, &self.actors, now);
        }
        reply
    }

    /// Makes calls to webhooks, one after the other, and notes the answers.
    pub(crate) async fn make(&self, calls: Vec<Call>, answers: &Calls) {
        for call in calls {
            let answer = self.webhooks.call(&call, &*self.clock).await;
            answers.answered(call, answer);
        }
    }

    /// Waits until the store has reached a revision, or long enough.
    pub(super) async fn wait_for(&self, revision: u64) {
        let mut patience = self.clock.sleep(PATIENCE);
        let id = self.lock().notifier.id();
        poll_fn(|cx| {
            let mut core = self.lock();
            if core.store.revision() >= revision {
                return Poll::Ready(());
            }
            core.notifier.wait_any(id, cx.waker());
            drop(core);
            patience.as_mut().poll(cx)
        })
        .await;
        self.lock().notifier.leave(None, id);
    }

    /// Waits until the store is past a revision.
    pub(super) async fn wait_past(&self, revision: u64) {
        let waiting = Waiting {
            id: self.lock().notifier.id(),
            shared: self,
        };
        poll_fn(|cx| {
            let mut core = self.lock();
            if core.store.revision() > revision {
                return Poll::Ready(());
            }
            core.notifier.wait_any(waiting.id, cx.waker());
            Poll::Pending
        })
        .await;
    }
}

/// Somebody who waits for a change, until he has it or is dropped.
struct Waiting<'a> {
    shared: &'a Shared,
    id: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.lock().notifier.leave(None, self.id);
    }
}

/// A request that depends on webhooks, as it is run again and again.
pub(super) struct Session {
    now: Timestamp,
    ids: Ids,
    pub(super) calls: Calls,
}

// === impl Session ===

impl Session {
    /// Runs the request with the answers so far.
    fn run(&mut self, core: &mut Core, work: impl FnOnce(&mut Core) -> Reply) -> Reply {
        let ids = std::mem::replace(&mut core.ids, self.ids.clone());
        std::mem::swap(&mut core.calls, &mut self.calls);
        let reply = work(core);
        std::mem::swap(&mut core.calls, &mut self.calls);
        core.ids = ids;
        reply
    }
}

/// The locked core.
pub(crate) struct Guard<'a>(Option<MutexGuard<'a, Core>>);

impl std::ops::Deref for Guard<'_> {
    type Target = Core;

    fn deref(&self) -> &Core {
        match &self.0 {
            Some(core) => core,
            // It is taken by `drop` alone.
            None => unreachable!("the guard is held until it is dropped"),
        }
    }
}

impl std::ops::DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut Core {
        match &mut self.0 {
            Some(core) => core,
            // It is taken by `drop` alone.
            None => unreachable!("the guard is held until it is dropped"),
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let Some(mut core) = self.0.take() else { return };
        let awake = std::mem::take(&mut core.awake);
        drop(core);
        for waker in awake {
            waker.wake();
        }
    }
}
