//! The fields that a resource's strategy resets, which nobody can own through that resource.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>

use super::compare::Delta;
use super::field_set::FieldSet;

/// The fields that a write through one resource or subresource leaves as they are.
#[derive(Debug, Clone, Default)]
pub struct Resets(FieldSet);

/// Set by the server itself in every object, and never owned.
const META: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.name",
    "metadata.namespace",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
];

// === impl Resets ===

impl Resets {
    /// No field.
    pub fn none() -> Self {
        Self::default()
    }

    /// The fields that a built-in resource resets; `subresource` is empty for the resource itself.
    pub fn builtin(group: &str, resource: &str, subresource: &str, has_status: bool) -> Self {
        Self(FieldSet::of_fields(builtin(
            group,
            resource,
            subresource,
            has_status,
        )))
    }

    /// The fields that a custom resource resets.
    pub fn custom(subresource: &str, has_status: bool) -> Self {
        Self(FieldSet::of_fields(match (subresource, has_status) {
            ("status", _) => &["metadata", "spec"],
            ("", true) => &["status"],
            _ => &[],
        }))
    }

    /// The change without the fields that are reset.
    pub fn filter(&self, mut delta: Delta) -> Delta {
        delta.ignore(&self.0);
        delta
    }

    /// The set without the fields that are reset.
    pub fn filter_set(&self, mut set: FieldSet) -> FieldSet {
        set.subtract_recursively(&self.0);
        set
    }
}

/// Takes out the fields that the server itself sets.
pub fn strip_meta(mut set: FieldSet) -> FieldSet {
    use std::sync::OnceLock;
    static STRIPPED: OnceLock<FieldSet> = OnceLock::new();
    set.subtract(STRIPPED.get_or_init(|| FieldSet::of_fields(META)));
    set
}

fn builtin(group: &str, resource: &str, subresource: &str, has_status: bool) -> &'static [&'static str] {
    match (group, resource, subresource) {
        (_, _, "") if has_status => &["status"],
        ("", "pods", "status") => &["metadata.deletionTimestamp", "metadata.ownerReferences", "spec"],
        ("apps", "deployments", "status") => &["metadata.labels", "spec"],
        (
            "apiextensions.k8s.io" | "flowcontrol.apiserver.k8s.io" | "storage.k8s.io" | "resource.k8s.io",
            _,
            "status",
        ) => &["metadata", "spec"],
        ("certificates.k8s.io", _, "status") => &["spec", "status.conditions"],
        ("certificates.k8s.io", _, "approval") => &["spec", "status.certificate"],
        ("", "namespaces", "finalize") => &["status"],
        (_, _, "status") => &["spec"],
        _ => &[],
    }
}
