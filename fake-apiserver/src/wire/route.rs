//! Paths: what a URL names.

use percent_encoding::percent_decode_str;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Resources below `/api/v1` or `/apis/GROUP/VERSION`.
    Resource(ResourcePath),
    /// Everything else, slashes at the end cut off.
    Other(String),
}

/// The parts of a path below a group and version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ResourcePath {
    /// Empty for the core group.
    pub(crate) group: String,
    pub(crate) version: String,
    /// The plural name.
    pub(crate) resource: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    /// What follows the name.
    pub(crate) subresource: Option<String>,
    /// What follows the subresource: for proxies.
    pub(crate) rest: Option<String>,
    /// The deprecated `/watch/` stood in front.
    pub(crate) watch: bool,
}

/// What a path below `/namespaces/NAME` can name of the namespace itself.
const NAMESPACE_SUBRESOURCES: [&str; 2] = ["status", "finalize"];

// === impl Route ===

impl Route {
    /// Reads a path as it stands in the request line, escapes and all.
    pub(crate) fn parse(path: &str) -> Self {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let other = || Self::Other(decoded.trim_end_matches('/').to_owned());
        let parts: Vec<&str> = decoded.trim_matches('/').split('/').collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return other(),
        };
        let (watch, rest) = match rest {
            ["watch", rest @ ..] if !rest.is_empty() => (true, rest),
            _ => (false, rest),
        };
        if rest.is_empty() {
            return other();
        }
        let mut path = ResourcePath {
            group: group.to_owned(),
            version: version.to_owned(),
            watch,
            ..ResourcePath::default()
        };
        let rest = match rest {
            ["namespaces", _, sub] if group.is_empty() && NAMESPACE_SUBRESOURCES.contains(sub) => rest,
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => {
                path.namespace = Some((*namespace).to_owned());
                rest
            }
            _ => rest,
        };
        let mut rest = rest.iter().map(|s| (*s).to_owned());
        path.resource = rest.next().unwrap_or_default();
        path.name = rest.next();
        path.subresource = rest.next();
        path.rest = rest.reduce(|a, b| a + "/" + &b);
        Self::Resource(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> (String, Option<String>, Option<String>, Option<String>) {
        match Route::parse(path) {
            Route::Resource(p) => (
                format!("{}/{}/{}", p.group, p.version, p.resource),
                p.namespace,
                p.name,
                p.subresource,
            ),
            Route::Other(path) => (path, None, None, None),
        }
    }

    #[track_caller]
    fn check(path: &str, resource: &str, rest: [&str; 3]) {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        let [namespace, name, sub] = rest.map(some);
        assert_eq!(parts(path), (resource.to_owned(), namespace, name, sub), "{path}");
    }

    #[test]
    fn paths_are_taken_apart() {
        check("/api/v1/pods", "/v1/pods", ["", "", ""]);
        check(
            "/api/v1/namespaces/a/pods/b/status",
            "/v1/pods",
            ["a", "b", "status"],
        );
        check("/api/v1/namespaces/a", "/v1/namespaces", ["", "a", ""]);
        check(
            "/api/v1/namespaces/a/finalize",
            "/v1/namespaces",
            ["", "a", "finalize"],
        );
        check(
            "/apis/apps/v1/namespaces/a/status",
            "apps/v1/status",
            ["a", "", ""],
        );
        check("/apis/apps/v1/deployments/", "apps/v1/deployments", ["", "", ""]);
        check(
            "/api/v1/namespaces/a/configmaps%2fb",
            "/v1/configmaps",
            ["a", "b", ""],
        );
        check("/api/v1", "/api/v1", ["", "", ""]);
        check("/version/", "/version", ["", "", ""]);
    }

    #[test]
    fn what_is_no_utf8_is_still_a_path() {
        check("/api/v1/namespaces/%ff", "/v1/namespaces", ["", "\u{fffd}", ""]);
    }

    #[test]
    fn the_deprecated_watch_prefix_is_noticed() {
        let Route::Resource(path) = Route::parse("/api/v1/watch/namespaces/a/pods") else {
            panic!("a resource")
        };
        assert!(path.watch);
        assert_eq!(
            (path.resource.as_str(), path.namespace.as_deref()),
            ("pods", Some("a"))
        );
    }
}
