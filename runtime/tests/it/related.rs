//! Objects that lead to those of a controller: mappers that fail, and watches that lose their places together.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use seatrial_client::{
    ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller, WatchStreamExt,
    controller::{Action, Error},
    reflector::{ObjectRef, store},
    watcher::{self, watcher},
};
use seatrial_testkit::fault::{ReadFault, TransportFault};
use serde_json::json;

use crate::support::{World, for_a_while, owner_ref, until_quiet};

fn controller(world: &World) -> Controller<ConfigMap> {
    Controller::new(world.api::<ConfigMap>(), watcher::Config::default())
}

/// What a controller reports, as text: the names of objects that ran, and errors.
fn run(controller: Controller<ConfigMap>) -> BoxStream<'static, String> {
    let idle = async |_: Arc<ConfigMap>, _: Arc<()>| Ok::<_, std::io::Error>(Action::await_change());
    let reports = controller.run_with_backoff(move |object, ctx| idle(object, ctx).boxed(), Arc::new(()));
    reports
        .map(|report| match report {
            Ok((object, _)) => object.name,
            Err(Error::ObjectNotFound(object)) => format!("{} is gone", object.name),
            Err(error) => error.to_string(),
        })
        .boxed()
}

/// Leads from `a-1` to `a`, and panics over names that begin with `bad` until it is mended.
fn mapper(
    mended: &Arc<AtomicBool>,
) -> impl Fn(&Secret) -> Option<ObjectRef<ConfigMap>> + Send + Sync + 'static {
    let mended = Arc::clone(mended);
    move |secret| {
        let name = secret.name_any();
        assert!(
            mended.load(Ordering::SeqCst) || !name.starts_with("bad"),
            "no idea what {name} is"
        );
        let (target, _) = name.trim_start_matches("bad-").split_once('-')?;
        Some(ObjectRef::new(target).within("default"))
    }
}

const PANICKED: &str = "finding what Secret.v1./bad-a-1.default leads to panicked: no idea what bad-a-1 is";

