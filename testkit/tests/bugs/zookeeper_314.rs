//! After a restart on a replica that is behind, an earlier and smaller size is acted on: a member that is in use goes, and its claim with it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error, ResourceExt as _, api::DeleteParams};
use seatrial_runtime::{Controller, controller::Action};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, drive, stale},
    kinds::{Claim, Database, member, provide_claim, provide_pod},
};

/// No database is larger.
const MEMBERS_MAX: usize = 3;

pub(crate) const BUG: Bug = Bug {
    name: "zookeeper_314",
    kind: FailureKind::DeletedTooOften,
    about: "pods default/db-1",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed)).crd::<Database>().crd::<Claim>().scenario(|user| {
        user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2}}")
            .settle()
            .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {members: 1}}")
            .settle()
            .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {members: 2}}")
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
    let claims = Api::<Claim>::default_namespaced((*client).clone());
    // The size is whatever the cache says, however old that is: the mistake.
    let database = if is_fixed {
        match databases.get_opt(&database.name_any()).await? {
            Some(now) => Arc::new(now),
            None => return Ok(Action::await_change()),
        }
    } else {
        database
    };
    for index in 0..database.spec.members {
        let name = member(&database, index);
        provide_claim(&claims, &database, &name).await?;
        provide_pod(&pods, &database, &name).await?;
    }
    for index in database.spec.members..MEMBERS_MAX {
        let name = member(&database, index);
        if claims.get_opt(&name).await?.is_some() || pods.get_opt(&name).await?.is_some() {
            pods.delete_if_present(&name, &DeleteParams::default()).await?;
            claims.delete_if_present(&name, &DeleteParams::default()).await?;
        }
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
