//! One process writes the whole list of conditions as it read it, and with it away what another process has put there meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};
use serde_json::json;

use super::{
    harness::{Bug, again, drive},
    kinds::{Condition, Database},
};

pub(crate) const BUG: Bug = Bug {
    name: "toolhive_4633",
    kind: FailureKind::OrderDependent,
    about: "databases.bugs.seatrial.dev default/db",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .process("server", move |client| serve(client, is_fixed))
        .crd::<Database>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {}}")
        })
}

/// The controller says that the database is deployed, whenever its status does not.
async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let controller = Controller::new(databases, watcher::Config::default());
    let reconcile = move |database: Arc<Database>, client: Arc<Client>| async move {
        tell(&database, &client, "Deployed", is_fixed).await
    };
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

/// The running server says what it has found, once.
async fn serve(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let controller = Controller::new(databases, watcher::Config::default());
    let has_told = Arc::new(AtomicBool::new(false));
    let reconcile = move |database: Arc<Database>, client: Arc<Client>| {
        let has_told = has_told.clone();
        async move {
            if !has_told.load(Ordering::Relaxed) {
                tell(&database, &client, "BackendsDiscovered", is_fixed).await?;
                has_told.store(true, Ordering::Relaxed);
            }
            Ok::<_, Error>(Action::await_change())
        }
    };
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

async fn tell(
    database: &Database,
    client: &Client,
    condition: &str,
    is_fixed: bool,
) -> Result<Action, Error> {
    let mut conditions = database.status.clone().unwrap_or_default().conditions;
    if conditions.iter().any(|told| told.r#type == condition) {
        return Ok(Action::await_change());
    }
    conditions.push(Condition {
        r#type: condition.to_owned(),
        status: "True".to_owned(),
    });
    conditions.sort_by(|a, b| a.r#type.cmp(&b.r#type));
    let mut patch = json!({"status": {"conditions": conditions}});
    if is_fixed {
        // Only if nobody else has said anything since.
        patch["metadata"] = json!({"resourceVersion": database.resource_version()});
    }
    Api::<Database>::default_namespaced(client.clone())
        .patch_status(
            &database.name_any(),
            &PatchParams::default(),
            &Patch::Merge(patch),
        )
        .await?;
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
