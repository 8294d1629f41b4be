//! Gives pods a node: one that is ready, that the pod selects and whose taints it tolerates, and on which the fewest pods are.
//!
//! Resources, affinities and spreading do not count. Without a node that fits, a pod waits, and its condition says so.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>

use std::{cell::LazyCell, collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{is_active, is_ready, list, name, namespace, text},
};
use crate::storage::Stored;

/// The scheduler that pods ask for who name none.
const DEFAULT: &str = "default-scheduler";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let nodes = LazyCell::new(|| Nodes::of(world));
    let waiting = world.stored("", "pods").filter(|pod| is_waiting(pod.value()));
    waiting.filter_map(move |pod| {
        let pod = &**pod.value();
        match nodes.best(pod) {
            Some(node) => Some(bind(pod, node)),
            None => mark(world, pod, nodes.nodes.len()),
        }
    })
}

/// The nodes, and how many pods there are on each.
struct Nodes {
    nodes: Vec<Arc<Stored>>,
    pods: BTreeMap<String, usize>,
}

// === impl Nodes ===

impl Nodes {
    fn of(world: &World<'_>) -> Self {
        let mut pods = BTreeMap::new();
        for pod in world.stored("", "pods") {
            let node = text(pod.value(), "/spec/nodeName");
            if is_active(pod.value()) && !node.is_empty() {
                *pods.entry(node.to_owned()).or_default() += 1;
            }
        }
        Self {
            nodes: world.stored("", "nodes").collect(),
            pods,
        }
    }

    fn best(&self, pod: &Value) -> Option<&str> {
        let fitting = self.nodes.iter().map(|node| &**node.value());
        let fitting = fitting.filter(|node| fits(pod, node)).map(name);
        fitting.min_by_key(|node| (self.pods.get(*node).copied().unwrap_or_default(), *node))
    }
}

fn is_waiting(pod: &Value) -> bool {
    is_active(pod)
        && text(pod, "/spec/nodeName").is_empty()
        && list(pod, "/spec/schedulingGates").is_empty()
        && matches!(text(pod, "/spec/schedulerName"), "" | DEFAULT)
}

fn fits(pod: &Value, node: &Value) -> bool {
    let wanted = pod.pointer("/spec/nodeSelector").and_then(Value::as_object);
    let is_selected = wanted.is_none_or(|wanted| {
        let labels = &node["metadata"]["labels"];
        wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
    });
    let taints = list(node, "/spec/taints").iter();
    let mut repelling = taints.filter(|taint| matches!(text(taint, "/effect"), "NoSchedule" | "NoExecute"));
    is_selected
        && is_ready(node)
        && node.pointer("/spec/unschedulable") != Some(&json!(true))
        && repelling.all(|taint| list(pod, "/spec/tolerations").iter().any(|t| tolerates(t, taint)))
}

fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let (key, effect) = (text(toleration, "/key"), text(toleration, "/effect"));
    let is_any = text(toleration, "/operator") == "Exists";
    (effect.is_empty() || effect == text(taint, "/effect"))
        && ((key.is_empty() && is_any) || key == text(taint, "/key"))
        && (is_any || text(toleration, "/value") == text(taint, "/value"))
}

fn bind(pod: &Value, node: &str) -> Call {
    let path = format!("/api/v1/namespaces/{}/pods/{}/binding", namespace(pod), name(pod));
    let body = json!({
        "apiVersion": "v1", "kind": "Binding", "metadata": { "name": name(pod) },
        "target": { "apiVersion": "v1", "kind": "Node", "name": node },
    });
    Call::create(path, body)
}

/// Says that no node fits, unless the pod says so already.
fn mark(world: &World<'_>, pod: &Value, nodes: usize) -> Option<Call> {
    let message = format!("0/{nodes} nodes are available.");
    let conditions = list(pod, "/status/conditions");
    let is_said = |c: &Value| text(c, "/type") == "PodScheduled" && text(c, "/message") == message;
    if conditions.iter().any(is_said) {
        return None;
    }
    let mut conditions: Vec<Value> = conditions
        .iter()
        .filter(|c| text(c, "/type") != "PodScheduled")
        .cloned()
        .collect();
    conditions.push(json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": null, "lastTransitionTime": world.now_text(),
    }));
    let path = format!("/api/v1/namespaces/{}/pods/{}/status", namespace(pod), name(pod));
    Some(Call::merge(
        path,
        json!({ "status": { "conditions": conditions } }),
    ))
}
