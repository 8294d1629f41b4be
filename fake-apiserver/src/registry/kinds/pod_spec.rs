//! The defaults of a pod's spec, which pods and every pod template share.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>

use serde_json::{Value, json};

use super::fields::{Fields, at, child, default, default_number, default_text, each, ensure, int, text};

/// Fills in what a spec leaves open, wherever it stands.
pub(super) fn default_pod_spec(spec: &mut Fields) {
    default_text(spec, "dnsPolicy", "ClusterFirst");
    default_text(spec, "restartPolicy", "Always");
    default_text(spec, "schedulerName", "default-scheduler");
    default(spec, "securityContext", json!({}));
    default(spec, "terminationGracePeriodSeconds", 30);
    default_account(spec);
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in each(spec, list) {
            default_container(container, host_network && list != "ephemeralContainers");
        }
    }
    each(spec, "volumes").for_each(default_volume);
}

/// Fills in a pod template: its metadata is always there.
pub(super) fn default_template(template: &mut Fields) {
    ensure(template, "metadata");
    default_pod_spec(ensure(template, "spec"));
}

/// Resources that are limited and not requested are requested up to the limit.
///
/// Pods alone do so; a template keeps what it says.
pub(super) fn default_requests(spec: &mut Fields) {
    for list in ["containers", "initContainers"] {
        for container in each(spec, list) {
            let Some(resources) = child(container, "resources") else {
                continue;
            };
            let Some(Value::Object(limits)) = resources.get("limits").cloned() else {
                continue;
            };
            if limits.is_empty() {
                continue;
            }
            let requests = ensure(resources, "requests");
            for (name, limit) in limits {
                requests.entry(name).or_insert(limit);
            }
        }
    }
}

/// The account has a name from before; both say the same, and the newer wins.
fn default_account(spec: &mut Fields) {
    let name = match (text(spec, "serviceAccountName"), text(spec, "serviceAccount")) {
        ("", "") => return,
        ("", old) => old.to_owned(),
        (new, _) => new.to_owned(),
    };
    spec.insert("serviceAccount".into(), name.clone().into());
    spec.insert("serviceAccountName".into(), name.into());
}

fn default_container(container: &mut Fields, host_network: bool) {
    default_text(
        container,
        "imagePullPolicy",
        pull_policy(text(container, "image")),
    );
    default(container, "resources", json!({}));
    default_text(container, "terminationMessagePath", "/dev/termination-log");
    default_text(container, "terminationMessagePolicy", "File");
    for port in each(container, "ports") {
        default_text(port, "protocol", "TCP");
        if host_network && int(port, "hostPort").unwrap_or(0) == 0 {
            let number = int(port, "containerPort").unwrap_or(0);
            port.insert("hostPort".into(), number.into());
        }
    }
    for variable in each(container, "env") {
        default_field_ref(at(variable, &["valueFrom", "fieldRef"]));
        if let Some(reference) = at(variable, &["valueFrom", "fileKeyRef"]) {
            default(reference, "optional", false);
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = child(container, probe) {
            default_probe(probe);
        }
    }
    for hook in ["postStart", "preStop"] {
        if let Some(get) = at(container, &["lifecycle", hook, "httpGet"]) {
            default_http_get(get);
        }
    }
    if let Some(context) = child(container, "securityContext")
        && text(context, "procMount").is_empty()
    {
        // The default is not written down; an empty text would be.
        context.remove("procMount");
    }
}

/// An image without a tag, or with `latest`, may change behind its name.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or(image);
    if image.contains('@') || !is_reference(image) {
        return "IfNotPresent";
    }
    match name.rsplit_once(':') {
        None | Some((_, "latest" | "")) => "Always",
        Some(_) => "IfNotPresent",
    }
}

/// Whether an image can be told apart into a registry, a path and a tag.
fn is_reference(image: &str) -> bool {
    let (head, path) = match image.split_once('/') {
        Some((head, path)) if head.contains(['.', ':']) || head == "localhost" => (head, path),
        _ => ("", image),
    };
    let (path, tag) = match path.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (path, "latest"),
    };
    let word = |part: &str| {
        let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let bytes = part.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes
                .iter()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(b))
    };
    let of = |text: &str, more: &[u8]| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    path.split('/').all(word) && !tag.is_empty() && of(tag, b"_.-") && of(head, b".-:[]")
}

