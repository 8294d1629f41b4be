//! Label and field selectors: parse and match.

mod field;
mod label;

use std::collections::BTreeMap;

use serde_json::Value;

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

/// The labels of `metadata`.
pub(crate) fn labels(metadata: Option<&serde_json::Map<String, Value>>) -> BTreeMap<&str, &str> {
    let labels = metadata.and_then(|m| m.get("labels")).and_then(Value::as_object);
    labels
        .into_iter()
        .flatten()
        .filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))
        .collect()
}
