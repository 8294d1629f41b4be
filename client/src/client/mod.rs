//! A connection to one API server, as a handle that is cheap to clone.
//!
//! The [`Client`] moves requests to a `tower` service and answers back; it knows status codes and body framing, but no
//! kinds. [`Api`](crate::Api) adds those.
//!
//! **Invariant:** nothing here spawns a task or buffers requests. A request goes to the service when its future is
//! polled, and is forgotten when its future is dropped.
//!
//! Reading order: [`Client`], [`ClientBuilder`], [`Body`], [`Verb`]; `call.rs` makes the attempts of a call, which `service.rs` hands on, and
//! [`retry`] decides how many, with `guard.rs`, and `limit.rs` how long each may take; `answer.rs` and `stream.rs` read answers, `warning.rs` what is said
//! beside them; `config_ext.rs` has the parts
//! for stacks of one's own; `discovery.rs` asks for the documents that describe the server; `scope` reads objects without an `Api`.

mod answer;
mod body;
mod builder;
mod call;
mod config_ext;
mod discovery;
mod guard;
#[cfg(feature = "gzip")]
mod gzip;
mod http_date;
mod limit;
mod service;
mod stream;
#[cfg(feature = "ws")]
mod upgrade;
mod warning;

pub mod retry;

/// The layers of the production stack; see [`ConfigExt`].
pub mod middleware {
    pub use crate::transport::{
        AuthLayer, Authenticate, BaseUri, BaseUriLayer, ExtraHeaders, ExtraHeadersLayer,
    };
}

#[cfg(feature = "unstable-client")]
pub mod scope;

