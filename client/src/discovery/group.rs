//! One group and its versions.

use std::cmp::Reverse;

use super::{ApiCapabilities, ApiResource};
use crate::core::Version;

/// A resource and what can be done with it.
pub(super) type Resources = Vec<(ApiResource, ApiCapabilities)>;

/// A group of the API, its versions and their resources.
#[derive(Clone, Debug)]
pub struct ApiGroup {
    name: String,
    /// The version that the server recommends.
    preferred: Option<String>,
    /// The most stable first, by the rules of Kubernetes.
    versions: Vec<(String, Resources)>,
}

impl ApiGroup {
    /// The name of the group that has none, with `v1` of pods, services and so on.
    pub const CORE_GROUP: &'static str = "";

    pub(super) fn new(name: String, preferred: Option<String>) -> Self {
        Self {
            name,
            preferred,
            versions: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, version: String, resources: Resources) {
        self.versions.push((version, resources));
        self.versions
            .sort_by_cached_key(|(version, _)| Reverse(Version::parse(version).priority()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The name; empty for the core group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The versions, the most stable first.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().map(|(version, _)| version.as_str())
    }

    /// The version that the server recommends.
    pub fn preferred_version(&self) -> Option<&str> {
        self.preferred.as_deref()
    }

    /// The version that the server recommends, or the most stable one.
    pub fn preferred_version_or_latest(&self) -> &str {
        // A group is only handed out once it has a version.
        self.preferred_version()
            .or_else(|| self.versions().next())
            .unwrap_or_default()
    }

    /// The resources of a version; none if there is no such version.
    pub fn versioned_resources(&self, version: &str) -> Vec<(ApiResource, ApiCapabilities)> {
        self.resources(version).to_vec()
    }

    /// The resources of the version that the server recommends.
    ///
    /// A kind that only another version has is not among them; see
    /// [`resources_by_stability`](Self::resources_by_stability).
    pub fn recommended_resources(&self) -> Vec<(ApiResource, ApiCapabilities)> {
        self.versioned_resources(self.preferred_version_or_latest())
    }

    /// Every kind of the group, each in the most stable version that has it.
    pub fn resources_by_stability(&self) -> Vec<(ApiResource, ApiCapabilities)> {
        let mut found: Resources = Vec::new();
        for (_, resources) in &self.versions {
            for (resource, capabilities) in resources {
                if !found.iter().any(|(known, _)| known.kind == resource.kind) {
                    found.push((resource.clone(), capabilities.clone()));
                }
            }
        }
        found
    }

    /// The resource of a kind in the version that the server recommends.
    pub fn recommended_kind(&self, kind: &str) -> Option<(ApiResource, ApiCapabilities)> {
        self.kind(self.preferred_version_or_latest(), kind)
    }

    pub(super) fn kind(&self, version: &str, kind: &str) -> Option<(ApiResource, ApiCapabilities)> {
        self.resources(version)
            .iter()
            .find(|(resource, _)| resource.kind == kind)
            .cloned()
    }

    fn resources(&self, version: &str) -> &[(ApiResource, ApiCapabilities)] {
        self.versions
            .iter()
            .find(|(known, _)| known == version)
            .map_or(&[], |(_, resources)| resources)
    }
}
