//! Pools of connections to one server.
//!
//! hyper pools connections: HTTP/1.1 gets one per request under way, HTTP/2 shares one. Because a server bounds the
//! streams on one connection, and a watch holds its stream for as long as it lives, requests beyond [`STREAMS_PER_LANE`]
//! go to a further pool, a *lane*, instead of waiting for a watch to end.
//!
//! Which version a server speaks shows when a connection is made. Until it is known the requests of a lane wait for one
//! connection, a *probe*, because each of them would make its own otherwise, and a server with HTTP/2 needs one for all.

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use http::{Request, Response, Uri, uri::Authority};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{self, connect::Connection},
    rt::{TokioExecutor, TokioTimer},
};
use pin_project_lite::pin_project;
use tower::{BoxError, ServiceExt};

use super::{NotSent, connect::Dial, stream::Stream};
use crate::env::Env;

/// A server since Kubernetes 1.29 accepts this many streams on one connection, as do most proxies.
const STREAMS_PER_LANE: usize = 100;
/// How often a silent HTTP/2 connection is pinged, and how long the answer may take: the numbers of client-go.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection that nobody took after all is worth keeping.
const PROBE_KEPT: Duration = Duration::from_secs(5);

/// The executor that hyper's connection tasks run on, behind one type.
pub(crate) type Executor = Arc<dyn hyper::rt::Executor<Task> + Send + Sync>;
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Pools of connections, the first with room first.
pub(super) struct Lanes<B> {
    dial: Dial,
    env: Env,
    executor: Executor,
    /// Whom a probe is for: a server that may speak HTTP/2.
    probed: Option<Authority>,
    open: Mutex<Vec<Lane<B>>>,
}

struct Lane<B> {
    shared: Arc<Pool<B>>,
    /// Each request under way has a clone.
    streams: Arc<()>,
}

struct Pool<B> {
    /// For a server that speaks HTTP/1.1, or whose version is not known.
    any: legacy::Client<Dial, B>,
    /// For a server that is known to speak HTTP/2: here many requests wait for one connection.
    http2: legacy::Client<Dial, B>,
    line: Arc<Line>,
}

/// How a lane gets its connections.
struct Line {
    dial: Dial,
    env: Env,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    version: Version,
    /// The connection of a probe, for the next who needs one.
    kept: Option<Kept>,
}

struct Kept {
    stream: Stream,
    made: Duration,
    /// Whom it is to.
    uri: Uri,
}

impl Kept {
    /// Whether it is a connection of the kind that is wanted.
    fn fits(&self, uri: &Uri, http2: bool) -> bool {
        self.uri.authority() == uri.authority() && (!http2 || self.stream.connected().is_negotiated_h2())
    }
}

#[derive(Default)]
enum Version {
    #[default]
    Unknown,
    /// Somebody is finding out, for as long as anybody waits for it.
    Probed(WeakShared<Probe>),
    Http1,
    Http2,
}

type Probe = BoxFuture<'static, Result<(), ProbeError>>;

/// Why a connection could not be made, for all who waited for it.
#[derive(Clone, Debug)]
struct ProbeError(Arc<BoxError>);

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection could not be made")
    }
}

impl StdError for ProbeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.0)
    }
}

impl<B> Lanes<B>
where
    B: http_body::Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    /// Lanes over the connections of `dial`. Only if `server` is given can it turn out to speak HTTP/2.
    pub(super) fn new(dial: Dial, env: Env, executor: Option<Executor>, server: Option<Authority>) -> Self {
        Self {
            dial,
            env,
            executor: executor.unwrap_or_else(|| Arc::new(TokioExecutor::new())),
            probed: server,
            open: Mutex::new(Vec::new()),
        }
    }

    /// Sends a request on a connection with room.
    ///
    /// The lane is chosen at once; the rest happens when the future is polled.
    pub(super) fn send(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<Held>, BoxError>> + Send + 'static {
        let (pool, stream) = self.lane();
        let is_probed = self.probed.as_ref() == request.uri().authority();
        async move {
            let client = if is_probed {
                let http2 = pool.line.is_http2(request.uri()).await;
                if http2.map_err(NotSent::new)? {
                    &pool.http2
                } else {
                    &pool.any
                }
            } else {
                &pool.any
            };
            match client.request(request).await {
                Ok(response) => Ok(response.map(|body| Held {
                    body,
                    _stream: stream,
                })),
                Err(error) if proves_not_sent(&error) => Err(NotSent::new(error).into()),
                Err(error) => Err(error.into()),
            }
        }
    }

    /// Lets new requests make new connections.
    pub(super) fn retire(&self) {
        lock(&self.open).clear();
    }

    /// A pool with room, and what keeps the room taken.
    fn lane(&self) -> (Arc<Pool<B>>, Arc<()>) {
        let mut open = lock(&self.open);
        let free = open
            .iter()
            .position(|lane| Arc::strong_count(&lane.streams) <= STREAMS_PER_LANE);
        let at = free.unwrap_or_else(|| {
            open.push(Lane {
                shared: Arc::new(self.pool()),
                streams: Arc::default(),
            });
            open.len() - 1
        });
        let lane = &open[at];
        (Arc::clone(&lane.shared), Arc::clone(&lane.streams))
    }

    fn pool(&self) -> Pool<B> {
        let line = Arc::new(Line {
            dial: self.dial.clone(),
            env: self.env.clone(),
            state: Mutex::default(),
        });
        Pool {
            any: self.client(&line, false),
            http2: self.client(&line, true),
            line,
        }
    }

    fn client(&self, line: &Arc<Line>, http2: bool) -> legacy::Client<Dial, B> {
        let line = Arc::clone(line);
        let dial = Dial::new(tower::service_fn(move |uri| {
            Arc::clone(&line).connect(uri, http2)
        }));
        legacy::Client::builder(SharedExecutor(Arc::clone(&self.executor)))
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_only(http2)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .build(dial)
    }
}

