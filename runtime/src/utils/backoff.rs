//! How long to wait after a failure.

use std::time::Duration;

use seatrial_client::{Env, env::Rng};

/// A delay that grows by a factor from a least to a greatest value, with jitter: the pure half of every back-off in this crate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exponential {
    min: Duration,
    max: Duration,
    factor: f64,
    /// The share of the delay that may be added to it.
    jitter: f64,
}

// === impl Exponential ===

impl Exponential {
    /// The envelope that client-go uses against an apiserver that fails.
    pub(crate) const WATCH: Self = Self {
        min: Duration::from_millis(800),
        max: Duration::from_secs(30),
        factor: 2.0,
        jitter: 1.0,
    };

    /// A reconcile that fails: quick at first, since most failures are conflicts, then up to five minutes.
    pub(crate) const RECONCILE: Self = Self {
        min: Duration::from_millis(200),
        max: Duration::from_secs(300),
        factor: 2.0,
        jitter: 0.5,
    };

    /// From `min` by `factor` up to `max`, each with up to `jitter` of it added.
    pub(crate) const fn new(min: Duration, max: Duration, factor: f64, jitter: f64) -> Self {
        Self {
            min,
            max,
            factor,
            jitter,
        }
    }

    /// The delay after the failure number `attempt` in a row, counted from zero; `unit` in `0.0..1.0` places it within the jitter.
    pub(crate) fn delay(&self, attempt: u32, unit: f64) -> Duration {
        let max = self.max.as_secs_f64();
        // The exponent is bounded, so that the power cannot leave the range of a float.
        let exponent = i32::try_from(attempt.min(64)).unwrap_or(64);
        let grown = (self.min.as_secs_f64() * self.factor.max(1.0).powi(exponent)).min(max);
        let jittered = grown + grown * self.jitter * unit;
        Duration::try_from_secs_f64(jittered).unwrap_or(self.max)
    }
}

/// An endless sequence of delays that starts again on success.
///
/// An iterator that ends is taken as "as before": the last delay is kept, nothing stops retrying.
pub trait Backoff: Iterator<Item = Duration> + Send + Sync + Unpin {
    /// Starts again with the first delay, because something succeeded.
    fn reset(&mut self);
}

impl<B: Backoff + ?Sized> Backoff for Box<B> {
    fn reset(&mut self) {
        (**self).reset();
    }
}

/// Delays that double from 800 ms to 30 s, client-go's envelope against an apiserver that fails.
///
/// There is no jitter in it: [`watcher`](crate::watcher::watcher) waits by itself, with jitter from its client's
/// [`Env`], and a sequence without chance leaves a test repeatable. Use [`ExponentialBackoff::with_jitter`] for
/// streams that do not back off by themselves.
#[derive(Clone, Debug)]
pub struct DefaultBackoff(ExponentialBackoff);

impl Default for DefaultBackoff {
    fn default() -> Self {
        Self(ExponentialBackoff::from(Exponential {
            jitter: 0.0,
            ..Exponential::WATCH
        }))
    }
}

impl Iterator for DefaultBackoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next()
    }
}

impl Backoff for DefaultBackoff {
    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Delays that grow by a factor, without end.
#[derive(Clone, Debug)]
pub struct ExponentialBackoff {
    curve: Exponential,
    attempt: u32,
    rng: Option<Rng>,
}

// === impl ExponentialBackoff ===

impl ExponentialBackoff {
    /// Delays from `min` by `factor` up to `max`. A factor below one counts as one.
    pub fn new(min: Duration, max: Duration, factor: f64) -> Self {
        Self::from(Exponential::new(min, max, factor, 0.0))
    }

