//! What bit users of controllers before, where no other file is the place for it.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt, future};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap};
use seatrial_client::{
    Api, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller, PredicateConfig, WatchStreamExt,
    controller::{Action, Config, Error},
    predicates,
    reflector::store,
    watcher::{self, watcher},
};
use serde_json::json;

use crate::support::{World, for_a_while, until_quiet};

type Runs = Arc<Mutex<Vec<String>>>;

#[tokio::test(start_paused = true)]
async fn regression_4_a_change_while_everything_is_busy_is_not_lost() {
    let world = World::new(1);
    for n in 0..20 {
        world.create(&format!("cm-{n:02}")).await;
    }
    let (runs, env) = (Runs::default(), world.env.clone());
    let reconcile = move |object: Arc<ConfigMap>, runs: Runs| {
        let work = env.sleep(Duration::from_secs(1));
        async move {
            let value = object.data.as_ref().map_or("-", |data| data["value"].as_str());
            runs.lock()
                .unwrap()
                .push(format!("{} {value}", object.name_any()));
            work.await;
            Ok::<_, std::io::Error>(Action::await_change())
        }
    };
    let controller = Controller::new(world.api::<ConfigMap>(), watcher::Config::default())
        .with_config(Config::default().concurrency(1));
    let mut stream = pin!(controller.run_with_backoff(reconcile, Arc::clone(&runs)));
    // Half of them changed before their first run, the others after it, all while the only place is taken.
    for_a_while(&world.env, 10, &mut stream).await;
    for n in 0..20 {
        world.touch(&format!("cm-{n:02}"), "1").await;
    }
    for_a_while(&world.env, 60, &mut stream).await;
    let runs = runs.lock().unwrap();
    for n in 0..20 {
        assert!(runs.contains(&format!("cm-{n:02} 1")), "{n}: {runs:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn regression_6_the_outcome_of_a_run_is_told_without_another_event() {
    let world = World::new(1);
    world.create("a").await;
    let fail = |_: Arc<ConfigMap>, _: Arc<()>| future::ready(Err(std::io::Error::other("as planned")));
    let controller = Controller::new(world.api::<ConfigMap>(), watcher::Config::default());
    let mut stream = pin!(controller.run_with_backoff(fail, Arc::new(())));
    let before = world.now();
    let first = stream.next().await.unwrap();
    assert!(matches!(first, Err(Error::ReconcilerFailed(..))));
    assert_eq!(world.now(), before);
}

/// A Deployment of generation 1.
async fn create(world: &World, name: &str) -> Api<Deployment> {
    let deployment = serde_json::from_value(json!({
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "c:1"}]},
        }},
    }))
    .unwrap();
    let api = world.api::<Deployment>();
    api.create(&PostParams::default(), &deployment).await.unwrap();
    api
}

/// What a controller runs for whose objects are filtered by their generation.
async fn filtered(world: &World, script: impl AsyncFnOnce(Api<Deployment>, &mut dyn FnMut())) -> Vec<String> {
    let (reader, writer) = store();
    let events = watcher(world.api::<Deployment>(), watcher::Config::default());
    let trigger = events.reflect(writer).touched_objects().predicate_filter(
        predicates::generation,
        PredicateConfig::default().env(world.env.clone()),
    );
    let runs = Runs::default();
    let note = |object: Arc<Deployment>, runs: Runs| {
        runs.lock()
            .unwrap()
            .push(format!("{} {}", object.name_any(), object.uid().unwrap()));
        future::ready(Ok::<_, std::io::Error>(Action::await_change()))
    };
    let mut stream = Box::pin(
        Controller::for_stream(trigger, reader)
            .with_env(world.env.clone())
            .run_with_backoff(note, Arc::clone(&runs)),
    );
    let api = create(world, "web").await;
    until_quiet(&world.env, &mut stream).await;
    script(api, &mut || runs.lock().unwrap().push("--".to_owned())).await;
    for report in until_quiet(&world.env, &mut stream).await {
        if let Err(Error::ObjectNotFound(object)) = report {
            runs.lock().unwrap().push(format!("{} is gone", object.name));
        }
    }
    drop(stream);
    runs.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn regression_10_an_object_that_comes_again_with_the_same_generation_passes_the_filter() {
    let world = World::new(1);
    let runs = filtered(&world, async |api, mark| {
        mark();
        let status = Patch::Merge(json!({"status": {"replicas": 0, "observedGeneration": 1}}));
        api.patch_status("web", &PatchParams::default(), &status)
            .await
            .unwrap();
        api.delete("web", &DeleteParams::default()).await.unwrap();
        create(&world, "web").await;
    })
    .await;
    // Whether anybody looked in between is not the point.
    let ran: Vec<_> = runs.iter().filter(|run| !run.ends_with("is gone")).collect();
    assert_eq!(ran.len(), 3, "{runs:?}");
    assert_ne!(ran[0], ran[2], "another UID");
}

#[tokio::test(start_paused = true)]
async fn regression_11_a_deletion_passes_the_filter() {
    let world = World::new(1);
    let runs = filtered(&world, async |api, mark| {
        mark();
        api.delete("web", &DeleteParams::default()).await.unwrap();
    })
    .await;
    assert_eq!(runs[1..], ["--", "web is gone"]);
}
