//! Where a request goes: the server's URL before the request's path.

use std::task::{Context, Poll};

use http::{Request, Uri, uri};
use tower::{Layer, Service};

use super::userinfo::without_userinfo;

/// Puts the server's URL before the path of every request.
#[derive(Clone, Debug)]
pub struct BaseUriLayer {
    base: Uri,
}

impl BaseUriLayer {
    /// A layer for the server at `base_uri`, whose path, if it has one, is kept.
    ///
    /// A name and a password in it are left out: whoever sends a request may log where to. [`AuthLayer`](super::AuthLayer) makes a header of
    /// them.
    pub fn new(base_uri: Uri) -> Self {
        Self {
            base: without_userinfo(&base_uri),
        }
    }
}

impl<S> Layer<S> for BaseUriLayer {
    type Service = BaseUri<S>;

    fn layer(&self, inner: S) -> BaseUri<S> {
        BaseUri {
            base: self.base.clone(),
            inner,
        }
    }
}

/// The service of [`BaseUriLayer`].
#[derive(Clone, Debug)]
pub struct BaseUri<S> {
    base: Uri,
    inner: S,
}

impl<S, B> Service<Request<B>> for BaseUri<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        // What cannot be joined goes on as it is, and fails where it is sent.
        if let Some(uri) = join(&self.base, request.uri()) {
            *request.uri_mut() = uri;
        }
        self.inner.call(request)
    }
}

/// The URL of the request on the server. A slash at the end of the server's path is not doubled.
fn join(base: &Uri, request: &Uri) -> Option<Uri> {
    let path = request.path_and_query().map_or("/", uri::PathAndQuery::as_str);
    let path_and_query = match base.path().trim_end_matches('/') {
        "" => path.parse().ok()?,
        prefix => format!("{prefix}{path}").parse().ok()?,
    };
    let mut parts = uri::Parts::default();
    parts.scheme = base.scheme().cloned();
    parts.authority = base.authority().cloned();
    parts.path_and_query = Some(path_and_query);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &'static str, request: &'static str, expect: &str) {
        let joined = join(&Uri::from_static(base), &Uri::from_static(request)).unwrap();
        assert_eq!(joined.to_string(), expect);
    }

    #[test]
    fn a_path_of_the_server_stands_before_that_of_the_request() {
        check(
            "https://host:6443",
            "/api/v1/pods?limit=1",
            "https://host:6443/api/v1/pods?limit=1",
        );
        check("https://host:6443/", "/version", "https://host:6443/version");
        check(
            "https://rancher/k8s/clusters/c-1",
            "/version?x=/y",
            "https://rancher/k8s/clusters/c-1/version?x=/y",
        );
        check(
            "https://rancher/k8s/clusters/c-1/",
            "/version",
            "https://rancher/k8s/clusters/c-1/version",
        );
        check(
            "https://[fd00::1]:6443",
            "/version",
            "https://[fd00::1]:6443/version",
        );
    }

    #[test]
    fn a_request_that_names_another_host_goes_to_the_server() {
        check("https://host", "http://elsewhere/version", "https://host/version");
    }
}
