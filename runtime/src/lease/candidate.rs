//! What every process that fights for leases brings along.

use k8s_openapi::api::coordination::v1::Lease;
use seatrial_client::{Api, Client};

use super::{driver::Driver, leadership::Leadership, times::Times};

/// A process that fights for one lease or several.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) api: Api<Lease>,
    /// The lease, or the beginning of the names of all of them.
    pub(super) name: String,
    /// This process's alone.
    pub(super) identity: String,
    pub(super) times: Times,
    pub(super) leadership: Leadership,
}

// === impl Candidate ===

impl Candidate {
    /// A candidate for so many leases in `namespace`.
    pub(super) fn new(client: Client, namespace: &str, name: &str, identity: &str, leases: usize) -> Self {
        let leadership = Leadership::new(client.env().clone(), leases);
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            times: Times::default(),
            leadership,
        }
    }

    /// What fights for this lease, the one of that number.
    pub(super) fn fight(&self, lease: &str, number: usize) -> Driver {
        Driver::new(
            self.api.clone(),
            lease,
            self.times.plan(&self.identity),
            self.leadership.clone(),
            number,
        )
    }
}
