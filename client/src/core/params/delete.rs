//! Options of delete and delete-collection, sent as the request's body.

use serde::{Deserialize, Serialize};

use super::dry_run_all;
use crate::core::request::Error;

/// Options of deleting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteParams {
    /// Whether the server goes through everything but the deleting.
    #[serde(
        default,
        rename = "dryRun",
        with = "dry_run_all",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub dry_run: bool,
    /// How long a pod has to end by itself, in seconds; `None` leaves it to the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_period_seconds: Option<u32>,
    /// What becomes of the objects it owns; `None` leaves it to the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagation_policy: Option<PropagationPolicy>,
    /// What must hold for the object to be deleted, or else the answer is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preconditions: Option<Preconditions>,
}

/// What must hold for an object to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preconditions {
    /// The resource version it must have: nothing has changed since it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    /// The UID it must have: it is not a later object of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// What becomes of the objects that a deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropagationPolicy {
    /// They stay and lose their owner.
    Orphan,
    /// They are deleted after it.
    Background,
    /// They are deleted before it.
    Foreground,
}

// === impl DeleteParams ===

impl DeleteParams {
    /// Deletes the object, then what it owns.
    pub fn background() -> Self {
        Self {
            propagation_policy: Some(PropagationPolicy::Background),
            ..Self::default()
        }
    }

    /// Deletes what the object owns, then the object.
    pub fn foreground() -> Self {
        Self {
            propagation_policy: Some(PropagationPolicy::Foreground),
            ..Self::default()
        }
    }

    /// Deletes the object and keeps what it owns.
    pub fn orphan() -> Self {
        Self {
            propagation_policy: Some(PropagationPolicy::Orphan),
            ..Self::default()
        }
    }

    /// Goes through everything but the deleting.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Sets how long a pod has to end by itself, in seconds.
    #[must_use]
    pub fn grace_period(mut self, secs: u32) -> Self {
        self.grace_period_seconds = Some(secs);
        self
    }

    /// Sets what must hold for the object to be deleted.
    #[must_use]
    pub fn preconditions(mut self, preconditions: Preconditions) -> Self {
        self.preconditions = Some(preconditions);
        self
    }

    /// # Errors
    /// [`Error::SerializeBody`], which these fields do not cause.
    pub(in crate::core) fn body(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(Error::SerializeBody)
    }
}
