//! Pod: what admission and the kubelet's absence make of a new one, what may still change, and its graceful end.

use serde_json::{Value, json};

use super::{
    fields::{Fields, default, default_text, ensure, int, text},
    pod_spec::{default_pod_spec, default_requests, qos_class},
};
use crate::registry::{
    Context,
    strategy::{Selectable, Strategy, set_generation},
};

/// The rules for Pods.
#[derive(Debug)]
pub(super) struct Pod;

impl Strategy for Pod {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_requests(spec);
        default(spec, "enableServiceLinks", true);
        default_pod_spec(spec);
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        set_generation(object, 1);
        let spec = ensure(object, "spec");
        admit(spec);
        let class = qos_class(spec);
        let gated = spec
            .get("schedulingGates")
            .and_then(Value::as_array)
            .is_some_and(|g| !g.is_empty());
        let mut status = json!({ "phase": "Pending", "qosClass": class });
        if gated {
            status["conditions"] = json!([{
                "type": "PodScheduled",
                "status": "False",
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }]);
        }
        object.insert("status".into(), status);
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn is_new_generation(&self, object: &Fields, old: &Fields) -> bool {
        object.get("spec") != old.get("spec")
    }

    fn returns_deleted(&self) -> bool {
        true
    }

    /// A pod that no node runs, or that has ended, goes at once.
    fn grace(&self, object: &Fields, asked: Option<i64>) -> Option<i64> {
        let empty = Fields::new();
        let part = |name: &str| object.get(name).and_then(Value::as_object).unwrap_or(&empty);
        let (spec, status) = (part("spec"), part("status"));
        let grace = asked
            .or_else(|| int(spec, "terminationGracePeriodSeconds"))
            .unwrap_or(0);
        let ended = matches!(text(status, "phase"), "Failed" | "Succeeded");
        if text(spec, "nodeName").is_empty() || ended {
            return Some(0);
        }
        // A negative period counts as the shortest one.
        Some(if grace < 0 { 1 } else { grace })
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("spec.nodeName", |pod| at(pod, "/spec/nodeName")),
                ("spec.restartPolicy", |pod| at(pod, "/spec/restartPolicy")),
                ("spec.schedulerName", |pod| at(pod, "/spec/schedulerName")),
                ("spec.serviceAccountName", |pod| {
                    at(pod, "/spec/serviceAccountName")
                }),
                ("spec.hostNetwork", |pod| {
                    (pod.pointer("/spec/hostNetwork") == Some(&json!(true))).to_string()
                }),
                ("status.phase", |pod| at(pod, "/status/phase")),
                ("status.podIP", first_ip),
                ("status.podIPs", first_ip),
                ("status.nominatedNodeName", |pod| {
                    at(pod, "/status/nominatedNodeName")
                }),
            ],
            own_words: true,
        }
    }
}

/// What the admission plugins that are always on add: a priority, and patience with unwell nodes.
fn admit(spec: &mut Fields) {
    if text(spec, "priorityClassName").is_empty() {
        default(spec, "priority", 0);
        default_text(spec, "preemptionPolicy", "PreemptLowerPriority");
    }
    let tolerations = spec.entry("tolerations").or_insert_with(|| json!([]));
    let Value::Array(tolerations) = tolerations else {
        return;
    };
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = tolerations.iter().any(|t| {
            let part = |name: &str| t.get(name).and_then(Value::as_str).unwrap_or_default();
            (part("key") == key || part("key").is_empty()) && matches!(part("effect"), "NoExecute" | "")
        });
        if !tolerated {
            tolerations.push(json!({
                "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            }));
        }
    }
}

fn at(pod: &Value, pointer: &str) -> String {
    pod.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn first_ip(pod: &Value) -> String {
    match at(pod, "/status/podIPs/0/ip") {
        ip if ip.is_empty() => at(pod, "/status/podIP"),
        ip => ip,
    }
}
