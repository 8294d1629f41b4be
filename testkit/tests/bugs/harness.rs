//! What is asked of a sweep of a buggy and of a fixed controller.

use std::{fmt::Debug, path::Path, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use seatrial_client::{Api, Client, Error, Resource};
use seatrial_runtime::{
    Controller, WatchStreamExt as _,
    controller::Action,
    reflector::{Store, store},
    watcher::{self, watcher},
};
use seatrial_testkit::{FailureKind, Finding, Sweep, Tape, sweep};
use serde::de::DeserializeOwned;

use super::kinds::Database;

/// How many runs it may take to find a bug.
const RUNS_MAX: usize = 500;

/// How many faults it may take to show it.
const FAULTS_MAX: usize = 2;

/// A bug of the set: a controller that has it, the same one without it, and how a sweep is to tell it.
pub(crate) struct Bug {
    /// What its file is called.
    pub(crate) name: &'static str,
    /// In which way runs fail.
    pub(crate) kind: FailureKind,
    /// What they fail about: a resource, and a key in which generated parts are stars.
    pub(crate) about: &'static str,
    /// The world of the fixed controller, or of the other one.
    pub(crate) world: fn(is_fixed: bool) -> Sweep,
}

/// What it took to find a bug.
pub(crate) struct Found {
    /// Runs until one failed.
    pub(crate) runs: usize,
    /// Runs that made the finding smaller.
    pub(crate) shrink_runs: usize,
    pub(crate) finding: Finding,
}

// === impl Bug ===

impl Bug {
    /// Finds the bug with no word about what to look for, keeps what was found in a file, and sees it again from there.
    #[track_caller]
    pub(crate) fn find(&self) -> Found {
        let report = (self.world)(false).runs_max(RUNS_MAX).run();
        let Some(finding) = report.findings.first() else {
            panic!("{} was not found: {report}", self.name);
        };
        self.tells(finding);
        let found = Found {
            runs: report.runs,
            shrink_runs: report.shrink_runs,
            finding: finding.clone(),
        };
        let faults = found.finding.injections.len();
        assert!(
            found.runs <= RUNS_MAX && found.shrink_runs <= RUNS_MAX,
            "{report}"
        );
        assert!(faults <= FAULTS_MAX, "shrunk to {faults} faults only: {finding}");

        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.tape.json", self.name));
        finding
            .tape()
            .save(&file)
            .expect("the target directory can be written to");
        let tape = Tape::load(&file).expect("what was saved can be read");
        let again = (self.world)(false).replay(&tape);
        match again.findings.first() {
            Some(again) => self.tells(again),
            None => panic!(
                "{} does not fail again from {}: {finding}",
                self.name,
                file.display()
            ),
        }
        found
    }

    /// The failure is the one that the bug was met by.
    #[track_caller]
    fn tells(&self, finding: &Finding) {
        assert_eq!(
            (finding.kind, finding.about.as_str()),
            (self.kind, self.about),
            "{finding}"
        );
    }

    /// Sweeps the fixed controller, in which nothing may be found.
    #[track_caller]
    pub(crate) fn fix_passes(&self) {
        let report = (self.world)(true).run();
        if let Some(finding) = report.findings.first() {
            panic!("a false alarm: {finding}\n{report}");
        }
        assert!(
            report.plans > 0 && report.runs > report.plans,
            "not all was tried: {report}"
        );
        assert!(report.notes.is_empty(), "{report}");
    }
}

/// What every controller here does after an error: it waits, and tries again.
pub(crate) fn again<K, E, C>(_: Arc<K>, _: &E, _: Arc<C>) -> Action {
    Action::requeue(Duration::from_secs(5))
}

/// Runs a controller's stream for ever.
pub(crate) async fn drive<T: Debug>(runs: impl Stream<Item = T>) {
    runs.for_each(|_| async {}).await;
}

/// A sweep of a controller of databases, which asks the server for everything else.
pub(crate) fn of_databases<F, Fut>(is_fixed: bool, reconcile: F) -> Sweep
where
    F: Fn(Arc<Database>, Arc<Client>, bool) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<Action, Error>> + Send + 'static,
{
    let run = move |client: Client| async move {
        let databases = Api::<Database>::default_namespaced(client.clone());
        let reconcile = move |database, client| reconcile(database, client, is_fixed);
        let controller = Controller::new(databases, watcher::Config::default());
        drive(controller.run(reconcile, again, Arc::new(client))).await;
    };
    sweep(run).crd::<Database>()
}

/// A cache of all objects of a kind, and the stream that keeps it, for `Controller::owns_stream`.
pub(crate) fn cached<K>(
    client: &Client,
    config: watcher::Config,
) -> (
    Store<K>,
    impl Stream<Item = Result<K, watcher::Error>> + Send + use<K>,
)
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let (reader, writer) = store();
    let events = watcher(Api::<K>::default_namespaced(client.clone()), config).default_backoff();
    (reader, events.reflect(writer).touched_objects())
}

/// Watches as informers of client-go begin them: whatever replica is asked may answer as of any time.
pub(crate) fn stale() -> watcher::Config {
    watcher::Config::default().any_semantic()
}
