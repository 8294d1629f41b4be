//! Where the server takes the time from.
//!
//! **Invariant:** no other module of this crate reads a clock or starts a timer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// A timer that a [`Clock`] started.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time of day and timers, as the server sees them.
///
/// Timestamps of objects and the expiry of watches come from here alone, so that a test decides how time passes.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// A future that is ready once `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The computer's clock and tokio's timers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that starts at a given time of day and moves with tokio's timers.
///
/// In a runtime started with `start_paused` it stands still until every task waits, and then jumps to the next timer.
#[derive(Debug, Clone, Copy)]
pub struct VirtualClock {
    epoch: Timestamp,
    start: tokio::time::Instant,
}

// === impl SystemClock ===

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that starts timers")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

// === impl VirtualClock ===

impl VirtualClock {
    /// A clock that shows `epoch` now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    pub fn starting_at(epoch: Timestamp) -> Self {
        Self {
            epoch,
            start: tokio::time::Instant::now(),
        }
    }
}

impl Clock for VirtualClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    fn now(&self) -> Timestamp {
        let passed = tokio::time::Instant::now().saturating_duration_since(self.start);
        let passed = jiff::SignedDuration::try_from(passed).unwrap_or(jiff::SignedDuration::MAX);
        self.epoch.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that starts timers")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The time as the API prints it: RFC 3339, whole seconds.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_virtual_clock_moves_with_timers() {
        let epoch: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = VirtualClock::starting_at(epoch);
        clock.sleep(Duration::from_secs(90)).await;
        assert_eq!(rfc3339(clock.now()), "2030-01-01T00:01:30Z");
    }
}
