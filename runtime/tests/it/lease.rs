//! Leader election and shards: who works on what, under pauses, crashes and clock jumps; under any of them, in `property.rs`.

mod property;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    task::Context,
    time::Duration,
};

use futures::{FutureExt, StreamExt, channel::oneshot, future::BoxFuture};
use k8s_openapi::{
    api::{coordination::v1::Lease, core::v1::ConfigMap},
    jiff::{SignedDuration, Timestamp},
};
use proptest::prelude::*;
use seatrial_client::{
    Api, Env, ResourceExt,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
    env::Ambient,
};
use seatrial_runtime::{
    Controller,
    controller::{Action, Config},
    lease::{Election, Leadership, NotLeader, Shards},
    watcher,
};
use seatrial_testkit::{
    FakeCluster,
    fault::{CoordinationFault, Fault, Rule, TransportFault, WatchFault, WriteFault},
};

pub(crate) const LEASE: Duration = Duration::from_secs(15);
pub(crate) const RETRY: Duration = Duration::from_secs(2);

/// The clock of one process: its wall clock may be anywhere, and its chance is its own.
struct OwnClock {
    env: Env,
    offset_millis: Arc<AtomicI64>,
    seed: u64,
}

impl Ambient for OwnClock {
    fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_millis.load(Ordering::SeqCst));
        self.env.now().saturating_add(offset).unwrap_or(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.env.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.env.sleep(duration))
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}

/// What runs at present, in all processes together.
#[derive(Default)]
struct Runs {
    /// By key: who.
    now: Mutex<BTreeMap<String, String>>,
    /// Who began, when, on what.
    begun: Mutex<Vec<(Duration, String, String)>>,
    takes: AtomicU64,
    /// Processes that do nothing, and have not been polled since.
    paused: Mutex<BTreeSet<String>>,
}

struct Run {
    runs: Arc<Runs>,
    who: String,
    key: String,
}

impl Runs {
    fn begin(self: &Arc<Self>, at: Duration, who: &str, key: &str) -> Run {
        let other = self.now.lock().unwrap().insert(key.to_owned(), who.to_owned());
        // What a paused process had under way does nothing, and must do nothing when it goes on.
        let other = other.filter(|other| !self.paused.lock().unwrap().contains(other));
        assert_eq!(
            other, None,
            "{key} is reconciled by {who} at {at:?} while another does"
        );
        self.begun
            .lock()
            .unwrap()
            .push((at, who.to_owned(), key.to_owned()));
        Run {
            runs: Arc::clone(self),
            who: who.to_owned(),
            key: key.to_owned(),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut now = self.runs.now.lock().unwrap();
        if now.get(&self.key) == Some(&self.who) {
            now.remove(&self.key);
        }
    }
}

impl Run {
    /// Something that a reconciler does half-way.
    fn goes_on(&self) {
        let now = self.runs.now.lock().unwrap();
        assert_eq!(
            now.get(&self.key),
            Some(&self.who),
            "{} goes on with {}",
            self.who,
            self.key
        );
    }
}

/// What a process takes part in.
#[derive(Clone, Copy)]
enum By {
    Election,
    Shards(usize),
}

/// A replica of the operator: an election and a controller, which can be paused, crashed and stopped.
struct Replica {
    name: String,
    work: Option<BoxFuture<'static, ()>>,
    stop: Option<oneshot::Sender<()>>,
    leadership: Leadership,
    offset_millis: Arc<AtomicI64>,
    paused: bool,
    runs: Arc<Runs>,
}

impl Replica {
    fn start(cluster: &FakeCluster, runs: &Arc<Runs>, name: &str, by: By) -> Self {
        let offset_millis = Arc::new(AtomicI64::new(0));
        let seed = name.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte));
        let env = Env::new(OwnClock {
            env: cluster.env().clone(),
            offset_millis: Arc::clone(&offset_millis),
            seed,
        });
        let client = cluster.client().with_env(env.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = stopped.map(drop).shared();
        let (leadership, election): (_, BoxFuture<'static, ()>) = match by {
            By::Election => {
                let election = Election::new(client.clone(), "default", "operator", name);
                (election.leadership(), election.run(stopped.clone()).boxed())
            }
            By::Shards(count) => {
                let shards = Shards::new(client.clone(), "default", "operator", name, count);
                (shards.leadership(), shards.run(stopped.clone()).boxed())
            }
        };
        let (all_runs, runs, who) = (Arc::clone(runs), Arc::clone(runs), name.to_owned());
        let reconcile = move |object: Arc<ConfigMap>, env: Arc<Env>| {
            let (runs, who) = (Arc::clone(&runs), who.clone());
            async move {
                let run = runs.begin(env.monotonic(), &who, &object.name_any());
                env.sleep(Duration::from_millis(runs.takes.load(Ordering::SeqCst)))
                    .await;
                run.goes_on();
                Ok::<_, std::io::Error>(Action::requeue(Duration::from_secs(1)))
            }
        };
        let controller = Controller::new(Api::default_namespaced(client), watcher::Config::default())
            .with_config(Config::default().concurrency(4))
            .led_by(leadership.clone())
            .graceful_shutdown_on(stopped)
            .run_with_backoff(reconcile, Arc::new(env))
            .for_each(|_| std::future::ready(()));
        Self {
            name: name.to_owned(),
            work: Some(futures::future::join(election, controller).map(drop).boxed()),
            stop: Some(stop),
            leadership,
            offset_millis,
            paused: false,
            runs: all_runs,
        }
    }

