//! Node.

use serde_json::{Value, json};

use super::fields::{Fields, child, ensure, has, text};
use super::node_validation;
use crate::registry::{
    Context,
    strategy::{Selectable, Strategy},
};
use crate::status::FieldError;

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
        // The one network and the first of several are the same; where they are not, the one counts.
        if let Some(spec) = child(object, "spec") {
            let first = spec
                .get("podCIDRs")
                .map(|all| all[0].clone())
                .filter(|c| !c.is_null());
            let one = text(spec, "podCIDR").to_owned();
            match (one.as_str(), first) {
                ("", Some(first)) => drop(spec.insert("podCIDR".into(), first)),
                ("", None) => {}
                (one, first) if first.as_ref().is_some_and(|f| f == one) => {}
                (one, _) => drop(spec.insert("podCIDRs".into(), json!([one]))),
            }
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

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let mut check = node_validation::node(object);
        node_validation::networks(&mut check, object);
        check.done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = node_validation::node(object);
        node_validation::update(&mut check, object, old);
        check.done()
    }

    fn validate_status(&self, cx: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        self.validate_update(cx, object, old)
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("spec.unschedulable", |node| {
                (node.pointer("/spec/unschedulable") == Some(&Value::Bool(true))).to_string()
            })],
            ..Selectable::default()
        }
    }
}
