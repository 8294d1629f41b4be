//! Containers of the three sorts, their names, images and ports.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::check::{Check, items, object};
use super::super::fields::{Fields, has, int, text};
use super::volumes::Volumes;
use super::{environment, handlers, host_network, mounts, resources, security};
use crate::registry::names;

const PULL_POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];
const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];
const SIDECARS_ONLY: &str = "may not be set for init containers without restartPolicy=Always";
const NOT_EPHEMERAL: &str = "cannot be set for an Ephemeral Container";

/// Checks the containers proper, of which there must be one.
pub(super) fn regular(check: &mut Check, spec: &Fields, path: &str, volumes: &Volumes) {
    let list = format!("{path}.containers");
    if items(spec, "containers").next().is_none() {
        return check.required(list, "");
    }
    let mut seen = BTreeSet::new();
    for (i, container) in items(spec, "containers").enumerate() {
        let path = format!("{list}[{i}]");
        common(check, spec, container, &path, volumes);
        let name = text(container, "name");
        if !seen.insert(name) {
            check.duplicate(format!("{path}.name"), name);
        }
        lifecycle_and_probes(check, spec, container, &path);
    }
    host_ports(check, items(spec, "containers"), &list);
}

/// Checks the containers that run before the others, or beside them.
pub(super) fn init(check: &mut Check, spec: &Fields, path: &str, volumes: &Volumes) {
    let mut seen: BTreeSet<&str> = items(spec, "containers").map(|c| text(c, "name")).collect();
    for (i, container) in items(spec, "initContainers").enumerate() {
        let list = format!("{path}.initContainers");
        let path = format!("{list}[{i}]");
        common(check, spec, container, &path, volumes);
        let sidecar = text(container, "restartPolicy") == "Always";
        if sidecar {
            lifecycle_and_probes(check, spec, container, &path);
        } else {
            for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                if has(container, field) {
                    check.forbidden(format!("{path}.{field}"), SIDECARS_ONLY);
                }
            }
        }
        let name = text(container, "name");
        if !name.is_empty() && !seen.insert(name) {
            check.duplicate(format!("{path}.name"), name);
        }
        // They run one by one, so that each may take the ports of another.
        host_ports(check, std::iter::once(container), &list);
    }
}

/// Checks the containers that are added to look into a running pod.
pub(in super::super) fn ephemeral(check: &mut Check, spec: &Fields, path: &str, volumes: &Volumes) {
    let others = || items(spec, "containers").chain(items(spec, "initContainers"));
    let mut seen: BTreeSet<&str> = others().map(|c| text(c, "name")).collect();
    for (i, container) in items(spec, "ephemeralContainers").enumerate() {
        let path = format!("{path}.ephemeralContainers[{i}]");
        common(check, spec, container, &path, volumes);
        let name = text(container, "name");
        if !seen.insert(name) {
            check.duplicate(format!("{path}.name"), name);
        }
        let target = text(container, "targetContainerName");
        if !target.is_empty() && !others().any(|c| text(c, "name") == target) {
            check.not_found(format!("{path}.targetContainerName"), target);
        }
        for field in [
            "ports",
            "resources",
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle",
            "resizePolicy",
        ] {
            let set = container.get(field).is_some_and(|value| match value {
                Value::Array(all) => !all.is_empty(),
                Value::Object(map) => !map.is_empty(),
                _ => false,
            });
            if set {
                check.forbidden(format!("{path}.{field}"), NOT_EPHEMERAL);
            }
        }
        for (j, mount) in items(container, "volumeMounts").enumerate() {
            for field in ["subPath", "subPathExpr"] {
                if !text(mount, field).is_empty() {
                    check.forbidden(format!("{path}.volumeMounts[{j}].{field}"), NOT_EPHEMERAL);
                }
            }
        }
    }
}

