//! A world that a test drives by hand.

use std::time::Duration;

use seatrial_fake_apiserver::FakeApiServer;

use super::{
    Script, ScriptError,
    executor::can_run,
    invariant::View,
    record::Ending,
    trace::timeline,
    world::{Course, Setup, World},
};
use crate::timeline::Trace;

/// A simulated cluster with processes under test, on virtual time, driven step by step.
///
/// Make it by [`Sweep::simulation`](crate::Sweep::simulation). Nothing happens between two calls; a call returns when nothing in the world
/// is runnable any more. Watches lag after a process's own writes, as they do in production: a controller that reads its cache
/// right after a write sees the state before it.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client, api::PostParams};
/// use seatrial_testkit::{sim::Script, sweep};
///
/// let mut world = sweep(|client: Client| async move {
///     let mut made = ConfigMap::default();
///     made.metadata.generate_name = Some("start-".to_owned());
///     let api: Api<ConfigMap> = Api::default_namespaced(client);
///     api.create(&PostParams::default(), &made).await.unwrap();
///     std::future::pending::<()>().await;
/// })
/// .simulation();
/// assert!(world.settle());
/// world.crash("controller");
/// assert!(world.settle());
/// world.play(&Script::new().apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: more}}")).unwrap();
/// assert_eq!(world.view().list("configmaps").iter().filter(|c| c["metadata"]["namespace"] == "default").count(), 3);
/// ```
pub struct Simulation {
    world: World,
}

// === impl Simulation ===

impl Simulation {
    pub(crate) fn new(setup: &Setup, is_traced: bool) -> Self {
        if let Err(error) = can_run() {
            panic!("the simulation cannot begin: {error}");
        }
        let course = Course {
            is_traced,
            ..Course::default()
        };
        Self {
            world: World::new(setup, course),
        }
    }

    /// Lets everything happen until nothing changes any more, however often timers fire; false where that took longer than an hour of virtual
    /// time, or too many steps.
    pub fn settle(&mut self) -> bool {
        self.world.settle(false) == Ending::Settled
    }

    /// Lets this much virtual time pass; false where there was too much to do.
    pub fn advance(&mut self, time: Duration) -> bool {
        let until = self.world.elapsed() + time;
        self.world.pass(until).is_none()
    }

    /// Lets the user do something; waits within it included.
    ///
    /// # Errors
    /// [`ScriptError`] where the server refuses it, or the script cannot be read.
    pub fn play(&mut self, script: &Script) -> Result<(), ScriptError> {
        self.world.perform(script)
    }

    /// Kills a process and starts it anew with an empty memory. Nothing that its destructors try to send leaves it.
    ///
    /// # Panics
    /// Where there is no process of that name.
    pub fn crash(&mut self, process: &str) {
        match self.world.process(process) {
            Some(index) => self.world.crash(index),
            None => panic!("there is no process `{process}`"),
        }
    }

    /// Lets a process stand still for a time, as one whose machine is suspended; its clock jumps then.
    ///
    /// # Panics
    /// Where there is no process of that name.
    pub fn pause(&mut self, process: &str, time: Duration) {
        match self.world.process(process) {
            Some(index) => self.world.pause(index, time),
            None => panic!("there is no process `{process}`"),
        }
    }

    /// The state of the cluster.
    pub fn view(&self) -> View<'_> {
        View::new(self.world.server())
    }

    /// The apiserver itself, for what no client can do.
    pub fn server(&self) -> &FakeApiServer {
        self.world.server()
    }

    /// The virtual time since the start.
    pub fn elapsed(&self) -> Duration {
        self.world.elapsed()
    }

    /// The requests so far, and what came of them, as one number: two runs that are the same have the same.
    pub fn digest(&self) -> u64 {
        self.world.digest_so_far()
    }

    /// How many requests processes have made so far.
    pub fn requests(&self) -> usize {
        self.world.requests_so_far()
    }

    /// What happened so far.
    pub fn trace(&self) -> Trace {
        timeline(self.world.trace(), "simulation")
    }
}