    fn crash(&mut self) {
        self.work = None;
    }

    fn pause(&mut self) {
        self.paused = true;
        self.runs.paused.lock().unwrap().insert(self.name.clone());
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        if self.paused {
            return;
        }
        if let Some(work) = &mut self.work
            && work.poll_unpin(cx).is_ready()
        {
            self.work = None;
        }
        self.runs.paused.lock().unwrap().remove(&self.name);
    }
}

/// Runs the replicas for so long.
async fn pass(env: &Env, replicas: &mut [Replica], millis: u64) {
    let mut end = env.sleep(Duration::from_millis(millis));
    std::future::poll_fn(|cx| {
        for replica in &mut *replicas {
            replica.poll(cx);
        }
        pin!(&mut end).poll(cx)
    })
    .await;
    // Nobody leads together with another, whatever was done to them.
    for slot in 0..8 {
        let holders: Vec<_> = replicas
            .iter()
            .filter(|replica| replica.work.is_some() && replica.leadership.held().contains(&slot))
            .map(|replica| replica.name.as_str())
            .collect();
        assert!(holders.len() <= 1, "slot {slot} is held by {holders:?}");
    }
}

async fn cluster_with(objects: usize) -> FakeCluster {
    let cluster = FakeCluster::new();
    let api = Api::<ConfigMap>::default_namespaced(cluster.client());
    for n in 0..objects {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(format!("cm-{n}"));
        api.create(&PostParams::default(), &object).await.unwrap();
    }
    cluster
}

fn last_by(runs: &Runs) -> Option<String> {
    runs.begun.lock().unwrap().last().map(|(_, who, _)| who.clone())
}

#[tokio::test(start_paused = true)]
async fn one_leads_and_the_other_takes_over_in_time_when_it_crashes() {
    let cluster = cluster_with(3).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 30_000).await;
    let leader = last_by(&runs).unwrap();
    assert!(
        runs.begun
            .lock()
            .unwrap()
            .iter()
            .all(|(_, who, _)| *who == leader)
    );
    let crashed_at = env.monotonic();
    replicas
        .iter_mut()
        .find(|replica| replica.name == leader)
        .unwrap()
        .crash();
    pass(&env, &mut replicas, 60_000).await;
    let took_over = runs
        .begun
        .lock()
        .unwrap()
        .iter()
        .find(|(_, who, _)| *who != leader)
        .unwrap()
        .0;
    assert!(
        took_over - crashed_at <= LEASE + RETRY,
        "{:?}",
        took_over - crashed_at
    );
    // The caches were warm: everything was looked at at once.
    let begun = runs.begun.lock().unwrap();
    assert_eq!(begun.iter().filter(|(at, ..)| *at == took_over).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_ends_in_order_hands_over_at_once_and_only_when_its_work_is_done() {
    let cluster = cluster_with(2).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    runs.takes.store(20_000, Ordering::SeqCst);
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 5_000).await;
    let leader = last_by(&runs).unwrap();
    let asked_at = env.monotonic();
    let ending = replicas
        .iter_mut()
        .find(|replica| replica.name == leader)
        .unwrap();
    ending.stop.take().unwrap().send(()).unwrap();
    pass(&env, &mut replicas, 60_000).await;
    assert!(replicas.iter().any(|replica| replica.work.is_none()), "it ended");
    let took_over = runs
        .begun
        .lock()
        .unwrap()
        .iter()
        .find(|(_, who, _)| *who != leader)
        .unwrap()
        .0;
    // The runs of twenty seconds were finished: longer than the lease would have held without renewal.
    assert!(
        took_over - asked_at > Duration::from_secs(14),
        "{:?}",
        took_over - asked_at
    );
    assert!(took_over - asked_at <= Duration::from_secs(20) + RETRY);
    let leases = Api::<Lease>::default_namespaced(cluster.client());
    assert!(
        leases
            .get("operator")
            .await
            .unwrap()
            .spec
            .unwrap()
            .lease_transitions
            .unwrap()
            >= 1
    );
}

