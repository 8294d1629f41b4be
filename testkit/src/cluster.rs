//! What a test holds: the server, clients for it, and the way to wait until nothing happens any more.

use std::{sync::Arc, time::Duration};

use seatrial_client::{Client, Env, client::ClientBuilder};
use seatrial_fake_apiserver::FakeApiServer;
use tower::Layer as _;

use crate::{
    builder::{BuildError, FakeClusterBuilder},
    fault::Faults,
    interceptor::{Interceptor, InterceptorId, Interceptors},
    log::{Recorded, RequestLog},
    pace::Pace,
    snapshot::{self, Baseline, State},
    stages::Driver,
};

/// A Kubernetes apiserver in memory together with the clients and the clock of a test.
///
/// Everything is drawn from one seed: two runs of the same test see the same names, UIDs, times and requests. Time is
/// tokio's; run the test with a paused clock (`#[tokio::test(start_paused = true)]`) so that waiting costs nothing.
///
/// Cloning is cheap and gives another handle to the same cluster.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::Api;
/// use seatrial_testkit::FakeCluster;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::builder()
///     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}")
///     .build()
///     .unwrap();
/// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
/// configs.delete("settings", &Default::default()).await.unwrap();
/// cluster.settle().await.unwrap();
/// assert_eq!(cluster.dump(), "");
/// assert_eq!(cluster.requests().writes().count(), 1);
/// # });
/// ```
#[derive(Clone)]
pub struct FakeCluster {
    server: FakeApiServer,
    /// The server behind the log, which is what clients talk to.
    recorded: Recorded,
    env: Env,
    /// In front of everything: what asks too often is held up whatever it is answered.
    pace: Pace,
    faults: Faults,
    interceptors: Interceptors,
    /// What was there before the test's own objects; snapshots leave it out.
    baseline: Baseline,
    /// The revision after the objects that the cluster starts with.
    started: u64,
    /// Who moves stages on, if there are any.
    stages: Option<Arc<Driver>>,
}

/// The cluster was still busy when the budget of [`FakeCluster::settle`] ran out: an hour of virtual time, or 20,000 requests.
///
/// The likely reason is a controller that fights itself or another writer, or one that asks again without a pause; `tail` says for what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(*.waited, *.requests, .tail, .stage.as_deref()))]
#[non_exhaustive]
pub struct Unsettled {
    /// The virtual time that has passed.
    pub waited: Duration,
    /// How many requests were made meanwhile.
    pub requests: usize,
    /// The last writes of the request log, one a line; where it is requests that were too many, the last of all.
    pub tail: String,
    /// The stage that cannot come to pass, where that is why: its template cannot be filled in, or the server refuses what it makes.
    pub stage: Option<String>,
}

fn told(waited: Duration, requests: usize, tail: &str, stage: Option<&str>) -> String {
    match stage {
        Some(stage) => format!("a stage cannot come to pass: {stage}"),
        None => format!(
            "the cluster was still busy after {waited:?} of virtual time and {requests} requests; the last were:\n{tail}"
        ),
    }
}

/// Waiting for a cluster, as long as it is not asked without end.
pub(crate) struct Patience<'a> {
    cluster: &'a FakeCluster,
    since: Duration,
    asked: usize,
}

/// How long nothing may be written before the cluster counts as settled: longer than a controller's usual debounce and
/// first retries, shorter than a resync.
const QUIET: Duration = Duration::from_secs(1);

/// The virtual time after which a cluster that still changes is reported.
const BUDGET: Duration = Duration::from_secs(3600);

/// The requests after which whoever waits gives up: ten for each of two thousand objects.
const REQUESTS_MAX: usize = 20_000;

/// How often that is looked at.
const LOOK: Duration = Duration::from_secs(1);

// === impl FakeCluster ===

