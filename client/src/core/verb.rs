//! What a request wants, in the words of the Kubernetes API.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The Kubernetes verb of a request.
///
/// A layer reads it with [`Verb::of`], because the HTTP method alone does not tell a get from a list or a watch. The
/// [`Client`](crate::Client) puts it into the extensions of each request, where those look who have no use for this function.
///
/// # Source
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verb {
    /// Reads one object, or a document such as `/version`.
    Get,
    /// Reads a collection.
    List,
    /// Follows the changes of a collection.
    Watch,
    /// Creates an object, or calls a subresource such as `eviction`.
    Create,
    /// Replaces an object.
    Update,
    /// Changes a part of an object, or applies a configuration.
    Patch,
    /// Deletes one object.
    Delete,
    /// Deletes the objects of a collection.
    DeleteCollection,
    /// Opens a stream to an object, such as a shell in a pod.
    Connect,
}

impl Verb {
    /// The verb of a request: the one in its extensions, or else what its method suggests.
    pub fn of<B>(request: &http::Request<B>) -> Self {
        if let Some(verb) = request.extensions().get::<Self>() {
            return *verb;
        }
        match request.method().as_str() {
            "POST" => Self::Create,
            "PUT" => Self::Update,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "CONNECT" => Self::Connect,
            _ if is_watch(request.uri().query()) => Self::Watch,
            _ => Self::Get,
        }
    }

    /// Puts the verb where layers look for it.
    ///
    /// It takes three allocations, also where the method tells the same; but a layer that asks the extensions alone is to find it always.
    #[cfg(feature = "client")]
    pub(crate) fn mark<B>(self, request: &mut http::Request<B>) {
        request.extensions_mut().insert(self);
    }

    /// The request changes nothing, so that it may always be sent again.
    pub fn is_read_only(self) -> bool {
        matches!(self, Self::Get | Self::List | Self::Watch)
    }

    /// The verb as the rules of access spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Connect => "connect",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

fn is_watch(query: Option<&str>) -> bool {
    query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .any(|pair| matches!(pair, "watch" | "watch=1" | "watch=true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, uri: &str, expect: &str) {
        let request = http::Request::builder().method(method).uri(uri).body(()).unwrap();
        assert_eq!(Verb::of(&request).to_string(), expect);
    }

    #[test]
    fn the_method_suggests_a_verb() {
        check("GET", "/api/v1/pods/x", "get");
        check("GET", "/api/v1/pods?limit=2&watch=true", "watch");
        check("GET", "/api/v1/pods?fieldSelector=watch%3Dtrue", "get");
        check("POST", "/api/v1/pods", "create");
        check("PUT", "/api/v1/pods/x", "update");
        check("PATCH", "/api/v1/pods/x", "patch");
        check("DELETE", "/api/v1/pods/x", "delete");
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_marked_request_tells_its_verb() {
        for (uri, verb) in [
            ("/api/v1/pods/x", Verb::Get),
            ("/api/v1/pods", Verb::List),
            ("/api/v1/pods?watch=true", Verb::Watch),
            ("/api/v1/pods/x?watch=true", Verb::Get),
            ("/api/v1/pods/x/exec", Verb::Connect),
        ] {
            let mut request = http::Request::get(uri).body(()).unwrap();
            verb.mark(&mut request);
            assert_eq!(Verb::of(&request), verb);
            assert_eq!(request.extensions().get(), Some(&verb));
        }
    }

    #[test]
    fn the_extension_wins() {
        let mut request = http::Request::delete("/api/v1/pods").body(()).unwrap();
        request.extensions_mut().insert(Verb::DeleteCollection);
        assert_eq!(Verb::of(&request), Verb::DeleteCollection);
        assert!(!Verb::of(&request).is_read_only());
    }
}
