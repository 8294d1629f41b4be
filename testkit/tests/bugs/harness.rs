//! What is asked of a sweep of a buggy and of a fixed controller.

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use seatrial_client::{Api, Client, Error, Resource};
use seatrial_runtime::{
    WatchStreamExt as _,
    controller::Action,
    reflector::{Store, store},
    watcher::{self, watcher},
};
use seatrial_testkit::{Finding, Sweep};
use serde::de::DeserializeOwned;

/// How many runs it may take to find a bug.
const RUNS_MAX: usize = 500;

/// How many faults it may take to show it.
const FAULTS_MAX: usize = 2;

/// Sweeps a buggy controller, which must be found out.
#[track_caller]
pub(crate) fn found(sweep: Sweep) -> Finding {
    let report = sweep.runs_max(RUNS_MAX).run();
    assert!(report.runs <= RUNS_MAX, "{report}");
    let Some(finding) = report.findings.first() else {
        panic!("the bug was not found: {report}");
    };
    assert!(
        finding.injections.len() <= FAULTS_MAX,
        "shrunk to {} faults only: {finding}",
        finding.injections.len()
    );
    finding.clone()
}

/// Sweeps a fixed controller, in which nothing may be found.
#[track_caller]
pub(crate) fn passes(sweep: Sweep) {
    let report = sweep.run();
    if let Some(finding) = report.findings.first() {
        panic!("a false alarm: {finding}\n{report}");
    }
    assert!(report.plans > 0, "nothing was tried: {report}");
}

/// What every controller here does after an error.
pub(crate) fn again<K, C>(_: Arc<K>, _: &Error, _: Arc<C>) -> Action {
    retry()
}

/// [`again`] where errors are of another type.
pub(crate) fn retry() -> Action {
    Action::requeue(Duration::from_secs(5))
}

/// Runs a controller's stream for ever.
pub(crate) async fn drive<T: Debug>(runs: impl Stream<Item = T>) {
    runs.for_each(|_| async {}).await;
}

/// A cache of all objects of a kind, and the stream that keeps it, for `Controller::owns_stream`.
pub(crate) fn cached<K>(
    client: &Client,
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
    let events = watcher(Api::<K>::default_namespaced(client.clone()), stale()).default_backoff();
    (reader, events.reflect(writer).touched_objects())
}

/// Watches as informers of client-go begin them: whatever replica is asked may answer as of any time.
pub(crate) fn stale() -> watcher::Config {
    watcher::Config::default().any_semantic()
}

/// The answer to a create, where it is fine if the object is there already.
pub(crate) fn made<K>(answer: Result<K, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if !error.is_already_exists() => Err(error),
        _ => Ok(()),
    }
}
