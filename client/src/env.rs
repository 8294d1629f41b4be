//! The one ambient capability: clock, timers and randomness.
//!
//! Everything in this crate, and everything built on a [`Client`](crate::Client), asks its [`Env`] what time it is,
//! sleeps through it and draws random numbers from it. A test that supplies the `Env` therefore owns time and chance,
//! and a run can be repeated.
//!
//! **Invariant:** no other file of this crate touches a clock or a source of randomness; `clippy.toml` beside the
//! manifest says so to the compiler. Spawning tasks and blocking calls are not here, because the library does neither.
//!
//! Reading order: [`Env`] and [`Ambient`], then the two clocks, then `rng.rs`.

mod rng;

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    hash::{BuildHasher, Hasher},
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use pin_project_lite::pin_project;

pub use self::rng::Rng;

/// What an [`Env`] is made of: a wall clock, a monotonic clock, timers and a seed.
///
/// Implement it to hand the library a clock of your own, for example a simulated one. Most callers take
/// [`Env::system`] or [`Env::seeded`].
pub trait Ambient: Send + Sync + 'static {
    /// The wall clock, used for timestamps that are written to or compared with objects. It may jump.
    fn now(&self) -> Timestamp;

    /// The time since a fixed origin of this clock's choosing. It never goes backwards.
    fn monotonic(&self) -> Duration;

    /// A future that is ready once `duration` has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// The number that all randomness of this environment grows from. It must not change.
    fn seed(&self) -> u64;

    /// Whether the process is asked to end by signals of the system. One that is simulated has none, and a test is not to take them from its own process.
    fn has_signals(&self) -> bool {
        true
    }
}

/// A cheap handle on the ambient capabilities.
///
/// Clones share one clock and one seed.
///
/// ```
/// use seatrial_client::Env;
///
/// let env = Env::seeded(7, "2026-01-01T00:00:00Z".parse().unwrap());
/// assert_eq!(env.rng("jitter").next_u64(), env.clone().rng("jitter").next_u64());
/// assert_ne!(env.rng("jitter").next_u64(), env.rng("names").next_u64());
/// ```
#[derive(Clone)]
pub struct Env {
    ambient: Arc<dyn Ambient>,
}

impl Env {
    /// The system's clock and timers, and a seed that differs from process to process.
    pub fn system() -> Self {
        Self::new(System {
            origin: tokio_now(),
            seed: system_seed(),
        })
    }

    /// A repeatable environment for tests: `epoch` plus tokio's clock, and randomness grown from `seed`.
    ///
    /// On a runtime whose clock is paused, time then moves only when every task waits, and two runs see the same
    /// timestamps. The clock reads `epoch` where the environment is made, or, if that is outside of a tokio runtime,
    /// where it is first read.
    pub fn seeded(seed: u64, epoch: Timestamp) -> Self {
        let origin = OnceLock::new();
        if tokio::runtime::Handle::try_current().is_ok() {
            // A fresh cell: there is no earlier value that this could fail to replace.
            let _ = origin.set(tokio_now());
        }
        Self::new(Seeded { epoch, origin, seed })
    }

    /// Makes this the environment that [`Env::default`] gives on this thread, until what is returned is dropped.
    ///
    /// A simulation does so around everything that a process under test runs, so that whatever is made without naming an environment is in its
    /// hands, too.
    ///
    /// ```
    /// use seatrial_client::Env;
    ///
    /// let simulated = Env::seeded(7, "2026-01-01T00:00:00Z".parse().unwrap());
    /// let entered = simulated.enter();
    /// assert_eq!(Env::default().rng("jitter"), simulated.rng("jitter"));
    /// drop(entered);
    /// assert_ne!(Env::default().rng("jitter"), simulated.rng("jitter"));
    /// ```
    pub fn enter(&self) -> Entered {
        Entered {
            before: ENTERED.replace(Some(self.clone())),
            is_of_this_thread: PhantomData,
        }
    }

    /// An environment over a clock of your own.
    pub fn new(ambient: impl Ambient) -> Self {
        Self {
            ambient: Arc::new(ambient),
        }
    }

    /// The wall clock: for timestamps, not for measuring durations.
    pub fn now(&self) -> Timestamp {
        self.ambient.now()
    }

