//! After a restart on a replica that is behind, the deletion of an earlier database of the same name is seen to once more: the claims of the present one go.

use std::sync::Arc;

use seatrial_client::{
    Api, Client, Error, Resource as _, ResourceExt as _,
    api::{DeleteParams, ListParams, PostParams},
};
use seatrial_runtime::{
    Controller,
    controller::Action,
    finalizer::{Event, finalizer},
};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, drive, stale},
    kinds::{Claim, ClaimSpec, Database, made},
};

const DATABASE: &str =
    "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1}}";

pub(crate) const BUG: Bug = Bug {
    name: "zookeeper_312",
    kind: FailureKind::DeletedTooOften,
    about: "claims.bugs.seatrial.dev default/db-0",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .crd::<Claim>()
        .scenario(|user| {
            user.apply(DATABASE)
                .settle()
                .delete("Database.bugs.seatrial.dev/v1 db")
                .settle()
                .apply(DATABASE)
        })
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let reconcile = move |database, client: Arc<Client>| reconcile(database, client, is_fixed);
    let controller = Controller::new(databases, stale());
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

type Failed = seatrial_runtime::finalizer::Error<Error>;

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Failed> {
    let databases = Api::<Database>::default_namespaced((*client).clone());
    let claims = Api::<Claim>::default_namespaced((*client).clone());
    // The fix: what is to be deleted is what is there now, not what a cache shows.
    let database = if is_fixed {
        match databases
            .get_opt(&database.name_any())
            .await
            .map_err(Failed::CleanupFailed)?
        {
            Some(now) => Arc::new(now),
            None => return Ok(Action::await_change()),
        }
    } else {
        database
    };
    finalizer(
        &databases,
        "bugs.seatrial.dev/claims",
        database,
        |event| async move {
            match event {
                Event::Apply(database) => keep(&claims, &database).await,
                Event::Cleanup(database) => clean(&claims, &database).await,
            }
        },
    )
    .await
}

async fn keep(claims: &Api<Claim>, database: &Database) -> Result<Action, Error> {
    let name = format!("{}-0", database.name_any());
    if claims.get_opt(&name).await?.is_none() {
        let mut claim = Claim::new(&name, ClaimSpec { size: 1 });
        // No owner: claims stay unless the finalizer deletes them.
        claim.meta_mut().labels = Some([("database".to_owned(), database.name_any())].into());
        made(claims.create(&PostParams::default(), &claim).await)?;
    }
    Ok(Action::await_change())
}

/// Claims are those of the name, which the next database has as well: the mistake, where the database is not looked at again.
async fn clean(claims: &Api<Claim>, database: &Database) -> Result<Action, Error> {
    let selector = format!("database={}", database.name_any());
    for claim in claims.list(&ListParams::default().labels(&selector)).await? {
        claims
            .delete_if_present(&claim.name_any(), &DeleteParams::default())
            .await?;
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
