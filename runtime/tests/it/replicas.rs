//! Two replicas of an operator as processes of a simulated cluster: each with a runtime, a clock and connections of its own, crashed and paused at any place.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::{Future as _, poll_fn},
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt as _, StreamExt as _, future};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use proptest::prelude::*;
use seatrial_client::{
    Api, Client, Env, Error, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::{
    Controller,
    controller::Action,
    lease::{Election, Shards},
    watcher,
};
use seatrial_testkit::{
    Strategy as Explore,
    sim::{Script, Simulation},
    sweep,
};
use serde_json::json;

use crate::{
    lease::{LEASE, RETRY},
    support::{cases, property, seed},
};

const CONFIGS: [&str; 3] = ["one", "two", "three"];

fn config(name: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: default, labels: {{app: shop}}}}, data: {{size: '1'}}}}"
    )
}

fn configs(client: &Client) -> Controller<ConfigMap> {
    let api = Api::<ConfigMap>::default_namespaced(client.clone());
    Controller::new(api, watcher::Config::default().labels("app=shop"))
}

// === Swept ===

/// Makes a secret of each config map, as the leader or as the holder of its shard.
async fn copies(client: Client, name: &str, by: By) {
    let (leadership, election) = by.take_part(&client, name);
    let fenced = Arc::new(leadership.fence(&client));
    let copy = async |config: Arc<ConfigMap>, client: Arc<Client>| {
        let patch = Patch::Apply(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": config.name_any()}, "stringData": config.data,
        }));
        let secrets = Api::<Secret>::default_namespaced((*client).clone());
        let params = PatchParams::apply("copies").force();
        secrets.patch(&config.name_any(), &params, &patch).await?;
        Ok::<_, Error>(Action::await_change())
    };
    let running = configs(&client)
        .owns(
            Api::<Secret>::default_namespaced(client),
            watcher::Config::default(),
        )
        .led_by(leadership)
        .run_with_backoff(copy, fenced)
        .for_each(|_| async {});
    future::join(election, running).await;
}

#[derive(Clone, Copy, Debug)]
enum By {
    Election,
    Shards,
}

impl By {
    fn take_part(
        self,
        client: &Client,
        name: &str,
    ) -> (
        seatrial_runtime::lease::Leadership,
        future::BoxFuture<'static, ()>,
    ) {
        match self {
            Self::Election => {
                let election = Election::new(client.clone(), "default", "operator", name);
                (election.leadership(), election.run(future::pending()).boxed())
            }
            Self::Shards => {
                let shards = Shards::new(client.clone(), "default", "operator", name, 3);
                (shards.leadership(), shards.run(future::pending()).boxed())
            }
        }
    }
}

fn check(by: By) {
    let runs = |usual| usize::try_from(cases(usual)).expect("not that many");
    let report = sweep(move |client| copies(client, "a", by))
        .process("b", move |client| copies(client, "b", by))
        .given(&config("one"))
        .given(&config("two"))
        .scenario(|user| {
            user.settle()
                .patch("ConfigMap/v1 one", "{data: {size: '2'}}")
                .apply(&config("three"))
        })
        .seed(seed())
        .runs_max(runs(60))
        .explore(Explore::Swarm, runs(4))
        .explore(Explore::Pct(3), runs(4))
        .explore(Explore::Pairs, runs(4))
        .eventually("a copy of each, up to date", |view| {
            CONFIGS.into_iter().all(|name| {
                let size =
                    |resource, field: &str| Some(view.get(resource, "default", name)?["data"][field].clone());
                let copied = size("secrets", "size").and_then(|text| Some(text.as_str()?.to_owned()));
                let size = size("configmaps", "size").and_then(|text| Some(text.as_str()?.to_owned()));
                // In base64.
                copied.as_deref()
                    == match size.as_deref() {
                        Some("1") => Some("MQ=="),
                        Some("2") => Some("Mg=="),
                        _ => None,
                    }
            })
        })
        .run();
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    assert!(report.plans > 20, "{report}");
}

#[test]
fn two_replicas_of_which_one_leads_survive_everything() {
    check(By::Election);
}

#[test]
fn two_replicas_that_share_the_keys_survive_everything() {
    check(By::Shards);
}

// === Crashed and paused at any time ===

/// Who works on what, in both processes together, as somebody sees who sees both.
#[derive(Default)]
struct Watched {
    /// By key: who, and the number of the run.
    now: BTreeMap<String, (&'static str, u64)>,
    runs: u64,
    /// Processes that stand still. What they had under way does nothing, and must do nothing when they go on.
    paused: BTreeSet<&'static str>,
    /// Who began each key last.
    begun: BTreeMap<String, &'static str>,
    complaints: Vec<String>,
}

type Shared = Arc<Mutex<Watched>>;

/// One run, until it is dropped.
struct Run {
    watched: Shared,
    key: String,
    me: (&'static str, u64),
}

impl Run {
    fn begin(watched: &Shared, key: &str, who: &'static str) -> Self {
        let mut seen = watched.lock().unwrap();
        seen.runs += 1;
        let me = (who, seen.runs);
        if let Some((other, _)) = seen.now.insert(key.to_owned(), me)
            && !seen.paused.contains(other)
        {
            seen.complaints
                .push(format!("{key} is reconciled by {who} while {other} does"));
        }
        seen.begun.insert(key.to_owned(), who);
        Self {
            watched: Arc::clone(watched),
            key: key.to_owned(),
            me,
        }
    }

