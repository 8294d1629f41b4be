//! A client built from a service and layers.

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use tower::{BoxError, Layer, Service};

use super::{Body, Client};
use crate::env::Env;

/// Builds a [`Client`] from a service, one layer at a time.
#[derive(Clone, Debug)]
pub struct ClientBuilder<Svc> {
    service: Svc,
    default_namespace: String,
    env: Option<Env>,
    valid_until: Option<Timestamp>,
}

impl<Svc> ClientBuilder<Svc> {
    /// Starts with a service and the namespace for calls that name none.
    pub fn new(service: Svc, default_namespace: impl Into<String>) -> Self
    where
        Svc: Service<Request<Body>>,
    {
        Self {
            service,
            default_namespace: default_namespace.into(),
            env: None,
            valid_until: None,
        }
    }

    /// Puts a layer around what was built so far: the last one added sees a request first.
    pub fn with_layer<L: Layer<Svc>>(self, layer: &L) -> ClientBuilder<L::Service> {
        ClientBuilder {
            service: layer.layer(self.service),
            default_namespace: self.default_namespace,
            env: self.env,
            valid_until: self.valid_until,
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

    /// The client.
    pub fn build<B>(self) -> Client
    where
        Svc: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        Svc::Future: Send + 'static,
        Svc::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let client = Client::new(self.service, self.default_namespace).with_valid_until(self.valid_until);
        match self.env {
            Some(env) => client.with_env(env),
            None => client,
        }
    }
}
