//! The outermost layer: paths, query strings, negotiation and bodies.
//!
//! It may assume nothing of its input. What it hands on are names, options and JSON values; whether such a resource,
//! object or field exists is not its business.

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod go_json;
mod options;
mod query;
mod route;
pub(crate) mod yaml;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::auth::UserInfo;

pub(crate) use options::{DeleteOptions, FieldValidation, ListOptions, Write, WriteOptions};
pub(crate) use query::{Query, parse_uint};
pub(crate) use route::{ResourcePath, Route};

/// A request whose body has been read.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    /// Who makes it, where whoever brought it knows.
    pub(crate) user: Option<Arc<UserInfo>>,
    /// `None` where it is over [`body::SIZE_MAX`].
    pub(crate) body: Option<Bytes>,
}

// === impl Request ===

impl Request {
    /// A header's text; empty where it is absent or no text.
    pub(crate) fn header(&self, name: &http::HeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// The `Accept` headers as one.
    pub(crate) fn accept(&self) -> String {
        let all = self.headers.get_all(http::header::ACCEPT);
        let texts: Vec<&str> = all.iter().filter_map(|v| v.to_str().ok()).collect();
        texts.join(",")
    }

    /// The body, or the refusal of one that is too large.
    pub(crate) fn body(&self) -> crate::status::Result<&Bytes> {
        self.body.as_ref().ok_or_else(body::too_large)
    }
}