    fn goes_on(&self) {
        let mut seen = self.watched.lock().unwrap();
        if seen.now.get(&self.key) != Some(&self.me) {
            let line = format!("{} goes on with {}, which is another's", self.me.0, self.key);
            seen.complaints.push(line);
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut seen = self.watched.lock().unwrap();
        if seen.now.get(&self.key) == Some(&self.me) {
            seen.now.remove(&self.key);
        }
    }
}

/// Works on each config map for a while, again and again, with a write in the middle.
async fn works(client: Client, name: &'static str, by: By, watched: Shared, takes: Duration) {
    let (leadership, election) = by.take_part(&client, name);
    let ctx = Arc::new((leadership.fence(&client), client.env().clone()));
    let for_runs = Arc::clone(&watched);
    let reconcile = move |config: Arc<ConfigMap>, ctx: Arc<(Client, Env)>| {
        let watched = Arc::clone(&for_runs);
        async move {
            let (client, env) = &*ctx;
            let run = Run::begin(&watched, &config.name_any(), name);
            env.sleep(takes / 2).await;
            run.goes_on();
            let patch = Patch::Merge(json!({"data": {"by": name}}));
            let api = Api::<ConfigMap>::default_namespaced(client.clone());
            let params = PatchParams::default();
            let outcome = api.patch(&config.name_any(), &params, &patch).await;
            run.goes_on();
            env.sleep(takes / 2).await;
            run.goes_on();
            outcome.map(|_| Action::requeue(Duration::from_secs(1)))
        }
    };
    let running = configs(&client)
        .led_by(leadership)
        .run_with_backoff(reconcile, ctx)
        .for_each(|_| async {});
    let mut all = pin!(future::join(election, running));
    poll_fn(|cx| {
        let polled = all.as_mut().poll(cx);
        // It runs, so it stands still no more: what it should not go on with it has let go by now.
        watched.lock().unwrap().paused.remove(name);
        polled
    })
    .await;
}

#[test]
fn f2_a_lease_that_is_deleted_under_its_leader_makes_no_two() {
    for takes in [0, 900, 6_000].map(Duration::from_millis) {
        let mut world = World::new(By::Election, takes, seed());
        let leader = world.begun_within(Duration::from_secs(20))["one"];
        let delete = Script::new().delete("Lease.coordination.k8s.io/v1 operator");
        for n in 0..20u64 {
            world.world.play(&delete).unwrap();
            // Long enough for the other to see in between that it was made again.
            world.pass(Duration::from_millis(6_000 + n * 737 % 5_000));
        }
        let after = world.begun_within(Duration::from_secs(10) + 3 * takes);
        assert_eq!(
            after["one"], leader,
            "who makes it again, and nobody waits for anything"
        );
        // Who does not come back to it is replaced all the same.
        world.suffer(&Misfortune::Pause(leader, 600_000));
        world.world.play(&delete).unwrap();
        assert_ne!(world.begun_within(LEASE + RETRY)["one"], leader);
    }
}

#[test]
fn f2_a_lease_that_is_deleted_more_often_than_anybody_looks_makes_no_two() {
    for (by, lease) in [(By::Election, "operator"), (By::Shards, "operator-shard-1")] {
        for takes in [0, 900].map(Duration::from_millis) {
            let mut world = World::new(by, takes, seed());
            world.begun_within(Duration::from_secs(60));
            let delete = Script::new().delete(&format!("Lease.coordination.k8s.io/v1 {lease}"));
            // For long enough that whoever never sees it takes its leader for gone.
            for n in 0..400u64 {
                world.world.play(&delete).unwrap();
                world.pass(Duration::from_millis(50 + n * 37 % 100));
            }
            world.begun_within(LEASE + RETRY + Duration::from_secs(1) + 3 * takes);
        }
    }
}

#[derive(Clone, Debug)]
enum Misfortune {
    Pass(u64),
    Crash(&'static str),
    Pause(&'static str, u64),
    /// A user changes something meanwhile.
    Change,
    /// Somebody deletes the lease, so many times with so much time in between.
    Delete(u64, u64),
}

fn misfortune() -> impl Strategy<Value = Misfortune> {
    prop_oneof![
        2 => who().prop_map(Misfortune::Crash),
        7 => survived(),
    ]
}

/// What leaves both processes with what they know. One that begins after a deletion knows nothing.
fn deletion() -> impl Strategy<Value = Misfortune> {
    prop_oneof![
        2 => (1..40u64, 10..3_000u64).prop_map(|(times, millis)| Misfortune::Delete(times, millis)),
        3 => survived(),
    ]
}

fn who() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("a"), Just("b")]
}

fn survived() -> impl Strategy<Value = Misfortune> {
    prop_oneof![
        4 => (1..12_000u64).prop_map(Misfortune::Pass),
        2 => (who(), 1..60_000u64).prop_map(|(who, millis)| Misfortune::Pause(who, millis)),
        1 => Just(Misfortune::Change),
    ]
}

/// A world with two replicas in it, and whoever sees both.
struct World {
    world: Simulation,
    watched: Shared,
}

impl World {
    fn new(by: By, takes: Duration, seed: u64) -> Self {
        let watched = Shared::default();
        let (first, second) = (Arc::clone(&watched), Arc::clone(&watched));
        let world = sweep(move |client| works(client, "a", by, Arc::clone(&first), takes))
            .process("b", move |client| {
                works(client, "b", by, Arc::clone(&second), takes)
            })
            .given(&CONFIGS.map(config).join("\n---\n"))
            .seed(seed)
            .steps_max(100_000)
            .simulation();
        Self { world, watched }
    }

