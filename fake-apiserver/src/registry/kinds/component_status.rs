//! ComponentStatus: what was once known of the components of a cluster. Nothing of it is stored.

use serde_json::{Value, json};

use crate::registry::strategy::Strategy;

/// The rules for ComponentStatuses.
#[derive(Debug)]
pub(super) struct ComponentStatus;

impl Strategy for ComponentStatus {
    fn deprecation(&self) -> Option<&'static str> {
        Some("v1 ComponentStatus is deprecated in v1.19+")
    }

    /// The store is well; nothing else runs here.
    fn unstored(&self) -> Option<Vec<Value>> {
        Some(vec![json!({
            "metadata": {"name": "etcd-0"},
            "conditions": [{"type": "Healthy", "status": "True", "message": "ok"}],
        })])
    }
}
