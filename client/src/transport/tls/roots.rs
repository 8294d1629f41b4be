//! Whom to trust: the certificate authorities of a cluster.

use std::{path::PathBuf, sync::Arc};

use rustls_pki_types::CertificateDer;

use super::reloaded::Reloaded;
use crate::{
    config::{Config, FieldError, Host, pem},
    transport::{RustlsTlsError, TlsError},
};

/// The certificate authorities of a cluster, as a library of TLS takes them. Those from a file follow it.
pub(super) struct Roots<T> {
    file: Option<File>,
    make: Box<Make<T>>,
    /// The contents of the file, and what was made of it.
    current: Reloaded<Vec<u8>, T>,
}

/// Makes of certificates what the library takes.
type Make<T> = dyn Fn(Vec<CertificateDer<'static>>) -> Result<T, TlsError> + Send + Sync;

struct File {
    path: PathBuf,
    host: Arc<dyn Host>,
}

impl<T: Clone> Roots<T> {
    /// `None` if the cluster has no authorities of its own.
    pub(super) fn new(
        config: &Config,
        make: impl Fn(Vec<CertificateDer<'static>>) -> Result<T, TlsError> + Send + Sync + 'static,
    ) -> Result<Option<Self>, RustlsTlsError> {
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
            (None, None) => return Ok(None),
        };
        let made = make(certificates).map_err(|error| {
            RustlsTlsError::AddRootCertificate(match &file {
                Some(_) => field(file.as_ref(), error),
                None => config.cluster_origin.error("certificate-authority-data", error),
            })
        })?;
        Ok(Some(Self {
            file,
            make: Box::new(make),
            current: Reloaded::new("certificate authorities", pem, made),
        }))
    }

    /// Reads the file again if `files`; how often it has brought other certificates. A file that cannot be used changes
    /// nothing.
    pub(super) fn reload(&self, files: bool) -> u64 {
        if let Some(file) = self.file.as_ref().filter(|_| files)
            && let Ok(pem) = file.host.read(&file.path)
        {
            self.current.offer(pem, |pem| {
                let certificates = pem::certificates(pem).map_err(TlsError::new);
                certificates
                    .and_then(&self.make)
                    .map_err(|error| field(Some(file), error))
            });
        }
        self.current.changes()
    }

    /// The authorities as they are now.
    pub(super) fn latest(&self) -> T {
        self.reload(true);
        self.current()
    }

    /// The authorities as they were when the file was last looked at.
    pub(super) fn current(&self) -> T {
        self.current.current()
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

impl<T> std::fmt::Debug for Roots<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) => file.path.fmt(f),
            None => f.write_str("certificate authorities"),
        }
    }
}
