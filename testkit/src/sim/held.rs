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
    /// How many changes there had been when it began.
    pub(super) since: usize,
}

/// A hold is over after so many changes, whatever it waits for, and a replica that is behind has caught up: a program may work against somebody
/// for as long as it does not hear of him, and works so fast here that it would do so thousands of times.
pub(super) const HELD_CHANGES: usize = 30;

/// When it hears of it again.
pub(super) enum Until {
    Time(Duration),
    /// The next change of the object after this one, or until everything is at rest without it.
    NextOf(ChangeRef, Miss),
}

/// How a change is missed that another has followed.
#[derive(Clone, Copy)]
pub(super) enum Miss {
    /// The watches end with 410.
    Relisted,
    /// The watches tell both at once.
    Coalesced,
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
    Serving {
        server: FakeApiServer,
        /// How many changes there had been when they began to.
        since: usize,
    },
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
