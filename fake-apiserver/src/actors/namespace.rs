//! Empties namespaces that are being deleted, and lets them go.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{is_deleting, list, name, text},
};

/// The finalizer in a namespace's spec that stands for its content.
const KUBERNETES: &str = "kubernetes";

/// The table of namespaces.
const NAMESPACES: &str = "namespaces";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let store = world.store();
    let doomed = store.leaving().filter(|(table, _)| **table == *NAMESPACES);
    doomed
        .filter_map(|place| store.find(place))
        .flat_map(|ns| empty(world, &ns.object()))
}

fn empty(world: &World<'_>, object: &Value) -> Vec<Call> {
    if !list(object, "/spec/finalizers").iter().any(|f| f == KUBERNETES) {
        return Vec::new();
    }
    let namespace = name(object);
    let content = world.content(namespace);
    let to_delete: Vec<Call> = content
        .iter()
        .filter(|(_, objects)| objects.iter().any(|o| !is_deleting(o)))
        .map(|(collection, _)| {
            let options = json!({
                "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            });
            Call::delete(collection.path(namespace), options)
        })
        .collect();
    if !to_delete.is_empty() {
        return to_delete;
    }

    let mut object = object.clone();
    object["apiVersion"] = json!("v1");
    object["kind"] = json!("Namespace");
    let path = format!("/api/v1/namespaces/{namespace}");
    if content.is_empty() {
        let rest: Vec<Value> = list(&object, "/spec/finalizers")
            .iter()
            .filter(|f| *f != KUBERNETES)
            .cloned()
            .collect();
        object["spec"]["finalizers"] = json!(rest);
        return vec![Call::replace(format!("{path}/finalize"), object)];
    }
    let told = conditions(&content, list(&object, "/status/conditions"), &world.now_text());
    if list(&object, "/status/conditions") == told {
        return Vec::new();
    }
    object["status"]["conditions"] = json!(told);
    vec![Call::replace(format!("{path}/status"), object)]
}

/// What the namespace says of what still stands in its way.
fn conditions(content: &[(super::world::Collection, Vec<Value>)], old: &[Value], now: &str) -> Vec<Value> {
    let mut remaining = Vec::new();
    let mut finalizers: BTreeMap<&str, usize> = BTreeMap::new();
    for (collection, objects) in content {
        remaining.push(format!(
            "{} has {} resource instances",
            collection.resource_and_group(),
            objects.len()
        ));
        for finalizer in objects.iter().flat_map(|o| list(o, "/metadata/finalizers")) {
            *finalizers
                .entry(finalizer.as_str().unwrap_or_default())
                .or_default() += 1;
        }
    }
    let held: Vec<String> = finalizers
        .iter()
        .map(|(finalizer, count)| format!("{finalizer} in {count} resource instances"))
        .collect();
    let content_remains = (
        "SomeResourcesRemain",
        format!("Some resources are remaining: {}", remaining.join(", ")),
    );
    let finalizers_remain = match held.is_empty() {
        true => (
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished".to_owned(),
        ),
        false => (
            "SomeFinalizersRemain",
            format!(
                "Some content in the namespace has finalizers remaining: {}",
                held.join(", ")
            ),
        ),
    };
    let all = [
        (
            "NamespaceDeletionDiscoveryFailure",
            "False",
            (
                "ResourcesDiscovered",
                "All resources successfully discovered".to_owned(),
            ),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            (
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed".to_owned(),
            ),
        ),
        (
            "NamespaceDeletionContentFailure",
            "False",
            (
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization".to_owned(),
            ),
        ),
        ("NamespaceContentRemaining", "True", content_remains),
        (
            "NamespaceFinalizersRemaining",
            if held.is_empty() { "False" } else { "True" },
            finalizers_remain,
        ),
    ];
    all.into_iter()
        .map(|(kind, status, (reason, message))| {
            let before = old.iter().find(|c| c["type"] == kind);
            let since = before
                .filter(|c| c["status"] == status)
                .map(|c| text(c, "/lastTransitionTime"));
            json!({
                "type": kind,
                "status": status,
                "reason": reason,
                "message": message,
                "lastTransitionTime": since.unwrap_or(now),
            })
        })
        .collect()
}
