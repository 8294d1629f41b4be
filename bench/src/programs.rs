//! What is measured, written once: `root` is kube on one side and seatrial on the other, which have one surface.

use std::{convert::Infallible, pin::pin, sync::Arc};

use futures::{StreamExt, TryStreamExt, future::ready};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};

use super::{
    pods,
    root::{
        Api, Client,
        api::{ListParams, ObjectList, WatchParams},
        runtime::{
            Controller,
            controller::{Action, Config as ControllerConfig, applier},
            reflector::{self, ObjectRef, Store, store::Writer},
            watcher::{self, Event, watcher},
        },
    },
};
use crate::{seen::Seen, service::Server};

/// A client over the service.
pub fn client(server: &Server) -> Client {
    Client::new(server.clone(), "default")
}

/// Everything in one list.
pub async fn list(server: &Server, skip: bool) -> ObjectList<Pod> {
    let list = pods(client(server), skip).list(&ListParams::default()).await;
    list.expect("the list is one")
}

/// How many events a watch has.
pub async fn watch(server: &Server, skip: bool) -> usize {
    let pods = pods(client(server), skip);
    let events = pods.watch(&WatchParams::default(), "1").await;
    let events = events.expect("the watch begins");
    let count = events.try_fold(0, async |count, _| Ok(count + 1)).await;
    count.expect("all events are events")
}

/// One small object, again and again.
pub async fn gets(client: &Client, count: usize) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    for _ in 0..count {
        maps.get("a").await.expect("the map is one");
    }
}

/// A store with all objects, and what keeps it so.
pub async fn fill(server: &Server, config: watcher::Config) -> impl Sized + use<> {
    let (reader, writer) = reflector::store::<Pod>();
    let pods = pods(client(server), false);
    let mut events = Box::pin(reflector::reflector(writer, watcher(pods, config)));
    while let Some(event) = events.next().await {
        if let Event::InitDone = event.expect("the list succeeds") {
            break;
        }
    }
    (reader, events)
}

/// A store that sees so many changes after its list.
pub async fn follow(server: &Server, changes: usize) {
    let (reader, writer) = reflector::store::<ConfigMap>();
    let maps: Api<ConfigMap> = Api::all(client(server));
    let events = reflector::reflector(writer, watcher(maps, watcher::Config::default()));
    let mut events = pin!(events.try_filter(|event| ready(matches!(event, Event::Apply(_)))));
    for _ in 0..changes {
        let event = events.next().await.expect("a watch does not end");
        event.expect("the watch goes on");
    }
    assert_eq!(reader.len(), 1000);
}

/// A store that is filled by hand.
pub fn stored(objects: &[ConfigMap]) -> (Store<ConfigMap>, Writer<ConfigMap>) {
    let (reader, mut writer) = reflector::store();
    writer.apply_watcher_event(&Event::Init);
    for object in objects {
        writer.apply_watcher_event(&Event::InitApply(object.clone()));
    }
    writer.apply_watcher_event(&Event::InitDone);
    (reader, writer)
}

/// The names of objects.
pub fn names(objects: &[ConfigMap]) -> Vec<ObjectRef<ConfigMap>> {
    objects.iter().map(ObjectRef::from_obj).collect()
}

/// Looks each object up.
pub fn look_up(reader: &Store<ConfigMap>, names: &[ObjectRef<ConfigMap>]) -> usize {
    names.iter().filter(|name| reader.get(name).is_some()).count()
}

/// Takes all objects out.
pub fn take_all(reader: &Store<ConfigMap>) -> Vec<Arc<ConfigMap>> {
    reader.state()
}

/// Runs a reconciler that does nothing, once for each name.
pub async fn dispatch(reader: Store<ConfigMap>, names: Vec<ObjectRef<ConfigMap>>, config: ControllerConfig) {
    let count = names.len();
    let requests = futures::stream::iter(names.into_iter().map(Ok::<_, Infallible>));
    let requests = requests.chain(futures::stream::pending());
    let reconciler = |_: Arc<ConfigMap>, _: Arc<()>| ready(Ok::<_, Infallible>(Action::await_change()));
    let policy = |_: Arc<ConfigMap>, _: &Infallible, _: Arc<()>| Action::await_change();
    let runs = applier(reconciler, policy, Arc::new(()), reader, requests, config);
    let done = runs.take(count).filter(|run| ready(run.is_ok())).count().await;
    assert_eq!(done, count);
}

/// Runs a controller until it has seen every object in its last state.
pub async fn control(server: &Server) {
    let maps: Api<ConfigMap> = Api::all(client(server));
    let seen = Arc::new(Seen::new(server.objects(), server.last_versions_after()));
    let reconciler = |map: Arc<ConfigMap>, seen: Arc<Seen>| {
        seen.note(
            map.metadata.name.as_deref(),
            map.metadata.resource_version.as_deref(),
        );
        ready(Ok::<_, Infallible>(Action::await_change()))
    };
    let policy = |_: Arc<ConfigMap>, _: &Infallible, _: Arc<Seen>| Action::await_change();
    let controller = Controller::new(maps, watcher::Config::default());
    let mut runs = pin!(controller.run(reconciler, policy, seen.clone()));
    while !seen.is_complete() {
        let run = runs.next().await.expect("a controller does not end");
        run.expect("nothing fails");
    }
}
