//! Gives every namespace its default service account and the certificates of the cluster's authority.

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{is_deleting, name},
};

/// What the config map of certificates says of itself.
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    world
        .stored("", "namespaces")
        .flat_map(|namespace| missing(world, namespace.value()))
}

/// What a namespace lacks.
fn missing(world: &World<'_>, namespace: &Value) -> Vec<Call> {
    let mut calls = Vec::new();
    if !is_deleting(namespace) {
        let namespace = name(namespace);
        let root = format!("/api/v1/namespaces/{namespace}");
        if !world.has("", "serviceaccounts", namespace, "default") {
            let account =
                json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "default" } });
            calls.push(Call::create(format!("{root}/serviceaccounts"), account));
        }
        if !world.has("", "configmaps", namespace, "kube-root-ca.crt") {
            let certificates = json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": "kube-root-ca.crt",
                    "annotations": { "kubernetes.io/description": DESCRIPTION },
                },
                "data": { "ca.crt": world.certificates() },
            });
            calls.push(Call::create(format!("{root}/configmaps"), certificates));
        }
    }
    calls
}
