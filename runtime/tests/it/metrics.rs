//! What controllers and watches tell about themselves, on virtual time.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, StreamExt, future, stream::BoxStream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{Api, Env, ResourceExt, api::PostParams};
use seatrial_runtime::{
    Controller,
    controller::{Action, Config, Metrics, ReconcileResult},
    lease::Election,
    watcher::{self, Event, Health, watcher},
};
use seatrial_testkit::{
    FakeCluster,
    fault::{CoordinationFault, FlowFault, Rule, TransportFault, WatchFault},
};

use crate::{
    life::undisturbed,
    support::{World, for_a_while, until_quiet},
};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Everything that was told.
#[derive(Default)]
struct Told {
    depths: Mutex<Vec<usize>>,
    latencies: Mutex<Vec<u64>>,
    results: Mutex<Vec<(ReconcileResult, u64)>>,
    retries: Mutex<Vec<Duration>>,
    watches: Mutex<Vec<(String, Health)>>,
    /// What would become labels of time series: the method, and each text that it was given.
    labels: Mutex<BTreeSet<[String; 3]>>,
}

impl Told {
    fn label(&self, method: &str, controller: &str, other: &str) {
        let label = [method, controller, other].map(str::to_owned);
        self.labels.lock().unwrap().insert(label);
    }

    /// The results since the last look, with their seconds.
    fn results(&self) -> Vec<(ReconcileResult, u64)> {
        std::mem::take(&mut self.results.lock().unwrap())
    }

    fn depths(&self) -> Vec<usize> {
        std::mem::take(&mut self.depths.lock().unwrap())
    }
}

impl Metrics for Told {
    fn queue_depth(&self, controller: &str, depth: usize) {
        self.label("depth", controller, "");
        self.depths.lock().unwrap().push(depth);
    }

    fn queue_latency(&self, controller: &str, waited: Duration) {
        self.label("latency", controller, "");
        self.latencies.lock().unwrap().push(waited.as_secs());
    }

    fn reconciled(&self, controller: &str, result: ReconcileResult, took: Duration) {
        self.label("reconciled", controller, result.as_str());
        self.results.lock().unwrap().push((result, took.as_secs()));
    }

    fn retrying(&self, controller: &str, delay: Duration) {
        self.label("retrying", controller, "");
        self.retries.lock().unwrap().push(delay);
    }

    fn watching(&self, controller: &str, watch: &str, health: &Health) {
        self.label("watching", controller, watch);
        self.watches
            .lock()
            .unwrap()
            .push((watch.to_owned(), health.clone()));
    }
}

fn controller(world: &World, told: &Arc<Told>) -> Controller<ConfigMap> {
    Controller::new(world.api::<ConfigMap>(), watcher::Config::default())
        .with_metrics(Arc::clone(told) as Arc<dyn Metrics>)
}

/// Does with an object what its name says.
fn obey(controller: Controller<ConfigMap>, env: &Env) -> BoxStream<'static, ()> {
    let env = env.clone();
    let reconcile = move |object: Arc<ConfigMap>, _: Arc<()>| {
        let (work, name) = (env.sleep(secs(3)), object.name_any());
        async move {
            let kind = name.split('-').next().unwrap_or_default();
            if kind == "hangs" {
                future::pending::<()>().await;
            }
            work.await;
            match kind {
                "fails" => Err(std::io::Error::other(format!("{name} as planned"))),
                "panics" => panic!("{name} as planned"),
                "again" => Ok(Action::requeue(secs(3600))),
                _ => Ok(Action::await_change()),
            }
        }
        .boxed()
    };
    let reports = controller.run_with_backoff(reconcile, Arc::new(()));
    reports.map(drop).boxed()
}

#[tokio::test(start_paused = true)]
async fn each_end_of_a_run_is_told_with_how_long_it_took() {
    for (name, result, took) in [
        ("works", ReconcileResult::Success, 3),
        ("again", ReconcileResult::Requeue, 3),
        ("fails", ReconcileResult::Error, 3),
        ("panics", ReconcileResult::Panic, 3),
        ("hangs", ReconcileResult::Timeout, 10),
    ] {
        let (world, told) = (World::new(1), Arc::new(Told::default()));
        world.create(name).await;
        let config = Config::default().reconcile_timeout(secs(10));
        let mut stream = obey(controller(&world, &told).with_config(config), &world.env);
        stream.next().await;
        assert_eq!(told.results(), [(result, took)], "{name}");
        let failure = !matches!(result, ReconcileResult::Success | ReconcileResult::Requeue);
        assert_eq!(result.is_failure(), failure);
    }
}

