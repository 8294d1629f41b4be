//! Node.

use serde_json::{Value, json};

use super::fields::{Fields, child, ensure, has, text};
use crate::registry::{
    Context,
    strategy::{Selectable, Strategy},
};

/// The taint of a node that has not said it is ready.
const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// The rules for Nodes.
#[derive(Debug)]
pub(super) struct Node;

impl Strategy for Node {
    fn default(&self, object: &mut Fields) {
        // What may be used is what there is, until the kubelet says otherwise.
        if let Some(status) = child(object, "status")
            && !has(status, "allocatable")
            && let Some(capacity) = status.get("capacity").cloned().filter(|c| !c.is_null())
        {
            status.insert("allocatable".into(), capacity);
        }
        if let Some(spec) = child(object, "spec")
            && !text(spec, "podCIDR").is_empty()
            && !has(spec, "podCIDRs")
        {
            let cidr = spec["podCIDR"].clone();
            spec.insert("podCIDRs".into(), json!([cidr]));
        }
    }

    /// A node may bring its status, and is not trusted with pods before it is ready.
    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        let spec = ensure(object, "spec");
        let taints = spec.entry("taints").or_insert_with(|| json!([]));
        if let Value::Array(taints) = taints {
            let known = taints
                .iter()
                .any(|t| t["key"] == NOT_READY && t["effect"] == "NoSchedule");
            if !known {
                taints.push(json!({ "key": NOT_READY, "effect": "NoSchedule" }));
            }
        }
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("spec.unschedulable", |node| {
                (node.pointer("/spec/unschedulable") == Some(&Value::Bool(true))).to_string()
            })],
            own_words: true,
        }
    }
}
