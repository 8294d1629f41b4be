//! A set is created under a drawn name and waited for in a cache; when the wait takes too long, the next run does not find the set and creates another.

use std::{sync::Arc, time::Duration};

use seatrial_client::{
    Api, Client, Error, ResourceExt as _,
    api::{ListParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, reflector::Store, watcher};
use seatrial_testkit::{FailureKind, Sweep, sweep};

use super::{
    harness::{Bug, again, cached, drive, stale},
    kinds::{Database, MemberSet, MemberSetSpec, part_of},
};

pub(crate) const BUG: Bug = Bug {
    name: "capi_13649",
    kind: FailureKind::MadeTooOften,
    about: "membersets.bugs.seatrial.dev default/db-*",
    world,
};

fn world(is_fixed: bool) -> Sweep {
    sweep(move |client| run(client, is_fixed))
        .crd::<Database>()
        .crd::<MemberSet>()
        .scenario(|user| {
            user.apply(
                "{apiVersion: bugs.seatrial.dev/v1, kind: Database, metadata: {name: db}, spec: {size: 1}}",
            )
        })
}

struct Context {
    client: Client,
    sets: Store<MemberSet>,
    is_fixed: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Api(#[from] Error),
    #[error("the new set has not shown in the cache in time")]
    NotShown,
}

async fn run(client: Client, is_fixed: bool) {
    let databases = Api::<Database>::default_namespaced(client.clone());
    let (sets, changes) = cached(&client, stale());
    let controller = Controller::new(databases, watcher::Config::default()).owns_stream(changes);
    let context = Context {
        client,
        sets,
        is_fixed,
    };
    drive(controller.run(reconcile, again, Arc::new(context))).await;
}

async fn reconcile(database: Arc<Database>, context: Arc<Context>) -> Result<Action, Failed> {
    if !context.sets.is_ready() {
        return Ok(Action::requeue(Duration::from_secs(1)));
    }
    let api = Api::<MemberSet>::default_namespaced(context.client.clone());
    let is_there = if context.is_fixed {
        !api.list(&ListParams::default()).await?.items.is_empty()
    } else {
        // The cache is asked again, although it is known to be behind: the mistake.
        !context.sets.is_empty()
    };
    if is_there {
        return Ok(Action::await_change());
    }
    let mut set = MemberSet::new("", MemberSetSpec { claim_size: 1 });
    set.metadata = part_of(&database, "");
    set.metadata.name = None;
    set.metadata.generate_name = Some(format!("{}-", database.name_any()));
    let made = api.create(&PostParams::default(), &set).await?;
    let version = made.resource_version().unwrap_or_default();
    let shown = context.sets.wrote_at(&version);
    match context.client.env().timeout(Duration::from_secs(2), shown).await {
        Ok(_) => Ok(Action::await_change()),
        Err(_) => Err(Failed::NotShown),
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
