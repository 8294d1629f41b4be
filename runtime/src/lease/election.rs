//! One leader among several processes.

use std::{fmt, pin::pin, task::Context, time::Duration};

use futures::FutureExt;
use k8s_openapi::api::coordination::v1::Lease;
use seatrial_client::{Api, Client};

use super::{
    driver::{Driver, Wish},
    leadership::Leadership,
    machine::Plan,
};

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

/// Takes part in the election of a leader.
///
/// It needs the verbs `get`, `create` and `update` on `leases` of `coordination.k8s.io`.
///
/// # Limits
///
/// A fail-over takes at most the lease duration and the retry period after a leader crashed, and about one retry period after one that ended in good order.
///
/// # Source
///
/// client-go's leader election; <https://kubernetes.io/docs/concepts/architecture/leases/>
#[must_use = "an election does nothing until it is run"]
pub struct Election {
    api: Api<Lease>,
    name: String,
    identity: String,
    times: Times,
    leadership: Leadership,
}

// === impl Election ===

impl Election {
    /// Fights for the lease `name` in `namespace` as `identity`, which must be this process's alone: as a rule the name of its pod.
    pub fn new(client: Client, namespace: &str, name: &str, identity: &str) -> Self {
        let leadership = Leadership::new(client.env().clone(), 1);
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            times: Times::default(),
            leadership,
        }
    }

    /// Other times than client-go's. All processes of an election should have the same.
    pub fn with_times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    /// What this election decides.
    pub fn leadership(&self) -> Leadership {
        self.leadership.clone()
    }

    /// Takes part until `shutdown` is ready; then waits for the reconciles that still run, gives the lease up, and ends.
    ///
    /// A leader that loses the lease becomes a candidate again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is like a crash: the lease is not released and holds until it expires. Poll it at least as often as the retry period: a
    /// leader that is not polled cannot renew.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let driver = Driver::new(
            self.api,
            &self.name,
            self.times.plan(&self.identity),
            self.leadership,
            0,
        );
        let mut shutdown = pin!(shutdown.fuse());
        let mut ends = false;
        driver
            .run(|cx: &mut Context<'_>| {
                ends = ends || shutdown.poll_unpin(cx).is_ready();
                if ends { Wish::End } else { Wish::Lead }
            })
            .await;
    }
}

impl fmt::Debug for Election {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Election")
            .field("name", &self.name)
            .field("identity", &self.identity)
            .field("times", &self.times)
            .field("leadership", &self.leadership)
            .finish_non_exhaustive()
    }
}
