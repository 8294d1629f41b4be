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

/// A list of objects that is put together as it is read, so that a long one needs no memory of its own length.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// What comes before the items, until it has been given out.
    head: Vec<u8>,
    /// What precedes the fields of each item.
    prefix: Arc<str>,
    items: std::vec::IntoIter<Arc<Stored>>,
    first: bool,
    /// How many bytes are still to come.
    left: usize,
}

/// So many bytes are given out at once, or the rest; and all of an item that is longer.
const CHUNK: usize = 64 << 10;

/// What follows the items.
const FOOT: &[u8] = b"]}";

// === impl Chunks ===

impl Chunks {
    /// A list; its items leave their type out, but for custom resources.
    pub(super) fn new(resource: &Resource, items: Vec<Arc<Stored>>, meta: &ListMeta) -> Self {
        let prefix = if resource.custom {
            resource.prefix.clone()
        } else {
            "{".into()
        };
        let head = format!(
            "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{},\"items\":[",
            Value::from(resource.list_kind.as_str()),
            Value::from(&*resource.api_version),
            meta.to_json(resource.custom)
        );
        let size: usize = items.iter().map(|i| i.tail().len() + prefix.len()).sum();
        Self {
            left: head.len() + size + items.len().saturating_sub(1) + FOOT.len(),
            head: head.into_bytes(),
            prefix,
            items: items.into_iter(),
            first: true,
        }
    }

    /// How many bytes are still to come.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Whether the list is given out at once.
    pub(super) fn is_short(&self) -> bool {
        self.left <= CHUNK
    }

    /// All that is still to come.
    pub(super) fn rest(mut self) -> Bytes {
        let mut out = Vec::with_capacity(self.left);
        while self.left > 0 {
            self.fill(&mut out, usize::MAX);
        }
        out.into()
    }

    /// Adds to `out` until it has `size` bytes or the list is at its end.
    fn fill(&mut self, out: &mut Vec<u8>, size: usize) {
        let before = out.len();
        out.append(&mut self.head);
        while let Some(item) = self.items.as_slice().first() {
            let tail = item.tail();
            if out.len() > before && out.len() + self.prefix.len() + tail.len() + FOOT.len() >= size {
                break;
            }
            if !std::mem::take(&mut self.first) {
                out.push(b',');
            }
            out.extend_from_slice(self.prefix.as_bytes());
            out.extend_from_slice(tail);
            self.items.next();
        }
        if self.items.as_slice().is_empty() {
            out.extend_from_slice(FOOT);
        }
        self.left -= out.len() - before;
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.left == 0 {
            return None;
        }
        let mut out = Vec::with_capacity(CHUNK.min(self.left));
        self.fill(&mut out, CHUNK);
        Some(out.into())
    }
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
