//! Test Kubernetes controllers inside `cargo test`, deterministically.
//!
//! [`FakeCluster`] is the easy door: an apiserver in memory, a [`Client`](seatrial_client::Client) for it, and virtual
//! time. A test starts the controller as production does, changes objects, lets the cluster [`settle`](FakeCluster::settle)
//! and looks at the end.
//!
//! [`sweep`](sweep()) is the thorough one: it runs the controller in simulated worlds in each of which one thing goes wrong, and
//! compares how they end, with no assertion written by the test.
//!
//! Reading order: `cluster` (what a test holds), `builder` and `fixture` (what it starts from), `log` (what was asked
//! of the server), `pace` (how often), `snapshot` (what is there in the end), [`fault`] (what goes wrong on the way), [`interceptor`] (what a test does on the way), [`stages`] (what becomes of pods by themselves), [`scenario`] (what happens, as a value that proptest
//! draws), [`sim`] (the simulated world), `oracle` (what a run is judged by), `sweep` (which runs are made), [`timeline`] (what happened, told to people).
//!
//! With the feature `kube`, programs that were written with kube 5.0.0 are tested as they are: `kube::client`, `kube::sweep`.

mod builder;
mod cluster;
mod duration;
mod fixture;
mod identity;
mod log;
mod oracle;
mod pace;
mod raw;
mod request;
mod snapshot;
mod sweep;

pub mod fault;
pub mod interceptor;
#[cfg(feature = "kube")]
pub mod kube;
pub mod scenario;
pub mod sim;
pub mod stages;
pub mod timeline;

pub use builder::{BuildError, FakeClusterBuilder};
pub use cluster::{FakeCluster, Unsettled};
pub use fixture::FixtureError;
pub use log::{LogEntry, RequestLog};
pub use oracle::FailureKind;
pub use seatrial_fake_apiserver::Actor;
#[cfg(feature = "kubelet")]
pub use seatrial_fake_apiserver::{FakeKubelet, Program, Session};
pub use snapshot::{ChangeKind, FieldDiff, ObjectDiff, State, StateDiff};
pub use sweep::{
    Finding, FuzzFinding, FuzzReport, Repeated, ReplayError, Report, SpecFuzz, Strategy, Sweep, Tally, Tape,
    TapeError, Workload, Worlds, plan, sweep,
};
