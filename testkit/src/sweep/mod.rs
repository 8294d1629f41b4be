//! The sweep: every fault at every place of a run, one at a time, with no assertion written by the user.
//!
//! Reading order: here (what a test says), `policy` (which faults at which places), `explore` (what else is run),
//! `drive` (in which order), `shrink` (how a failure is made smaller), `tape` (how it is kept), `report`.

mod drive;
mod explore;
mod policy;
mod report;
mod shrink;
mod tape;

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

use seatrial_client::{Client, CustomResourceExt};
use seatrial_fake_apiserver::{self as fake, Actor, FakeApiServer};
use serde::Serialize;
use serde_json::Value;

pub use self::{
    explore::Strategy,
    report::{Finding, Report},
    tape::{Tape, TapeError},
};
use crate::{
    builder::BuildError,
    fixture,
    oracle::FailureKind,
    sim::{Factory, Invariant, Limits, Rule, Script, Setup, Simulation, View},
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
        // Most programs delete by name what they made, and live well with it.
        allowed: vec![FailureKind::UidBlindDelete],
        invariants: Vec::new(),
        strategies: vec![(Strategy::Swarm, 50)],
        shard: shard(),
        name: test_name(),
        regressions: folder(),
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
    allowed: Vec<FailureKind>,
    invariants: Vec<Invariant>,
    strategies: Vec<(Strategy, usize)>,
    /// Which part of the runs is made here: the index, and how many parts there are.
    shard: (usize, usize),
    /// What tapes are called after.
    name: String,
    /// Where they are kept.
    regressions: Option<PathBuf>,
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

    /// Says that something must hold after every change of the cluster.
    ///
    /// ```
    /// # use seatrial_client::Client;
    /// let report = seatrial_testkit::sweep(|_: Client| async { std::future::pending::<()>().await })
    ///     .always("few config maps", |view| view.list("configmaps").len() < 5)
    ///     .sometimes("a config map of the user's", |view| view.get("configmaps", "default", "a").is_some())
    ///     .scenario(|user| user.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"))
    ///     .run();
    /// assert!(report.findings.is_empty() && report.notes.is_empty());
    /// ```
    pub fn always(self, name: &str, holds: impl Fn(&View<'_>) -> bool + 'static) -> Self {
        self.invariant(name, Rule::Always(Arc::new(holds)))
    }

    /// Says that something must hold in the end.
    pub fn eventually(self, name: &str, holds: impl Fn(&View<'_>) -> bool + 'static) -> Self {
        self.invariant(name, Rule::Eventually(Arc::new(holds)))
    }

    /// Says that something should be seen in one of the runs at least: a note says so if it never was.
    pub fn sometimes(self, name: &str, holds: impl Fn(&View<'_>) -> bool + 'static) -> Self {
        self.invariant(name, Rule::Sometimes(Arc::new(holds)))
    }

    /// Says that whenever `first` holds, `then` holds at the same revision or later.
    pub fn leads_to(
        self,
        name: &str,
        first: impl Fn(&View<'_>) -> bool + 'static,
        then: impl Fn(&View<'_>) -> bool + 'static,
    ) -> Self {
        self.invariant(name, Rule::LeadsTo(Arc::new(first), Arc::new(then)))
    }

    /// Passes over failures of this kind, for a program that means it so.
    pub fn allow(mut self, kind: FailureKind) -> Self {
        self.allowed.push(kind);
        self
    }

    /// Counts failures of this kind, which are passed over unless a test asks: so far [`FailureKind::UidBlindDelete`] alone.
    pub fn deny(mut self, kind: FailureKind) -> Self {
        self.allowed.retain(|allowed| *allowed != kind);
        self
    }

    /// Makes so many runs by a strategy, after the single faults. The first call replaces what is usual: 50 of [`Strategy::Swarm`].
    pub fn explore(mut self, strategy: Strategy, runs: usize) -> Self {
        if self.strategies == [(Strategy::Swarm, 50)] {
            self.strategies.clear();
        }
        self.strategies.push((strategy, runs));
        self
    }

    /// Makes only a part of the runs: part `index`, from 0, of `total`. Without this, what the environment says: `JOB_COMPLETION_INDEX`,
    /// which an Indexed Job sets, and `TESTKIT_JOBS`, how many there are.
    pub fn shard(mut self, index: usize, total: usize) -> Self {
        self.shard = (index.min(total.max(1) - 1), total.max(1));
        self
    }

    /// Keeps failures in this folder instead of `testkit-regressions` beside the crate's manifest.
    pub fn regressions(mut self, folder: impl AsRef<Path>) -> Self {
        self.regressions = Some(folder.as_ref().to_owned());
        self
    }

    /// Gives the sweep a name for its files, which is the test's otherwise.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sweeps, and tells what was found. Failures that were kept are tried first.
    ///
    /// Call it from a plain `#[test]`: each process of each world has a runtime of its own.
    ///
    /// # Panics
    /// Where a fixture or the script cannot be read, or the server refuses it in a run without faults.
    pub fn run(self) -> Report {
        drive::sweep(&self, None)
    }

    /// Makes the run of a tape, and no other besides the runs without faults.
    ///
    /// # Panics
    /// As [`Sweep::run`].
    pub fn replay(self, tape: &Tape) -> Report {
        drive::sweep(&self, Some(tape))
    }

    /// Sweeps, and fails the test by the first thing that is found, which is kept in a file.
    ///
    /// # Panics
    /// With the timeline of the shortest run that fails; and as [`Sweep::run`] does.
    pub fn check(self) {
        let report = drive::sweep(&self, None);
        let Some(finding) = report.findings.first() else {
            return;
        };
        let tape = finding.tape();
        let kept = self.regressions.as_ref().map(|folder| {
            let path = tape::path(folder, &self.name, &tape);
            match tape.save(&path) {
                Ok(()) => format!("kept in {}, and tried first from now on", path.display()),
                Err(error) => format!("could not be kept in {}: {error}", path.display()),
            }
        });
        panic!("{finding}\n{}\n{report}", kept.unwrap_or_default());
    }

    /// A world of its own for a test that drives it by hand; the script is not played.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn simulation(self) -> Simulation {
        Simulation::new(&self.worlds().setup, true)
    }

    /// The populated cluster that worlds grow from, for tests that drive many of them by hand.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn worlds(self) -> Worlds {
        match self.setup(self.seed) {
            Ok((setup, _)) => Worlds { setup },
            Err(error) => panic!("the simulation cannot begin: {error}"),
        }
    }

    fn invariant(mut self, name: &str, rule: Rule) -> Self {
        self.invariants.push(Invariant {
            name: name.into(),
            rule,
        });
        self
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
    fn setup(&self, seed: u64) -> Result<(Setup, u64), String> {
        if let Some(error) = &self.broken {
            return Err(error.to_string());
        }
        self.script.ops()?;
        let server = self
            .server
            .clone()
            .seed(seed)
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
            invariants: self.invariants.clone().into(),
            seed,
            limits: self.limits,
        };
        Ok((setup, since))
    }
}

/// A populated cluster that any number of worlds grow from; see [`Sweep::worlds`].
pub struct Worlds {
    setup: Setup,
}

// === impl Worlds ===

impl Worlds {
    /// A world of its own. What the cluster holds is shared until it changes, so that this costs next to nothing; what happens is not
    /// written down.
    pub fn fork(&self) -> Simulation {
        Simulation::new(&self.setup, false)
    }

    /// The same with another seed for the jitter of processes.
    pub fn fork_with_seed(&self, seed: u64) -> Simulation {
        let setup = Setup {
            seed,
            ..self.setup.clone()
        };
        Simulation::new(&setup, true)
    }
}

/// What a test is called: its thread is named after it.
fn test_name() -> String {
    let thread = std::thread::current();
    thread.name().unwrap_or("sweep").to_owned()
}

/// Where failures are kept: beside the manifest of the crate that is tested, if cargo says which that is.
fn folder() -> Option<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")?;
    Some(Path::new(&manifest).join("testkit-regressions"))
}

/// The part of the runs that the environment asks for.
fn shard() -> (usize, usize) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    match (number("JOB_COMPLETION_INDEX"), number("TESTKIT_JOBS")) {
        (Some(index), Some(total)) if index < total => (index, total),
        _ => (0, 1),
    }
}
