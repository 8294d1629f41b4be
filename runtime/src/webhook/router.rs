//! From a path to whoever answers there.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use seatrial_client::{
    Resource,
    client::Body,
    core::admission::{AdmissionRequest, AdmissionResponse},
};
use serde::de::DeserializeOwned;
use tower::{BoxError, Service};

use super::{
    admission::Admission,
    conversion::{Conversion, Converter},
};

/// The longest request that is read: two objects of the size that an apiserver takes at most, and what is around them.
const BODY_BYTES_MAX: usize = 7 << 20;

/// Who answers on a path.
pub(super) trait Endpoint: Send + Sync {
    /// The answer to a body; an error says why the body is none of a webhook.
    fn answer(&self, body: Bytes) -> BoxFuture<'static, Result<Vec<u8>, String>>;
}

/// Webhooks by path: a `tower::Service` that answers an apiserver's requests.
///
/// What is no request to a webhook is refused by HTTP: 404 for a path that is not known, 405 for anything but POST, 413 for more than 7 MiB, 415 for what is not JSON, 400 for
/// what is no review. Everything else is answered by a review: an object that cannot be read, and a handler that panics, is a denial with the reason.
#[derive(Clone, Default)]
pub struct Router {
    routes: BTreeMap<String, Arc<dyn Endpoint>>,
}

// === impl Router ===

impl Router {
    /// A router that knows no path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers admission requests about objects of kind `K` on `path`, such as `/validate-pods`.
    ///
    /// Take a [`DynamicObject`](seatrial_client::core::DynamicObject) for webhooks of several kinds.
    #[must_use]
    pub fn admit<K, F, Fut>(self, path: &str, handler: F) -> Self
    where
        K: Resource + DeserializeOwned + Send + 'static,
        F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = AdmissionResponse> + Send + 'static,
    {
        self.route(path, Admission::new(handler))
    }

    /// Answers conversion requests on `path`, by a [`Converter`] or by a hub's `conversions()`.
    #[must_use]
    pub fn convert(self, path: &str, converter: impl Into<Converter>) -> Self {
        self.route(path, Conversion::new(converter.into()))
    }

    fn route(mut self, path: &str, endpoint: impl Endpoint + 'static) -> Self {
        self.routes.insert(path.to_owned(), Arc::new(endpoint));
        self
    }

    async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send,
        B::Error: Into<BoxError>,
    {
        let (head, body) = request.into_parts();
        let Some(endpoint) = self.routes.get(head.uri.path()) else {
            return refusal(StatusCode::NOT_FOUND, "there is no webhook on this path");
        };
        if head.method != Method::POST {
            let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "webhooks are posted to");
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let is_json = head
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "reviews are application/json");
        }
        let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "the review is too long");
            }
            Err(_) => return refusal(StatusCode::BAD_REQUEST, "the body could not be read"),
        };
        match endpoint.answer(body).await {
            Ok(review) => respond(StatusCode::OK, "application/json", review),
            Err(why) => refusal(StatusCode::BAD_REQUEST, &why),
        }
    }
}

impl<B> Service<Request<B>> for Router
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(this.answer(request).await) })
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes.keys()).finish()
    }
}

fn refusal(code: StatusCode, why: &str) -> Response<Body> {
    respond(code, "text/plain; charset=utf-8", format!("{why}\n").into_bytes())
}

fn respond(code: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
