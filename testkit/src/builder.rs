//! What a [`FakeCluster`] is made from.

use std::{fmt, pin::Pin};

use jiff::Timestamp;
use seatrial_client::{CustomResourceExt, Env};
use seatrial_fake_apiserver::{self as fake, Actor, Clock, FakeApiServer};
use serde::Serialize;
use serde_json::Value;

use crate::{
    cluster::FakeCluster,
    fixture::{self, FixtureError},
    sim::external_definition,
    snapshot::Baseline,
    stages::{Driver, Stages},
};

/// Builds a [`FakeCluster`]: the seed, custom resource definitions and the objects it starts with.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct FakeClusterBuilder {
    seed: u64,
    server: fake::Builder,
    crds: Vec<Value>,
    objects: Vec<Value>,
    actors: Option<Vec<Actor>>,
    stages: Option<Stages>,
    /// The first fixture that could not be read; told by `build`, so that calls chain.
    broken: Option<BuildError>,
}

/// A cluster that cannot be built, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A fixture cannot be read, or the server refuses it.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// Stages need a runtime of tokio's to come to pass in; build the cluster within `#[tokio::test]`.
    #[error("stages come to pass in a runtime of tokio's, and there is none here")]
    NoRuntime(#[source] tokio::runtime::TryCurrentError),
    /// A typed object does not serialise.
    #[error("an object cannot be turned into JSON")]
    Serialize(#[source] serde_json::Error),
}

/// The instant at which every cluster begins, so that times in snapshots do not depend on the day.
const EPOCH: &str = "2026-01-01T00:00:00Z";

// === impl FakeClusterBuilder ===

impl FakeClusterBuilder {
    /// Draws names, UIDs and jitter from this seed instead of 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Serves the custom resource `K`.
    pub fn crd<K: CustomResourceExt>(mut self) -> Self {
        match serde_json::to_value(K::crd()) {
            Ok(crd) => self.crds.push(crd),
            Err(e) => self.fail(BuildError::Serialize(e)),
        }
        self
    }

    /// Starts with this object; it needs `apiVersion` and `kind`, which k8s-openapi's types write by themselves.
    ///
    /// A namespaced object without a namespace goes to `default`; namespaces are made as needed; a status is kept.
    pub fn object(mut self, object: impl Serialize) -> Self {
        match serde_json::to_value(object) {
            Ok(object) => self.objects.push(object),
            Err(e) => self.fail(BuildError::Serialize(e)),
        }
        self
    }

    /// Starts with the objects of a YAML stream; documents are separated by lines of `---`.
    pub fn yaml(mut self, text: &str) -> Self {
        match fixture::parse(text) {
            Ok(objects) => self.objects.extend(objects),
            Err(e) => self.fail(e.into()),
        }
        self
    }

    /// Runs these of the cluster's own controllers instead of the garbage collector and the namespace controller.
    ///
    /// Give [`Actor::ALL`] where the test wants Deployments, ReplicaSets and Jobs to make pods.
    pub fn actors(mut self, actors: impl IntoIterator<Item = Actor>) -> Self {
        self.actors = Some(actors.into_iter().collect());
        self
    }

    /// Gives programs a system outside of the cluster, as [`External`](crate::sim::External) reaches it.
    pub fn external(mut self, name: &str) -> Self {
        self.crds.push(external_definition(name));
        self
    }

    /// Lets these stages come to pass: with [`Stages::kubelet`], pods run and get ready, and all of the cluster's own controllers work unless
    /// [`FakeClusterBuilder::actors`] names some.
    ///
    /// They do so in a task of the runtime in which the cluster is built, which ends with the last handle to the cluster.
    pub fn stages(mut self, stages: Stages) -> Self {
        self.stages = Some(match self.stages {
            Some(before) => before.and(stages),
            None => stages,
        });
        self
    }

    /// Sets what the server itself can be told: tokens and access control, webhooks, how much history it keeps.
    ///
    /// Its seed, its clock and its actors are the cluster's, whatever is said here.
    ///
    /// ```
    /// # use seatrial_testkit::FakeCluster;
    /// let cluster = FakeCluster::builder().server(|server| server.history(10)).build().unwrap();
    /// # drop(cluster);
    /// ```
    pub fn server(mut self, set: impl FnOnce(fake::Builder) -> fake::Builder) -> Self {
        self.server = set(self.server);
        self
    }

    /// Lets a scripted kubelet answer for the programs of pods, on all nodes.
    #[cfg(feature = "kubelet")]
    pub fn kubelet(self, kubelet: fake::FakeKubelet) -> Self {
        self.server(|server| server.kubelet(kubelet))
    }

    pub(crate) fn start(self) -> Result<FakeCluster, BuildError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        let epoch: Timestamp = EPOCH.parse().expect("a constant that a test parses");
        let env = Env::seeded(self.seed, epoch);
        let actors = self
            .actors
            .unwrap_or_else(|| actors(self.stages.as_ref().is_some_and(Stages::schedules)));
        let server = self
            .server
            .seed(self.seed)
            .clock(EnvClock(env.clone()))
            .actors(actors)
            .build();
        let baseline = Baseline::of(&server);
        let node = self.stages.as_ref().and_then(|stages| stages.node(&self.objects));
        for object in self.crds.iter().chain(&node).chain(&self.objects) {
            fixture::create(&server, object)?;
        }
        let stages = self
            .stages
            .map(|stages| Driver::start(&stages, server.clone(), env.clone()));
        let stages = stages.transpose().map_err(BuildError::NoRuntime)?;
        Ok(FakeCluster::assemble(server, env, baseline, stages))
    }

    fn fail(&mut self, error: BuildError) {
        self.broken.get_or_insert(error);
    }
}

/// The cluster's own controllers, where a test does not say which.
pub(crate) fn actors(schedules: bool) -> Vec<Actor> {
    if !schedules {
        return vec![Actor::GarbageCollector, Actor::Namespace];
    }
    let mut all = Actor::ALL.to_vec();
    all.push(Actor::Scheduler);
    all
}

impl Default for FakeClusterBuilder {
    fn default() -> Self {
        Self {
            seed: 0,
            server: FakeApiServer::builder(),
            crds: Vec::new(),
            objects: Vec::new(),
            actors: None,
            stages: None,
            broken: None,
        }
    }
}

/// The client's clock, given to the server: one time for both sides.
struct EnvClock(Env);

impl fmt::Debug for EnvClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnvClock").field(&self.0.now()).finish()
    }
}

impl Clock for EnvClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: std::time::Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.0.sleep(duration))
    }
}
