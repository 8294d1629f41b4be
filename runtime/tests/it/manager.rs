//! Several controllers as one process.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, channel::oneshot, future};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{Api, ResourceExt, api::PostParams};
use seatrial_runtime::{
    Controller,
    controller::{Action, Metrics, ReconcileResult},
    lease::Election,
    manager::{Manager, ManagerError},
    watcher::{self, Health},
};
use seatrial_testkit::FakeCluster;

/// What the controllers of a test tell about themselves.
#[derive(Default)]
struct Told {
    lines: Mutex<Vec<String>>,
    watches: Mutex<Vec<(String, Health)>>,
    deepest: AtomicUsize,
}

impl Metrics for Told {
    fn queue_depth(&self, _: &str, depth: usize) {
        self.deepest.fetch_max(depth, Ordering::SeqCst);
    }

    fn queue_latency(&self, controller: &str, waited: Duration) {
        self.lines
            .lock()
            .unwrap()
            .push(format!("{controller} waited {} s", waited.as_secs()));
    }

    fn reconciled(&self, controller: &str, result: ReconcileResult, took: Duration) {
        let line = format!("{controller} {} {} s", result.as_str(), took.as_secs());
        self.lines.lock().unwrap().push(line);
    }

    fn watching(&self, controller: &str, watch: &str, health: &Health) {
        self.watches
            .lock()
            .unwrap()
            .push((format!("{controller} {watch}"), health.clone()));
    }
}

async fn cluster() -> FakeCluster {
    let cluster = FakeCluster::new();
    for name in ["a", "b", "c"] {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.to_owned());
        let api = Api::<ConfigMap>::default_namespaced(cluster.client());
        api.create(&PostParams::default(), &object).await.unwrap();
    }
    cluster
}

fn configs(cluster: &FakeCluster) -> Controller<ConfigMap> {
    Controller::new(
        Api::default_namespaced(cluster.client()),
        watcher::Config::default(),
    )
    .with_config(seatrial_runtime::Config::default().concurrency(1))
}

