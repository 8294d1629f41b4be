//! The sweep: every fault at every place of a run, one at a time, with no assertion written by the user.
//!
//! Reading order: here (what a sweep is), `describe` (what a test says), `options` and `budget` (what whoever runs it says), `command` (how it is
//! run), `policy` (which faults at which places), `strategy`, `systematic` and `coverage` (what else is run), `attempt`, `workload` and `ground` (what a run is,
//! and what it is judged against), `drive` (in which order), `signature` (what tells one failure from another), `shrink` (how a failure is made smaller), `tape`, [`plan`], `kinds` and
//! `lift` (how it is kept and told), `report` and `ready` (how it is printed); `fuzz` (specifications that are made up).

mod attempt;
mod budget;
mod command;
mod coverage;
mod describe;
mod drive;
mod fuzz;
mod ground;
mod kinds;
mod lift;
mod options;
mod policy;
mod ready;
mod report;
mod shrink;
mod signature;
mod strategy;
mod systematic;
mod tape;
mod workload;

pub mod plan;

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use seatrial_client::Client;
use seatrial_fake_apiserver::{self as fake, Actor, FakeApiServer};
use serde_json::Value;

pub use self::{
    command::Worlds,
    fuzz::{FuzzFinding, FuzzReport, SpecFuzz},
    report::{Finding, Repeated, Report, Tally},
    strategy::Strategy,
    tape::{ReplayError, Tape, TapeError},
    workload::Workload,
};
use self::{options::Lookup, plan::Plan};
use crate::{
    interceptor::Interceptor,
    oracle::FailureKind,
    sim::{Factory, Invariant, Limits, Script},
    stages::Stages,
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
        actors: None,
        stages: None,
        interceptors: Vec::new(),
        script: Script::new(),
        seed: 0,
        limits: Limits::default(),
        runs_max: 10_000,
        findings_max: 1,
        // Most programs delete by name what they made, or believe for a moment that an owner is there, and live well with it.
        allowed: vec![FailureKind::UidBlindDelete, FailureKind::MadeForNobody],
        invariants: Vec::new(),
        is_read_only: false,
        strategies: Vec::new(),
        plans: Vec::new(),
        shard: None,
        budget: None,
        environment: Rc::new(|name| std::env::var(name).ok()),
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
    /// The cluster's own controllers, if a test says which.
    actors: Option<Vec<Actor>>,
    /// What becomes of objects by itself.
    stages: Option<Stages>,
    /// Hooks on the requests of processes.
    interceptors: Vec<Interceptor>,
    script: Script,
    seed: u64,
    limits: Limits,
    runs_max: usize,
    findings_max: usize,
    allowed: Vec<FailureKind>,
    invariants: Vec<Invariant>,
    /// Whether the program is not expected to write.
    is_read_only: bool,
    /// The usual ones where there are none.
    strategies: Vec<(Strategy, usize)>,
    /// These faults alone, if there are any.
    plans: Vec<Plan>,
    /// Which part of the runs is made here: the index, and how many parts there are.
    shard: Option<(usize, usize)>,
    /// How long strategies go on.
    budget: Option<Duration>,
    /// Where what whoever runs the test says is looked up.
    environment: Rc<Lookup>,
    /// What tapes are called after.
    name: String,
    /// Where they are kept.
    regressions: Option<PathBuf>,
    /// The first thing that cannot be read.
    broken: Option<String>,
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
