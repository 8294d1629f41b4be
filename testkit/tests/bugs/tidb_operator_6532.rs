//! A finalizer goes once nothing is left to delete, as far as a cache shows: what it does not show yet stays for ever.

use std::sync::Arc;

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, ListParams},
};
use seatrial_runtime::{Controller, controller::Action, reflector::Store, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, cached, drive},
    kinds::{Claim, ClaimSpec, Database, hold, made, member},
};

pub(crate) const BUG: Bug = Bug {
    name: "tidb_operator_6532",
    kind: FailureKind::Stuck,
    about: "claims.bugs.seatrial.dev default/db-0",
    world,
};

const FINALIZER: &str = "bugs.seatrial.dev/claims";

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .crd::<Claim>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}")
                .delete("Database.bugs.seatrial.dev/v1 db")
        })
}

struct Context {
    client: Client,
    claims: Store<Claim>,
    is_fixed: bool,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let (claims, changes) = cached(&client, watcher::Config::default());
    let controller = Controller::new(databases, watcher::Config::default()).owns_stream(changes);
    let context = Context {
        client,
        claims,
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Error> {
    let databases = Api::<Database>::default_namespaced(context.client.clone());
    let claims = Api::<Claim>::default_namespaced(context.client.clone());
    let name = member(&database, 0);
    if database.metadata.deletion_timestamp.is_none() {
        hold(&databases, &database, &[FINALIZER]).await?;
        if claims.get_opt(&name).await?.is_none() {
            // No owner: claims stay unless the finalizer deletes them.
            let claim = Claim::new(&name, ClaimSpec { size: 1 });
            made(claims.create(&Default::default(), &claim).await)?;
        }
        return Ok(Action::await_change());
    }
    // What the cache shows is taken for all that there is: the mistake.
    let held: Vec<String> = if context.is_fixed {
        let held = claims.list(&ListParams::default()).await?.into_iter();
        held.map(|claim| claim.name_any()).collect()
    } else {
        context
            .claims
            .state()
            .iter()
            .map(|claim| claim.name_any())
            .collect()
    };
    for name in held {
        claims.delete_if_present(&name, &DeleteParams::default()).await?;
    }
    hold(&databases, &database, &[]).await?;
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
