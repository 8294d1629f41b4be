//! Writing objects: create, replace, patch and delete.

use std::fmt::Debug;

use either::Either;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Api, DeleteParams, ListParams, ObjectList, PartialObjectMeta, Patch, PatchParams, PostParams,
    read::found, to_json,
};
use crate::{
    client::{Answer, Verb},
    core::Status,
    error::Result,
};

/// # Writing objects
///
/// The errors of these are [`Error::Api`](crate::Error::Api) if the server refused,
/// [`Error::Service`](crate::Error::Service) if there was no whole answer,
/// [`Error::SerdeError`](crate::Error::SerdeError) if it is not a `K`, and
/// [`Error::BuildRequest`](crate::Error::BuildRequest) if the request makes no sense. Before you repeat a failed write,
/// ask [`Error::outcome`](crate::Error::outcome) what it left behind.
///
/// # Cancel safety
///
/// Dropping the future gives up on the answer, not on the write: the server may already be at it.
impl<K> Api<K>
where
    K: Clone + DeserializeOwned + Debug,
{
    /// Creates `data` and returns what the server made of it.
    ///
    /// # Errors
    ///
    /// [`is_already_exists`](crate::Error::is_already_exists) if the name is taken,
    /// [`is_invalid`](crate::Error::is_invalid) if the object breaks the rules of its kind.
    pub async fn create(&self, pp: &PostParams, data: &K) -> Result<K>
    where
        K: Serialize,
    {
        let request = to_json(data).and_then(|body| self.request.create(pp, body));
        self.call_for(Verb::Create, request).await
    }

    /// Replaces the object named `name` by `data`.
    ///
    /// If `data` has a resource version, it must be the current one.
    ///
    /// # Errors
    ///
    /// [`is_conflict`](crate::Error::is_conflict) if the object changed since it was read,
    /// [`is_not_found`](crate::Error::is_not_found) if it is gone.
    pub async fn replace(&self, name: &str, pp: &PostParams, data: &K) -> Result<K>
    where
        K: Serialize,
    {
        let request = to_json(data).and_then(|body| self.request.replace(name, pp, body));
        self.call_for(Verb::Update, request).await
    }

    /// Changes a part of the object named `name`, or applies a configuration to it.
    ///
    /// # Errors
    ///
    /// [`is_conflict`](crate::Error::is_conflict) if an applied field belongs to another manager, or if the patch
    /// carries a resource version that is no longer the current one.
    pub async fn patch<P: Serialize + Debug>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<K> {
        self.call_for(Verb::Patch, self.request.patch(name, pp, patch))
            .await
    }

    /// [`patch`](Self::patch), answered with the metadata alone.
    ///
    /// # Errors
    ///
    /// As [`patch`](Self::patch).
    pub async fn patch_metadata<P: Serialize + Debug>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<PartialObjectMeta<K>> {
        self.call_for(Verb::Patch, self.request.patch_metadata(name, pp, patch))
            .await
    }

    /// Deletes the object named `name`.
    ///
    /// The answer is the object, still there with a deletion timestamp, if finalizers or its grace period keep it, and
    /// for some kinds its last state; otherwise a `Status`. Neither proves that the object is gone: an absent object, or
    /// one with another UID, does.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](crate::Error::is_not_found) if there is none;
    /// [`delete_if_present`](Self::delete_if_present) makes that a value. [`is_conflict`](crate::Error::is_conflict) if
    /// a precondition does not hold.
    pub async fn delete(&self, name: &str, dp: &DeleteParams) -> Result<Either<K, Status>> {
        self.call(
            Verb::Delete,
            self.request.delete(name, dp),
            Answer::object_or_status,
        )
        .await
    }

    /// Deletes the object named `name`, if there is one.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete), without the absent object.
    pub async fn delete_if_present(
        &self,
        name: &str,
        dp: &DeleteParams,
    ) -> Result<Option<Either<K, Status>>> {
        found(self.delete(name, dp).await)
    }

    /// Deletes the objects that `lp` selects.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete). Some of the objects may be deleted even so.
    pub async fn delete_collection(
        &self,
        dp: &DeleteParams,
        lp: &ListParams,
    ) -> Result<Either<ObjectList<K>, Status>> {
        let request = self.request.delete_collection(dp, lp);
        self.call(Verb::DeleteCollection, request, Answer::object_or_status)
            .await
    }
}
