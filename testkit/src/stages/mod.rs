//! Stages: what becomes of pods, nodes and any other objects as time passes, with nothing that runs them.
//!
//! Pods of a cluster in memory start nowhere: a StatefulSet never gets ready by itself. [`Stages::kubelet`] gives it what a kubelet and a
//! scheduler would do, on virtual time:
//!
//! ```
//! use k8s_openapi::api::apps::v1::StatefulSet;
//! use seatrial_client::Api;
//! use seatrial_testkit::{FakeCluster, stages::Stages};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! let cluster = FakeCluster::builder()
//!     .yaml(
//!         "
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: db}
//! spec:
//!   replicas: 3
//!   serviceName: db
//!   selector: {matchLabels: {app: db}}
//!   template:
//!     metadata: {labels: {app: db}}
//!     spec: {containers: [{name: db, image: db:1}]}
//! ",
//!     )
//!     .stages(Stages::kubelet())
//!     .build()
//!     .unwrap();
//! cluster.settle().await.unwrap();
//! let sets: Api<StatefulSet> = Api::default_namespaced(cluster.client());
//! assert_eq!(sets.get("db").await.unwrap().status.unwrap().ready_replicas, Some(3));
//! # });
//! ```
//!
//! [`Stages::parse`] reads the Stages of [KWOK](https://kwok.sigs.k8s.io/docs/user/stages-configuration/), so that a file of a test cluster
//! serves a unit test as well. What differs is said there.
//!
//! Reading order: here (what stages are), `document` (as they are written), `expression` and `template` (the languages in them), `machine` (when
//! which comes), `effect` (what it does), `drive` (who moves them in a [`FakeCluster`](crate::FakeCluster)). The kubelet's own are in
//! `kubelet/`.

mod document;
mod drive;
mod effect;
mod error;
mod expression;
mod machine;
mod template;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

pub use self::error::{StageError, StageProblem};
use self::{
    document::{Finalizers, PatchType, read},
    expression::{Expression, Input},
    machine::Machine,
    template::Template,
};
use crate::sim::{Automata, Automaton};
pub(crate) use drive::Driver;

/// What becomes of objects as time passes.
///
/// In a [`FakeCluster`](crate::FakeCluster) the stages come to pass by themselves, and where several are possible the cluster's seed draws one
/// by their weights, and how long each takes. In a [`sweep`](crate::sweep()) the first of the heaviest is the usual one, as early as it may come, and the
/// others are tried one at a time, as is the latest time.
#[derive(Clone, Default)]
pub struct Stages {
    stages: Arc<[Arc<Stage>]>,
    /// Whether pods need nodes, and somebody who gives them one.
    schedules: bool,
}

/// A way on for objects of a kind.
struct Stage {
    name: String,
    api_version: String,
    kind: String,
    /// Absent where it selects nothing.
    selector: Option<Vec<Requirement>>,
    weight: u32,
    weight_from: Option<Expression>,
    delay: Delay,
    effects: Effects,
    /// Whether the stage after this one is looked for at once, before anybody else moves.
    is_immediate: bool,
    /// Whether it only happens if somebody wants a failure.
    is_failure: bool,
    /// Whether nothing leads back from it.
    is_lasting: bool,
    /// Whether it leads nowhere else: nobody waits for it.
    is_heartbeat: bool,
}

/// What must hold of an object.
struct Requirement {
    key: Expression,
    test: Test,
}

enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

/// How long a stage waits.
struct Delay {
    /// Milliseconds.
    at_least: i64,
    at_least_from: Option<Expression>,
    /// Milliseconds; up to then it may take, where that is longer.
    at_most: Option<i64>,
    at_most_from: Option<Expression>,
}

/// What a stage does, in this order.
struct Effects {
    event: Option<Event>,
    finalizers: Finalizers,
    patches: Vec<Patch>,
    delete: bool,
}

struct Event {
    kind: String,
    reason: String,
    message: String,
}

struct Patch {
    /// Absent for the object itself. `status` of a kind that has no such subresource is the object itself, too.
    subresource: Option<String>,
    root: Option<String>,
    template: Template,
    kind: PatchType,
    user: Option<String>,
}

/// In the annotations of a stage: it is a failure, `transient` or `lasting`.
const FAILURE: &str = "stages.seatrial.dev/failure";
/// In the annotations of a stage: it says again and again how things are, and changes nothing else.
const HEARTBEAT: &str = "stages.seatrial.dev/heartbeat";

// === impl Stages ===