#[tokio::test(start_paused = true)]
async fn a_mapper_that_panics_is_told_and_the_controller_goes_on() {
    let world = World::new(1);
    let owner = world.create("a").await;
    let mended = Arc::new(AtomicBool::new(false));
    let map = mapper(&mended);
    let watched =
        controller(&world).watches(world.api::<Secret>(), watcher::Config::default(), move |secret| {
            map(&secret)
        });
    let mut stream = run(watched);
    assert_eq!(until_quiet(&world.env, &mut stream).await, ["a"]);
    world.create_owned("bad-a-1", &owner).await;
    assert_eq!(until_quiet(&world.env, &mut stream).await, [PANICKED]);
    world.create_owned("a-2", &owner).await;
    assert_eq!(until_quiet(&world.env, &mut stream).await, ["a"], "it goes on");
    // A list asks again for what is not known yet, and for nothing else.
    world.lose_history().await;
    assert_eq!(for_a_while(&world.env, 10, &mut stream).await, [PANICKED]);
    mended.store(true, Ordering::SeqCst);
    world.lose_history().await;
    assert_eq!(for_a_while(&world.env, 10, &mut stream).await, ["a"]);
    // Whom it led to before is known, so that a deletion is not lost to a mapper that panics over it.
    mended.store(false, Ordering::SeqCst);
    world.delete_secret("bad-a-1").await;
    assert_eq!(until_quiet(&world.env, &mut stream).await, [PANICKED, "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_mapper_of_a_stream_that_panics_is_told_and_the_controller_goes_on() {
    let world = World::new(1);
    let owner = world.create("a").await;
    let mended = Arc::new(AtomicBool::new(false));
    let (reader, writer) = store();
    let root = watcher(world.api::<Secret>(), watcher::Config::default()).reflect(writer);
    let (of_stream, of_shared) = (mapper(&mended), mapper(&mended));
    let watched = controller(&world)
        .watches_stream(root.touched_objects(), move |secret| of_stream(&secret))
        .watches_shared_stream(reader.subscribe(), move |secret| of_shared(&secret));
    let mut stream = run(watched);
    assert_eq!(until_quiet(&world.env, &mut stream).await, ["a"]);
    world.create_owned("bad-a-1", &owner).await;
    let told = until_quiet(&world.env, &mut stream).await;
    assert_eq!(told, [PANICKED, PANICKED], "by both");
    world.create_owned("a-2", &owner).await;
    assert!(
        until_quiet(&world.env, &mut stream)
            .await
            .contains(&"a".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn watches_of_a_controller_that_lose_their_places_at_once_miss_nothing_and_run_nothing_else() {
    for faulty in [false, true] {
        let world = World::new(1);
        let accounts = world.api::<ServiceAccount>();
        let account = async |name: &str| {
            let mut account = ServiceAccount::default();
            account.metadata.name = Some(name.to_owned());
            accounts.create(&PostParams::default(), &account).await.unwrap();
        };
        let mut owners = Vec::new();
        for name in ["a", "b", "c", "d", "e", "same"] {
            owners.push(world.create(name).await);
        }
        world.create_owned("of-a", &owners[0]).await;
        world.create_owned("of-b", &owners[1]).await;
        world.create_owned("of-same", &owners[5]).await;
        account("c").await;
        account("same").await;
        let paged = || watcher::Config::default().page_size(1);
        let watched = Controller::new(world.api::<ConfigMap>(), paged())
            .owns(world.api::<Secret>(), paged())
            .watches(world.api::<ServiceAccount>(), paged(), |account| {
                [ObjectRef::new(&account.name_any()).within("default")]
            });
        let mut stream = run(watched);
        for_a_while(&world.env, 10, &mut stream).await;
        // While nobody polls, each of the three sets changes, and no watch has a place to go on from.
        world.delete_secret("of-a").await;
        world.delete_secret("of-b").await;
        world.create_owned("of-b", &owners[4]).await;
        accounts.delete("c", &DeleteParams::default()).await.unwrap();
        world.delete("d").await;
        world.create("new").await;
        world.lose_history().await;
        if faulty {
            // And their lists break off as they go, each in a way of its own.
            world.disturb("/configmaps?limit", 1, TransportFault::Refused);
            world.disturb("/secrets?", 2, ReadFault::ContinueExpired { with_token: true });
            world.disturb("/serviceaccounts?", 2, TransportFault::Cut { after_bytes: 300 });
        }
        let told: BTreeSet<_> = for_a_while(&world.env, 120, &mut stream)
            .await
            .into_iter()
            .collect();
        let told: Vec<_> = told.iter().filter(|line| !line.starts_with("a watch")).collect();
        // `b` and `e`, because what one owned is the other's now.
        assert_eq!(told, ["a", "b", "c", "d is gone", "e", "new"]);
        // A second loss finds everything as it was.
        world.lose_history().await;
        assert_eq!(for_a_while(&world.env, 60, &mut stream).await, [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn f5_an_owner_is_reconciled_when_somebody_strips_what_it_owns_of_the_reference_or_the_label() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    world.create("other").await;
    let secrets = world.api::<Secret>();
    let edit = async |what: serde_json::Value| {
        let params = PatchParams::default();
        secrets.patch("s", &params, &Patch::Merge(what)).await.unwrap();
    };
    let labelled = watcher::Config::default().labels("app=web");
    let mut stream = run(controller(&world).owns(world.api::<Secret>(), labelled));
    world.create_owned("s", &owner).await;
    let references = secrets.get("s").await.unwrap().owner_references().to_vec();
    until_quiet(&world.env, &mut stream).await;
    for what in [
        json!({"metadata": {"labels": {"app": "web"}}}),
        json!({"metadata": {"ownerReferences": null}}),
        json!({"metadata": {"ownerReferences": references}}),
        json!({"metadata": {"labels": {"app": null}}}),
    ] {
        edit(what.clone()).await;
        assert_eq!(until_quiet(&world.env, &mut stream).await, ["owner"], "{what}");
    }
    // Nor does it matter that nobody looks while it happens.
    edit(json!({"metadata": {"labels": {"app": "web"}}})).await;
    until_quiet(&world.env, &mut stream).await;
    edit(json!({"metadata": {"ownerReferences": null}})).await;
    world.lose_history().await;
    assert_eq!(for_a_while(&world.env, 10, &mut stream).await, ["owner"]);
}

#[tokio::test(start_paused = true)]
async fn an_object_of_a_stream_that_changes_hands_triggers_both() {
    for shared in [false, true] {
        for owned in [false, true] {
            let world = World::new(1);
            let owners = [world.create("a").await, world.create("b").await];
            world.create_owned("a-1", &owners[0]).await;
            let (reader, writer) = store();
            let root = watcher(world.api::<Secret>(), watcher::Config::default()).reflect(writer);
            let label = |secret: &Secret| secret.labels().get("for").cloned().unwrap_or("a".to_owned());
            let target = move |secret: &Secret| Some(ObjectRef::new(&label(secret)).within("default"));
            let (controller, following) = (controller(&world), reader.subscribe());
            // The root runs beside the controller where that does not poll it.
            let (controller, root) = match (shared, owned) {
                (false, false) => {
                    let stream = root.touched_objects();
                    let mapper = move |secret| target(&secret);
                    (controller.watches_stream(stream, mapper), None)
                }
                (false, true) => (controller.owns_stream(root.touched_objects()), None),
                (true, false) => {
                    let mapper = move |secret: Arc<Secret>| target(&secret);
                    (controller.watches_shared_stream(following, mapper), Some(root))
                }
                (true, true) => (controller.owns_shared_stream(following), Some(root)),
            };
            let root = root.map_or_else(|| stream::empty().boxed(), |root| root.boxed());
            let silent = root.filter_map(|_| std::future::ready(None));
            let mut stream = stream::select(run(controller), silent);
            until_quiet(&world.env, &mut stream).await;
            let moved = json!({"metadata": {
                "labels": {"for": "b"},
                "ownerReferences": [owner_ref(&owners[1])],
            }});
            let params = PatchParams::default();
            let secrets = world.api::<Secret>();
            secrets.patch("a-1", &params, &Patch::Merge(moved)).await.unwrap();
            let mut told = until_quiet(&world.env, &mut stream).await;
            told.sort();
            assert_eq!(told, ["a", "b"], "shared: {shared}, owned: {owned}");
        }
    }
}
