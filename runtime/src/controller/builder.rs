//! How a controller is put together.

use std::{fmt, hash::Hash, sync::Arc};

use futures::{FutureExt, Stream, StreamExt, TryFuture};
use seatrial_client::{Api, Env, Resource};
use serde::de::DeserializeOwned;

use super::{
    Action, Config, Error, Health, Metrics, WriteGate,
    run::Runner,
    setup::{Setup, Wiring},
    shutdown::{Shutdown, signal},
    source::{self, SharedBackoff, Source, Sources},
};
use crate::{
    lease::Leadership,
    reflector::{ObjectRef, Store, store::Writer},
    utils::{Backoff, Exponential},
    watcher::{self, Delays, Watcher},
};

/// Builds and runs a controller for objects of kind `K`.
///
/// It keeps a cache of its objects and calls a reconciler for each that something happened to: the object itself, an object that it owns, or another that leads to it.
/// Deletions that a watch did not see are found and count as changes.
///
/// A reconciler does not hear what happened, only to which object something did: it compares what the object asks for with what there is, and makes up the difference. So it
/// may run once for many changes, and again for none.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use futures::StreamExt;
/// use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// use seatrial_client::{Api, Client, Error, Resource, ResourceExt, api::{Patch, PatchParams}};
/// use seatrial_runtime::{Controller, controller::Action, watcher};
/// use serde_json::json;
///
/// /// Keeps a secret beside each config map.
/// async fn reconcile(config: Arc<ConfigMap>, client: Arc<Client>) -> Result<Action, Error> {
///     let secrets = Api::<Secret>::namespaced((*client).clone(), &config.namespace().unwrap_or_default());
///     let owner: Vec<_> = config.controller_owner_ref(&()).into_iter().collect();
///     let secret = json!({
///         "apiVersion": "v1", "kind": "Secret", "metadata": {"name": config.name_any(), "ownerReferences": owner},
///     });
///     let params = PatchParams::apply("example.com/copies");
///     secrets.patch(&config.name_any(), &params, &Patch::Apply(secret)).await?;
///     // What is watched needs no second look; an error is tried again after a while.
///     Ok(Action::await_change())
/// }
///
/// async fn run(client: Client) {
///     let configs = Api::<ConfigMap>::default_namespaced(client.clone());
///     let secrets = Api::<Secret>::default_namespaced(client.clone());
///     Controller::new(configs, watcher::Config::default().labels("copy=yes"))
///         .owns(secrets, watcher::Config::default())
///         .shutdown_on_signal()
///         .run_with_backoff(reconcile, Arc::new(client))
///         .for_each(async |report| match report {
///             Ok((object, _)) => println!("{object} is as it should be"),
///             Err(error) => eprintln!("{error}"),
///         })
///         .await;
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
/// # let cluster = seatrial_testkit::FakeCluster::builder()
/// #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: web, labels: {copy: 'yes'}}}")
/// #     .build()?;
/// # let env = cluster.env().clone();
/// # let running = run(cluster.client());
/// # let _ = env.timeout(Duration::from_secs(5), running).await;
/// # assert!(cluster.server().get("secrets", "default", "web").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What to do next: several controllers in one process are a [`Manager`](crate::manager::Manager)'s, one of several replicas works by an
/// [`Election`](crate::lease::Election), and what has to be undone outside of the cluster wants a [`finalizer`](crate::finalizer::finalizer).
///
/// # Errors
///
/// Nothing ends a controller but a shutdown: what goes wrong is an item of its stream, see [`Error`], and is tried again.
///
/// # Order
///
/// One object is never reconciled twice at once. Between objects there is no order, except that objects found by the initial list come after those that
/// changed. What happens to an object while it waits is one run.
///
/// # Limits
///
/// At most 16 objects at a time, see [`Config::concurrency`].
#[must_use = "a controller does nothing until its stream is polled"]
pub struct Controller<K>
where
    K: Clone + Resource + fmt::Debug + 'static,
    K::DynamicType: Eq + Hash,
{
    pub(super) dyntype: K::DynamicType,
    store: Store<K>,
    /// The client's, or the system's as long as no `Api` was given.
    env: Option<Env>,
    config: Config,
    shutdown: Shutdown,
    backoff: Option<SharedBackoff>,
    wiring: Wiring<K>,
    /// Made when the controller runs, because only then all is known.
    sources: Vec<Planned<K>>,
}

type Planned<K> = Box<dyn FnOnce(&Plan) -> (Source<K>, Option<Delays>) + Send>;

/// What sources are made with.
pub(super) struct Plan {
    env: Env,
    backoff: Option<SharedBackoff>,
    name: String,
    health: Health,
    metrics: Option<Arc<dyn Metrics>>,
}

// === Constructors ===

