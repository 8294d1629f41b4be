//! The layers and connectors of a configuration.

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use hyper_util::client::legacy::connect::HttpConnector;

#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
use crate::transport;
use crate::{
    Config, Env,
    error::Result,
    transport::{AuthLayer, BaseUriLayer, ExtraHeadersLayer},
};

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
    fn rustls_https_connector(&self) -> Result<hyper_rustls::HttpsConnector<HttpConnector>>;

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

    /// The settings of TLS, for OpenSSL: what is in the files now.
    ///
    /// # Errors
    ///
    /// If a certificate or a key cannot be used.
    #[cfg(feature = "openssl-tls")]
    fn openssl_ssl_connector_builder(&self) -> Result<openssl::ssl::SslConnectorBuilder>;

    /// A connector that does TLS by OpenSSL over TCP.
    ///
    /// # Errors
    ///
    /// As [`openssl_ssl_connector_builder`](Self::openssl_ssl_connector_builder).
    #[cfg(feature = "openssl-tls")]
    fn openssl_https_connector(&self)
    -> Result<hyper_openssl::client::legacy::HttpsConnector<HttpConnector>>;

    /// A connector that does TLS by OpenSSL over the connections of another.
    ///
    /// # Errors
    ///
    /// As [`openssl_ssl_connector_builder`](Self::openssl_ssl_connector_builder).
    #[cfg(feature = "openssl-tls")]
    fn openssl_https_connector_with_connector<H>(
        &self,
        connector: H,
    ) -> Result<hyper_openssl::client::legacy::HttpsConnector<H>>
    where
        H: tower::Service<http::Uri> + Send,
        H::Error: Into<tower::BoxError>,
        H::Future: Send + 'static,
        H::Response: hyper::rt::Read
            + hyper::rt::Write
            + hyper_util::client::legacy::connect::Connection
            + Unpin
            + 'static;
}

impl ConfigExt for Config {
    fn base_uri_layer(&self) -> BaseUriLayer {
        BaseUriLayer::new(self.cluster_url.clone())
    }

    fn auth_layer(&self) -> Result<Option<AuthLayer>> {
        Ok(AuthLayer::of(self, &Env::system())?)
    }

    fn extra_headers_layer(&self) -> Result<ExtraHeadersLayer> {
        Ok(ExtraHeadersLayer::of(self)?)
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_client_config(&self) -> Result<rustls::ClientConfig> {
        Ok(transport::rustls(self, &Env::system())?.into_client_config())
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector(&self) -> Result<hyper_rustls::HttpsConnector<HttpConnector>> {
        self.rustls_https_connector_with_connector(transport::tcp())
    }

    #[cfg(feature = "rustls-tls")]
    fn rustls_https_connector_with_connector<H>(
        &self,
        connector: H,
    ) -> Result<hyper_rustls::HttpsConnector<H>> {
        // HTTP/1.1 alone: who takes this connector may want to upgrade what it connects.
        Ok(transport::rustls(self, &Env::system())?.connector(connector, transport::Versions::Http1))
    }

    #[cfg(feature = "openssl-tls")]
    fn openssl_ssl_connector_builder(&self) -> Result<openssl::ssl::SslConnectorBuilder> {
        Ok(transport::openssl(self, &Env::system())?.builder(transport::Versions::Http1)?)
    }

    #[cfg(feature = "openssl-tls")]
    fn openssl_https_connector(
        &self,
    ) -> Result<hyper_openssl::client::legacy::HttpsConnector<HttpConnector>> {
        self.openssl_https_connector_with_connector(transport::tcp())
    }

    #[cfg(feature = "openssl-tls")]
    fn openssl_https_connector_with_connector<H>(
        &self,
        connector: H,
    ) -> Result<hyper_openssl::client::legacy::HttpsConnector<H>>
    where
        H: tower::Service<http::Uri> + Send,
        H::Error: Into<tower::BoxError>,
        H::Future: Send + 'static,
        H::Response: hyper::rt::Read
            + hyper::rt::Write
            + hyper_util::client::legacy::connect::Connection
            + Unpin
            + 'static,
    {
        // HTTP/1.1 alone, as for rustls.
        Ok(transport::openssl(self, &Env::system())?.connector(connector, transport::Versions::Http1)?)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Config {}
}
