//! Whole manifests applied to a cluster, as `kubectl apply --server-side` does.
//!
//! [`Manifests`] are the objects of a YAML stream in an order that works: namespaces and definitions first, what watches
//! over others last. Applying them waits for the kinds that they define themselves, can be tried in a dry run, tells what
//! changed field by field, and can remove what an earlier set held and this one does not ([`ApplySet`]).
//!
//! ```
//! use seatrial_client::{Client, manifests::{ApplyOptions, Manifests}};
//!
//! async fn deploy(client: &Client, yaml: &str) -> Result<(), seatrial_client::manifests::ManifestError> {
//!     let manifests = Manifests::parse(yaml)?;
//!     for applied in manifests.apply(client, &ApplyOptions::new("deployer")).await? {
//!         println!("{applied}");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Reading order: this file, then `apply.rs` (one object after the other) and `set.rs` (what is removed).

mod apply;
mod set;

use std::{fmt, time::Duration};

use serde_json::Value;

pub use self::{
    apply::{Action, Applied, ApplyOptions, Difference},
    set::ApplySet,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::{
    client::Client,
    config::parse,
    core::{DynamicObject, GroupVersionKind, TypeMeta},
    error::Error,
};

/// How long a kind that the manifests define may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(60);

/// Applies the objects of a YAML stream as `manager`.
///
/// [`Manifests::apply`] with nothing special to say.
///
/// # Errors
///
/// As [`Manifests::parse`] and [`Manifests::apply`].
pub async fn apply_manifests(
    client: &Client,
    yaml: &str,
    manager: &str,
) -> Result<Vec<Applied>, ManifestError> {
    Manifests::parse(yaml)?
        .apply(client, &ApplyOptions::new(manager))
        .await
}

/// The objects of a YAML stream, in an order in which they can be made.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    objects: Vec<DynamicObject>,
}

/// Why manifests could not be applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The stream is not YAML.
    #[error("the manifests are not YAML: {message}")]
    Yaml {
        /// What the parser says, with the place.
        message: String,
    },
    /// A document is no object.
    #[error("document {document} of the manifests {fault}")]
    Document {
        /// Which document, from 1; empty ones do not count.
        document: usize,
        /// What is wrong with it.
        fault: String,
    },
    /// An object could not be applied. Those before it were.
    #[error("{object} could not be applied")]
    Object {
        /// Its kind, namespace and name.
        object: String,
        /// Why.
        #[source]
        source: Error,
    },
    /// The kind of a set's parent is not meant to be one.
    #[error(
        "{definition} has no label `applyset.kubernetes.io/is-parent-type: \"true\"`: its objects are no parents of sets"
    )]
    NoParentType {
        /// The name of the kind's definition.
        definition: String,
    },
    /// The set belongs to another tool.
    #[error("the set is managed by {tooling:?}, and two tools would prune each other's objects")]
    ForeignSet {
        /// The tool, as the set names it.
        tooling: String,
    },
}

// === impl Manifests ===

impl Manifests {
    /// Reads a YAML stream: documents, empty ones, and lists of objects.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Yaml`] and [`ManifestError::Document`].
    pub fn parse(yaml: &str) -> Result<Self, ManifestError> {
        let documents = parse::manifests(yaml).map_err(|error| ManifestError::Yaml {
            message: error.to_string(),
        })?;
        let mut objects = Vec::new();
        for (index, document) in documents.into_iter().enumerate() {
            add(&mut objects, document).map_err(|fault| ManifestError::Document {
                document: index + 1,
                fault,
            })?;
        }
        Ok(objects.into_iter().collect())
    }

    /// The objects, in the order in which they are applied.
    pub fn objects(&self) -> &[DynamicObject] {
        &self.objects
    }

