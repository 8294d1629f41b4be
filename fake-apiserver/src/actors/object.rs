//! What actors ask of objects.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(super) use crate::pointer::{int, list, text};

pub(super) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// Whether the object is on its way out.
pub(super) fn is_deleting(object: &Value) -> bool {
    !text(object, "/metadata/deletionTimestamp").is_empty()
}

pub(super) fn has_finalizer(object: &Value, finalizer: &str) -> bool {
    list(object, "/metadata/finalizers")
        .iter()
        .any(|f| f == finalizer)
}

/// The finalizers without one.
pub(super) fn without_finalizer(object: &Value, finalizer: &str) -> Vec<Value> {
    list(object, "/metadata/finalizers")
        .iter()
        .filter(|f| *f != finalizer)
        .cloned()
        .collect()
}

/// Whether an object is controlled by the owner with that UID.
pub(super) fn is_controlled_by(object: &Value, owner: &str) -> bool {
    list(object, "/metadata/ownerReferences")
        .iter()
        .any(|o| o["controller"] == true && o["uid"] == owner)
}

/// The reference by which an object controls what it makes.
pub(super) fn controller_reference(api_version: &str, kind: &str, owner: &Value) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "name": name(owner),
        "uid": uid(owner),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A pod as a template makes it, named after its owner and controlled by it.
pub(super) fn pod_from(template: &Value, owner: &Value, reference: Value, finalizers: &[&str]) -> Value {
    let mut metadata = Map::new();
    metadata.insert("generateName".into(), format!("{}-", name(owner)).into());
    for field in ["labels", "annotations"] {
        if let Some(found) = template.pointer(&format!("/metadata/{field}")) {
            metadata.insert(field.into(), found.clone());
        }
    }
    let mut all: Vec<Value> = list(template, "/metadata/finalizers").to_vec();
    all.extend(finalizers.iter().map(|f| json!(f)));
    if !all.is_empty() {
        metadata.insert("finalizers".into(), all.into());
    }
    metadata.insert("ownerReferences".into(), json!([reference]));
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] })
}

/// Whether a pod still runs or will: it has neither ended nor been told to.
pub(super) fn is_active(pod: &Value) -> bool {
    !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") && !is_deleting(pod)
}

/// Whether a pod is ready for traffic.
pub(super) fn is_ready(pod: &Value) -> bool {
    list(pod, "/status/conditions")
        .iter()
        .any(|c| c["type"] == "Ready" && c["status"] == "True")
}

/// Whether a pod has been ready for that many seconds.
pub(super) fn is_available(pod: &Value, seconds: i64, now: Timestamp) -> bool {
    let ready = list(pod, "/status/conditions")
        .iter()
        .find(|c| c["type"] == "Ready" && c["status"] == "True");
    ready.is_some_and(|c| {
        seconds == 0
            || text(c, "/lastTransitionTime")
                .parse::<Timestamp>()
                .is_ok_and(|since| now.duration_since(since).as_secs() >= seconds)
    })
}

/// Puts counts into a status, and leaves out those that are zero, as the server prints them.
pub(super) fn put_counts<const N: usize>(status: &mut Map<String, Value>, counts: [(&str, i64); N]) {
    for (field, count) in counts {
        if count == 0 {
            status.remove(field);
        } else {
            status.insert(field.into(), count.into());
        }
    }
}
