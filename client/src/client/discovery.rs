//! The documents in which a server describes itself, undigested.
//!
//! [`Discovery`](crate::Discovery) digests them.

use bytes::Bytes;
use http::{Request, header};
use k8s_openapi::apimachinery::pkg::{
    apis::meta::v1::{APIGroupList, APIResourceList, APIVersions},
    version::Info,
};
use serde::de::DeserializeOwned;

use super::{APIGroupDiscoveryList, Answer, Client};
use crate::{
    core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2,
    error::{Error, Result},
};

/// # Reading what the server says of itself
///
/// The errors of all of these are those of [`Client::request`].
impl Client {
    /// The version of the API server.
    pub async fn apiserver_version(&self) -> Result<Info> {
        self.document("/version", None).await
    }

    /// The API groups, without the core group.
    pub async fn list_api_groups(&self) -> Result<APIGroupList> {
        self.document("/apis", None).await
    }

    /// The resources of a group and version such as `apps/v1`.
    pub async fn list_api_group_resources(&self, apiversion: &str) -> Result<APIResourceList> {
        self.document(&format!("/apis/{apiversion}"), None).await
    }

    /// The versions of the core group.
    pub async fn list_core_api_versions(&self) -> Result<APIVersions> {
        self.document("/api", None).await
    }

    /// The resources of a version of the core group, such as `v1`.
    pub async fn list_core_api_resources(&self, version: &str) -> Result<APIResourceList> {
        self.document(&format!("/api/{version}"), None).await
    }

    /// The API groups with the resources of all their versions, without the core group.
    ///
    /// A server without aggregated discovery answers in the legacy form, which reads as an empty list here;
    /// [`Discovery`](crate::Discovery) tells the two apart.
    pub async fn list_api_groups_aggregated(&self) -> Result<APIGroupDiscoveryList> {
        self.document("/apis", Some(ACCEPT_AGGREGATED_DISCOVERY_V2)).await
    }

    /// The core group with the resources of all its versions.
    ///
    /// See [`list_api_groups_aggregated`](Self::list_api_groups_aggregated) on older servers.
    pub async fn list_core_api_versions_aggregated(&self) -> Result<APIGroupDiscoveryList> {
        self.document("/api", Some(ACCEPT_AGGREGATED_DISCOVERY_V2)).await
    }

    async fn document<T: DeserializeOwned>(&self, path: &str, accept: Option<&str>) -> Result<T> {
        self.request(document(path, accept.unwrap_or("application/json"))?)
            .await
    }

    /// A document whose form is only known once it is here.
    pub(crate) async fn document_bytes(&self, path: &str, accept: &str) -> Result<Bytes> {
        self.call(document(path, accept)?, Answer::bytes).await
    }
}

fn document(path: &str, accept: &str) -> Result<Request<Vec<u8>>> {
    let request = Request::get(path).header(header::ACCEPT, accept);
    request.body(Vec::new()).map_err(Error::HttpError)
}
