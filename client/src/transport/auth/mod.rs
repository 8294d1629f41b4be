//! Who asks: the `Authorization` header of every request.
//!
//! Credentials that can be renewed are renewed before they end, and once more when the server does not accept them
//! (401): the request is then sent a second time. However many requests wait, one renewal is under way at a time.
//!
//! **Invariant:** no secret is printed: headers are marked as sensitive, errors name files, commands and fields alone.
//!
//! Reading order: [`AuthLayer`], `service.rs` (what happens to a request), `credentials.rs` (when to renew), `source.rs`
//! (which source a user has), `token.rs`, `exec.rs`, `oidc.rs`, `gcp.rs` with `oauth.rs` (the sources), `issuer.rs`,
//! `error.rs`.

mod credentials;
mod error;
#[cfg(feature = "exec")]
mod exec;
#[cfg(any(feature = "exec", feature = "oauth"))]
mod gcp;
#[cfg(any(feature = "oauth", feature = "oidc"))]
mod issuer;
#[cfg(feature = "oauth")]
mod oauth;
#[cfg(feature = "oidc")]
mod oidc;
mod service;
mod source;
mod token;

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, header::InvalidHeaderValue};

use self::credentials::Credentials;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
pub(crate) use self::credentials::IdentitySlot;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
pub(crate) use self::source::identity_slot;
pub(crate) use self::{credentials::poll_and_tell, service::Replay};
pub use self::{
    error::{AuthError, OAuthError, PluginOutput, oidc_errors},
    service::Authenticate,
};
use super::SetupError;
use crate::{config::Config, env::Env};

/// Adds the credentials of a configuration to every request.
///
/// A request that has an `Authorization` header of its own keeps it.
#[derive(Clone)]
pub struct AuthLayer {
    auth: Auth,
}

#[derive(Clone)]
enum Auth {
    /// The same header for ever.
    Fixed(HeaderValue),
    /// What a source has to offer now.
    Renewed(Arc<Credentials>),
}

impl AuthLayer {
    /// `None` if the user has no credentials, or none but a client certificate.
    pub(crate) fn of(config: &Config, env: &Env) -> Result<Option<Self>, SetupError> {
        let auth = match source::of(config, env)? {
            source::Found::Nothing => return Ok(None),
            source::Found::Fixed(header) => Auth::Fixed(header),
            source::Found::Renewed(credentials) => Auth::Renewed(credentials),
        };
        Ok(Some(Self { auth }))
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").finish_non_exhaustive()
    }
}

impl<S> tower::Layer<S> for AuthLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate::new(self.auth.clone(), inner)
    }
}

/// The header of basic authentication, RFC 7617.
pub(crate) fn basic(name: &str, password: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    secret(&format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{password}"))
    ))
}

/// The header of a bearer token, RFC 6750.
fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    secret(&format!("Bearer {token}"))
}

/// A value that HTTP/2 does not index and `Debug` does not print.
fn secret(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}
