//! Lists.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::registry::Resource;
use crate::storage::Stored;
use crate::wire::accept::MetaVersion;

/// The metadata of a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListMeta {
    pub(crate) revision: u64,
    /// The token that leads to the next page; empty at the end.
    pub(crate) token: String,
    /// How many items follow, where that is known.
    pub(crate) remaining: Option<usize>,
}

// === impl ListMeta ===

impl ListMeta {
    pub(super) fn to_json(&self, custom: bool) -> Value {
        let mut meta = Map::new();
        if self.revision > 0 {
            meta.insert("resourceVersion".into(), self.revision.to_string().into());
        }
        // The list of custom resources is built by hand on the real server, which leaves the empty token in.
        if custom || !self.token.is_empty() {
            meta.insert("continue".into(), self.token.as_str().into());
        }
        if let Some(remaining) = self.remaining {
            meta.insert("remainingItemCount".into(), remaining.into());
        }
        Value::Object(meta)
    }
}

/// A list of objects; items leave their type out, but for custom resources.
pub(super) fn objects(resource: &Resource, items: &[Arc<Stored>], meta: &ListMeta) -> Bytes {
    let prefix: &[u8] = if resource.custom {
        resource.prefix.as_bytes()
    } else {
        b"{"
    };
    let size: usize = items.iter().map(|i| i.tail().len() + prefix.len() + 1).sum();
    let mut out = Vec::with_capacity(size + 256);
    out.extend_from_slice(
        format!(
            "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{},\"items\":[",
            Value::from(resource.list_kind.as_str()),
            Value::from(&*resource.api_version),
            meta.to_json(resource.custom)
        )
        .as_bytes(),
    );
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(prefix);
        out.extend_from_slice(item.tail());
    }
    out.extend_from_slice(b"]}");
    out.into()
}

/// A list of nothing but metadata.
pub(super) fn metadata(items: &[Arc<Stored>], meta: &ListMeta, version: MetaVersion) -> Bytes {
    let mut out = format!(
        "{{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"{}\",\"metadata\":{},\"items\":",
        version.api_version(),
        meta.to_json(false)
    )
    .into_bytes();
    if items.is_empty() {
        // An empty Go slice that nothing was appended to.
        out.extend_from_slice(b"null}");
        return out.into();
    }
    for (i, item) in items.iter().enumerate() {
        out.push(if i == 0 { b'[' } else { b',' });
        out.extend_from_slice(&super::metadata(item, version));
    }
    out.extend_from_slice(b"]}");
    out.into()
}
