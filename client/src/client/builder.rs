//! A client built from a service, layers and settings.

mod configured;

use std::{fmt, num::NonZeroUsize, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use jiff::Timestamp;
use tower::{BoxError, Layer, Service};

pub use self::configured::Configured;
use super::{
    Body, Client, Transport, Warnings, call::Settings, retry::RetryPolicy, service::SharedService, transport,
};
use crate::env::Env;

/// How long an attempt may take unless somebody says otherwise: longer than the minute after which an API server gives
/// up on a request by itself, so that its own answer comes first.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(75);

/// Builds a [`Client`] from a service, one layer and one setting at a time.
///
/// Three ways begin here. [`ClientBuilder::new`] takes a service as it is: what goes in is what is sent. The production
/// stack is [`ClientBuilder::stack`], to be put over any service by [`transport`](ClientBuilder::transport): with
/// retries, a timeout, and compression where the feature `gzip` is on. [`ClientBuilder::from_config`] is that stack with
/// the server, the credentials and the headers of a [`Config`](crate::Config), over any service or over connections of
/// its own.
///
/// ```
/// use http::{Request, Response};
/// use seatrial_client::client::{Body, ClientBuilder};
///
/// # futures::executor::block_on(async {
/// let service = tower::service_fn(|request: Request<Body>| async move {
///     assert!(request.headers()["user-agent"].to_str()?.starts_with("my-controller"));
///     Ok::<_, tower::BoxError>(Response::new(Body::from(b"ok".to_vec())))
/// });
/// let client = ClientBuilder::stack("default")
///     .with_user_agent("my-controller/1.0".parse().unwrap())
///     .transport(service)
///     .with_request_timeout(None)
///     .build();
/// assert_eq!(client.request_text(Request::get("/healthz").body(vec![]).unwrap()).await.unwrap(), "ok");
/// # });
/// ```
#[derive(Clone)]
pub struct ClientBuilder<Svc> {
    service: Svc,
    default_namespace: String,
    env: Option<Env>,
    valid_until: Option<Timestamp>,
    settings: Settings,
    /// Whether answers may come compressed, where the service is still to be chosen.
    is_compressed: bool,
}

/// The place of a service that is still to be chosen.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NoTransport;

impl ClientBuilder<NoTransport> {
    /// Starts with the production stack, and with the namespace for calls that name none.
    ///
    /// Requests are repeated by [`RetryPolicy::default`] and time out after 75 s.
    pub fn stack(default_namespace: impl Into<String>) -> Self {
        let mut settings = Settings::new();
        settings.retry = Some(RetryPolicy::default());
        settings.request_timeout = Some(REQUEST_TIMEOUT);
        Self {
            service: NoTransport,
            default_namespace: default_namespace.into(),
            env: None,
            valid_until: None,
            settings,
            is_compressed: true,
        }
    }

    /// Does not ask for compressed answers, even where the feature `gzip` is on.
    #[must_use]
    pub fn without_compression(mut self) -> Self {
        self.is_compressed = false;
        self
    }

    /// Puts the stack over a service: a connection, an API server in memory, a mock.
    pub fn transport<S, B>(self, service: S) -> ClientBuilder<Transport>
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let service = transport(service);
        #[cfg(feature = "gzip")]
        let service = if self.is_compressed {
            transport(super::gzip::Gzip::new(service))
        } else {
            service
        };
        ClientBuilder {
            service,
            default_namespace: self.default_namespace,
            env: self.env,
            valid_until: self.valid_until,
            settings: self.settings,
            is_compressed: self.is_compressed,
        }
    }
}

impl<Svc> ClientBuilder<Svc> {
    /// Starts with a service and the namespace for calls that name none.
    ///
    /// Nothing is repeated and nothing times out unless it is asked for here.
    pub fn new(service: Svc, default_namespace: impl Into<String>) -> Self
    where
        Svc: Service<Request<Body>>,
    {
        Self {
            service,
            default_namespace: default_namespace.into(),
            env: None,
            valid_until: None,
            settings: Settings::new(),
            is_compressed: false,
        }
    }

    /// Puts a layer around what was built so far: the last one added sees a request first.
    ///
    /// A layer sees each attempt, not each call.
    pub fn with_layer<L: Layer<Svc>>(self, layer: &L) -> ClientBuilder<L::Service> {
        ClientBuilder {
            service: layer.layer(self.service),
            default_namespace: self.default_namespace,
            env: self.env,
            valid_until: self.valid_until,
            settings: self.settings,
            is_compressed: self.is_compressed,
        }
    }

    /// Sets where the client takes its time and randomness from; the system's otherwise.
    #[must_use]
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Sets when the credentials end, if they cannot be renewed.
    #[must_use]
    pub fn with_valid_until(mut self, valid_until: Option<Timestamp>) -> Self {
        self.valid_until = valid_until;
        self
    }

    /// Sets how requests are repeated; `None` for never.
    #[must_use]
    pub fn with_retry(mut self, retry: impl Into<Option<RetryPolicy>>) -> Self {
        self.settings.retry = retry.into();
        self
    }

    /// Sets how long an attempt may take; see [`Client::with_request_timeout`].
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.settings.request_timeout = timeout.into();
        self
    }

    /// Sets how long a call may take with all its attempts; see [`Client::with_deadline`].
    #[must_use]
    pub fn with_deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.settings.deadline = deadline.into();
        self
    }

    /// Sets how many requests may be under way at a time; see [`Client::with_max_in_flight`].
    #[must_use]
    pub fn with_max_in_flight(mut self, max: impl Into<Option<NonZeroUsize>>) -> Self {
        self.settings.set_max_in_flight(max.into());
        self
    }

    /// Sets the name by which the client is known in the logs of the server, for requests that bring none.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.settings.user_agent = user_agent;
        self
    }

    /// Collects the warnings of the server; see [`Warnings`].
    #[must_use]
    pub fn with_warnings(mut self, warnings: Warnings) -> Self {
        self.settings.warnings = Some(warnings);
        self
    }

    /// The client.
    pub fn build<B>(self) -> Client
    where
        Svc: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        Svc::Future: Send + 'static,
        Svc::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Client {
            service: SharedService::new(self.service),
            default_namespace: self.default_namespace.into(),
            env: self.env.unwrap_or_default(),
            valid_until: self.valid_until,
            settings: self.settings.into(),
        }
    }
}

impl<Svc> fmt::Debug for ClientBuilder<Svc> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("default_namespace", &self.default_namespace)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}
