//! Who to be: the client certificate.

use std::sync::{Arc, Mutex, PoisonError};

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
    current: Mutex<Option<Current>>,
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

struct Current {
    pem: Arc<IdentityPem>,
    key: Arc<CertifiedKey>,
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
            (
                Source::User(Box::new(user)),
                Some(Current {
                    pem: Arc::new(read),
                    key,
                }),
            )
        } else if let Some(slot) = slot {
            (Source::Plugin(slot), None)
        } else {
            return Ok(None);
        };
        let current = Mutex::new(current);
        Ok(Some(Self {
            source,
            provider,
            current,
        }))
    }

    /// Looks at the source again; whether it brought another certificate. What cannot be used changes nothing.
    ///
    /// Files are read only if `files`.
    pub(super) fn reload(&self, files: bool) -> bool {
        match &self.source {
            Source::User(user) if files => match user.info.identity(&*user.host, &user.origin) {
                Ok(read) => self.replace(read.map(Arc::new), &user.info, &user.origin),
                // The files are being written; there will be another time.
                Err(_) => false,
            },
            Source::User(_) => false,
            Source::Plugin(slot) => self.replace(slot.get(), &AuthInfo::default(), &Origin::default()),
        }
    }

    fn replace(&self, read: Option<Arc<IdentityPem>>, info: &AuthInfo, origin: &Origin) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = match (&*current, &read) {
            (Some(current), Some(read)) => Arc::ptr_eq(&current.pem, read) || current.pem == *read,
            (None, None) => true,
            _ => false,
        };
        if is_same {
            return false;
        }
        let Some(read) = read else {
            *current = None;
            return true;
        };
        match certified_key(&read, info, origin, &self.provider) {
            Ok(key) => {
                *current = Some(Current { pem: read, key });
                true
            }
            Err(error) => {
                // Of two files one may be new and the other not yet.
                tracing::warn!(%error, "keeping the old client certificate");
                false
            }
        }
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.reload(true);
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Arc::clone(&current.as_ref()?.key);
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
