//! The names of kinds and resources: group, version, and kind or resource.

use std::str::FromStr;

use k8s_openapi::{api::core::v1::ObjectReference, apimachinery::pkg::apis::meta::v1::OwnerReference};
use serde::{Deserialize, Serialize};

use super::metadata::TypeMeta;

/// The text is not an `apiVersion`: neither `version` nor `group/version`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to parse group version: {0:?}")]
pub struct ParseGroupVersionError(pub String);

/// A group and a version, written `group/version` in `apiVersion`, or `version` alone in the core group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupVersion {
    /// The API group; empty for the core group.
    #[serde(default)]
    pub group: String,
    /// The version, such as `v1` or `v1beta1`.
    pub version: String,
}

/// A kind with its group and version: what an object says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupVersionKind {
    /// The API group; empty for the core group.
    #[serde(default)]
    pub group: String,
    /// The version, such as `v1` or `v1beta1`.
    pub version: String,
    /// The kind, in upper camel case.
    pub kind: String,
}

/// A resource with its group and version: what a URL path says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupVersionResource {
    /// The API group; empty for the core group.
    #[serde(default)]
    pub group: String,
    /// The version, such as `v1` or `v1beta1`.
    pub version: String,
    /// The plural name that stands in the path.
    pub resource: String,
}

// === impl GroupVersion ===

impl GroupVersion {
    /// Names a group and a version.
    pub fn gv(group: &str, version: &str) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
        }
    }

    /// Adds the kind.
    pub fn with_kind(self, kind: &str) -> GroupVersionKind {
        GroupVersionKind {
            group: self.group,
            version: self.version,
            kind: kind.to_owned(),
        }
    }

    /// The value of `apiVersion`.
    pub fn api_version(&self) -> String {
        join(&self.group, &self.version)
    }
}

impl FromStr for GroupVersion {
    type Err = ParseGroupVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (group, version) = text.split_once('/').unwrap_or(("", text));
        let slash_without_group = group.is_empty() && text.contains('/');
        if version.is_empty() || version.contains('/') || slash_without_group {
            return Err(ParseGroupVersionError(text.to_owned()));
        }
        Ok(Self::gv(group, version))
    }
}

// === impl GroupVersionKind ===

impl GroupVersionKind {
    /// Names a group, a version and a kind.
    pub fn gvk(group: &str, version: &str, kind: &str) -> Self {
        GroupVersion::gv(group, version).with_kind(kind)
    }

    /// The value of `apiVersion`.
    pub fn api_version(&self) -> String {
        join(&self.group, &self.version)
    }
}

impl TryFrom<&TypeMeta> for GroupVersionKind {
    type Error = ParseGroupVersionError;

    fn try_from(types: &TypeMeta) -> Result<Self, Self::Error> {
        Ok(types.api_version.parse::<GroupVersion>()?.with_kind(&types.kind))
    }
}

impl TryFrom<TypeMeta> for GroupVersionKind {
    type Error = ParseGroupVersionError;

    fn try_from(types: TypeMeta) -> Result<Self, Self::Error> {
        Self::try_from(&types)
    }
}

impl From<OwnerReference> for GroupVersionKind {
    fn from(owner: OwnerReference) -> Self {
        split_leniently(&owner.api_version).with_kind(&owner.kind)
    }
}

impl From<ObjectReference> for GroupVersionKind {
    fn from(object: ObjectReference) -> Self {
        split_leniently(&object.api_version.unwrap_or_default()).with_kind(&object.kind.unwrap_or_default())
    }
}

// === impl GroupVersionResource ===

impl GroupVersionResource {
    /// Names a group, a version and a resource by its plural.
    pub fn gvr(group: &str, version: &str, plural: &str) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            resource: plural.to_owned(),
        }
    }

    /// The value of `apiVersion`.
    pub fn api_version(&self) -> String {
        join(&self.group, &self.version)
    }
}

fn join(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

/// References are free text to the server, so that what does not parse is kept as it is.
fn split_leniently(api_version: &str) -> GroupVersion {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    GroupVersion::gv(group, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<(&str, &str)>) {
        let parsed = text.parse::<GroupVersion>();
        assert_eq!(
            parsed.as_ref().ok(),
            expect.map(|(g, v)| GroupVersion::gv(g, v)).as_ref()
        );
        match parsed {
            Ok(gv) => assert_eq!(gv.api_version(), text),
            Err(ParseGroupVersionError(offending)) => assert_eq!(offending, text),
        }
    }

    #[test]
    fn api_versions_parse_and_print() {
        check("v1", Some(("", "v1")));
        check("apps/v1", Some(("apps", "v1")));
        check("a.example.com/v1beta1", Some(("a.example.com", "v1beta1")));
        check("", None);
        check("/", None);
        check("/v1", None);
        check("apps/", None);
        check("apps/v1/x", None);
    }

    #[test]
    fn references_name_kinds() {
        let owner = OwnerReference {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            ..Default::default()
        };
        assert_eq!(
            GroupVersionKind::from(owner),
            GroupVersionKind::gvk("apps", "v1", "Deployment")
        );
        let object = ObjectReference {
            api_version: Some("v1".into()),
            kind: Some("Pod".into()),
            ..Default::default()
        };
        assert_eq!(
            GroupVersionKind::from(object),
            GroupVersionKind::gvk("", "v1", "Pod")
        );
        assert_eq!(
            GroupVersionKind::from(ObjectReference::default()),
            GroupVersionKind::default()
        );
    }

    #[test]
    fn type_meta_is_checked() {
        let types = TypeMeta {
            api_version: "a/b/c".into(),
            kind: "X".into(),
        };
        assert!(GroupVersionKind::try_from(types).is_err());
    }
}