impl Stages {
    /// What a kubelet does with pods and nodes, and a scheduler, which gives pods nodes. A node is there, too, if the test gives none.
    ///
    /// A pod is started, runs, gets ready within a few seconds, and once it is deleted goes before its grace is over. One that is not always restarted completes,
    /// as those of Jobs do. In a sweep, an image may not come at first, a container may crash, a pod may be evicted, and its node or a node
    /// may be lost: `pod-image-pull-back-off`, `pod-crash-loop-back-off`, `pod-evicted`, `pod-node-lost`, `node-lost`. Pods are evicted or lost with
    /// their node only where the program under test, or a controller of the cluster, is to replace them.
    ///
    /// # Panics
    /// Never: the documents are constant and a test parses them.
    pub fn kubelet() -> Self {
        static KUBELET: LazyLock<Stages> = LazyLock::new(|| {
            let read = |yaml| Stages::parse(yaml).expect("a constant that a test parses");
            let stages = read(include_str!("kubelet/pod.yaml")).and(read(include_str!("kubelet/node.yaml")));
            Stages {
                schedules: true,
                ..stages
            }
        });
        KUBELET.clone()
    }

    /// Reads stages as KWOK has them: YAML documents of `kind: Stage`, `apiVersion: kwok.x-k8s.io/v1alpha1`.
    ///
    /// All fields of KWOK's v1alpha1 are followed. Expressions are jq, evaluated by `jaq`; templates are Go's, with KWOK's functions
    /// (`Now`, `StartTime`, `Quote`, `YAML`, `NodeConditions`, `NodeIP`, `PodIP`, …) and the commonest of sprig's. An annotation of ours makes a
    /// stage a failure that happens in sweeps alone: `stages.seatrial.dev/failure: transient`, or `lasting` where somebody has to replace the
    /// object. Another says that nobody needs to wait for a stage: `stages.seatrial.dev/heartbeat: "true"`. A stage that is planned keeps its time as long as it still fits when the object changes.
    ///
    /// ```
    /// use seatrial_testkit::stages::Stages;
    ///
    /// let broken = "
    /// kind: Stage
    /// apiVersion: kwok.x-k8s.io/v1alpha1
    /// metadata: {name: ready}
    /// spec:
    ///   resourceRef: {apiGroup: example.com/v1, kind: Database}
    ///   selector: {matchExpressions: [{key: '.status.[', operator: DoesNotExist}]}
    ///   next: {statusTemplate: 'phase: Ready'}
    /// ";
    /// let error = Stages::parse(broken).err().unwrap();
    /// assert_eq!(error.field, "spec.selector.matchExpressions[0].key");
    /// ```
    ///
    /// # Errors
    /// [`StageError`], which names the document and the field.
    ///
    /// # Source
    /// <https://kwok.sigs.k8s.io/docs/user/stages-configuration/>
    pub fn parse(yaml: &str) -> Result<Self, StageError> {
        Ok(Self {
            stages: read(yaml)?.into_iter().map(Arc::new).collect(),
            schedules: false,
        })
    }

    /// These and those; of two with the same name, the later one.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        let is_replaced = |stage: &Arc<Stage>| more.stages.iter().any(|other| other.name == stage.name);
        let kept = self.stages.iter().filter(|stage| !is_replaced(stage));
        Self {
            stages: kept.chain(more.stages.iter()).cloned().collect(),
            schedules: self.schedules || more.schedules,
        }
    }

    /// All but one, such as `pod-evicted` where the program means to leave such pods alone.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.stages = self
            .stages
            .iter()
            .filter(|stage| stage.name != name)
            .cloned()
            .collect();
        self
    }

    pub(crate) fn schedules(&self) -> bool {
        self.schedules
    }

    /// The node that pods run on where a test gives none.
    pub(crate) fn node(&self, given: &[Value]) -> Option<Value> {
        let has_none = given.iter().all(|object| object["kind"] != "Node");
        (self.schedules && has_none).then(|| {
            json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": { "name": "node", "labels": { "kubernetes.io/hostname": "node", "kubernetes.io/os": "linux" } },
            })
        })
    }

    pub(crate) fn automata(&self) -> Automata {
        let stages = self.clone();
        Arc::new(move || Box::new(Machine::new(&stages, None)) as Box<dyn Automaton>)
    }
}

impl std::fmt::Debug for Stages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.stages.iter().map(|stage| &stage.name))
            .finish()
    }
}

// === impl Stage ===

impl Stage {
    fn matches(&self, input: &Input) -> bool {
        let requirements = self.selector.as_ref();
        requirements.is_some_and(|all| all.iter().all(|requirement| requirement.holds(input)))
    }

    fn weight(&self, input: &Input) -> u32 {
        let drawn = self
            .weight_from
            .as_ref()
            .and_then(|from| from.texts(input).into_iter().next());
        drawn.and_then(|text| text.parse().ok()).unwrap_or(self.weight)
    }
}

// === impl Requirement ===

impl Requirement {
    fn holds(&self, input: &Input) -> bool {
        let found = self.key.texts(input);
        match &self.test {
            Test::In(values) => found.iter().any(|text| values.contains(text)),
            Test::NotIn(values) => !found.iter().any(|text| values.contains(text)),
            Test::Exists => !found.is_empty(),
            Test::DoesNotExist => found.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests;
