//! What can be wrong with certificates, and with the way to a server.

use std::fmt;

use tower::BoxError;

use super::AuthError;
use crate::config::{FieldError, KubeconfigError, PemError};

/// Why TLS cannot be set up.
///
/// The name is kube's. It exists with and without the feature `rustls-tls`, and tells of OpenSSL as well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RustlsTlsError {
    /// There is no cryptography to do TLS with.
    #[error("there is no provider of cryptography: enable the feature `ring` or `aws-lc-rs`")]
    NoProvider,

    /// The provider of cryptography does not offer what TLS needs.
    #[error("the provider of cryptography cannot be used")]
    Provider(#[source] TlsError),

    /// The client certificate, or its key, is not PEM.
    #[error("the client certificate is not the PEM that it should be")]
    InvalidIdentityPem(#[source] FieldError<PemError>),

    /// The key cannot be used, or does not belong to the certificate.
    #[error("the private key cannot be used with the client certificate")]
    InvalidPrivateKey(#[source] FieldError<TlsError>),

    /// The key is of a kind that nobody knows.
    #[error("the private key is of an unknown kind")]
    UnknownPrivateKeyFormat(#[source] FieldError<TlsError>),

    /// The client certificate is missing.
    #[error("the client certificate is missing")]
    MissingCertificate(#[source] FieldError<PemError>),

    /// The key of the client certificate is missing.
    #[error("the private key of the client certificate is missing")]
    MissingPrivateKey(#[source] FieldError<PemError>),

    /// A certificate authority cannot be trusted.
    #[error("the certificate authorities cannot be trusted")]
    AddRootCertificate(#[source] FieldError<TlsError>),

    /// `tls-server-name` is neither a name nor an address.
    #[error("the name of the server is neither a DNS name nor an IP address")]
    InvalidServerName(#[source] FieldError<TlsError>),

    /// The platform has no certificate authorities to trust.
    #[error("the platform's certificate authorities cannot be read")]
    NoValidNativeRootCA(#[source] TlsError),
}

/// The error that kube has for TLS by OpenSSL: the same here, whichever library does it.
pub type OpensslTlsError = RustlsTlsError;

/// What the TLS library says is wrong.
#[derive(Debug)]
pub struct TlsError(BoxError);

impl TlsError {
    #[cfg(any(
        feature = "oauth",
        feature = "oidc",
        feature = "openssl-tls",
        feature = "rustls-tls"
    ))]
    pub(crate) fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Why the way to a server cannot be set up.
///
/// The client's [`Error`](crate::Error) has a variant for each of these; nothing here knows it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("the kubeconfig cannot be used")]
    Kubeconfig(#[from] KubeconfigError),
    #[error("the credentials cannot be used")]
    Auth(#[from] AuthError),
    #[error("TLS cannot be set up")]
    Tls(#[from] RustlsTlsError),
    #[error("the server's URL needs TLS")]
    TlsRequired,
    #[error("the proxy {proxy_url} needs the feature `{protocol_feature}`")]
    ProxyDisabled {
        /// Without its password.
        proxy_url: Box<http::Uri>,
        protocol_feature: &'static str,
    },
    #[error("the proxy {proxy_url} is neither an HTTP nor a SOCKS5 proxy")]
    ProxyUnsupported {
        /// Without its password.
        proxy_url: Box<http::Uri>,
    },
}

/// The proof that a request never left: a layer wraps its error in this when nothing was written to the server.
///
/// [`Error::outcome`](crate::Error::outcome) then answers `NotApplied` for every verb.
///
/// ```
/// use seatrial_client::error::{Error, NotSent, Outcome};
///
/// let error = Error::Service(NotSent::new("the queue is full").into());
/// assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the request was not sent")]
pub struct NotSent(#[source] BoxError);

impl NotSent {
    /// Marks `error` as one from before the request was written.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }
}
