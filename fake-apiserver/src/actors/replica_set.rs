//! Turns ReplicaSets into pods.

use std::cell::LazyCell;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{
        controller_reference, int, is_active, is_available, is_deleting, is_ready, list, name, namespace,
        pod_from, put_counts, uid,
    },
};
use crate::registry::selector::LabelSelector;
use crate::storage::Stored;

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let sets = world
        .objects("apps", "replicasets")
        .filter(|set| !is_deleting(set));
    // Looked for when the first set asks, and once for all.
    let strays = LazyCell::new(|| strays(world));
    sets.filter_map(move |set| step(world, &set, &strays))
}

/// The pods that nobody controls.
fn strays(world: &World<'_>) -> Vec<Arc<Stored>> {
    let alone = |pod: &Value| {
        let mut owners = list(pod, "/metadata/ownerReferences").iter();
        owners.all(|o| o["controller"] != true) && is_active(pod)
    };
    world
        .stored("", "pods")
        .filter(|pod| alone(pod.value()))
        .collect()
}

fn step(world: &World<'_>, set: &Value, strays: &[Arc<Stored>]) -> Option<Call> {
    let selector = LabelSelector::of(&set["spec"]["selector"]);
    let stray = strays
        .iter()
        .find(|pod| pod.meta("namespace") == namespace(set) && selector.matches(pod.metadata()))
        .map(|pod| &**pod.value());
    let reference = controller_reference("apps/v1", "ReplicaSet", set);
    let pods_path = format!("/api/v1/namespaces/{}/pods", namespace(set));
    if let Some(pod) = stray {
        let mut owners = list(pod, "/metadata/ownerReferences").to_vec();
        owners.push(reference);
        let adopted = json!({ "metadata": { "uid": uid(pod), "ownerReferences": owners } });
        return Some(Call::merge(format!("{pods_path}/{}", name(pod)), adopted));
    }

    let own = world.controlled("", "pods", set);
    let own: Vec<&Value> = own.iter().map(|pod| &**pod.value()).collect();
    let active: Vec<&Value> = own.iter().copied().filter(|p| is_active(p)).collect();
    let wanted = int(set, "/spec/replicas");
    let have = active.len() as i64;
    if have < wanted {
        return Some(Call::create(
            pods_path,
            pod_from(&set["spec"]["template"], set, reference, &[]),
        ));
    }
    if have > wanted {
        // Pods that serve nobody yet go first; among equals the youngest.
        let doomed = active.iter().max_by_key(|p| {
            (
                !is_ready(p),
                p["metadata"]["creationTimestamp"].to_string(),
                name(p),
            )
        });
        return doomed.map(|pod| {
            let options = json!({
                "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": uid(pod) },
            });
            Call::delete(format!("{pods_path}/{}", name(pod)), options)
        });
    }
    report(world, set, &own, &active)
}

/// Writes the counts down where they differ.
fn report(world: &World<'_>, set: &Value, own: &[&Value], active: &[&Value]) -> Option<Call> {
    let count = |test: &dyn Fn(&Value) -> bool| active.iter().filter(|p| test(p)).count() as i64;
    let template = &set["spec"]["template"];
    let labelled = |pod: &Value| {
        let wanted = template.pointer("/metadata/labels").and_then(Value::as_object);
        wanted.is_none_or(|w| w.iter().all(|(k, v)| pod["metadata"]["labels"].get(k) == Some(v)))
    };
    let mut updated = set.clone();
    updated["apiVersion"] = json!("apps/v1");
    updated["kind"] = json!("ReplicaSet");
    let mut status = set["status"].as_object().cloned().unwrap_or_default();
    status.insert("replicas".into(), json!(active.len()));
    status.insert("observedGeneration".into(), set["metadata"]["generation"].clone());
    status.insert(
        "terminatingReplicas".into(),
        json!(own.iter().filter(|p| is_deleting(p)).count()),
    );
    let patience = int(set, "/spec/minReadySeconds");
    put_counts(
        &mut status,
        [
            ("fullyLabeledReplicas", count(&labelled)),
            ("readyReplicas", count(&is_ready)),
            (
                "availableReplicas",
                count(&|p| is_available(p, patience, world.now())),
            ),
        ],
    );
    updated["status"] = Value::Object(status);
    let changed = updated["status"] != set["status"];
    changed.then(|| {
        let path = format!(
            "/apis/apps/v1/namespaces/{}/replicasets/{}/status",
            namespace(set),
            name(set)
        );
        Call::replace(path, updated)
    })
}
