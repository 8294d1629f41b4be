//! Policy, access control, storage, admission and the server's own configuration.

use serde_json::{Value, json};

use super::{
    Row, human,
    value::{list, scalar, text},
    workloads::is_true,
};

pub(super) fn cells(group: &str, resource: &str, row: &Row<'_>) -> Option<Vec<Value>> {
    Some(match (group, resource) {
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies") => policy(row, "/spec/mutations"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => policy(row, "/spec/validations"),
        (
            "admissionregistration.k8s.io",
            "mutatingadmissionpolicybindings" | "validatingadmissionpolicybindings",
        ) => vec![
            row.name(),
            json!(row.text("/spec/policyName")),
            json!(param_ref(row)),
            row.age(),
        ],
        (
            "admissionregistration.k8s.io",
            "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
        ) => vec![row.name(), json!(row.len("/webhooks")), row.age()],
        ("apiregistration.k8s.io", "apiservices") => {
            vec![
                row.name(),
                json!(api_service(row)),
                json!(availability(row)),
                row.age(),
            ]
        }
        ("certificates.k8s.io", "certificatesigningrequests") => signing_request(row),
        ("coordination.k8s.io", "leases") => {
            vec![row.name(), json!(row.text("/spec/holderIdentity")), row.age()]
        }
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => flow_schema(row),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => priority_level(row),
        ("node.k8s.io", "runtimeclasses") => vec![row.name(), json!(row.text("/handler")), row.age()],
        ("policy", "poddisruptionbudgets") => {
            let bound = |field: &str| {
                scalar(row.object.pointer(&format!("/spec/{field}"))).unwrap_or_else(|| "N/A".to_owned())
            };
            vec![
                row.name(),
                json!(bound("minAvailable")),
                json!(bound("maxUnavailable")),
                json!(row.int("/status/disruptionsAllowed")),
                row.age(),
            ]
        }
        ("rbac.authorization.k8s.io", "clusterrolebindings" | "rolebindings") => binding(row),
        ("resource.k8s.io", "deviceclasses" | "resourceclaimtemplates") => vec![row.name(), row.age()],
        ("resource.k8s.io", "resourceclaims") => vec![row.name(), json!(claim_state(row)), row.age()],
        ("resource.k8s.io", "resourceslices") => vec![
            row.name(),
            json!(row.text("/spec/nodeName")),
            json!(row.text("/spec/driver")),
            json!(row.text("/spec/pool/name")),
            row.age(),
        ],
        ("scheduling.k8s.io", "priorityclasses") => vec![
            row.name(),
            json!(row.int("/value")),
            json!(row.bool("/globalDefault")),
            row.age(),
            json!(row.text("/preemptionPolicy")),
        ],
        ("storage.k8s.io", "csidrivers") => csi_driver(row),
        ("storage.k8s.io", "csinodes") => vec![row.name(), json!(row.len("/spec/drivers")), row.age()],
        ("storage.k8s.io", "storageclasses") => vec![
            json!(with_default_mark(row, "storageclass.kubernetes.io")),
            json!(row.text("/provisioner")),
            json!(row.text_or("/reclaimPolicy", "Delete")),
            json!(row.text_or("/volumeBindingMode", "Immediate")),
            json!(row.bool("/allowVolumeExpansion")),
            row.age(),
        ],
        ("storage.k8s.io", "volumeattachments") => vec![
            row.name(),
            json!(row.text("/spec/attacher")),
            json!(row.text("/spec/source/persistentVolumeName")),
            json!(row.text("/spec/nodeName")),
            json!(row.bool("/status/attached")),
            row.age(),
        ],
        ("storage.k8s.io", "volumeattributesclasses") => vec![
            json!(with_default_mark(row, "volumeattributesclass.kubernetes.io")),
            json!(row.text("/driverName")),
            row.age(),
        ],
        _ => return None,
    })
}

fn policy(row: &Row<'_>, rules: &str) -> Vec<Value> {
    let kind = if row.has("/spec/paramKind") {
        format!(
            "{}/{}",
            row.text("/spec/paramKind/apiVersion"),
            row.text("/spec/paramKind/kind")
        )
    } else {
        "<unset>".to_owned()
    };
    vec![row.name(), json!(row.len(rules)), json!(kind), row.age()]
}

