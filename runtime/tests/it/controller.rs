//! Controllers: who is reconciled, when, and what goes wrong.

use std::{
    fmt,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, Stream, StreamExt, channel::oneshot};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::ResourceExt;
use seatrial_runtime::{
    Controller,
    controller::{Action, Config, Error},
    reflector::ObjectRef,
    watcher,
};
use seatrial_testkit::fault::{FlowFault, TransportFault, WatchFault};

use crate::support::{World, for_a_while, until_quiet};

/// What a reconciler does with an object of this name.
type Script = Box<dyn Fn(&str, usize) -> Plan + Send + Sync>;

/// What a run does.
enum Plan {
    /// Takes this long and answers this.
    Work(u64, Action),
    Fail,
    Panic,
    Hang,
}

/// What reconcilers share: a script, and a log of runs.
struct Ctx {
    world: World,
    script: Script,
    runs: Mutex<Vec<(u64, String)>>,
    running: Mutex<Vec<String>>,
    most_at_once: Mutex<usize>,
}

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed as planned")
    }
}

impl std::error::Error for Failed {}

impl Ctx {
    fn new(world: &World, script: impl Fn(&str, usize) -> Plan + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            world: world.clone(),
            script: Box::new(script),
            runs: Mutex::default(),
            running: Mutex::default(),
            most_at_once: Mutex::default(),
        })
    }

    /// Every run answers at once and waits for a change.
    fn idle(world: &World) -> Arc<Self> {
        Self::new(world, |_, _| Plan::Work(0, Action::await_change()))
    }

    /// The names in the order of their runs.
    fn names(&self) -> Vec<String> {
        self.runs
            .lock()
            .unwrap()
            .iter()
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// When `name` ran, in milliseconds since its first run.
    fn times(&self, name: &str) -> Vec<u64> {
        let runs = self.runs.lock().unwrap();
        let times: Vec<_> = runs
            .iter()
            .filter(|(_, other)| other == name)
            .map(|(at, _)| *at)
            .collect();
        times.iter().map(|at| at - times[0]).collect()
    }

    fn forget(&self) {
        self.runs.lock().unwrap().clear();
    }
}

async fn reconcile(object: Arc<ConfigMap>, ctx: Arc<Ctx>) -> Result<Action, Failed> {
    let name = object.name_any();
    let at = u64::try_from(ctx.world.now().as_millis()).unwrap();
    let nth = {
        let mut runs = ctx.runs.lock().unwrap();
        runs.push((at, name.clone()));
        runs.iter().filter(|(_, other)| *other == name).count()
    };
    {
        let mut running = ctx.running.lock().unwrap();
        assert!(!running.contains(&name), "{name} runs twice at once");
        running.push(name.clone());
        let mut most = ctx.most_at_once.lock().unwrap();
        *most = (*most).max(running.len());
    }
    let _end = End(&ctx, &name);
    match (ctx.script)(&name, nth) {
        Plan::Work(millis, action) => {
            ctx.world.env.sleep(Duration::from_millis(millis)).await;
            Ok(action)
        }
        Plan::Fail => Err(Failed),
        Plan::Panic => panic!("panicked as planned"),
        Plan::Hang => std::future::pending().await,
    }
}

/// Takes a run off the list however it ends.
struct End<'a>(&'a Ctx, &'a str);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.running.lock().unwrap().retain(|name| name != self.1);
    }
}

fn controller(world: &World) -> Controller<ConfigMap> {
    Controller::new(world.api::<ConfigMap>(), watcher::Config::default())
}

type Report = Result<(ObjectRef<ConfigMap>, Action), Error<Failed, watcher::Error>>;

fn run(controller: Controller<ConfigMap>, ctx: &Arc<Ctx>) -> impl Stream<Item = Report> + Unpin + use<> {
    controller.run_with_backoff(reconcile, ctx.clone())
}

fn show(reports: &[Report]) -> Vec<String> {
    let text = |report: &Report| match report {
        Ok((object, _)) => format!("ok {}", object.name),
        Err(error) => error.to_string(),
    };
    reports.iter().map(text).collect()
}

