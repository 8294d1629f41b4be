//! What happens to a request: it gets credentials, and a second chance with newer ones.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};
use http::{Request, Response, StatusCode, header::AUTHORIZATION};
use tower::{BoxError, Service, ServiceExt};

use super::{Auth, Credentials, credentials::Held};

/// The service of [`AuthLayer`](super::AuthLayer).
#[derive(Clone)]
pub struct Authenticate<S> {
    auth: Auth,
    inner: S,
}

impl<S> Authenticate<S> {
    pub(super) fn new(auth: Auth, inner: S) -> Self {
        Self { auth, inner }
    }
}

impl<S: fmt::Debug> fmt::Debug for Authenticate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticate")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// The body of a request that may have to be sent once more.
pub trait Replay: Sized {
    /// A second body with the same bytes, unless they are gone once they were sent.
    fn replay(&self) -> Option<Self>;
}

impl<S, Q, B> Service<Request<Q>> for Authenticate<S>
where
    S: Service<Request<Q>, Response = Response<B>> + Clone + Send + 'static,
    Q: Replay + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<B>, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        let credentials = match &self.auth {
            _ if request.headers().contains_key(AUTHORIZATION) => None,
            Auth::Fixed(header) => {
                request.headers_mut().insert(AUTHORIZATION, header.clone());
                None
            }
            Auth::Renewed(credentials) => Some(Arc::clone(credentials)),
        };
        let Some(credentials) = credentials else {
            return self
                .inner
                .call(request)
                .map(|answer| answer.map_err(Into::into))
                .boxed();
        };
        // The one that is ready goes, the fresh one stays.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        send(credentials, ready, request).boxed()
    }
}

async fn send<S, Q, B>(
    credentials: Arc<Credentials>,
    mut service: S,
    mut request: Request<Q>,
) -> Result<Response<B>, BoxError>
where
    S: Service<Request<Q>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    Q: Replay,
{
    let held = credentials.get(None).await?;
    let again = copy(&request);
    authorize(&mut request, &held);
    let response = service.call(request).await.map_err(Into::into)?;
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(response);
    }
    // Whether or not this request can be sent again, the next one needs other credentials.
    let newer = match credentials.get(Some(held.generation)).await {
        Ok(newer) => newer,
        Err(error) => {
            tracing::warn!(%error, "the server rejects the credentials, and there are no others");
            return Ok(response);
        }
    };
    match again {
        Some(mut request) => {
            authorize(&mut request, &newer);
            service
                .ready()
                .await
                .map_err(Into::into)?
                .call(request)
                .await
                .map_err(Into::into)
        }
        None => Ok(response),
    }
}

fn authorize<Q>(request: &mut Request<Q>, held: &Held) {
    if let Some(header) = &held.credential.header {
        request.headers_mut().insert(AUTHORIZATION, header.clone());
    }
}

/// A second request like this one, unless its body is a stream.
fn copy<Q: Replay>(request: &Request<Q>) -> Option<Request<Q>> {
    let mut copy = Request::new(request.body().replay()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}

#[cfg(test)]
mod tests;
