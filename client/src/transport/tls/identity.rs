//! Who to be: the client certificate.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{SignatureScheme, client::ResolvesClientCert, crypto::CryptoProvider, sign::CertifiedKey};

use crate::{
    Config, Error,
    config::{AuthInfo, Host, IdentityPem, Origin, PemError, pem},
    transport::{RustlsTlsError, TlsError},
};

/// The client certificate of a user. One from files follows them; one from a credential plugin is handed over when the
/// plugin has run.
#[derive(Debug)]
pub(crate) struct Identity {
    source: Source,
    provider: Arc<CryptoProvider>,
    current: Mutex<Option<Current>>,
}

#[derive(Debug)]
enum Source {
    User(Box<User>),
    Plugin(Arc<IdentitySlot>),
}

struct User {
    info: AuthInfo,
    origin: Origin,
    host: Arc<dyn Host>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.origin.fmt(f)
    }
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

/// Where a credential plugin leaves its client certificate.
#[derive(Default)]
pub(crate) struct IdentitySlot(Mutex<Option<Arc<IdentityPem>>>);

impl IdentitySlot {
    #[expect(dead_code, reason = "credential plugins come next")]
    pub(crate) fn set(&self, identity: Option<Arc<IdentityPem>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    fn get(&self) -> Option<Arc<IdentityPem>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl std::fmt::Debug for IdentitySlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentitySlot").finish_non_exhaustive()
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

    /// Reads the source again; whether it brought another certificate. What cannot be used changes nothing.
    pub(super) fn reload(&self) -> bool {
        let unknown = (AuthInfo::default(), Origin::default());
        let (read, info, origin) = match &self.source {
            Source::User(user) => match user.info.identity(&*user.host, &user.origin) {
                Ok(read) => (read.map(Arc::new), &user.info, &user.origin),
                // The files are being written; there will be another time.
                Err(_) => return false,
            },
            Source::Plugin(slot) => (slot.get(), &unknown.0, &unknown.1),
        };
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().map(|current| &current.pem) == read.as_ref() {
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
        self.reload();
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
