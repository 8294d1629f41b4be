//! What is asked of a sweep of a buggy and of a fixed controller.

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _};
use seatrial_client::Error;
use seatrial_runtime::controller::Action;
use seatrial_testkit::{Finding, Sweep};

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
    Action::requeue(Duration::from_secs(5))
}

/// Runs a controller's stream for ever.
pub(crate) async fn drive<T: Debug>(runs: impl Stream<Item = T>) {
    runs.for_each(|_| async {}).await;
}
