//! What a server holds before the first request.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Core;
use crate::clock::rfc3339;

/// The namespaces that are always there.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Fills an empty server.
pub(crate) fn bootstrap(core: &mut Core, now: Timestamp) {
    let table = "namespaces".into();
    for name in NAMESPACES {
        let uid = core.ids.uid();
        let namespace = json!({
            "metadata": {
                "name": name,
                "uid": uid,
                "creationTimestamp": rfc3339(now),
                "labels": {"kubernetes.io/metadata.name": name},
            },
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        });
        if let Value::Object(namespace) = namespace {
            core.put(&table, &name.into(), namespace);
        }
    }
}
