//! What a request asks for, as people and plans name it.

use std::fmt;

use http::{Method, Uri};
use seatrial_client::core::Verb;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::{Target, watches};

/// A request: who asks for what, and for the how-manieth time.
///
/// Two runs of one program name corresponding requests alike: generated names are told by what they are generated from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Site {
    /// The process that asks.
    pub process: String,
    /// What it asks for.
    pub verb: Verb,
    /// `pods`, `deployments.apps`, `pods/status`; empty for what is no resource.
    pub resource: String,
    /// `namespace/name`, `namespace/` for a collection in a namespace, `name` or nothing where there are no namespaces.
    pub key: String,
    /// Which of the requests that are the same up to here, from 1.
    pub nth: u32,
}

/// A request as its address tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) verb: Verb,
    /// With its group, without its subresource.
    pub(crate) resource: String,
    pub(crate) subresource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

// === impl Call ===

impl Call {
    /// Reads a request.
    pub(crate) fn of(method: &Method, uri: &Uri, body: &[u8]) -> Self {
        let target = Target::of(uri);
        let own = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let mut call = Self {
            verb: target.verb(method, watches(uri)),
            resource: target.qualified(),
            subresource: own(target.subresource),
            namespace: own(target.namespace),
            name: own(target.name),
        };
        if target.resource.is_empty() {
            // No resource has this address: it is all there is to tell.
            call.resource = String::new();
            call.name = uri.path().to_owned();
            return call;
        }
        if call.verb == Verb::Create && call.name.is_empty() {
            call.name = name_in(body);
        }
        call
    }

    /// The resource with its subresource.
    pub(crate) fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// As objects of the store are named.
    pub(crate) fn key(&self) -> String {
        key(&self.namespace, &self.name)
    }
}

/// How objects of the store are named; there is no namespace where it is empty.
pub(crate) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

/// The name that a new object is to have; `prefix*` where the server completes it.
fn name_in(body: &[u8]) -> String {
    let object: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    if name.is_empty() {
        format!("{}*", text("generateName"))
    } else {
        name
    }
}

// === impl Site ===

impl Site {
    /// Whether what is sent there must not be told.
    pub(crate) fn is_secret(&self) -> bool {
        self.resource == "secrets" || self.resource.starts_with("secrets/")
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {} {}",
            self.process, self.verb, self.resource, self.key
        )?;
        if self.nth > 1 {
            write!(f, " (#{})", self.nth)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(request: &str, body: &str, expected: &str) {
        let (method, uri) = request.split_once(' ').unwrap();
        let call = Call::of(&method.parse().unwrap(), &uri.parse().unwrap(), body.as_bytes());
        let told = format!("{} {} {}", call.verb, call.full_resource(), call.key());
        assert_eq!(told, expected);
    }

    #[test]
    fn requests_are_told_by_what_they_are_about() {
        check("GET /api/v1/namespaces/a/pods/b", "", "get pods a/b");
        check("GET /api/v1/namespaces/a/pods?limit=5", "", "list pods a/");
        check("GET /api/v1/pods?watch=true", "", "watch pods ");
        check("GET /api/v1/namespaces/a", "", "get namespaces a");
        check(
            "PUT /api/v1/namespaces/a/finalize",
            "",
            "update namespaces/finalize a",
        );
        check("GET /api/v1/namespaces", "", "list namespaces ");
        check(
            "PATCH /apis/apps/v1/namespaces/a/deployments/b/status",
            "",
            "patch deployments.apps/status a/b",
        );
        check(
            "DELETE /apis/apps/v1/namespaces/a/deployments",
            "",
            "deletecollection deployments.apps a/",
        );
        check("DELETE /api/v1/nodes/a", "", "delete nodes a");
        check(
            "POST /api/v1/namespaces/a/pods",
            r#"{"metadata":{"generateName":"web-"}}"#,
            "create pods a/web-*",
        );
        check(
            "POST /api/v1/namespaces/a/pods",
            r#"{"metadata":{"name":"web"}}"#,
            "create pods a/web",
        );
        check("GET /apis", "", "get  /apis");
        check("GET /apis/apps/v1", "", "get  /apis/apps/v1");
        check("GET /version", "", "get  /version");
    }
}