    fn suffer(&mut self, misfortune: &Misfortune) {
        // The first process is called so by the sweep.
        let process = |who: &str| if who == "a" { "controller" } else { "b" };
        match misfortune {
            Misfortune::Pass(millis) => self.pass(Duration::from_millis(*millis)),
            Misfortune::Crash(who) => {
                self.watched.lock().unwrap().paused.remove(who);
                self.world.crash(process(who));
            }
            Misfortune::Pause(who, millis) => {
                self.watched.lock().unwrap().paused.insert(who);
                self.world.pause(process(who), Duration::from_millis(*millis));
            }
            Misfortune::Change => {
                let script = Script::new().patch("ConfigMap/v1 one", "{data: {more: x}}");
                self.world.play(&script).unwrap();
            }
            Misfortune::Delete(times, millis) => {
                let script = Script::new().delete("Lease.coordination.k8s.io/v1 operator");
                for _ in 0..*times {
                    self.world.play(&script).unwrap();
                    self.pass(Duration::from_millis(*millis));
                }
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        assert!(
            self.world.advance(time),
            "there is no end of it: do two undo what the other does?"
        );
        let complaints = &self.watched.lock().unwrap().complaints;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// Who began each key last, all of which were begun within this time from now.
    fn begun_within(&mut self, time: Duration) -> BTreeMap<String, &'static str> {
        self.watched.lock().unwrap().begun.clear();
        self.pass(time);
        let begun = self.watched.lock().unwrap().begun.clone();
        assert_eq!(begun.len(), CONFIGS.len(), "somebody works on each: {begun:?}");
        begun
    }
}

proptest! {
    #![proptest_config(property(12))]

    #[test]
    fn f2_no_deletion_of_the_lease_and_no_pause_makes_two_processes_work_on_one_object(
        misfortunes in prop::collection::vec(deletion(), 0..12),
        takes in prop_oneof![Just(0u64), Just(700), Just(6_000)],
        seed in any::<u64>(),
    ) {
        let takes = Duration::from_millis(takes);
        let mut world = World::new(By::Election, takes, seed);
        // Both have seen the lease.
        world.begun_within(Duration::from_secs(20));
        for misfortune in &misfortunes {
            world.suffer(misfortune);
        }
        world.pass(Duration::from_secs(120));
        let leader = world.begun_within(Duration::from_secs(10) + 3 * takes)["one"];
        world.suffer(&Misfortune::Pause(leader, 600_000));
        world.suffer(&Misfortune::Delete(1, 0));
        prop_assert_ne!(world.begun_within(LEASE + RETRY)["one"], leader);
    }
}

proptest! {
    #![proptest_config(property(24))]

    #[test]
    fn no_crash_and_no_pause_makes_two_processes_work_on_one_object(
        misfortunes in prop::collection::vec(misfortune(), 0..20),
        by in prop_oneof![Just(By::Election), Just(By::Shards)],
        takes in prop_oneof![Just(0u64), Just(700), Just(6_000)],
        seed in any::<u64>(),
    ) {
        let takes = Duration::from_millis(takes);
        let mut world = World::new(by, takes, seed);
        for misfortune in &misfortunes {
            world.suffer(misfortune);
        }
        // In the end somebody works on everything, and when one stands still the other has all of it in time.
        world.pass(Duration::from_secs(120));
        let before = world.begun_within(Duration::from_secs(10) + 3 * takes);
        let stands_still = before["one"];
        world.suffer(&Misfortune::Pause(stands_still, 600_000));
        let after = world.begun_within(LEASE + RETRY);
        for (key, who) in &before {
            prop_assert!(*who != stands_still || after[key] != stands_still, "{} is left", key);
        }
    }
}
