//! What to warn of in a pod's spec: what has no effect any more, and what is hardly meant.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::{items, part, quantity};
use super::fields::{Fields, has, int, text};
use crate::registry::names;

/// Labels of nodes that have new names.
const NODE_LABELS: [(&str, &str, &str); 6] = [
    ("beta.kubernetes.io/arch", "kubernetes.io/arch", "v1.14"),
    ("beta.kubernetes.io/os", "kubernetes.io/os", "v1.14"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "topology.kubernetes.io/region",
        "v1.17",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "topology.kubernetes.io/zone",
        "v1.17",
    ),
    (
        "failure-domain.kubernetes.io/region",
        "topology.kubernetes.io/region",
        "v1.17",
    ),
    (
        "failure-domain.kubernetes.io/zone",
        "topology.kubernetes.io/zone",
        "v1.17",
    ),
];

/// Volumes that nothing serves any more.
const VOLUMES: [(&str, &str); 9] = [
    (
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    (
        "gitRepo",
        "deprecated in v1.11, and disabled by default in v1.33+",
    ),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
];

/// Warns of a pod.
pub(super) fn of_pod(pod: &Fields, old: Option<&Fields>) -> Vec<String> {
    let spec = part(pod, "spec");
    if old.is_some_and(|old| part(old, "spec") == spec) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let name = text(part(pod, "metadata"), "name");
    // A name that is too long for a label, or has dots, is cut when it becomes the host's.
    let wrong = names::label(name);
    if old.is_none() && text(spec, "hostname").is_empty() && !name.is_empty() && !wrong.is_empty() {
        warnings.push(format!(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is \
             recommended: [{}]",
            wrong.join(" ")
        ));
    }
    collect(&mut warnings, part(pod, "metadata"), spec, "");
    warnings
}

/// Warns of a template, found by its path.
pub(super) fn of_template(whole: &Fields, old: Option<&Fields>, path: &[&str]) -> Vec<String> {
    let template = part_at(whole, path);
    if old.is_some_and(|old| part_at(old, path) == template) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    let prefix = format!("{}.", path.join("."));
    collect(
        &mut warnings,
        part(template, "metadata"),
        part(template, "spec"),
        &prefix,
    );
    warnings
}

fn part_at<'a>(fields: &'a Fields, path: &[&str]) -> &'a Fields {
    path.iter().fold(fields, |at, name| part(at, name))
}

fn collect(warnings: &mut Vec<String>, metadata: &Fields, spec: &Fields, prefix: &str) {
    let path = format!("{prefix}spec");
    for key in part(spec, "nodeSelector").keys() {
        renamed(warnings, key, &format!("{path}.nodeSelector[{key}]"));
    }
    affinity(warnings, spec, &path);
    for (i, rule) in items(spec, "topologySpreadConstraints").enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{i}]");
        renamed(
            warnings,
            text(rule, "topologyKey"),
            &format!("{path}.topologyKey"),
        );
        if !has(rule, "labelSelector") {
            warnings.push(format!(
                "{path}.labelSelector: a null labelSelector results in matching no pod"
            ));
        }
    }
    annotations(warnings, metadata, prefix);
    volumes(warnings, spec, &path);
    pull_secrets(warnings, spec, &path);
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for (i, container) in items(spec, list).enumerate() {
            let path = format!("{path}.{list}[{i}]");
            amounts(warnings, container, &path);
            variables(warnings, container, &path);
        }
    }
    ports(warnings, spec, &path);
    if int(spec, "terminationGracePeriodSeconds").is_some_and(|grace| grace < 0) {
        warnings.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
}

fn renamed(warnings: &mut Vec<String>, label: &str, field: &str) {
    if let Some((_, new, version)) = NODE_LABELS.iter().find(|(old, _, _)| *old == label) {
        warnings.push(format!(
            "{field}: deprecated since {version}; use \"{new}\" instead"
        ));
    }
}

fn affinity(warnings: &mut Vec<String>, spec: &Fields, path: &str) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    let affinity = part(spec, "affinity");
    let terms = part(part(affinity, "nodeAffinity"), REQUIRED);
    for (i, term) in items(terms, "nodeSelectorTerms").enumerate() {
        for (j, rule) in items(term, "matchExpressions").enumerate() {
            let field = format!(
                "{path}.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms[{i}].matchExpressions[{j}].key"
            );
            renamed(warnings, text(rule, "key"), &field);
        }
    }
    for side in ["podAffinity", "podAntiAffinity"] {
        let pods = part(affinity, side);
        for (i, term) in items(pods, REQUIRED).enumerate() {
            null_selector(warnings, term, &format!("{path}.affinity.{side}.{REQUIRED}[{i}]"));
        }
        for (i, term) in items(pods, PREFERRED).enumerate() {
            let field = format!("{path}.affinity.{side}.{PREFERRED}[{i}].podAffinityTerm");
            null_selector(warnings, part(term, "podAffinityTerm"), &field);
        }
    }
}

