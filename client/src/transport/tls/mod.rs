//! TLS: whom to trust, and who to be.
//!
//! There is one [`Tls`] whichever library does the work: rustls, or else OpenSSL, or none. Certificate authorities and
//! client certificates that came from files are read again when a connection is made, so that they can be rotated in
//! place; `Tls::reload` does the same in between and counts the changes.
//!
//! Reading order: `reloaded.rs` (what follows its file), `roots.rs` (whom to trust), `identity.rs` (who to be), `by_rustls.rs`
//! with `verifier.rs`, `by_openssl.rs`, `none.rs`.

#[cfg(feature = "openssl-tls")]
mod by_openssl;
#[cfg(feature = "rustls-tls")]
mod by_rustls;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
mod identity;
#[cfg(not(any(feature = "openssl-tls", feature = "rustls-tls")))]
mod none;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
mod reloaded;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
mod roots;
#[cfg(feature = "rustls-tls")]
mod verifier;

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use rustls_pki_types::ServerName;

#[cfg(all(feature = "openssl-tls", not(feature = "rustls-tls")))]
pub(super) use self::by_openssl::Tls;
#[cfg(feature = "rustls-tls")]
pub(super) use self::by_rustls::Tls;
#[cfg(not(any(feature = "openssl-tls", feature = "rustls-tls")))]
pub(super) use self::none::Tls;
use super::SetupError;
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use super::{RustlsTlsError, TlsError};
use crate::{config::Config, env::Env};

/// Whether this build can speak TLS at all.
pub(super) const IS_THERE: bool = cfg!(any(feature = "openssl-tls", feature = "rustls-tls"));

/// Which versions of HTTP are offered to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// HTTP/1.1 alone, for connections that will be upgraded.
    Http1,
    /// HTTP/2, or else HTTP/1.1.
    Any,
}

/// The name that the server's certificate is checked for, where it is not that of the URL.
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
fn server_name(config: &Config) -> Result<Option<ServerName<'static>>, RustlsTlsError> {
    let Some(name) = &config.tls_server_name else {
        return Ok(None);
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|error| {
        let error = config
            .cluster_origin
            .error("tls-server-name", TlsError::new(error));
        RustlsTlsError::InvalidServerName(error)
    });
    name.map(Some)
}

/// Looks at what certificates came from, and at files if `files`; how often they have changed.
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
fn reload<R: Clone, K: Clone>(
    roots: Option<&roots::Roots<R>>,
    identity: Option<&identity::Identity<K>>,
    files: bool,
) -> u64 {
    let roots = roots.map_or(0, |roots| roots.reload(files));
    roots + identity.map_or(0, |identity| identity.reload(files))
}

/// TLS as `config` wants it.
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
pub(super) fn of(config: &Config, env: &Env) -> Result<Tls, SetupError> {
    Tls::new(config, super::auth::identity_slot(config, env)?)
}

/// No TLS.
#[cfg(not(any(feature = "openssl-tls", feature = "rustls-tls")))]
pub(super) fn of(_: &Config, _: &Env) -> Result<Tls, SetupError> {
    Ok(Tls)
}

/// TLS by rustls.
#[cfg(feature = "rustls-tls")]
pub(crate) fn rustls(config: &Config, env: &Env) -> Result<by_rustls::Tls, SetupError> {
    by_rustls::Tls::new(config, super::auth::identity_slot(config, env)?)
}

/// TLS by OpenSSL.
#[cfg(feature = "openssl-tls")]
pub(crate) fn openssl(config: &Config, env: &Env) -> Result<by_openssl::Tls, SetupError> {
    by_openssl::Tls::new(config, super::auth::identity_slot(config, env)?)
}
