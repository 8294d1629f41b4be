//! Subresources: a part of an object with rules of its own, or a call on it.

use std::fmt::Debug;

use k8s_openapi::api::autoscaling::v1::Scale;
use serde::{Serialize, de::DeserializeOwned};

use super::{Api, Patch, PatchParams, PostParams, to_json};
use crate::{client::Verb, error::Result};

/// # The status
///
/// The errors are those of the same verbs on the object. Writing the status leaves everything else as it is, and the
/// other way round.
impl<K: DeserializeOwned> Api<K> {
    /// The object named `name`, read through its status.
    pub async fn get_status(&self, name: &str) -> Result<K> {
        self.read_part("status", name).await
    }

    /// Changes the status of the object named `name`, or applies one.
    pub async fn patch_status<P: Serialize + Debug>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<K> {
        self.patch_part("status", name, pp, patch).await
    }

    /// Replaces the status of the object named `name` by that of `data`.
    ///
    /// # Errors
    ///
    /// [`is_conflict`](crate::Error::is_conflict) if `data` has a resource version that is not the current one.
    pub async fn replace_status(&self, name: &str, pp: &PostParams, data: &K) -> Result<K>
    where
        K: Serialize,
    {
        self.replace_part("status", name, pp, data).await
    }
}

/// # The scale
impl<K: Clone + DeserializeOwned> Api<K> {
    /// The number of replicas of the object named `name`, wanted and present.
    pub async fn get_scale(&self, name: &str) -> Result<Scale> {
        self.read_part("scale", name).await
    }

    /// Changes the number of replicas of the object named `name`.
    pub async fn patch_scale<P: Serialize + Debug>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<Scale> {
        self.patch_part("scale", name, pp, patch).await
    }

    /// Replaces the scale of the object named `name`.
    pub async fn replace_scale(&self, name: &str, pp: &PostParams, data: &Scale) -> Result<Scale> {
        self.replace_part("scale", name, pp, data).await
    }
}

/// # Any subresource
///
/// For those that have no methods of their own here.
impl<K: Clone + DeserializeOwned + Debug> Api<K> {
    /// Calls a subresource of the object named `name`, such as `eviction` or `binding`.
    pub async fn create_subresource<I, T>(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PostParams,
        data: &I,
    ) -> Result<T>
    where
        I: Serialize,
        T: DeserializeOwned,
    {
        self.create_part(subresource_name, name, pp, data).await
    }

    /// Reads a subresource of the object named `name`.
    pub async fn get_subresource(&self, subresource_name: &str, name: &str) -> Result<K> {
        self.read_part(subresource_name, name).await
    }

    /// Changes a subresource of the object named `name`, or applies a configuration to it.
    pub async fn patch_subresource<P: Serialize + Debug>(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<K> {
        self.patch_part(subresource_name, name, pp, patch).await
    }

    /// Replaces a subresource of the object named `name`.
    pub async fn replace_subresource<I>(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PostParams,
        data: &I,
    ) -> Result<K>
    where
        I: Serialize,
    {
        self.replace_part(subresource_name, name, pp, data).await
    }
}

// === The one shape of all subresources ===

impl<K> Api<K> {
    pub(super) async fn read_part<T: DeserializeOwned>(&self, part: &str, name: &str) -> Result<T> {
        self.call_for(Verb::Get, self.request.get_subresource(part, name))
            .await
    }

    pub(super) async fn create_part<I, T>(
        &self,
        part: &str,
        name: &str,
        pp: &PostParams,
        data: &I,
    ) -> Result<T>
    where
        I: Serialize,
        T: DeserializeOwned,
    {
        let request = to_json(data).and_then(|body| self.request.create_subresource(part, name, pp, body));
        self.call_for(Verb::Create, request).await
    }

    pub(super) async fn replace_part<I, T>(
        &self,
        part: &str,
        name: &str,
        pp: &PostParams,
        data: &I,
    ) -> Result<T>
    where
        I: Serialize,
        T: DeserializeOwned,
    {
        let request = to_json(data).and_then(|body| self.request.replace_subresource(part, name, pp, body));
        self.call_for(Verb::Update, request).await
    }

    pub(super) async fn patch_part<P, T>(
        &self,
        part: &str,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<T>
    where
        P: Serialize,
        T: DeserializeOwned,
    {
        self.call_for(Verb::Patch, self.request.patch_subresource(part, name, pp, patch))
            .await
    }
}