/// What holds for every container.
fn common(check: &mut Check, spec: &Fields, container: &Fields, path: &str, volumes: &Volumes) {
    let name = text(container, "name");
    if name.is_empty() {
        check.required(format!("{path}.name"), "");
    } else {
        check.each(&format!("{path}.name"), name, names::label(name));
    }
    check.present(container, path, "image");
    check.one_of(
        container,
        path,
        "terminationMessagePolicy",
        &["File", "FallbackToLogsOnError"],
    );
    let ephemeral = path.contains(".ephemeralContainers[");
    if !ephemeral {
        ports(check, spec, container, path);
    }
    environment::check(check, container, path);
    mounts::check(check, container, path, volumes);
    check.one_of(container, path, "imagePullPolicy", &PULL_POLICIES);
    if let Some(resources) = object(container, "resources").filter(|_| !ephemeral) {
        resources::requirements(check, resources, &format!("{path}.resources"));
    }
    resize_policy(check, container, path);
    if let Some(context) = object(container, "securityContext") {
        security::container(check, context, spec, &format!("{path}.securityContext"));
    }
}

fn resize_policy(check: &mut Check, container: &Fields, path: &str) {
    let mut seen = BTreeSet::new();
    for (i, policy) in items(container, "resizePolicy").enumerate() {
        let path = format!("{path}.resizePolicy");
        let resource = text(policy, "resourceName");
        if !seen.insert(resource) {
            check.duplicate(format!("{path}[{i}]"), resource);
        }
        if !matches!(resource, "cpu" | "memory") {
            check.not_supported(&path, resource, &["cpu", "memory"]);
        }
        let restart = text(policy, "restartPolicy");
        let known = ["NotRequired", "RestartContainer"];
        if restart.is_empty() {
            check.required(&path, "");
        } else if !known.contains(&restart) {
            check.not_supported(&path, restart, &known);
        }
    }
}

fn lifecycle_and_probes(check: &mut Check, spec: &Fields, container: &Fields, path: &str) {
    if let Some(lifecycle) = object(container, "lifecycle") {
        handlers::lifecycle(check, spec, lifecycle, &format!("{path}.lifecycle"));
    }
    for (name, once) in [
        ("livenessProbe", true),
        ("readinessProbe", false),
        ("startupProbe", true),
    ] {
        if let Some(probe) = object(container, name) {
            handlers::probe(check, spec, probe, &format!("{path}.{name}"), once);
        }
    }
}

fn ports(check: &mut Check, spec: &Fields, container: &Fields, path: &str) {
    let mut seen = BTreeSet::new();
    for (i, port) in items(container, "ports").enumerate() {
        let path = format!("{path}.ports[{i}]");
        let name = text(port, "name");
        if !name.is_empty() {
            let wrong = super::super::check::port_name(name);
            if wrong.is_empty() && !seen.insert(name) {
                check.duplicate(format!("{path}.name"), name);
            }
            check.each(&format!("{path}.name"), name, wrong);
        }
        match int(port, "containerPort").unwrap_or(0) {
            0 => check.required(format!("{path}.containerPort"), ""),
            number => check.port(format!("{path}.containerPort"), number),
        }
        let host = int(port, "hostPort").unwrap_or(0);
        if host != 0 {
            check.port(format!("{path}.hostPort"), host);
        }
        check.one_of(port, &path, "protocol", &PROTOCOLS);
        let ip = text(port, "hostIP");
        if !ip.is_empty() {
            check.ip(&format!("{path}.hostIP"), ip);
        }
        if host_network(spec) && host != int(port, "containerPort").unwrap_or(0) {
            let why = "must match `containerPort` when `hostNetwork` is true";
            check.invalid(format!("{path}.hostPort"), host, why);
        }
    }
}

/// No two containers may want the same port of the node.
fn host_ports<'f>(check: &mut Check, containers: impl Iterator<Item = &'f Fields>, list: &str) {
    let mut seen = BTreeSet::new();
    for (i, container) in containers.enumerate() {
        for (j, port) in items(container, "ports").enumerate() {
            let number = int(port, "hostPort").unwrap_or(0);
            if number == 0 {
                continue;
            }
            let place = format!("{}/{}/{number}", text(port, "protocol"), text(port, "hostIP"));
            if !seen.insert(place.clone()) {
                check.duplicate(format!("{list}[{i}].ports[{j}].hostPort"), place);
            }
        }
    }
}
