//! A status is written only if it is not what the cache shows, which is behind: the write that would put it right is left out, and nobody comes back to it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{ListParams, Patch, PatchParams},
};
use seatrial_runtime::{
    Controller, WatchStreamExt as _,
    controller::Action,
    predicates,
    reflector::{ObjectRef, store},
    watcher::{self, watcher},
};
use seatrial_testkit::{FailureKind, Sweep, sweep};
use serde_json::json;

use super::{
    harness::{Bug, again, drive},
    kinds::Database,
};

pub(crate) const BUG: Bug = Bug {
    name: "grove_711",
    kind: FailureKind::OrderDependent,
    about: "databases.bugs.seatrial.dev default/db",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {}}")
                .settle()
                .apply(
                    "{apiVersion: v1, kind: Pod, metadata: {name: db-0, labels: {database: db}}, \
                     spec: {containers: [{name: database, image: database}]}}",
                )
                .delete("Pod/v1 db-0")
        })
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let (reader, writer) = store();
    // Statuses are its own business: only another generation makes it look again.
    let changed = watcher(databases, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .applied_objects()
        .predicate_filter(predicates::generation, Default::default());
    let controller =
        Controller::for_stream(changed, reader).watches(pods, watcher::Config::default(), |pod| {
            let database = pod.labels().get("database").cloned();
            database.map(|name| ObjectRef::new(&name).within("default"))
        });
    let reconcile = move |database, client: Arc<Client>| reconcile(database, client, is_fixed);
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

/// A database is ready as long as it has a member.
async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let name = database.name_any();
    let members = pods
        .list(&ListParams::default().labels(&format!("database={name}")))
        .await?;
    let is_ready = Some(!members.items.is_empty());
    let told = if is_fixed {
        let Some(now) = databases.get_opt(&name).await? else {
            return Ok(Action::await_change());
        };
        now.status
    } else {
        // What the cache shows is taken for what was written last: the mistake.
        database.status.clone()
    };
    if told.and_then(|status| status.ready) != is_ready {
        let patch = Patch::Merge(json!({"status": {"ready": is_ready}}));
        databases
            .patch_status(&name, &PatchParams::default(), &patch)
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