fn null_selector(warnings: &mut Vec<String>, term: &Fields, path: &str) {
    if !has(term, "labelSelector") {
        warnings.push(format!(
            "{path}.labelSelector: a null labelSelector results in matching no pod"
        ));
    }
}

fn annotations(warnings: &mut Vec<String>, metadata: &Fields, prefix: &str) {
    for key in part(metadata, "annotations").keys() {
        let field = format!("{prefix}metadata.annotations[{key}]");
        if key == "seccomp.security.alpha.kubernetes.io/pod"
            || key.starts_with("container.seccomp.security.alpha.kubernetes.io/")
        {
            warnings.push(format!(
                "{field}: non-functional in v1.27+; use the \"seccompProfile\" field instead"
            ));
        } else if key.starts_with("container.apparmor.security.beta.kubernetes.io/") {
            warnings.push(format!(
                "{field}: deprecated since v1.30; use the \"appArmorProfile\" field instead"
            ));
        } else if key == "scheduler.alpha.kubernetes.io/critical-pod" {
            warnings.push(format!(
                "{field}: non-functional in v1.16+; use the \"priorityClassName\" field instead"
            ));
        }
    }
}

fn volumes(warnings: &mut Vec<String>, spec: &Fields, path: &str) {
    for (i, volume) in items(spec, "volumes").enumerate() {
        for (source, why) in VOLUMES {
            if has(volume, source) {
                warnings.push(format!("{path}.volumes[{i}].{source}: {why}"));
            }
        }
    }
}

fn pull_secrets(warnings: &mut Vec<String>, spec: &Fields, path: &str) {
    let mut seen: Vec<&str> = Vec::new();
    for (i, secret) in items(spec, "imagePullSecrets").enumerate() {
        let name = text(secret, "name");
        if name.is_empty() {
            warnings.push(format!(
                "{path}.imagePullSecrets[{i}].name: invalid empty name \"\""
            ));
        } else if seen.contains(&name) {
            warnings.push(format!(
                "{path}.imagePullSecrets[{i}].name: duplicate name \"{name}\""
            ));
        }
        seen.push(name);
    }
}

fn amounts(warnings: &mut Vec<String>, container: &Fields, path: &str) {
    let resources = part(container, "resources");
    for list in ["limits", "requests"] {
        for name in ["memory", "ephemeral-storage"] {
            let value = part(resources, list).get(name);
            let Some(amount) = value.and_then(quantity) else {
                continue;
            };
            if amount.milli() % 1000 != 0 {
                warnings.push(format!(
                    "{path}.resources.{list}[{name}]: fractional byte value \"{amount}\" is invalid, must be an integer"
                ));
            }
        }
    }
}

fn variables(warnings: &mut Vec<String>, container: &Fields, path: &str) {
    let mut seen: Vec<&str> = Vec::new();
    for (i, variable) in items(container, "env").enumerate() {
        let name = text(variable, "name");
        // A value that refers to the one before does so on purpose.
        let refers = variable
            .get("value")
            .and_then(Value::as_str)
            .is_some_and(|value| value.contains(&format!("$({name})")));
        if seen.contains(&name) && !refers {
            warnings.push(format!(
                "{path}.env[{i}]: hides previous definition of \"{name}\", which may be dropped when using apply"
            ));
        }
        seen.push(name);
    }
}

fn ports(warnings: &mut Vec<String>, spec: &Fields, path: &str) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (i, container) in items(spec, "containers").enumerate() {
        for (j, port) in items(container, "ports").enumerate() {
            let field = format!("{path}.containers[{i}].ports[{j}]");
            let key = format!(
                "{}/{}/{}/{}",
                int(port, "containerPort").unwrap_or(0),
                text(port, "protocol"),
                int(port, "hostPort").unwrap_or(0),
                text(port, "hostIP")
            );
            match seen.get(&key) {
                Some(first) => warnings.push(format!("{field}: duplicate port definition with {first}")),
                None => drop(seen.insert(key, field)),
            }
        }
    }
}
