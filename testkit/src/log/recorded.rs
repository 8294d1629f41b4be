//! A service that writes down each request on its way through.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use http::{Request, Response, header::USER_AGENT};
use http_body_util::{BodyExt as _, Full};
use seatrial_client::{Env, client::Body};
use seatrial_fake_apiserver::FakeApiServer;
use tower::{BoxError, Service};

use super::{LogEntry, RequestLog};

/// The fake behind a log.
#[derive(Clone)]
pub(crate) struct Recorded {
    server: FakeApiServer,
    env: Env,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    entries: Mutex<Vec<LogEntry>>,
    in_flight: AtomicUsize,
    writes: AtomicUsize,
}

/// Counts a request as under way until it is answered or given up.
struct InFlight(Arc<Shared>);

// === impl Recorded ===

impl Recorded {
    pub(crate) fn new(server: FakeApiServer, env: Env) -> Self {
        Self {
            server,
            env,
            shared: Arc::default(),
        }
    }

    pub(crate) fn log(&self) -> RequestLog {
        RequestLog {
            entries: self.shared.entries().clone(),
            filters: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn writes(&self) -> usize {
        self.shared.writes.load(Ordering::SeqCst)
    }
}

impl Service<Request<Body>> for Recorded {
    type Response = Response<seatrial_fake_apiserver::Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self {
            mut server,
            env,
            shared,
        } = self.clone();
        let guard = InFlight::enter(shared.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let (method, path) = (parts.method.clone(), parts.uri.to_string());
            let user_agent = parts
                .headers
                .get(USER_AGENT)
                .map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
            let before = server.revision();
            if !method.is_safe() {
                shared.writes.fetch_add(1, Ordering::SeqCst);
            }
            let response = match server
                .call(Request::from_parts(parts, Full::new(body.clone())))
                .await
            {
                Ok(response) => response,
                Err(never) => match never {},
            };
            shared.entries().push(LogEntry {
                at: env.monotonic(),
                method,
                path,
                body: String::from_utf8_lossy(&body).into_owned(),
                status: response.status(),
                user_agent: user_agent.unwrap_or_default(),
                changed: server.revision() != before,
            });
            drop(guard);
            Ok(response)
        })
    }
}

// === impl Shared ===

impl Shared {
    fn entries(&self) -> MutexGuard<'_, Vec<LogEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl InFlight ===

impl InFlight {
    fn enter(shared: Arc<Shared>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
