//! A create whose answer is lost is made again, under another name: the client's version of a commit whose result is unknown.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error, ResourceExt as _, api::PostParams};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use crate::{
    harness::{self, again, drive, made},
    kinds::{Database, part_of, pod},
};

fn world<F: Future + 'static>(controller: impl Fn(Client) -> F + 'static) -> Sweep {
    sweep(controller).crd::<Database>().scenario(|user| {
        user.apply(
            "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}",
        )
    })
}

async fn run<F>(client: Client, reconcile: fn(Arc<Database>, Arc<Client>) -> F)
where
    F: Future<Output = Result<Action, Error>> + Send + 'static,
{
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let controller =
        Controller::new(databases, watcher::Config::default()).owns(pods, watcher::Config::default());
    drive(controller.run(reconcile, again, Arc::new(client))).await;
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
    if pods.get_opt(&name).await?.is_none() {
        let wanted = pod(part_of(&database, &name), "1");
        made(pods.create(&PostParams::default(), &wanted).await)?;
    }
    Ok(Action::await_change())
}

#[test]
fn the_bug_is_found() {
    let finding = harness::found(world(|client| run(client, buggy)));
    assert_eq!(finding.kind, FailureKind::MadeTooOften, "{finding}");
}

#[test]
fn the_fix_passes() {
    harness::passes(world(|client| run(client, fixed)));
}
