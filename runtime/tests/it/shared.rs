//! Stores that several follow.

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use seatrial_client::{Api, ResourceExt, api::PostParams};
use seatrial_runtime::{
    Controller, WatchStreamExt,
    controller::Action,
    reflector::{Change, reflect_namespaces, store},
    watcher,
};
use seatrial_testkit::{
    FakeCluster,
    fault::{FlowFault, ReadFault, Rule, TransportFault},
};

use crate::{
    life::undisturbed,
    support::{World, for_a_while, until_quiet},
};

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

/// A config map in a namespace, which is made if it is not there.
async fn create_in(cluster: &FakeCluster, namespace: &str, name: &str) -> ConfigMap {
    let client = undisturbed(cluster);
    let mut space = Namespace::default();
    space.metadata.name = Some(namespace.to_owned());
    // It may be there already.
    let _ = Api::<Namespace>::all(client.clone())
        .create(&PostParams::default(), &space)
        .await;
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.to_owned());
    let api = Api::<ConfigMap>::namespaced(client, namespace);
    api.create(&PostParams::default(), &object).await.unwrap()
}

/// Namespaces of one letter each.
fn set(names: &str) -> BTreeSet<String> {
    names.chars().map(String::from).collect()
}

fn show(change: &Change<ConfigMap>) -> String {
    let sign = match change {
        Change::Applied(_) => '+',
        Change::Deleted(_) => '-',
    };
    let object = change.object();
    format!("{sign}{}/{}", object.namespace().unwrap(), object.name_any())
}

#[tokio::test(start_paused = true)]
async fn one_store_follows_namespaces_that_come_and_go() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let create = async |namespace: &str, name: &str| create_in(&cluster, namespace, name).await;
    for (namespace, name) in [("a", "1"), ("b", "2"), ("c", "3")] {
        create(namespace, name).await;
    }
    let (sender, sets) = futures::channel::mpsc::unbounded();
    let (reader, writer) = store::<ConfigMap>();
    let api = Api::<ConfigMap>::all(cluster.client());
    let mut stream = reflect_namespaces(writer, api, watcher::Config::default(), sets);
    let mut step = async || {
        let changes = until_quiet(&env, &mut stream).await.into_iter();
        changes
            .map(|change| show(&change.unwrap()))
            .collect::<Vec<_>>()
            .join(" ")
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

#[tokio::test(start_paused = true)]
async fn watches_of_namespaces_that_list_anew_at_once_do_not_mix() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    for namespace in ["a", "b", "c"] {
        for name in ["gone", "kept", "replaced"] {
            create_in(&cluster, namespace, name).await;
        }
    }
    let sets = stream::iter([set("abc")]).chain(stream::pending());
    let (reader, writer) = store::<ConfigMap>();
    let (api, config) = (
        Api::<ConfigMap>::all(cluster.client()),
        watcher::Config::default().page_size(1),
    );
    let mut following = reflect_namespaces(writer, api, config, sets);
    until_quiet(&env, &mut following).await;
    for namespace in ["a", "b", "c"] {
        let api = Api::<ConfigMap>::namespaced(undisturbed(&cluster), namespace);
        for name in ["gone", "replaced"] {
            api.delete(name, &Default::default()).await.unwrap();
        }
        create_in(&cluster, namespace, "replaced").await;
        create_in(&cluster, namespace, "new").await;
    }
    create_in(&cluster, "elsewhere", "new").await;
    cluster.server().compact();
    // Their pages come in turn; one breaks off and begins again, and one stays away for longer.
    let continued = ReadFault::ContinueExpired { with_token: false };
    let faults = cluster.faults();
    faults.inject(Rule::new(continued).on("/namespaces/b/").times(1));
    faults.inject(Rule::new(FlowFault::Forbidden).on("/namespaces/c/").times(2));
    let mut changes = Vec::new();
    let mut errors = 0;
    for change in for_a_while(&env, 60, &mut following).await {
        match change {
            Ok(change) => changes.push(show(&change)),
            Err(_) => errors += 1,
        }
    }
    changes.sort();
    let expected: Vec<_> = ["+a/new", "+a/replaced", "-a/gone", "-a/replaced"]
        .into_iter()
        .flat_map(|change| ["a/", "b/", "c/"].map(|other| change.replace("a/", other)))
        .collect();
    let expected: BTreeSet<_> = expected.into_iter().collect();
    assert_eq!(changes, expected.into_iter().collect::<Vec<_>>());
    assert_eq!(errors, 2, "which `c` told, and nobody else");
    let relists = following.health().into_values().map(|health| health.relists());
    assert_eq!(relists.collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(reader.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_write_does_not_wait_for_a_namespace_that_is_followed_no_more() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    for namespace in ["a", "b"] {
        create_in(&cluster, namespace, "1").await;
    }
    let (sender, sets) = futures::channel::mpsc::unbounded();
    let (reader, writer) = store::<ConfigMap>();
    let api = Api::<ConfigMap>::all(cluster.client());
    let mut following = reflect_namespaces(writer, api, watcher::Config::default(), sets);
    sender.unbounded_send(set("ab")).unwrap();
    until_quiet(&env, &mut following).await;
    // The watch of one of them dies, so that nobody hears how far it is.
    let silent = Rule::new(TransportFault::Silence).on("/namespaces/b/");
    cluster.faults().inject(silent);
    cluster.server().compact();
    let version = create_in(&cluster, "a", "2").await.resource_version().unwrap();
    let mut waiting = pin!(reader.wrote_at(&version));
    {
        let following = pin!(for_a_while(&env, 10, &mut following));
        let both = future::select(&mut waiting, following).await;
        assert!(
            matches!(both, future::Either::Right(_)),
            "`b` has not come so far"
        );
    }
    sender.unbounded_send(set("a")).unwrap();
    let before = env.monotonic();
    let following = pin!(for_a_while(&env, 10, &mut following));
    let both = future::select(waiting, following).await;
    assert!(
        matches!(both, future::Either::Left((Ok(()), _))),
        "it is asked no more"
    );
    assert!(env.monotonic() - before < Duration::from_secs(1));
}
