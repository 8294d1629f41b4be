//! The client certificate of a user.

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use secrecy::ExposeSecret;

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use super::{AuthInfo, Host, KubeconfigError, LoadDataError, Origin, resolve::data};

/// The PEM of a client certificate and its key.
#[derive(PartialEq, Eq)]
pub(crate) struct IdentityPem {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
impl AuthInfo {
    fn inline_certificate(&self) -> Option<&str> {
        self.client_certificate_data
            .as_deref()
            .filter(|data| !data.is_empty())
    }

    fn inline_key(&self) -> Option<&str> {
        self.client_key_data
            .as_ref()
            .map(ExposeSecret::expose_secret)
            .filter(|data| !data.is_empty())
    }

    /// The field that the client certificate stands in.
    pub(crate) fn certificate_field(&self) -> &'static str {
        if self.inline_certificate().is_some() {
            "client-certificate-data"
        } else {
            "client-certificate"
        }
    }

    /// The field that the key of the client certificate stands in.
    pub(crate) fn key_field(&self) -> &'static str {
        if self.inline_key().is_some() {
            "client-key-data"
        } else {
            "client-key"
        }
    }

    /// Reads the client certificate and its key, if the user has either.
    pub(crate) fn identity(
        &self,
        host: &dyn Host,
        origin: &Origin,
    ) -> Result<Option<IdentityPem>, KubeconfigError> {
        let certificate = data(
            host,
            self.inline_certificate(),
            self.client_certificate.as_deref(),
        )
        .map_err(|error| {
            KubeconfigError::LoadClientCertificate(origin.error(self.certificate_field(), error))
        })?;
        let key = data(host, self.inline_key(), self.client_key.as_deref())
            .map_err(|error| KubeconfigError::LoadClientKey(origin.error(self.key_field(), error)))?;
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(IdentityPem { certificate, key })),
            (None, None) => Ok(None),
            // Half an identity is a mistake, not a wish to be anonymous.
            (None, Some(_)) => Err(KubeconfigError::LoadClientCertificate(
                origin.error(self.certificate_field(), LoadDataError::NoBase64DataOrFile),
            )),
            (Some(_), None) => Err(KubeconfigError::LoadClientKey(
                origin.error(self.key_field(), LoadDataError::NoBase64DataOrFile),
            )),
        }
    }
}
