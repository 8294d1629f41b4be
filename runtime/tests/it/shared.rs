//! Stores that several follow.

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use seatrial_client::{Api, ResourceExt, api::PostParams};
use seatrial_runtime::{
    Controller, WatchStreamExt,
    controller::Action,
    reflector::{Change, reflect_namespaces, store},
    watcher,
};
use seatrial_testkit::FakeCluster;

use crate::support::{World, for_a_while, until_quiet};

#[tokio::test(start_paused = true)]
async fn defect_6_followers_see_deletions_even_if_they_come_late() {
    let world = World::new(1);
    world.create("a").await;
    world.create("b").await;
    let (reader, writer) = store();
    let mut root = pin!(watcher(world.api::<ConfigMap>(), watcher::Config::default()).reflect(writer));
    until_quiet(&world.env, &mut root).await;
    let mut late = reader.changes();
    world.delete("a").await;
    until_quiet(&world.env, &mut root).await;
    world.delete("b").await;
    world.lose_history().await;
    for_a_while(&world.env, 10, &mut root).await;
    let seen: Vec<_> = until_quiet(&world.env, &mut late)
        .await
        .into_iter()
        .map(|change| match change {
            Change::Applied(object) => format!("+{}", object.name_any()),
            Change::Deleted(object) => format!("-{}", object.name_any()),
        })
        .collect();
    assert_eq!(seen, ["-a", "-b"]);
}

#[tokio::test(start_paused = true)]
async fn two_controllers_share_one_watch() {
    let world = World::new(1);
    world.create("a").await;
    let (reader, writer) = store();
    let root = watcher(world.api::<ConfigMap>(), watcher::Config::default())
        .reflect(writer)
        .for_each(|_| future::ready(()));
    let controller = || {
        let runs = Arc::new(std::sync::Mutex::new(Vec::new()));
        let stream = Controller::for_shared_stream(reader.subscribe(), reader.clone())
            .with_env(world.env.clone())
            .run_with_backoff(
                async |object: Arc<ConfigMap>, runs: Arc<std::sync::Mutex<Vec<String>>>| {
                    runs.lock().unwrap().push(object.name_any());
                    Ok::<_, std::io::Error>(Action::await_change())
                },
                runs.clone(),
            )
            .for_each(|_| future::ready(()));
        (runs, stream)
    };
    let ((first, one), (second, two)) = (controller(), controller());
    let all = future::join3(root, one, two);
    let script = async {
        world.env.sleep(Duration::from_secs(1)).await;
        world.create("b").await;
        world.env.sleep(Duration::from_secs(1)).await;
    };
    future::select(pin!(all), pin!(script)).await;
    assert_eq!(*first.lock().unwrap(), ["a", "b"]);
    assert_eq!(*second.lock().unwrap(), ["a", "b"]);
    assert_eq!(world.log("watch=").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_store_follows_namespaces_that_come_and_go() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let create = async |namespace: &str, name: &str| {
        let mut space = Namespace::default();
        space.metadata.name = Some(namespace.to_owned());
        // It may be there already.
        let _ = Api::<Namespace>::all(cluster.client())
            .create(&PostParams::default(), &space)
            .await;
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.to_owned());
        let api = Api::<ConfigMap>::namespaced(cluster.client(), namespace);
        api.create(&PostParams::default(), &object).await.unwrap()
    };
    for (namespace, name) in [("a", "1"), ("b", "2"), ("c", "3")] {
        create(namespace, name).await;
    }
    let set = |names: &str| names.chars().map(String::from).collect::<BTreeSet<_>>();
    let (sender, sets) = futures::channel::mpsc::unbounded();
    let (reader, writer) = store::<ConfigMap>();
    let api = Api::<ConfigMap>::all(cluster.client());
    let mut stream = reflect_namespaces(writer, api, watcher::Config::default(), sets);
    let mut step = async || {
        let changes = until_quiet(&env, &mut stream)
            .await
            .into_iter()
            .map(|change| match change.unwrap() {
                Change::Applied(object) => format!("+{}/{}", object.namespace().unwrap(), object.name_any()),
                Change::Deleted(object) => format!("-{}/{}", object.namespace().unwrap(), object.name_any()),
            });
        changes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(step().await, "");
    assert!(!reader.is_ready());
    sender.unbounded_send(set("ab")).unwrap();
    assert_eq!(step().await, "+a/1 +b/2");
    assert!(reader.is_ready());
    let version = create("b", "4").await.resource_version().unwrap();
    assert!(reader.wrote_at(&version).now_or_never().is_none());
    assert_eq!(step().await, "+b/4");
    sender.unbounded_send(set("bc")).unwrap();
    assert_eq!(step().await, "-a/1 +c/3");
    // A list of one namespace says nothing of the others.
    Api::<ConfigMap>::namespaced(cluster.client(), "b")
        .delete("2", &Default::default())
        .await
        .unwrap();
    create("a", "5").await;
    cluster.server().compact();
    env.sleep(Duration::from_secs(1)).await;
    assert_eq!(step().await, "-b/2");
    assert_eq!(reader.len(), 2);
    // Written here or there, it is seen once all watches have come so far.
    let version = create("c", "6").await.resource_version().unwrap();
    assert_eq!(step().await, "+c/6");
    let waiting = reader.wrote_at(&version);
    let following = for_a_while(&env, 100, &mut stream);
    let (waiting, following) = (pin!(waiting), pin!(following));
    let first = future::select(waiting, following).await;
    assert!(
        matches!(first, future::Either::Left((Ok(()), _))),
        "all have bookmarks by then"
    );
}
