//! How long a lease holds.

use std::time::Duration;

use super::machine::Plan;

/// How long a lease holds and how often it is renewed; by default client-go's 15, 10 and 2 seconds.
///
/// ```
/// use std::time::Duration;
///
/// use seatrial_runtime::lease::Times;
///
/// let secs = Duration::from_secs;
/// assert!(Times::new(secs(30), secs(20), secs(5)).is_ok());
/// assert!(Times::new(secs(10), secs(20), secs(5)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    lease_duration: Duration,
    renew_deadline: Duration,
    retry_period: Duration,
}

/// Times with which two processes could lead at once, or none for long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a lease needs whole seconds of duration, a shorter deadline for renewing it, and retries that fit in there"
)]
pub struct InvalidTimes(());

// === impl Times ===

impl Default for Times {
    fn default() -> Self {
        Self {
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
        }
    }
}

impl Times {
    /// Others take over `lease_duration` after they saw the last renewal; the leader stops `renew_deadline` after it sent its last one, and tries every `retry_period`.
    ///
    /// The difference between the first two is how far the clocks of two processes may drift apart during a lease.
    ///
    /// # Errors
    ///
    /// [`InvalidTimes`] unless `lease_duration` is whole seconds and longer than `renew_deadline`, and that is longer than `retry_period`, which is not zero.
    pub fn new(
        lease_duration: Duration,
        renew_deadline: Duration,
        retry_period: Duration,
    ) -> Result<Self, InvalidTimes> {
        let fits = lease_duration.subsec_nanos() == 0
            && i32::try_from(lease_duration.as_secs()).is_ok()
            && lease_duration > renew_deadline
            && renew_deadline > retry_period
            && !retry_period.is_zero();
        fits.then_some(Self {
            lease_duration,
            renew_deadline,
            retry_period,
        })
        .ok_or(InvalidTimes(()))
    }

    pub(super) fn plan(self, identity: &str) -> Plan {
        Plan {
            identity: identity.to_owned(),
            lease_duration: self.lease_duration,
            renew_deadline: self.renew_deadline,
            retry_period: self.retry_period,
        }
    }

    pub(super) fn lease_duration(self) -> Duration {
        self.lease_duration
    }

    pub(super) fn retry_period(self) -> Duration {
        self.retry_period
    }
}
