//! What the status does not name is created; if it is there already, that is an error, now and at every further attempt.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{Patch, PatchParams, PostParams},
};
use seatrial_runtime::controller::Action;
use seatrial_testkit::{FailureKind, Sweep};
use serde_json::json;

use super::{
    harness::{Bug, of_databases},
    kinds::{Database, made, member, part_of, pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "kubegres_123",
    kind: FailureKind::Stuck,
    about: "databases.bugs.seatrial.dev default/db",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    of_databases(is_fixed, reconcile).scenario(|user| {
        user.apply(
            "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}",
        )
    })
}

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let name = member(&database, 0);
    let status = database.status.clone().unwrap_or_default();
    if status.artifact.as_ref() == Some(&name) {
        return Ok(Action::await_change());
    }
    let answer = Api::<Pod>::default_namespaced((*client).clone())
        .create(&PostParams::default(), &pod(part_of(&database, &name), "1"))
        .await;
    if is_fixed {
        made(answer)?;
    } else {
        // One that was created before the status could say so is an error: the mistake.
        answer?;
    }
    let patch = Patch::Merge(json!({"status": {"artifact": name}}));
    Api::<Database>::default_namespaced((*client).clone())
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
