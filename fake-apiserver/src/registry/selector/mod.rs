//! Label and field selectors: parse and match.

mod field;
mod label;

pub(crate) use field::FieldSelector;
pub(crate) use label::LabelSelector;

use super::resource::Resource;
use crate::storage::Stored;

/// Which objects a list, watch or delete of many is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    labels: LabelSelector,
    fields: FieldSelector,
}

// === impl Selector ===

impl Selector {
    pub(crate) fn new(labels: LabelSelector, fields: FieldSelector) -> Self {
        Self { labels, fields }
    }

    /// Whether every object matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The one name that can match.
    pub(crate) fn name(&self) -> Option<&str> {
        self.fields.exactly("metadata.name")
    }

    pub(crate) fn matches(&self, object: &Stored, resource: &Resource) -> bool {
        self.fields.matches(object.value(), resource) && self.labels.matches(object.metadata())
    }
}
