//! Leader election on Leases, and sharding by the same means.
//!
//! An [`Election`] lets one of several processes lead; [`Shards`] splits the objects among all of them. Both say what they decided by a [`Leadership`], which a
//! [`Controller`](crate::Controller) follows: it keeps its caches warm all the time and reconciles only what is this process's.
//!
//! ```
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
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! # let cluster = seatrial_testkit::FakeCluster::builder().yaml("{apiVersion: v1, kind: Namespace, metadata: {name: my-system}}").build()?;
//! # let running = run(cluster.client(), "my-pod", std::future::pending());
//! # assert!(cluster.env().timeout(std::time::Duration::from_secs(5), running).await.is_err());
//! # assert_eq!(cluster.server().list("leases.coordination.k8s.io")[0]["spec"]["holderIdentity"], "my-pod");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A lease is no lock: a process that stands still does not notice that its time is over before it goes on, and a write that was sent may arrive late. The runs under way are dropped before
//! anything else happens then, and the fence refuses what was not sent yet; for the rest, writes say which version of an object they expect.
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

pub(crate) use self::leadership::{Permit, Refused, Tenure, Turn};
pub use self::{
    election::Election,
    leadership::{Leadership, NotLeader},
    shards::Shards,
    times::{InvalidTimes, Times},
};
