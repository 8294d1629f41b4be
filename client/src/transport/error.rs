//! What can be wrong with certificates.

use std::fmt;

use tower::BoxError;

use crate::config::{FieldError, PemError};

/// Why TLS cannot be set up.
///
/// The name is kube's. It exists with and without the feature `rustls-tls`.
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
    #[error("`tls-server-name` is neither a DNS name nor an IP address")]
    InvalidServerName(#[source] TlsError),

    /// The platform has no certificate authorities to trust.
    #[error("the platform's certificate authorities cannot be read")]
    NoValidNativeRootCA(#[source] TlsError),
}

/// What the TLS library says is wrong.
#[derive(Debug)]
pub struct TlsError(BoxError);

impl TlsError {
    #[cfg(any(feature = "oidc", feature = "rustls-tls"))]
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
