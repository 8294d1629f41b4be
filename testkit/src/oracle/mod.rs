//! What a run is judged by, with nothing said by the user.
//!
//! Runs without faults say what the end looks like ([`reference`]); a run with faults must end the same, and must not have made or deleted
//! more than they did. Reading order: `normal` (what of an object can be compared), `turnover` (what was made and deleted), `difference`, `reference`, `lints`,
//! `posthumous` and `leases` (two kinds of them), `verdict`.

mod astray;
mod difference;
mod leases;
mod lints;
mod normal;
mod posthumous;
mod reference;
mod turnover;
mod verdict;

use seatrial_fake_apiserver::FakeApiServer;

pub use self::verdict::FailureKind;
pub(crate) use self::{
    reference::Reference,
    verdict::{Verdict, history_dependent, judge, order_dependent, panic_told},
};

/// How the state of a server differs from that of another, one line each; what says nothing about what an object is does not count.
pub(crate) fn differences(expected: &FakeApiServer, found: &FakeApiServer) -> Vec<String> {
    let (expected, found) = (
        normal::state(&expected.held(), 0),
        normal::state(&found.held(), 0),
    );
    let told = difference::differences(&expected, &found);
    told.into_iter().map(|(_, line)| line).collect()
}
