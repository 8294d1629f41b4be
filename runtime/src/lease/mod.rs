//! Leader election on Leases, and sharding by the same means.
//!
//! An [`Election`] lets one of several processes lead; [`Shards`] splits the objects among all of them. Both say what they decided by a [`Leadership`], which a
//! [`Controller`](crate::Controller) follows: it keeps its caches warm all the time and reconciles only what is this process's.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use futures::StreamExt;
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use seatrial_client::{Api, Client};
//! use seatrial_runtime::{Controller, controller::Action, lease::Election, watcher};
//!
//! async fn run(client: Client, pod_name: &str, stop: impl Future<Output = ()>) {
//!     let election = Election::new(client.clone(), "my-system", "my-operator", pod_name);
//!     let leadership = election.leadership();
//!     // Writes of the reconcilers go through this, so that none is sent once the lease is lost.
//!     let fenced = leadership.fence(&client);
//!     let controller = Controller::new(Api::<ConfigMap>::all(client), watcher::Config::default())
//!         .led_by(leadership)
//!         .run_with_backoff(
//!             async |_, _| Ok::<_, std::io::Error>(Action::await_change()),
//!             Arc::new(fenced),
//!         )
//!         .for_each(|_| async {});
//!     futures::future::join(election.run(stop), controller).await;
//! }
//! ```
//!
//! Reading order: `machine.rs` (every decision), `driver.rs` (the requests), `leadership.rs` (what was decided, and who works by it), `times.rs`,
//! `candidate.rs`, `election.rs`, `shards.rs`.

mod candidate;
mod driver;
mod election;
mod leadership;
mod machine;
mod shards;
mod times;

pub(crate) use self::leadership::{Permit, Tenure, Turn};
pub use self::{
    election::Election,
    leadership::{Leadership, NotLeader},
    shards::Shards,
    times::{InvalidTimes, Times},
};
