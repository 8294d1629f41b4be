//! The generation that is said to be seen to is that of the object as it is by now, not of the one that was acted on.

use std::sync::Arc;

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::controller::Action;
use seatrial_testkit::{FailureKind, Sweep};
use serde_json::json;

use super::{
    harness::{Bug, of_databases},
    kinds::{Claim, Database, member, provide_claim},
};

pub(crate) const BUG: Bug = Bug {
    name: "stale_observed_generation",
    kind: FailureKind::Stuck,
    about: "claims.bugs.seatrial.dev default/db-0",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    of_databases(is_fixed, reconcile).crd::<Claim>().scenario(|user| {
        user.apply(
            "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {size: 2}}",
        )
        .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {size: 3}}")
    })
}

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    let claims = Api::<Claim>::default_namespaced((*client).clone());
    let seen = database.status.clone().unwrap_or_default().observed_generation;
    if seen == database.metadata.generation {
        return Ok(Action::await_change());
    }
    let name = member(&database, 0);
    provide_claim(&claims, &database, &name).await?;
    let size = Patch::Merge(json!({"spec": {"size": database.spec.size}}));
    claims.patch(&name, &PatchParams::default(), &size).await?;
    // Whoever has changed the database since is told that it is done: the mistake.
    let generation = if is_fixed {
        database.metadata.generation
    } else {
        databases.get(&database.name_any()).await?.metadata.generation
    };
    let patch = Patch::Merge(json!({"status": {"observedGeneration": generation}}));
    databases
        .patch_status(&database.name_any(), &PatchParams::default(), &patch)
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