    /// Adds up to one whole delay to each, by chance that comes from `env` and belongs to `id`.
    #[must_use]
    pub fn with_jitter(mut self, env: &Env, id: &str) -> Self {
        self.curve.jitter = 1.0;
        self.rng = Some(env.rng(id));
        self
    }
}

impl From<Exponential> for ExponentialBackoff {
    fn from(curve: Exponential) -> Self {
        Self {
            curve,
            attempt: 0,
            rng: None,
        }
    }
}

impl Iterator for ExponentialBackoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let unit = self.rng.as_mut().map_or(0.0, Rng::f64);
        let delay = self.curve.delay(self.attempt, unit);
        self.attempt = self.attempt.saturating_add(1);
        Some(delay)
    }
}

impl Backoff for ExponentialBackoff {
    fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// Starts a [`Backoff`] again once no delay was asked for during a while.
///
/// Everything in this crate resets on success already. This is for loops that cannot tell when they succeeded.
#[derive(Debug)]
pub struct ResetTimerBackoff<B> {
    inner: B,
    env: Env,
    quiet: Duration,
    last: Option<Duration>,
}

// === impl ResetTimerBackoff ===

impl<B: Backoff> ResetTimerBackoff<B> {
    /// Starts `inner` again when its last delay was asked for longer than `quiet` ago.
    pub fn new(inner: B, quiet: Duration) -> Self {
        Self::with_env(inner, quiet, Env::default())
    }

    /// The same on the clock of `env`.
    pub fn with_env(inner: B, quiet: Duration, env: Env) -> Self {
        Self {
            inner,
            env,
            quiet,
            last: None,
        }
    }
}

impl<B: Backoff> Iterator for ResetTimerBackoff<B> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let now = self.env.monotonic();
        if self
            .last
            .is_some_and(|last| now.saturating_sub(last) > self.quiet)
        {
            self.inner.reset();
        }
        self.last = Some(now);
        self.inner.next()
    }
}

impl<B: Backoff> Backoff for ResetTimerBackoff<B> {
    fn reset(&mut self) {
        self.inner.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_client_gos() {
        let delays: Vec<_> = DefaultBackoff::default()
            .take(8)
            .map(|delay| delay.as_millis())
            .collect();
        assert_eq!(delays, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    }

    #[test]
    fn it_never_ends_and_resets() {
        let mut backoff = DefaultBackoff::default();
        assert_eq!(backoff.nth(100_000), Some(Duration::from_secs(30)));
        backoff.reset();
        assert_eq!(backoff.next(), Some(Duration::from_millis(800)));
    }

    #[test]
    fn jitter_is_at_most_one_delay_and_repeats_with_its_seed() {
        let env = Env::seeded(3, "2026-01-01T00:00:00Z".parse().unwrap());
        let make = || {
            ExponentialBackoff::new(Duration::from_secs(1), Duration::from_secs(8), 2.0)
                .with_jitter(&env, "test")
        };
        let delays: Vec<_> = make().take(20).collect();
        assert_eq!(delays, make().take(20).collect::<Vec<_>>());
        for (index, delay) in delays.iter().enumerate() {
            let base = Duration::from_secs(1 << index.min(3));
            assert!(*delay >= base && *delay < 2 * base, "{delay:?} after {index}");
        }
    }

    #[test]
    fn extreme_bounds_do_not_overflow() {
        let curve = Exponential::new(Duration::MAX, Duration::MAX, f64::MAX, 1.0);
        assert_eq!(curve.delay(u32::MAX, 0.99), Duration::MAX);
        assert_eq!(
            Exponential::new(Duration::ZERO, Duration::ZERO, 0.0, 0.0).delay(9, 0.0),
            Duration::ZERO
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_while_starts_again() {
        let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
        let mut backoff =
            ResetTimerBackoff::with_env(DefaultBackoff::default(), Duration::from_secs(120), env.clone());
        backoff.next();
        assert_eq!(backoff.next(), Some(Duration::from_millis(1600)));
        env.sleep(Duration::from_secs(121)).await;
        assert_eq!(backoff.next(), Some(Duration::from_millis(800)));
    }
}
