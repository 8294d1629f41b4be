//! The interceptors of a cluster, between its clients and whatever answers them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, request::Parts};
use seatrial_client::{Client, Env, client::Body, core::Verb};
use tower::{BoxError, Service, ServiceExt as _, util::BoxCloneSyncService};

use super::{Act, Answer, Call, Interceptor, InterceptorId, Reply};
use crate::{
    fault::wire::WireBody,
    request::{Target, watches},
};

/// What answers requests behind an interceptor.
type Wire = BoxCloneSyncService<Request<Body>, Response<WireBody>, BoxError>;

/// The interceptors of a cluster.
#[derive(Clone)]
pub(crate) struct Interceptors {
    shared: Arc<Mutex<Shared>>,
    env: Env,
}

#[derive(Default)]
struct Shared {
    installed: Vec<(InterceptorId, Interceptor)>,
    next: u64,
}

/// A service whose requests are taken by interceptors.
#[derive(Clone)]
pub(crate) struct Intercepted {
    inner: Wire,
    interceptors: Interceptors,
}

// === impl Interceptors ===

impl Interceptors {
    pub(crate) fn new(env: Env) -> Self {
        Self {
            shared: Arc::default(),
            env,
        }
    }

    /// These, with counts of their own; none where there are none. A clock comes by [`Interceptors::timed_by`].
    pub(crate) fn of(all: &[Interceptor]) -> Option<Self> {
        let interceptors = Self::new(Env::system());
        for interceptor in all {
            interceptors.add(interceptor.clone());
        }
        (!all.is_empty()).then_some(interceptors)
    }

    /// The same for a program with a clock of its own: what is counted is counted for all.
    pub(crate) fn timed_by(&self, env: Env) -> Self {
        Self {
            shared: self.shared.clone(),
            env,
        }
    }

    pub(crate) fn add(&self, interceptor: Interceptor) -> InterceptorId {
        let mut shared = self.lock();
        let id = InterceptorId(shared.next);
        shared.next += 1;
        shared.installed.push((id, interceptor));
        id
    }

    pub(crate) fn remove(&self, id: InterceptorId) {
        self.lock().installed.retain(|(held, _)| *held != id);
    }

    /// A service in front of another.
    pub(crate) fn before<S>(&self, service: S) -> Intercepted
    where
        S: Service<Request<Body>, Response = Response<WireBody>, Error = BoxError>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        Intercepted {
            inner: BoxCloneSyncService::new(service),
            interceptors: self.clone(),
        }
    }

    /// Who takes a request, of those behind `after`.
    fn taker(
        &self,
        verb: Verb,
        parts: &Parts,
        body: &Bytes,
        after: Option<InterceptorId>,
    ) -> Option<(InterceptorId, Act)> {
        let mut shared = self.lock();
        let behind = shared.installed.iter_mut().filter(|(id, _)| Some(*id) > after);
        for (id, interceptor) in behind {
            if interceptor.takes(verb, parts, body) {
                return Some((*id, interceptor.act.clone()));
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Intercepted ===

impl Intercepted {
    /// A client of what is behind all interceptors.
    pub(super) fn client(&self) -> Client {
        Client::new(self.inner.clone(), "default").with_env(self.env().clone())
    }

    pub(super) fn env(&self) -> &Env {
        &self.interceptors.env
    }

    pub(super) fn serve(
        self,
        verb: Verb,
        parts: Parts,
        body: Bytes,
        after: Option<InterceptorId>,
    ) -> BoxFuture<'static, Reply> {
        Box::pin(async move {
            match self.interceptors.taker(verb, &parts, &body, after) {
                Some((taken_by, act)) => {
                    act(Call {
                        verb,
                        parts,
                        body,
                        taken_by,
                        behind: self,
                    })
                    .await
                }
                None => {
                    let request = Request::from_parts(parts, Body::from(body.to_vec()));
                    let response = self.inner.oneshot(request).await?;
                    Ok(Answer {
                        response,
                        is_watch: verb == Verb::Watch,
                    })
                }
            }
        })
    }
}

impl Service<Request<Body>> for Intercepted {
    type Response = Response<WireBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Whoever is called in the end is made ready then: it may be nobody.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        let is_idle = this.interceptors.lock().installed.is_empty();
        Box::pin(async move {
            if is_idle {
                return this.inner.oneshot(request).await;
            }
            let (parts, body) = request.into_parts();
            let body = body.collect_bytes().await?;
            let verb = Target::of(&parts.uri).verb(&parts.method, watches(&parts.uri));
            let answer = this.serve(verb, parts, body, None).await?;
            Ok(answer.response)
        })
    }
}
