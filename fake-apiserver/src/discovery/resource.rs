//! The resources that the server serves, as routing and the discovery documents need them.

use std::fmt;
use std::str::FromStr;

use crate::schema;

/// An API group with its versions, the preferred one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The name; empty for the core group.
    pub name: Box<str>,
    /// The served versions in the order of preference.
    pub versions: Vec<Version>,
}

/// A version of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The name, such as `v1`.
    pub name: Box<str>,
    /// What it serves, by name.
    pub resources: Vec<Resource>,
}

/// A resource in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: Box<str>,
    /// The version.
    pub version: Box<str>,
    /// The name in paths.
    pub plural: Box<str>,
    /// The name in prose.
    pub singular: Box<str>,
    /// The kind of its objects, in the resource's own group and version.
    pub kind: Box<str>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done.
    pub verbs: Verbs,
    /// Short forms for the command line.
    pub short_names: Vec<Box<str>>,
    /// Groups of resources for the command line, such as `all`.
    pub categories: Vec<Box<str>>,
    /// The hash of the stored version that legacy discovery shows; empty for a resource that is not stored.
    pub storage_version_hash: Box<str>,
    /// Its subresources, by name.
    pub subresources: Vec<Subresource>,
    /// Whether it comes from a CustomResourceDefinition.
    pub custom: bool,
}

/// A subresource; its kind may come from another group, as `Scale` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subresource {
    /// The name in paths.
    pub name: Box<str>,
    /// The group of its kind.
    pub group: Box<str>,
    /// The version of its kind.
    pub version: Box<str>,
    /// The kind of its bodies.
    pub kind: Box<str>,
    /// What can be done.
    pub verbs: Verbs,
}

/// Something that can be done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Make an object.
    Create,
    /// Delete one.
    Delete,
    /// Delete those of a list.
    DeleteCollection,
    /// Read one.
    Get,
    /// Read many.
    List,
    /// Change parts of one.
    Patch,
    /// Replace one.
    Update,
    /// Follow changes.
    Watch,
}

/// A set of verbs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verbs(u8);

/// The built-in resources in the order of discovery.
pub fn builtin_resources() -> impl Iterator<Item = &'static Resource> {
    schema::builtin()
        .groups()
        .iter()
        .flat_map(|g| &g.versions)
        .flat_map(|v| &v.resources)
}

// === impl Resource ===

impl Resource {
    /// `v1`, or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The subresource of that name.
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|s| &*s.name == name)
    }
}

// === impl Verb ===

impl Verb {
    /// All verbs in the order in which documents list them.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Delete,
        Self::DeleteCollection,
        Self::Get,
        Self::List,
        Self::Patch,
        Self::Update,
        Self::Watch,
    ];

    /// The name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
            Self::Get => "get",
            Self::List => "list",
            Self::Patch => "patch",
            Self::Update => "update",
            Self::Watch => "watch",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Verb {
    type Err = UnknownVerb;

    fn from_str(s: &str) -> Result<Self, UnknownVerb> {
        Self::ALL.into_iter().find(|v| v.name() == s).ok_or(UnknownVerb)
    }
}

/// A text names no verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown verb")]
pub struct UnknownVerb;

// === impl Verbs ===

impl Verbs {
    /// What a stored resource offers.
    pub const ALL: Self = Self(u8::MAX);

    /// Whether the verb is in the set.
    pub fn contains(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u8) != 0
    }

    /// The set with a verb more.
    #[must_use]
    pub fn with(self, verb: Verb) -> Self {
        Self(self.0 | 1 << verb as u8)
    }

    /// The set with a verb less.
    #[must_use]
    pub fn without(self, verb: Verb) -> Self {
        Self(self.0 & !(1 << verb as u8))
    }

    /// The verbs in the order in which documents list them.
    pub fn iter(self) -> impl Iterator<Item = Verb> {
        Verb::ALL.into_iter().filter(move |v| self.contains(*v))
    }
}

impl FromIterator<Verb> for Verbs {
    fn from_iter<T: IntoIterator<Item = Verb>>(verbs: T) -> Self {
        verbs.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_published_resources() {
        let find = |group: &str, plural: &str| {
            builtin_resources()
                .find(|r| &*r.group == group && &*r.plural == plural)
                .expect("a resource")
        };
        let pods = find("", "pods");
        assert!(pods.namespaced && pods.verbs == Verbs::ALL);
        assert_eq!(pods.short_names, ["po".into()]);
        assert_eq!(&*pods.subresource("eviction").expect("evictions").group, "policy");
        let scale = find("apps", "deployments").subresource("scale").expect("scale");
        assert_eq!(
            (&*scale.group, &*scale.version, &*scale.kind),
            ("autoscaling", "v1", "Scale")
        );
        let bindings = find("", "bindings");
        assert_eq!(bindings.verbs.iter().collect::<Vec<_>>(), [Verb::Create]);
        assert!(!find("", "nodes").namespaced);
    }
}