    /// The time since a fixed origin: for measuring durations and for deadlines.
    pub fn monotonic(&self) -> Duration {
        self.ambient.monotonic()
    }

    /// Waits until `duration` has passed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future forgets the timer.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep {
            inner: self.ambient.sleep(duration),
        }
    }

    /// Gives `future` until `duration` has passed.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the time passed first. The future is polled before the timer, so a future that is ready at the
    /// deadline wins.
    ///
    /// # Cancel safety
    ///
    /// As safe to drop as `future` is. On `Elapsed` the future is dropped together with the [`Timeout`].
    pub fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<F> {
        Timeout {
            future,
            timer: Timer::Unset {
                env: self.clone(),
                at: self.monotonic().saturating_add(duration),
            },
        }
    }

    /// The random numbers that belong to `id`.
    ///
    /// The stream is a function of the seed and of `id` alone: it depends neither on who else draws numbers nor on the
    /// order in which generators are made, and two calls with one `id` return the same stream. So `id` names the user
    /// of the numbers, such as `"watcher/pods"`, and the user keeps the generator.
    pub fn rng(&self, id: &str) -> Rng {
        Rng::forked(self.ambient.seed(), id)
    }

    /// Whether the process is asked to end by signals of the system.
    pub fn has_signals(&self) -> bool {
        self.ambient.has_signals()
    }
}

impl Default for Env {
    /// The environment that was [entered](Env::enter) on this thread, and [`Env::system`] where none was.
    fn default() -> Self {
        ENTERED.with_borrow(Clone::clone).unwrap_or_else(Self::system)
    }
}

thread_local! {
    static ENTERED: RefCell<Option<Env>> = const { RefCell::new(None) };
}

/// While it lives, an environment is the default of its thread; made by [`Env::enter`].
#[derive(Debug)]
#[must_use = "the environment is left as soon as this is dropped"]
pub struct Entered {
    before: Option<Env>,
    is_of_this_thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(self.before.take());
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

/// The future of [`Env::sleep`].
#[must_use = "futures do nothing unless polled"]
pub struct Sleep {
    inner: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.inner.as_mut().poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Env::timeout`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        timer: Timer,
    }
}

/// A timer that is set once somebody has to wait: most futures that are given a limit end without.
#[derive(Debug)]
enum Timer {
    Unset { env: Env, at: Duration },
    Set(Sleep),
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if let Timer::Unset { env, at } = this.timer {
            let sleep = env.sleep(at.saturating_sub(env.monotonic()));
            *this.timer = Timer::Set(sleep);
        }
        if let Timer::Set(sleep) = this.timer {
            ready!(Pin::new(sleep).poll(cx));
        }
        Poll::Ready(Err(Elapsed(())))
    }
}

/// The time given to [`Env::timeout`] passed before the future was ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time allowed has passed")]
pub struct Elapsed(());

impl Elapsed {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

// === The system ===

struct System {
    /// Where the monotonic clock reads zero.
    origin: tokio::time::Instant,
    seed: u64,
}

impl Ambient for System {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's wall clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        tokio_now().saturating_duration_since(self.origin)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        tokio_sleep(duration)
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}

// === Seeded ===

struct Seeded {
    /// What the wall clock reads at `origin`.
    epoch: Timestamp,
    /// Set at construction or, outside of a runtime, by the first reading: the instant of a paused clock is only known
    /// inside its runtime.
    origin: OnceLock<tokio::time::Instant>,
    seed: u64,
}

impl Ambient for Seeded {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.monotonic()).unwrap_or(SignedDuration::MAX);
        // Past year 9999 the clock stands still; no test has anything to say there.
        self.epoch.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        let now = tokio_now();
        now.saturating_duration_since(*self.origin.get_or_init(|| now))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // A timer is a reading of the clock: time slept before the first `now` counts.
        self.monotonic();
        tokio_sleep(duration)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn has_signals(&self) -> bool {
        false
    }
}

// === The ambient itself ===

/// Tokio's instant, not std's: under a paused clock only tokio's agrees with tokio's timers.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the monotonic clock"
)]
fn tokio_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the one place that starts a timer")]
fn tokio_sleep(duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(tokio::time::sleep(duration))
}

/// A number no other process is likely to have drawn, from the keys that std takes from the system for its hash maps.
#[expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the one place that asks the system for randomness"
)]
fn system_seed() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests;
