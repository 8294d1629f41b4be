//! What the server says of itself: its resources, the discovery and OpenAPI documents, its version and its health.
//!
//! [`Catalog`] knows every served resource and answers the documents' paths; routing asks it for resources.
//!
//! **Invariant:** everything here is a function of the built-in documents and of the custom resources that are
//! registered; nothing knows how requests come in.

mod aggregated;
mod catalog;
mod health;
mod legacy;
mod openapi;
pub mod resource;

pub(crate) use catalog::storage_version_hash;
pub use catalog::{Catalog, compare_versions};
pub use resource::{Group, Resource, Subresource, UnknownVerb, Verb, Verbs, Version, builtin_resources};

use bytes::Bytes;
use serde_json::{Value, json};

/// What decides which document is answered.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The path without the query.
    pub path: &'a str,
    /// The query without the question mark; may be empty.
    pub query: &'a str,
    /// The `Accept` header; empty where there was none.
    pub accept: &'a str,
    /// The `If-None-Match` header; empty where there was none.
    pub if_none_match: &'a str,
    /// Where the server says that it is reached, such as `127.0.0.1:6443`.
    pub server_address: &'a str,
}

/// An answer that is no resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// Headers besides the length; the content type is among them unless `body` is a [`Body::Object`].
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// The body of an [`Answer`].
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// An object to print in the media type that the request asks for, JSON or YAML.
    Object(Value),
    /// Bytes to send as they are.
    Raw(Bytes),
}

impl Catalog {
    /// Answers a document's path; `None` for any other.
    ///
    /// All methods are answered that the real server answers, which for most documents are all; the caller refuses
    /// what [`read_only`] names.
    pub fn answer(&self, query: &Query<'_>) -> Option<Answer> {
        let path = query.path;
        if let Some(answer) = health::answer(path, query.query) {
            return Some(answer);
        }
        if let Some(rest) = path.strip_prefix("/openapi/") {
            return openapi::answer(self, rest, query);
        }
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        match trimmed {
            "" => return Some(Answer::object(json!({"paths": paths(self)}))),
            "/version" => return Some(Answer::object(version())),
            "/api" | "/apis" if aggregated::wanted(query.accept) => {
                return Some(aggregated::answer(self, trimmed == "/api", query.if_none_match));
            }
            "/api" => return Some(Answer::object(legacy::core_versions(query.server_address))),
            "/apis" => return Some(Answer::object(legacy::groups(self))),
            "/api/v1" => return legacy::resources(self, "", "v1").map(Answer::object),
            _ => {}
        }
        let mut parts = trimmed.strip_prefix("/apis/")?.split('/');
        let document = match (parts.next()?, parts.next(), parts.next()) {
            (group, None, _) => legacy::group(self, group)?,
            (group, Some(version), None) => legacy::resources(self, group, version)?,
            _ => return None,
        };
        Some(Answer::object(document))
    }
}

/// Everything that a client may ask for by its path alone.
fn paths(catalog: &Catalog) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/.well-known/openid-configuration",
        "/api",
        "/api/v1",
        "/apis",
        "/apis/",
        "/flagz",
        "/metrics",
        "/metrics/slis",
        "/openapi/v2",
        "/openapi/v3",
        "/openapi/v3/",
        "/openid/v1/jwks",
        "/statusz",
        "/version",
    ]
    .map(str::to_owned)
    .to_vec();
    for group in catalog.groups().filter(|g| !g.name.is_empty()) {
        paths.push(format!("/apis/{}", group.name));
        paths.extend(
            group
                .versions
                .iter()
                .map(|v| format!("/apis/{}/{}", group.name, v.name)),
        );
    }
    paths.extend(health::paths());
    paths.sort();
    paths
}

/// Whether the document at this path refuses methods other than GET with 405; the others answer any.
pub fn read_only(path: &str) -> bool {
    let depth = path.trim_matches('/').split('/').count();
    match path.trim_matches('/').split('/').next() {
        Some("version") => true,
        Some("api") => depth == 2,
        Some("apis") => depth == 3,
        _ => false,
    }
}

/// The version of Kubernetes that the server imitates.
pub fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "emulationMajor": "1",
        "emulationMinor": "36",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.2",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.26.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}

// === impl Answer ===

impl Answer {
    fn object(value: Value) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Body::Object(value),
        }
    }

    fn raw(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = match content_type {
            "" => Vec::new(),
            _ => vec![("content-type", content_type.to_owned())],
        };
        Self {
            status,
            headers,
            body: Body::Raw(body.into()),
        }
    }

    /// The plain text that stands for a path which leads nowhere.
    fn page_not_found() -> Self {
        Self::raw(404, TEXT, "404 page not found\n")
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

/// SHA-512 as upper-case hexadecimal digits, the form of the entity tags and hashes of documents.
fn sha512(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha512::digest(bytes)
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect()
}

#[cfg(test)]
mod tests;
