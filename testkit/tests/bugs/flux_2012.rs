//! One result is written by two patches, of which only the first minds whether the object has changed: if it does, half of the result is there, and counts as all of it.

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
    kinds::Database,
};

pub(crate) const BUG: Bug = Bug {
    name: "flux_2012",
    kind: FailureKind::Stuck,
    about: "databases.bugs.seatrial.dev default/db",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    of_databases(is_fixed, reconcile).scenario(|user| {
        user.apply(
            "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {release: one}}",
        )
    })
}

/// Builds an artifact of the release, and says so.
async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    let (name, params) = (database.name_any(), PatchParams::default());
    let status = database.status.clone().unwrap_or_default();
    let artifact = format!("artifact of {}", database.spec.release);
    if status.artifact.as_ref() == Some(&artifact) {
        // What is built is taken to have been told as well: the mistake, if telling it can fail by itself.
        return Ok(Action::await_change());
    }
    if is_fixed {
        let whole = Patch::Merge(json!({"status": {"ready": true, "artifact": artifact}}));
        databases.patch_status(&name, &params, &whole).await?;
        return Ok(Action::await_change());
    }
    let conditions = Patch::Merge(json!({
        "metadata": {"resourceVersion": database.resource_version()},
        "status": {"ready": true},
    }));
    let told = databases.patch_status(&name, &params, &conditions).await;
    // Both are tried, and their errors put together.
    let result = Patch::Merge(json!({"status": {"artifact": artifact}}));
    let built = databases.patch_status(&name, &params, &result).await;
    told.and(built)?;
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
