//! What is wrong with a pod's spec, alone or in a template, in the order in which the server looks.
//!
//! Reading order: this file (the spec as a whole), `containers` with `environment`, `mounts`, `handlers` and
//! `resources`, `volumes`, `scheduling`, `security`, `network`.

mod containers;
mod environment;
mod handlers;
mod mounts;
mod network;
mod resources;
mod scheduling;
mod security;
mod volumes;

pub(super) use scheduling::node_selector;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::check::{Check, flag, items, object, part, strings};
use super::fields::{Fields, has, int, text};
use crate::registry::names;

/// Checks a template as those controllers do that keep pods running: it must match the selector.
pub(super) fn controlled_template(
    check: &mut Check,
    spec: &Fields,
    path: &str,
    selected: bool,
    controller: &str,
) {
    let template = part(spec, "template");
    if !selected {
        // Labels that were given empty print otherwise than absent ones.
        let labels = part(template, "metadata").get("labels").cloned();
        check.invalid(
            format!("{path}.metadata.labels"),
            labels.unwrap_or(Value::Null),
            "`selector` does not match template `labels`",
        );
    }
    self::template(check, template, path);
    let pod = part(template, "spec");
    let policy = text(pod, "restartPolicy");
    if policy != "Always" {
        check.not_supported(format!("{path}.spec.restartPolicy"), policy, &["Always"]);
    }
    if has(pod, "activeDeadlineSeconds") {
        check.forbidden(
            format!("{path}.spec.activeDeadlineSeconds"),
            format!("activeDeadlineSeconds in {controller} is not Supported"),
        );
    }
}

/// Checks a template.
pub(super) fn template(check: &mut Check, template: &Fields, path: &str) {
    let metadata = part(template, "metadata");
    check.labels(&format!("{path}.labels"), metadata.get("labels"));
    for key in part(metadata, "annotations").keys() {
        check.each(
            &format!("{path}.annotations"),
            key,
            names::qualified_name(&key.to_lowercase()),
        );
    }
    let spec = part(template, "spec");
    pod_spec(check, spec, &format!("{path}.spec"));
    if items(spec, "ephemeralContainers").next().is_some() {
        check.forbidden(
            format!("{path}.spec.ephemeralContainers"),
            "ephemeral containers not allowed in pod template",
        );
    }
}

/// Checks a pod's spec.
pub(super) fn pod_spec(check: &mut Check, spec: &Fields, path: &str) {
    let volumes = volumes::check(check, spec, path);
    resources::claims(check, spec, path);
    containers::regular(check, spec, path, &volumes);
    containers::init(check, spec, path, &volumes);
    containers::ephemeral(check, spec, path, &volumes);
    restart_policy(check, spec, path);
    network::dns_policy(check, spec, path);
    check.labels(&format!("{path}.nodeSelector"), spec.get("nodeSelector"));
    security::pod(check, spec, path);
    scheduling::affinity(check, spec, path);
    network::dns_config(check, spec, path);
    for (i, gate) in items(spec, "readinessGates").enumerate() {
        let kind = text(gate, "conditionType");
        check.each(
            &format!("{path}.readinessGates[{i}].conditionType"),
            kind,
            names::qualified_name(kind),
        );
    }
    scheduling::gates(check, spec, path);
    scheduling::spread(check, spec, path);
    security::host_users(check, spec, path);
    subdomain(check, spec, path, "serviceAccountName");
    subdomain(check, spec, path, "nodeName");
    if let Some(seconds) = int(spec, "activeDeadlineSeconds")
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        let why = "must be between 1 and 2147483647, inclusive";
        check.invalid(format!("{path}.activeDeadlineSeconds"), seconds, why);
    }
    for name in ["hostname", "subdomain"] {
        let value = text(spec, name);
        if !value.is_empty() {
            check.each(&format!("{path}.{name}"), value, names::label(value));
        }
    }
    scheduling::tolerations(check, spec, path);
    network::host_aliases(check, spec, path);
    for name in ["priorityClassName", "runtimeClassName"] {
        subdomain(check, spec, path, name);
    }
    check.maybe_one_of(spec, path, "preemptionPolicy", &["PreemptLowerPriority", "Never"]);
    if let Some(overhead) = object(spec, "overhead") {
        resources::amounts(check, overhead, &format!("{path}.overhead"));
    }
    if let Some(os) = object(spec, "os") {
        let name = text(os, "name");
        if name.is_empty() {
            check.required(format!("{path}.os.name"), "");
        } else if !matches!(name, "linux" | "windows") {
            check.not_supported(format!("{path}.os"), name, &["linux", "windows"]);
        }
    }
}

/// What holds for pods and not for templates.
pub(super) fn pod_only(check: &mut Check, spec: &Fields, path: &str) {
    for list in ["containers", "initContainers"] {
        for (i, container) in items(spec, list).enumerate() {
            let image = text(container, "image");
            if image.trim() != image {
                let why = "must not have leading or trailing whitespace";
                check.invalid(format!("{path}.{list}[{i}].image"), image, why);
            }
        }
    }
}

fn restart_policy(check: &mut Check, spec: &Fields, path: &str) {
    check.one_of(spec, path, "restartPolicy", &["Always", "OnFailure", "Never"]);
}

fn subdomain(check: &mut Check, spec: &Fields, path: &str, name: &str) {
    let value = text(spec, name);
    if !value.is_empty() {
        check.each(&format!("{path}.{name}"), value, names::subdomain(value));
    }
}

/// Whether the pod shares the node's network.
fn host_network(spec: &Fields) -> bool {
    flag(spec, "hostNetwork")
}

/// The entries of a list that are named twice.
fn duplicates<'f>(fields: &'f Fields, list: &str, key: &str) -> Vec<(usize, &'f str)> {
    let mut seen = std::collections::BTreeSet::new();
    items(fields, list)
        .map(|item| text(item, key))
        .enumerate()
        .filter(|(_, name)| !seen.insert(*name))
        .collect()
}

/// Whether a path leads out of where it starts.
fn climbs(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// Checks a path below a directory.
fn descending(check: &mut Check, field: &str, path: &str) {
    if path.starts_with('/') {
        check.invalid(field, path, "must be a relative path");
    }
    if climbs(path) {
        check.invalid(field, path, "must not contain '..'");
    }
}

/// Checks the items of a projected map: a key, and where it goes.
fn key_paths(check: &mut Check, source: &Fields, path: &str) {
    for (i, item) in items(source, "items").enumerate() {
        let path = format!("{path}.items[{i}]");
        check.present(item, &path, "key");
        check.present(item, &path, "path");
        let target = text(item, "path");
        if !target.is_empty() {
            local_file(check, &format!("{path}.path"), target);
        }
        mode(check, item, &path, "mode");
    }
}

/// Checks a path that names a file below a directory and no hidden upper one.
fn local_file(check: &mut Check, field: &str, path: &str) {
    descending(check, field, path);
    if path.starts_with("..") && !path.starts_with("../") && path != ".." {
        check.invalid(field, path, "must not start with '..'");
    }
}

/// Checks the permissions of a file.
fn mode(check: &mut Check, fields: &Fields, path: &str, name: &str) {
    if let Some(mode) = int(fields, name)
        && !(0..=0o777).contains(&mode)
    {
        let why = "must be a number between 0 and 0777 (octal), both inclusive";
        check.invalid(format!("{path}.{name}"), mode, why);
    }
}

/// Whether any text of a list equals one.
fn contains(fields: &Fields, list: &str, wanted: &str) -> bool {
    strings(fields, list).contains(&wanted)
}
