//! Who asks: the `Authorization` header of every request.

use std::{
    fmt,
    task::{Context, Poll},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderValue, Request, Response,
    header::{AUTHORIZATION, InvalidHeaderValue},
};
use secrecy::ExposeSecret;
use tower::{Layer, Service};

use crate::{Config, Env, Error, client::Body};

/// Why credentials cannot be had or used.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The name or the password cannot stand in a header.
    #[error("the username or the password cannot stand in a header")]
    InvalidBasicAuth,
    /// The token cannot stand in a header.
    #[error("the bearer token cannot stand in a header")]
    InvalidBearerToken,
}

/// Adds the credentials of a configuration to every request.
#[derive(Clone)]
pub struct AuthLayer {
    header: HeaderValue,
}

impl AuthLayer {
    pub(crate) fn of(config: &Config, _: &Env) -> Result<Option<Self>, Error> {
        let user = &config.auth_info;
        let header = if let (Some(name), Some(password)) = (&user.username, &user.password) {
            basic(name, password.expose_secret()).map_err(|_| AuthError::InvalidBasicAuth)?
        } else if let Some(token) = &user.token {
            bearer(token.expose_secret()).map_err(|_| AuthError::InvalidBearerToken)?
        } else {
            return Ok(None);
        };
        Ok(Some(Self { header }))
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate {
            header: self.header.clone(),
            inner,
        }
    }
}

/// The service of [`AuthLayer`].
#[derive(Clone)]
pub struct Authenticate<S> {
    header: HeaderValue,
    inner: S,
}

impl<S, B> Service<Request<Body>> for Authenticate<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        request
            .headers_mut()
            .entry(AUTHORIZATION)
            .or_insert_with(|| self.header.clone());
        self.inner.call(request)
    }
}

pub(crate) fn basic(name: &str, password: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    secret(&format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{password}"))
    ))
}

fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    secret(&format!("Bearer {token}"))
}

/// A value that hyper and `Debug` treat as a secret.
fn secret(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}
