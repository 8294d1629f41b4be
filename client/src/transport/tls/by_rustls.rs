//! TLS by rustls.
//!
//! **Invariant:** the provider of cryptography is passed by hand. The process-wide default is asked for only where
//! neither `ring` nor `aws-lc-rs` is compiled in, and its absence is an error, never a panic.

use std::sync::Arc;

use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use rustls::{
    ClientConfig, SignatureScheme,
    client::{ResolvesClientCert, Resumption, WebPkiServerVerifier},
    crypto::CryptoProvider,
    pki_types::ServerName,
    sign::CertifiedKey,
};

use super::{
    Versions,
    identity::{self, Identity},
    roots::Roots,
    verifier::{self, Unchecked},
};
use crate::{
    config::{AuthInfo, Config, IdentityPem, Origin},
    transport::{
        RustlsTlsError, SetupError, TlsError,
        auth::IdentitySlot,
        connect::{Dial, boxed},
    },
};

type Authorities = Roots<Arc<WebPkiServerVerifier>>;

/// What TLS needs to know about a cluster and a user.
#[derive(Clone)]
pub(crate) struct Tls {
    client: ClientConfig,
    server_name: Option<ServerName<'static>>,
    roots: Option<Arc<Authorities>>,
    identity: Option<Arc<Identity<Arc<CertifiedKey>>>>,
}

impl Tls {
    /// Reads the certificates that `config` names. The client certificate of a credential plugin comes through `slot`.
    pub(super) fn new(config: &Config, slot: Option<Arc<IdentitySlot>>) -> Result<Self, SetupError> {
        let provider = provider()?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| RustlsTlsError::Provider(TlsError::new(error)))?;
        let roots = if config.accept_invalid_certs {
            None
        } else {
            let provider = Arc::clone(&provider);
            Roots::new(config, move |certificates| {
                verifier::verifier(certificates, &provider)
            })?
            .map(Arc::new)
        };
        let judge = match &roots {
            Some(roots) => Arc::clone(roots) as _,
            None if config.accept_invalid_certs => Arc::new(Unchecked::new(&provider)) as _,
            None => verifier::of_the_platform(&provider)?,
        };
        let builder = builder.dangerous().with_custom_certificate_verifier(judge);
        let make = move |read: &IdentityPem, info: &AuthInfo, origin: &Origin| {
            certified_key(read, info, origin, &provider)
        };
        let identity = Identity::new(config, slot, make)?.map(Arc::new);
        let mut client = match &identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as _),
            None => builder.with_no_client_auth(),
        };
        // A session that is resumed keeps the identity and the trust that it began with: rotation would not reach it.
        client.resumption = Resumption::disabled();
        let server_name = super::server_name(config)?;
        Ok(Self {
            client,
            server_name,
            roots,
            identity,
        })
    }

    /// The settings themselves, for those who make connections of their own.
    pub(crate) fn into_client_config(self) -> ClientConfig {
        self.client
    }

    /// Puts TLS on the connections that `inner` makes to `https` URLs.
    pub(crate) fn connector<H>(&self, inner: H, versions: Versions) -> HttpsConnector<H> {
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(self.client.clone())
            .https_or_http();
        let builder = match &self.server_name {
            Some(name) => builder.with_server_name_resolver(FixedServerNameResolver::new(name.clone())),
            None => builder,
        };
        match versions {
            Versions::Http1 => builder.enable_http1().wrap_connector(inner),
            Versions::Any => builder.enable_all_versions().wrap_connector(inner),
        }
    }

    /// Adds TLS to `dial`, for the URLs that want it.
    pub(in crate::transport) fn secure(&self, dial: Dial, versions: Versions) -> Dial {
        boxed(self.connector(dial, versions))
    }

    /// Adds TLS to the connections that `dial` makes to a proxy, whose name is that of its URL.
    #[cfg(feature = "http-proxy")]
    #[expect(clippy::unnecessary_wraps, reason = "the same where there is no TLS")]
    pub(in crate::transport) fn to_proxy(&self, dial: Dial) -> Result<Dial, SetupError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(self.client.clone())
            .https_only()
            .enable_http1()
            .wrap_connector(dial);
        Ok(boxed(connector))
    }

    /// Looks at what the certificates came from, and at files if `files`; how often they have changed, by this or by a
    /// handshake.
    pub(in crate::transport) fn reload(&self, files: bool) -> u64 {
        super::reload(self.roots.as_deref(), self.identity.as_deref(), files)
    }

    /// Whether a client certificate and its key can be used together.
    #[cfg(feature = "exec")]
    pub(in crate::transport) fn check(identity: &IdentityPem) -> Result<(), SetupError> {
        certified_key(identity, &AuthInfo::default(), &Origin::default(), &*provider()?).map(|_| ())
    }

    /// Signs by RSASSA-PKCS1-v1_5 and SHA-256.
    #[cfg(feature = "oauth")]
    pub(in crate::transport) fn sign_rs256(
        key: rustls::pki_types::PrivateKeyDer<'static>,
        message: &[u8],
    ) -> Result<Vec<u8>, TlsError> {
        let key = provider()
            .map_err(TlsError::new)?
            .key_provider
            .load_private_key(key)
            .map_err(TlsError::new)?;
        key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])
            .ok_or_else(|| TlsError::new("it is of another kind"))?
            .sign(message)
            .map_err(TlsError::new)
    }
}

impl ResolvesClientCert for Identity<Arc<CertifiedKey>> {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let key = self.latest()?;
        key.key.choose_scheme(schemes).is_some().then_some(key)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The cryptography of this build.
///
/// With both features AWS-LC does it: `ring` is a default that whoever adds the other may have left switched on.
pub(in crate::transport) fn provider() -> Result<Arc<CryptoProvider>, RustlsTlsError> {
    #[cfg(feature = "aws-lc-rs")]
    return Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    CryptoProvider::get_default()
        .cloned()
        .ok_or(RustlsTlsError::NoProvider)
}

/// Checks that a client certificate and a key can be used together.
fn certified_key(
    read: &IdentityPem,
    info: &AuthInfo,
    origin: &Origin,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, SetupError> {
    let chain = identity::certificates(read, info, origin)?;
    let key_at = |error| origin.error(info.key_field(), error);
    let key = identity::private_key(read, info, origin)?;
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
