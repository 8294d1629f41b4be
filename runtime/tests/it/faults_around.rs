//! The rows of the catalogue of faults that a controller meets around its watches: what answers, other caches and other processes do (C5 to C7, F).

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, StreamExt, channel::oneshot, future::BoxFuture};
use k8s_openapi::api::{
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace, Secret},
};
use seatrial_client::{
    Api, Client, Env, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller,
    controller::{Action, Error as ControllerError},
    events::{self, EventType, Recorder},
    finalizer::{Event as FinalizerEvent, finalizer},
    lease::Election,
    wait::delete::delete_and_finalize,
    watcher::Config,
};
use seatrial_testkit::{
    FakeCluster,
    fault::{CoordinationFault, Fault, ReadFault, Rule, TransportFault, WatchFault, WriteFault},
};
use serde_json::json;

use crate::{
    life::{Life, undisturbed},
    support::{for_a_while, owner_ref},
};

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn config(name: &str) -> ConfigMap {
    let mut config = ConfigMap::default();
    config.metadata.name = Some(name.to_owned());
    config
}

// === C ===

#[tokio::test(start_paused = true)]
async fn c5_an_answer_that_the_watch_has_overtaken_changes_no_cache_and_holds_nobody_up() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    life.pass(1).await;
    let slow = WriteFault::AnswerLate { by: secs(20) };
    life.cluster.faults().inject(Rule::new(slow).on("PATCH").times(1));
    let ours = Api::<ConfigMap>::default_namespaced(life.cluster.client());
    let patch = Patch::Merge(json!({"data": {"value": "ours"}}));
    let params = PatchParams::default();
    let mut writing = pin!(ours.patch("a", &params, &patch));
    assert!(writing.as_mut().now_or_never().is_none());
    life.pass(1).await;
    life.touch("a", "theirs").await;
    life.pass(30).await;
    let written = writing.now_or_never().unwrap().unwrap();
    assert_eq!(written.data.as_ref().unwrap()["value"], "ours");
    // The cache is past it, so that whoever waits for the write goes on at once and sees the newer state.
    let version = written.resource_version().unwrap();
    assert_eq!(life.store.wrote_at(&version).now_or_never(), Some(Ok(())));
    let held = life.store.find(|object| object.name_any() == "a").unwrap();
    assert_eq!(held.data.as_ref().unwrap()["value"], "theirs");
    life.agree();
}

/// Which objects ran, and what was reported.
#[derive(Default)]
struct Seen {
    /// How often, by object.
    runs: Mutex<BTreeMap<String, usize>>,
}

impl Seen {
    fn runs(&self, name: &str) -> usize {
        self.runs.lock().unwrap().get(name).copied().unwrap_or_default()
    }
}

async fn count(object: Arc<ConfigMap>, seen: Arc<Seen>) -> Result<Action, std::io::Error> {
    *seen.runs.lock().unwrap().entry(object.name_any()).or_default() += 1;
    Ok(Action::await_change())
}

