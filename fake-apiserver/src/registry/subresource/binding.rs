//! `/binding` of a pod: what a scheduler writes.

use serde_json::{Map, Value, json};

use crate::registry::admission::{self, attempt::Attempt};
use crate::registry::{Context, decode, meta, namespace};
use crate::status::{FieldError, Result, StatusError, go_quote};

/// Assigns the pod to the node that the body names.
pub(super) fn bind(cx: &mut Context<'_>, body: &[u8], content_type: &str) -> Result<()> {
    let binding = decode::of_kind(cx, ("", "v1", "Binding"), body, content_type)?;
    namespace::admit_create(cx)?;
    assign(cx, &binding)
}

/// Assigns the pod that the request names.
pub(super) fn assign(cx: &mut Context<'_>, binding: &Map<String, Value>) -> Result<()> {
    let target = &binding.get("target").cloned().unwrap_or_default();
    let text = |field: &str| target[field].as_str().unwrap_or("").to_owned();
    if !matches!(text("kind").as_str(), "" | "Node") {
        let error = FieldError::not_supported("target.kind", text("kind"), &["Node", "<empty>"]);
        return Err(StatusError::new(500, "", error.to_string()));
    }
    if text("name").is_empty() {
        return Err(StatusError::new(
            500,
            "",
            FieldError::required("target.name", "").to_string(),
        ));
    }
    admission::look(cx, |cx| Attempt::post(cx, ("", "v1", "Binding"), binding))?;
    let old = cx.existing()?;
    if old.metadata().is_some_and(meta::is_deleting) {
        return Err(cx.conflict(&format!(
            "pod {} is being deleted, cannot be assigned to a host",
            cx.name
        )));
    }
    let assigned = old.value()["spec"]["nodeName"].as_str().unwrap_or("");
    if !assigned.is_empty() {
        return Err(cx.conflict(&format!(
            "pod {} is already assigned to node {}",
            cx.name,
            go_quote(assigned)
        )));
    }
    let mut pod = (**old.value()).clone();
    pod["spec"]["nodeName"] = text("name").into();
    let given = meta::of(binding).get("annotations").cloned();
    if let Some(Value::Object(annotations)) = given {
        for (key, value) in annotations {
            pod["metadata"]["annotations"][key] = value;
        }
    }
    let scheduled = json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": cx.timestamp(),
    });
    match pod["status"]["conditions"].as_array_mut() {
        Some(all) => {
            all.retain(|c| c["type"] != "PodScheduled");
            all.push(scheduled);
        }
        None => pod["status"]["conditions"] = json!([scheduled]),
    }
    if let Value::Object(pod) = pod
        && !cx.dry_run
    {
        let (table, key) = (cx.resource.table.clone(), cx.key());
        cx.core.put(&table, &key, pod, old.entries().clone());
    }
    Ok(())
}
