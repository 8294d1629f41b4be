//! Several controllers as one process: started together, watched over, and ended in order.
//!
//! Reading order: here, `health.rs` (what probes ask).

mod health;

use std::{
    collections::BTreeSet,
    fmt,
    hash::Hash,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::{
    FutureExt, Stream, StreamExt, TryStream, TryStreamExt,
    channel::oneshot,
    future::{BoxFuture, Either, Shared, select},
    stream::FuturesUnordered,
};
use seatrial_client::{Client, Env, Resource};
use serde::de::DeserializeOwned;

pub use self::health::Health;
use crate::{
    Controller,
    controller::{self, Metrics},
    lease::{Election, Leadership, Shards},
};

/// How long controllers may finish what runs: below the thirty seconds after which a kubelet kills what it asked to end, so that the lease can still be given up.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(25);

/// Runs several controllers, and what else a process consists of, until it is asked to end.
///
/// It ends in order: no new work, the reconciles under way are finished, the lease is given up, and then [`run`](Self::run) returns. With an election or with shards the controllers
/// wait for their turn with warm caches.
///
/// Nothing here makes tasks: everything runs inside of [`run`](Self::run).
///
/// ```no_run
/// use std::sync::Arc;
///
/// use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// use seatrial_client::{Api, Client};
/// use seatrial_runtime::{Controller, controller::Action, lease::Election, manager::{Manager, ManagerError}, watcher};
///
/// async fn reconcile<K>(_: Arc<K>, _: Arc<()>) -> Result<Action, std::io::Error> {
///     Ok(Action::await_change())
/// }
///
/// async fn run(client: Client, pod_name: &str) -> Result<(), ManagerError> {
///     let configs = Controller::new(Api::<ConfigMap>::all(client.clone()), watcher::Config::default());
///     let secrets = Controller::new(Api::<Secret>::all(client.clone()), watcher::Config::default());
///     let manager = Manager::new(&client)
///         .with_election(Election::new(client.clone(), "my-system", "my-operator", pod_name))
///         .controller("configs", configs, |controller| controller.run_with_backoff(reconcile, Arc::new(())))
///         .controller("secrets", secrets, |controller| controller.run_with_backoff(reconcile, Arc::new(())))
///         .shutdown_on_signal();
///     let health = manager.health(); // for the probes of an HTTP server
///     manager.run().await
/// }
/// ```
#[must_use = "a manager does nothing until it is run"]
pub struct Manager {
    env: Env,
    elects: Elects,
    metrics: Option<Arc<dyn Metrics>>,
    parts: Vec<(String, Kind, Part)>,
    shutdown: Vec<BoxFuture<'static, ()>>,
    abort: Vec<BoxFuture<'static, ()>>,
    drain_timeout: Duration,
    health: Health,
}

/// Made when the manager runs, because only then all is known.
type Part = Box<dyn FnOnce(&Surroundings) -> BoxFuture<'static, ()> + Send>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Controller,
    Service,
}

/// What a part is made with.
struct Surroundings {
    metrics: Option<Arc<dyn Metrics>>,
    leadership: Option<Leadership>,
    stop: Stop,
}

enum Elects {
    Nobody,
    Leader(Election),
    Shards(Shards),
}

/// Ready once the process is to end.
#[derive(Clone, Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Stop(Shared<oneshot::Receiver<()>>);

/// A manager could not run on, or not end in order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagerError {
    /// This part ended though nobody asked for it, so the others were ended, too.
    #[error("{0} ended by itself")]
    Ended(String),
    /// These controllers were still busy when the time for it was over, or nobody wanted to wait any more, and were dropped.
    #[error("still busy when the process had to end: {}", .0.join(", "))]
    NotDrained(Vec<String>),
}

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // A manager that is gone has stopped.
        self.0.poll_unpin(cx).map(drop)
    }
}

// === impl Manager ===

