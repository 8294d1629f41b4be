//! Clock, timers and randomness of one process.

use std::{
    collections::BTreeMap,
    future::pending,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use jiff::Timestamp;
use seatrial_client::env::Ambient;
use tokio::time::Instant;

use super::clock::wall;

/// The life of one process, from its start to its crash: what its environment, its connections and the world share.
pub(super) struct Life {
    seed: u64,
    epoch: Timestamp,
    /// The world's time at the start.
    started: Duration,
    /// The same instant on the clock of the process's runtime.
    base: OnceLock<Instant>,
    dead: AtomicBool,
    /// Whether the program waits by timers of tokio's own as well.
    has_hidden_timers: AtomicBool,
    timers: Mutex<Timers>,
}

#[derive(Default)]
struct Timers {
    /// The time as last seen from within.
    now: Duration,
    next: u64,
    /// When each is due, and how long it was set for.
    pending: BTreeMap<(Duration, u64), Duration>,
}

/// Nobody waits for so long to go on afterwards: such a timer never fires, and clocks cannot tell times that are much farther.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The environment that a process has.
pub(super) struct ProcessAmbient(pub(super) Arc<Life>);

// === impl Life ===

impl Life {
    pub(super) fn new(seed: u64, epoch: Timestamp, started: Duration) -> Self {
        Self {
            seed,
            epoch,
            started,
            base: OnceLock::new(),
            dead: AtomicBool::new(false),
            has_hidden_timers: AtomicBool::new(false),
            timers: Mutex::new(Timers {
                now: started,
                ..Timers::default()
            }),
        }
    }

    /// Ties the clock of the runtime, in whose context this is called, to the world's.
    pub(super) fn begin(&self) {
        // Called once, before anything of the process runs.
        let _ = self.base.set(Instant::now());
    }

    /// The time since the world's start; outside of the runtime, where no clock is paused, the last one that was seen.
    pub(super) fn now(&self) -> Duration {
        let Some(base) = self.base.get() else {
            return self.started;
        };
        if self.is_dead() || tokio::runtime::Handle::try_current().is_err() {
            return self.lock().now;
        }
        let now = self.started + Instant::now().saturating_duration_since(*base);
        self.lock().now = now;
        now
    }

    /// The time as last seen from within.
    pub(super) fn now_known(&self) -> Duration {
        self.lock().now
    }

    /// An instant of the world on the runtime's clock.
    pub(super) fn instant(&self, at: Duration) -> Instant {
        let base = self.base.get().copied().unwrap_or_else(Instant::now);
        let ahead = at.saturating_sub(self.started).min(NEVER);
        base + ahead
    }

    /// From here on no request leaves, and no timer fires: a destructor can do no more than a killed process could.
    pub(super) fn kill(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.lock().pending.clear();
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Notes that the program waits by timers of tokio's own, which nobody here sees.
    #[cfg(feature = "kube")]
    pub(super) fn hide_timers(&self) {
        self.has_hidden_timers.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_hidden_timers(&self) -> bool {
        self.has_hidden_timers.load(Ordering::SeqCst)
    }

    /// When the next timer is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.lock().pending.first_key_value().map(|((due, _), _)| *due)
    }

    /// When the last of those is due that were set for less than `bound`.
    pub(super) fn last_due(&self, bound: Duration) -> Option<Duration> {
        let timers = self.lock();
        let mut short = timers.pending.iter().rev().filter(|(_, length)| **length < bound);
        short.next().map(|((due, _), _)| *due)
    }

    fn lock(&self) -> MutexGuard<'_, Timers> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ambient for ProcessAmbient {
    fn now(&self) -> Timestamp {
        wall(self.0.epoch, self.0.now())
    }

    fn monotonic(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let life = self.0.clone();
        if life.is_dead() || tokio::runtime::Handle::try_current().is_err() {
            return Box::pin(pending());
        }
        if duration >= NEVER {
            return Box::pin(pending());
        }
        let due = life.now().saturating_add(duration);
        let mut timers = life.lock();
        let key = (due, timers.next);
        timers.next += 1;
        timers.pending.insert(key, duration);
        drop(timers);
        Box::pin(Timer {
            sleep: Box::pin(tokio::time::sleep_until(life.instant(due))),
            life,
            key,
        })
    }

    fn seed(&self) -> u64 {
        self.0.seed
    }

    fn has_signals(&self) -> bool {
        false
    }
}

struct Timer {
    sleep: Pin<Box<tokio::time::Sleep>>,
    life: Arc<Life>,
    key: (Duration, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(cx)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.life.lock().pending.remove(&self.key);
    }
}
