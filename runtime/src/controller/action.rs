//! What a reconciler answers.

use std::time::Duration;

/// When an object is reconciled next, if nothing happens to it before.
///
/// A change always leads to another run; this says what happens without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub(super) next: Next,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Not before something changes.
    Change,
    /// After this time.
    After(Duration),
    /// After a delay that grows with the failures of this object in a row.
    Backoff,
}

// === impl Action ===

impl Action {
    /// Reconciles again after `duration`, even if nothing changed; for what cannot be watched, and as a safety net.
    #[must_use]
    pub const fn requeue(duration: Duration) -> Self {
        Self {
            next: Next::After(duration),
        }
    }

    /// Does nothing until something changes.
    ///
    /// Right if everything that the reconciler depends on is watched.
    #[must_use]
    pub const fn await_change() -> Self {
        Self { next: Next::Change }
    }

    /// Reconciles again after a delay that doubles with each time in a row, per object, and starts again once the object succeeds.
    ///
    /// This is what an error policy returns to leave the matter to the controller. A reconciler may return it as well, for "not yet".
    #[must_use]
    pub const fn backoff() -> Self {
        Self { next: Next::Backoff }
    }
}
