//! A create whose answer is lost is made again, under another name: the client's version of a commit whose result is unknown.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error, ResourceExt as _, api::PostParams};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, drive},
    kinds::{Database, part_of, pod, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "double_create",
    kind: FailureKind::MadeTooOften,
    about: "pods default/db-*",
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

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let controller =
        Controller::new(databases, watcher::Config::default()).owns(pods, watcher::Config::default());
    let client = Arc::new(client);
    if is_fixed {
        drive(controller.run(fixed, again, client)).await;
    } else {
        drive(controller.run(buggy, again, client)).await;
    }
}

/// The one member, under a name that the server draws; the error of the create is taken to say that there is none.
async fn buggy(database: Arc<Database>, client: Arc<Client>) -> Result<Action, Error> {
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let held = pods.list(&Default::default()).await?;
    if held.items.is_empty() {
        let mut metadata = part_of(&database, "");
        metadata.name = None;
        metadata.generate_name = Some(format!("{}-", database.name_any()));
        let wanted = pod(metadata, "1");
        // "It failed, so it is not there": the mistake.
        if pods.create(&PostParams::default(), &wanted).await.is_err() {
            pods.create(&PostParams::default(), &wanted).await?;
        }
    }
    Ok(Action::await_change())
}

/// A name of its own, so that the second attempt finds the first.
async fn fixed(database: Arc<Database>, client: Arc<Client>) -> Result<Action, Error> {
    let pods = Api::<Pod>::default_namespaced((*client).clone());
    let name = format!("{}-0", database.name_any());
    provide_pod(&pods, &database, &name).await?;
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
