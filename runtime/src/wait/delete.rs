//! Deleting, and waiting until it is done.

use std::fmt::Debug;

use seatrial_client::{Api, Error as ClientError, Resource, ResourceExt, api::DeleteParams};
use serde::de::DeserializeOwned;

use super::{await_condition, conditions};

/// Deleting an object to the end failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server did not say which object it deletes, so there is nothing to wait for.
    #[error("the object that is deleted has no UID")]
    NoUid,
    /// The object could not be deleted.
    #[error("the object could not be deleted")]
    Delete(#[source] ClientError),
    /// The deletion could not be waited for.
    #[error("the deletion could not be waited for")]
    Await(#[source] super::Error),
}

/// Deletes an object and waits until it is gone, which takes as long as its finalizers do.
///
/// Another object that takes its name meanwhile counts as gone.
///
/// # Errors
///
/// See [`Error`]; an object that is not there is [`Error::Delete`].
pub async fn delete_and_finalize<K>(
    api: Api<K>,
    name: &str,
    delete_params: &DeleteParams,
) -> Result<(), Error>
where
    K: Clone + Debug + Send + DeserializeOwned + Resource + 'static,
{
    let deleted = api.delete(name, delete_params).await.map_err(Error::Delete)?;
    let uid = match deleted {
        // It is on its way: the answer is the object with a deletion timestamp.
        either::Either::Left(object) => object.uid().ok_or(Error::NoUid)?,
        // The server deleted it and says so.
        either::Either::Right(status) => match status.details.map(|details| details.uid) {
            Some(uid) if !uid.is_empty() => uid,
            _ => return Err(Error::NoUid),
        },
    };
    await_condition(api, name, conditions::is_deleted(&uid))
        .await
        .map_err(Error::Await)
        .map(drop)
}