impl FakeCluster {
    /// An empty cluster with seed 0.
    ///
    /// # Panics
    /// Never: an empty cluster has nothing that could be refused.
    #[expect(
        clippy::new_without_default,
        reason = "a cluster is a running thing, not a value"
    )]
    pub fn new() -> Self {
        Self::builder()
            .build()
            .expect("an empty cluster holds no fixture that the server could refuse")
    }

    /// A cluster with a seed, custom resources and objects of one's choice.
    pub fn builder() -> FakeClusterBuilder {
        FakeClusterBuilder::default()
    }

    pub(crate) fn assemble(
        server: FakeApiServer,
        env: Env,
        baseline: Baseline,
        stages: Option<Driver>,
    ) -> Self {
        let recorded = Recorded::new(server.clone(), env.clone());
        let started = server.revision();
        Self {
            server,
            recorded,
            faults: Faults::timed_by(env.clone()),
            interceptors: Interceptors::new(env.clone()),
            pace: Pace::new(env.clone()),
            env,
            baseline,
            started,
            stages: stages.map(Arc::new),
        }
    }

    /// A client with the rights of an administrator and the default namespace `default`.
    ///
    /// It is the production stack over the server instead of a connection: retries and timeouts included, on the clock
    /// of the cluster.
    pub fn client(&self) -> Client {
        ClientBuilder::stack("default")
            .with_env(self.env.clone())
            .transport(
                self.pace.before(
                    self.interceptors
                        .before(self.faults.layer().layer(self.recorded.clone())),
                ),
            )
            .build()
    }

    /// The apiserver itself, for what no client can do: compaction, forks, inspection.
    pub fn server(&self) -> &FakeApiServer {
        &self.server
    }

    /// The clock and randomness that the cluster and its clients share.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// What goes wrong between this cluster's clients and its server; nothing, unless told.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Lets an interceptor take requests of this cluster's clients, behind those that are there; see [`interceptor`](crate::interceptor).
    pub fn intercept(&self, interceptor: Interceptor) -> InterceptorId {
        self.interceptors.add(interceptor)
    }

    /// Removes an interceptor; what it has taken already goes on as it is.
    pub fn withdraw(&self, interceptor: InterceptorId) {
        self.interceptors.remove(interceptor);
    }

    /// What clients asked of the server so far. A request that a fault or an interceptor kept from the server is not among it.
    pub fn requests(&self) -> RequestLog {
        self.recorded.log()
    }

    /// Waits until nothing was written for a second of virtual time, no request is under way, and no stage of an object is about to come
    /// that leads anywhere.
    ///
    /// Timers within that second (debounce, first retries) run; a controller that requeues later than that, or that
    /// only reads, counts as settled.
    ///
    /// # Errors
    /// [`Unsettled`] after an hour of virtual time in which the cluster never stopped changing, or 20,000 requests, and at once where a stage cannot come to pass.
    pub async fn settle(&self) -> Result<(), Unsettled> {
        let patience = self.patience();
        loop {
            let before = (self.server.revision(), self.recorded.writes());
            patience.sleep(QUIET).await?;
            let after = (self.server.revision(), self.recorded.writes());
            let stages = self.stages.as_deref();
            if let Some(message) = stages.and_then(Driver::refused) {
                return Err(Unsettled {
                    stage: Some(message),
                    ..patience.lost(self.requests().tail_of_writes(10))
                });
            }
            let moves_on = stages.is_some_and(Driver::moves_on);
            if before == after && self.recorded.in_flight() == 0 && !moves_on {
                return Ok(());
            }
            if patience.waited() >= BUDGET {
                return Err(patience.lost(self.requests().tail_of_writes(10)));
            }
        }
    }

    /// Begins to wait.
    pub(crate) fn patience(&self) -> Patience<'_> {
        Patience {
            cluster: self,
            since: self.env.monotonic(),
            asked: self.pace.asked(),
        }
    }

    /// Every object that the test made or changed, as YAML documents for a snapshot.
    ///
    /// Documents are ordered by kind, namespace and name. What differs between two runs for no reason of the test's is
    /// replaced by placeholders, numbered by first appearance: UIDs, resource versions and times; `managedFields` are
    /// left out.
    pub fn dump(&self) -> String {
        self.state().to_string()
    }

    /// The same objects as a value, to be compared with a later state; see [`State::diff`].
    pub fn state(&self) -> State {
        State::without(&self.server, &self.baseline)
    }

    /// What controllers recorded as Kubernetes Events, in the order of their making, for a snapshot.
    ///
    /// One line each: type, reason, object, message, reporter and, if more than once, how often, such as
    /// `Normal Created Greeting default/morning: made a ConfigMap (greeter) ×2`. UIDs and times in messages are placeholders.
    pub fn events(&self) -> String {
        snapshot::events(&self.server)
    }

    /// Every change of an object since the cluster started with its fixtures, in order, for a snapshot.
    ///
    /// What a watch of everything would tell: `ADDED`, `MODIFIED` or `DELETED`, the resource and the object, then a line for each
    /// field that a modification changed. History that was compacted away is not told.
    ///
    /// ```
    /// # use k8s_openapi::api::core::v1::ConfigMap;
    /// # use seatrial_client::Api;
    /// # use seatrial_testkit::FakeCluster;
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// let cluster = FakeCluster::builder()
    ///     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}")
    ///     .build()
    ///     .unwrap();
    /// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    /// configs.delete("settings", &Default::default()).await.unwrap();
    /// assert_eq!(cluster.changes(), "DELETED configmaps default/settings\n");
    /// # });
    /// ```
    pub fn changes(&self) -> String {
        snapshot::changes(&self.server, self.started)
    }
}

impl FakeClusterBuilder {
    /// Starts the cluster.
    ///
    /// # Errors
    /// [`BuildError`] where a fixture cannot be read or the server refuses it; it names the object.
    pub fn build(self) -> Result<FakeCluster, BuildError> {
        self.start()
    }
}

// === impl Patience ===

impl Patience<'_> {
    /// Lets time pass.
    pub(crate) async fn sleep(&self, time: Duration) -> Result<(), Unsettled> {
        let env = &self.cluster.env;
        let until = env.monotonic().saturating_add(time);
        loop {
            if self.requests() > REQUESTS_MAX {
                return Err(self.lost(self.cluster.pace.tail()));
            }
            let left = until.saturating_sub(env.monotonic());
            if left.is_zero() {
                return Ok(());
            }
            env.sleep(left.min(LOOK)).await;
        }
    }

    /// How much time has passed.
    pub(crate) fn waited(&self) -> Duration {
        self.cluster.env.monotonic().saturating_sub(self.since)
    }

    fn requests(&self) -> usize {
        self.cluster.pace.asked() - self.asked
    }

    fn lost(&self, tail: String) -> Unsettled {
        Unsettled {
            stage: None,
            waited: self.waited(),
            requests: self.requests(),
            tail,
        }
    }
}
