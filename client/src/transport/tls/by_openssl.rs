//! TLS by OpenSSL.
//!
//! The settings are built for each connection, of what is in the files then: OpenSSL's own cannot be changed any more.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};
use http::Uri;
use hyper_openssl::client::legacy::HttpsConnector;
use openssl::{
    error::ErrorStack,
    pkey::{PKey, Private},
    ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslSessionCacheMode, SslVerifyMode},
    x509::{X509, store::X509StoreBuilder},
};
use tower::{BoxError, Service, ServiceExt};

use super::{
    Versions,
    identity::{self, Identity},
    roots::Roots,
};
use crate::{
    config::{AuthInfo, Config, IdentityPem, Origin},
    transport::{
        RustlsTlsError, SetupError, TlsError,
        auth::IdentitySlot,
        connect::{Dial, boxed},
    },
};

/// What is offered to the server, each name behind its length: RFC 7301.
const HTTP1: &[u8] = b"\x08http/1.1";
const ANY: &[u8] = b"\x02h2\x08http/1.1";

/// What TLS needs to know about a cluster and a user.
#[derive(Clone)]
pub(crate) struct Tls {
    server_name: Option<String>,
    /// Whether whoever answers is trusted.
    accept_any: bool,
    roots: Option<Arc<Roots<Arc<[X509]>>>>,
    identity: Option<Arc<Identity<Key>>>,
}

/// The certificates and the key of a user.
type Key = Arc<(Vec<X509>, PKey<Private>)>;

#[cfg_attr(
    feature = "rustls-tls",
    expect(
        dead_code,
        reason = "with both libraries, rustls makes the client's own connections"
    )
)]
impl Tls {
    /// Adds TLS to `dial`, for the URLs that want it.
    pub(in crate::transport) fn secure(&self, dial: Dial, versions: Versions) -> Dial {
        let (tls, name) = (self.clone(), self.server_name.clone());
        Dial::new(Fresh {
            tls,
            dial,
            versions,
            name,
        })
    }

    /// Adds TLS to the connections that `dial` makes to a proxy, whose name is that of its URL.
    #[cfg(feature = "http-proxy")]
    #[expect(clippy::unnecessary_wraps, reason = "the same where there is no TLS")]
    pub(in crate::transport) fn to_proxy(&self, dial: Dial) -> Result<Dial, SetupError> {
        let (tls, versions) = (self.clone(), Versions::Http1);
        Ok(Dial::new(Fresh {
            tls,
            dial,
            versions,
            name: None,
        }))
    }

    /// Looks at what the certificates came from, and at files if `files`; how often they have changed, by this or by a
    /// handshake.
    pub(in crate::transport) fn reload(&self, files: bool) -> u64 {
        super::reload(self.roots.as_deref(), self.identity.as_deref(), files)
    }

    /// Whether a client certificate and its key can be used together.
    #[cfg(feature = "exec")]
    pub(in crate::transport) fn check(identity: &IdentityPem) -> Result<(), SetupError> {
        key(identity, &AuthInfo::default(), &Origin::default()).map(|_| ())
    }

    /// Signs by RSASSA-PKCS1-v1_5 and SHA-256.
    #[cfg(feature = "oauth")]
    pub(in crate::transport) fn sign_rs256(
        key: rustls_pki_types::PrivateKeyDer<'static>,
        message: &[u8],
    ) -> Result<Vec<u8>, TlsError> {
        let key = PKey::private_key_from_der(key.secret_der()).map_err(TlsError::new)?;
        key.rsa().map_err(|_| TlsError::new("it is of another kind"))?;
        openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(message))
            .map_err(TlsError::new)
    }
}

impl Tls {
    /// Reads the certificates that `config` names. The client certificate of a credential plugin comes through `slot`.
    pub(super) fn new(config: &Config, slot: Option<Arc<IdentitySlot>>) -> Result<Self, SetupError> {
        let roots = Roots::new(config, |certificates| Ok(Arc::from(parsed(&certificates)?)))?;
        Ok(Self {
            server_name: super::server_name(config)?.map(|name| name.to_str().into_owned()),
            accept_any: config.accept_invalid_certs,
            roots: roots.map(Arc::new),
            identity: Identity::new(config, slot, key)?.map(Arc::new),
        })
    }

