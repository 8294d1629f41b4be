//! Which claims are left over is told by members that are seen on their way out; if that moment is not seen, the claim stays for good.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, ListParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, reflector::Store, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, cached, drive, stale},
    kinds::{Claim, Database, made, member, part_of, pod, provide_claim},
};

pub(crate) const BUG: Bug = Bug {
    name: "cassandra_operator_398",
    kind: FailureKind::Stuck,
    about: "claims.bugs.seatrial.dev default/db-1",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .process("kubelet", kubelet)
        .crd::<Database>()
        .crd::<Claim>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 2}}")
                .settle()
                .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {members: 1}}")
        })
}

/// Lets members that are asked to leave go, within half a minute.
async fn kubelet(client: Client) {
    let pods = Api::<Pod>::default_namespaced(client.clone());
    loop {
        if let Ok(held) = pods.list(&ListParams::default()).await {
            for pod in held {
                if pod.metadata.deletion_timestamp.is_some() {
                    // What fails is tried again in the next round.
                    let now = DeleteParams::default().grace_period(0);
                    let _ = pods.delete_if_present(&pod.name_any(), &now).await;
                }
            }
        }
        client.env().sleep(Duration::from_secs(30)).await;
    }
}

struct Context {
    client: Client,
    pods: Store<Pod>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let (pods, changes) = cached(&client, stale());
    let controller = Controller::new(databases, watcher::Config::default()).owns_stream(changes);
    let context = Context {
        client,
        pods,
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    let pods = Api::<Pod>::default_namespaced(context.client.clone());
    let claims = Api::<Claim>::default_namespaced(context.client.clone());
    let kept: Vec<String> = (0..database.spec.members)
        .map(|index| member(&database, index))
        .collect();
    for name in &kept {
        provide_claim(&claims, &database, name).await?;
        if pods.get_opt(name).await?.is_none() {
            let mut pod = pod(part_of(&database, name), "1");
            // On a node, where it takes a while to leave.
            pod.spec.get_or_insert_default().node_name = Some("node".to_owned());
            made(pods.create(&PostParams::default(), &pod).await)?;
        }
    }
    for pod in pods.list(&ListParams::default()).await? {
        if !kept.contains(&pod.name_any()) && pod.metadata.deletion_timestamp.is_none() {
            let params = DeleteParams::default();
            pods.delete_if_present(&pod.name_any(), &params).await?;
        }
    }
    let leaving: Vec<String> = if context.is_fixed {
        // Whatever claim has no member any more.
        let held = claims.list(&ListParams::default()).await?.into_iter();
        held.map(|claim| claim.name_any())
            .filter(|name| !kept.contains(name))
            .collect()
    } else {
        // Once a member has gone, nobody knows that it was there: the mistake.
        let shown = context.pods.state().into_iter();
        shown
            .filter(|pod| pod.metadata.deletion_timestamp.is_some())
            .map(|pod| pod.name_any())
            .collect()
    };
    for name in leaving {
        claims.delete_if_present(&name, &DeleteParams::default()).await?;
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
