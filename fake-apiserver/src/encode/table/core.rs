//! The core group but for pods, services and events.

use serde_json::{Value, json};

use super::{
    Row, human, pod,
    value::{first_three, join, list, scalar, text},
};

pub(super) fn cells(group: &str, resource: &str, row: &Row<'_>) -> Option<Vec<Value>> {
    if !group.is_empty() {
        return None;
    }
    Some(match resource {
        "componentstatuses" => component_status(row),
        "configmaps" => vec![
            row.name(),
            json!(row.len("/data") + row.len("/binaryData")),
            row.age(),
        ],
        "endpoints" => vec![row.name(), json!(endpoints(row)), row.age()],
        "namespaces" => vec![row.name(), json!(row.text("/status/phase")), row.age()],
        "nodes" => node(row),
        "persistentvolumeclaims" => claim(row),
        "persistentvolumes" => volume(row),
        "pods" => pod::cells(row),
        "podtemplates" => vec![
            row.name(),
            json!(join(row.list("/template/spec/containers"), "/name", ",")),
            json!(join(row.list("/template/spec/containers"), "/image", ",")),
            json!(human::labels(row.object.pointer("/template/metadata/labels"))),
        ],
        "replicationcontrollers" => vec![
            row.name(),
            json!(row.int("/spec/replicas")),
            json!(row.int("/status/replicas")),
            json!(row.int("/status/readyReplicas")),
            row.age(),
            json!(join(row.list("/spec/template/spec/containers"), "/name", ",")),
            json!(join(row.list("/spec/template/spec/containers"), "/image", ",")),
            json!(human::labels(row.object.pointer("/spec/selector"))),
        ],
        "resourcequotas" => quota(row),
        "secrets" => vec![
            row.name(),
            json!(row.text("/type")),
            json!(row.len("/data")),
            row.age(),
        ],
        "serviceaccounts" => vec![row.name(), row.age()],
        _ => return None,
    })
}

fn component_status(row: &Row<'_>) -> Vec<Value> {
    let healthy = row
        .list("/conditions")
        .iter()
        .find(|c| text(c, "/type") == "Healthy");
    let status = match healthy.map(|c| text(c, "/status")) {
        Some("True") => "Healthy",
        Some("False") => "Unhealthy",
        _ => "Unknown",
    };
    let part = |pointer| healthy.map(|c| text(c, pointer)).unwrap_or_default();
    vec![
        row.name(),
        json!(status),
        json!(part("/message")),
        json!(part("/error")),
    ]
}

fn endpoints(row: &Row<'_>) -> String {
    let mut parts = Vec::new();
    for subset in row.list("/subsets") {
        let addresses = list(subset, "/addresses");
        let ports = list(subset, "/ports");
        if ports.is_empty() {
            parts.extend(addresses.iter().map(|a| text(a, "/ip").to_owned()));
        }
        for port in ports {
            let number = super::value::int(port, "/port");
            parts.extend(addresses.iter().map(|a| {
                let ip = text(a, "/ip");
                if ip.contains(':') {
                    format!("[{ip}]:{number}")
                } else {
                    format!("{ip}:{number}")
                }
            }));
        }
    }
    first_three(&parts, "<none>")
}

fn node(row: &Row<'_>) -> Vec<Value> {
    let ready = row
        .list("/status/conditions")
        .iter()
        .find(|c| text(c, "/type") == "Ready");
    let mut status = match ready.map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if row.bool("/spec/unschedulable") {
        status.push_str(",SchedulingDisabled");
    }
    let address = |kind| {
        let found = row
            .list("/status/addresses")
            .iter()
            .find(|a| text(a, "/type") == kind);
        found.map_or("<none>", |a| text(a, "/address")).to_owned()
    };
    let info = |field: &str| {
        row.text_or(&format!("/status/nodeInfo/{field}"), "<unknown>")
            .to_owned()
    };
    let kernel = match (
        row.text("/status/nodeInfo/kernelVersion"),
        row.text("/status/nodeInfo/architecture"),
    ) {
        ("", _) => "<unknown>".to_owned(),
        (kernel, "") => kernel.to_owned(),
        (kernel, architecture) => format!("{kernel} ({architecture})"),
    };
    vec![
        row.name(),
        json!(status),
        json!(roles(row)),
        row.age(),
        json!(row.text("/status/nodeInfo/kubeletVersion")),
        json!(address("InternalIP")),
        json!(address("ExternalIP")),
        json!(info("osImage")),
        json!(kernel),
        json!(info("containerRuntimeVersion")),
    ]
}

