//! Runnable programs, one idea each; every one is also a test of its own.
//!
//! - `quickstart`: a controller from end to end, with an owned ConfigMap, on an embedded cluster or a real one.
//! - `pod_watcher`, `node_watcher`, `event_watcher`: what happens to objects of one kind.
//! - `multi_watcher`: several kinds in one stream. `dynamic_watcher`: a kind named at run time.
//! - `error_bounded_watcher`: a program that gives up after too many errors.
//! - `pod_reflector`: a cache with an index. `reflector_http`: a cache served over HTTP.
//! - `finalizer_syncer`: copies in another namespace that are cleaned up after. `shared_streams`: two controllers over one watch.
//! - `side_by_side`: one controller and four kinds of test for it. `docs/testing-a-controller.md` is about them.
//! - `manager`: two controllers as one process, with leader election, and metrics and probes over HTTP.
//! - `shards`: one controller whose keys several processes split among them.
//! - `crd_apply`: a kind from its definition to its last object. `crd_schemas`: three ways to its schema.
//! - `crd_rules`: rules in CEL, asked before and by the server. `crd_versions`: a kind of two versions.
//! - `admission_webhook`, `conversion_webhook`: what an apiserver asks before it stores and after it reads.
//! - `kubectl`: objects of any kind, got, applied, deleted, watched and edited.
//! - `pod_programs`: commands, files, logs and ports of a pod. `pod_attach`: its main process. `pod_cp`: files by `tar`.
//! - `job`: a job awaited and cleaned up after. `tls_client`: connections of one's own over TLS, with a trace of requests.
//! - `custom_client`: layers, retries and limits of one's own; raw requests, dynamic kinds, paged lists.
//! - `drop-in` (a package of its own): a program that knows only the name `kube`.
//! - `mutants` (another): copies of the controllers with one line changed, and whether their sweeps find it.
//!
//! This library is what they have in common: `--kubeconfig` runs a program on the cluster that `Client::try_default` finds,
//! until it is interrupted; without it, the program runs on an embedded cluster while somebody plays with that, and both end
//! together. [`serving`] is the same for programs that are called by the cluster, and [`probes`] what a process serves about itself.

pub mod probes;
pub mod serving;

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Result, bail};
use futures::future::{Either, select};
use seatrial::{Client, testkit::FakeCluster};

/// Where a program says what it sees.
#[derive(Clone, Default)]
pub struct Say {
    lines: Arc<Mutex<Vec<String>>>,
    aloud: bool,
}

impl Say {
    /// Says a line.
    pub fn line(&self, line: impl Into<String>) {
        let line = line.into();
        if self.aloud {
            println!("{line}");
        }
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    /// What was said so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Runs `program` as the command line says; `user` is who plays with the embedded cluster.
///
/// # Errors
///
/// Those of the two, and of the connection to a real cluster.
pub fn start<P, U>(program: impl FnOnce(Client, Say) -> P, user: impl FnOnce(FakeCluster) -> U) -> Result<()>
where
    P: Future<Output = Result<()>>,
    U: Future<Output = Result<()>>,
{
    let say = Say {
        aloud: true,
        ..Say::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match std::env::args().nth(1).as_deref() {
            None => {
                let cluster = FakeCluster::new();
                together(program(cluster.client(), say), user(cluster)).await
            }
            Some("--kubeconfig" | "--in-cluster") => program(Client::try_default().await?, say).await,
            Some(other) => bail!("unknown argument {other}; known are --kubeconfig and --in-cluster"),
        }
    })
}

/// Runs `program` and `user` on an embedded cluster in virtual time, and returns what the program said.
///
/// # Errors
///
/// Those of the two.
pub fn simulate<P, U>(
    program: impl FnOnce(Client, Say) -> P,
    user: impl FnOnce(FakeCluster) -> U,
) -> Result<Vec<String>>
where
    P: Future<Output = Result<()>>,
    U: Future<Output = Result<()>>,
{
    let say = Say::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    runtime.block_on(async {
        let cluster = FakeCluster::new();
        together(program(cluster.client(), say.clone()), user(cluster)).await
    })?;
    Ok(say.lines())
}

/// Until one of them ends.
async fn together(
    program: impl Future<Output = Result<()>>,
    user: impl Future<Output = Result<()>>,
) -> Result<()> {
    match select(pin!(program), pin!(user)).await {
        Either::Left((outcome, _)) | Either::Right((outcome, _)) => outcome,
    }
}

/// Waits until the cluster is at rest, and a little longer, so that whoever watches has seen it all.
///
/// # Errors
///
/// If it never comes to rest.
pub async fn settle(cluster: &FakeCluster) -> Result<()> {
    cluster.settle().await?;
    Ok(())
}