impl Manager {
    /// A manager without parts, on the clock of `client`.
    pub fn new(client: &Client) -> Self {
        Self {
            env: client.env().clone(),
            elects: Elects::Nobody,
            metrics: None,
            parts: Vec::new(),
            shutdown: Vec::new(),
            abort: Vec::new(),
            drain_timeout: DRAIN_TIMEOUT,
            health: Health::default(),
        }
    }

    /// Adds a controller: `run` starts it, as a rule by [`Controller::run`] or [`Controller::run_with_backoff`].
    ///
    /// The name is told in logs, metrics and health. What goes wrong is logged.
    pub fn controller<K, S>(
        self,
        name: &str,
        controller: Controller<K>,
        run: impl FnOnce(Controller<K>) -> S + Send + 'static,
    ) -> Self
    where
        K: Clone + Resource + DeserializeOwned + fmt::Debug + Send + Sync + 'static,
        K::DynamicType: Eq + Hash + Clone + Send + Sync,
        S: TryStream + Send + 'static,
        S::Ok: Send,
        S::Error: fmt::Display + Send,
    {
        let called = name.to_owned();
        self.health.add(name, controller.health());
        self.part(name, Kind::Controller, move |around| {
            let mut controller = controller
                .named(called.clone())
                .graceful_shutdown_on(around.stop.clone());
            if let Some(metrics) = &around.metrics {
                controller = controller.with_metrics(Arc::clone(metrics));
            }
            if let Some(leadership) = &around.leadership {
                controller = controller.led_by(leadership.clone());
            }
            let reports = run(controller).into_stream();
            log_errors(called, reports).boxed()
        })
    }

    /// Adds something else that runs as long as the process does: the root of a shared watch, a server for probes.
    ///
    /// It runs on while controllers finish, and is given `Stop` to end after them; it need not look at it, because it is dropped then.
    pub fn service<Fut>(self, name: &str, run: impl FnOnce(Stop) -> Fut + Send + 'static) -> Self
    where
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.part(name, Kind::Service, move |around| {
            run(around.stop.clone()).boxed()
        })
    }

    /// Lets the controllers reconcile only while this process leads.
    pub fn with_election(mut self, election: Election) -> Self {
        self.elects = Elects::Leader(election);
        self
    }

    /// Lets the controllers reconcile only the objects of the shards that this process holds.
    pub fn with_shards(mut self, shards: Shards) -> Self {
        self.elects = Elects::Shards(shards);
        self
    }

    /// Tells `metrics` what the controllers do.
    pub fn with_metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Ends once `trigger` is ready.
    pub fn shutdown_on(mut self, trigger: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown.push(trigger.boxed());
        self
    }

    /// Ends without waiting for what runs once `trigger` is ready; the lease is given up all the same.
    pub fn abort_on(mut self, trigger: impl Future<Output = ()> + Send + 'static) -> Self {
        self.abort.push(trigger.boxed());
        self
    }

    /// Ends on SIGINT, SIGTERM or Ctrl-C, and on a second one without waiting for what runs.
    pub fn shutdown_on_signal(self) -> Self {
        let [first, second] = [1, 2].map(|times| controller::signal(Some(self.env.clone()), times));
        self.shutdown_on(first).abort_on(second)
    }