    /// The settings for one connection, or for more by who wants to.
    pub(crate) fn builder(&self, versions: Versions) -> Result<SslConnectorBuilder, SetupError> {
        let fail = |error: ErrorStack| RustlsTlsError::Provider(TlsError::new(error));
        let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(fail)?;
        // A session that is resumed keeps the identity and the trust that it began with: rotation would not reach it.
        builder.set_session_cache_mode(SslSessionCacheMode::OFF);
        let offer = match versions {
            Versions::Http1 => HTTP1,
            Versions::Any => ANY,
        };
        builder.set_alpn_protos(offer).map_err(fail)?;
        if self.accept_any {
            builder.set_verify(SslVerifyMode::NONE);
        } else if let Some(roots) = &self.roots {
            // Instead of the platform's, not beside them.
            let mut store = X509StoreBuilder::new().map_err(fail)?;
            for certificate in &*roots.latest() {
                store.add_cert(certificate.clone()).map_err(fail)?;
            }
            builder.set_cert_store(store.build());
        }
        if let Some(key) = self.identity.as_ref().and_then(|identity| identity.latest()) {
            let (chain, key) = &*key;
            if let Some((own, rest)) = chain.split_first() {
                builder.set_certificate(own).map_err(fail)?;
                for certificate in rest {
                    builder.add_extra_chain_cert(certificate.clone()).map_err(fail)?;
                }
            }
            builder.set_private_key(key).map_err(fail)?;
        }
        Ok(builder)
    }

    /// Puts TLS on the connections that `inner` makes to `https` URLs.
    pub(crate) fn connector<H>(&self, inner: H, versions: Versions) -> Result<HttpsConnector<H>, SetupError>
    where
        H: Service<Uri> + Send,
        H::Error: Into<BoxError>,
        H::Future: Send + 'static,
        H::Response: hyper::rt::Read
            + hyper::rt::Write
            + hyper_util::client::legacy::connect::Connection
            + Unpin
            + 'static,
    {
        self.connector_for(inner, versions, self.server_name.clone())
    }

    fn connector_for<H>(
        &self,
        inner: H,
        versions: Versions,
        server_name: Option<String>,
    ) -> Result<HttpsConnector<H>, SetupError>
    where
        H: Service<Uri> + Send,
        H::Error: Into<BoxError>,
        H::Future: Send + 'static,
        H::Response: hyper::rt::Read
            + hyper::rt::Write
            + hyper_util::client::legacy::connect::Connection
            + Unpin
            + 'static,
    {
        let builder = self.builder(versions)?;
        let mut connector = HttpsConnector::with_connector(inner, builder)
            .map_err(|error| RustlsTlsError::Provider(TlsError::new(error)))?;
        if let Some(name) = server_name {
            let accept_any = self.accept_any;
            connector.set_callback(move |connection, _| {
                // The name of the URL is neither told nor checked; this one is.
                connection.set_use_server_name_indication(false);
                connection.set_verify_hostname(false);
                match name.parse() {
                    Ok(address) if !accept_any => connection.param_mut().set_ip(address),
                    Ok(_) => Ok(()),
                    Err(_) => {
                        connection.set_hostname(&name)?;
                        if accept_any {
                            Ok(())
                        } else {
                            connection.param_mut().set_host(&name)
                        }
                    }
                }
            });
        } else if self.accept_any {
            connector.set_callback(|connection, _| {
                connection.set_verify_hostname(false);
                Ok(())
            });
        }
        Ok(connector)
    }
}

fn parsed<C: AsRef<[u8]>>(certificates: &[C]) -> Result<Vec<X509>, TlsError> {
    let parsed: Result<_, _> = certificates
        .iter()
        .map(|der| X509::from_der(der.as_ref()))
        .collect();
    parsed.map_err(TlsError::new)
}

/// Checks that a client certificate and a key can be used together.
fn key(read: &IdentityPem, info: &AuthInfo, origin: &Origin) -> Result<Key, SetupError> {
    let chain = identity::certificates(read, info, origin)?;
    let key_at = |error: TlsError| origin.error(info.key_field(), error);
    let chain = parsed(&chain)
        .map_err(|error| RustlsTlsError::InvalidPrivateKey(origin.error(info.certificate_field(), error)))?;
    let key = identity::private_key(read, info, origin)?;
    let key = PKey::private_key_from_der(key.secret_der())
        .map_err(|error| RustlsTlsError::UnknownPrivateKeyFormat(key_at(TlsError::new(error))))?;
    let fits = chain
        .first()
        .and_then(|own| own.public_key().ok())
        .is_some_and(|public| public.public_eq(&key));
    if !fits {
        let error = TlsError::new("the key does not belong to the certificate");
        return Err(RustlsTlsError::InvalidPrivateKey(key_at(error)).into());
    }
    Ok(Arc::new((chain, key)))
}

/// Connects with the settings of the moment.
#[derive(Clone)]
struct Fresh {
    tls: Tls,
    dial: Dial,
    versions: Versions,
    name: Option<String>,
}

impl Service<Uri> for Fresh {
    type Response = crate::transport::stream::Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self
            .tls
            .connector_for(self.dial.clone(), self.versions, self.name.clone());
        async move { boxed(connector?).oneshot(uri).await }.boxed()
    }
}
