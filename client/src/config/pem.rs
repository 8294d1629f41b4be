//! PEM, without quoting it in errors.

#[cfg(any(feature = "oauth", feature = "openssl-tls", feature = "rustls-tls"))]
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::{
    CertificateDer,
    pem::{self, PemObject},
};

use super::PemError;

/// The certificates of a bundle, in order.
pub(crate) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| without_text(&error))?;
    if found.is_empty() {
        Err(PemError::NoItemsFound)
    } else {
        Ok(found)
    }
}

/// The first private key.
#[cfg(any(feature = "oauth", feature = "openssl-tls", feature = "rustls-tls"))]
pub(crate) fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| without_text(&error))
}

fn without_text(error: &pem::Error) -> PemError {
    match error {
        pem::Error::NoItemsFound => PemError::NoItemsFound,
        pem::Error::Base64Decode(_) => PemError::Base64,
        _ => PemError::Section,
    }
}
