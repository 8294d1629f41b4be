//! An attempt that fails is written down as failed, and nobody tries again.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::controller::Action;
use seatrial_testkit::{FailureKind, Sweep};
use serde_json::json;

use super::{
    harness::{Bug, of_databases},
    kinds::{Database, member, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "zalando_895",
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
    let status = database.status.clone().unwrap_or_default();
    let is_over = match status.operation.as_deref() {
        Some("Running") => true,
        // What failed once is left to people: the mistake.
        Some("CreateFailed") => !is_fixed,
        _ => false,
    };
    if is_over {
        return Ok(Action::await_change());
    }
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let provided = provide_pod(&pods, &database, &member(&database, 0)).await;
    let operation = if provided.is_ok() {
        "Running"
    } else {
        "CreateFailed"
    };
    let patch = Patch::Merge(json!({"status": {"operation": operation}}));
    Api::<Database>::default_namespaced((*client).clone())
        .patch_status(&database.name_any(), &PatchParams::default(), &patch)
        .await?;
    if is_fixed {
        provided?;
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
