//! Hooks on requests, for tests that want one certain thing to happen: an error, a delay, another answer, or code of their own.
//!
//! An [`Interceptor`] says which requests it takes and what it does with them. It stands nearest the client: what it sends on
//! meets the cluster's [`faults`](crate::fault) next, then the request log, then the server. Faults tell what real clusters do on the wire;
//! an interceptor does whatever the test says.
//!
//! **Invariant:** nothing here waits by any clock but the cluster's, or draws anything at random.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{
    Request, Response,
    header::{CONTENT_LENGTH, RETRY_AFTER},
    request::Parts,
};
use http_body_util::BodyExt as _;
use seatrial_client::{Client, Env, Resource, client::Body, core::Verb};
use serde_json::Value;
use tower::{BoxError, Service, ServiceExt as _, util::BoxCloneSyncService};

use crate::{
    fault::wire::{self, Edit, Lines, Step, WireBody},
    request::{Target, Turns, resource_of, watches},
};

/// What answers requests behind an interceptor.
type Wire = BoxCloneSyncService<Request<Body>, Response<WireBody>, BoxError>;

/// How a request ends: an answer, or no answer because the connection fails.
pub type Reply = Result<Answer, BoxError>;

/// Takes some requests of a cluster's clients and decides what becomes of them.
///
/// A constructor says which verb, more calls narrow it, and the last says what happens; without it the request goes on as it is.
/// Several interceptors may take one request: the first that was installed is asked first, and what it sends on goes to the next.
///
/// ```
/// use std::time::Duration;
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, api::PostParams};
/// use seatrial_testkit::{FakeCluster, interceptor::Interceptor};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::new();
/// // The first create fails.
/// cluster.intercept(Interceptor::create().of::<ConfigMap>().times(1).fail(403, "Forbidden", "not today"));
/// // Reads tell of an annotation that is not there.
/// cluster.intercept(Interceptor::get().edit(|object| object["metadata"]["annotations"] = [("seen", "yes")].into_iter().collect()));
/// // Somebody else is faster: the object is made before the request goes on.
/// cluster.intercept(Interceptor::create().named("b").run(|call| async move {
///     let rival: Api<ConfigMap> = Api::default_namespaced(call.client());
///     rival.create(&PostParams::default(), &serde_json::from_value(call.body())?).await?;
///     call.proceed().await
/// }));
///
/// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
/// let made = |name: &str| -> ConfigMap { serde_json::from_value(serde_json::json!({"metadata": {"name": name}})).unwrap() };
/// assert!(configs.create(&PostParams::default(), &made("a")).await.unwrap_err().to_string().contains("not today"));
/// configs.create(&PostParams::default(), &made("a")).await.unwrap();
/// assert_eq!(configs.get("a").await.unwrap().metadata.annotations.unwrap()["seen"], "yes");
/// assert!(configs.create(&PostParams::default(), &made("b")).await.unwrap_err().is_already_exists());
/// # });
/// ```
#[derive(Clone)]
#[must_use = "an interceptor does nothing until a cluster has it"]
pub struct Interceptor {
    verb: Option<Verb>,
    resource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    turns: Turns,
    act: Act,
}

/// What is done with a request.
type Act = Arc<dyn Fn(Call) -> BoxFuture<'static, Reply> + Send + Sync>;

/// Names an interceptor of one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterceptorId(u64);

/// A request that an interceptor has taken.
#[derive(Clone)]
pub struct Call {
    verb: Verb,
    parts: Parts,
    body: Bytes,
    /// Whose it is: the interceptors behind this one come next.
    taken_by: InterceptorId,
    behind: Intercepted,
}

/// What the client is going to read.
pub struct Answer {
    response: Response<WireBody>,
    is_watch: bool,
}

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

/// The error of a connection that the other side resets: the client cannot know whether its request was served.
///
/// After [`Call::proceed`] it is an answer that was lost, and before it a request that was.
pub fn reset() -> BoxError {
    io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer").into()
}

