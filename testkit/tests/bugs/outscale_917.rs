//! What lies outside the cluster is made before the finalizer is kept that is to clean it up: a deletion in between leaves it behind.

use std::sync::Arc;

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, PostParams},
};
use seatrial_runtime::controller::Action;
use seatrial_testkit::{FailureKind, Sweep};

use super::{
    harness::{Bug, of_databases},
    kinds::{Claim, ClaimSpec, Database, hold, made},
};

pub(crate) const BUG: Bug = Bug {
    name: "outscale_917",
    kind: FailureKind::OrderDependent,
    about: "claims.bugs.seatrial.dev default/net-of-db",
    world,
};

const FINALIZER: &str = "bugs.seatrial.dev/net";

fn world(is_fixed: bool) -> Sweep {
    of_databases(is_fixed, reconcile).crd::<Claim>().scenario(|user| {
        user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {}}")
            .delete("Database.bugs.seatrial.dev/v1 db")
    })
}

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    // A claim without an owner is as good as a thing in a cloud: no garbage collector takes it away.
    let cloud = Api::<Claim>::default_namespaced((*client).clone());
    let net = format!("net-of-{}", database.name_any());
    if database.metadata.deletion_timestamp.is_some() {
        cloud.delete_if_present(&net, &DeleteParams::default()).await?;
        hold(&databases, &database, &[]).await?;
        return Ok(Action::await_change());
    }
    if is_fixed {
        hold(&databases, &database, &[FINALIZER]).await?;
    }
    let made_net = cloud
        .create(&PostParams::default(), &Claim::new(&net, ClaimSpec { size: 1 }))
        .await;
    made(made_net)?;
    // Who deletes the database before this is kept deletes it at once: the mistake.
    hold(&databases, &database, &[FINALIZER]).await?;
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