#[tokio::test(start_paused = true)]
async fn f1_a_leader_that_was_paused_past_its_lease_begins_and_goes_on_with_nothing() {
    let cluster = cluster_with(3).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    runs.takes.store(5_000, Ordering::SeqCst);
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 3_000).await;
    let leader = last_by(&runs).unwrap();
    let index = replicas
        .iter()
        .position(|replica| replica.name == leader)
        .unwrap();
    // Its runs are under way and hang.
    replicas[index].pause();
    pass(&env, &mut replicas, 60_000).await;
    let other = last_by(&runs).unwrap();
    assert_ne!(other, leader);
    replicas[index].paused = false;
    let resumed_at = env.monotonic();
    pass(&env, &mut replicas, 60_000).await;
    let begun = runs.begun.lock().unwrap();
    assert!(
        begun
            .iter()
            .filter(|(at, ..)| *at >= resumed_at)
            .all(|(_, who, _)| *who == other)
    );
}

#[tokio::test(start_paused = true)]
async fn f1_runs_of_an_earlier_term_end_even_if_the_lease_is_free_when_the_process_goes_on() {
    let cluster = cluster_with(1).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    runs.takes.store(40_000, Ordering::SeqCst);
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 3_000).await;
    let leader = last_by(&runs).unwrap();
    let (index, other) = if leader == "a" { (0, 1) } else { (1, 0) };
    replicas[index].pause();
    pass(&env, &mut replicas, 30_000).await;
    assert_ne!(last_by(&runs).unwrap(), leader, "the other is at it");
    // It is asked to end, finishes its run, and releases the lease: the first finds it free.
    replicas[other].stop.take().unwrap().send(()).unwrap();
    pass(&env, &mut replicas, 60_000).await;
    assert!(replicas[other].work.is_none());
    replicas[index].paused = false;
    // A run that goes on with what it began two terms ago panics.
    pass(&env, &mut replicas, 60_000).await;
    assert_eq!(last_by(&runs).unwrap(), leader);
}

#[tokio::test(start_paused = true)]
async fn f1_a_release_whose_answer_is_lost_leaves_no_two_leaders() {
    let cluster = cluster_with(1).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 5_000).await;
    let leader = last_by(&runs).unwrap();
    let ending = replicas.iter_mut().find(|replica| replica.name == leader);
    ending.unwrap().stop.take().unwrap().send(()).unwrap();
    // The lease is free, which the one that gave it up is never told.
    cluster
        .faults()
        .inject(Rule::new(TransportFault::Abandoned).on("/leases/").times(1));
    for _ in 0..100 {
        // Looks each time whether both hold it.
        pass(&env, &mut replicas, 100).await;
    }
    assert_ne!(last_by(&runs).unwrap(), leader, "the other is at it");
}

#[tokio::test(start_paused = true)]
async fn f1_a_leader_that_cannot_reach_the_server_stops_before_the_other_begins() {
    let cluster = cluster_with(2).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    runs.takes.store(3_000, Ordering::SeqCst);
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, By::Election));
    pass(&env, &mut replicas, 10_000).await;
    let leader = last_by(&runs).unwrap();
    // Renewals hang; reads of the other pass.
    cluster.faults().inject(
        Rule::new(TransportFault::Silence)
            .on("PUT /apis/coordination")
            .times(1),
    );
    cluster.faults().inject(
        Rule::new(TransportFault::Refused)
            .on("PUT /apis/coordination")
            .times(4),
    );
    pass(&env, &mut replicas, 9_000).await;
    pass(&env, &mut replicas, 60_000).await;
    let begun = runs.begun.lock().unwrap();
    assert!(begun.len() > 10 && begun.iter().any(|(_, who, _)| *who == leader));
}

