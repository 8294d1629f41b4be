//! Whoever is tried by a scenario, and whether they end as they should.

use std::{
    fmt::{self, Debug},
    hash::Hash,
    path::{Path, PathBuf},
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use futures::FutureExt as _;
use seatrial_client::{Client, Resource};
use seatrial_fake_apiserver::Actor;
use seatrial_runtime::watcher::Config;
use serde::de::DeserializeOwned;
use tokio::task::LocalSet;

use super::{Scenario, ScenarioError, Subject, cache::Cache};
use crate::{builder::BuildError, cluster::FakeCluster, oracle};

/// A cache or a controller, to be tried by scenarios.
///
/// Each is played on a cluster and a runtime of its own with virtual time, so a trial runs from a plain `#[test]`, not from within a runtime.
///
/// ```
/// use futures::StreamExt as _;
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client, api::{Patch, PatchParams}};
/// use seatrial_runtime::{WatchStreamExt as _, watcher};
/// use seatrial_testkit::scenario::{Scenario, Subject, Trial};
///
/// /// Marks every ConfigMap with what is in it.
/// async fn controller(client: Client) {
///     let api: Api<ConfigMap> = Api::default_namespaced(client);
///     let mut objects = std::pin::pin!(watcher(api.clone(), watcher::Config::default()).default_backoff().applied_objects());
///     while let Some(Ok(object)) = objects.next().await {
///         let patch = Patch::Merge(serde_json::json!({"metadata": {"labels": {"seen": "yes"}}}));
///         let _ = api.patch(&object.metadata.name.unwrap_or_default(), &PatchParams::default(), &patch).await;
///     }
/// }
///
/// let trial = Trial::of_controller(controller, Subject::config_maps());
/// let scenario: Scenario = "
/// - create: 0
/// - wait: 1s
/// - create: 1
/// - wait: 1s
/// ".parse()?;
/// trial.run(&scenario)?;
///
/// // Ends for good with the first error, which it takes for the end of the watch.
/// let broken: Scenario = "
/// - create: 0
/// - wait: 1s
/// - fault: {what: {watch: {refusedAtConnect: {code: 403}}}, times: 1}
/// - fault: {what: {watch: {end: {after: 0}}}, times: 1}
/// - wait: 10m
/// - create: 1
/// ".parse()?;
/// assert!(trial.run(&broken).unwrap_err().to_string().contains("cm-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a trial does nothing until `run` or `replay`"]
pub struct Trial {
    subject: Subject,
    tried: Tried,
    seed: u64,
    actors: Vec<Actor>,
    patience: Duration,
    file: Option<PathBuf>,
}

type Running = Pin<Box<dyn Future<Output = ()>>>;

type Started = Box<dyn Judged>;

enum Tried {
    Controller(Rc<dyn Fn(Client) -> Running>),
    Cache(Box<dyn Fn(&FakeCluster) -> Started>),
}

/// Something that can be judged by itself.
pub(super) trait Judged {
    /// What is wrong with it.
    fn complaints(&self, cluster: &FakeCluster) -> Vec<String>;
}

/// A scenario under which something ends as it should not.
#[derive(Debug)]
#[non_exhaustive]
pub struct Disagreement {
    /// What is wrong, one line each.
    pub lines: Vec<String>,
    /// What happened.
    pub scenario: Scenario,
    /// Where the scenario was written to, if it was to be kept.
    pub file: Option<PathBuf>,
    /// The faults that took place, each as its row and the request.
    pub happened: Vec<String>,
}

/// Longer than anybody may take to find out that faults are over: a watch that is stuck ends by its own limit after up to five minutes,
/// and delays between attempts grow to one.
const PATIENCE: Duration = Duration::from_secs(700);

// === impl Trial ===

impl Trial {
    /// Tries a cache of all objects of a kind. Once faults end it must equal the server; and whoever follows its changes must have been
    /// told of every deletion, of no object's way back to an older version, and of no object in another's place.
    pub fn of_cache<K>(config: Config, subject: Subject) -> Self
    where
        K: Resource<DynamicType: Default + Eq + Hash + Clone>
            + Clone
            + DeserializeOwned
            + Debug
            + Send
            + Sync
            + 'static,
    {
        let start = move |cluster: &FakeCluster| {
            Box::new(Cache::<K>::start(cluster, config.clone())) as Box<dyn Judged>
        };
        Self::of(Tried::Cache(Box::new(start)), subject)
    }

    /// Tries a controller. Once faults end, the cluster must come to the state that it comes to where the same changes are made and
    /// nothing goes wrong.
    pub fn of_controller<F, Fut>(controller: F, subject: Subject) -> Self
    where
        F: Fn(Client) -> Fut + 'static,
        Fut: Future + 'static,
    {
        let start = move |client| -> Running { Box::pin(controller(client).map(drop)) };
        Self::of(Tried::Controller(Rc::new(start)), subject)
    }

    fn of(tried: Tried, subject: Subject) -> Self {
        Self {
            subject,
            tried,
            seed: 0,
            actors: vec![Actor::GarbageCollector, Actor::Namespace],
            patience: PATIENCE,
            file: None,
        }
    }