    /// The kinds that definitions among the objects define.
    fn defined(&self) -> Vec<GroupVersionKind> {
        let definitions = self
            .objects
            .iter()
            .filter(|object| kind(object) == "CustomResourceDefinition");
        let kinds = definitions.flat_map(|object| {
            let spec = &object.data["spec"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let versions = spec["versions"].as_array().into_iter().flatten();
            versions.map(move |version| {
                GroupVersionKind::gvk(
                    &text(&spec["group"]),
                    &text(&version["name"]),
                    &text(&spec["names"]["kind"]),
                )
            })
        });
        kinds.collect()
    }
}

impl FromIterator<DynamicObject> for Manifests {
    fn from_iter<T: IntoIterator<Item = DynamicObject>>(objects: T) -> Self {
        let mut objects: Vec<_> = objects.into_iter().collect();
        objects.sort_by_key(rank);
        Self { objects }
    }
}

/// Adds a document's object, or those of its list.
fn add(objects: &mut Vec<DynamicObject>, mut document: Value) -> Result<(), String> {
    if document.is_null() {
        return Ok(());
    }
    let is_list = document["kind"]
        .as_str()
        .is_some_and(|kind| kind.ends_with("List"));
    if is_list && let Some(Value::Array(items)) = document.get_mut("items").map(Value::take) {
        return items.into_iter().try_for_each(|item| add(objects, item));
    }
    for field in ["/apiVersion", "/kind", "/metadata/name"] {
        let value = document.pointer(field).and_then(Value::as_str);
        if value.is_none_or(str::is_empty) {
            return Err(format!("has no {}", field[1..].replace('/', ".")));
        }
    }
    // Errors of the parser quote what they find, and that may be a secret.
    serde_path_to_error::deserialize::<_, ObjectMeta>(&document["metadata"])
        .map_err(|error| format!("has metadata.{} of another type than it should be", error.path()))?;
    let object = serde_json::from_value(document).map_err(|_| "is no object".to_owned())?;
    objects.push(object);
    Ok(())
}

/// What others need comes first, and what judges others last.
fn rank(object: &DynamicObject) -> usize {
    const FIRST: [&str; 16] = [
        "Namespace",
        "CustomResourceDefinition",
        "PriorityClass",
        "StorageClass",
        "ResourceQuota",
        "LimitRange",
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "Secret",
        "ConfigMap",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Service",
    ];
    const LAST: [&str; 7] = [
        "APIService",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ];
    let kind = kind(object);
    let place = |kinds: &[&str]| kinds.iter().position(|known| *known == kind);
    match (place(&FIRST), place(&LAST)) {
        (Some(place), _) => place,
        (None, None) => FIRST.len(),
        (None, Some(place)) => FIRST.len() + 1 + place,
    }
}

fn kind(object: &DynamicObject) -> &str {
    object.types.as_ref().map_or("", |types: &TypeMeta| &types.kind)
}

/// An object as people call it: `ConfigMap default/settings`.
struct Called<'a>(&'a DynamicObject);

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", kind(self.0))?;
        if let Some(namespace) = &self.0.metadata.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(self.0.metadata.name.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(yaml: &str, expect: &str) {
        let text = match Manifests::parse(yaml) {
            Ok(manifests) => {
                let called = manifests
                    .objects()
                    .iter()
                    .map(|object| Called(object).to_string());
                called.collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(text, expect);
    }

    #[test]
    fn objects_are_read_in_an_order_that_works() {
        check("", "");
        check("---\n---\n", "");
        let yaml = "
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: ns}}
---
# nothing
---
apiVersion: v1
kind: List
items:
- {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: ns}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
";
        check(
            yaml,
            "Namespace ns, ConfigMap ns/c, Deployment ns/d, ValidatingWebhookConfiguration w",
        );
    }

    #[test]
    fn what_is_no_object_is_refused_by_its_number() {
        check("{kind: A}", "document 1 of the manifests has no apiVersion");
        check(
            "{apiVersion: v1, kind: A, metadata: {name: a}}\n---\n---\n{apiVersion: v1, kind: A, metadata: {}}",
            "document 2 of the manifests has no metadata.name",
        );
        check("[]", "document 1 of the manifests has no apiVersion");
        assert!(Manifests::parse("{a: [}").is_err());
    }

    #[test]
    fn numbers_are_read_as_kubectl_reads_them() {
        for (text, expect) in [
            ("0644", json!(420)),
            ("0400", json!(256)),
            ("0", json!(0)),
            ("10", json!(10)),
            ("'0644'", json!("0644")),
        ] {
            let yaml = format!("{{apiVersion: v1, kind: A, metadata: {{name: a}}, spec: {text}}}");
            let manifests = Manifests::parse(&yaml).unwrap();
            assert_eq!(manifests.objects()[0].data["spec"], expect, "{text}");
        }
    }

    #[test]
    fn errors_quote_nothing_of_the_manifests() {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        for rest in [
            "stringData:\n  password: hunter2\n bad: [\n",
            "stringData:\n  password: hunter2\n  password: hunter2\n",
            "stringData:\n  password: \"hunter2\n",
            "stringData: *hunter2\n",
        ] {
            let error = Manifests::parse(&format!("{head}{rest}")).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        check(
            "{apiVersion: v1, kind: Secret, metadata: {name: a, labels: hunter2}}",
            "document 1 of the manifests has metadata.labels of another type than it should be",
        );
    }
}
