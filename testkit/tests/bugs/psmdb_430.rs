//! The deletion of an earlier database, seen again after a restart on a replica that is behind, shuts down the members of the present one.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error, ResourceExt as _, api::DeleteParams};
use seatrial_runtime::{Controller, controller::Action};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, drive, stale},
    kinds::{Database, hold, member, provide_pod},
};

const DATABASE: &str =
    "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2}}";
const FINALIZER: &str = "bugs.seatrial.dev/members-in-order";

pub(crate) const BUG: Bug = Bug {
    name: "psmdb_430",
    kind: FailureKind::DeletedTooOften,
    about: "pods default/db-1",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .scenario(|user| {
            user.apply(DATABASE)
                .settle()
                .delete("Database.bugs.seatrial.dev/v1 db")
                .settle()
                .apply(DATABASE)
        })
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let reconcile = move |database, client: Arc<Client>| reconcile(database, client, is_fixed);
    let controller = Controller::new(databases, stale()).owns(pods, stale());
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let name = database.name_any();
    // The fix: whoever is to act looks at the present first.
    let database = if is_fixed {
        match databases.get_opt(&name).await? {
            Some(now) => Arc::new(now),
            None => return Ok(Action::await_change()),
        }
    } else {
        database
    };
    if database.metadata.deletion_timestamp.is_none() {
        hold(&databases, &database, &[FINALIZER]).await?;
        for index in 0..database.spec.members {
            let name = member(&database, index);
            provide_pod(&pods, &database, &name).await?;
        }
        return Ok(Action::await_change());
    }
    // Members have the names of earlier ones, and their owner is not looked at: the mistake.
    for index in (0..database.spec.members).rev() {
        pods.delete_if_present(&member(&database, index), &DeleteParams::default())
            .await?;
    }
    hold(&databases, &database, &[]).await?;
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
