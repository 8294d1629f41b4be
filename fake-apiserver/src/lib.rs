//! A Kubernetes apiserver in memory, as a [`tower::Service`](tower_service::Service).
//!
//! A request travels through one folder per layer: `wire` (route, negotiate, decode), `auth` (who asks, and whether they
//! may), `registry` (the strategy of the
//! kind), `patch` and `apply` (how a write changes an object), `storage` (the revisioned store) and `encode` (objects,
//! lists, tables, watch frames). `webhook` calls out, `schema` says what every kind looks like, `status` how a failure is told.
//!
//! **Invariant:** this crate knows neither the client nor the runtime, so that two readings of the protocol never share
//! one mistake. **Invariant:** time and randomness come from the builder alone.

mod actors;
pub mod apply;
mod auth;
mod body;
mod clock;
pub mod crd;
pub mod discovery;
mod encode;
mod ids;
mod inspect;
#[cfg(feature = "kubelet")]
mod kubelet;
pub mod patch;
mod pointer;
mod registry;
pub mod schema;
mod service;
pub mod status;
mod storage;
mod watch_stream;
mod webhook;
mod wire;

pub use actors::Actor;
pub use auth::UserInfo;
pub use body::Body;
pub use clock::{Clock, Sleep, SystemClock, VirtualClock};
pub use inspect::{Change, Held};
#[cfg(feature = "kubelet")]
pub use kubelet::{FakeKubelet, Program, Session};
pub use service::{Builder, FakeApiServer};
