//! The fields that a resource's strategy resets, which nobody can own through that resource.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::compare::Delta;
use super::field_set::{FieldSet, PathElement};

/// The fields that a write through one resource or subresource leaves as they are.
#[derive(Debug, Clone)]
pub struct Resets(Rule);

#[derive(Debug, Clone)]
enum Rule {
    /// These fields.
    These(FieldSet),
    /// All but those below these prefixes.
    AllBut(&'static [Prefix]),
}

/// The beginning of a path, in which [`ANY`] stands for any element.
type Prefix = &'static [&'static str];

const ANY: &str = "*";

/// What a pod's `ephemeralcontainers` writes.
const EPHEMERAL_CONTAINERS: &[Prefix] = &[&["spec", "ephemeralContainers"]];

/// What a pod's `resize` writes.
const RESIZED: &[Prefix] = &[
    &["spec", "containers", ANY, "resources"],
    &["spec", "containers", ANY, "resizePolicy"],
    &["spec", "initContainers", ANY, "resources"],
    &["spec", "initContainers", ANY, "resizePolicy"],
];

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
        Self::of(&[])
    }

    /// The fields that a built-in resource resets; `subresource` is empty for the resource itself.
    pub fn builtin(group: &str, resource: &str, subresource: &str, has_status: bool) -> Self {
        match (group, resource, subresource) {
            ("", "pods", "ephemeralcontainers") => Self(Rule::AllBut(EPHEMERAL_CONTAINERS)),
            ("", "pods", "resize") => Self(Rule::AllBut(RESIZED)),
            _ => Self::of(builtin(group, resource, subresource, has_status)),
        }
    }

    /// The fields that a custom resource resets.
    pub fn custom(subresource: &str, has_status: bool) -> Self {
        Self::of(match (subresource, has_status) {
            ("status", _) => &["metadata", "spec"],
            ("", true) => &["status"],
            _ => &[],
        })
    }

    fn of(fields: &[&str]) -> Self {
        Self(Rule::These(FieldSet::of_fields(fields)))
    }

    /// The change without the fields that are reset.
    pub fn filter(&self, mut delta: Delta) -> Delta {
        for set in [&mut delta.added, &mut delta.modified, &mut delta.removed] {
            match &self.0 {
                Rule::These(fields) => set.subtract_recursively(fields),
                Rule::AllBut(prefixes) => *set = below(set, prefixes),
            }
        }
        delta
    }

    /// Gives the fields that are reset their old values; managed fields are not among them.
    ///
    /// Subresources that write one part of an object alone have their own ways of keeping the rest.
    pub fn restore(&self, object: &mut Map<String, Value>, old: &Map<String, Value>) {
        if let Rule::These(fields) = &self.0 {
            restore(fields, object, old);
        }
    }

    /// The set without the fields that are reset.
    pub fn filter_set(&self, mut set: FieldSet) -> FieldSet {
        match &self.0 {
            Rule::These(fields) => set.subtract_recursively(fields),
            Rule::AllBut(prefixes) => set = below(&set, prefixes),
        }
        set
    }
}

/// The paths that begin like one of the prefixes, and the members that lead to them.
fn below(set: &FieldSet, prefixes: &[Prefix]) -> FieldSet {
    let mut out = FieldSet::new();
    for node in set.nodes() {
        let fits = |step: &str| match &node.element {
            PathElement::Field(name) => step == ANY || step == &**name,
            _ => step == ANY,
        };
        let rest: Vec<Prefix> = prefixes
            .iter()
            .filter_map(|prefix| prefix.split_first().filter(|(step, _)| fits(step)))
            .map(|(_, rest)| rest)
            .collect();
        if rest.iter().any(|rest| rest.is_empty()) {
            out.push(node.element.clone(), node.member, node.children.clone());
        } else if !rest.is_empty() {
            out.push(node.element.clone(), node.member, below(&node.children, &rest));
        }
    }
    out
}

/// Takes out the fields that the server itself sets.
pub fn strip_meta(mut set: FieldSet) -> FieldSet {
    set.subtract(meta());
    set
}

