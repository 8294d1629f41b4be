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
    let second = at.as_second().rem_euclid(86_400);
    // The calendar is jiff's; the rest is put together here, since every write does it.
    let date = jiff::tz::Offset::UTC.to_datetime(at).date();
    let (year, month, day) = (
        i32::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    if !(0..=9999).contains(&year) {
        return at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    let mut out = String::with_capacity(20);
    let mut two = |number: i64, after: &str| {
        for digit in [number / 10, number % 10] {
            out.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
        }
        out.push_str(after);
    };
    two(i64::from(year / 100), "");
    two(i64::from(year % 100), "-");
    two(month, "-");
    two(day, "T");
    two(second / 3600, ":");
    two(second / 60 % 60, ":");
    two(second % 60, "Z");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for text in [
            "2026-01-02T03:04:05Z",
            "1969-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T22:00:00Z",
        ] {
            assert_eq!(rfc3339(text.parse().unwrap()), text);
        }
        for second in [
            -62_135_596_800,
            -1,
            0,
            951_782_399,
            1_709_210_096,
            253_402_207_200,
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(rfc3339(at), at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        assert_eq!(
            rfc3339("2026-01-02T03:04:05.9Z".parse().unwrap()),
            "2026-01-02T03:04:05Z"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_virtual_clock_moves_with_timers() {
        let epoch: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = VirtualClock::starting_at(epoch);
        clock.sleep(Duration::from_secs(90)).await;
        assert_eq!(rfc3339(clock.now()), "2030-01-01T00:01:30Z");
    }
}
