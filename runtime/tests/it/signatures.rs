//! Programs as users write them: that they build, for kinds known at run time as well, and that their futures can be spawned.

use std::{sync::Arc, time::Duration};

use futures::{Future, StreamExt, TryStreamExt, future, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, ResourceExt,
    api::{ApiResource, DynamicObject, GroupVersionKind},
};
use seatrial_runtime::{
    Config, Controller, Predicate, PredicateConfig, WatchStreamExt, applier,
    controller::{Action, ReconcileRequest, trigger_owners},
    metadata_watcher, predicates, reflector,
    reflector::{ObjectRef, ReflectHandle, Store, store::Writer},
    utils::CancelableJoinHandle,
    watcher,
    watcher::{DefaultBackoff, ExponentialBackoff},
};

use crate::support::{World, for_a_while, until_quiet};

async fn idle<K>(_: Arc<K>, _: Arc<()>) -> Result<Action, std::io::Error> {
    Ok(Action::await_change())
}

fn policy<K>(_: Arc<K>, _: &std::io::Error, _: Arc<()>) -> Action {
    Action::requeue(Duration::from_secs(5))
}

fn spawnable<F: Future + Send + 'static>(future: F) -> F {
    future
}

fn config_map() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"))
}

fn secret() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Secret"))
}

#[tokio::test(start_paused = true)]
async fn kinds_known_at_run_time_are_controlled_like_others() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    let objects: Api<DynamicObject> = Api::namespaced_with(world.client(), "default", &config_map());
    let children: Api<DynamicObject> = Api::namespaced_with(world.client(), "default", &secret());
    let to_owner =
        |secret: DynamicObject| Some(ObjectRef::new_with(&secret.name_any(), config_map()).within("default"));
    let controller = Controller::new_with(objects, watcher::Config::default().any_semantic(), config_map())
        .owns_with(children.clone(), secret(), watcher::Config::default())
        .watches_with(children, secret(), watcher::Config::default(), to_owner)
        .with_config(Config::default().concurrency(2))
        .trigger_backoff(DefaultBackoff::default());
    let mut stream = Box::pin(controller.run(idle, policy, Arc::new(())));
    assert_eq!(until_quiet(&world.env, &mut stream).await.len(), 1);
    world.create_owned("s", &owner).await;
    // Once as the owner, and once by its name, which no object has.
    let names: Vec<_> = until_quiet(&world.env, &mut stream)
        .await
        .into_iter()
        .map(|report| report.map_or_else(|error| error.to_string(), |(object, _)| object.to_string()))
        .collect();
    assert_eq!(
        names,
        [
            "ConfigMap.v1./owner.default",
            "ConfigMap.v1./s.default is not in the cache"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_controller_takes_streams_that_others_made() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    world.create_owned("s", &owner).await;
    let (reader, writer) = reflector::store();
    let objects = watcher(world.api::<ConfigMap>(), watcher::Config::default())
        .default_backoff()
        .modify(|object| object.metadata.managed_fields = None)
        .reflect(writer)
        .touched_objects()
        .predicate_filter(
            predicates::resource_version.combine(predicates::labels),
            PredicateConfig::default(),
        );
    let children = metadata_watcher(world.api::<Secret>(), watcher::Config::default())
        .backoff(ExponentialBackoff::new(
            Duration::from_secs(1),
            Duration::from_secs(9),
            2.0,
        ))
        .touched_objects();
    let controller = Controller::for_stream(objects, reader.clone())
        .owns_stream(children)
        .with_env(world.env.clone());
    let running = spawnable(
        controller
            .run(idle, policy, Arc::new(()))
            .map(|report| report.is_ok())
            .collect::<Vec<_>>(),
    );
    let mut running = Box::pin(running.into_stream_of_one());
    for_a_while(&world.env, 2, &mut running).await;
    assert_eq!(reader.state()[0].managed_fields(), []);
    assert_eq!(reader.len(), 1);
}

/// So that a future can be polled for a while.
trait IntoStreamOfOne: Future + Sized {
    fn into_stream_of_one(self) -> stream::Once<Self> {
        stream::once(self)
    }
}

impl<F: Future> IntoStreamOfOne for F {}

#[tokio::test(start_paused = true)]
async fn requests_can_be_applied_without_a_controller() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    let mut writer = Writer::<ConfigMap>::new_shared(16, ());
    let reader: Store<ConfigMap> = writer.as_reader();
    let follower: Option<ReflectHandle<ConfigMap>> = writer.subscribe();
    for event in [
        watcher::Event::Init,
        watcher::Event::InitApply(owner.clone()),
        watcher::Event::InitDone,
    ] {
        writer.apply_watcher_event(&event);
    }
    let mut child = Secret::default();
    child.metadata.name = Some("s".to_owned());
    child.metadata.namespace = Some("default".to_owned());
    child.metadata.owner_references = Some(vec![crate::support::owner_ref(&owner)]);
    let children = stream::iter([Ok::<_, std::io::Error>(child)]);
    let requests =
        trigger_owners::<ConfigMap, _>(children, (), ()).map_ok(|request: ReconcileRequest<ConfigMap>| {
            assert!(
                request.reason.to_string().contains("Secret.v1./s.default"),
                "{}",
                request.reason
            );
            request
        });
    let run = |object: Arc<ConfigMap>, ctx: Arc<()>| {
        let task = idle(object, ctx);
        Box::pin(CancelableJoinHandle::spawn(
            task,
            &tokio::runtime::Handle::current(),
        ))
    };
    let applied = applier(run, policy, Arc::new(()), reader, requests, Config::default());
    let reports: Vec<_> = applied.map(|report| report.unwrap().0.name).collect().await;
    assert_eq!(reports, ["owner"]);
    drop(writer);
    assert_eq!(
        follower
            .unwrap()
            .map(|object| object.name_any())
            .collect::<Vec<_>>()
            .await,
        ["owner"]
    );
    future::ready(()).await;
}
