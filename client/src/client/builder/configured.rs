//! The production stack of a configuration.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tower::{BoxError, Service, ServiceBuilder};

use super::{Body, ClientBuilder, NoTransport, Transport, transport};
use crate::{
    config::Config,
    env::Env,
    error::{Error, Result},
    transport::{AuthLayer, BaseUriLayer, Connections, Executor, ExtraHeadersLayer},
};

/// The place of a service that is still to be chosen, with the configuration of what comes before it.
pub struct Configured {
    config: Config,
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl ClientBuilder<Configured> {
    /// Starts with a configuration: give it a service by [`transport`](Self::transport), or connections of its own by
    /// [`connect`](Self::connect).
    ///
    /// Credentials and connections take their time from the [`Env`] that is set before either is called.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use seatrial_client::{Config, client::{Body, ClientBuilder}};
    ///
    /// # futures::executor::block_on(async {
    /// let mut config = Config::new("https://host/prefix".parse().unwrap());
    /// config.auth_info.impersonate = Some("jane".to_owned());
    /// let server = tower::service_fn(|request: Request<Body>| async move {
    ///     assert_eq!(request.uri(), "https://host/prefix/healthz");
    ///     assert_eq!(request.headers()["impersonate-user"], "jane");
    ///     Ok::<_, tower::BoxError>(Response::new(Body::from(b"ok".to_vec())))
    /// });
    /// let client = ClientBuilder::from_config(config)
    ///     .transport(server)?
    ///     .with_request_timeout(None)
    ///     .build();
    /// client.request_text(Request::get("/healthz").body(vec![]).unwrap()).await?;
    /// # Ok::<_, seatrial_client::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn from_config(config: Config) -> Self {
        let stack = ClientBuilder::<NoTransport>::stack(&*config.default_namespace);
        let mut settings = stack.settings;
        if !config.default_retry {
            settings.retry = None;
        }
        Self {
            default_namespace: stack.default_namespace,
            env: stack.env,
            valid_until: stack.valid_until,
            settings,
            is_compressed: stack.is_compressed && !config.disable_compression,
            service: Configured { config },
        }
    }

    /// Puts the stack over a service: a connection, an API server in memory, a mock.
    ///
    /// # Errors
    ///
    /// If the configuration holds credentials or headers that cannot be used.
    pub fn transport<S, B>(self, service: S) -> Result<ClientBuilder<Transport>>
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let env = self.env.clone().unwrap_or_default();
        let config = &self.service.config;
        let service = ServiceBuilder::new()
            .layer(BaseUriLayer::new(config.cluster_url.clone()))
            .layer(ExtraHeadersLayer::of(config)?)
            .option_layer(AuthLayer::of(config, &env)?)
            .map_err(BoxError::from)
            .service(transport(service));
        let stack = ClientBuilder {
            service: NoTransport,
            default_namespace: self.default_namespace,
            env: Some(env),
            valid_until: self.valid_until,
            settings: self.settings,
            is_compressed: self.is_compressed,
        };
        Ok(stack.transport(service))
    }

    /// Puts the stack over connections to the server, whose tasks run on tokio.
    ///
    /// # Errors
    ///
    /// As [`transport`](Self::transport), and if TLS or the proxy cannot be set up.
    pub fn connect(self) -> Result<ClientBuilder<Transport>> {
        self.connect_on(None)
    }

    fn connect_on(mut self, executor: Option<Executor>) -> Result<ClientBuilder<Transport>> {
        let env: &Env = self.env.get_or_insert_default();
        let connections = Connections::new(&self.service.config, env, executor)?;
        self.transport(connections)
    }
}

impl TryFrom<Config> for ClientBuilder<Transport> {
    type Error = Error;

    /// As [`ClientBuilder::from_config`] with [`connect`](ClientBuilder::connect).
    fn try_from(config: Config) -> Result<Self> {
        ClientBuilder::from_config(config).connect()
    }
}

impl<E> TryFrom<(Config, E)> for ClientBuilder<Transport>
where
    E: hyper::rt::Executor<Pin<Box<dyn Future<Output = ()> + Send>>> + Send + Sync + 'static,
{
    type Error = Error;

    /// As for a configuration alone, with the tasks of the connections on an executor of your own.
    fn try_from((config, executor): (Config, E)) -> Result<Self> {
        ClientBuilder::from_config(config).connect_on(Some(Arc::new(executor)))
    }
}
