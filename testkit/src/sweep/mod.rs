//! The sweep: every fault at every place of a run, one at a time, with no assertion written by the user.
//!
//! Reading order: here (what a test says), `policy` (which faults at which places), `drive` (what is run, and in which order), `report`.

mod drive;
mod policy;
mod report;

use std::{pin::Pin, sync::Arc};

use seatrial_client::{Client, CustomResourceExt};
use seatrial_fake_apiserver::{self as fake, Actor, FakeApiServer};
use serde::Serialize;
use serde_json::Value;

pub use self::report::{Finding, Report};
use crate::{
    builder::BuildError,
    fixture,
    sim::{Factory, Limits, Script, Setup},
};

/// Sweeps a controller: runs it in worlds in which one thing goes wrong, for each thing that can, and compares how they end.
///
/// `controller` is called for every start of the process, also after a crash; what it returns runs until the process is killed.
///
/// ```
/// use futures::StreamExt as _;
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client, api::{Patch, PatchParams}};
/// use seatrial_runtime::{WatchStreamExt as _, watcher};
///
/// /// Marks every ConfigMap.
/// async fn controller(client: Client) {
///     let api: Api<ConfigMap> = Api::default_namespaced(client);
///     let mut objects = std::pin::pin!(watcher(api.clone(), watcher::Config::default()).default_backoff().applied_objects());
///     while let Some(object) = objects.next().await {
///         let Ok(object) = object else { continue };
///         if object.data.as_ref().is_none_or(|data| !data.contains_key("seen")) {
///             let patch = Patch::Merge(serde_json::json!({"data": {"seen": "yes"}}));
///             let name = object.metadata.name.unwrap_or_default();
///             // Swallowed: nothing comes back to it.
///             let _ = api.patch(&name, &PatchParams::default(), &patch).await;
///         }
///     }
/// }
///
/// let report = seatrial_testkit::sweep(controller)
///     .scenario(|user| user.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"))
///     .run();
/// assert!(!report.findings.is_empty());
/// ```
pub fn sweep<F, Fut>(controller: F) -> Sweep
where
    F: Fn(Client) -> Fut + 'static,
    Fut: Future + 'static,
{
    Sweep {
        processes: Vec::new(),
        server: FakeApiServer::builder(),
        crds: Vec::new(),
        objects: Vec::new(),
        actors: vec![Actor::GarbageCollector, Actor::Namespace],
        script: Script::new(),
        seed: 0,
        limits: Limits::default(),
        runs_max: 10_000,
        findings_max: 1,
        broken: None,
    }
    .process("controller", controller)
}

/// A sweep that is being described; see [`sweep`].
#[must_use = "a sweep does nothing until `check` or `run`"]
pub struct Sweep {
    processes: Vec<(Arc<str>, Factory)>,
    server: fake::Builder,
    crds: Vec<Value>,
    objects: Vec<Value>,
    actors: Vec<Actor>,
    script: Script,
    seed: u64,
    limits: Limits,
    runs_max: usize,
    findings_max: usize,
    broken: Option<BuildError>,
}

// === impl Sweep ===

impl Sweep {
    /// A further process under test, for programs that work together, or for a second replica of one.
    pub fn process<F, Fut>(mut self, name: &str, program: F) -> Self
    where
        F: Fn(Client) -> Fut + 'static,
        Fut: Future + 'static,
    {
        let factory = move |client| -> Pin<Box<dyn Future<Output = ()>>> {
            let running = program(client);
            Box::pin(async move {
                running.await;
            })
        };
        self.processes.push((name.into(), Arc::new(factory)));
        self
    }

    /// What is there at the start, as YAML documents: definitions of custom resources first, whatever their order.
    pub fn given(mut self, yaml: &str) -> Self {
        match fixture::parse(yaml) {
            Ok(objects) => objects.into_iter().for_each(|object| self.add(object)),
            Err(error) => self.fail(error.into()),
        }
        self
    }

    /// An object that is there at the start.
    pub fn object(mut self, object: impl Serialize) -> Self {
        match serde_json::to_value(object) {
            Ok(object) => self.add(object),
            Err(error) => self.fail(BuildError::Serialize(error)),
        }
        self
    }

    /// Serves the custom resource `K`.
    pub fn crd<K: CustomResourceExt>(self) -> Self {
        self.object(K::crd())
    }

    /// Runs these of the cluster's own controllers instead of the garbage collector and the namespace controller.
    pub fn actors(mut self, actors: impl IntoIterator<Item = Actor>) -> Self {
        self.actors = actors.into_iter().collect();
        self
    }

    /// Sets what the server itself can be told; see [`FakeClusterBuilder::server`](crate::FakeClusterBuilder::server).
    pub fn server(mut self, set: impl FnOnce(fake::Builder) -> fake::Builder) -> Self {
        self.server = set(self.server);
        self
    }

    /// What the user does. Without it, the objects that are given are all there is to do.
    pub fn scenario(mut self, script: impl FnOnce(Script) -> Script) -> Self {
        self.script = script(self.script);
        self
    }

    /// Draws names, UIDs and jitter from this seed instead of 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes at most so many runs; 10,000 unless this is said.
    pub fn runs_max(mut self, runs: usize) -> Self {
        self.runs_max = runs;
        self
    }

    /// Goes on after the first finding, until there are so many of different kinds.
    pub fn findings_max(mut self, findings: usize) -> Self {
        self.findings_max = findings.max(1);
        self
    }

    /// Gives a run up after so many steps, each a message that moves; 10,000 unless this is said.
    pub fn steps_max(mut self, steps: usize) -> Self {
        self.limits.steps = steps;
        self
    }

    /// Sweeps, and tells what was found.
    ///
    /// Call it from a plain `#[test]`: each process of each world has a runtime of its own.
    ///
    /// # Panics
    /// Where a fixture or the script cannot be read, or the server refuses it in a run without faults.
    pub fn run(self) -> Report {
        drive::sweep(&self)
    }

    /// Sweeps, and fails the test by the first thing that is found.
    ///
    /// # Panics
    /// With the timeline of the shortest run that fails; and as [`Sweep::run`] does.
    pub fn check(self) {
        let report = self.run();
        if let Some(finding) = report.findings.first() {
            panic!("{finding}\n{report}");
        }
    }

    fn add(&mut self, object: Value) {
        if object["kind"] == "CustomResourceDefinition" {
            self.crds.push(object);
        } else {
            self.objects.push(object);
        }
    }

    fn fail(&mut self, error: BuildError) {
        self.broken.get_or_insert(error);
    }

    /// The populated server that every world grows from, and the revision before which everything is the cluster's own.
    fn setup(&self) -> Result<(Setup, u64), String> {
        if let Some(error) = &self.broken {
            return Err(error.to_string());
        }
        self.script.ops()?;
        let server = self
            .server
            .clone()
            .seed(self.seed)
            .clock(crate::sim::WorldClock::new())
            .build();
        let since = server.revision();
        for object in self.crds.iter().chain(&self.objects) {
            fixture::create(&server, object).map_err(|error| error.to_string())?;
        }
        let setup = Setup {
            server,
            processes: self.processes.clone(),
            actors: self.actors.clone(),
            script: self.script.clone(),
            seed: self.seed,
            limits: self.limits,
        };
        Ok((setup, since))
    }
}
