//! Asking about one group, one version or one kind.
//!
//! Cheaper than [`Discovery`](super::Discovery) where that is all you need: one request, and for
//! [`group`] one more for each version.

use super::{
    ApiCapabilities, ApiGroup, ApiResource,
    documents::{self, Versions},
};
use crate::{
    client::Client,
    core::{GroupVersion, GroupVersionKind},
    error::{DiscoveryError, Error, Result},
};

/// A group with all its versions.
///
/// # Errors
///
/// [`DiscoveryError::MissingApiGroup`] if the server does not have it, [`DiscoveryError::EmptyApiGroup`] if it has no
/// version of it, and those of [`Client::request`].
pub async fn group(client: &Client, apigroup: &str) -> Result<ApiGroup> {
    let Versions {
        name,
        preferred,
        versions,
    } = versions(client, apigroup).await?;
    if versions.is_empty() {
        return Err(DiscoveryError::EmptyApiGroup(name).into());
    }
    let mut group = ApiGroup::new(name, preferred);
    for version in versions {
        let resources = documents::resources(client, apigroup, &version).await?;
        group.add(version, resources);
    }
    Ok(group)
}

/// A group with one of its versions.
///
/// # Errors
///
/// Those of [`Client::request`]; [`Error::is_not_served`] if the server does not have it.
pub async fn pinned_group(client: &Client, gv: &GroupVersion) -> Result<ApiGroup> {
    let resources = documents::resources(client, &gv.group, &gv.version).await?;
    let mut group = ApiGroup::new(gv.group.clone(), Some(gv.version.clone()));
    group.add(gv.version.clone(), resources);
    Ok(group)
}

/// The resource of one kind.
///
/// # Errors
///
/// [`DiscoveryError::MissingKind`] if the version has no such kind, and those of [`Client::request`];
/// [`Error::is_not_served`] in both cases.
pub async fn pinned_kind(client: &Client, gvk: &GroupVersionKind) -> Result<(ApiResource, ApiCapabilities)> {
    let group = pinned_group(client, &GroupVersion::gv(&gvk.group, &gvk.version)).await?;
    let missing = || {
        Error::Discovery(DiscoveryError::MissingKind(format!(
            "{}, {}",
            gvk.api_version(),
            gvk.kind
        )))
    };
    group.kind(&gvk.version, &gvk.kind).ok_or_else(missing)
}

async fn versions(client: &Client, apigroup: &str) -> Result<Versions> {
    if apigroup == ApiGroup::CORE_GROUP {
        let core = client.list_core_api_versions().await?;
        return Ok(Versions {
            name: apigroup.to_owned(),
            preferred: core.versions.first().cloned(),
            versions: core.versions,
        });
    }
    let found = client
        .list_api_groups()
        .await?
        .groups
        .into_iter()
        .find(|group| group.name == apigroup);
    match found {
        Some(group) => Ok(group.into()),
        None => Err(DiscoveryError::MissingApiGroup(apigroup.to_owned()).into()),
    }
}
