//! Whom to trust.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    DigitallySignedStruct, Error as RustlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::reloaded::Reloaded;
use crate::{
    config::{Config, FieldError, Host, pem},
    transport::{RustlsTlsError, TlsError},
};

/// The certificate authorities of a cluster. Those from a file follow it.
#[derive(Debug)]
pub(super) struct Roots {
    provider: Arc<CryptoProvider>,
    file: Option<File>,
    /// The contents of the file, and what was made of it.
    current: Reloaded<Vec<u8>, Arc<WebPkiServerVerifier>>,
}

struct File {
    path: PathBuf,
    host: Arc<dyn Host>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.fmt(f)
    }
}

impl Roots {
    pub(super) fn new(config: &Config, provider: Arc<CryptoProvider>) -> Result<Self, RustlsTlsError> {
        let file = config.root_cert_file.clone().map(|path| File {
            path,
            host: Arc::clone(&config.host),
        });
        let read = file.as_ref().map(|file| file.read());
        let (pem, certificates) = match (read, &config.root_cert) {
            (Some(Ok(read)), _) => read,
            // The file is gone, or being written; what it held before still counts.
            (_, Some(certificates)) => {
                let certificates = certificates.iter().cloned().map(CertificateDer::from).collect();
                (Vec::new(), certificates)
            }
            (Some(Err(error)), None) => return Err(error),
            (None, None) => (Vec::new(), Vec::new()),
        };
        let verifier = verifier(certificates, &provider)
            .map_err(|error| RustlsTlsError::AddRootCertificate(field(file.as_ref(), error)))?;
        Ok(Self {
            provider,
            file,
            current: Reloaded::new("certificate authorities", pem, verifier),
        })
    }

    /// Reads the file again if `files`; how often it has brought other certificates. A file that cannot be used changes
    /// nothing.
    pub(super) fn reload(&self, files: bool) -> u64 {
        if let Some(file) = self.file.as_ref().filter(|_| files)
            && let Ok(pem) = file.host.read(&file.path)
        {
            self.current.offer(pem, |pem| {
                let made = pem::certificates(pem)
                    .map_err(TlsError::new)
                    .and_then(|certificates| verifier(certificates, &self.provider));
                made.map_err(|error| field(Some(file), error))
            });
        }
        self.current.changes()
    }
}

impl File {
    fn read(&self) -> Result<(Vec<u8>, Vec<CertificateDer<'static>>), RustlsTlsError> {
        let error = |error| RustlsTlsError::AddRootCertificate(field(Some(self), error));
        let pem = self.host.read(&self.path).map_err(|e| error(TlsError::new(e)))?;
        let certificates = pem::certificates(&pem).map_err(|e| error(TlsError::new(e)))?;
        Ok((pem, certificates))
    }
}

fn field(file: Option<&File>, error: TlsError) -> FieldError<TlsError> {
    FieldError::new(
        file.map(|file| file.path.clone()),
        "the certificate authority".to_owned(),
        error,
    )
}

fn verifier(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store.add(certificate).map_err(TlsError::new)?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(TlsError::new)
}

/// Mozilla's certificate authorities, as they were when this was compiled.
#[cfg(feature = "webpki-roots")]
pub(super) fn of_the_platform(
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, RustlsTlsError> {
    let store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
    Ok(verifier.map_err(|error| RustlsTlsError::NoValidNativeRootCA(TlsError::new(error)))?)
}

/// The certificate authorities that this machine trusts.
#[cfg(not(feature = "webpki-roots"))]
pub(super) fn of_the_platform(
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, RustlsTlsError> {
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
    Ok(Arc::new(verifier.map_err(|error| {
        RustlsTlsError::NoValidNativeRootCA(TlsError::new(error))
    })?))
}

impl ServerCertVerifier for Roots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        self.reload(true);
        self.current
            .current()
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.current.current().verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.current.current().verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.current.current().supported_verify_schemes()
    }
}

/// Trusts any certificate; whoever holds it must still prove so.
#[derive(Debug)]
pub(super) struct Unchecked {
    algorithms: WebPkiSupportedAlgorithms,
}

impl Unchecked {
    pub(super) fn new(provider: &CryptoProvider) -> Self {
        Self {
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
