//! A connection to one API server, as a handle that is cheap to clone.
//!
//! The [`Client`] moves requests to a `tower` service and answers back; it knows status codes and body framing, but no
//! kinds. [`Api`](crate::Api) adds those.
//!
//! **Invariant:** nothing here spawns a task or buffers requests. A request goes to the service when its future is
//! polled, and is forgotten when its future is dropped.
//!
//! Reading order: [`Client`], [`ClientBuilder`], [`Body`], [`Verb`]; `answer.rs` and `stream.rs` read answers,
//! `discovery.rs` asks for the documents that describe the server; `scope` reads objects without an `Api`.

mod answer;
mod body;
mod builder;
mod discovery;
mod stream;
mod verb;

#[cfg(feature = "unstable-client")]
pub mod scope;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use either::Either;
use futures::{AsyncBufRead, Stream};
use http::{Request, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};
use tracing::Instrument;

pub(crate) use self::answer::Answer;
pub use self::{body::Body, builder::ClientBuilder, verb::Verb};
pub use crate::core::discovery::v2::{
    APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery, APISubresourceDiscovery,
    APIVersionDiscovery, GroupVersionKind as DiscoveryGroupVersionKind,
};
use crate::{
    core::{ObjectList, Status, WatchEvent},
    env::Env,
    error::{Error, NotSent, Result, Target},
};

/// A handle on one API server: a service that answers requests, a default namespace, and the [`Env`] that everything
/// built on it takes its time from.
///
/// Clones share the service. Use [`Api`](crate::Api) for objects; the methods here are for what has no type.
#[derive(Clone)]
pub struct Client {
    service: BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>,
    default_namespace: Arc<str>,
    env: Env,
    valid_until: Option<Timestamp>,
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
        let service = service
            .map_response(|response: Response<B>| response.map(Body::wrap))
            .map_err(Into::into);
        Self {
            service: BoxCloneSyncService::new(service),
            default_namespace: default_namespace.into().into(),
            env: Env::system(),
            valid_until: None,
        }
    }

    /// A client for the cluster that the environment describes.
    ///
    /// # Errors
    ///
    /// Always [`Error::ConfigUnavailable`] in this version, which cannot read a kubeconfig or the in-cluster
    /// configuration yet: build a client with [`Client::new`] over a service of your own.
    pub async fn try_default() -> Result<Self> {
        Err(Error::ConfigUnavailable)
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

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`Error::Service`] if there was no answer.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up on the answer. Whether the server acts on the request is then unknown.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        let target = Target::of(&request);
        self.send_to(&target, request).await
    }

    /// Sends a request and decodes the answer as one JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the server refused, [`Error::Service`] if there was no whole answer, [`Error::SerdeError`] if
    /// it is not a `T`.
    pub async fn request<T: DeserializeOwned>(&self, request: Request<Vec<u8>>) -> Result<T> {
        self.answer(request).await?.json().await
    }

    /// Sends a request and returns the answer as text.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request), and [`Error::FromUtf8`] if the answer is not text.
    pub async fn request_text(&self, request: Request<Vec<u8>>) -> Result<String> {
        self.answer(request).await?.text().await
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
        self.answer(request).await?.object_or_status().await
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
        Ok(self.answer(request).await?.events())
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
        self.answer(request).await?.list().await
    }

    /// Sends a request and turns an error answer into an error.
    pub(crate) async fn answer(&self, request: Request<Vec<u8>>) -> Result<Answer> {
        let request = request.map(Body::from);
        let target = Target::of(&request);
        let response = self.send_to(&target, request).await?;
        Answer::accept(target, response, &self.env).await
    }

    async fn send_to(&self, target: &Target, mut request: Request<Body>) -> Result<Response<Body>> {
        request.extensions_mut().insert(target.verb());
        let span = tracing::debug_span!("request", verb = %target.verb(), path = request.uri().path());
        let mut service = self.service.clone();
        let answer = async move {
            match service.ready().await {
                Ok(service) => service.call(request).await.map_err(Error::from_service),
                // A service that was not ready has not been given the request.
                Err(error) => Err(match Error::from_service(error) {
                    Error::Service(error) => Error::Service(NotSent::new(error).into()),
                    error => error,
                }),
            }
        };
        answer
            .instrument(span)
            .await
            .map_err(|error| target.explain(false, error))
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
