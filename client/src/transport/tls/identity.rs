//! Who to be: the client certificate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::{SignatureScheme, client::ResolvesClientCert, crypto::CryptoProvider, sign::CertifiedKey};

use crate::{
    Config, Error,
    config::{AuthInfo, Host, IdentityPem, Origin, PemError, pem},
    transport::{RustlsTlsError, TlsError, auth::IdentitySlot},
};

/// The client certificate of a user. One from files follows them; one from a credential plugin is handed over when the
/// plugin has run.
#[derive(Debug)]
pub(crate) struct Identity {
    source: Source,
    provider: Arc<CryptoProvider>,
    current: Mutex<Current>,
}

enum Source {
    User(Box<User>),
    Plugin(Arc<IdentitySlot>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(user) => user.origin.fmt(f),
            Self::Plugin(_) => f.write_str("a credential plugin"),
        }
    }
}

struct User {
    info: AuthInfo,
    origin: Origin,
    host: Arc<dyn Host>,
}

#[derive(Default)]
struct Current {
    pem: Option<Arc<IdentityPem>>,
    key: Option<Arc<CertifiedKey>>,
    /// How often they were replaced.
    changes: u64,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

impl Identity {
    /// `None` if the user has no client certificate and will not get one.
    pub(super) fn new(
        config: &Config,
        slot: Option<Arc<IdentitySlot>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Option<Self>, Error> {
        let (info, origin) = (&config.auth_info, &config.user_origin);
        let (source, current) = if let Some(read) = info.identity(&*config.host, origin)? {
            let key = certified_key(&read, info, origin, &provider)?;
            let user = User {
                info: info.clone(),
                origin: origin.clone(),
                host: Arc::clone(&config.host),
            };
            let current = Current {
                pem: Some(Arc::new(read)),
                key: Some(key),
                changes: 0,
            };
            (Source::User(Box::new(user)), current)
        } else if let Some(slot) = slot {
            (Source::Plugin(slot), Current::default())
        } else {
            return Ok(None);
        };
        Ok(Some(Self {
            source,
            provider,
            current: Mutex::new(current),
        }))
    }

    /// Looks at the source again, at files only if `files`; how often it has brought another certificate. What cannot be
    /// used changes nothing.
    pub(super) fn reload(&self, files: bool) -> u64 {
        match &self.source {
            // Files that cannot be read are being written; there will be another time.
            Source::User(user) if files => {
                if let Ok(read) = user.info.identity(&*user.host, &user.origin) {
                    self.replace(read.map(Arc::new), &user.info, &user.origin);
                }
            }
            Source::User(_) => {}
            Source::Plugin(slot) => self.replace(slot.get(), &AuthInfo::default(), &Origin::default()),
        }
        self.lock().changes
    }

    fn replace(&self, read: Option<Arc<IdentityPem>>, info: &AuthInfo, origin: &Origin) {
        let mut current = self.lock();
        let is_same = match (&current.pem, &read) {
            (Some(pem), Some(read)) => Arc::ptr_eq(pem, read) || pem == read,
            (None, None) => true,
            _ => false,
        };
        if is_same {
            return;
        }
        let key = match &read {
            Some(read) => certified_key(read, info, origin, &self.provider).map(Some),
            None => Ok(None),
        };
        match key {
            Ok(key) => {
                let changes = current.changes + 1;
                *current = Current {
                    pem: read,
                    key,
                    changes,
                };
            }
            // Of two files one may be new and the other not yet.
            Err(error) => tracing::warn!(%error, "keeping the old client certificate"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        // Nothing is left half done by a panic: each change is one assignment.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.reload(true);
        let key = self.lock().key.clone()?;
        key.key.choose_scheme(schemes).is_some().then_some(key)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Checks that a client certificate and a key can be used together.
pub(crate) fn certified_key(
    read: &IdentityPem,
    info: &AuthInfo,
    origin: &Origin,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, Error> {
    let chain = pem::certificates(&read.certificate).map_err(|error| {
        let at = origin.error(info.certificate_field(), error);
        if error == PemError::NoItemsFound {
            RustlsTlsError::MissingCertificate(at)
        } else {
            RustlsTlsError::InvalidIdentityPem(at)
        }
    })?;
    let key_at = |error| origin.error(info.key_field(), error);
    let key = pem::private_key(&read.key).map_err(|error| {
        let at = origin.error(info.key_field(), error);
        if error == PemError::NoItemsFound {
            RustlsTlsError::MissingPrivateKey(at)
        } else {
            RustlsTlsError::InvalidIdentityPem(at)
        }
    })?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|error| RustlsTlsError::UnknownPrivateKeyFormat(key_at(TlsError::new(error))))?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(Arc::new(certified))
        }
        Err(error) => Err(RustlsTlsError::InvalidPrivateKey(key_at(TlsError::new(error))).into()),
    }
}
