//! Waiting for an object to be in a state.
//!
//! [`await_condition`] watches one object until a [`Condition`] holds; [`conditions`] has the common ones, and any function of the object is one. It is for programs that do one thing after
//! another, such as tests and command line tools: a reconciler does not wait, it answers that it wants to look again.
//!
//! ```
//! use std::time::Duration;
//!
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use seatrial_client::{Api, Client};
//! use seatrial_runtime::wait::{self, Condition, await_condition_within, conditions};
//!
//! async fn wait_for_value(client: Client) -> Result<Option<ConfigMap>, wait::Error> {
//!     let has_value = |config: Option<&ConfigMap>| config.is_some_and(|config| config.data.is_some());
//!     let wanted = conditions::is_created().and(has_value);
//!     await_condition_within(Api::default_namespaced(client), "settings", wanted, Duration::from_secs(60)).await
//! }
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! # let cluster = seatrial_testkit::FakeCluster::builder()
//! #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}")
//! #     .build()?;
//! # assert!(wait_for_value(cluster.client()).await?.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Reading order: here, `conditions.rs`, `delete.rs`, `served.rs`.

pub mod conditions;
pub mod delete;
mod served;

use std::{fmt::Debug, pin::pin, time::Duration};

use futures::StreamExt;
use seatrial_client::{Api, Error as ClientError, Resource};
use serde::de::DeserializeOwned;

pub use self::{conditions::Condition, served::await_served};
use crate::watcher::{self, watch_object};

/// Waiting ended without the condition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The object could not be watched.
    #[error("the object could not be watched")]
    ProbeFailed(#[source] watcher::Error),
    /// Which kinds are served could not be read.
    #[error("the kinds that are served could not be read")]
    DiscoveryFailed(#[source] ClientError),
    /// The condition did not hold in the time given.
    #[error("the condition did not hold within {0:?}")]
    TimedOut(Duration),
}

/// Waits until `cond` holds for the object named `name`, which need not exist, and returns the object as it is then.
///
/// There is no deadline; [`await_condition_within`] has one. An object that is deleted and made anew counts as the same unless the condition looks at its UID, as
/// [`is_deleted`](conditions::is_deleted) does.
///
/// # Errors
///
/// [`Error::ProbeFailed`] if the object cannot be watched. What passes by itself is waited out first, see [`watcher::Error`]. Nothing is lost by waiting again.
///
/// # Cancel safety
///
/// Nothing is lost by dropping the future.
pub async fn await_condition<K>(api: Api<K>, name: &str, cond: impl Condition<K>) -> Result<Option<K>, Error>
where
    K: Clone + Debug + Send + DeserializeOwned + Resource + 'static,
{
    let mut states = pin!(watch_object(api, name));
    loop {
        match states.next().await {
            Some(Ok(object)) if cond.matches_object(object.as_ref()) => return Ok(object),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Error::ProbeFailed(error)),
            // A watch does not end.
            None => std::future::pending().await,
        }
    }
}

/// [`await_condition`] with a deadline, on the clock of the client.
///
/// # Errors
///
/// Those of [`await_condition`], and [`Error::TimedOut`].
pub async fn await_condition_within<K>(
    api: Api<K>,
    name: &str,
    cond: impl Condition<K>,
    timeout: Duration,
) -> Result<Option<K>, Error>
where
    K: Clone + Debug + Send + DeserializeOwned + Resource + 'static,
{
    let env = api.client().env().clone();
    let waiting = await_condition(api, name, cond);
    env.timeout(timeout, waiting)
        .await
        .unwrap_or(Err(Error::TimedOut(timeout)))
}
