//! The two forms of discovery documents: the aggregated one, and the legacy ones it replaced.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Unavailable,
    group::{ApiGroup, Resources},
};
use crate::{
    client::{
        APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery, Client, DiscoveryGroupVersionKind,
    },
    core::{
        GroupVersion,
        discovery::{ApiCapabilities, ApiResource, Scope, v2::ACCEPT_AGGREGATED_DISCOVERY_V2},
    },
    error::{Error, Result},
};

/// The two places where groups are listed.
#[derive(Clone, Copy)]
pub(super) enum Root {
    Core,
    Named,
}

/// What is found at a root.
pub(super) enum Groups {
    /// All there is to know, and which versions the server could not refresh.
    Aggregated(Vec<(ApiGroup, Vec<Unavailable>)>),
    /// The names of what there is; the rest is in further documents.
    Legacy(Vec<Versions>),
}

/// The versions of a group.
pub(super) struct Versions {
    pub(super) name: String,
    pub(super) preferred: Option<String>,
    pub(super) versions: Vec<String>,
}

/// Reads the groups of a root, in the aggregated form if the server knows it.
pub(super) async fn groups(client: &Client, root: Root) -> Result<Groups> {
    let path = match root {
        Root::Core => "/api",
        Root::Named => "/apis",
    };
    // A server that does not know the aggregated form finds the legacy one at the end of the list.
    let accept = format!("{ACCEPT_AGGREGATED_DISCOVERY_V2},application/json");
    let document = client.document_bytes(path, &accept).await?;
    let Kind { kind } = parse(&document)?;
    Ok(match (kind.as_str(), root) {
        ("APIGroupDiscoveryList", _) => {
            let list: APIGroupDiscoveryList = parse(&document)?;
            Groups::Aggregated(list.items.into_iter().map(aggregated).collect())
        }
        (_, Root::Core) => {
            let core: APIVersions = parse(&document)?;
            Groups::Legacy(vec![Versions {
                name: ApiGroup::CORE_GROUP.to_owned(),
                preferred: core.versions.first().cloned(),
                versions: core.versions,
            }])
        }
        (_, Root::Named) => {
            let list: APIGroupList = parse(&document)?;
            Groups::Legacy(list.groups.into_iter().map(Versions::from).collect())
        }
    })
}

/// Reads the resources of a version in the legacy form.
pub(super) async fn resources(client: &Client, group: &str, version: &str) -> Result<Resources> {
    let list = if group == ApiGroup::CORE_GROUP {
        client.list_core_api_resources(version).await?
    } else {
        client
            .list_api_group_resources(&format!("{group}/{version}"))
            .await?
    };
    Ok(legacy(&GroupVersion::gv(group, version), list))
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    kind: String,
}

fn parse<T: DeserializeOwned>(document: &[u8]) -> Result<T> {
    serde_json::from_slice(document).map_err(Error::SerdeError)
}

impl From<APIGroup> for Versions {
    fn from(group: APIGroup) -> Self {
        Self {
            name: group.name,
            preferred: group.preferred_version.map(|version| version.version),
            versions: group
                .versions
                .into_iter()
                .map(|version| version.version)
                .collect(),
        }
    }
}

// === The aggregated form ===

fn aggregated(group: APIGroupDiscovery) -> (ApiGroup, Vec<Unavailable>) {
    let name = group
        .metadata
        .and_then(|metadata| metadata.name)
        .unwrap_or_default();
    let preferred = group.versions.first().and_then(|version| version.version.clone());
    let mut found = ApiGroup::new(name.clone(), preferred);
    let mut unavailable = Vec::new();
    for version in group.versions {
        let gv = GroupVersion::gv(&name, &version.version.unwrap_or_default());
        if version.freshness.as_deref() == Some("Stale") {
            unavailable.push(Unavailable {
                group: gv.group.clone(),
                version: gv.version.clone(),
                error: None,
            });
        }
        let resources = version
            .resources
            .into_iter()
            .filter_map(|resource| aggregated_resource(&gv, resource));
        found.add(gv.version.clone(), resources.collect());
    }
    (found, unavailable)
}

fn aggregated_resource(
    gv: &GroupVersion,
    found: APIResourceDiscovery,
) -> Option<(ApiResource, ApiCapabilities)> {
    let plural = found.resource?;
    let scope = scope(found.scope.as_deref() == Some("Namespaced"));
    let subresources = found.subresources.into_iter().filter_map(|part| {
        let name = format!("{plural}/{}", part.subresource?);
        let kind = part.response_kind.unwrap_or_default();
        Some((resource(gv, &kind, &name), capabilities(scope, part.verbs)))
    });
    let subresources = subresources.collect();
    let resource = resource(gv, &found.response_kind.unwrap_or_default(), &plural);
    Some((
        resource,
        ApiCapabilities {
            subresources,
            ..capabilities(scope, found.verbs)
        },
    ))
}

// === The legacy form ===

fn legacy(gv: &GroupVersion, list: APIResourceList) -> Resources {
    let (parts, whole): (Vec<_>, Vec<_>) = list
        .resources
        .into_iter()
        .partition(|found| found.name.contains('/'));
    whole
        .into_iter()
        .map(|found| {
            let subresources = parts
                .iter()
                .filter(|part| part.name.split_once('/').is_some_and(|(of, _)| of == found.name))
                .map(|part| legacy_resource(gv, part))
                .collect();
            let (resource, capabilities) = legacy_resource(gv, &found);
            (
                resource,
                ApiCapabilities {
                    subresources,
                    ..capabilities
                },
            )
        })
        .collect()
}

fn legacy_resource(gv: &GroupVersion, found: &APIResource) -> (ApiResource, ApiCapabilities) {
    let kind = DiscoveryGroupVersionKind {
        group: found.group.clone(),
        version: found.version.clone(),
        kind: Some(found.kind.clone()),
    };
    let scope = scope(found.namespaced);
    (
        resource(gv, &kind, &found.name),
        capabilities(scope, found.verbs.clone()),
    )
}

// === Both ===

fn resource(gv: &GroupVersion, kind: &DiscoveryGroupVersionKind, plural: &str) -> ApiResource {
    let version = kind.version.clone().filter(|version| !version.is_empty());
    // Without a version the kind is one of the group that it stands in; a group alone may be the core group's name.
    let (group, version) = match version {
        Some(version) => (kind.group.clone().unwrap_or_default(), version),
        None => (gv.group.clone(), gv.version.clone()),
    };
    let gvk = GroupVersion::gv(&group, &version).with_kind(kind.kind.as_deref().unwrap_or_default());
    ApiResource::from_gvk_with_plural(&gvk, plural)
}

fn capabilities(scope: Scope, operations: Vec<String>) -> ApiCapabilities {
    ApiCapabilities {
        scope,
        subresources: Vec::new(),
        operations,
    }
}

fn scope(is_namespaced: bool) -> Scope {
    if is_namespaced {
        Scope::Namespaced
    } else {
        Scope::Cluster
    }
}