// === impl Interceptor ===

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident => $verb:ident;)*) => {
        /// Which requests.
        impl Interceptor {$(
            $(#[$doc])*
            pub fn $name() -> Self {
                Self { verb: Some(Verb::$verb), ..Self::any() }
            }
        )*}
    };
}

verbs! {
    /// Takes reads of one object.
    get => Get;
    /// Takes lists.
    list => List;
    /// Takes watches.
    watch => Watch;
    /// Takes creates, those of subresources such as `pods/eviction` included.
    create => Create;
    /// Takes replacements of whole objects.
    update => Update;
    /// Takes patches, applies included.
    patch => Patch;
    /// Takes deletions of one object.
    delete => Delete;
    /// Takes deletions of collections.
    delete_collection => DeleteCollection;
}

impl Interceptor {
    /// Takes every request.
    pub fn any() -> Self {
        Self {
            verb: None,
            resource: None,
            namespace: None,
            name: None,
            turns: Turns::default(),
            act: Arc::new(|call| Box::pin(call.proceed())),
        }
    }

    /// Only those for objects of this type, subresources included.
    pub fn of<K>(self) -> Self
    where
        K: Resource<DynamicType = ()>,
    {
        self.resource(resource_of::<K>())
    }

    /// Only those for this resource with its group, such as `configmaps` or `deployments.apps`; with a subresource, as in
    /// `deployments.apps/status`, for that alone.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Only those in this namespace.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Only those for an object of this name, which a create has in its body.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lets the first `count` of them pass.
    pub fn skip(mut self, count: usize) -> Self {
        self.turns.skip = count;
        self
    }

    /// Takes so many and no more.
    pub fn times(mut self, count: usize) -> Self {
        self.turns.times = count;
        self
    }

    fn takes(&mut self, verb: Verb, request: &Parts, body: &Bytes) -> bool {
        let target = Target::of(&request.uri);
        self.verb.is_none_or(|wanted| wanted == verb)
            && self.resource.as_deref().is_none_or(|wanted| target.is_of(wanted))
            && self
                .namespace
                .as_deref()
                .is_none_or(|wanted| target.namespace == Some(wanted))
            && self
                .name
                .as_deref()
                .is_none_or(|wanted| target.name_or_in(body).as_deref() == Some(wanted))
            && self.turns.take()
    }
}

/// What happens to them.
impl Interceptor {
    /// The server never sees them; a `Status` of failure is the answer, such as `(409, "AlreadyExists", "…")`.
    pub fn fail(self, code: u16, reason: &str, message: &str) -> Self {
        let (reason, message) = (reason.to_owned(), message.to_owned());
        self.run(move |_| {
            let answer = Answer::status(code, &reason, &message);
            async move { Ok(answer) }
        })
    }

    /// The server never sees them, and the connection is reset.
    pub fn disconnect(self) -> Self {
        self.run(|_| async { Err(reset()) })
    }

    /// They go on after this much time of the cluster's.
    pub fn delay(self, by: Duration) -> Self {
        self.run(move |call| async move {
            call.sleep(by).await;
            call.proceed().await
        })
    }

    /// They are served, and the answer is changed: the object, the list, or each event of a watch. Errors pass unchanged.
    pub fn edit(self, change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        let change = Arc::new(change);
        self.run(move |call| {
            let change = change.clone();
            async move { call.proceed().await?.edit(move |value| change(value)).await }
        })
    }

    /// This is called with each of them, and answers or calls [`Call::proceed`].
    pub fn run<F>(mut self, act: impl Fn(Call) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        self.act = Arc::new(move |call| Box::pin(act(call)));
        self
    }
}

impl fmt::Debug for Interceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interceptor")
            .field("verb", &self.verb)
            .field("resource", &self.resource)
            .field("namespace", &self.namespace)
            .field("name", &self.name)
            .field("turns", &self.turns)
            .finish_non_exhaustive()
    }
}

// === impl Call ===

impl Call {
    /// The verb of the Kubernetes API.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The path with its query.
    pub fn path(&self) -> String {
        self.parts.uri.to_string()
    }