/// A node's roles, from the two ways in which labels say them.
fn roles(row: &Row<'_>) -> String {
    let Some(Value::Object(labels)) = row.object.pointer("/metadata/labels") else {
        return "<none>".to_owned();
    };
    let mut roles: Vec<&str> = labels
        .iter()
        .filter_map(
            |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) => Some(role),
                None => (key == "kubernetes.io/role").then(|| value.as_str()).flatten(),
            },
        )
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        "<none>".to_owned()
    } else {
        roles.join(",")
    }
}

fn claim(row: &Row<'_>) -> Vec<Value> {
    let bound = !row.text("/spec/volumeName").is_empty();
    let (capacity, modes) = if bound {
        (
            scalar(row.object.pointer("/status/capacity/storage")),
            access_modes(row.list("/status/accessModes")),
        )
    } else {
        (None, String::new())
    };
    vec![
        row.name(),
        json!(phase(row)),
        json!(row.text("/spec/volumeName")),
        json!(capacity.unwrap_or_default()),
        json!(modes),
        json!(storage_class(row)),
        json!(row.text_or("/spec/volumeAttributesClassName", "<unset>")),
        row.age(),
        json!(row.text_or("/spec/volumeMode", "<unset>")),
    ]
}

fn volume(row: &Row<'_>) -> Vec<Value> {
    let claim = if row.has("/spec/claimRef") {
        format!(
            "{}/{}",
            row.text("/spec/claimRef/namespace"),
            row.text("/spec/claimRef/name")
        )
    } else {
        String::new()
    };
    vec![
        row.name(),
        json!(scalar(row.object.pointer("/spec/capacity/storage")).unwrap_or_else(|| "0".to_owned())),
        json!(access_modes(row.list("/spec/accessModes"))),
        json!(row.text("/spec/persistentVolumeReclaimPolicy")),
        json!(phase(row)),
        json!(claim),
        json!(storage_class(row)),
        json!(row.text_or("/spec/volumeAttributesClassName", "<unset>")),
        json!(row.text("/status/reason")),
        row.age(),
        json!(row.text_or("/spec/volumeMode", "<unset>")),
    ]
}

fn phase<'a>(row: &'a Row<'_>) -> &'a str {
    if row.deleting() {
        "Terminating"
    } else {
        row.text("/status/phase")
    }
}

/// The class of a volume or claim; an annotation from before the field existed still wins.
fn storage_class<'a>(row: &'a Row<'_>) -> &'a str {
    let old = "/metadata/annotations/volume.beta.kubernetes.io~1storage-class";
    if row.has(old) {
        row.text(old)
    } else {
        row.text("/spec/storageClassName")
    }
}

/// Access modes in their short forms, each once, in the order in which they are always told.
fn access_modes(modes: &[Value]) -> String {
    let known = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let said: Vec<&str> = known
        .iter()
        .filter(|(mode, _)| modes.iter().any(|m| m == mode))
        .map(|(_, short)| *short)
        .collect();
    said.join(",")
}

/// Used and allowed of every limited resource: those that start with `limits` apart from the rest.
fn quota(row: &Row<'_>) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    if let Some(Value::Object(hard)) = row.object.pointer("/status/hard") {
        for (resource, allowed) in hard {
            let used = row
                .object
                .pointer("/status/used")
                .and_then(|used| used.get(resource));
            let used = scalar(used).unwrap_or_else(|| "0".to_owned());
            let said = format!("{resource}: {used}/{}", scalar(Some(allowed)).unwrap_or_default());
            if resource.starts_with("limits") {
                &mut limits
            } else {
                &mut requests
            }
            .push(said);
        }
    }
    vec![
        row.name(),
        json!(requests.join(", ")),
        json!(limits.join(", ")),
        row.age(),
    ]
}
