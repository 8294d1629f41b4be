//! What only some kinds have: eviction, logs, cordons, approvals, tokens.

use futures::AsyncBufRead;
use k8s_openapi::api::{
    authentication::v1::TokenRequest,
    certificates::v1::CertificateSigningRequest,
    core::v1::{Node, Pod, ServiceAccount},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Api, EvictParams, LogParams, Patch, PatchParams, PostParams};
use crate::{
    client::{Answer, Verb},
    core::{Status, util::Restart},
    error::Result,
};

/// Marks kinds whose objects can be evicted.
pub trait Evict {}

impl Evict for Pod {}

/// # Eviction
impl<K: DeserializeOwned + Evict> Api<K> {
    /// Asks for the deletion of the object named `name`, subject to disruption budgets.
    ///
    /// # Errors
    ///
    /// [`is_too_many_requests`](crate::Error::is_too_many_requests) if a disruption budget does not allow it now; that
    /// is a decision, not load, so that its [`outcome`](crate::Error::outcome) is not one to retry by itself.
    pub async fn evict(&self, name: &str, ep: &EvictParams) -> Result<Status> {
        self.call_for(Verb::Create, self.request.evict(name, ep)).await
    }
}

/// Marks kinds whose objects write logs.
pub trait Log {}

impl Log for Pod {}

/// # Logs
impl<K: DeserializeOwned + Log> Api<K> {
    /// The logs of a container of the object named `name`.
    ///
    /// # Errors
    ///
    /// As a get, and [`Error::FromUtf8`](crate::Error::FromUtf8) if the logs are not text.
    pub async fn logs(&self, name: &str, lp: &LogParams) -> Result<String> {
        self.call(Verb::Get, self.request.logs(name, lp), Answer::text)
            .await
    }

    /// The logs of a container of the object named `name`, as they are written.
    ///
    /// # Errors
    ///
    /// As a get; later ones come out of the reader.
    pub async fn log_stream(&self, name: &str, lp: &LogParams) -> Result<impl AsyncBufRead + use<K>> {
        Ok(self.open(Verb::Get, self.request.logs(name, lp)).await?.reader())
    }
}

/// Marks kinds whose objects take ephemeral containers.
pub trait Ephemeral {}

impl Ephemeral for Pod {}

/// # Ephemeral containers
impl<K: Clone + DeserializeOwned + Ephemeral> Api<K> {
    /// The object named `name`, read through its ephemeral containers.
    pub async fn get_ephemeral_containers(&self, name: &str) -> Result<K> {
        self.read_part("ephemeralcontainers", name).await
    }

    /// Changes the ephemeral containers of the object named `name`. They can be added, not removed.
    pub async fn patch_ephemeral_containers<P: Serialize>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<K> {
        self.patch_part("ephemeralcontainers", name, pp, patch).await
    }

    /// Replaces the ephemeral containers of the object named `name` by those of `data`.
    pub async fn replace_ephemeral_containers(&self, name: &str, pp: &PostParams, data: &K) -> Result<K>
    where
        K: Serialize,
    {
        self.replace_part("ephemeralcontainers", name, pp, data).await
    }
}

/// Marks kinds whose objects can be given other resources while they run.
pub trait Resize {}

impl Resize for Pod {}

/// # Resizing in place
impl<K: Clone + DeserializeOwned + Resize> Api<K> {
    /// The object named `name`, read through its resources.
    pub async fn get_resize(&self, name: &str) -> Result<K> {
        self.read_part("resize", name).await
    }

    /// Changes the resources of the object named `name`.
    pub async fn patch_resize<P: Serialize>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<K> {
        self.patch_part("resize", name, pp, patch).await
    }

    /// Replaces the resources of the object named `name` by those of `data`.
    pub async fn replace_resize(&self, name: &str, pp: &PostParams, data: &K) -> Result<K>
    where
        K: Serialize,
    {
        self.replace_part("resize", name, pp, data).await
    }
}

/// # Restarts
impl<K: Restart + DeserializeOwned> Api<K> {
    /// Replaces the pods of the workload named `name` step by step, as `kubectl rollout restart` does.
    pub async fn restart(&self, name: &str) -> Result<K> {
        let request = self.request.restart_at(name, self.client.env().now());
        self.call_for(Verb::Patch, request).await
    }
}

/// # Cordons
impl Api<Node> {
    /// Keeps new pods off the node named `name`.
    pub async fn cordon(&self, name: &str) -> Result<Node> {
        self.call_for(Verb::Patch, self.request.cordon(name)).await
    }

    /// Lets new pods onto the node named `name` again.
    pub async fn uncordon(&self, name: &str) -> Result<Node> {
        self.call_for(Verb::Patch, self.request.uncordon(name)).await
    }
}

/// # Approval
impl Api<CertificateSigningRequest> {
    /// The request named `name`, read through its approval.
    pub async fn get_approval(&self, name: &str) -> Result<CertificateSigningRequest> {
        self.read_part("approval", name).await
    }

    /// Approves or denies the request named `name`, by a condition.
    pub async fn patch_approval<P: Serialize>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<CertificateSigningRequest> {
        self.patch_part("approval", name, pp, patch).await
    }
}

/// # Tokens
impl Api<ServiceAccount> {
    /// Asks for a token of the service account named `name`.
    pub async fn create_token_request(
        &self,
        name: &str,
        pp: &PostParams,
        token_request: &TokenRequest,
    ) -> Result<TokenRequest> {
        self.create_part("token", name, pp, token_request).await
    }
}
