//! The connections to one server, as a service: in lanes, and with the certificates of the moment.
//!
//! Requests that will be upgraded have lanes of their own, which offer HTTP/1.1 alone.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Request, Response, StatusCode, header};
use tower::{BoxError, Service};

use super::{
    SetupError, connect,
    lanes::{Executor, Held, Lanes},
    proxy,
    tls::{self, Tls, Versions},
};
use crate::{config::Config, env::Env};

/// How often certificates in files are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(60);

/// The connections to one server, for requests with bodies `B`.
pub(crate) struct Connections<B> {
    shared: Arc<Shared<B>>,
}

impl<B> Clone for Connections<B> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

struct Shared<B> {
    any: Lanes<B>,
    upgrades: Lanes<B>,
    proxy_authorization: Option<HeaderValue>,
    certificates: Certificates,
}

struct Certificates {
    tls: Tls,
    env: Env,
    state: Mutex<Look>,
}

/// The last look at the certificates.
struct Look {
    /// When to look at the files next.
    due: Duration,
    /// How often the certificates had changed.
    changes: u64,
}

impl<B> Connections<B>
where
    B: http_body::Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    pub(crate) fn new(config: &Config, env: &Env, executor: Option<Executor>) -> Result<Self, SetupError> {
        let is_secure = match config.cluster_url.scheme_str() {
            Some("http") => false,
            Some("https") if tls::IS_THERE => true,
            _ => return Err(SetupError::TlsRequired),
        };
        let tls = tls::of(config, env)?;
        let lanes = |versions| {
            let plain = connect::plain(config, env, &tls, versions == Versions::Http1)?;
            let dial = connect::in_time(tls.secure(plain, versions), env, config.connect_timeout);
            let may_be_http2 = is_secure && versions == Versions::Any;
            let server = config.cluster_url.authority().filter(|_| may_be_http2);
            let lanes = Lanes::new(dial, env.clone(), executor.clone(), server.cloned());
            Ok::<_, SetupError>(lanes)
        };
        let shared = Shared {
            any: lanes(Versions::Any)?,
            upgrades: lanes(Versions::Http1)?,
            proxy_authorization: proxy::authorization(config),
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

impl<B> Service<Request<B>> for Connections<B>
where
    B: http_body::Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Held>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Held>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        self.reload(false);
        if let Some(authorization) = &self.shared.proxy_authorization {
            request
                .headers_mut()
                .insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let lanes = if request.headers().contains_key(header::UPGRADE) {
            &self.shared.upgrades
        } else {
            &self.shared.any
        };
        let sending = lanes.send(request);
        let this = self.clone();
        Box::pin(async move {
            let response = sending.await?;
            if response.status() == StatusCode::UNAUTHORIZED {
                // It may be the certificate: the next request has the one that is in the files now.
                this.reload(true);
            }
            Ok(response)
        })
    }
}
