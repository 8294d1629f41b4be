//! Waiting for an object to be in a state.
//!
//! [`await_condition`] watches one object until a [`Condition`] holds; [`conditions`] has the common ones. Reading order: here, `conditions.rs`, `delete.rs`.

pub mod conditions;
pub mod delete;

use std::{fmt::Debug, pin::pin, time::Duration};

use futures::StreamExt;
use seatrial_client::{Api, Resource};
use serde::de::DeserializeOwned;

pub use self::conditions::Condition;
use crate::watcher::{self, watch_object};

/// Waiting ended without the condition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The object could not be watched.
    #[error("the object could not be watched")]
    ProbeFailed(#[source] watcher::Error),
    /// The condition did not hold in the time given.
    #[error("the condition did not hold within {0:?}")]
    TimedOut(Duration),
}

/// Waits until `cond` holds for the object named `name`, which need not exist, and returns the object as it is then.
///
/// There is no deadline; [`await_condition_within`] has one.
///
/// # Errors
///
/// [`Error::ProbeFailed`] if the object cannot be watched. What passes by itself is waited out first, see [`watcher::Error`].
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
