//! Hooks on requests, for tests that want one certain thing to happen: an error, a delay, another answer, or code of their own.
//!
//! An [`Interceptor`] says which requests it takes and what it does with them. It stands nearest the client: what it sends on
//! meets the cluster's [`faults`](crate::fault) next, then the request log, then the server. Faults tell what real clusters do on the wire;
//! an interceptor does whatever the test says.
//!
//! Reading order: here (which requests, and what happens to them), `call` (what a test's own code is given, and answers), `service` (who stands where).
//!
//! **Invariant:** nothing here waits by any clock but the cluster's, or draws anything at random.

mod call;
mod service;

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::request::Parts;
use seatrial_client::{Resource, core::Verb};
use serde_json::Value;
use tower::BoxError;

pub use self::call::{Answer, Call};
pub(crate) use self::service::Interceptors;
use crate::request::{Target, Turns, resource_of};

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
