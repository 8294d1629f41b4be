//! What a controller reports.

use std::time::Duration;

use seatrial_client::core::DynamicObject;

use crate::reflector::{ObjectRef, store::WriterDropped};

/// Something that a controller could not do. It goes on regardless.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<ReconcilerErr: 'static, QueueErr: 'static> {
    /// The object was to be reconciled and is not in the cache, as a rule because it was deleted.
    #[error("{0} is not in the cache")]
    ObjectNotFound(Box<ObjectRef<DynamicObject>>),
    /// The reconciler returned an error.
    #[error("reconciling {1} failed")]
    ReconcilerFailed(#[source] ReconcilerErr, Box<ObjectRef<DynamicObject>>),
    /// A watch failed; it is tried again, and the others go on meanwhile.
    #[error("a watch of the controller failed")]
    QueueError(#[source] QueueErr),
    /// The controller cannot run.
    #[error("the controller cannot run")]
    RunnerError(#[source] RunnerError),
    /// The reconciler panicked; the object is tried again as after an error.
    #[error("reconciling {1} panicked: {0}")]
    ReconcilerPanicked(String, Box<ObjectRef<DynamicObject>>),
    /// The mapper of a [`watches`](super::Controller::watches) panicked over this object. The objects that it led to before are reconciled; those that it leads to now are
    /// not known until it changes or the set is listed again.
    #[error("finding what {1} leads to panicked: {0}")]
    MapperPanicked(String, Box<ObjectRef<DynamicObject>>),
    /// The reconciler took longer than the configuration allows and was dropped; the object is tried again as after an error.
    #[error("reconciling {1} took longer than {0:?}")]
    ReconcilerTimedOut(Duration, Box<ObjectRef<DynamicObject>>),
    /// This process stopped leading while the reconciler ran, so the run was dropped; whoever leads now reconciles the object.
    #[error("reconciling {0} was cut off: this process does not lead any more")]
    LeadershipLost(Box<ObjectRef<DynamicObject>>),
}

/// Why a controller cannot run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// The cache will never be ready.
    #[error("the cache will never be ready")]
    Readiness(#[source] WriterDropped),
}