#[tokio::test(start_paused = true)]
async fn failures_of_a_term_that_is_over_are_forgotten() {
    let cluster = cluster_with(1).await;
    let env = cluster.env().clone();
    let election = Election::new(cluster.client(), "default", "operator", "a");
    let leadership = election.leadership();
    let runs = Arc::new(Mutex::new(Vec::new()));
    let controller = Controller::new(
        Api::<ConfigMap>::default_namespaced(cluster.client()),
        watcher::Config::default(),
    )
    .led_by(leadership.clone())
    .run_with_backoff(
        |_, runs: Arc<Mutex<Vec<Duration>>>| {
            runs.lock().unwrap().push(env.monotonic());
            std::future::ready(Err::<Action, _>(std::io::Error::other("as planned")))
        },
        Arc::clone(&runs),
    )
    .for_each(|_| std::future::ready(()));
    let script = async {
        env.sleep(Duration::from_secs(200)).await;
        let taken = CoordinationFault::LeaseTaken { by: "stranger" };
        cluster.faults().inject(Rule::new(taken).on("/leases/").times(1));
        leadership.lost().await;
        // Meanwhile the time of the object comes, and it is not this process's.
        env.sleep(Duration::from_secs(5)).await;
        leadership.gained().await;
        runs.lock().unwrap().clear();
        env.sleep(Duration::from_secs(30)).await;
    };
    let running = futures::future::join(election.run(std::future::pending()), controller);
    futures::future::select(pin!(script), pin!(running)).await;
    let runs = runs.lock().unwrap();
    assert!(
        runs.len() >= 4 && runs[1] - runs[0] < Duration::from_secs(1),
        "{runs:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn writes_without_the_leadership_are_not_sent() {
    let cluster = cluster_with(1).await;
    let election = Election::new(cluster.client(), "default", "operator", "a");
    let leadership = election.leadership();
    let fenced = Api::<ConfigMap>::default_namespaced(leadership.fence(&cluster.client()));
    let patch = Patch::Merge(serde_json::json!({"data": {"by": "a"}}));
    let refused = fenced
        .patch("cm-0", &PatchParams::default(), &patch)
        .await
        .unwrap_err();
    let mut cause: Option<&dyn std::error::Error> = Some(&refused);
    let mut found = false;
    while let Some(error) = cause {
        found |= error.is::<NotLeader>();
        cause = error.source();
    }
    assert!(found, "{refused:?}");
    assert!(matches!(
        refused.outcome(),
        seatrial_client::error::Outcome::NotApplied { .. }
    ));
    let patches = cluster.requests().verb(seatrial_client::core::Verb::Patch);
    patches.expect_none();
    assert!(fenced.get("cm-0").await.is_ok(), "reads pass");
    let env = cluster.env().clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = election.run(stopped.map(drop));
    let work = async {
        leadership.gained().await;
        fenced
            .patch("cm-0", &PatchParams::default(), &patch)
            .await
            .unwrap();
        // One that hangs is given up with the leadership.
        cluster
            .faults()
            .inject(Rule::new(TransportFault::Silence).on("PATCH"));
        cluster
            .faults()
            .inject(Rule::new(TransportFault::Refused).on("PUT"));
        let began = env.monotonic();
        assert!(
            fenced
                .patch("cm-0", &PatchParams::default(), &patch)
                .await
                .is_err()
        );
        assert!(env.monotonic() - began <= Duration::from_secs(10));
        leadership.lost().await;
        assert!(!leadership.is_leader());
        cluster.faults().clear();
        leadership.gained().await;
        drop(stop);
    };
    futures::future::join(running, work).await;
    assert!(!leadership.is_leader());
    let lease = Api::<Lease>::default_namespaced(cluster.client())
        .get("operator")
        .await
        .unwrap();
    assert_eq!(lease.spec.unwrap().holder_identity.as_deref(), Some(""));
}

#[tokio::test(start_paused = true)]
async fn shards_are_split_handed_over_and_taken_over() {
    let cluster = cluster_with(12).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    let mut replicas = vec![Replica::start(&cluster, &runs, "a", By::Shards(6))];
    pass(&env, &mut replicas, 20_000).await;
    assert_eq!(replicas[0].leadership.held().len(), 6);
    // Another joins: half of them move.
    replicas.push(Replica::start(&cluster, &runs, "b", By::Shards(6)));
    pass(&env, &mut replicas, 20_000).await;
    assert_eq!([0, 1].map(|n| replicas[n].leadership.held().len()), [3, 3]);
    let since = env.monotonic();
    pass(&env, &mut replicas, 5_000).await;
    let by = |who: &str| {
        let begun = runs.begun.lock().unwrap();
        let mut keys: Vec<_> = begun
            .iter()
            .filter(|(at, by, _)| *at >= since && by == who)
            .map(|(.., key)| key.clone())
            .collect();
        keys.sort();
        keys.dedup();
        keys
    };
    let (a, b) = (by("a"), by("b"));
    assert!(!a.is_empty() && !b.is_empty() && a.iter().all(|key| !b.contains(key)));
    assert_eq!(a.len() + b.len(), 12, "nobody is left out");
    // One crashes: the other has everything once the leases expired, as fast as with a leader.
    replicas[0].crash();
    pass(
        &env,
        &mut replicas,
        u64::try_from((LEASE + RETRY).as_millis()).unwrap(),
    )
    .await;
    assert_eq!(replicas[1].leadership.held().len(), 6);
    let member_leases = || {
        let leases = cluster.server().list("leases.coordination.k8s.io");
        let names = leases
            .iter()
            .filter_map(|lease| lease["metadata"]["name"].as_str());
        names
            .filter(|name| name.contains("-member-"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(member_leases(), ["operator-member-a", "operator-member-b"]);
    // What the crashed one left is not there for ever.
    pass(&env, &mut replicas, 320_000).await;
    assert_eq!(member_leases(), ["operator-member-b"]);
    // The last one leaves in order, and nothing is held.
    replicas[1].stop.take().unwrap().send(()).unwrap();
    pass(&env, &mut replicas, 10_000).await;
    assert!(replicas[1].work.is_none());
    assert_eq!(member_leases(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_changes_while_a_shard_is_on_its_way_out_is_not_forgotten_if_it_stays() {
    let cluster = cluster_with(2).await;
    let env = cluster.env().clone();
    // With one shard that two want, the names decide whose it is: this one's.
    let newcomer = "c";
    let shards = Shards::new(cluster.client(), "default", "operator", "a", 1);
    let leadership = shards.leadership();
    let runs = Arc::new(Mutex::new(Vec::<(String, Duration)>::new()));
    let reconcile = |object: Arc<ConfigMap>, runs: Arc<Mutex<Vec<(String, Duration)>>>| {
        let name = object.name_any();
        // The first run of one object takes long.
        let work = env.sleep(Duration::from_secs(if name == "cm-0" { 30 } else { 0 }));
        runs.lock().unwrap().push((name, env.monotonic()));
        async move {
            work.await;
            Ok::<_, std::io::Error>(Action::await_change())
        }
    };
    let api = Api::<ConfigMap>::default_namespaced(cluster.client());
    let controller = Controller::new(api.clone(), watcher::Config::default())
        .led_by(leadership.clone())
        .run_with_backoff(reconcile, Arc::clone(&runs))
        .for_each(|_| std::future::ready(()));
    let script = async {
        leadership.gained().await;
        env.sleep(Duration::from_secs(3)).await;
        let leases = Api::<Lease>::default_namespaced(cluster.client());
        let mut member = leases.get("operator-member-a").await.unwrap();
        let name = format!("operator-member-{newcomer}");
        member.metadata = ObjectMeta {
            name: Some(name.clone()),
            labels: member.metadata.labels,
            ..ObjectMeta::default()
        };
        member.spec.as_mut().unwrap().holder_identity = Some(newcomer.to_owned());
        leases.create(&PostParams::default(), &member).await.unwrap();
        env.sleep(Duration::from_secs(5)).await;
        let patch = Patch::Merge(serde_json::json!({"data": {"for": newcomer}}));
        api.patch("cm-1", &PatchParams::default(), &patch).await.unwrap();
        let changed = env.monotonic();
        env.sleep(Duration::from_secs(2)).await;
        leases.delete(&name, &DeleteParams::default()).await.unwrap();
        env.sleep(Duration::from_secs(60)).await;
        changed
    };
    let running = futures::future::join(shards.run(std::future::pending()), controller);
    let changed = match futures::future::select(pin!(script), pin!(running)).await {
        futures::future::Either::Left((changed, _)) => changed,
        futures::future::Either::Right(_) => unreachable!("nobody asked them to end"),
    };
    let runs = runs.lock().unwrap();
    let seen = runs.iter().any(|(name, at)| name == "cm-1" && *at >= changed);
    assert!(seen, "{newcomer} came and went at {changed:?}: {runs:?}");
}
