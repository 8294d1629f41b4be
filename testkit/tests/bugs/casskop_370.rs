//! A crash between "the member is deleted" and "the deletion is written down" leaves a claim behind, and stops the database for good.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};
use serde_json::json;

use super::{
    harness::{Bug, again, drive},
    kinds::{Claim, Database, member, provide_claim, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "casskop_370",
    kind: FailureKind::Stuck,
    about: "databases.bugs.seatrial.dev default/db",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed)).crd::<Database>().crd::<Claim>().scenario(|user| {
        user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2}}")
            .settle()
            .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {members: 1}}")
    })
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let controller =
        Controller::new(databases, watcher::Config::default()).owns(pods, watcher::Config::default());
    let reconcile = move |database, client: Arc<Client>| reconcile(database, client, is_fixed);
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

/// Members leave in two steps, of which the status says the last that was done.
async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let claims = Api::<Claim>::default_namespaced((*client).clone());
    for index in 0..database.spec.members {
        let name = member(&database, index);
        provide_claim(&claims, &database, &name).await?;
        provide_pod(&pods, &database, &name).await?;
    }

    if database.status.is_none() {
        remember(&client, &database, None).await?;
    }
    let leaving = member(&database, database.spec.members);
    let status = database.status.clone().unwrap_or_default();
    match status.operation.as_deref() {
        None if pods.get_opt(&leaving).await?.is_some() => {
            remember(&client, &database, Some("Leaving")).await?;
        }
        Some("Leaving") => {
            if is_fixed {
                pods.delete_if_present(&leaving, &DeleteParams::default()).await?;
            } else {
                // Whoever is gone already makes this an error, again and again: the mistake.
                pods.get(&leaving).await?;
                pods.delete(&leaving, &DeleteParams::default()).await?;
            }
            remember(&client, &database, Some("Cleaning")).await?;
        }
        Some("Cleaning") => {
            claims
                .delete_if_present(&leaving, &DeleteParams::default())
                .await?;
            remember(&client, &database, None).await?;
        }
        _ => {}
    }
    Ok(Action::await_change())
}

async fn remember(client: &Client, database: &Database, operation: Option<&str>) -> Result<(), Error> {
    let patch = Patch::Merge(json!({"status": {"operation": operation}}));
    Api::<Database>::default_namespaced(client.clone())
        .patch_status(&database.name_any(), &PatchParams::default(), &patch)
        .await?;
    Ok(())
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
