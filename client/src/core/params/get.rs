//! Options of get.

use crate::core::path::Query;

/// Options of reading one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetParams {
    /// The oldest state that is good enough: `None` for the most recent one, `"0"` for any that the server has at hand.
    pub resource_version: Option<String>,
}

// === impl GetParams ===

impl GetParams {
    /// Takes an answer that is at least as new as the given version.
    pub fn at(resource_version: &str) -> Self {
        Self {
            resource_version: Some(resource_version.to_owned()),
        }
    }

    /// Takes whatever the server has at hand, which may be old.
    pub fn any() -> Self {
        Self::at("0")
    }

    pub(in crate::core) fn populate(&self, query: &mut Query) {
        query.push_some(
            "resourceVersion",
            self.resource_version.as_ref().filter(|rv| !rv.is_empty()),
        );
    }
}