impl<K> Controller<K>
where
    K: Clone + Resource + DeserializeOwned + fmt::Debug + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    /// A controller of the objects of `main_api` that `watcher_config` selects.
    pub fn new(main_api: Api<K>, watcher_config: watcher::Config) -> Self
    where
        K::DynamicType: Default,
    {
        Self::new_with(main_api, watcher_config, K::DynamicType::default())
    }

    /// [`new`](Self::new) for a kind known at run time.
    pub fn new_with(main_api: Api<K>, watcher_config: watcher::Config, dyntype: K::DynamicType) -> Self {
        let writer = Writer::new(dyntype.clone());
        let mut this = Self::empty(writer.as_reader(), dyntype.clone());
        this.env = Some(main_api.client().env().clone());
        this.plan(move |plan| {
            let events = plan.watch(main_api, watcher_config);
            let writer = writer.with_health(events.health());
            (source::primary(events, writer, dyntype), None)
        })
    }

    /// A controller of objects that somebody else watches: `trigger` tells which changed, `reader` holds them.
    ///
    /// Make the stream with [`WatchStreamExt::reflect`](crate::WatchStreamExt::reflect) and
    /// [`touched_objects`](crate::WatchStreamExt::touched_objects), so that deletions lead to a run as well.
    pub fn for_stream(
        trigger: impl Stream<Item = Result<K, watcher::Error>> + Send + 'static,
        reader: Store<K>,
    ) -> Self
    where
        K::DynamicType: Default,
    {
        Self::for_stream_with(trigger, reader, K::DynamicType::default())
    }

    /// [`for_stream`](Self::for_stream) for a kind known at run time.
    pub fn for_stream_with(
        trigger: impl Stream<Item = Result<K, watcher::Error>> + Send + 'static,
        reader: Store<K>,
        dyntype: K::DynamicType,
    ) -> Self {
        let this = Self::empty(reader, dyntype.clone());
        this.plan_theirs(move || source::own(trigger, dyntype, |object| object))
    }

    /// A controller of objects that are watched once for several: `trigger` comes from
    /// [`Store::subscribe`](crate::reflector::Store::subscribe), `reader` holds the objects.
    pub fn for_shared_stream(trigger: impl Stream<Item = Arc<K>> + Send + 'static, reader: Store<K>) -> Self
    where
        K::DynamicType: Default,
    {
        Self::for_shared_stream_with(trigger, reader, K::DynamicType::default())
    }

    /// [`for_shared_stream`](Self::for_shared_stream) for a kind known at run time.
    pub fn for_shared_stream_with(
        trigger: impl Stream<Item = Arc<K>> + Send + 'static,
        reader: Store<K>,
        dyntype: K::DynamicType,
    ) -> Self {
        let this = Self::empty(reader, dyntype.clone());
        this.plan_theirs(move || source::own(trigger.map(Ok), dyntype, |object: &Arc<K>| &**object))
    }

    fn empty(store: Store<K>, dyntype: K::DynamicType) -> Self {
        Self {
            wiring: Wiring::new(K::plural(&dyntype).into_owned()),
            dyntype,
            store,
            env: None,
            config: Config::default(),
            shutdown: Shutdown::default(),
            backoff: None,
            sources: Vec::new(),
        }
    }
}

// === How it runs ===

