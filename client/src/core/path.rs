//! URL paths and queries: what may stand in a segment, and how the rest is escaped.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path segment may hold unescaped: RFC 3986's unreserved characters, and `:` and `@`, which names of the API contain.
const SEGMENT: &AsciiSet = &VALUE.remove(b':').remove(b'@');

/// What a query value may hold unescaped: RFC 3986's unreserved characters alone, so that no server reads `+` or `;` its own way.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path of a collection.
pub(super) fn collection(group: &str, version: &str, namespace: Option<&str>, plural: &str) -> String {
    let mut path = String::with_capacity(group.len() + version.len() + plural.len() + 64);
    if group.is_empty() {
        path.push_str("/api");
    } else {
        path.push_str("/apis");
        push_segment(&mut path, group);
    }
    push_segment(&mut path, version);
    if let Some(namespace) = namespace {
        path.push_str("/namespaces");
        push_segment(&mut path, namespace);
    }
    push_segment(&mut path, plural);
    path
}

/// Appends `/` and the escaped text.
pub(super) fn push_segment(path: &mut String, text: &str) {
    path.push('/');
    for part in utf8_percent_encode(text, SEGMENT) {
        path.push_str(part);
    }
}

/// Why a name cannot stand as one segment of a path, in the apiserver's words; `None` if it can.
///
/// An empty name would turn the request for one object into a request for the collection, `..` or a slash would reach another object.
///
/// # Source
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names>
pub(super) fn segment_fault(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("must not be empty"),
        "." => Some("may not be '.'"),
        ".." => Some("may not be '..'"),
        _ if name.contains('/') => Some("may not contain '/'"),
        _ if name.contains('%') => Some("may not contain '%'"),
        _ => None,
    }
}

/// Why the path of a collection is not one; `None` if it is.
///
/// The path was put together from names that nobody could refuse there ([`Resource::url_path`](super::Resource::url_path) returns text).
pub(super) fn collection_fault(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("must start with '/'");
    };
    let mut segment = 0;
    let ends = rest
        .bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b'/')
        .map(|(at, _)| at);
    for end in ends.chain([rest.len()]) {
        if matches!(&rest[segment..end], "" | "." | "..") {
            return Some("has an empty, '.' or '..' segment");
        }
        segment = end + 1;
    }
    // Few paths have escapes.
    let is_forbidden = |escape: &[u8]| matches!(escape, b"%2F" | b"%25");
    let has_forbidden = rest.contains('%') && rest.as_bytes().windows(3).any(is_forbidden);
    has_forbidden.then_some("has a name that contains '/' or '%'")
}

/// Collects the query of one request.
#[derive(Default)]
pub(super) struct Query {
    text: String,
}

// === impl Query ===

impl Query {
    /// Appends `key=value`.
    pub(super) fn push(&mut self, key: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.push_str(key);
        self.text.push('=');
        self.text.extend(utf8_percent_encode(value, VALUE));
    }

    /// Appends `key=value` for a number or another value whose text needs no thought.
    pub(super) fn push_display(&mut self, key: &str, value: impl Display) {
        self.push(key, &value.to_string());
    }

    /// Appends `key=value` if there is a value.
    pub(super) fn push_some(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.push_display(key, value);
        }
    }

    /// Appends `key=true` if set.
    pub(super) fn push_flag(&mut self, key: &str, set: bool) {
        if set {
            self.push(key, "true");
        }
    }

    /// Puts path and query together.
    pub(super) fn onto(self, path: String) -> String {
        if self.text.is_empty() {
            path
        } else {
            path + "?" + &self.text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_of_both_roots() {
        assert_eq!(collection("", "v1", None, "nodes"), "/api/v1/nodes");
        assert_eq!(
            collection("", "v1", Some("a"), "pods"),
            "/api/v1/namespaces/a/pods"
        );
        assert_eq!(
            collection("apps", "v1", Some("a"), "deployments"),
            "/apis/apps/v1/namespaces/a/deployments"
        );
    }

    #[test]
    fn text_that_is_no_segment_is_escaped_and_found() {
        let path = collection("", "v1", Some("a/../b"), "pods");
        assert_eq!(path, "/api/v1/namespaces/a%2F..%2Fb/pods");
        assert!(collection_fault(&path).is_some());
        assert!(collection_fault(&collection("", "v1", Some(""), "pods")).is_some());
        assert!(collection_fault(&collection("", "v1", Some(".."), "pods")).is_some());
        assert!(collection_fault(&collection("", "v1", Some("a%b"), "pods")).is_some());
        assert!(collection_fault("api/v1").is_some());
        assert_eq!(collection_fault(&collection("", "v1", Some("a b"), "pods")), None);
        assert_eq!(collection_fault("/api/v1/namespaces"), None);
    }

    #[test]
    fn queries_are_escaped() {
        let mut query = Query::default();
        query.push("labelSelector", "a in (b,c),!d");
        query.push_flag("watch", true);
        query.push_flag("follow", false);
        query.push_some("limit", Some(5));
        query.push_some("timeoutSeconds", None::<u32>);
        assert_eq!(
            query.onto("/p".into()),
            "/p?labelSelector=a%20in%20%28b%2Cc%29%2C%21d&watch=true&limit=5"
        );
        assert_eq!(Query::default().onto("/p".into()), "/p");
    }
}
