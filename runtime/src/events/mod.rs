//! Events: what a controller tells people about objects.
//!
//! A [`Recorder`] publishes [`Event`]s to the cluster, where `kubectl describe` shows them. The same event again counts up the one that is there, many
//! that differ in their words alone become one, and an object about which too much is told is not told about for a while.
//!
//! ```
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use seatrial_client::{Api, Client, Error, Resource};
//! use seatrial_runtime::events::{Event, EventType, Recorder, Reporter};
//!
//! async fn tell(client: Client, config: &ConfigMap) -> Result<(), Error> {
//!     let recorder = Recorder::new(client, Reporter::from("example.com/web-operator"));
//!     let event = Event {
//!         type_: EventType::Warning,
//!         reason: "NoBackend".to_owned(),
//!         note: Some("no pod answers on port 80".to_owned()),
//!         action: "Routing".to_owned(),
//!         secondary: None,
//!     };
//!     recorder.publish(&event, &config.object_ref(&())).await
//! }
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! # let cluster = seatrial_testkit::FakeCluster::builder()
//! #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}")
//! #     .build()?;
//! # let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
//! # tell(cluster.client(), &configs.get("web").await?).await?;
//! # assert_eq!(cluster.server().list("events.events.k8s.io")[0]["reason"], "NoBackend");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A recorder is made once for a process, so that it knows what it has told. [`Recorder::publish`] waits for the server; [`Recorder::queued`] does not, so that a server in trouble
//! holds no reconcile up.
//!
//! Reading order: here, `series.rs` (the pure part: what is the same event, and how much is too much), `recorder.rs`, `queued.rs` (without waiting).

mod queued;
mod recorder;
mod series;

use k8s_openapi::api::core::v1::ObjectReference;

pub use self::{queued::EventQueue, recorder::Recorder, series::Reference};

/// Whether an event is worth a person's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventType {
    /// Things go their way.
    Normal,
    /// Something may be wrong.
    Warning,
}

// === impl EventType ===

impl EventType {
    /// As objects carry it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// Something to tell about an object.
#[derive(Clone, Debug)]
pub struct Event {
    /// Whether it is worth attention.
    pub type_: EventType,
    /// Why, in one word that programs can match, such as `Scheduled`. Up to 128 characters.
    pub reason: String,
    /// What happened, for people. Cut to the 1024 bytes that the server takes.
    pub note: Option<String>,
    /// What was done or tried, in one word, such as `Binding`. Up to 128 characters, and not empty.
    pub action: String,
    /// Another object that has to do with it.
    pub secondary: Option<ObjectReference>,
}

/// Who tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reporter {
    /// The controller, such as `example.com/web-operator`.
    pub controller: String,
    /// Which of its processes, as a rule the name of the pod; the controller's name stands in.
    pub instance: Option<String>,
}

// === impl Reporter ===

impl From<String> for Reporter {
    fn from(controller: String) -> Self {
        Self {
            controller,
            instance: None,
        }
    }
}

impl From<&str> for Reporter {
    fn from(controller: &str) -> Self {
        Self::from(controller.to_owned())
    }
}