impl Line {
    /// Whether the server speaks HTTP/2. Finds out if that is not known.
    async fn is_http2(self: &Arc<Self>, uri: &Uri) -> Result<bool, ProbeError> {
        loop {
            let probe = {
                let mut state = lock(&self.state);
                match &state.version {
                    Version::Http1 => return Ok(false),
                    Version::Http2 => return Ok(true),
                    Version::Probed(probe) => probe.upgrade(),
                    Version::Unknown => None,
                }
                .unwrap_or_else(|| {
                    let probe = Arc::clone(self).probe(uri.clone()).boxed().shared();
                    if let Some(shared) = probe.downgrade() {
                        state.version = Version::Probed(shared);
                    }
                    probe
                })
            };
            let probe: Shared<Probe> = probe;
            probe.await?;
        }
    }

    async fn probe(self: Arc<Self>, uri: Uri) -> Result<(), ProbeError> {
        let connected = self.dial.clone().oneshot(uri.clone()).await;
        let mut state = lock(&self.state);
        match connected {
            Ok(stream) => {
                state.version = if stream.connected().is_negotiated_h2() {
                    Version::Http2
                } else {
                    Version::Http1
                };
                let made = self.env.monotonic();
                state.kept = Some(Kept { stream, made, uri });
                Ok(())
            }
            Err(error) => {
                state.version = Version::Unknown;
                Err(ProbeError(Arc::new(error)))
            }
        }
    }

    /// A connection: the probe's if nobody has taken it, or a new one.
    async fn connect(self: Arc<Self>, uri: Uri, http2: bool) -> Result<Stream, BoxError> {
        let kept = lock(&self.state).kept.take_if(|kept| kept.fits(&uri, http2));
        // One that nobody has used for a while may have been closed at the other end.
        if let Some(Kept { stream, made, .. }) = kept
            && self.env.monotonic().saturating_sub(made) < PROBE_KEPT
        {
            return Ok(stream);
        }
        let stream = self.dial.clone().oneshot(uri).await?;
        if http2 && !stream.connected().is_negotiated_h2() {
            lock(&self.state).version = Version::Unknown;
            return Err(Box::new(NoLongerHttp2));
        }
        Ok(stream)
    }
}

/// A server, or a balancer before it, that spoke HTTP/2 and now does not. The next request finds out anew.
#[derive(Debug, thiserror::Error)]
#[error("the server no longer speaks HTTP/2")]
struct NoLongerHttp2;

/// The connection could not be made, or the server says that it did not look at the request.
///
/// A stream that the server refuses, and one beyond the last that it announced when it went away, were not looked at
/// (RFC 9113, sections 8.7 and 6.8). Of the streams within what was announced, `h2` says that the connection broke.
fn proves_not_sent(error: &legacy::Error) -> bool {
    if error.is_connect() {
        return true;
    }
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(source) = next {
        if let Some(error) = source.downcast_ref::<h2::Error>() {
            let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (is_refused || error.is_go_away());
        }
        next = source.source();
    }
    false
}

#[derive(Clone)]
struct SharedExecutor(Executor);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for SharedExecutor {
    fn execute(&self, task: F) {
        self.0.execute(Box::pin(task));
    }
}

pin_project! {
    /// The body of an answer, which takes room on its connection until it ends.
    pub(crate) struct Held {
        #[pin]
        body: Incoming,
        _stream: Arc<()>,
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Poll::Ready(ready!(self.project().body.poll_frame(cx)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Nothing is left half done by a panic: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
