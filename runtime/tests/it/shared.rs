//! Stores that several follow.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::{StreamExt, future};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::ResourceExt;
use seatrial_runtime::{
    Controller, WatchStreamExt,
    controller::Action,
    reflector::{Change, store},
    watcher,
};

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
