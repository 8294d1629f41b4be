//! What a server says it serves: resources, their scope and verbs.
//!
//! The aggregated documents are in [`v2`]. Asking the server is the client's part.

pub mod v2;

use serde::{Deserialize, Serialize};

use super::{gvk::GroupVersionKind, resource::Resource};

/// The verbs that discovery lists.
pub mod verbs {
    /// Create an object.
    pub const CREATE: &str = "create";
    /// Read one object.
    pub const GET: &str = "get";
    /// Read a collection.
    pub const LIST: &str = "list";
    /// Follow the changes of a collection.
    pub const WATCH: &str = "watch";
    /// Delete one object.
    pub const DELETE: &str = "delete";
    /// Delete a collection.
    pub const DELETE_COLLECTION: &str = "deletecollection";
    /// Replace an object.
    pub const UPDATE: &str = "update";
    /// Change parts of an object.
    pub const PATCH: &str = "patch";
}

/// The names of one resource, known at run time.
///
/// It is the `DynamicType` of [`DynamicObject`](super::DynamicObject) and [`Object`](super::Object).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ApiResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version, such as `v1`.
    pub version: String,
    /// The value of `apiVersion`: group and version.
    pub api_version: String,
    /// The kind, in upper camel case.
    pub kind: String,
    /// The plural that stands in URL paths.
    pub plural: String,
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Objects exist once in the cluster.
    Cluster,
    /// Each object lives in one namespace.
    Namespaced,
}

/// What a server lets callers do with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiCapabilities {
    /// Whether objects live in a namespace.
    pub scope: Scope,
    /// The resources under each object, `status` and `scale` for example, by their full plural (`deployments/scale`).
    pub subresources: Vec<(ApiResource, ApiCapabilities)>,
    /// The [`verbs`] it knows.
    pub operations: Vec<String>,
}

// === impl ApiResource ===

impl ApiResource {
    /// The names of a kind whose type is known, for code that handles kinds as values.
    pub fn erase<K: Resource>(dt: &K::DynamicType) -> Self {
        Self {
            group: K::group(dt).into_owned(),
            version: K::version(dt).into_owned(),
            api_version: K::api_version(dt).into_owned(),
            kind: K::kind(dt).into_owned(),
            plural: K::plural(dt).into_owned(),
        }
    }

    /// The names of a kind with a plural that was read from discovery or a CustomResourceDefinition.
    pub fn from_gvk_with_plural(gvk: &GroupVersionKind, plural: &str) -> Self {
        Self {
            group: gvk.group.clone(),
            version: gvk.version.clone(),
            api_version: gvk.api_version(),
            kind: gvk.kind.clone(),
            plural: plural.to_owned(),
        }
    }

    /// The names of a kind with a guessed plural.
    ///
    /// The guess follows English and is right for the built-in kinds. A CustomResourceDefinition may name its plural as it likes: discovery
    /// knows, a guess does not.
    pub fn from_gvk(gvk: &GroupVersionKind) -> Self {
        Self::from_gvk_with_plural(gvk, &guess_plural(&gvk.kind))
    }
}

// === impl ApiCapabilities ===

impl ApiCapabilities {
    /// Whether the verb is among the operations.
    pub fn supports_operation(&self, operation: &str) -> bool {
        self.operations.iter().any(|known| known == operation)
    }
}

fn guess_plural(kind: &str) -> String {
    let word = kind.to_lowercase();
    match word.as_str() {
        // A plural already, and kinds named for what they measure.
        "endpoints" => return word,
        "nodemetrics" => return "nodes".to_owned(),
        "podmetrics" => return "pods".to_owned(),
        _ => {}
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    let consonant_y = word.strip_suffix('y').filter(|stem| {
        stem.chars()
            .next_back()
            .is_some_and(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u'))
    });
    match consonant_y {
        Some(stem) => format!("{stem}ies"),
        None if hisses => word + "es",
        None => word + "s",
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::{apps::v1::Deployment, networking::v1::NetworkPolicy};

    use super::*;

    #[test]
    fn plurals_of_built_in_kinds_and_of_english() {
        for (kind, plural) in [
            ("Pod", "pods"),
            ("Endpoints", "endpoints"),
            ("EndpointSlice", "endpointslices"),
            ("Ingress", "ingresses"),
            ("IngressClass", "ingressclasses"),
            ("NetworkPolicy", "networkpolicies"),
            ("ComponentStatus", "componentstatuses"),
            ("PriorityClass", "priorityclasses"),
            ("PodMetrics", "pods"),
            ("Gateway", "gateways"),
            ("Patch", "patches"),
            ("Box", "boxes"),
        ] {
            assert_eq!(guess_plural(kind), plural, "{kind}");
        }
    }

    #[test]
    fn erased_kinds_keep_their_names() {
        let erased = ApiResource::erase::<NetworkPolicy>(&());
        assert_eq!(
            erased,
            ApiResource::from_gvk(&GroupVersionKind::gvk("networking.k8s.io", "v1", "NetworkPolicy"))
        );
        assert_eq!(ApiResource::erase::<Deployment>(&()).api_version, "apps/v1");
    }
}
