//! The service below a client, whose type nobody has to know.

use std::{future::poll_fn, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use tower::{BoxError, Service};

use super::Body;
use crate::error::{Error, NotSent, Result};

/// A service that is shared, and cloned for each request.
///
/// The clone lives in the future of the call: a boxed service, such as tower's, would have to be boxed anew to be cloned.
#[derive(Clone)]
pub(super) struct SharedService(Arc<dyn Call>);

trait Call: Send + Sync {
    /// Gives the request to the service once that is ready.
    fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Body>>>;
}

struct Of<S>(S);

// === impl SharedService ===

impl SharedService {
    pub(super) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Arc::new(Of(service)))
    }

    /// Gives the request to a clone of the service once that is ready.
    ///
    /// # Errors
    ///
    /// The service's own, [`Error::Service`] with [`NotSent`] if it was not ready.
    pub(super) fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Body>>> {
        self.0.call(request)
    }
}

impl<S, B> Call for Of<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: Request<Body>) -> BoxFuture<'static, Result<Response<Body>>> {
        let mut service = self.0.clone();
        Box::pin(async move {
            let ready = poll_fn(|cx| service.poll_ready(cx)).await;
            ready.map_err(|error| not_ready(error.into()))?;
            let answer = service.call(request).await;
            answer
                .map(|response| response.map(Body::wrap))
                .map_err(|error| Error::from_service(error.into()))
        })
    }
}

/// A service that was not ready has not been given the request.
fn not_ready(error: BoxError) -> Error {
    match Error::from_service(error) {
        Error::Service(error) => Error::Service(NotSent::new(error).into()),
        error => error,
    }
}