#[tokio::test(start_paused = true)]
async fn c6_what_is_owned_may_be_known_before_its_owner_and_outlive_it() {
    for late in ["/configmaps", "/secrets"] {
        let cluster = FakeCluster::new();
        let env = cluster.env().clone();
        cluster
            .faults()
            .inject(Rule::new(WatchFault::Late { by: secs(30) }).on(late));
        let seen = Arc::new(Seen::default());
        let mut stream = Controller::new(
            Api::<ConfigMap>::default_namespaced(cluster.client()),
            Config::default(),
        )
        .owns(
            Api::<Secret>::default_namespaced(cluster.client()),
            Config::default(),
        )
        .run_with_backoff(count, Arc::clone(&seen))
        .boxed();
        for_a_while(&env, 5, &mut stream).await;
        let (configs, secrets) = (
            Api::<ConfigMap>::default_namespaced(undisturbed(&cluster)),
            Api::<Secret>::default_namespaced(undisturbed(&cluster)),
        );
        let owner = configs
            .create(&PostParams::default(), &config("owner"))
            .await
            .unwrap();
        let mut owned = Secret::default();
        owned.metadata.name = Some("owned".to_owned());
        owned.metadata.owner_references = Some(vec![owner_ref(&owner)]);
        secrets.create(&PostParams::default(), &owned).await.unwrap();
        let told = for_a_while(&env, 10, &mut stream).await;
        if late == "/configmaps" {
            // The owner is asked for and not there yet: said, and no more than that.
            assert!(
                told.iter()
                    .any(|told| matches!(told, Err(ControllerError::ObjectNotFound(_)))),
                "{told:?}"
            );
            assert_eq!(seen.runs("owner"), 0);
        } else {
            assert_eq!(seen.runs("owner"), 1);
        }
        for_a_while(&env, 60, &mut stream).await;
        // Both are known. Where the owner came first, what it owns asked for it once more.
        assert_eq!(seen.runs("owner"), if late == "/configmaps" { 1 } else { 2 });
        configs.delete("owner", &DeleteParams::default()).await.unwrap();
        cluster.settle().await.unwrap();
        let runs = seen.runs("owner");
        let told = for_a_while(&env, 90, &mut stream).await;
        // Whatever is told last of an object that is gone, nothing runs for it once the caches agree.
        assert!(
            told.iter()
                .any(|told| matches!(told, Err(ControllerError::ObjectNotFound(_)))),
            "{late}: {told:?}"
        );
        assert!(seen.runs("owner") <= runs + 1, "{late}");
        let before = seen.runs("owner");
        for_a_while(&env, 90, &mut stream).await;
        assert_eq!(seen.runs("owner"), before);
    }
}

#[tokio::test(start_paused = true)]
async fn c7_a_lease_that_is_not_seen_is_not_made_again() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let other = Lease {
        metadata: seatrial_client::core::ObjectMeta {
            name: Some("operator".to_owned()),
            ..Default::default()
        },
        ..Lease::default()
    };
    let leases = Api::<Lease>::default_namespaced(undisturbed(&cluster));
    let made = leases.create(&PostParams::default(), &other).await.unwrap();
    let blind = cluster
        .faults()
        .inject(Rule::new(ReadFault::NotYetThere).on("/leases"));
    let election = Election::new(cluster.client(), "default", "operator", "a");
    let leadership = election.leadership();
    let mut running = pin!(election.run(std::future::pending()));
    assert!(env.timeout(secs(60), &mut running).await.is_err());
    assert!(
        !leadership.is_leader(),
        "nothing is held on the word of a read that shows nothing"
    );
    cluster.faults().withdraw(blind);
    assert!(env.timeout(secs(30), &mut running).await.is_err());
    assert!(leadership.is_leader());
    assert_eq!(leases.get("operator").await.unwrap().uid(), made.uid());
}

#[tokio::test(start_paused = true)]
async fn c7_d2_an_object_that_is_there_again_is_another() {
    let cluster = FakeCluster::new();
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    configs
        .create(&PostParams::default(), &config("a"))
        .await
        .unwrap();
    // Between the deletion and the look at what became of it, somebody makes another.
    cluster.faults().inject(
        Rule::new(TransportFault::Slow {
            bytes: 1 << 20,
            every: secs(5),
        })
        .on("watch=true"),
    );
    let params = DeleteParams::default();
    let waiting = delete_and_finalize(configs.clone(), "a", &params);
    let script = async {
        cluster.env().sleep(secs(1)).await;
        let theirs = Api::<ConfigMap>::default_namespaced(undisturbed(&cluster));
        theirs.create(&PostParams::default(), &config("a")).await.unwrap()
    };
    let (outcome, made) = futures::future::join(waiting, script).await;
    outcome.unwrap();
    assert_eq!(
        configs.get("a").await.unwrap().uid(),
        made.uid(),
        "it was left alone"
    );
}

// === F ===

/// An election that runs, and a leader at work by it.
struct Leading {
    cluster: FakeCluster,
    env: Env,
    leadership: seatrial_runtime::lease::Leadership,
    running: BoxFuture<'static, ()>,
    stop: oneshot::Sender<()>,
}

