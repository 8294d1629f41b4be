//! The connections to one server, as a service.
//!
//! hyper pools them: HTTP/1.1 gets one per request under way, HTTP/2 shares one. Because a server bounds the streams on
//! one connection, and a watch holds its stream for as long as it lives, requests beyond [`STREAMS_PER_LANE`] go to a
//! further pool, a *lane*, instead of waiting for a watch to end.
//!
//! Requests that will be upgraded have lanes of their own, which offer HTTP/1.1 alone.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
#[cfg(feature = "rustls-tls")]
use http::StatusCode;
use http::{HeaderValue, Request, Response, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use pin_project_lite::pin_project;
use tower::{BoxError, Service};

#[cfg(feature = "rustls-tls")]
use super::tls::{Tls, Versions};
use super::{
    connect::{self, Dial},
    proxy,
};
use crate::{Config, Error, client::Body, env::Env, error::NotSent};

/// A server since Kubernetes 1.29 accepts this many streams on one connection, as do most proxies.
const STREAMS_PER_LANE: usize = 100;
/// How often a silent HTTP/2 connection is pinged, and how long the answer may take: the numbers of client-go.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// How often certificates in files are looked at.
#[cfg(feature = "rustls-tls")]
const RELOAD_INTERVAL: Duration = Duration::from_secs(60);

/// The executor that hyper's connection tasks run on, behind one type.
pub(crate) type Executor = Arc<dyn hyper::rt::Executor<Task> + Send + Sync>;
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The connections to one server.
#[derive(Clone)]
pub(crate) struct Connections {
    shared: Arc<Shared>,
}

struct Shared {
    any: Lanes,
    upgrades: Lanes,
    proxy_authorization: Option<HeaderValue>,
    #[cfg(feature = "rustls-tls")]
    certificates: Certificates,
}

#[cfg(feature = "rustls-tls")]
struct Certificates {
    tls: Tls,
    env: Env,
    state: Mutex<Look>,
}

/// The last look at the certificates.
#[cfg(feature = "rustls-tls")]
struct Look {
    /// When to look at the files next.
    due: Duration,
    /// How often the certificates had changed.
    changes: u64,
}

impl Connections {
    pub(crate) fn new(
        config: &Config,
        env: &Env,
        executor: Option<Executor>,
        #[cfg(feature = "rustls-tls")] tls: Tls,
    ) -> Result<Self, Error> {
        match config.cluster_url.scheme_str() {
            Some("http") => {}
            Some("https") if cfg!(feature = "rustls-tls") => {}
            _ => return Err(Error::TlsRequired),
        }
        let executor = executor.unwrap_or_else(|| Arc::new(TokioExecutor::new()));
        let plain = connect::plain(
            config,
            env,
            #[cfg(feature = "rustls-tls")]
            &tls,
        )?;
        let lanes = |dial| Lanes {
            dial: connect::in_time(dial, env, config.connect_timeout),
            executor: Arc::clone(&executor),
            open: Mutex::default(),
        };
        #[cfg(feature = "rustls-tls")]
        let (any, upgrades) = (
            lanes(connect::secure(plain.clone(), &tls, Versions::Any)),
            lanes(connect::secure(plain, &tls, Versions::Http1)),
        );
        #[cfg(not(feature = "rustls-tls"))]
        let (any, upgrades) = (lanes(plain.clone()), lanes(plain));
        let shared = Shared {
            any,
            upgrades,
            proxy_authorization: proxy::authorization(config),
            #[cfg(feature = "rustls-tls")]
            certificates: Certificates {
                state: Mutex::new(Look {
                    due: env.monotonic() + RELOAD_INTERVAL,
                    changes: tls.reload(false),
                }),
                tls,
                env: env.clone(),
            },
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Lets the connections there are end with their requests, if their certificates are no longer the right ones.
    #[cfg(feature = "rustls-tls")]
    fn reload(&self, files_are_due: bool) {
        let certificates = &self.shared.certificates;
        let time = certificates.env.monotonic();
        let mut look = certificates.state.lock().unwrap_or_else(PoisonError::into_inner);
        let files = files_are_due || time >= look.due;
        if files {
            look.due = time + RELOAD_INTERVAL;
        }
        let changes = certificates.tls.reload(files);
        if look.changes != changes {
            look.changes = changes;
            self.shared.any.retire();
            self.shared.upgrades.retire();
        }
    }
}

impl Service<Request<Body>> for Connections {
    type Response = Response<Held>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Held>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        #[cfg(feature = "rustls-tls")]
        self.reload(false);
        if let Some(authorization) = &self.shared.proxy_authorization {
            request
                .headers_mut()
                .insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let upgrade = request.headers().contains_key(header::UPGRADE);
        let lanes = if upgrade {
            &self.shared.upgrades
        } else {
            &self.shared.any
        };
        let (client, stream) = lanes.lane();
        let sending = client.request(request);
        #[cfg(feature = "rustls-tls")]
        let this = self.clone();
        Box::pin(async move {
            match sending.await {
                #[cfg(feature = "rustls-tls")]
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                    // It may be the certificate: the next request has the one that is in the files now.
                    this.reload(true);
                    Ok(response.map(|body| Held {
                        body,
                        _stream: stream,
                    }))
                }
                Ok(response) => Ok(response.map(|body| Held {
                    body,
                    _stream: stream,
                })),
                Err(error) if proves_not_sent(&error) => Err(NotSent::new(error).into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The connection could not be made, or the server says that it did not look at the request.
fn proves_not_sent(error: &legacy::Error) -> bool {
    if error.is_connect() {
        return true;
    }
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(source) = next {
        if let Some(error) = source.downcast_ref::<h2::Error>() {
            return error.is_remote()
                && error.is_reset()
                && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        }
        next = source.source();
    }
    false
}

/// Pools of connections, the first with room first.
struct Lanes {
    dial: Dial,
    executor: Executor,
    open: Mutex<Vec<Lane>>,
}

struct Lane {
    client: legacy::Client<Dial, Body>,
    /// Each request under way has a clone.
    streams: Arc<()>,
}

impl Lanes {
    /// A pool with room, and what keeps the room taken.
    fn lane(&self) -> (legacy::Client<Dial, Body>, Arc<()>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let free = open
            .iter()
            .position(|lane| Arc::strong_count(&lane.streams) <= STREAMS_PER_LANE);
        let at = free.unwrap_or_else(|| {
            open.push(Lane {
                client: self.client(),
                streams: Arc::default(),
            });
            open.len() - 1
        });
        let lane = &open[at];
        (lane.client.clone(), Arc::clone(&lane.streams))
    }

    /// Lets new requests make new connections.
    #[cfg(feature = "rustls-tls")]
    fn retire(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn client(&self) -> legacy::Client<Dial, Body> {
        let executor = Arc::clone(&self.executor);
        legacy::Client::builder(SharedExecutor(executor))
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .build(self.dial.clone())
    }
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
