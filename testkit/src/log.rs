//! What was asked of the server: a service that writes down each request on its way through.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use seatrial_client::{Env, client::Body};
use seatrial_fake_apiserver::FakeApiServer;
use tower::{BoxError, Service};

/// The requests that clients made, in the order in which the server answered them.
///
/// Its text is one line a request and the same for two runs with one seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestLog(Vec<LogEntry>);

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// When it was answered, since the cluster began.
    pub at: Duration,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The body; empty for most reads.
    pub body: String,
    /// The answer's status code.
    pub status: StatusCode,
}

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

// === impl RequestLog ===

impl RequestLog {
    /// The requests in order.
    pub fn iter(&self) -> std::slice::Iter<'_, LogEntry> {
        self.0.iter()
    }

    /// The requests that change objects.
    pub fn writes(&self) -> impl Iterator<Item = &LogEntry> {
        self.0.iter().filter(|e| e.is_write())
    }

    /// The last writes, one a line.
    pub(crate) fn tail_of_writes(&self, count: usize) -> String {
        let lines: Vec<String> = self.writes().map(LogEntry::to_string).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

impl fmt::Display for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

// === impl LogEntry ===

impl LogEntry {
    /// Whether the request asks for a change.
    pub fn is_write(&self) -> bool {
        !self.method.is_safe()
    }
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8.3}s {} {} -> {}",
            self.at.as_secs_f64(),
            self.method,
            self.path,
            self.status.as_u16()
        )?;
        if self.body.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.body)
        }
    }
}

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
        RequestLog(self.shared.entries().clone())
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
            });
            drop(guard);
            Ok(response)
        })
    }
}

// === impl Shared ===

impl Shared {
    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<LogEntry>> {
        self.entries
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
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
