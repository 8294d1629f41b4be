//! One request of the log, and what can be read off it.

use std::{fmt, time::Duration};

use http::{Method, StatusCode, Uri};
use seatrial_client::core::Verb;

use crate::request::{Target, decoded, param};

/// How wide a failed expectation shows a request.
const WIDTH: usize = 200;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// When it was answered, since the cluster began.
    pub at: Duration,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The body; empty for most reads.
    pub body: String,
    /// The answer's status code.
    pub status: StatusCode,
    /// The `User-Agent` header; empty where there is none.
    pub user_agent: String,
    /// Whether the cluster changed while the request was served. A write that asks for what is there already changes nothing.
    pub changed: bool,
}

// === impl LogEntry ===

impl LogEntry {
    /// Whether the request asks for a change of what is stored. A dry run does not, nor does a review of access or of a token.
    pub fn is_write(&self) -> bool {
        let is_dry = self.query("dryRun").is_some_and(|of| !of.is_empty());
        let is_review =
            self.target(|target| matches!(target.group, "authorization.k8s.io" | "authentication.k8s.io"));
        !self.method.is_safe() && !is_dry && !is_review
    }

    /// The verb of the Kubernetes API.
    pub fn verb(&self) -> Verb {
        let watches = matches!(self.query("watch").as_deref(), Some("true" | "1"));
        self.target(|target| target.verb(&self.method, watches))
    }

    /// The resource with its group and subresource, such as `configmaps` or `deployments.apps/status`; empty for what is no
    /// resource.
    pub fn resource(&self) -> String {
        self.target(|target| target.with_subresource())
    }

    /// The namespace in the path.
    pub fn namespace(&self) -> Option<String> {
        self.target(|target| target.namespace.map(str::to_owned))
    }

    /// The object's name, from the path or from the body of a create.
    pub fn name(&self) -> Option<String> {
        self.target(|target| target.name_or_in(self.body.as_bytes()))
    }

    /// As whom the request writes: its `fieldManager`, or what the server takes from the `User-Agent` where there is none.
    pub fn field_manager(&self) -> Option<String> {
        if self.method.is_safe() || self.method == Method::DELETE {
            return None;
        }
        self.query("fieldManager")
            .filter(|given| !given.is_empty())
            .or_else(|| {
                let agent = self.user_agent.split('/').next()?;
                (!agent.is_empty()).then(|| agent.to_owned())
            })
    }

    /// The request in words: `patch deployments.apps/status`.
    pub(super) fn action(&self) -> String {
        let resource = self.resource();
        let what = if resource.is_empty() {
            self.path.split('?').next().unwrap_or_default()
        } else {
            &resource
        };
        format!("{} {what}", self.verb())
    }

    /// The entry in a line of bounded length.
    pub(super) fn brief(&self) -> String {
        let line = self.to_string();
        if line.chars().count() <= WIDTH {
            return line;
        }
        line.chars().take(WIDTH - 1).chain(['…']).collect()
    }

    pub(super) fn target<T>(&self, of: impl FnOnce(Target<'_>) -> T) -> T {
        match self.path.parse::<Uri>() {
            Ok(uri) => of(Target::of(&uri)),
            Err(_) => of(Target::default()),
        }
    }

    /// A parameter of the query, decoded.
    fn query(&self, name: &str) -> Option<String> {
        let uri: Uri = self.path.parse().ok()?;
        param(&uri, name).map(decoded)
    }
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8.3}s {} {} -> {}",
            self.at.as_secs_f64(),
            self.method,
            self.path,
            self.status.as_u16()
        )?;
        if self.body.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: Method, path: &str, body: &str) -> LogEntry {
        LogEntry {
            at: Duration::ZERO,
            method,
            path: path.to_owned(),
            body: body.to_owned(),
            status: StatusCode::OK,
            user_agent: "greeter/1.0".to_owned(),
            changed: false,
        }
    }

    #[test]
    fn an_entry_is_read_off_its_path() {
        let patch = entry(
            Method::PATCH,
            "/apis/apps/v1/namespaces/shop/deployments/web/status?fieldManager=my%20manager",
            "",
        );
        assert_eq!(patch.action(), "patch deployments.apps/status");
        assert_eq!(patch.namespace().as_deref(), Some("shop"));
        assert_eq!(patch.name().as_deref(), Some("web"));
        assert_eq!(patch.field_manager().as_deref(), Some("my manager"));
        assert!(patch.is_write());
        let create = entry(
            Method::POST,
            "/api/v1/namespaces/a/pods",
            r#"{"metadata":{"name":"p"}}"#,
        );
        assert_eq!(create.name().as_deref(), Some("p"));
        assert_eq!(create.field_manager().as_deref(), Some("greeter"));
        let version = entry(Method::GET, "/version", "");
        assert_eq!(
            (version.action().as_str(), version.field_manager()),
            ("get /version", None)
        );
        assert_eq!(
            entry(Method::GET, "/api/v1/pods?watch=true", "").action(),
            "watch pods"
        );
        assert_eq!(
            entry(Method::DELETE, "/api/v1/namespaces/a/pods", "").action(),
            "deletecollection pods"
        );
    }

    #[test]
    fn what_stores_nothing_is_no_write() {
        assert!(!entry(Method::POST, "/api/v1/namespaces/a/pods?dryRun=All", "{}").is_write());
        let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert!(!entry(Method::POST, review, "{}").is_write());
        assert!(entry(Method::POST, "/api/v1/namespaces/a/pods/p/eviction", "{}").is_write());
    }
}
