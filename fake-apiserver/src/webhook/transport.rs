//! How a call gets to its webhook: services that were registered in the process, by address.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use tower_service::Service;

use super::{Answer, Call};
use crate::clock::Clock;

/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 3 << 20;

const UNTRUSTED: &str = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

type Posted = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

/// A service that answers webhooks, whatever its types.
trait Post: Send + Sync {
    fn post(&self, request: Request<Bytes>) -> Posted;
}

/// The webhooks that can be reached.
#[derive(Clone, Default)]
pub(crate) struct Webhooks(Vec<Registered>);

/// A service by the start of its URLs.
#[derive(Clone)]
struct Registered {
    address: String,
    /// The certificate, in PEM, without which it is not trusted.
    certificate: Option<Arc<str>>,
    service: Arc<dyn Post>,
}

struct InProcess<S>(S);

// === impl Webhooks ===

impl Webhooks {
    /// Lets a service answer the calls to an address: the start of a URL, such as `https://hook.ns.svc:443`.
    ///
    /// With a certificate, calls that do not trust it fail.
    pub(crate) fn add<S, B>(&mut self, address: &str, certificate: Option<&str>, service: S)
    where
        S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let address = address.trim_end_matches('/').to_owned();
        self.0.push(Registered {
            address,
            certificate: certificate.map(Arc::from),
            service: Arc::new(InProcess(service)),
        });
    }

    /// Makes a call.
    pub(crate) async fn call(&self, call: &Call, clock: &dyn Clock) -> Answer {
        let request = call.request()?;
        let at = |address: &str| {
            let rest = call.address().strip_prefix(address)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(())
        };
        let Some(found) = self.0.iter().find(|r| at(&r.address).is_some()) else {
            return Err(call.failed(&nobody(request.uri())));
        };
        if found.certificate.as_ref().is_some_and(|own| !call.trusts(own)) {
            return Err(call.failed(UNTRUSTED));
        }
        let mut posted = found.service.post(request);
        let mut patience = clock.sleep(call.timeout());
        let response = std::future::poll_fn(|cx| {
            if let Poll::Ready(response) = posted.as_mut().poll(cx) {
                return Poll::Ready(response);
            }
            patience
                .as_mut()
                .poll(cx)
                .map(|()| Err("context deadline exceeded".to_owned()))
        })
        .await;
        match response {
            Ok(response) => call.answer(&response),
            Err(why) => Err(call.failed(&why)),
        }
    }
}

/// What a socket says where nobody listens.
fn nobody(uri: &http::Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().unwrap_or(443);
    if host.parse::<std::net::IpAddr>().is_ok() || host == "localhost" || host.ends_with(".svc") {
        let host = if host == "localhost" { "127.0.0.1" } else { host };
        format!("dial tcp {host}:{port}: connect: connection refused")
    } else {
        format!("dial tcp: lookup {host}: no such host")
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|r| &r.address)).finish()
    }
}

impl<S, B> Post for InProcess<S>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: fmt::Display,
    S::Future: Send,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn post(&self, request: Request<Bytes>) -> Posted {
        let mut service = self.0.clone();
        Box::pin(async move {
            std::future::poll_fn(|cx| service.poll_ready(cx))
                .await
                .map_err(|e| e.to_string())?;
            let response = service.call(request).await.map_err(|e| e.to_string())?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_MAX).collect().await;
            let body = body.map_err(|e| e.to_string())?.to_bytes();
            Ok(Response::from_parts(head, body))
        })
    }
}
