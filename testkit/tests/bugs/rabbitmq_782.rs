//! A crash between "the set is deleted" and "the claims are enlarged": the set that comes back has the new size, so nobody enlarges the claims any more.

use std::sync::Arc;

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};
use serde_json::json;

use super::{
    harness::{Bug, again, drive},
    kinds::{Claim, ClaimSpec, Database, MemberSet, MemberSetSpec, made, member, part_of},
};

pub(crate) const BUG: Bug = Bug {
    name: "rabbitmq_782",
    kind: FailureKind::Stuck,
    about: "claims.bugs.seatrial.dev default/db-0",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .crd::<Claim>()
        .crd::<MemberSet>()
        .scenario(|user| {
            user.apply("{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {members: 1, size: 10}}")
                .settle()
                .patch("Database.bugs.seatrial.dev/v1 db", "{spec: {size: 15}}")
        })
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let sets = Api::<MemberSet>::default_namespaced(client.clone());
    let controller =
        Controller::new(databases, watcher::Config::default()).owns(sets, watcher::Config::default());
    let reconcile = move |database, client: Arc<Client>| reconcile(database, client, is_fixed);
    drive(controller.run(reconcile, again, Arc::new(client))).await;
}

async fn reconcile(database: Arc<Database>, client: Arc<Client>, is_fixed: bool) -> Result<Action, Error> {
    let sets = Api::<MemberSet>::default_namespaced((*client).clone());
    let claims = Api::<Claim>::default_namespaced((*client).clone());
    let (name, size) = (database.name_any(), database.spec.size);

    let set = sets.get_opt(&name).await?;
    let is_behind = set.as_ref().is_some_and(|set| set.spec.claim_size < size);
    if is_behind {
        // The size of new claims cannot be changed in place.
        sets.delete_if_present(&name, &DeleteParams::background()).await?;
    }
    // Whether claims are too small is concluded from the set, which does not outlive a crash: the mistake.
    if is_behind || is_fixed {
        for index in 0..database.spec.members {
            enlarge(&claims, &member(&database, index), size).await?;
        }
    }
    if set.is_none() || is_behind {
        let mut set = MemberSet::new(&name, MemberSetSpec { claim_size: size });
        set.metadata = part_of(&database, &name);
        made(sets.create(&PostParams::default(), &set).await)?;
    }
    // As the set's controller would.
    for index in 0..database.spec.members {
        let name = member(&database, index);
        if claims.get_opt(&name).await?.is_none() {
            let mut claim = Claim::new(&name, ClaimSpec { size });
            claim.metadata = part_of(&database, &name);
            made(claims.create(&PostParams::default(), &claim).await)?;
        }
    }
    Ok(Action::await_change())
}

async fn enlarge(claims: &Api<Claim>, name: &str, size: u32) -> Result<(), Error> {
    if claims
        .get_opt(name)
        .await?
        .is_some_and(|claim| claim.spec.size < size)
    {
        let patch = Patch::Merge(json!({"spec": {"size": size}}));
        claims.patch(name, &PatchParams::default(), &patch).await?;
    }
    Ok(())
}

#[test]
fn the_bug_is_found() {
    BUG.find();
}

#[test]
fn the_fix_passes() {
    BUG.fix_passes();
}
