//! The server as a value: built, called, forked, compacted, looked into.

mod builder;
mod shared;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};
use tower_service::Service;

pub use builder::Builder;
pub(crate) use shared::Shared;

use crate::actors::{self, Actor};
use crate::auth::UserInfo;
use crate::body::Body;
use crate::clock::Clock;
use crate::encode;
use crate::registry::{Catalog, Core, Reply};
use crate::status::{Cause, Details, StatusError};
use crate::storage::Notifier;
use crate::watch_stream::WatchStream;
use crate::webhook::Calls;
use crate::wire::{self, Query, body};

/// How often a request asks webhooks anew before it is given up; each round answers all that the last one asked.
const ROUNDS_MAX: usize = 100;
/// A Kubernetes apiserver in memory.
///
/// A clone is another handle on the same server. Use it as a [`tower::Service`](tower_service::Service): requests go in,
/// answers and watch streams come out, and no task runs in between.
///
/// ```
/// # use http_body_util::{BodyExt as _, Full};
/// # use seatrial_fake_apiserver::FakeApiServer;
/// # use tower::ServiceExt as _;
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let server = FakeApiServer::new();
/// let request = http::Request::get("/api/v1/namespaces/default").body(Full::<bytes::Bytes>::default()).unwrap();
/// let response = server.oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 200);
/// let body = response.into_body().collect().await.unwrap().to_bytes();
/// assert!(body.starts_with(br#"{"kind":"Namespace","apiVersion":"v1","#));
/// # });
/// ```
#[derive(Clone)]
pub struct FakeApiServer {
    pub(crate) shared: Arc<Shared>,
}

// === impl FakeApiServer ===

impl FakeApiServer {
    /// A server with the defaults of [`FakeApiServer::builder`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings to start a server with.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// An independent server that starts with everything this one holds.
    ///
    /// Nothing is copied: the cost does not depend on the number of objects. UIDs and generated names go on from the same
    /// point in both.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.fork_at(self.shared.clock.clone())
    }

    /// A fork that takes its time from another clock, so that worlds that grow from one server do not share their time.
    #[must_use]
    pub fn fork_with_clock(&self, clock: impl Clock + 'static) -> Self {
        self.fork_at(Arc::new(clock))
    }

    fn fork_at(&self, clock: Arc<dyn Clock>) -> Self {
        let core = self.shared.lock();
        Self {
            shared: Arc::new(Shared {
                core: Mutex::new(Core {
                    store: core.store.clone(),
                    ids: core.ids.clone(),
                    catalog: core.catalog.clone(),
                    documents: core.documents.clone(),
                    authenticator: core.authenticator.clone(),
                    issuer: core.issuer.clone(),
                    notifier: Notifier::default(),
                    unsettled: core.unsettled,
                    awake: Vec::new(),
                    retired: Vec::new(),
                    calls: Calls::default(),
                    hooks: core.hooks,
                    programs: core.programs.clone(),
                    policies: core.policies.clone(),
                    #[cfg(feature = "kubelet")]
                    has_kubelet: core.has_kubelet,
                }),
                clock,
                actors: self.shared.actors.clone(),
                webhooks: self.shared.webhooks.clone(),
                #[cfg(feature = "kubelet")]
                kubelet: self.shared.kubelet.clone(),
            }),
        }
    }

    /// Lets one of these controllers make its next request; whether any had one to make.
    ///
    /// For whoever decides when each controller moves. Those that were named to [`Builder::actors`] move by themselves.
    pub fn step(&self, actors: &[Actor]) -> bool {
        let now = self.shared.clock.now();
        actors::step(&mut self.shared.lock(), actors, now)
    }

    /// Forgets the history up to now: older revisions answer 410 from here on, and open watches end.
    pub fn compact(&self) {
        let mut core = self.shared.lock();
        core.store.compact();
        let core = &mut *core;
        core.notifier.take_all(&mut core.awake);
    }

    /// Waits until there is a newer revision than this one.
    pub async fn changed(&self, since: u64) {
        self.shared.wait_past(since).await;
    }

    /// The revision of the newest write.
    pub fn revision(&self) -> u64 {
        self.shared.lock().store.revision()
    }

    /// Looks at an object without a request: nothing is counted, logged or delayed.
    ///
    /// `resource` is the plural name, with the group where there is one: `pods`, `deployments.apps`. The namespace is
    /// empty for resources that have none.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let core = self.shared.lock();
        let resource = find(&core.catalog, resource)?;
        let stored = core.store.get(&resource.table, &resource.key(namespace, name))?;
        Some(shown(&core, &resource, stored))
    }

    /// Looks at all objects of a resource in list order, as [`FakeApiServer::get`] does at one.
    pub fn list(&self, resource: &str) -> Vec<Value> {
        let core = self.shared.lock();
        let Some(resource) = find(&core.catalog, resource) else {
            return Vec::new();
        };
        let objects = core.store.live(&resource.table);
        objects.values().map(|o| shown(&core, &resource, o)).collect()
    }

    /// The resources that hold objects, in order, as [`FakeApiServer::list`] names them.
    pub fn resources(&self) -> Vec<String> {
        let core = self.shared.lock();
        let tables = core.store.tables().filter(|(_, t)| !t.live().is_empty());
        tables.map(|(name, _)| name.to_string()).collect()
    }

    /// The core and the time, for tests of what works on them.
    #[cfg(test)]
    pub(crate) fn with_core<T>(&self, work: impl FnOnce(&mut Core, jiff::Timestamp) -> T) -> T {
        let now = self.shared.clock.now();
        work(&mut self.shared.lock(), now)
    }

    async fn answer<B>(self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        #[cfg(feature = "kubelet")]
        let is_over_memory = self.shared.kubelet.is_some() && crate::kubelet::wants_upgrade(&request);
        #[cfg_attr(
            not(feature = "kubelet"),
            expect(unused_mut, reason = "only a kubelet takes connections")
        )]
        let (mut head, incoming) = request.into_parts();
        let body = match Limited::new(incoming, body::SIZE_MAX).collect().await {
            Ok(collected) => Some(collected.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => None,
            Err(_) => {
                let broken = StatusError::bad_request("the body of the request could not be read");
                return encode::error(&broken, wire::accept::Encoding::Json, &[]).map(Body::of);
            }
        };
        #[cfg(feature = "kubelet")]
        if is_over_memory {
            let request = Request::from_parts(head, body.unwrap_or_default());
            return crate::kubelet::over_memory(self, request).await;
        }
        #[cfg(feature = "kubelet")]
        let upgrade = crate::kubelet::Upgrade::of(&mut head);
        let is_head = head.method == http::Method::HEAD;
        let request = wire::Request {
            path: head.uri.path().to_owned(),
            query: Query::parse(head.uri.query().unwrap_or("")),
            raw_query: head.uri.query().unwrap_or("").to_owned(),
            method: head.method,
            user: head
                .extensions
                .get::<UserInfo>()
                .map(|user| Arc::new(user.clone())),
            headers: head.headers,
            body,
        };
        let response = self
            .reply(
                &request,
                #[cfg(feature = "kubelet")]
                upgrade,
            )
            .await;
        if is_head {
            response.map(|_| Body::full(bytes::Bytes::new()))
        } else {
            response
        }
    }

    async fn reply(
        &self,
        request: &wire::Request,
        #[cfg(feature = "kubelet")] upgrade: crate::kubelet::Upgrade,
    ) -> Response<Body> {
        let mut waited = false;
        let mut session = None;
        let mut rounds = 0;
        loop {
            match self.shared.handle(request, &mut session) {
                Reply::Calls(_) if rounds == ROUNDS_MAX => {
                    let why = "the request depends on more and more answers of webhooks";
                    return encode::error(&StatusError::internal(why), wire::accept::Encoding::Json, &[])
                        .map(Body::of);
                }
                Reply::Calls(calls) => {
                    rounds += 1;
                    // Whoever asks has a session.
                    if let Some(session) = &session {
                        self.shared.make(calls, &session.calls).await;
                    }
                }
                Reply::Done(response) => return response.map(Body::of),
                Reply::Watch(plan) => {
                    let mut response = Response::new(());
                    response.headers_mut().insert(
                        http::header::CONTENT_TYPE,
                        http::HeaderValue::from_static("application/json"),
                    );
                    encode::add_warnings(response.headers_mut(), &plan.warnings);
                    return response.map(|()| Body::watch(WatchStream::new(self.shared.clone(), *plan)));
                }
                #[cfg(feature = "kubelet")]
                Reply::Connect(call) => {
                    let answer = match &self.shared.kubelet {
                        Some(kubelet) => kubelet.answer(*call, upgrade, self.shared.clock.clone()),
                        // The core was told whether there is one.
                        None => unreachable!("a server without a kubelet connects nobody"),
                    };
                    return answer.unwrap_or_else(|error| {
                        encode::error(&error, wire::accept::Encoding::Json, &[]).map(Body::of)
                    });
                }
                Reply::Later(revision) if waited => {
                    let error = too_large_version(revision, self.revision());
                    return encode::error(&error, wire::accept::Encoding::Json, &[]).map(Body::of);
                }
                Reply::Later(revision) => {
                    self.shared.wait_for(revision).await;
                    session = None;
                    waited = true;
                }
            }
        }
    }
}

