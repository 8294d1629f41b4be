//! TLS by rustls: whom to trust, and who to be.
//!
//! Certificate authorities and client certificates that came from files are read again when a connection is made, so
//! that they can be rotated in place; [`Tls::reload`] does the same in between and counts the changes.
//!
//! **Invariant:** the provider of cryptography is passed by hand. The process-wide default is asked for only where
//! neither `ring` nor `aws-lc-rs` is compiled in, and its absence is an error, never a panic.
//!
//! Reading order: [`Tls`], `roots.rs` (whom to trust), `identity.rs` (who to be).

mod identity;
mod roots;

use std::sync::Arc;

use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use rustls::{ClientConfig, client::Resumption, crypto::CryptoProvider, pki_types::ServerName};

use self::{
    identity::Identity,
    roots::{Roots, Unchecked},
};
use super::{RustlsTlsError, TlsError, auth::IdentitySlot};
use crate::{Config, Error};

/// What TLS needs to know about a cluster and a user.
#[derive(Clone)]
pub(crate) struct Tls {
    client: ClientConfig,
    server_name: Option<ServerName<'static>>,
    roots: Option<Arc<Roots>>,
    identity: Option<Arc<Identity>>,
}

impl Tls {
    /// Reads the certificates that `config` names. The client certificate of a credential plugin comes through `slot`.
    pub(crate) fn new(config: &Config, slot: Option<Arc<IdentitySlot>>) -> Result<Self, Error> {
        let provider = provider()?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| RustlsTlsError::Provider(TlsError::new(error)))?;
        let mut roots = None;
        let builder = if config.accept_invalid_certs {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unchecked::new(&provider)))
        } else if config.root_cert.is_some() || config.root_cert_file.is_some() {
            let verifier = Arc::new(Roots::new(config, Arc::clone(&provider))?);
            roots = Some(Arc::clone(&verifier));
            builder.dangerous().with_custom_certificate_verifier(verifier)
        } else {
            builder
                .dangerous()
                .with_custom_certificate_verifier(roots::of_the_platform(&provider)?)
        };
        let identity = Identity::new(config, slot, provider)?.map(Arc::new);
        let mut client = match &identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as _),
            None => builder.with_no_client_auth(),
        };
        // A session that is resumed keeps the identity and the trust that it began with: rotation would not reach it.
        client.resumption = Resumption::disabled();
        let server_name = config.tls_server_name.as_deref().map(server_name).transpose()?;
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

    /// Puts TLS on the connections that `inner` makes to a proxy, whose name is that of its URL.
    #[cfg(feature = "http-proxy")]
    pub(crate) fn connector_to_proxy<H>(&self, inner: H) -> HttpsConnector<H> {
        HttpsConnectorBuilder::new()
            .with_tls_config(self.client.clone())
            .https_only()
            .enable_http1()
            .wrap_connector(inner)
    }

    /// Looks at what the certificates came from, and at files if `files`; how often they have changed, by this or by a
    /// handshake.
    pub(crate) fn reload(&self, files: bool) -> u64 {
        let roots = self.roots.as_ref().map_or(0, |roots| roots.reload(files));
        let identity = self
            .identity
            .as_ref()
            .map_or(0, |identity| identity.reload(files));
        roots + identity
    }
}

/// Whether a client certificate and its key can be used together.
#[cfg(feature = "exec")]
pub(crate) fn check(identity: &crate::config::IdentityPem) -> Result<(), Error> {
    let (info, origin) = (
        crate::config::AuthInfo::default(),
        crate::config::Origin::default(),
    );
    identity::certified_key(identity, &info, &origin, &*provider()?).map(|_| ())
}

/// Which versions of HTTP are offered to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// HTTP/1.1 alone, for connections that will be upgraded.
    Http1,
    /// HTTP/2, or else HTTP/1.1.
    Any,
}

fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    let bare = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    ServerName::try_from(bare).map_err(|error| RustlsTlsError::InvalidServerName(TlsError::new(error)).into())
}

/// The cryptography of this build.
///
/// With both features AWS-LC does it: `ring` is a default that whoever adds the other may have left switched on.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    #[cfg(feature = "aws-lc-rs")]
    return Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    CryptoProvider::get_default()
        .cloned()
        .ok_or_else(|| RustlsTlsError::NoProvider.into())
}
