//! Who to be: the client certificate.

use std::sync::Arc;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::reloaded::Reloaded;
use crate::{
    config::{AuthInfo, Config, Host, IdentityPem, Origin, PemError, pem},
    transport::{RustlsTlsError, SetupError, auth::IdentitySlot},
};

/// The client certificate of a user, as a library of TLS takes it. One from files follows them; one from a credential
/// plugin is handed over when the plugin has run.
pub(super) struct Identity<K> {
    source: Source,
    make: Box<Make<K>>,
    current: Reloaded<Option<Arc<IdentityPem>>, Option<K>>,
}

/// Makes of PEM what the library takes. The rest is for the error.
type Make<K> = dyn Fn(&IdentityPem, &AuthInfo, &Origin) -> Result<K, SetupError> + Send + Sync;

enum Source {
    User(Box<User>),
    Plugin(Arc<IdentitySlot>),
}

struct User {
    info: AuthInfo,
    origin: Origin,
    host: Arc<dyn Host>,
}

impl<K: Clone> Identity<K> {
    /// `None` if the user has no client certificate and will not get one.
    pub(super) fn new(
        config: &Config,
        slot: Option<Arc<IdentitySlot>>,
        make: impl Fn(&IdentityPem, &AuthInfo, &Origin) -> Result<K, SetupError> + Send + Sync + 'static,
    ) -> Result<Option<Self>, SetupError> {
        let (info, origin) = (&config.auth_info, &config.user_origin);
        let (source, read, made) = if let Some(read) = info.identity(&*config.host, origin)? {
            let made = make(&read, info, origin)?;
            let user = User {
                info: info.clone(),
                origin: origin.clone(),
                host: Arc::clone(&config.host),
            };
            (Source::User(Box::new(user)), Some(Arc::new(read)), Some(made))
        } else if let Some(slot) = slot {
            (Source::Plugin(slot), None, None)
        } else {
            return Ok(None);
        };
        Ok(Some(Self {
            source,
            make: Box::new(make),
            current: Reloaded::new("client certificate", read, made),
        }))
    }

    /// Looks at the source again, at files only if `files`; how often it has brought another certificate. What cannot be
    /// used changes nothing.
    pub(super) fn reload(&self, files: bool) -> u64 {
        match &self.source {
            // Files that cannot be read are being written; there will be another time.
            Source::User(user) if files => {
                if let Ok(read) = user.info.identity(&*user.host, &user.origin) {
                    self.offer(read.map(Arc::new), &user.info, &user.origin);
                }
            }
            Source::User(_) => {}
            Source::Plugin(slot) => self.offer(slot.get(), &AuthInfo::default(), &Origin::default()),
        }
        self.current.changes()
    }

    /// The certificate as it is now.
    pub(super) fn latest(&self) -> Option<K> {
        self.reload(true);
        self.current.current()
    }

    fn offer(&self, read: Option<Arc<IdentityPem>>, info: &AuthInfo, origin: &Origin) {
        self.current.offer(read, |read| {
            read.as_deref()
                .map(|read| (self.make)(read, info, origin))
                .transpose()
        });
    }
}

/// The chain of certificates in `read`.
pub(super) fn certificates(
    read: &IdentityPem,
    info: &AuthInfo,
    origin: &Origin,
) -> Result<Vec<CertificateDer<'static>>, RustlsTlsError> {
    pem::certificates(&read.certificate).map_err(|error| {
        let at = origin.error(info.certificate_field(), error);
        if error == PemError::NoItemsFound {
            RustlsTlsError::MissingCertificate(at)
        } else {
            RustlsTlsError::InvalidIdentityPem(at)
        }
    })
}

/// The key in `read`.
pub(super) fn private_key(
    read: &IdentityPem,
    info: &AuthInfo,
    origin: &Origin,
) -> Result<PrivateKeyDer<'static>, RustlsTlsError> {
    pem::private_key(&read.key).map_err(|error| {
        let at = origin.error(info.key_field(), error);
        if error == PemError::NoItemsFound {
            RustlsTlsError::MissingPrivateKey(at)
        } else {
            RustlsTlsError::InvalidIdentityPem(at)
        }
    })
}

impl<K> std::fmt::Debug for Identity<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.source {
            Source::User(user) => user.origin.fmt(f),
            Source::Plugin(_) => f.write_str("a credential plugin"),
        }
    }
}
