//! From a request to bytes on a connection: who asks, where to, over what.
//!
//! Each part is a layer or a connector of its own, so that a program can stack its own: see [`ConfigExt`].
//!
//! **Invariant:** nothing here reads a file or an environment variable but through the configuration's
//! [`Host`](crate::config::Host), and no task is spawned but hyper's own for each connection.
//!
//! Reading order: `base_uri.rs`, `extra_headers.rs`, `auth` (layers); `connections.rs`, `connect.rs`, `stream.rs`,
//! `proxy.rs`, `tls.rs` (connections).

pub(crate) mod auth;
mod base_uri;
mod connect;
mod connections;
mod error;
mod extra_headers;
mod proxy;
mod stream;
#[cfg(feature = "rustls-tls")]
mod tls;

#[cfg(feature = "exec")]
pub(crate) use self::auth::PluginCell;
pub(crate) use self::connections::{Connections, Executor};
#[cfg(feature = "rustls-tls")]
pub(crate) use self::tls::Tls;
pub use self::{
    auth::{AuthError, AuthLayer, Authenticate, PluginOutput, oidc_errors},
    base_uri::{BaseUri, BaseUriLayer},
    error::{RustlsTlsError, TlsError},
    extra_headers::{ExtraHeaders, ExtraHeadersLayer},
};
use crate::{Config, Error, Result};

/// The layers and connectors that a [`Config`] describes, for those who build their own stack.
///
/// Everyone else takes [`Client::try_from`](crate::Client).
///
/// ```
/// use http::{Request, Response};
/// use seatrial_client::{Client, Config, client::{Body, ConfigExt}};
/// use tower::ServiceBuilder;
///
/// # futures::executor::block_on(async {
/// let config = Config::new("https://host:6443/prefix".parse().unwrap());
/// let service = ServiceBuilder::new()
///     .layer(config.base_uri_layer())
///     .option_layer(config.auth_layer()?)
///     .map_err(tower::BoxError::from)
///     .service_fn(|request: Request<Body>| async move {
///         assert_eq!(request.uri(), "https://host:6443/prefix/healthz");
///         Ok::<_, tower::BoxError>(Response::new(Body::from(b"ok".to_vec())))
///     });
/// let client = Client::new(service, config.default_namespace);
/// client.request_text(Request::get("/healthz").body(vec![]).unwrap()).await?;
/// # Ok::<_, seatrial_client::Error>(())
/// # }).unwrap();
/// ```
pub trait ConfigExt: sealed::Sealed {
    /// Puts the server's URL before the path of every request.
    fn base_uri_layer(&self) -> BaseUriLayer;

    /// Adds the credentials to every request; `None` if there are none.
    ///
    /// # Errors
    ///
    /// If the credentials cannot be used.
    fn auth_layer(&self) -> Result<Option<AuthLayer>>;

    /// Adds the configured headers and those of impersonation to every request.
    ///
    /// # Errors
    ///
    /// If a name to act as cannot stand in a header.
    fn extra_headers_layer(&self) -> Result<ExtraHeadersLayer>;

    /// The settings of TLS.
    ///
    /// # Errors
    ///
    /// If a certificate or a key cannot be used, or there is no provider of cryptography.
    #[cfg(feature = "rustls-tls")]
    fn rustls_client_config(&self) -> Result<rustls::ClientConfig>;

    /// A connector that does TLS over TCP.
    ///
    /// # Errors
    ///
    /// As [`rustls_client_config`](Self::rustls_client_config).
    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector(
        &self,
    ) -> Result<hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>>;

    /// A connector that does TLS over the connections of another.
    ///
    /// # Errors
    ///
    /// As [`rustls_client_config`](Self::rustls_client_config).
    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector_with_connector<H>(
        &self,
        connector: H,
    ) -> Result<hyper_rustls::HttpsConnector<H>>;
}

impl ConfigExt for Config {
    fn base_uri_layer(&self) -> BaseUriLayer {
        BaseUriLayer::new(self.cluster_url.clone())
    }

    fn auth_layer(&self) -> Result<Option<AuthLayer>> {
        AuthLayer::of(self, &crate::Env::system())
    }

    fn extra_headers_layer(&self) -> Result<ExtraHeadersLayer> {
        ExtraHeadersLayer::of(self)
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_client_config(&self) -> Result<rustls::ClientConfig> {
        Ok(tls(self, &crate::Env::system())?.into_client_config())
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector(
        &self,
    ) -> Result<hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>> {
        self.rustls_https_connector_with_connector(connect::tcp())
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector_with_connector<H>(
        &self,
        connector: H,
    ) -> Result<hyper_rustls::HttpsConnector<H>> {
        // HTTP/1.1 alone: who takes this connector may want to upgrade what it connects.
        Ok(tls(self, &crate::Env::system())?.connector(connector, tls::Versions::Http1))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Config {}
}

/// The connections of `config`, below all layers.
pub(crate) fn connections(
    config: &Config,
    env: &crate::Env,
    executor: Option<Executor>,
) -> Result<Connections, Error> {
    Connections::new(
        config,
        env,
        executor,
        #[cfg(feature = "rustls-tls")]
        tls(config, env)?,
    )
}

#[cfg(feature = "rustls-tls")]
fn tls(config: &Config, env: &crate::Env) -> Result<Tls, Error> {
    Tls::new(config, auth::identity_slot(config, env)?)
}
