//! Nothing is done while what was created has not shown in the cache; but only for five minutes, and then it is created again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, ListParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, reflector::Store, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, cached, drive},
    kinds::{Database, part_of, pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "kubernetes_129795",
    kind: FailureKind::MadeTooOften,
    about: "pods default/db-*",
    world,
};

/// How long what was created is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .scenario(|user| {
            user.apply(
                "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2}}",
            )
        })
}

struct Context {
    client: Client,
    pods: Store<Pod>,
    /// What each database is expected to have at least, and since when.
    expected: Mutex<BTreeMap<String, (usize, Timestamp)>>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let (pods, changes) = cached(&client, watcher::Config::default());
    let controller = Controller::new(databases, watcher::Config::default()).owns_stream(changes);
    let context = Context {
        client,
        pods,
        expected: Mutex::default(),
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    if !context.pods.is_ready() {
        return Ok(Action::requeue(Duration::from_secs(1)));
    }
    let pods = Api::<Pod>::default_namespaced(context.client.clone());
    let owner = database.uid().unwrap_or_default();
    let is_owned = |pod: &Arc<Pod>| pod.owner_references().iter().any(|held| held.uid == owner);
    let mut held: Vec<Arc<Pod>> = context.pods.state().into_iter().filter(is_owned).collect();
    let now = context.client.env().now();
    let expected = lock(&context.expected).get(&owner).copied();
    if let Some((least, since)) = expected
        && held.len() < least
    {
        let patience = PATIENCE.saturating_sub(now.duration_since(since).unsigned_abs());
        if !patience.is_zero() {
            return Ok(Action::requeue(patience));
        }
        // That the time is over is taken to say that nothing was created: the mistake, unless somebody looks.
        if context.is_fixed {
            let live = pods.list(&ListParams::default()).await?;
            held = live.into_iter().map(Arc::new).filter(is_owned).collect();
        }
    }
    held.sort_by_key(|pod| pod.name_any());
    let mut count = held.len();
    while count < database.spec.members {
        let mut metadata = part_of(&database, "");
        metadata.name = None;
        metadata.generate_name = Some(format!("{}-", database.name_any()));
        lock(&context.expected).insert(owner.clone(), (count + 1, now));
        let made = pods.create(&PostParams::default(), &pod(metadata, "1")).await;
        if made.as_ref().is_err_and(is_refusal) {
            lock(&context.expected).insert(owner.clone(), (count, now));
        }
        made?;
        count += 1;
    }
    for pod in held.iter().skip(database.spec.members) {
        let params = DeleteParams::default();
        pods.delete_if_present(&pod.name_any(), &params).await?;
    }
    Ok(Action::await_change())
}

/// Whether an error tells that nothing was created: otherwise that has to be waited for.
fn is_refusal(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| (400..500).contains(&status.code))
}

/// Nothing here panics while it holds it.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