impl Default for FakeApiServer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FakeApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeApiServer")
            .field("revision", &self.revision())
            .finish_non_exhaustive()
    }
}

impl<B> Service<Request<B>> for FakeApiServer
where
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let server = self.clone();
        Box::pin(async move { Ok(server.answer(request).await) })
    }
}

/// The refusal of a revision that is yet to come.
pub(crate) fn too_large_version(wanted: u64, now: u64) -> StatusError {
    StatusError::new(
        504,
        "Timeout",
        format!("Timeout: Too large resource version: {wanted}, current: {now}"),
    )
    .details(Details {
        causes: vec![Cause {
            reason: "ResourceVersionTooLarge".into(),
            message: "Too large resource version".into(),
            field: String::new(),
        }],
        retry_after_seconds: 1,
        ..Details::default()
    })
}

fn find(catalog: &Catalog, qualified: &str) -> Option<Arc<crate::registry::Resource>> {
    let (plural, group) = qualified.split_once('.').unwrap_or((qualified, ""));
    catalog.any_version(group, plural).cloned()
}

/// An object with its type: in the resource's version, but as it is stored where only a webhook could convert it.
fn shown(core: &Core, resource: &crate::registry::Resource, stored: &Arc<crate::storage::Stored>) -> Value {
    let view = resource.view(core, stored);
    core.calls.take_waiting();
    let (mut object, version) = match view {
        Ok(view) => (view.shown(), &resource.api_version),
        Err(_) => (stored.shown(), stored.version().unwrap_or(&resource.api_version)),
    };
    object["kind"] = json!(&*resource.kind);
    object["apiVersion"] = json!(&**version);
    object
}
