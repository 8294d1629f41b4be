//! What a test says about a sweep.

use std::{fmt, path::Path, pin::Pin, rc::Rc, sync::Arc, time::Duration};

use seatrial_client::{Client, CustomResourceExt};
use seatrial_fake_apiserver::{self as fake, Actor};
use serde::Serialize;
use serde_json::Value;

use super::{Strategy, Sweep, plan::Plan};
use crate::{
    builder::BuildError,
    fixture,
    interceptor::Interceptor,
    oracle::FailureKind,
    sim::{Invariant, Rule, Script, View, external_definition},
    stages::Stages,
};

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
            Err(error) => self.fail(error.to_string()),
        }
        self
    }

    /// An object that is there at the start.
    pub fn object(mut self, object: impl Serialize) -> Self {
        match serde_json::to_value(object) {
            Ok(object) => self.add(object),
            Err(error) => self.fail(BuildError::Serialize(error).to_string()),
        }
        self
    }

    /// Serves the custom resource `K`.
    pub fn crd<K: CustomResourceExt>(self) -> Self {
        self.object(K::crd())
    }

    /// Runs these of the cluster's own controllers instead of the garbage collector and the namespace controller.
    pub fn actors(mut self, actors: impl IntoIterator<Item = Actor>) -> Self {
        self.actors = Some(actors.into_iter().collect());
        self
    }

    /// Lets these stages come to pass: with [`Stages::kubelet`], pods run and get ready, all of the cluster's own controllers work unless
    /// [`Sweep::actors`] names some, and failures of pods and nodes are tried as faults of clients and servers are.
    pub fn stages(mut self, stages: Stages) -> Self {
        self.stages = Some(match self.stages {
            Some(before) => before.and(stages),
            None => stages,
        });
        self
    }

    /// Lets an interceptor take requests of the processes under test, behind those that are there; see [`interceptor`](crate::interceptor).
    ///
    /// It stands nearest the client, before the simulated network. Each run begins with its counts as they are given here, and a process that is
    /// started anew goes on with them. What it does must be the same in each run.
    ///
    /// ```
    /// # use seatrial_client::Client;
    /// use seatrial_testkit::interceptor::Interceptor;
    ///
    /// # let swept = || seatrial_testkit::sweep(|_: Client| async { std::future::pending::<()>().await }).read_only();
    /// swept().intercept(Interceptor::create().times(1).fail(403, "Forbidden", "not yet")).check();
    /// ```
    pub fn intercept(mut self, interceptor: Interceptor) -> Self {
        self.interceptors.push(interceptor);
        self
    }

    /// Gives processes a system outside of the cluster, as [`External`](crate::sim::External) reaches it.
    pub fn external(self, name: &str) -> Self {
        self.object(external_definition(name))
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

    /// Lets a process keep its thread for so long, in real time, before it counts as stuck and the program is ended; a minute unless this is said.
    pub fn poll_max(mut self, time: Duration) -> Self {
        self.limits.poll = time;
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

    /// Says that something should be seen in one of the runs at least: a note says so if it never was, which [`Sweep::check`] prints.
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
    ///
    /// With [`FailureKind::NotRepeatable`] the sweep measures how often runs come out the same, and tells it in the report and with each
    /// finding. That is for programs that iterate hash maps, or look at clocks that are not the client's.
    pub fn allow(mut self, kind: FailureKind) -> Self {
        self.allowed.push(kind);
        self
    }

    /// Counts failures of this kind, which are passed over unless a test asks: [`FailureKind::UidBlindDelete`] and
    /// [`FailureKind::MadeForNobody`].
    pub fn deny(mut self, kind: FailureKind) -> Self {
        self.allowed.retain(|allowed| *allowed != kind);
        self
    }

    /// Says that the program never writes, as a cache or an exporter does not: [`Sweep::check`] fails otherwise where no process wrote anything
    /// in the runs without faults.
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// Makes so many runs by a strategy, after the single faults. The first call replaces what is usual: 50 of [`Strategy::Swarm`], and where there
    /// are several processes, who can be in each other's way without any fault, 50 of [`Strategy::Pct`].
    pub fn explore(mut self, strategy: Strategy, runs: usize) -> Self {
        self.strategies.push((strategy, runs));
        self
    }

    /// Makes only a part of the runs: part `index`, from 0, of `total`. Without this, what the environment says: `JOB_COMPLETION_INDEX`,
    /// which an Indexed Job sets, and `TESTKIT_JOBS`, how many there are.
    pub fn shard(mut self, index: usize, total: usize) -> Self {
        self.shard = Some((index.min(total.max(1) - 1), total.max(1)));
        self
    }

    /// Goes on with the strategies, in turn, until so much time has passed, however many runs that makes: what a nightly campaign wants.
    /// `TESTKIT_BUDGET=10m` in the environment says the same.
    pub fn budget(mut self, time: Duration) -> Self {
        self.budget = Some(time);
        self
    }

    /// Makes the runs of this plan, or of these if it is called again, instead of all others. A plan is given as one, or as its YAML.
    ///
    /// ```
    /// # use seatrial_client::Client;
    /// use seatrial_testkit::plan::{Plan, after, create};
    ///
    /// # let swept = || seatrial_testkit::sweep(|_: Client| async { std::future::pending::<()>().await }).read_only();
    /// swept().plan(Plan::new().fault(after(create("StatefulSet")).crash())).check();
    /// swept().plan("faults: [{at: {matching: {verb: create, kind: StatefulSet}}, fate: crashAfter}]").check();
    /// ```
    pub fn plan<P>(mut self, plan: P) -> Self
    where
        P: TryInto<Plan>,
        P::Error: fmt::Display,
    {
        match plan.try_into() {
            Ok(plan) => self.plans.push(plan),
            Err(error) => self.fail(error.to_string()),
        }
        self
    }

    /// Looks up what whoever runs the test says here, instead of in the environment of the process: `TESTKIT_SEED` (every name, UID and
    /// decision), `TESTKIT_CASE` (one run, as a failure names it), `TESTKIT_BUDGET` (see [`Sweep::budget`]), `JOB_COMPLETION_INDEX` and
    /// `TESTKIT_JOBS` (see [`Sweep::shard`]).
    pub fn environment(mut self, lookup: impl Fn(&str) -> Option<String> + 'static) -> Self {
        self.environment = Rc::new(lookup);
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

    /// The strategies by which runs are made, and how many.
    pub(super) fn strategies(&self) -> Vec<(Strategy, usize)> {
        if !self.strategies.is_empty() {
            return self.strategies.clone();
        }
        let mut usual = vec![(Strategy::Swarm, 50)];
        if self.processes.len() > 1 {
            usual.push((Strategy::Pct(3), 50));
        }
        usual
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

    fn fail(&mut self, error: String) {
        self.broken.get_or_insert(error);
    }
}
