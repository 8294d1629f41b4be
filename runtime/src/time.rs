//! Arithmetic on the monotonic clock.

use std::time::Duration;

/// The longest that anything here sleeps at a time.
///
/// Everybody who sleeps looks at the clock again on waking, so a timer that fires early costs nothing, and no timer has to cope with
/// durations that do not fit its clock.
const NAP_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to sleep now for something that is due at `due`.
pub(crate) fn time_until(now: Duration, due: Duration) -> Duration {
    due.saturating_sub(now).min(NAP_MAX)
}
