//! Which exchanges a fault befalls, and the layer that makes it happen.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::BodyExt as _;
use seatrial_client::{Env, client::Body};
use tower::{BoxError, Layer, Service, ServiceExt as _, util::BoxCloneSyncService};

use super::{
    Fault,
    wire::{self, Changes, Exchange, Verdict, WireBody},
};
use crate::request::Turns;

/// Faults that are to happen: the control of a [`FaultLayer`].
///
/// Cheap to clone; clones control the same faults.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::Api;
/// use seatrial_testkit::{FakeCluster, fault::{ReadFault, Rule}};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::new();
/// cluster.faults().inject(Rule::new(ReadFault::LeaderChanged).times(1));
/// // The client would ask again by itself.
/// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client().with_retry(None));
/// assert!(configs.get("settings").await.unwrap_err().to_string().contains("leader changed"));
/// assert!(configs.get_opt("settings").await.unwrap().is_none());
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    shared: Arc<Mutex<Shared>>,
    /// What faults that take time wait by.
    env: Option<Env>,
}

#[derive(Debug, Default)]
struct Shared {
    rules: Vec<(RuleId, Rule)>,
    next: u64,
    seen: Vec<String>,
    happened: Vec<String>,
}

/// Names a rule that was installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(u64);

/// A fault, and the exchanges that it befalls: of those that it can befall, the ones on a path, after some, up to a number.
#[derive(Clone, Debug)]
#[must_use = "a rule does nothing until it is injected"]
pub struct Rule {
    fault: Fault,
    path: String,
    turns: Turns,
}

// === impl Rule ===

impl Rule {
    /// Befalls every exchange that it can.
    pub fn new(fault: impl Into<Fault>) -> Self {
        Self {
            fault: fault.into(),
            path: String::new(),
            turns: Turns::default(),
        }
    }

    /// Only requests whose method, path and query, as in `GET /api/v1/pods?watch=true`, contain this.
    pub fn on(mut self, part: impl Into<String>) -> Self {
        self.path = part.into();
        self
    }

    /// Lets the first `count` of them pass.
    pub fn skip(mut self, count: usize) -> Self {
        self.turns.skip = count;
        self
    }

    /// Happens so many times.
    pub fn times(mut self, count: usize) -> Self {
        self.turns.times = count;
        self
    }

    /// Whether it happens to this request, which counts.
    fn strikes(&mut self, request: &Parts) -> bool {
        let is_on_path = || format!("{} {}", request.method, request.uri).contains(&self.path);
        self.fault.concerns(request) && (self.path.is_empty() || is_on_path()) && self.turns.take()
    }
}

// === impl Faults ===

impl Faults {
    /// No faults yet. Those that take time take the system's.
    pub fn new() -> Self {
        Self::default()
    }

    /// No faults yet. Those that take time take it from this clock, which should be that of the clients.
    pub fn timed_by(env: Env) -> Self {
        Self {
            shared: Arc::default(),
            env: Some(env),
        }
    }

    /// Installs a rule behind those that are there.
    pub fn inject(&self, rule: Rule) -> RuleId {
        let mut shared = self.lock();
        let id = RuleId(shared.next);
        shared.next += 1;
        shared.rules.push((id, rule));
        id
    }

    /// Removes a rule; exchanges that it has befallen already go on as they are.
    pub fn withdraw(&self, id: RuleId) {
        self.lock().rules.retain(|(held, _)| *held != id);
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// What happened so far, each as its row and the request: `E4 GET /api/v1/pods?watch=true`.
    pub fn happened(&self) -> Vec<String> {
        self.lock().happened.clone()
    }

    /// Every request so far, in the form `GET /api/v1/pods?watch=true`, whether or not something happened to it.
    pub fn seen(&self) -> Vec<String> {
        self.lock().seen.clone()
    }

    /// A layer that these control.
    pub fn layer(&self) -> FaultLayer {
        FaultLayer { faults: self.clone() }
    }

    fn verdict(&self, request: &Parts) -> Option<Verdict> {
        let mut shared = self.lock();
        shared.seen.push(format!("{} {}", request.method, request.uri));
        let fault = shared
            .rules
            .iter_mut()
            .find_map(|(_, rule)| rule.strikes(request).then(|| rule.fault.clone()))?;
        shared
            .happened
            .push(format!("{} {} {}", fault.row(), request.method, request.uri));
        Some(fault.verdict())
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts [`Faults`] between a client and a service.
#[derive(Clone, Debug)]
pub struct FaultLayer {
    faults: Faults,
}

/// A service to which faults happen.
#[derive(Clone, Debug)]
pub struct FaultService<S> {
    inner: S,
    faults: Faults,
}

impl<S> Layer<S> for FaultLayer {
    type Service = FaultService<S>;

    fn layer(&self, inner: S) -> FaultService<S> {
        FaultService {
            inner,
            faults: self.faults.clone(),
        }
    }
}

impl<S, B> Service<Request<Body>> for FaultService<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError> + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<WireBody>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let verdict = self.faults.verdict(&parts);
        let env = self.faults.env.clone();
        // The clone takes the place of the one that was made ready.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let changes = match verdict {
                None => Changes::default(),
                Some(Verdict::Answer(response)) => return Ok(response.map(wire::full)),
                Some(Verdict::Fail(error)) => return Err(error),
                Some(Verdict::Silence) => return std::future::pending().await,
                Some(Verdict::Play(play)) => {
                    let body = body.collect_bytes().await?;
                    let server = BoxCloneSyncService::new(
                        inner
                            .map_response(|response: Response<B>| {
                                response.map(|body| body.map_err(Into::into).boxed_unsync())
                            })
                            .map_err(Into::into),
                    );
                    let env = env.unwrap_or_else(Env::system);
                    return play(Exchange::new(parts, body, env, server)).await;
                }
                Some(Verdict::Serve(changes)) => changes,
            };
            if let Some(change) = changes.request {
                change(&mut parts);
            }
            let request = Request::from_parts(parts, body);
            let response = match changes.elsewhere {
                Some(server) => {
                    let response = server
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never| match never {});
                    response.map(|body| body.map_err(|never| match never {}).boxed_unsync())
                }
                None => {
                    let response = inner.call(request).await.map_err(Into::into)?;
                    response.map(|body| body.map_err(Into::into).boxed_unsync())
                }
            };
            match changes.answer {
                Some(edit) if response.status().is_success() => {
                    let (mut head, body) = response.into_parts();
                    head.headers.remove(http::header::CONTENT_LENGTH);
                    let env = env.unwrap_or_else(Env::system);
                    Ok(Response::from_parts(head, wire::edited(body, edit, &env).await?))
                }
                _ => Ok(response),
            }
        })
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}", self.0)
    }
}
