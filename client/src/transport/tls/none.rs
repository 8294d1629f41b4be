//! No TLS: a build without a library for it.

#[cfg(feature = "exec")]
use crate::config::IdentityPem;
#[cfg(any(feature = "exec", feature = "http-proxy"))]
use crate::transport::SetupError;
#[cfg(feature = "oauth")]
use crate::transport::TlsError;
use crate::transport::{connect::Dial, tls::Versions};

/// TLS of a build that has none. URLs that need it are refused before they come here.
#[derive(Debug)]
pub(in crate::transport) struct Tls;

impl Tls {
    pub(in crate::transport) fn secure(&self, dial: Dial, _: Versions) -> Dial {
        dial
    }

    #[cfg(feature = "http-proxy")]
    pub(in crate::transport) fn to_proxy(&self, _: Dial) -> Result<Dial, SetupError> {
        Err(SetupError::TlsRequired)
    }

    pub(in crate::transport) fn reload(&self, _: bool) -> u64 {
        0
    }

    #[cfg(feature = "exec")]
    pub(in crate::transport) fn check(_: &IdentityPem) -> Result<(), SetupError> {
        Ok(())
    }

    #[cfg(feature = "oauth")]
    pub(in crate::transport) fn sign_rs256(
        _: rustls_pki_types::PrivateKeyDer<'static>,
        _: &[u8],
    ) -> Result<Vec<u8>, TlsError> {
        Err(TlsError::new(
            "signing needs the feature `rustls-tls` or `openssl-tls`",
        ))
    }
}
