//! From a request to bytes on a connection: who asks, where to, over what.
//!
//! Each part is a layer or a connector of its own, so that a program can stack its own: see
//! [`ConfigExt`](crate::client::ConfigExt).
//!
//! **Invariant:** nothing here reads a file or an environment variable but through the configuration's
//! [`Host`](crate::config::Host), no task is spawned but hyper's own for each connection, and nothing knows the client
//! or its error: what cannot be set up is a `SetupError`.
//!
//! Reading order: `base_uri.rs` (with `userinfo.rs`), `extra_headers.rs`, `auth` (layers); `connections.rs`, `lanes.rs`, `connect.rs`, `stream.rs`,
//! `proxy.rs`, `tls` (connections).

mod auth;
mod base_uri;
mod connect;
mod connections;
mod error;
mod extra_headers;
mod lanes;
mod proxy;
mod stream;
mod tls;
mod userinfo;

#[cfg(feature = "openssl-tls")]
pub(crate) use self::tls::openssl;
#[cfg(feature = "rustls-tls")]
pub(crate) use self::tls::rustls;
pub use self::{
    auth::{AuthError, AuthLayer, Authenticate, OAuthError, PluginOutput, oidc_errors},
    base_uri::{BaseUri, BaseUriLayer},
    error::{NotSent, OpensslTlsError, RustlsTlsError, TlsError},
    extra_headers::{ExtraHeaders, ExtraHeadersLayer},
};
pub(crate) use self::{
    auth::{Replay, poll_and_tell},
    connections::Connections,
    error::SetupError,
    lanes::Executor,
};
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
pub(crate) use self::{connect::tcp, tls::Versions};