fn default_probe(probe: &mut Fields) {
    for (field, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        default_number(probe, field, value);
    }
    if let Some(get) = child(probe, "httpGet") {
        default_http_get(get);
    }
    if let Some(grpc) = child(probe, "grpc") {
        default(grpc, "service", "");
    }
}

fn default_http_get(get: &mut Fields) {
    default_text(get, "path", "/");
    default_text(get, "scheme", "HTTP");
}

fn default_field_ref(reference: Option<&mut Fields>) {
    if let Some(reference) = reference {
        default_text(reference, "apiVersion", "v1");
    }
}

/// The permissions of projected files, `0644`.
const MODE: i64 = 0o644;

fn default_volume(volume: &mut Fields) {
    if volume
        .iter()
        .all(|(name, value)| name == "name" || value.is_null())
    {
        volume.insert("emptyDir".into(), json!({}));
        return;
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = child(volume, source) {
            default(source, "defaultMode", MODE);
        }
    }
    if let Some(source) = child(volume, "downwardAPI") {
        each(source, "items").for_each(|item| default_field_ref(child(item, "fieldRef")));
    }
    if let Some(projected) = child(volume, "projected") {
        for source in each(projected, "sources") {
            if let Some(token) = child(source, "serviceAccountToken") {
                default(token, "expirationSeconds", 3600);
            }
            if let Some(items) = child(source, "downwardAPI") {
                each(items, "items").for_each(|item| default_field_ref(child(item, "fieldRef")));
            }
        }
    }
    if let Some(claim) = at(volume, &["ephemeral", "volumeClaimTemplate"]) {
        ensure(claim, "metadata");
        default_claim_spec(ensure(claim, "spec"));
    }
    if let Some(image) = child(volume, "image") {
        default_text(image, "pullPolicy", pull_policy(text(image, "reference")));
    }
    default_volume_source(volume);
}

/// A claim's volume is a file system unless it says otherwise.
pub(super) fn default_claim_spec(spec: &mut Fields) {
    default_text(spec, "volumeMode", "Filesystem");
}

/// The sources that pods and persistent volumes share.
pub(super) fn default_volume_source(volume: &mut Fields) {
    if let Some(path) = child(volume, "hostPath") {
        default(path, "type", "");
    }
    if let Some(iscsi) = child(volume, "iscsi") {
        default_text(iscsi, "iscsiInterface", "default");
    }
    if let Some(rbd) = child(volume, "rbd") {
        default_text(rbd, "pool", "rbd");
        default_text(rbd, "user", "admin");
        default_text(rbd, "keyring", "/etc/ceph/keyring");
    }
    if let Some(disk) = child(volume, "azureDisk") {
        default_text(disk, "cachingMode", "ReadWrite");
        default_text(disk, "kind", "Shared");
        default_text(disk, "fsType", "ext4");
        default(disk, "readOnly", false);
    }
    if let Some(scale_io) = child(volume, "scaleIO") {
        default_text(scale_io, "storageMode", "ThinProvisioned");
        default_text(scale_io, "fsType", "xfs");
    }
}

/// How a pod is served when resources are short: by whether its containers ask for what they may use.
pub(in crate::registry) fn qos_class(spec: &Fields) -> &'static str {
    let containers: Vec<&Value> = ["containers", "initContainers"]
        .iter()
        .filter_map(|list| spec.get(*list).and_then(Value::as_array))
        .flatten()
        .collect();
    let amounts = |container: &Value, part: &str| -> Vec<(String, Value)> {
        let map = container
            .pointer(&format!("/resources/{part}"))
            .and_then(Value::as_object);
        let counted = |name: &str| matches!(name, "cpu" | "memory");
        map.into_iter()
            .flatten()
            .filter(|(name, amount)| counted(name) && !is_zero(amount))
            .map(|(name, amount)| (name.clone(), amount.clone()))
            .collect()
    };
    let mut any = false;
    let mut guaranteed = true;
    for container in containers {
        let (requests, limits) = (amounts(container, "requests"), amounts(container, "limits"));
        any |= !requests.is_empty() || !limits.is_empty();
        // Every container limits both resources, and asks for just as much.
        guaranteed &= limits.len() == 2 && requests == limits;
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

fn is_zero(amount: &Value) -> bool {
    match amount {
        Value::String(text) => text
            .trim_start_matches(['0', '.'])
            .chars()
            .next()
            .is_none_or(|c| !c.is_ascii_digit()),
        other => other.as_f64() == Some(0.0),
    }
}