fn secrets(cluster: &FakeCluster) -> Controller<Secret> {
    Controller::new(
        Api::default_namespaced(cluster.client()),
        watcher::Config::default(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_process_tells_what_it_does_and_ends_in_order() {
    let cluster = cluster().await;
    let env = cluster.env().clone();
    let (told, done) = (Arc::new(Told::default()), Arc::new(Mutex::new(Vec::new())));
    let (stop, stopped) = oneshot::channel::<()>();
    let reconcile = {
        let env = env.clone();
        move |object: Arc<ConfigMap>, done: Arc<Mutex<Vec<String>>>| {
            let work = env.sleep(Duration::from_secs(10));
            async move {
                work.await;
                done.lock().unwrap().push(object.name_any());
                if object.name_any() == "b" {
                    return Err(std::io::Error::other("as planned"));
                }
                Ok(Action::await_change())
            }
        }
    };
    let idle = async |_: Arc<Secret>, _: Arc<()>| Ok::<_, std::io::Error>(Action::await_change());
    let ended = Arc::new(Mutex::new(false));
    let service_ended = Arc::clone(&ended);
    let election = Election::new(cluster.client(), "default", "operator", "me");
    let leadership = election.leadership();
    let manager = Manager::new(&cluster.client())
        .with_election(election)
        .with_metrics(Arc::clone(&told) as Arc<dyn Metrics>)
        .controller("configs", configs(&cluster), {
            let done = Arc::clone(&done);
            move |controller| controller.run_with_backoff(reconcile, done)
        })
        .controller("secrets", secrets(&cluster), move |controller| {
            controller.run_with_backoff(move |o, c| idle(o, c).boxed(), Arc::new(()))
        })
        .service("probes", |stop| async move {
            stop.await;
            *service_ended.lock().unwrap() = true;
            future::pending().await
        })
        .shutdown_on(stopped.map(drop));
    let health = manager.health();
    assert!(!health.is_ready() && health.is_live());
    let script = async {
        env.sleep(Duration::from_secs(15)).await;
        assert!(health.is_ready() && health.is_live() && leadership.is_leader());
        let report = health.report();
        assert!(
            report.contains("[+]configs/api/v1/namespaces/default/configmaps heard of"),
            "{report}"
        );
        assert!(report.ends_with("[+]leads\n"), "{report}");
        // The second of three is under way: it is finished, and the third is not begun.
        let asked = env.monotonic();
        stop.send(()).unwrap();
        asked
    };
    let (outcome, asked) = future::join(manager.run(), script).await;
    assert_eq!(outcome, Ok(()));
    assert_eq!(done.lock().unwrap().len(), 2);
    assert!(*ended.lock().unwrap() && !health.is_ready() && health.is_live());
    assert!((env.monotonic() - asked) <= Duration::from_secs(6));
    assert!(!leadership.is_leader());
    let lease = &cluster.server().list("leases.coordination.k8s.io")[0];
    assert_eq!(lease["spec"]["holderIdentity"], "");
    let lines = told.lines.lock().unwrap();
    assert!(lines.contains(&"configs waited 10 s".to_owned()), "{lines:?}");
    assert!(
        lines
            .iter()
            .filter(|line| line.as_str() == "configs success 10 s")
            .count()
            >= 1,
        "{lines:?}"
    );
    assert_eq!(told.deepest.load(Ordering::SeqCst), 2);
    let watches = told.watches.lock().unwrap();
    assert_eq!(watches.len(), 2);
    assert!(
        watches
            .iter()
            .all(|(_, health)| health.is_synced() && health.relists() == 0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_does_not_finish_in_time_is_dropped_and_named() {
    let cluster = cluster().await;
    let manager = hanging(&cluster).drain_timeout(Duration::from_secs(30));
    let began = cluster.env().monotonic();
    assert_eq!(
        manager.run().await,
        Err(ManagerError::NotDrained(vec!["hangs".to_owned()]))
    );
    assert_eq!((cluster.env().monotonic() - began).as_secs(), 35);
}

/// A manager whose reconciles hang, asked to end after five seconds.
fn hanging(cluster: &FakeCluster) -> Manager {
    let hang =
        async |_: Arc<ConfigMap>, _: Arc<()>| future::pending::<Result<Action, std::io::Error>>().await;
    Manager::new(&cluster.client())
        .controller("hangs", configs(cluster), move |controller| {
            controller.run_with_backoff(move |o, c| hang(o, c).boxed(), Arc::new(()))
        })
        .shutdown_on(cluster.env().sleep(Duration::from_secs(5)))
}

#[tokio::test(start_paused = true)]
async fn what_hangs_does_not_keep_a_process_past_the_time_that_a_kubelet_gives_it() {
    let cluster = cluster().await;
    let env = cluster.env().clone();
    let election = Election::new(cluster.client(), "default", "operator", "me");
    let began = env.monotonic();
    let outcome = hanging(&cluster).with_election(election).run().await;
    assert_eq!(outcome, Err(ManagerError::NotDrained(vec!["hangs".to_owned()])));
    assert!(env.monotonic() - began < Duration::from_secs(5 + 30));
    let lease = &cluster.server().list("leases.coordination.k8s.io")[0];
    assert_eq!(lease["spec"]["holderIdentity"], "", "the next need not wait");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_twice_does_not_wait_for_what_hangs() {
    for asked in [2, 9] {
        let cluster = cluster().await;
        let env = cluster.env().clone();
        let began = env.monotonic();
        let manager = hanging(&cluster).abort_on(env.sleep(Duration::from_secs(asked)));
        assert_eq!(
            manager.run().await,
            Err(ManagerError::NotDrained(vec!["hangs".to_owned()]))
        );
        assert_eq!((env.monotonic() - began).as_secs(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_ends_by_itself_ends_the_process() {
    let cluster = cluster().await;
    let idle = async |_: Arc<Secret>, _: Arc<()>| Ok::<_, std::io::Error>(Action::await_change());
    let end = cluster.env().sleep(Duration::from_secs(5));
    let manager = Manager::new(&cluster.client())
        .controller("secrets", secrets(&cluster), move |controller| {
            controller.run_with_backoff(move |o, c| idle(o, c).boxed(), Arc::new(()))
        })
        .service("root", |_| end);
    assert_eq!(manager.run().await, Err(ManagerError::Ended("root".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_controller_is_waited_for_though_another_part_of_its_name_ended() {
    for ends_as_a_service in [false, true] {
        let cluster = cluster().await;
        let env = cluster.env().clone();
        let done = Arc::new(AtomicUsize::new(0));
        let work = {
            let env = env.clone();
            move |_: Arc<ConfigMap>, done: Arc<AtomicUsize>| {
                let work = env.sleep(Duration::from_secs(10));
                async move {
                    work.await;
                    done.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, std::io::Error>(Action::await_change())
                }
            }
        };
        let manager = Manager::new(&cluster.client()).controller("twin", configs(&cluster), {
            let done = Arc::clone(&done);
            move |controller| controller.run_with_backoff(work, done)
        });
        let end = env.sleep(Duration::from_secs(5));
        let manager = if ends_as_a_service {
            manager.service("twin", |_| end)
        } else {
            manager.controller("twin", secrets(&cluster), move |_| {
                let nothing = end.map(|()| Err::<(), _>("as planned"));
                futures::stream::once(nothing)
            })
        };
        assert_eq!(manager.run().await, Err(ManagerError::Ended("twin".to_owned())));
        assert_eq!(done.load(Ordering::SeqCst), 1, "the run under way was finished");
    }
}