#[tokio::test(start_paused = true)]
async fn each_object_is_reconciled_and_then_each_that_changes() {
    let world = World::new(1);
    world.create("a").await;
    world.create("b").await;
    let ctx = Ctx::idle(&world);
    let mut stream = run(controller(&world), &ctx);
    assert_eq!(
        show(&until_quiet(&world.env, &mut stream).await),
        ["ok a", "ok b"]
    );
    world.touch("b", "1").await;
    world.create("c").await;
    assert_eq!(
        show(&until_quiet(&world.env, &mut stream).await),
        ["ok b", "ok c"]
    );
    world.delete("a").await;
    assert_eq!(
        show(&until_quiet(&world.env, &mut stream).await),
        ["ConfigMap.v1./a.default is not in the cache"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_a_controller_can_be_spawned() {
    fn is_send<T: Send>(stream: T) -> T {
        stream
    }
    let world = World::new(1);
    let ctx = Ctx::idle(&world);
    drop(is_send(run(controller(&world), &ctx)));
}

#[tokio::test(start_paused = true)]
async fn changes_during_a_run_are_one_more_run_after_it() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| Plan::Work(1000, Action::await_change()));
    let mut stream = pin!(run(controller(&world), &ctx).map(|_| ()));
    for_a_while(&world.env, 0, &mut stream).await;
    let script = async {
        world.env.sleep(Duration::from_millis(500)).await;
        for n in 0..10 {
            world.touch("a", &n.to_string()).await;
        }
        std::future::pending::<()>().await;
    };
    futures::future::select(pin!(script), pin!(for_a_while(&world.env, 10, &mut stream))).await;
    assert_eq!(ctx.times("a"), [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_bound_run_at_a_time() {
    for (config, expected) in [
        (Config::default(), 16),
        (Config::default().concurrency(3), 3),
        (Config::default().concurrency(0), 40),
    ] {
        let world = World::new(1);
        for n in 0..40 {
            world.create(&format!("cm-{n:02}")).await;
        }
        let ctx = Ctx::new(&world, |_, _| Plan::Work(100, Action::await_change()));
        let mut stream = run(controller(&world).with_config(config), &ctx);
        assert_eq!(until_quiet(&world.env, &mut stream).await.len(), 40);
        assert_eq!(*ctx.most_at_once.lock().unwrap(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_is_reconciled_again_when_it_asks_for_it() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| {
        Plan::Work(0, Action::requeue(Duration::from_secs(60)))
    });
    let mut stream = run(controller(&world), &ctx);
    for_a_while(&world.env, 200, &mut stream).await;
    assert_eq!(ctx.times("a"), [0, 60_000, 120_000, 180_000]);
}

#[tokio::test(start_paused = true)]
async fn regression_7_a_change_overtakes_a_requeue() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| {
        Plan::Work(0, Action::requeue(Duration::from_secs(3600)))
    });
    let mut stream = run(controller(&world), &ctx);
    for_a_while(&world.env, 10, &mut stream).await;
    world.touch("a", "1").await;
    for_a_while(&world.env, 3595, &mut stream).await;
    assert_eq!(ctx.times("a").len(), 2, "the change replaces the requeue");
    for_a_while(&world.env, 10, &mut stream).await;
    assert_eq!(ctx.times("a").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn regression_8_a_huge_requeue_is_never() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| Plan::Work(0, Action::requeue(Duration::MAX)));
    let mut stream = run(controller(&world), &ctx);
    for_a_while(&world.env, 7 * 24 * 3600, &mut stream).await;
    assert_eq!(ctx.times("a"), [0]);
}

#[tokio::test(start_paused = true)]
async fn regression_5_many_objects_that_requeue_all_come_round() {
    let world = World::new(1);
    for n in 0..300 {
        world.create(&format!("cm-{n:03}")).await;
    }
    let ctx = Ctx::new(&world, |_, _| {
        Plan::Work(50, Action::requeue(Duration::from_secs(10)))
    });
    let mut stream = run(
        controller(&world).with_config(Config::default().concurrency(2)),
        &ctx,
    );
    for_a_while(&world.env, 100, &mut stream).await;
    for n in 0..300 {
        let times = ctx.times(&format!("cm-{n:03}"));
        assert!(times.len() >= 5, "cm-{n:03} ran {} times", times.len());
    }
}

#[tokio::test(start_paused = true)]
async fn failures_wait_longer_each_time_and_success_forgets_them() {
    let world = World::new(1);
    world.create("a").await;
    world.create("b").await;
    let ctx = Ctx::new(&world, |name, nth| match (name, nth) {
        ("a", 6) | ("b", _) => Plan::Work(0, Action::await_change()),
        _ => Plan::Fail,
    });
    let mut stream = run(controller(&world), &ctx);
    let reports = for_a_while(&world.env, 60, &mut stream).await;
    assert_eq!(
        reports
            .iter()
            .filter(|report| matches!(report, Err(Error::ReconcilerFailed(..))))
            .count(),
        5
    );
    let times = ctx.times("a");
    let mut least = 200;
    for pair in times.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(
            gap >= least && gap <= least * 3 / 2 + 1,
            "{gap} ms where {least} ms is the least"
        );
        least *= 2;
    }
    assert_eq!(times.len(), 6);
    assert_eq!(ctx.times("b"), [0]);
    ctx.forget();
    world.touch("a", "1").await;
    for_a_while(&world.env, 1, &mut stream).await;
    let gap = ctx.times("a")[1];
    assert!(
        (200..=301).contains(&gap),
        "{gap} ms after the first failure since"
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_policy_decides_if_there_is_one() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| Plan::Fail);
    let policy = |_: Arc<ConfigMap>, _: &Failed, _: Arc<Ctx>| Action::requeue(Duration::from_secs(7));
    let mut stream = controller(&world).run(reconcile, policy, ctx.clone());
    for_a_while(&world.env, 20, &mut stream).await;
    assert_eq!(ctx.times("a"), [0, 7000, 14_000]);
}

#[tokio::test(start_paused = true)]
async fn defect_8_a_panic_is_the_error_of_its_object() {
    let world = World::new(1);
    world.create("a").await;
    world.create("b").await;
    let ctx = Ctx::new(&world, |name, nth| match (name, nth) {
        ("a", 1) => Plan::Panic,
        _ => Plan::Work(0, Action::await_change()),
    });
    let mut stream = run(controller(&world), &ctx);
    let mut reports = show(&for_a_while(&world.env, 5, &mut stream).await);
    reports.sort();
    assert_eq!(
        reports,
        [
            "ok a",
            "ok b",
            "reconciling ConfigMap.v1./a.default panicked: panicked as planned"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_hangs_is_dropped_after_its_time() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, nth| {
        if nth == 1 {
            Plan::Hang
        } else {
            Plan::Work(0, Action::await_change())
        }
    });
    let config = Config::default().reconcile_timeout(Duration::from_secs(5));
    let mut stream = run(controller(&world).with_config(config), &ctx);
    let reports = for_a_while(&world.env, 10, &mut stream).await;
    assert!(
        matches!(reports[0], Err(Error::ReconcilerTimedOut(..))),
        "{reports:?}"
    );
    assert_eq!(show(&reports[1..]), ["ok a"]);
}

#[tokio::test(start_paused = true)]
async fn owners_are_reconciled_when_what_they_own_changes() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    world.create("other").await;
    let ctx = Ctx::idle(&world);
    let mut stream = run(
        controller(&world).owns(world.api::<Secret>(), watcher::Config::default()),
        &ctx,
    );
    until_quiet(&world.env, &mut stream).await;
    ctx.forget();
    world.create_owned("s", &owner).await;
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(ctx.names(), ["owner"]);
    world.delete_secret("s").await;
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(ctx.names(), ["owner", "owner"]);
}

#[tokio::test(start_paused = true)]
async fn defect_5_owners_are_reconciled_for_what_vanished_in_a_gap() {
    let world = World::new(1);
    let owner = world.create("owner").await;
    world.create_owned("s", &owner).await;
    world.create_owned("kept", &owner).await;
    let ctx = Ctx::idle(&world);
    let mut stream = run(
        controller(&world).owns(world.api::<Secret>(), watcher::Config::default()),
        &ctx,
    );
    until_quiet(&world.env, &mut stream).await;
    ctx.forget();
    world.delete_secret("s").await;
    world.lose_history().await;
    for_a_while(&world.env, 10, &mut stream).await;
    assert_eq!(ctx.names(), ["owner"]);
    // A list that finds everything as it was is no reason to run.
    ctx.forget();
    world.lose_history().await;
    for_a_while(&world.env, 10, &mut stream).await;
    assert_eq!(ctx.names(), [] as [&str; 0]);
}

#[tokio::test(start_paused = true)]
async fn defect_7_one_broken_watch_stops_nothing_else() {
    let world = World::new(1);
    world.create("a").await;
    world.disturb("/secrets", usize::MAX, FlowFault::Forbidden);
    let ctx = Ctx::idle(&world);
    let mut stream = run(
        controller(&world).owns(world.api::<Secret>(), watcher::Config::default()),
        &ctx,
    );
    for round in 0..20 {
        let reports = for_a_while(&world.env, 10, &mut stream).await;
        assert!(
            reports
                .iter()
                .all(|report| matches!(report, Ok(_) | Err(Error::QueueError(_)))),
            "{reports:?}"
        );
        ctx.forget();
        let before = world.now();
        world.touch("a", &round.to_string()).await;
        while ctx.names().is_empty() {
            stream.next().await;
        }
        assert_eq!(world.now(), before, "the change was seen at once");
    }
}

#[tokio::test(start_paused = true)]
async fn other_objects_lead_where_the_mapper_says() {
    let world = World::new(1);
    for name in ["a", "b"] {
        world.create(name).await;
    }
    let ctx = Ctx::idle(&world);
    let watched = controller(&world).watches(world.api::<Secret>(), watcher::Config::default(), |secret| {
        secret
            .name_any()
            .split('-')
            .map(|name| ObjectRef::new(name).within("default"))
            .collect::<Vec<_>>()
    });
    let mut stream = run(watched, &ctx);
    until_quiet(&world.env, &mut stream).await;
    ctx.forget();
    let owner = world.create("owner").await;
    until_quiet(&world.env, &mut stream).await;
    ctx.forget();
    world.create_owned("a-b", &owner).await;
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(ctx.names(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn objects_can_be_named_from_outside_one_or_all() {
    let world = World::new(1);
    for name in ["a", "b"] {
        world.create(name).await;
    }
    let ctx = Ctx::idle(&world);
    let (one, ones) = futures::channel::mpsc::unbounded();
    let (all, alls) = futures::channel::mpsc::unbounded();
    let mut stream = run(controller(&world).reconcile_on(ones).reconcile_all_on(alls), &ctx);
    until_quiet(&world.env, &mut stream).await;
    ctx.forget();
    one.unbounded_send(ObjectRef::new("b").within("default")).unwrap();
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(ctx.names(), ["b"]);
    all.unbounded_send(()).unwrap();
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(ctx.names(), ["b", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn debouncing_makes_many_changes_one_run() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::idle(&world);
    let config = Config::default().debounce(Duration::from_secs(1));
    let mut stream = run(controller(&world).with_config(config), &ctx);
    for_a_while(&world.env, 5, &mut stream).await;
    ctx.forget();
    for n in 0..5 {
        world.touch("a", &n.to_string()).await;
        // Less than the second that has to be quiet.
        until_quiet(&world.env, &mut stream).await;
    }
    for_a_while(&world.env, 5, &mut stream).await;
    assert_eq!(ctx.names(), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_graceful_shutdown_finishes_what_runs_and_begins_nothing() {
    let world = World::new(1);
    for n in 0..10 {
        world.create(&format!("cm-{n}")).await;
    }
    let ctx = Ctx::new(&world, |_, _| Plan::Work(2000, Action::await_change()));
    let (stop, stopped) = oneshot::channel::<()>();
    let config = Config::default().concurrency(3);
    let controller = controller(&world)
        .with_config(config)
        .graceful_shutdown_on(stopped.map(|_| ()));
    let all = run(controller, &ctx).collect::<Vec<_>>();
    let script = async {
        world.env.sleep(Duration::from_secs(1)).await;
        stop.send(()).unwrap();
    };
    let before = world.now();
    let (reports, ()) = futures::future::join(all, script).await;
    assert_eq!(show(&reports), ["ok cm-0", "ok cm-1", "ok cm-2"]);
    assert_eq!((world.now() - before).as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_ever_if_told_not_to() {
    let world = World::new(1);
    world.create("a").await;
    let ctx = Ctx::new(&world, |_, _| Plan::Hang);
    let config = Config::default().shutdown_timeout(Duration::from_secs(30));
    let stop = world.env.sleep(Duration::from_secs(10));
    let controller = controller(&world)
        .with_config(config)
        .graceful_shutdown_on(SyncFuture(Mutex::new(stop)));
    let before = world.now();
    assert!(run(controller, &ctx).collect::<Vec<_>>().await.is_empty());
    assert_eq!((world.now() - before).as_secs(), 40);
}

/// A timer that can be looked at from several threads, which is asked for and never done.
struct SyncFuture<F>(Mutex<F>);

impl<F: Future + Unpin> Future for SyncFuture<F> {
    type Output = F::Output;

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<F::Output> {
        self.0.lock().unwrap().poll_unpin(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn one_seed_gives_one_history() {
    async fn history(seed: u64) -> (Vec<String>, Vec<(u64, String)>) {
        let world = World::new(seed);
        let owner = world.create("owner").await;
        for n in 0..30 {
            world.create(&format!("cm-{n:02}")).await;
            world.create_owned(&format!("s-{n:02}"), &owner).await;
        }
        world.disturb("/secrets", 3, TransportFault::Refused);
        world.disturb("/configmaps?watch", 2, WatchFault::Empty);
        let ctx = Ctx::new(&world, |name, nth| match (name.len(), nth % 3) {
            (5, 0) => Plan::Work(10, Action::requeue(Duration::from_secs(20))),
            (_, 1) => Plan::Fail,
            _ => Plan::Work(35, Action::backoff()),
        });
        let mut stream = run(
            controller(&world).owns(world.api::<Secret>(), watcher::Config::default()),
            &ctx,
        );
        for n in 0..10 {
            for_a_while(&world.env, 30, &mut stream).await;
            world.touch("cm-05", &n.to_string()).await;
            world.lose_history().await;
        }
        let runs = ctx.runs.lock().unwrap().clone();
        (world.log(""), runs)
    }
    let (first, again, other) = (history(7).await, history(7).await, history(8).await);
    assert!(
        first.0.len() > 20 && first.1.len() > 100,
        "{} requests, {} runs",
        first.0.len(),
        first.1.len()
    );
    assert_eq!(first, again);
    assert_ne!(first, other, "jitter comes from the seed");
}
