//! CustomResourceDefinitions of `apiextensions.k8s.io/v1`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use crate::core::ApiResource;

/// A type that knows the definition of its kind.
///
/// The derive macro implements it for the root type.
pub trait CustomResourceExt {
    /// The definition, schema included: the same bytes at every call.
    ///
    /// With `#[kube(schema = "disabled")]` it has no schema and a server will not take it as it is.
    fn crd() -> CustomResourceDefinition;

    /// The name of the definition: plural and group, joined by a dot.
    fn crd_name() -> &'static str;

    /// What a dynamically typed `Api` needs to know of the kind.
    fn api_resource() -> ApiResource;

    /// The short names that `kubectl` knows the kind by.
    fn shortnames() -> &'static [&'static str];
}

/// Why definitions could not be merged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There was no definition to merge.
    #[error("no definitions given")]
    MissingCrds,
    /// No definition has the version that is to be stored.
    #[error("stored version {0} is in none of the definitions")]
    MissingStoredApi(String),
    /// No definition could be taken as the one that the others are merged into.
    #[error("no definition has version {0} to merge the others into")]
    MissingRootVersion(String),
    /// A definition has no version.
    #[error("a definition has no versions")]
    MissingVersions,
    /// A definition has several versions: it has been merged before.
    #[error("a definition has more than one version")]
    MultiVersionCrd,
    /// The definitions differ where they must agree; the field is named by its path in the definition.
    #[error("definitions differ in {0}")]
    PropertyMismatch(String),
}

/// One definition with the versions of all `crds`, which stores `stored_apiversion`.
///
/// Each definition has one version, as `crd()` returns it. The versions keep their order; everything beside them is that of the
/// stored version's definition.
///
/// # Errors
/// If `crds` is empty, a definition does not have exactly one version, none has `stored_apiversion`, two have the same version, or they do
/// not agree on group, kind, plural name and scope.
///
/// # Source
/// [Versions in CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/).
pub fn merge_crds(
    crds: Vec<CustomResourceDefinition>,
    stored_apiversion: &str,
) -> Result<CustomResourceDefinition, MergeError> {
    if crds.is_empty() {
        return Err(MergeError::MissingCrds);
    }
    for crd in &crds {
        match crd.spec.versions.len() {
            0 => return Err(MergeError::MissingVersions),
            1 => {}
            _ => return Err(MergeError::MultiVersionCrd),
        }
    }
    let stored = |crd: &CustomResourceDefinition| {
        crd.spec
            .versions
            .iter()
            .any(|version| version.name == stored_apiversion)
    };
    let Some(root) = crds.iter().find(|crd| stored(crd)) else {
        return Err(MergeError::MissingStoredApi(stored_apiversion.into()));
    };
    let mut merged = root.clone();
    merged.spec.versions.clear();
    for crd in crds {
        agree(&merged, &crd)?;
        for mut version in crd.spec.versions {
            if merged
                .spec
                .versions
                .iter()
                .any(|known| known.name == version.name)
            {
                return Err(MergeError::PropertyMismatch(format!(
                    "spec.versions[{}]",
                    version.name
                )));
            }
            version.storage = version.name == stored_apiversion;
            merged.spec.versions.push(version);
        }
    }
    Ok(merged)
}

/// That two definitions are of one kind.
fn agree(one: &CustomResourceDefinition, other: &CustomResourceDefinition) -> Result<(), MergeError> {
    let (one, other) = (&one.spec, &other.spec);
    let pairs = [
        ("spec.group", &one.group, &other.group),
        ("spec.names.kind", &one.names.kind, &other.names.kind),
        ("spec.names.plural", &one.names.plural, &other.names.plural),
        ("spec.scope", &one.scope, &other.scope),
    ];
    match pairs.into_iter().find(|(_, one, other)| one != other) {
        Some((path, _, _)) => Err(MergeError::PropertyMismatch(path.into())),
        None => Ok(()),
    }
}