    /// Draws names, UIDs and jitter from this seed instead of 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs these of the cluster's own controllers instead of the garbage collector and the namespace controller.
    pub fn actors(mut self, actors: impl IntoIterator<Item = Actor>) -> Self {
        self.actors = actors.into_iter().collect();
        self
    }

    /// Waits so long in virtual time after the scenario before it judges; 700 seconds unless this is said.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Keeps a scenario that fails in this file, where [`replay`](Self::replay) finds it. While proptest makes a failing scenario
    /// smaller, the file follows, and holds the smallest in the end.
    pub fn kept_in(mut self, path: impl AsRef<Path>) -> Self {
        self.file = Some(path.as_ref().to_owned());
        self
    }

    /// Plays the scenario, and judges.
    ///
    /// # Errors
    /// [`Disagreement`] says what is wrong.
    pub fn run(&self, scenario: &Scenario) -> Result<(), Disagreement> {
        let failed = |lines, happened| {
            let path = self.file.as_ref();
            let mut lines: Vec<String> = lines;
            let file = path.filter(|path| match scenario.save(path) {
                Ok(()) => true,
                Err(error) => {
                    lines.push(format!("the scenario was not kept: {error}"));
                    false
                }
            });
            Err(Disagreement {
                file: file.cloned(),
                lines,
                scenario: scenario.clone(),
                happened,
            })
        };
        let found = match self.live(scenario) {
            Ok(found) => found,
            Err(line) => return failed(vec![line], Vec::new()),
        };
        let happened = found.cluster.faults().happened();
        let mut lines = found.complaints;
        if lines.is_empty() && matches!(self.tried, Tried::Controller(_)) {
            match self.live(&scenario.undisturbed()) {
                Ok(expected) if expected.complaints.is_empty() => {
                    lines = oracle::differences(expected.cluster.server(), found.cluster.server());
                }
                Ok(expected) => {
                    lines.push("even with nothing going wrong:".to_owned());
                    lines.extend(expected.complaints);
                }
                Err(line) => lines.push(format!("even with nothing going wrong: {line}")),
            }
        }
        if lines.is_empty() {
            Ok(())
        } else {
            failed(lines, happened)
        }
    }

    /// Plays the scenario that was kept, if there is one.
    ///
    /// # Errors
    /// [`Disagreement`] where it still fails, or cannot be read.
    pub fn replay(&self) -> Result<(), Disagreement> {
        let Some(path) = self.file.as_ref().filter(|path| path.exists()) else {
            return Ok(());
        };
        match Scenario::load(path) {
            Ok(scenario) => self.run(&scenario),
            Err(error) => Err(Disagreement {
                lines: vec![error.to_string()],
                scenario: Scenario::default(),
                file: Some(path.clone()),
                happened: Vec::new(),
            }),
        }
    }

    /// A life of a cluster under a scenario; an error is one of the scenario's own.
    fn live(&self, scenario: &Scenario) -> Result<Lived, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .map_err(|error| format!("no runtime: {error}"))?;
        LocalSet::new().block_on(&runtime, async {
            let cluster = self.cluster().map_err(|error| error.to_string())?;
            let _entered = cluster.env().enter();
            let (judged, program) = match &self.tried {
                Tried::Controller(start) => {
                    let program = tokio::task::spawn_local(start(cluster.client()));
                    (None, Some(program))
                }
                Tried::Cache(start) => (Some(start(&cluster)), None),
            };
            let played = scenario.play(&cluster, &self.subject).await;
            cluster.faults().clear();
            let mut complaints = Vec::new();
            let is_busy = matches!(played, Err(ScenarioError::Busy { .. }));
            match played {
                Ok(()) => {}
                // Both are the doing of whoever is tried: a deletion that nobody finishes, and requests without a pause.
                Err(error @ (ScenarioError::Undead { .. } | ScenarioError::Busy { .. })) => {
                    complaints.push(error.to_string());
                }
                Err(error) => return Err(error.to_string()),
            }
            if !is_busy {
                let waited = cluster.patience().sleep(self.patience).await;
                let settled = match waited {
                    Ok(()) => cluster.settle().await,
                    busy => busy,
                };
                complaints.extend(settled.err().map(|error| error.to_string()));
            }
            if let Some(judged) = judged {
                complaints.extend(judged.complaints(&cluster));
            }
            if let Some(program) = program.filter(tokio::task::JoinHandle::is_finished)
                && let Err(error) = program.await
            {
                complaints.push(format!("the controller ended: {error}"));
            }
            Ok(Lived { cluster, complaints })
        })
    }

    fn cluster(&self) -> Result<FakeCluster, BuildError> {
        let builder = FakeCluster::builder()
            .seed(self.seed)
            .actors(self.actors.iter().copied());
        self.subject.build(builder).build()
    }
}

/// What is left of a life.
struct Lived {
    cluster: FakeCluster,
    complaints: Vec<String>,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        if !self.happened.is_empty() {
            writeln!(f, "faults that took place:")?;
            self.happened
                .iter()
                .try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        if let Some(file) = &self.file {
            writeln!(f, "kept in {}", file.display())?;
        }
        write!(f, "{:?}", self.scenario)
    }
}

impl std::error::Error for Disagreement {}
