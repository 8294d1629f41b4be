//! What is held back: streams that lag, a process that stands still, a replica that is behind.

use std::time::Duration;

use seatrial_fake_apiserver::FakeApiServer;

use super::ChangeRef;
use crate::request::param;

/// A resource of which a process hears nothing.
pub(super) struct Hold {
    /// Absent where it is held from everybody.
    pub(super) process: Option<usize>,
    /// Without its subresource.
    pub(super) resource: String,
    pub(super) until: Until,
}

/// When it hears of it again.
pub(super) enum Until {
    Time(Duration),
    /// The next change of the object after this one; the watches end then with 410.
    NextOf(ChangeRef),
}

/// A replica that has stopped at a state.
#[derive(Default)]
pub(super) enum Replica {
    /// There is none.
    #[default]
    Absent,
    /// It stops once this change is made.
    Stopping(ChangeRef),
    /// It has stopped; whoever is told to uses it.
    Stopped(FakeApiServer),
    /// All processes use it.
    Serving(FakeApiServer),
}

/// Whether a read may be answered by a replica that is behind: it names a version, or says that any will do.
pub(super) fn may_be_stale(uri: &http::Uri, is_watch: bool) -> bool {
    match param(uri, "resourceVersion") {
        None | Some("") => false,
        Some("0") => true,
        // A list at a version waits for it; a watch goes on from it.
        Some(_) => is_watch,
    }
}