impl Leading {
    async fn start() -> Self {
        let cluster = FakeCluster::new();
        let election = Election::new(cluster.client(), "default", "operator", "a");
        let (stop, stopped) = oneshot::channel::<()>();
        let mut leading = Self {
            env: cluster.env().clone(),
            leadership: election.leadership(),
            running: election.run(stopped.map(drop)).boxed(),
            cluster,
            stop,
        };
        leading.pass(5).await;
        assert!(leading.leadership.is_leader());
        leading
    }

    async fn pass(&mut self, secs: u64) {
        let env = self.env.clone();
        assert!(env.timeout(self::secs(secs), &mut self.running).await.is_err());
    }

    fn inject(&self, fault: impl Into<Fault>, times: usize) {
        self.cluster.faults().inject(Rule::new(fault).times(times));
    }

    async fn lease(&self) -> k8s_openapi::api::coordination::v1::LeaseSpec {
        let leases = Api::<Lease>::default_namespaced(undisturbed(&self.cluster));
        leases.get("operator").await.unwrap().spec.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn f1_a_renewal_that_conflicts_or_whose_answer_is_lost_costs_nothing() {
    for fault in [
        CoordinationFault::LeaseConflict,
        CoordinationFault::LeaseTimedOut { applied: false },
        CoordinationFault::LeaseTimedOut { applied: true },
    ] {
        let mut leading = Leading::start().await;
        let before = leading.lease().await;
        let leadership = leading.leadership.clone();
        let mut term = pin!(leadership.lost());
        leading.inject(fault.clone(), 2);
        for _ in 0..30 {
            leading.pass(1).await;
            assert!(term.as_mut().now_or_never().is_none(), "{fault:?}");
        }
        let after = leading.lease().await;
        assert_eq!(
            (after.holder_identity.as_deref(), after.lease_transitions),
            (Some("a"), before.lease_transitions)
        );
        assert!(after.renew_time > before.renew_time);
    }
}

#[tokio::test(start_paused = true)]
async fn f1_renewals_that_go_on_failing_end_the_leadership_before_the_lease_expires() {
    let mut leading = Leading::start().await;
    leading.inject(CoordinationFault::LeaseTimedOut { applied: false }, usize::MAX);
    let renewed = leading.env.monotonic();
    while leading.leadership.is_leader() {
        leading.pass(1).await;
        assert!(
            leading.env.monotonic() - renewed < secs(15),
            "others may lead by now"
        );
    }
    leading.cluster.faults().clear();
    leading.pass(20).await;
    assert!(leading.leadership.is_leader(), "it is a candidate again");
}

#[tokio::test(start_paused = true)]
async fn f2_a_leader_whose_lease_was_taken_stops_and_its_writes_with_it() {
    let mut leading = Leading::start().await;
    let before = leading.lease().await.lease_transitions.unwrap_or_default();
    let fenced = Api::<ConfigMap>::default_namespaced(leading.leadership.fence(&leading.cluster.client()));
    fenced
        .create(&PostParams::default(), &config("before"))
        .await
        .unwrap();
    leading.inject(CoordinationFault::LeaseTaken { by: "intruder" }, 1);
    leading.pass(3).await;
    assert!(!leading.leadership.is_leader());
    assert_eq!(leading.lease().await.holder_identity.as_deref(), Some("intruder"));
    assert!(
        fenced
            .create(&PostParams::default(), &config("after"))
            .await
            .is_err()
    );
    assert!(
        leading
            .cluster
            .server()
            .get("configmaps", "default", "after")
            .is_none()
    );
    // The other is never heard of again: what it took expires.
    leading.pass(18).await;
    assert!(leading.leadership.is_leader());
    assert_eq!(leading.lease().await.lease_transitions, Some(before + 2));
    drop(leading.stop);
}

#[tokio::test(start_paused = true)]
async fn f3_objects_of_one_second_are_told_apart_by_their_names() {
    let mut life = Life::new(Config::default());
    life.live(Rule::new(CoordinationFault::SameSecond)).await;
    let names: Vec<_> = life
        .store
        .state()
        .iter()
        .map(|object| object.name_any())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn f5_a_finalizer_that_somebody_removes_is_put_back_before_the_work() {
    type Error = seatrial_runtime::finalizer::Error<std::io::Error>;
    struct Ctx {
        api: Api<ConfigMap>,
        done: Mutex<Vec<String>>,
    }
    async fn reconcile(object: Arc<ConfigMap>, ctx: Arc<Ctx>) -> Result<Action, Error> {
        finalizer(&ctx.api, "example.com/cleanup", object, |event| {
            let done = match event {
                FinalizerEvent::Apply(object) => format!("apply {:?}", object.finalizers()),
                FinalizerEvent::Cleanup(_) => "cleanup".to_owned(),
            };
            ctx.done.lock().unwrap().push(done);
            std::future::ready(Ok(Action::await_change()))
        })
        .await
    }
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let theirs = Api::<ConfigMap>::default_namespaced(undisturbed(&cluster));
    theirs.create(&PostParams::default(), &config("a")).await.unwrap();
    let api = Api::<ConfigMap>::default_namespaced(cluster.client());
    let ctx = Arc::new(Ctx {
        api: api.clone(),
        done: Mutex::default(),
    });
    let mut stream = Controller::new(api, Config::default())
        .run_with_backoff(reconcile, Arc::clone(&ctx))
        .boxed();
    for_a_while(&env, 10, &mut stream).await;
    // Removed twice: by itself, and once more just as it is put back.
    cluster.faults().inject(
        Rule::new(CoordinationFault::FinalizersRemoved)
            .on("PATCH")
            .times(1),
    );
    let stripped = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    theirs
        .patch("a", &PatchParams::default(), &stripped)
        .await
        .unwrap();
    for_a_while(&env, 60, &mut stream).await;
    assert_eq!(
        theirs.get("a").await.unwrap().finalizers(),
        ["example.com/cleanup"]
    );
    theirs.delete("a", &DeleteParams::default()).await.unwrap();
    for_a_while(&env, 60, &mut stream).await;
    let done = ctx.done.lock().unwrap();
    let (last, work) = done.split_last().unwrap();
    assert_eq!(last, "cleanup");
    assert!(
        work.iter().all(|done| done.contains("example.com/cleanup")),
        "{done:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn f6_a_namespace_that_is_deleted_under_a_controller_ends_its_work_and_nothing_else() {
    let cluster = FakeCluster::new();
    let env = cluster.env().clone();
    let client: Client = undisturbed(&cluster);
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some("doomed".to_owned());
    Api::<Namespace>::all(client.clone())
        .create(&PostParams::default(), &namespace)
        .await
        .unwrap();
    let object = Api::<ConfigMap>::namespaced(client.clone(), "doomed")
        .create(&PostParams::default(), &config("a"))
        .await
        .unwrap();
    let seen = Arc::new(Seen::default());
    let mut stream = Controller::new(Api::<ConfigMap>::all(cluster.client()), Config::default())
        .run_with_backoff(count, Arc::clone(&seen))
        .boxed();
    for_a_while(&env, 5, &mut stream).await;
    assert_eq!(seen.runs("a"), 1);
    cluster
        .faults()
        .inject(Rule::new(CoordinationFault::NamespaceDeleted).on("POST").times(1));
    let recorder = Recorder::new(cluster.client(), "test".into());
    let event = events::Event {
        type_: EventType::Normal,
        reason: "Done".to_owned(),
        note: None,
        action: "Testing".to_owned(),
        secondary: None,
    };
    let refused = recorder
        .publish(&event, &object.object_ref(&()))
        .await
        .unwrap_err();
    assert!(refused.is_forbidden() || refused.is_not_found(), "{refused}");
    // The queue drops what can never be published, and goes on.
    let (queue, publishing) = recorder.queued(4);
    queue.publish(&event, &object.object_ref(&()));
    drop(queue);
    env.timeout(secs(5), publishing)
        .await
        .expect("it does not press on");
    cluster.settle().await.unwrap();
    let told = for_a_while(&env, 60, &mut stream).await;
    assert!(
        told.iter()
            .any(|told| matches!(told, Err(ControllerError::ObjectNotFound(_)))),
        "{told:?}"
    );
    // Work elsewhere goes on.
    Api::<ConfigMap>::default_namespaced(client)
        .create(&PostParams::default(), &config("b"))
        .await
        .unwrap();
    for_a_while(&env, 5, &mut stream).await;
    assert_eq!((seen.runs("a") <= 2, seen.runs("b")), (true, 1));
}