    /// The resource with its group and subresource, such as `deployments.apps/status`; empty for what is no resource.
    pub fn resource(&self) -> String {
        Target::of(&self.parts.uri).with_subresource()
    }

    /// The namespace in the path.
    pub fn namespace(&self) -> Option<String> {
        Target::of(&self.parts.uri).namespace.map(str::to_owned)
    }

    /// The object's name, from the path or from the body of a create.
    pub fn name(&self) -> Option<String> {
        Target::of(&self.parts.uri).name_or_in(&self.body)
    }

    /// The body; `Null` where there is none that is JSON.
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Sends another body on.
    pub fn set_body(&mut self, body: &Value) {
        self.body = body.to_string().into();
        self.parts.headers.remove(CONTENT_LENGTH);
    }

    /// A client that no interceptor sees; what it asks for is in the cluster's request log all the same, and meets its faults.
    pub fn client(&self) -> Client {
        Client::new(self.behind.inner.clone(), "default").with_env(self.behind.interceptors.env.clone())
    }

    /// Waits by the clock of the cluster.
    pub async fn sleep(&self, time: Duration) {
        self.behind.interceptors.env.sleep(time).await;
    }

    /// Sends the request on. A clone of the call sends it a second time.
    ///
    /// # Errors
    /// Where the connection fails, by a fault or by the next interceptor.
    pub async fn proceed(self) -> Reply {
        self.behind
            .serve(self.verb, self.parts, self.body, Some(self.taken_by))
            .await
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("verb", &self.verb)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

// === impl Answer ===

impl Answer {
    /// An answer with a body of JSON. A code that HTTP does not have becomes 500.
    pub fn json(code: u16, body: &Value) -> Self {
        Self {
            response: wire::json_answer(code, body).map(wire::full),
            is_watch: false,
        }
    }

    /// An answer with a `Status` of failure.
    pub fn status(code: u16, reason: &str, message: &str) -> Self {
        Self::json(code, &wire::status(code, reason, message))
    }

    /// The same with a header that says when to come again.
    #[must_use]
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.response.headers_mut().insert(RETRY_AFTER, secs.into());
        self
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The same with another body: the object, the list, or each event of a watch. Errors, and what is not JSON, pass unchanged.
    ///
    /// # Errors
    /// Where the connection fails before the body is there.
    pub async fn edit(self, change: impl Fn(&mut Value) + Send + 'static) -> Reply {
        let Self { response, is_watch } = self;
        if !response.status().is_success() {
            return Ok(Self { response, is_watch });
        }
        let (mut head, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        let edit = if is_watch {
            Edit::Lines(Box::new(EachEvent(change)))
        } else {
            Edit::Whole(Box::new(move |body| changed(&body, &change).unwrap_or(body)))
        };
        // Only edits of times take a clock.
        let body = wire::edited(body, edit, &Env::system()).await?;
        Ok(Self {
            response: Response::from_parts(head, body),
            is_watch,
        })
    }

    /// Reads the answer to its end: the code, and the body where it is JSON. Not for watches, which do not end.
    ///
    /// # Errors
    /// Where the connection fails before the end.
    pub async fn read(self) -> Result<(u16, Value), BoxError> {
        let code = self.code();
        let body = self.response.into_body().collect().await?.to_bytes();
        Ok((code, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("code", &self.code())
            .finish_non_exhaustive()
    }
}

/// Changes each event of a watch.
struct EachEvent<F>(F);

impl<F: Fn(&mut Value) + Send> Lines for EachEvent<F> {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        let line = match changed(&line, &self.0) {
            Some(event) => [&event[..], b"\n"].concat().into(),
            None => line,
        };
        vec![Step::Send(line)]
    }
}

fn changed(json: &[u8], change: &impl Fn(&mut Value)) -> Option<Bytes> {
    let mut value = serde_json::from_slice(json).ok()?;
    change(&mut value);
    Some(value.to_string().into())
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
    fn serve(
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