/// The fields that the server itself sets.
pub(super) fn only_meta(set: &FieldSet) -> FieldSet {
    set.intersection(meta())
}

fn meta() -> &'static FieldSet {
    static STRIPPED: LazyLock<FieldSet> = LazyLock::new(|| FieldSet::of_fields(META));
    &STRIPPED
}

fn restore(fields: &FieldSet, object: &mut Map<String, Value>, old: &Map<String, Value>) {
    for node in fields.nodes() {
        let PathElement::Field(name) = &node.element else {
            continue;
        };
        let before = old.get(&**name);
        if node.member {
            let entries = object
                .get_mut(&**name)
                .and_then(|m| m.as_object_mut()?.remove("managedFields"));
            match before {
                Some(before) => drop(object.insert(name.to_string(), before.clone())),
                None => drop(object.remove(&**name)),
            }
            if &**name == "metadata"
                && let Some(Value::Object(metadata)) = object.get_mut("metadata")
            {
                metadata.remove("managedFields");
                metadata.extend(entries.map(|e| ("managedFields".to_owned(), e)));
            }
        } else if let (Some(Value::Object(there)), Some(Value::Object(before))) =
            (object.get_mut(&**name), before)
        {
            restore(&node.children, there, before);
        }
    }
}

fn builtin(group: &str, resource: &str, subresource: &str, has_status: bool) -> &'static [&'static str] {
    match (group, resource, subresource) {
        (_, _, "") if has_status => &["status"],
        ("", "pods", "status") => &["metadata.deletionTimestamp", "metadata.ownerReferences", "spec"],
        ("apps", "deployments", "status") => &["metadata.labels", "spec"],
        (
            "admissionregistration.k8s.io"
            | "apiextensions.k8s.io"
            | "apiregistration.k8s.io"
            | "flowcontrol.apiserver.k8s.io"
            | "resource.k8s.io"
            | "storage.k8s.io",
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn restored(resets: &Resets, new: Value) -> Value {
        let old =
            json!({"metadata": {"name": "a", "labels": {"l": "1"}, "managedFields": [1]}, "spec": {"n": 1}});
        let Value::Object(mut object) = new else {
            unreachable!("objects are restored")
        };
        resets.restore(&mut object, old.as_object().unwrap());
        object.into()
    }

    #[test]
    fn a_part_of_a_pod_owns_nothing_but_that_part() {
        let fields = json!({"f:metadata": {"f:labels": {"f:l": {}}}, "f:spec": {"f:priority": {}, "f:containers":
            {"k:{\"name\":\"c\"}": {".": {}, "f:name": {}, "f:image": {}, "f:resources": {"f:limits": {"f:cpu": {}}}}}}});
        let set = crate::apply::fields_v1::parse(&fields).unwrap();
        let resize = Resets::builtin("", "pods", "resize", true);
        let left = json!({"f:spec": {"f:containers":
            {"k:{\"name\":\"c\"}": {".": {}, "f:resources": {"f:limits": {"f:cpu": {}}}}}}});
        assert_eq!(
            crate::apply::fields_v1::print(&resize.filter_set(set.clone())),
            left
        );
        let ephemeral = Resets::builtin("", "pods", "ephemeralcontainers", true);
        assert!(ephemeral.filter_set(set).is_empty());
    }

    #[test]
    fn what_a_subresource_resets_keeps_its_old_value() {
        let new = json!({"metadata": {"name": "a", "labels": {"l": "2"}, "annotations": {"x": "1"}, "managedFields": [2]},
            "spec": {"n": 2}, "status": {}});
        let deployment = Resets::builtin("apps", "deployments", "status", true);
        assert_eq!(
            restored(&deployment, new.clone()),
            json!({"metadata": {"name": "a", "labels": {"l": "1"}, "annotations": {"x": "1"}, "managedFields": [2]},
                "spec": {"n": 1}, "status": {}})
        );
        assert_eq!(
            restored(&Resets::custom("status", true), new),
            json!({"metadata": {"name": "a", "labels": {"l": "1"}, "managedFields": [2]},
                "spec": {"n": 1}, "status": {}})
        );
    }
}