fn param_ref(row: &Row<'_>) -> String {
    if !row.has("/spec/paramRef") {
        return "<unset>".to_owned();
    }
    match (
        row.text("/spec/paramRef/namespace"),
        row.text("/spec/paramRef/name"),
    ) {
        (namespace, "") => {
            let selector = human::label_selector(row.object.pointer("/spec/paramRef/selector"));
            if namespace.is_empty() {
                selector
            } else {
                format!("{namespace}/{selector}")
            }
        }
        ("", name) => format!("*/{name}"),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}

fn api_service(row: &Row<'_>) -> String {
    if row.has("/spec/service") {
        format!(
            "{}/{}",
            row.text("/spec/service/namespace"),
            row.text("/spec/service/name")
        )
    } else {
        "Local".to_owned()
    }
}

fn availability(row: &Row<'_>) -> String {
    let condition = row
        .list("/status/conditions")
        .iter()
        .find(|c| text(c, "/type") == "Available");
    match condition.map(|c| (text(c, "/status"), text(c, "/reason"))) {
        None => "Unknown".to_owned(),
        Some(("True", _)) => "True".to_owned(),
        Some((status, reason)) => format!("{status} ({reason})"),
    }
}

fn signing_request(row: &Row<'_>) -> Vec<Value> {
    let has = |kind: &str| {
        is_true(row.object, kind)
            || row
                .list("/status/conditions")
                .iter()
                .any(|c| text(c, "/type") == kind)
    };
    let mut state = if has("Denied") {
        "Denied"
    } else if has("Approved") {
        "Approved"
    } else {
        "Pending"
    }
    .to_owned();
    if has("Failed") {
        state.push_str(",Failed");
    }
    if !row.text("/status/certificate").is_empty() {
        state.push_str(",Issued");
    }
    let duration = row
        .object
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64);
    vec![
        row.name(),
        row.age(),
        json!(row.text_or("/spec/signerName", "<none>")),
        json!(row.text("/spec/username")),
        json!(duration.map_or_else(|| "<none>".to_owned(), human::duration)),
        json!(state),
    ]
}

fn flow_schema(row: &Row<'_>) -> Vec<Value> {
    let dangling = row
        .list("/status/conditions")
        .iter()
        .find(|c| text(c, "/type") == "Dangling");
    vec![
        row.name(),
        json!(row.text("/spec/priorityLevelConfiguration/name")),
        json!(row.int("/spec/matchingPrecedence")),
        json!(row.text_or("/spec/distinguisherMethod/type", "<none>")),
        row.age(),
        json!(dangling.map_or("?", |c| text(c, "/status"))),
    ]
}

fn priority_level(row: &Row<'_>) -> Vec<Value> {
    let none = || json!("<none>");
    let number = |pointer: &str| {
        row.object
            .pointer(pointer)
            .filter(|v| v.is_i64())
            .cloned()
            .unwrap_or_else(none)
    };
    let queuing = "/spec/limited/limitResponse/queuing";
    vec![
        row.name(),
        json!(row.text("/spec/type")),
        number("/spec/limited/nominalConcurrencyShares"),
        number(&format!("{queuing}/queues")),
        number(&format!("{queuing}/handSize")),
        number(&format!("{queuing}/queueLengthLimit")),
        row.age(),
    ]
}

fn binding(row: &Row<'_>) -> Vec<Value> {
    let of = |kind: &str| -> String {
        let subjects = row.list("/subjects").iter().filter(|s| text(s, "/kind") == kind);
        let said: Vec<String> = subjects
            .map(|s| match (kind, text(s, "/namespace")) {
                ("ServiceAccount", namespace) if !namespace.is_empty() => {
                    format!("{namespace}/{}", text(s, "/name"))
                }
                _ => text(s, "/name").to_owned(),
            })
            .collect();
        said.join(", ")
    };
    vec![
        row.name(),
        json!(format!(
            "{}/{}",
            row.text("/roleRef/kind"),
            row.text("/roleRef/name")
        )),
        row.age(),
        json!(of("User")),
        json!(of("Group")),
        json!(of("ServiceAccount")),
    ]
}

fn claim_state(row: &Row<'_>) -> String {
    let mut states = Vec::new();
    if row.deleting() {
        states.push("deleted");
    }
    if row.has("/status/allocation") {
        states.push("allocated");
    } else if states.is_empty() {
        states.push("pending");
    }
    if !row.list("/status/reservedFor").is_empty() {
        states.push("reserved");
    }
    states.join(",")
}

fn csi_driver(row: &Row<'_>) -> Vec<Value> {
    let audiences: Vec<&str> = row
        .list("/spec/tokenRequests")
        .iter()
        .map(|t| text(t, "/audience"))
        .collect();
    let modes: Vec<&str> = list(row.object, "/spec/volumeLifecycleModes")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    // Attaching is the one thing that a driver does unless it says otherwise.
    let attach = row.object.pointer("/spec/attachRequired") != Some(&Value::Bool(false));
    vec![
        row.name(),
        json!(attach),
        json!(row.bool("/spec/podInfoOnMount")),
        json!(row.bool("/spec/storageCapacity")),
        json!(if audiences.is_empty() {
            "<unset>".to_owned()
        } else {
            audiences.join(",")
        }),
        json!(row.bool("/spec/requiresRepublish")),
        json!(if modes.is_empty() {
            "<none>".to_owned()
        } else {
            modes.join(",")
        }),
        row.age(),
    ]
}

/// The name, marked where an annotation makes the object its cluster's default.
fn with_default_mark(row: &Row<'_>, prefix: &str) -> String {
    let name = row.text("/metadata/name");
    let pointer = |prefix: &str| format!("/metadata/annotations/{prefix}~1is-default-class");
    let marked = row.text(&pointer(prefix)) == "true"
        || row.text(&pointer(&prefix.replace("class.", "class.beta."))) == "true";
    if marked {
        format!("{name} (default)")
    } else {
        name.to_owned()
    }
}
