//! Headers of every request: those of the configuration, and whom to act as.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tower::{Layer, Service};

use super::AuthError;
use crate::config::Config;

/// Bytes of a key of the user's extra that cannot stand in the name of a header, and `%`, which announces one.
const NOT_IN_A_HEADER_NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Adds headers to every request.
///
/// A header that the request has already is left to it.
#[derive(Clone)]
pub struct ExtraHeadersLayer {
    headers: Arc<HeaderMap>,
}

impl ExtraHeadersLayer {
    pub(crate) fn of(config: &Config) -> Result<Self, AuthError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            headers.append(name, value.clone());
        }
        let user = &config.auth_info;
        let unfit = |field, error: http::Error| {
            AuthError::InvalidImpersonation(Arc::new(config.user_origin.error(field, error)))
        };
        let mut add = |name: HeaderName, field, text: &str| {
            let value = HeaderValue::from_str(text).map_err(|error| unfit(field, error.into()))?;
            headers.append(name, value);
            Ok::<_, AuthError>(())
        };
        if let Some(name) = &user.impersonate {
            add(HeaderName::from_static("impersonate-user"), "as", name)?;
        }
        if let Some(uid) = &user.impersonate_uid {
            add(HeaderName::from_static("impersonate-uid"), "as-uid", uid)?;
        }
        for group in user.impersonate_groups.iter().flatten() {
            add(HeaderName::from_static("impersonate-group"), "as-groups", group)?;
        }
        for (key, values) in user
            .impersonate_user_extra
            .iter()
            .flatten()
            .collect::<BTreeMap<_, _>>()
        {
            let key = utf8_percent_encode(key, NOT_IN_A_HEADER_NAME);
            let name = HeaderName::try_from(format!("impersonate-extra-{key}"))
                .map_err(|error| unfit("as-user-extra", error.into()))?;
            for value in values {
                add(name.clone(), "as-user-extra", value)?;
            }
        }
        Ok(Self {
            headers: Arc::new(headers),
        })
    }
}

impl fmt::Debug for ExtraHeadersLayer {
    /// Shows the names alone: a value can be a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers.keys()).finish()
    }
}

impl<S> Layer<S> for ExtraHeadersLayer {
    type Service = ExtraHeaders<S>;

    fn layer(&self, inner: S) -> ExtraHeaders<S> {
        ExtraHeaders {
            headers: Arc::clone(&self.headers),
            inner,
        }
    }
}

/// The service of [`ExtraHeadersLayer`].
#[derive(Clone)]
pub struct ExtraHeaders<S> {
    headers: Arc<HeaderMap>,
    inner: S,
}

impl<S> fmt::Debug for ExtraHeaders<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.headers.keys()).finish()
    }
}

impl<S, B> Service<Request<B>> for ExtraHeaders<S>
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
        for name in self.headers.keys() {
            if !request.headers().contains_key(name) {
                for value in self.headers.get_all(name) {
                    request.headers_mut().append(name, value.clone());
                }
            }
        }
        self.inner.call(request)
    }
}
