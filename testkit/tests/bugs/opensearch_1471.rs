//! While members are replaced one by one, the guard that lets only one be away looks into a cache that does not show the last deletion: a further member is taken away.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
};
use seatrial_runtime::{Controller, controller::Action, reflector::Store, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};
use serde_json::json;

use super::{
    harness::{Bug, again, cached, drive, stale},
    kinds::{Database, member, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "opensearch_1471",
    kind: FailureKind::DeletedTooOften,
    about: "pods default/db-0",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed)).crd::<Database>().scenario(|user| {
        user.apply(
            "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2, release: one}}",
        )
        .settle()
        .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {release: two}}")
    })
}

struct Context {
    client: Client,
    pods: Store<Pod>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let (pods, changes) = cached(&client, stale());
    let controller = Controller::new(databases, watcher::Config::default()).owns_stream(changes);
    let context = Context {
        client,
        pods,
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    if !context.pods.is_ready() {
        return Ok(Action::requeue(Duration::from_secs(1)));
    }
    let pods = Api::<Pod>::default_namespaced(context.client.clone());
    let release = &database.spec.release;
    // As the set of the members would: whoever is away comes back.
    for index in 0..database.spec.members {
        let name = member(&database, index);
        provide_pod(&pods, &database, &name).await?;
    }
    let shown = context.pods.state();
    let old = shown
        .iter()
        .filter(|pod| image(pod) != format!("database:{release}"));
    let Some(old) = old.min_by_key(|pod| pod.name_any()) else {
        return done(&context.client, &database).await;
    };
    // The guard: nobody else may be away.
    if shown.len() == database.spec.members {
        let mut params = DeleteParams::default();
        if context.is_fixed {
            params = params.preconditions(Preconditions {
                uid: old.uid(),
                ..Preconditions::default()
            });
        }
        // Whoever has the name by now is taken away, since the cache is behind: the mistake.
        match pods.delete_if_present(&old.name_any(), &params).await {
            Err(error) if !(context.is_fixed && error.is_conflict()) => return Err(error),
            _ => {}
        }
    }
    Ok(Action::requeue(Duration::from_secs(5)))
}

fn image(pod: &Pod) -> String {
    let container = pod.spec.as_ref().and_then(|spec| spec.containers.first());
    container.and_then(|c| c.image.clone()).unwrap_or_default()
}

async fn done(client: &Client, database: &Database) -> Result<Action, Error> {
    if database
        .status
        .as_ref()
        .and_then(|status| status.observed_generation)
        != database.metadata.generation
    {
        let patch = Patch::Merge(json!({"status": {"observedGeneration": database.metadata.generation}}));
        Api::<Database>::default_namespaced(client.clone())
            .patch_status(&database.name_any(), &PatchParams::default(), &patch)
            .await?;
    }
    Ok(Action::await_change())
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
