//! The claim of a member that comes back is looked for in a cache, and only then: one that has gone meanwhile is never made again.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{Api, Client, Error};
use seatrial_runtime::{
    Controller,
    controller::Action,
    reflector::{ObjectRef, Store},
    watcher,
};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, cached, drive, stale},
    kinds::{Claim, Database, member, provide_claim, provide_pod},
};

pub(crate) const BUG: Bug = Bug {
    name: "kubernetes_74374",
    kind: FailureKind::OrderDependent,
    about: "claims.bugs.seatrial.dev default/db-0",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .crd::<Claim>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}")
                .delete("Claim.bugs.seatrial.dev/v1 db-0")
                .delete("Pod/v1 db-0")
        })
}

struct Context {
    client: Client,
    claims: Store<Claim>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let (claims, changes) = cached(&client, stale());
    let controller = Controller::new(databases, watcher::Config::default())
        .owns(pods, watcher::Config::default())
        .owns_stream(changes);
    let context = Context {
        client,
        claims,
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    if !context.claims.is_ready() {
        return Ok(Action::requeue(Duration::from_secs(1)));
    }
    let pods = Api::<Pod>::default_namespaced(context.client.clone());
    let claims = Api::<Claim>::default_namespaced(context.client.clone());
    for index in 0..database.spec.members {
        let name = member(&database, index);
        let is_shown = context
            .claims
            .get(&ObjectRef::new(&name).within("default"))
            .is_some();
        // Claims are made together with their members, and never looked at again: the mistake.
        if context.is_fixed || (!is_shown && pods.get_opt(&name).await?.is_none()) {
            provide_claim(&claims, &database, &name).await?;
        }
        provide_pod(&pods, &database, &name).await?;
    }
    // Events can be missed; claims are not looked at then, either.
    Ok(Action::requeue(Duration::from_secs(60)))
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
