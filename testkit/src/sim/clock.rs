//! The time of a world, as its server sees it.

use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use seatrial_fake_apiserver as fake;

/// A clock that moves when it is told to, and the timers that wait for it.
#[derive(Clone)]
pub(crate) struct WorldClock {
    state: Arc<Mutex<State>>,
    epoch: Timestamp,
}

#[derive(Default)]
struct State {
    now: Duration,
    next: u64,
    timers: BTreeMap<(Duration, u64), Option<Waker>>,
}

/// The instant at which every world begins, so that times in reports do not depend on the day.
const EPOCH: &str = "2026-01-01T00:00:00Z";

// === impl WorldClock ===

impl WorldClock {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::default(),
            epoch: EPOCH.parse().expect("a constant that a test parses"),
        }
    }

    /// What the clock of day reads at the start.
    pub(crate) fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().now
    }

    /// When the next timer is due.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.lock().timers.first_key_value().map(|((due, _), _)| *due)
    }

    /// When the last one is.
    pub(crate) fn last_due(&self) -> Option<Duration> {
        self.lock().timers.last_key_value().map(|((due, _), _)| *due)
    }

    /// Moves to an instant, unless that lies behind, and wakes whose timers are due.
    pub(crate) fn move_to(&self, instant: Duration) {
        let mut state = self.lock();
        state.now = state.now.max(instant);
        let now = state.now;
        let mut woken = Vec::new();
        while let Some(mut timer) = state.timers.first_entry()
            && timer.key().0 <= now
        {
            woken.extend(timer.get_mut().take());
            timer.remove();
        }
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fake::Clock for WorldClock {
    fn now(&self) -> Timestamp {
        wall(self.epoch, self.elapsed())
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut state = self.lock();
        let key = (state.now.saturating_add(duration), state.next);
        state.next += 1;
        state.timers.insert(key, None);
        drop(state);
        Box::pin(Timer {
            clock: self.clone(),
            key,
        })
    }
}

impl fmt::Debug for WorldClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorldClock").field(&self.elapsed()).finish()
    }
}

/// A wall clock that shows `epoch` at zero; past year 9999 it stands still.
pub(super) fn wall(epoch: Timestamp, elapsed: Duration) -> Timestamp {
    let elapsed = SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX);
    epoch.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
}

struct Timer {
    clock: WorldClock,
    key: (Duration, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.now >= self.key.0 {
            return Poll::Ready(());
        }
        state.timers.insert(self.key, Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.lock().timers.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use seatrial_fake_apiserver::Clock as _;

    use super::*;

    #[test]
    fn timers_are_due_when_the_clock_says_so() {
        let clock = WorldClock::new();
        let mut timer = clock.sleep(Duration::from_secs(2));
        assert_eq!(clock.next_due(), Some(Duration::from_secs(2)));
        clock.move_to(Duration::from_secs(1));
        assert!((&mut timer).now_or_never().is_none());
        clock.move_to(Duration::from_secs(2));
        assert!(timer.now_or_never().is_some());
        assert_eq!(clock.next_due(), None);
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:02Z");
    }

    #[test]
    fn a_dropped_timer_is_forgotten() {
        let clock = WorldClock::new();
        drop(clock.sleep(Duration::from_secs(2)));
        assert_eq!(clock.next_due(), None);
    }
}
