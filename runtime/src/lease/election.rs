//! One leader among several processes.

use std::{fmt, pin::pin, task::Context};

use futures::FutureExt;
use seatrial_client::Client;

use super::{candidate::Candidate, driver::Wish, leadership::Leadership, times::Times};

/// Takes part in the election of a leader.
///
/// It needs the verbs `get`, `create` and `update` on `leases` of `coordination.k8s.io`.
///
/// # Limits
///
/// A fail-over takes at most the lease duration and the retry period after a leader crashed, and about one retry period after one that ended in good order. Deleting the lease, or emptying it by hand,
/// hurries nobody: its leader takes it back, and if nobody does, it stays vacant for the lease duration from then on. Whoever begins at that very moment and never saw the lease leads at once, as the first of all does.
///
/// # Source
///
/// client-go's leader election; <https://kubernetes.io/docs/concepts/architecture/leases/>
#[must_use = "an election does nothing until it is run"]
pub struct Election {
    candidate: Candidate,
}

// === impl Election ===

impl Election {
    /// Fights for the lease `name` in `namespace` as `identity`, which must be this process's alone: as a rule the name of its pod.
    pub fn new(client: Client, namespace: &str, name: &str, identity: &str) -> Self {
        Self {
            candidate: Candidate::new(client, namespace, name, identity, 1),
        }
    }

    /// Other times than client-go's. All processes of an election should have the same.
    pub fn with_times(mut self, times: Times) -> Self {
        self.candidate.times = times;
        self
    }

    /// What this election decides.
    pub fn leadership(&self) -> Leadership {
        self.candidate.leadership.clone()
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
        let driver = self.candidate.fight(&self.candidate.name, 0);
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
        f.debug_tuple("Election").field(&self.candidate).finish()
    }
}