impl<K> Controller<K>
where
    K: Clone + Resource + DeserializeOwned + fmt::Debug + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    /// How it runs.
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Takes time and chance from `env` instead of from the client of the controller's `Api`.
    ///
    /// Needed only for a controller over streams alone, which has no client.
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// What the controller is called in metrics; the plural of its kind by default.
    ///
    /// Two controllers of one kind in one process should differ in this: their jitter is drawn by it, too.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.wiring.name = name.into();
        self
    }

    /// Tells `metrics` what the controller does.
    pub fn with_metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.wiring.metrics = Some(metrics);
        self
    }

    /// Holds an object's next run back until the caches show what its last one wrote; see [`WriteGate`].
    pub fn gated_by(mut self, gate: &WriteGate<K>) -> Self {
        self.wiring.gate = Some(gate.clone());
        self
    }

    /// Reconciles only what `leadership` says is this process's; the caches are kept up to date all the same.
    ///
    /// When the process gains the leadership, or a shard, all objects of it are reconciled, because nobody knows what the one before left undone. When it loses
    /// it, the runs under way are dropped before anybody else may begin one, even if the election is not polled any more.
    pub fn led_by(mut self, leadership: Leadership) -> Self {
        self.wiring.leadership = Some(leadership);
        self
    }

    /// A handle on how the controller is doing.
    pub fn health(&self) -> Health {
        self.wiring.health.clone()
    }

    /// How long watches that fail wait between attempts. Each goes through the sequence by itself.
    pub fn trigger_backoff(mut self, backoff: impl Backoff + 'static) -> Self {
        self.backoff = Some(SharedBackoff::new(backoff));
        self
    }

    /// The cache of the controller's objects, filled once the controller runs.
    pub fn store(&self) -> Store<K> {
        self.store.clone()
    }

    /// Finishes what runs and begins nothing once `trigger` is ready; then the stream ends. See [`Config::shutdown_timeout`].
    pub fn graceful_shutdown_on(mut self, trigger: impl Future<Output = ()> + Send + Sync + 'static) -> Self {
        self.shutdown.graceful.push(trigger.boxed());
        self
    }

    /// Finishes what runs and begins nothing on SIGINT, SIGTERM or Ctrl-C; a second one ends at once. In tests, whose environment has no signals, nothing comes of it.
    pub fn shutdown_on_signal(mut self) -> Self {
        self.shutdown.graceful.push(signal(self.env.clone(), 1).boxed());
        self.shutdown.forceful.push(signal(self.env.clone(), 2).boxed());
        self
    }

    /// Runs the controller for as long as the stream is polled.
    ///
    /// `reconciler` gets an object as the cache holds it and makes the world as the object says; what it answers decides when it is called again without a change.
    /// `error_policy` decides that after an error; [`Action::backoff`] leaves it to the controller, see
    /// [`run_with_backoff`](Self::run_with_backoff).
    ///
    /// The stream has an item for each run and each thing that went wrong, and none of them ends it. It ends only by a shutdown. Reconciles run inside it, so
    /// an item that is not taken holds all of them up.
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream drops the reconciles under way at whatever they wait for, as a crash would.
    pub fn run<ReconcilerFut, Ctx>(
        self,
        reconciler: impl FnMut(Arc<K>, Arc<Ctx>) -> ReconcilerFut,
        error_policy: impl Fn(Arc<K>, &ReconcilerFut::Error, Arc<Ctx>) -> Action,
        context: Arc<Ctx>,
    ) -> impl Stream<Item = Result<(ObjectRef<K>, Action), Error<ReconcilerFut::Error, watcher::Error>>>
    where
        K::DynamicType: fmt::Debug + Unpin,
        ReconcilerFut: TryFuture<Ok = Action> + Send + 'static,
        ReconcilerFut::Error: std::error::Error + Send + 'static,
    {
        let Self {
            store,
            env,
            config,
            shutdown,
            backoff,
            sources,
            wiring,
            dyntype: _,
        } = self;
        let plan = Plan {
            env: env.unwrap_or_default(),
            backoff,
            name: wiring.name.clone(),
            health: wiring.health.clone(),
            metrics: wiring.metrics.clone(),
        };
        let sources = Sources::new(plan.env.clone(), sources.into_iter().map(|source| source(&plan)));
        let env = plan.env;
        Runner::new(Setup {
            env,
            config,
            store,
            sources,
            shutdown,
            wiring,
            reconciler,
            error_policy,
            context,
        })
    }

    /// [`run`](Self::run) where an object that fails is tried again after a delay that doubles with each failure in a row, from 0.2 s to five minutes,
    /// and starts again once it succeeds.
    pub fn run_with_backoff<ReconcilerFut, Ctx>(
        self,
        reconciler: impl FnMut(Arc<K>, Arc<Ctx>) -> ReconcilerFut,
        context: Arc<Ctx>,
    ) -> impl Stream<Item = Result<(ObjectRef<K>, Action), Error<ReconcilerFut::Error, watcher::Error>>>
    where
        K::DynamicType: fmt::Debug + Unpin,
        ReconcilerFut: TryFuture<Ok = Action> + Send + 'static,
        ReconcilerFut::Error: std::error::Error + Send + 'static,
    {
        self.run(reconciler, |_, _, _| Action::backoff(), context)
    }

    /// Adds a source that waits by itself after errors.
    pub(super) fn plan(
        mut self,
        make: impl FnOnce(&Plan) -> (Source<K>, Option<Delays>) + Send + 'static,
    ) -> Self {
        self.sources.push(Box::new(make));
        self
    }

    /// Adds a source of the user's, which is left alone for a while after an error.
    pub(super) fn plan_theirs(self, make: impl FnOnce() -> Source<K> + Send + 'static) -> Self {
        self.plan(move |plan| (make(), Some(plan.delays("stream"))))
    }
}

impl<K> fmt::Debug for Controller<K>
where
    K: Clone + Resource + fmt::Debug + 'static,
    K::DynamicType: Eq + Hash,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller")
            .field("store", &self.store)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

// === impl Plan ===

impl Plan {
    /// A watch that waits as this controller's do.
    pub(super) fn watch<O>(&self, api: Api<O>, config: watcher::Config) -> Watcher<O>
    where
        O: Resource + Clone + DeserializeOwned + fmt::Debug + Send + 'static,
    {
        let delays = match &self.backoff {
            Some(backoff) => backoff.delays(),
            None => watcher::delays(api.client().env(), api.resource_url()),
        };
        let path = api.resource_url().to_owned();
        let events = watcher::watcher_with_delays(api, config, delays);
        self.health.add(&path, events.health());
        if let Some(metrics) = &self.metrics {
            metrics.watching(&self.name, &path, &events.health());
        }
        events
    }

    fn delays(&self, id: &str) -> Delays {
        if let Some(backoff) = &self.backoff {
            return backoff.delays();
        }
        let mut rng = self.env.rng(&format!("controller/{id}"));
        Box::new(move |attempt| Exponential::WATCH.delay(attempt, rng.f64()))
    }
}
