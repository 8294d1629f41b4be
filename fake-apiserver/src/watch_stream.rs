//! A watch as the client reads it: the frames of its plan, bookmarks, and the end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Sleep;
use crate::registry::WatchPlan;
use crate::service::{Shared, too_large_version};
use crate::webhook::Calls;

/// How long before the end the last bookmark comes.
const BOOKMARK_BEFORE_END: Duration = Duration::from_secs(2);
/// The time between bookmarks.
const BOOKMARK_EVERY: Duration = Duration::from_secs(60);
/// How long initial events wait for the revision they are to be as new as.
const PATIENCE: Duration = Duration::from_secs(3);

/// An open watch.
pub(crate) struct WatchStream {
    shared: Arc<Shared>,
    plan: WatchPlan,
    /// Tells it from others that wait for the same table.
    id: u64,
    /// When the stream ends.
    deadline: Sleep,
    /// What is left of the watch's time after the next bookmark; `None` where none is to come.
    bookmark: Option<(Sleep, Duration)>,
    /// When waiting for a revision ends.
    patience: Option<Sleep>,
    /// Calls to webhooks that the next event depends on, while they are being made.
    calling: Option<Calling>,
    /// What webhooks have answered for the event at hand.
    answers: Option<Calls>,
}

type Calling = Pin<Box<dyn Future<Output = Calls> + Send>>;

// === impl WatchStream ===

impl WatchStream {
    pub(crate) fn new(shared: Arc<Shared>, plan: WatchPlan) -> Self {
        let clock = &shared.clock;
        let id = shared.lock().notifier.id();
        let bookmark = next_bookmark(plan.timeout)
            .filter(|_| plan.bookmarks)
            .map(|(after, left)| (clock.sleep(after), left));
        Self {
            deadline: clock.sleep(plan.timeout),
            patience: plan.wait_for.map(|_| clock.sleep(PATIENCE)),
            bookmark,
            id,
            calling: None,
            answers: None,
            plan,
            shared,
        }
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(frame) = self.plan.first.pop_front() {
                return Poll::Ready(Some(frame));
            }
            if self.plan.ended {
                return Poll::Ready(None);
            }
            if let Some(calling) = &mut self.calling {
                self.answers = Some(ready!(calling.as_mut().poll(cx)));
                self.calling = None;
            }
            let mut core = self.shared.lock();
            if let Some(answers) = self.answers.take() {
                core.calls = answers;
            }
            if let Some(revision) = self.plan.wait_for {
                if core.store.revision() >= revision {
                    let started = self.plan.start_with_present(&core, true, self.shared.clock.now());
                    let calls = std::mem::take(&mut core.calls);
                    drop(core);
                    match started {
                        Err(_) if calls.are_waiting() => self.calling = Some(self.make(calls)),
                        Err(error) => self.plan.give_up(&error),
                        Ok(()) => {}
                    }
                    continue;
                }
                core.notifier.wait_any(self.id, cx.waker());
                let now = core.store.revision();
                drop(core);
                if let Some(patience) = &mut self.patience
                    && patience.as_mut().poll(cx).is_ready()
                {
                    self.plan.give_up(&too_large_version(revision, now));
                    continue;
                }
                return Poll::Pending;
            }
            let step = self.plan.step(&core, self.shared.clock.now());
            let calls = std::mem::take(&mut core.calls);
            match step {
                crate::registry::Step::Frame(frame) => return Poll::Ready(Some(frame)),
                crate::registry::Step::Calls => {
                    drop(core);
                    self.calling = Some(self.make(calls));
                    continue;
                }
                crate::registry::Step::End => {
                    self.plan.ended = true;
                    return Poll::Ready(None);
                }
                crate::registry::Step::Nothing => {}
            }
            core.notifier.wait(self.plan.table(), self.id, cx.waker());
            drop(core);
            if let Some((sleep, left)) = &mut self.bookmark
                && sleep.as_mut().poll(cx).is_ready()
            {
                let left = *left;
                self.bookmark =
                    next_bookmark(left).map(|(after, left)| (self.shared.clock.sleep(after), left));
                let core = self.shared.lock();
                let frame = self.plan.bookmark(&core, self.shared.clock.now());
                drop(core);
                match frame {
                    Some(frame) => return Poll::Ready(Some(frame)),
                    None => continue,
                }
            }
            if self.deadline.as_mut().poll(cx).is_ready() {
                self.plan.ended = true;
                return Poll::Ready(None);
            }
            return Poll::Pending;
        }
    }
}

impl WatchStream {
    /// Makes the calls that wait, and gives them back answered.
    fn make(&self, calls: Calls) -> Calling {
        let shared = self.shared.clone();
        Box::pin(async move {
            shared.make(calls.take_waiting(), &calls).await;
            calls
        })
    }
}

impl Drop for WatchStream {
    fn drop(&mut self) {
        let table = self.plan.table().clone();
        let mut core = self.shared.lock();
        core.notifier.leave(Some(&table), self.id);
        core.notifier.leave(None, self.id);
    }
}

/// How long until the next bookmark, and what is left then; `None` where the end comes first.
fn next_bookmark(left: Duration) -> Option<(Duration, Duration)> {
    let before_end = left.checked_sub(BOOKMARK_BEFORE_END).filter(|d| !d.is_zero())?;
    let after = before_end.min(BOOKMARK_EVERY);
    Some((after, left - after))
}