    /// Gives the controllers at most this long to finish what runs; 25 seconds unless this is said, which fits into the thirty that a pod has by default.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.drain_timeout = timeout;
        self
    }

    /// A handle on how the process is doing.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Runs everything until the process is asked to end, and then ends it in order.
    ///
    /// # Errors
    ///
    /// See [`ManagerError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is like a crash: reconciles are dropped, and a lease holds until it expires.
    pub async fn run(self) -> Result<(), ManagerError> {
        let Self {
            env,
            elects,
            metrics,
            parts,
            shutdown,
            abort,
            drain_timeout,
            health,
        } = self;
        let (stop, stopped) = oneshot::channel();
        let (drained, release) = oneshot::channel::<()>();
        let release = release.map(drop);
        let (leadership, election) = match elects {
            Elects::Nobody => (None, release.boxed()),
            Elects::Leader(election) => (Some(election.leadership()), election.run(release).boxed()),
            Elects::Shards(shards) => (Some(shards.leadership()), shards.run(release).boxed()),
        };
        health.set_leadership(leadership.clone());
        let around = Surroundings {
            metrics,
            leadership,
            stop: Stop(stopped.shared()),
        };
        let mut running = Running {
            controllers: FuturesUnordered::new(),
            services: FuturesUnordered::new(),
            names: Vec::new(),
            busy: BTreeSet::new(),
        };
        for (name, kind, part) in parts {
            running.add(name, kind, part(&around));
        }
        let work = async {
            let abort = any(abort).shared();
            let asked = select(any(shutdown), abort.clone());
            let outcome = match select(asked, pin!(running.first_end())).await {
                Either::Left(_) => Ok(()),
                Either::Right((name, _)) => Err(ManagerError::Ended(name)),
            };
            health.set_stopping();
            // Nobody listens any more if all parts ended already.
            let _ = stop.send(());
            let end = select(env.sleep(drain_timeout), abort);
            let drained_in_time = matches!(select(pin!(running.drain()), end).await, Either::Left(_));
            // What is still there is dropped before the lease is given up.
            let left = running.finish();
            drop(drained);
            match outcome {
                Ok(()) if !drained_in_time => Err(ManagerError::NotDrained(left)),
                outcome => outcome,
            }
        };
        futures::future::join(work, election).await.0
    }

    fn part(
        mut self,
        name: &str,
        kind: Kind,
        part: impl FnOnce(&Surroundings) -> BoxFuture<'static, ()> + Send + 'static,
    ) -> Self {
        self.parts.push((name.to_owned(), kind, Box::new(part)));
        self
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parts.iter().map(|(name, ..)| name).collect();
        f.debug_struct("Manager")
            .field("parts", &names)
            .finish_non_exhaustive()
    }
}

/// Ready once one of them is.
fn any(futures: Vec<BoxFuture<'static, ()>>) -> impl Future<Output = ()> + Unpin + Send {
    futures::future::select_all(futures.into_iter().chain([futures::future::pending().boxed()])).map(drop)
}

async fn log_errors<S>(name: String, reports: S)
where
    S: Stream<Item = Result<S::Ok, S::Error>> + TryStream,
    S::Error: fmt::Display,
{
    let mut reports = pin!(reports);
    while let Some(report) = reports.next().await {
        if let Err(error) = report {
            tracing::warn!(controller = name, %error, "a controller reports");
        }
    }
}

/// The parts that run.
struct Running {
    /// Each yields its place among the names.
    controllers: FuturesUnordered<BoxFuture<'static, usize>>,
    services: FuturesUnordered<BoxFuture<'static, usize>>,
    /// Of all parts. Several may have one name.
    names: Vec<String>,
    /// The places of controllers that have not ended.
    busy: BTreeSet<usize>,
}

impl Running {
    fn add(&mut self, name: String, kind: Kind, part: BoxFuture<'static, ()>) {
        let place = self.names.len();
        self.names.push(name);
        let set = match kind {
            Kind::Controller => {
                self.busy.insert(place);
                &self.controllers
            }
            Kind::Service => &self.services,
        };
        set.push(part.map(move |()| place).boxed());
    }

    /// Runs everything until something ends, and says what.
    async fn first_end(&mut self) -> String {
        let place = futures::future::poll_fn(|cx| self.poll_end(cx)).await;
        self.busy.remove(&place);
        self.names[place].clone()
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        // Both are polled, so that both run.
        let ended = [&mut self.controllers, &mut self.services].map(|set| set.poll_next_unpin(cx));
        for end in ended {
            if let Poll::Ready(Some(place)) = end {
                return Poll::Ready(place);
            }
        }
        Poll::Pending
    }

    /// Runs everything until the last controller ended.
    async fn drain(&mut self) {
        while !self.busy.is_empty() {
            self.first_end().await;
        }
    }

    /// Drops everything, and says which controllers had not ended.
    fn finish(mut self) -> Vec<String> {
        let busy = self.busy.iter();
        busy.map(|place| std::mem::take(&mut self.names[*place]))
            .collect()
    }
}