#[tokio::test(start_paused = true)]
async fn each_retry_is_told_with_its_delay_and_nothing_else_is() {
    let (world, told) = (World::new(1), Arc::new(Told::default()));
    for kind in ["works", "again", "fails"] {
        world.create(kind).await;
    }
    let mut stream = obey(controller(&world, &told), &world.env);
    for_a_while(&world.env, 4000, &mut stream).await;
    let results = told.results();
    let failed = results.iter().filter(|(result, _)| result.is_failure()).count();
    assert!(results.len() > failed + 2, "the others ran as well: {results:?}");
    let retries = std::mem::take(&mut *told.retries.lock().unwrap());
    assert_eq!(retries.len(), failed);
    // They grow to some minutes.
    assert!(failed > 8 && retries[0] * 8 < retries[failed - 1], "{retries:?}");

    // What a policy of one's own says counts as well, unless it says never.
    for (action, expected) in [
        (Action::requeue(secs(7)), Some(secs(7))),
        (Action::await_change(), None),
    ] {
        let (world, told) = (World::new(1), Arc::new(Told::default()));
        world.create("fails").await;
        let mut stream = controller(&world, &told)
            .run(
                async |_, _| Err(std::io::Error::other("as planned")),
                move |_, _, _| action.clone(),
                Arc::new(()),
            )
            .boxed();
        for_a_while(&world.env, 3, &mut stream).await;
        assert_eq!(told.retries.lock().unwrap().first().copied(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_fenced_is_told_and_is_no_failure() {
    let (world, told) = (World::new(1), Arc::new(Told::default()));
    world.create("hangs").await;
    let election = Election::new(world.client(), "default", "operator", "a");
    let controller = controller(&world, &told).led_by(election.leadership());
    let reconciling = obey(controller, &world.env).for_each(|()| future::ready(()));
    let mut running = pin!(future::join(election.run(future::pending()), reconciling));
    assert!(world.env.timeout(secs(5), &mut running).await.is_err());
    world.disturb("/leases/", 1, CoordinationFault::LeaseTaken { by: "stranger" });
    assert!(world.env.timeout(secs(10), &mut running).await.is_err());
    let results = told.results();
    assert!(
        matches!(results[..], [(ReconcileResult::Fenced, 5..=7)]),
        "{results:?}"
    );
    assert!(!ReconcileResult::Fenced.is_failure());
}

#[tokio::test(start_paused = true)]
async fn the_depth_of_a_queue_is_told_while_nothing_can_run() {
    let (world, told) = (World::new(1), Arc::new(Told::default()));
    world.create("hangs").await;
    let config = Config::default().concurrency(1);
    let mut stream = obey(controller(&world, &told).with_config(config), &world.env);
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(told.depths(), [0; 0], "nothing ever waited");
    for n in 0..5 {
        world.create(&format!("works-{n}")).await;
    }
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(told.depths(), [5], "though no run began or ended");
    world.create("works-5").await;
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(told.depths(), [6]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_time_is_not_in_the_depth_and_what_is_late_is_in_the_latency() {
    let (world, told) = (World::new(1), Arc::new(Told::default()));
    for n in 0..4 {
        world.create(&format!("again-{n}")).await;
    }
    let config = Config::default().concurrency(2);
    let mut stream = obey(controller(&world, &told).with_config(config), &world.env);
    for_a_while(&world.env, 60, &mut stream).await;
    // Two had to wait for a place, and then all for their hour.
    let depths = told.depths();
    assert_eq!(
        (depths.iter().max(), depths.last()),
        (Some(&2), Some(&0)),
        "{depths:?}"
    );
    assert_eq!(*told.latencies.lock().unwrap(), [0, 0, 3, 3]);
    for_a_while(&world.env, 3600, &mut stream).await;
    assert_eq!(told.results().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn labels_are_as_many_as_controllers_watches_and_results_whatever_happens() {
    let (world, told) = (World::new(1), Arc::new(Told::default()));
    let config = Config::default().reconcile_timeout(secs(10)).concurrency(2);
    let one = controller(&world, &told)
        .named("one")
        .with_config(config.clone())
        .owns(world.api::<Secret>(), watcher::Config::default());
    let two = controller(&world, &told).named("two").with_config(config);
    let mut stream = futures::stream::select(obey(one, &world.env), obey(two, &world.env)).boxed();
    for round in 0..20 {
        let mut owner = None;
        for kind in ["works", "again", "fails", "panics", "hangs"] {
            owner = Some(world.create(&format!("{kind}-{round}")).await);
        }
        world
            .create_owned(&format!("owned-{round}"), &owner.unwrap())
            .await;
        match round % 4 {
            0 => world.lose_history().await,
            1 => world.disturb("watch=", 4, WatchFault::End { after: 0 }),
            2 => world.disturb("GET", 4, TransportFault::Refused),
            _ => world.disturb("watch=", 2, FlowFault::Forbidden),
        }
        for_a_while(&world.env, 100, &mut stream).await;
        world.delete(&format!("fails-{round}")).await;
    }
    assert!(told.results().len() > 500);
    let labels = told.labels.lock().unwrap();
    let of = |method: &str| -> Vec<(String, String)> {
        let labels = labels.iter().filter(|[held, ..]| held == method);
        labels
            .map(|[_, controller, other]| (controller.clone(), other.clone()))
            .collect()
    };
    let pair = |controller: &str, other: &str| (controller.to_owned(), other.to_owned());
    assert_eq!(of("depth"), [pair("one", ""), pair("two", "")]);
    assert_eq!(of("latency"), of("depth"));
    assert_eq!(of("retrying"), of("depth"));
    let (configs, secrets) = (
        "/api/v1/namespaces/default/configmaps",
        "/api/v1/namespaces/default/secrets",
    );
    assert_eq!(
        of("watching"),
        [pair("one", configs), pair("one", secrets), pair("two", configs)]
    );
    assert_eq!(told.watches.lock().unwrap().len(), 3, "each was told once");
    let results = ["error", "panic", "requeue", "success", "timeout"];
    let expected: Vec<_> = ["one", "two"]
        .iter()
        .flat_map(|controller| results.map(|result| pair(controller, result)))
        .collect();
    assert_eq!(of("reconciled"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_its_age_its_lists_and_its_failures() {
    let (cluster, told) = (FakeCluster::new(), Arc::new(Told::default()));
    let (env, theirs) = (
        cluster.env().clone(),
        Api::<ConfigMap>::default_namespaced(undisturbed(&cluster)),
    );
    let watched = Api::<ConfigMap>::default_namespaced(cluster.client());
    let controller = Controller::new(watched, watcher::Config::default().fields("metadata.name=works"))
        .with_metrics(Arc::clone(&told) as Arc<dyn Metrics>);
    let mut stream = obey(controller, &env);
    for_a_while(&env, 1, &mut stream).await;
    let health = told.watches.lock().unwrap()[0].1.clone();
    assert!(health.is_synced() && !health.is_stale() && health.relists() == 0);
    // It ages while nothing is heard, and is new again with an event.
    for_a_while(&env, 29, &mut stream).await;
    assert_eq!(health.last_event_age(), Some(secs(30)));
    let mut object = ConfigMap::default();
    object.metadata.name = Some("works".to_owned());
    theirs.create(&PostParams::default(), &object).await.unwrap();
    for_a_while(&env, 4, &mut stream).await;
    assert_eq!(health.last_event_age(), Some(secs(4)));
    // A bookmark counts, so that the watch of an object that nobody changes is never much older than a minute.
    let elsewhere = Api::<ConfigMap>::namespaced(undisturbed(&cluster), "kube-system");
    for n in 0..60 {
        object.metadata.name = Some(format!("other-{n}"));
        elsewhere.create(&PostParams::default(), &object).await.unwrap();
        for_a_while(&env, 10, &mut stream).await;
        let age = health.last_event_age().unwrap();
        assert!(age < secs(90), "{age:?}");
    }
    // One that does not come back says so, and goes on ageing.
    cluster.server().compact();
    cluster.faults().inject(Rule::new(TransportFault::Refused));
    for_a_while(&env, 1000, &mut stream).await;
    assert!(health.is_synced() && health.is_stale());
    assert!(health.failures() > 5, "{}", health.failures());
    assert!(health.last_event_age().unwrap() >= secs(600));
    let error = health.last_error().unwrap();
    assert!(error.contains("could not be opened"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_health_counts_lists_and_forgets_what_is_over() {
    let world = World::new(1);
    let mut events = watcher(world.api::<ConfigMap>(), watcher::Config::default());
    let health = events.health();
    assert_eq!((health.last_event_age(), health.is_synced()), (None, false));
    world.disturb("GET", 3, TransportFault::Refused);
    let told = for_a_while(&world.env, 60, &mut events).await;
    assert!(told.iter().any(|event| matches!(event, Ok(Event::InitDone))));
    assert_eq!((health.failures(), health.last_error()), (0, None));
    for lists in 1..4 {
        world.lose_history().await;
        for_a_while(&world.env, 60, &mut events).await;
        assert_eq!(health.relists(), lists);
    }
    // What was known last is still answered, and grows older, once the watch is gone.
    drop(events);
    world.env.sleep(secs(1000)).await;
    assert!(health.is_synced() && health.last_event_age().unwrap() >= secs(1000));
}

#[tokio::test(start_paused = true)]
async fn a_controller_tells_whether_it_is_ready_and_whether_it_has_ended() {
    let world = World::new(1);
    world.create("works").await;
    world.disturb("/configmaps?", 5, TransportFault::Refused);
    let stop = world.env.sleep(secs(100)).shared();
    let controller = Controller::new(world.api::<ConfigMap>(), watcher::Config::default())
        .owns(world.api::<Secret>(), watcher::Config::default())
        .graceful_shutdown_on(stop);
    let health = controller.health();
    assert!(!health.is_ready() && !health.is_ended() && health.watches().is_empty());
    let mut stream = obey(controller, &world.env);
    for_a_while(&world.env, 2, &mut stream).await;
    // The secrets are there, and the controller's own objects are not.
    let synced: Vec<_> = health
        .watches()
        .iter()
        .map(|(_, watch)| watch.is_synced())
        .collect();
    assert_eq!(
        (synced.as_slice(), health.is_ready()),
        ([false, true].as_slice(), false)
    );
    for_a_while(&world.env, 90, &mut stream).await;
    assert!(health.is_ready() && !health.is_ended());
    while stream.next().await.is_some() {}
    assert!(health.is_ended() && !health.is_ready());
}