use std::{any::Any, fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use bytes::Bytes;
use either::Either;
use futures::{AsyncBufRead, Stream};
use http::{Request, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};

pub(crate) use self::answer::Answer;
#[cfg(feature = "ws")]
pub use self::upgrade::Connection;
pub use self::{
    body::Body,
    builder::{ClientBuilder, Configured, NoTransport},
    config_ext::ConfigExt,
    warning::{Warning, Warnings},
};
use self::{call::Settings, retry::RetryPolicy, service::SharedService};
pub use crate::core::Verb;
pub use crate::core::discovery::v2::{
    APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery, APISubresourceDiscovery,
    APIVersionDiscovery, GroupVersionKind as DiscoveryGroupVersionKind,
};
pub use crate::error::UpgradeConnectionError;
pub use crate::transport::{
    AuthError, OAuthError, OpensslTlsError, PluginOutput, RustlsTlsError, TlsError, oidc_errors,
};
use crate::{
    config::{Config, Kubeconfig},
    core::{ObjectList, Status, WatchEvent, decode::Decode},
    env::Env,
    error::{Error, Result},
};

/// A service whose type nobody has to know.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// A handle on one API server: a service that answers requests, a default namespace, and the [`Env`] that everything
/// built on it takes its time from.
///
/// Clones share the service. Use [`Api`](crate::Api) for objects; the methods here are for what has no type.
#[derive(Clone)]
pub struct Client {
    service: SharedService,
    default_namespace: Arc<str>,
    env: Env,
    valid_until: Option<Timestamp>,
    settings: Arc<Settings>,
}

impl Client {
    /// A client that sends its requests to `service`.
    ///
    /// The service can be a stack of layers over a connection, an API server in memory, or a mock. It is cloned for
    /// each request; one that cannot be cloned fits behind `tower::buffer::Buffer`.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use seatrial_client::{Client, client::Body};
    ///
    /// # futures::executor::block_on(async {
    /// let service = tower::service_fn(|request: Request<Body>| async move {
    ///     assert_eq!(request.uri().path(), "/healthz");
    ///     Ok::<_, std::convert::Infallible>(Response::new(Body::from(b"ok".to_vec())))
    /// });
    /// let client = Client::new(service, "default");
    /// let answer = client.request_text(Request::get("/healthz").body(vec![]).unwrap()).await.unwrap();
    /// assert_eq!(answer, "ok");
    /// # });
    /// ```
    pub fn new<S, B, T>(service: S, default_namespace: T) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
        T: Into<String>,
    {
        Self {
            service: SharedService::new(service),
            default_namespace: default_namespace.into().into(),
            env: Env::system(),
            valid_until: None,
            settings: Arc::new(Settings::new()),
        }
    }

    /// A client for the cluster that [`Config::infer`] finds.
    ///
    /// # Errors
    ///
    /// [`Error::InferConfig`] if there is none, and those of [`Client::try_from`].
    pub async fn try_default() -> Result<Self> {
        Self::try_from(Config::infer().await?)
    }

    /// The namespace that [`Api::default_namespaced`](crate::Api::default_namespaced) means.
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// The same client with another default namespace.
    #[must_use]
    pub fn with_default_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.default_namespace = namespace.into().into();
        self
    }

    /// The clock, the timers and the randomness of everything that is built on this client.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The same client with another clock, other timers and other randomness.
    #[must_use]
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    /// When the credentials end, if they cannot be renewed: build a new client before.
    pub fn valid_until(&self) -> &Option<Timestamp> {
        &self.valid_until
    }

    /// The same client with another end of its credentials.
    #[must_use]
    pub fn with_valid_until(mut self, valid_until: Option<Timestamp>) -> Self {
        self.valid_until = valid_until;
        self
    }

    /// The same client with another way to repeat requests, or none.
    ///
    /// Cheap enough for a single call:
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    /// use seatrial_client::{Api, Client, api::ListParams};
    ///
    /// async fn once(client: &Client) -> seatrial_client::Result<usize> {
    ///     let pods: Api<Pod> = Api::all(client.clone().with_retry(None));
    ///     Ok(pods.list(&ListParams::default()).await?.items.len())
    /// }
    /// ```
    #[must_use]
    pub fn with_retry(mut self, retry: impl Into<Option<RetryPolicy>>) -> Self {
        Arc::make_mut(&mut self.settings).retry = retry.into();
        self
    }

    /// The same client with another limit on the time of one attempt, or none.
    ///
    /// Where the answer is a stream (a watch, logs, a connection), the limit is on the time until the stream begins. The wait for
    /// credentials does not count: it has a limit of its own, [`Config::credential_timeout`].
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        Arc::make_mut(&mut self.settings).request_timeout = timeout.into();
        self
    }

    /// The same client with another limit on the time of a call with all its attempts and waits, or none.
    ///
    /// A call that is given up while it waits for credentials was not sent. The next one goes on with that wait.
    #[must_use]
    pub fn with_deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        Arc::make_mut(&mut self.settings).deadline = deadline.into();
        self
    }

    /// The same client with a limit on how many of its requests are under way at a time, or none. Others wait, in order.
    ///
    /// Clones made after this share the limit. Streams count until they begin.
    #[must_use]
    pub fn with_max_in_flight(mut self, max: impl Into<Option<NonZeroUsize>>) -> Self {
        Arc::make_mut(&mut self.settings).set_max_in_flight(max.into());
        self
    }

    /// The same client, with the warnings of the server collected instead of told to `tracing`.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Warnings) -> Self {
        Arc::make_mut(&mut self.settings).warnings = Some(warnings);
        self
    }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// It is sent again as any other, unless its body is a stream.
    ///
    /// # Errors
    ///
    /// [`Error::Service`] if there was no answer.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up on the answer. Whether the server acts on the request is then unknown.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        self.call_raw(request).await
    }

    /// Sends a request and decodes the answer as one JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the server refused, [`Error::Service`] if there was no whole answer, [`Error::SerdeError`] if
    /// it is not a `T`, [`Error::OutcomeUnknown`] if a write was sent again to no avail.
    pub async fn request<T: DeserializeOwned>(&self, request: Request<Vec<u8>>) -> Result<T> {
        self.call(request, Answer::json).await
    }

    /// Sends a request and returns the answer as text.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request), and [`Error::FromUtf8`] if the answer is not text.
    pub async fn request_text(&self, request: Request<Vec<u8>>) -> Result<String> {
        self.call(request, Answer::text).await
    }

    /// Sends a request and returns the answer as a reader, for logs and other streams of bytes.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Error::Api`] if the server refused; later ones come out of the reader.
    pub async fn request_stream(&self, request: Request<Vec<u8>>) -> Result<impl AsyncBufRead + use<>> {
        Ok(self.answer(request).await?.reader())
    }

    /// Sends a request that is answered with an object or with a `Status`, as deletions are.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    pub async fn request_status<T: DeserializeOwned>(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Either<T, Status>> {
        self.call(request, Answer::object_or_status).await
    }

    /// Sends a watch request and returns its events.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Error::Api`] if the server refused. An item is [`Error::ReadEvents`] if the
    /// stream broke off, after which it ends, or [`Error::SerdeError`] if one event is not a `T`, after which it goes
    /// on. An event that the end of the stream cut short is left out: watch again from the last one you saw.
    pub async fn request_events<T>(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<impl Stream<Item = Result<WatchEvent<T>>> + Send + use<T>>
    where
        T: Clone + DeserializeOwned,
    {
        Ok(self.answer(request).await?.events(Decode::default()))
    }

    /// Sends a list request and decodes the answer item by item while it arrives.
    ///
    /// The memory used is that of the items and of a window on the body, not of the body. This is what
    /// [`Api::list`](crate::Api::list) does.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request). A list that was cut short is an error, never a shorter list.
    pub async fn request_list<T>(&self, request: Request<Vec<u8>>) -> Result<ObjectList<T>>
    where
        T: Clone + DeserializeOwned,
    {
        self.call(request, |answer| answer.list(Decode::default())).await
    }

    /// Sends a request and hands out the answer unread.
    pub(crate) async fn answer(&self, request: Request<Vec<u8>>) -> Result<Answer> {
        self.call(request, |answer| std::future::ready(Ok(answer))).await
    }
}

/// Hides the type of a service, once.
fn transport<S, B>(service: S) -> Transport
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut service = Some(service);
    if let Some(service) = (&mut service as &mut dyn Any).downcast_mut::<Option<Transport>>()
        && let Some(service) = service.take()
    {
        return service;
    }
    // Taken above only where the function returned.
    let service = service.expect("the service was not taken");
    let service = service
        .map_response(|response: Response<B>| response.map(Body::wrap))
        .map_err(Into::into);
    Transport::new(service)
}

impl TryFrom<Config> for Client {
    type Error = Error;

    /// A client over connections of its own; see [`ClientBuilder::from_config`].
    fn try_from(config: Config) -> Result<Self> {
        Ok(ClientBuilder::try_from(config)?.build())
    }
}

impl TryFrom<Kubeconfig> for Client {
    type Error = Error;

    /// A client for the kubeconfig's current context.
    fn try_from(kubeconfig: Kubeconfig) -> Result<Self> {
        Self::try_from(Config::try_from(kubeconfig)?)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("default_namespace", &self.default_namespace)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}
