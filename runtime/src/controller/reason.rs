//! Why an object is reconciled.

use std::{fmt, hash::Hash};

use seatrial_client::{Resource, core::DynamicObject};

use crate::reflector::ObjectRef;

/// An object that is to be reconciled, and why.
pub struct ReconcileRequest<K: Resource> {
    /// Which object.
    pub obj_ref: ObjectRef<K>,
    /// Why.
    pub reason: ReconcileReason,
}

/// Why an object is reconciled.
///
/// Several reasons may lead to one run, which is told one of them: the one that decided when it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReconcileReason {
    /// Nobody said.
    Unknown,
    /// The object itself changed, or was found when the controller began.
    ObjectUpdated,
    /// Another object changed that has to do with it.
    RelatedObjectUpdated {
        /// The other object.
        obj_ref: Box<ObjectRef<DynamicObject>>,
    },
    /// The reconciler asked for it.
    ReconcilerRequestedRetry,
    /// It failed before.
    ErrorPolicyRequestedRetry,
    /// All objects are reconciled.
    BulkReconcile,
    /// This process leads now, and somebody else did before.
    LeadershipGained,
    /// A reason of the user's own.
    Custom {
        /// The reason.
        reason: String,
    },
}

// === impl ReconcileReason ===

impl fmt::Display for ReconcileReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::ObjectUpdated => f.write_str("object updated"),
            Self::RelatedObjectUpdated { obj_ref } => write!(f, "related object updated: {obj_ref}"),
            Self::ReconcilerRequestedRetry => f.write_str("reconciler requested retry"),
            Self::ErrorPolicyRequestedRetry => f.write_str("error policy requested retry"),
            Self::BulkReconcile => f.write_str("bulk reconcile requested"),
            Self::LeadershipGained => f.write_str("leadership gained"),
            Self::Custom { reason } => f.write_str(reason),
        }
    }
}

// === impl ReconcileRequest ===

impl<K: Resource> From<ObjectRef<K>> for ReconcileRequest<K> {
    fn from(obj_ref: ObjectRef<K>) -> Self {
        Self {
            obj_ref,
            reason: ReconcileReason::Unknown,
        }
    }
}

impl<K: Resource> Clone for ReconcileRequest<K>
where
    K::DynamicType: Clone,
{
    fn clone(&self) -> Self {
        Self {
            obj_ref: self.obj_ref.clone(),
            reason: self.reason.clone(),
        }
    }
}

impl<K: Resource> fmt::Debug for ReconcileRequest<K>
where
    K::DynamicType: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReconcileRequest")
            .field("obj_ref", &self.obj_ref)
            .field("reason", &self.reason)
            .finish()
    }
}

/// Requests are equal if they are for one object.
impl<K: Resource> PartialEq for ReconcileRequest<K>
where
    K::DynamicType: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.obj_ref == other.obj_ref
    }
}

impl<K: Resource> Eq for ReconcileRequest<K> where K::DynamicType: Eq {}

impl<K: Resource> Hash for ReconcileRequest<K>
where
    K::DynamicType: Hash,
{
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.obj_ref.hash(state);
    }
}
