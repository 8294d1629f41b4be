//! Every served resource: the built-in ones, and those of the established custom resources.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use bytes::Bytes;
use sha2::Digest;

use super::{Group, Resource, Version};
use crate::schema::builtin;

/// The served resources, with the documents that are made of them.
///
/// It is immutable: a change of the custom resources makes a new one.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The groups of custom resources, by name; no built-in group is among them.
    custom: Vec<Group>,
    /// The aggregated document and its entity tag, made when it is first asked for.
    pub(super) aggregated: OnceLock<(Bytes, String)>,
    /// The custom resources' schemas for the OpenAPI documents, in the order of registration.
    pub(super) schemas: Vec<OpenApiSource>,
}

/// What the OpenAPI documents need of one version of a custom resource.
#[derive(Debug, Clone)]
pub(super) struct OpenApiSource {
    pub(super) resource: Resource,
    pub(super) list_kind: Box<str>,
    pub(super) schema: Arc<serde_json::Value>,
}

impl Catalog {
    /// The built-in resources alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a served version of a custom resource; resources of one version are listed in the order of their addition.
    ///
    /// `schema` is the `openAPIV3Schema` of the version, `null` where there is none.
    #[must_use]
    pub fn with(mut self, resource: Resource, list_kind: &str, schema: Arc<serde_json::Value>) -> Self {
        self.schemas.push(OpenApiSource {
            resource: resource.clone(),
            list_kind: list_kind.into(),
            schema,
        });
        let at = match self.custom.binary_search_by(|g| g.name.cmp(&resource.group)) {
            Ok(at) => at,
            Err(at) => {
                self.custom.insert(
                    at,
                    Group {
                        name: resource.group.clone(),
                        versions: Vec::new(),
                    },
                );
                at
            }
        };
        let versions = &mut self.custom[at].versions;
        let at = match versions.binary_search_by(|v| compare_versions(&v.name, &resource.version)) {
            Ok(at) => at,
            Err(at) => {
                versions.insert(
                    at,
                    Version {
                        name: resource.version.clone(),
                        resources: Vec::new(),
                    },
                );
                at
            }
        };
        versions[at].resources.push(resource);
        self.aggregated = OnceLock::new();
        self
    }

    /// All groups in the order of discovery: the core group, the built-in ones, the custom ones by name.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        builtin().groups().iter().chain(&self.custom)
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups().find(|g| &*g.name == name)
    }

    /// What a version of a group serves.
    pub fn version(&self, group: &str, version: &str) -> Option<&Version> {
        self.group(group)?.versions.iter().find(|v| &*v.name == version)
    }

    /// The resource at a path.
    pub fn resource(&self, group: &str, version: &str, plural: &str) -> Option<&Resource> {
        let resources = &self.version(group, version)?.resources;
        resources.iter().find(|r| &*r.plural == plural)
    }

    /// The resource of a kind.
    pub fn resource_of_kind(&self, group: &str, version: &str, kind: &str) -> Option<&Resource> {
        let resources = &self.version(group, version)?.resources;
        resources.iter().find(|r| &*r.kind == kind)
    }
}

/// The order of versions in discovery: stable ones first, then beta, then alpha, higher numbers first; names of another
/// form last, by the alphabet.
///
/// # Source
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    match (rank(a), rank(b)) {
        (Some(x), Some(y)) => y.cmp(&x),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Stability, major and minor number of `v1`, `v2beta3` and their like.
fn rank(version: &str) -> Option<(u8, u64, u64)> {
    let number = |s: &str| {
        let plain = s.bytes().all(|b| b.is_ascii_digit()) && !s.starts_with('0');
        plain.then(|| s.parse().ok()).flatten()
    };
    let rest = version.strip_prefix('v')?;
    for (stability, word) in [(1, "alpha"), (2, "beta")] {
        if let Some((major, minor)) = rest.split_once(word) {
            return Some((stability, number(major)?, number(minor)?));
        }
    }
    Some((3, number(rest)?, 0))
}

/// The hash that legacy discovery shows for the version in which a resource is stored.
pub(crate) fn storage_version_hash(group: &str, version: &str, kind: &str) -> String {
    let digest = sha2::Sha256::digest(format!("{group}/{version}/{kind}"));
    base64::engine::general_purpose::STANDARD.encode(&digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_stability_and_number() {
        let mut versions = [
            "v1alpha1",
            "foo10",
            "v2",
            "v1beta1",
            "v11beta2",
            "foo1",
            "v10",
            "bar",
            "v1",
            "v12alpha1",
            "v3beta1",
        ];
        versions.sort_by(|a, b| compare_versions(a, b));
        assert_eq!(
            versions,
            [
                "v10",
                "v2",
                "v1",
                "v11beta2",
                "v3beta1",
                "v1beta1",
                "v12alpha1",
                "v1alpha1",
                "bar",
                "foo1",
                "foo10"
            ]
        );
    }

    #[test]
    fn stored_versions_have_the_published_hashes() {
        assert_eq!(storage_version_hash("", "v1", "ConfigMap"), "qFsyl6wFWjQ=");
        assert_eq!(
            storage_version_hash("apps", "v1", "ControllerRevision"),
            "85nkx63pcBU="
        );
    }
}
