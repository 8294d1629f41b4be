//! A write that meets with a conflict is tried again at once on what the cache shows, which is what has just been refused.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error, ResourceExt as _, api::PostParams};
use seatrial_runtime::{
    Controller,
    controller::Action,
    reflector::{ObjectRef, Store},
    watcher,
};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, drive},
    kinds::{Database, member, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "open_cloud_datacenter_239",
    kind: FailureKind::HotLoop,
    about: "controller",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .scenario(|user| {
            user.apply(
                "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}",
            )
        })
}

struct Context {
    client: Client,
    databases: Store<Database>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let controller = Controller::new(databases, watcher::Config::default());
    let context = Context {
        client,
        databases: controller.store(),
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    let pods = Api::<Pod>::default_namespaced(context.client.clone());
    let status = database.status.clone().unwrap_or_default();
    if status.operation.as_deref() != Some("Running") {
        tell(&context, &database, "Creating").await?;
        provide_pod(&pods, &database, &member(&database, 0)).await?;
        tell(&context, &database, "Running").await?;
    }
    Ok(Action::await_change())
}

/// Replaces the status of the database, until nobody else has been faster.
async fn tell(context: &Context, database: &Database, operation: &str) -> Result<(), Error> {
    let databases = Api::<Database>::default_namespaced(context.client.clone());
    let name = database.name_any();
    let mut held = database.clone();
    loop {
        let told = &mut held.status.get_or_insert_default().operation;
        if told.as_deref() == Some(operation) {
            return Ok(());
        }
        *told = Some(operation.to_owned());
        match databases
            .replace_status(&name, &PostParams::default(), &held)
            .await
        {
            Err(error) if error.is_conflict() => {}
            answer => return answer.map(drop),
        }
        if context.is_fixed {
            held = databases.get(&name).await?;
        } else if let Some(shown) = context.databases.get(&ObjectRef::new(&name).within("default")) {
            // It shows what has just been refused, for as long as nothing else is waited for: the mistake.
            held = (*shown).clone();
        }
    }
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
