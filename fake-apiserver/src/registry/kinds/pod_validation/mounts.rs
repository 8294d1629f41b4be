//! Where containers find volumes.

use std::collections::BTreeSet;

use super::super::check::{Check, flag, items};
use super::super::fields::{Fields, text};
use super::descending;
use super::volumes::Volumes;

/// Checks the mounts and devices of a container.
pub(super) fn check(check: &mut Check, container: &Fields, path: &str, volumes: &Volumes) {
    let devices: Vec<(&str, &str)> = items(container, "volumeDevices")
        .map(|d| (text(d, "name"), text(d, "devicePath")))
        .collect();
    let mut places = BTreeSet::new();
    for (i, mount) in items(container, "volumeMounts").enumerate() {
        let path = format!("{path}.volumeMounts[{i}]");
        let name = text(mount, "name");
        check.present(mount, &path, "name");
        if !volumes.contains(name) {
            check.not_found(format!("{path}.name"), name);
        }
        check.present(mount, &path, "mountPath");
        let place = text(mount, "mountPath");
        if !places.insert(place) {
            check.invalid(format!("{path}.mountPath"), place, "must be unique");
        }
        if devices.iter().any(|(device, _)| *device == name) {
            check.invalid(
                format!("{path}.name"),
                name,
                "must not already exist in volumeDevices",
            );
        }
        if devices.iter().any(|(_, device)| *device == place) {
            let why = "must not already exist as a path in volumeDevices";
            check.invalid(format!("{path}.mountPath"), place, why);
        }
        sub_paths(check, mount, &path);
        propagation(check, container, mount, &path);
    }
    let mut seen = (BTreeSet::new(), BTreeSet::new());
    for (i, (name, place)) in devices.iter().enumerate() {
        let path = format!("{path}.volumeDevices[{i}]");
        if name.is_empty() {
            check.required(format!("{path}.name"), "");
        }
        if !seen.0.insert(*name) {
            check.invalid(format!("{path}.name"), *name, "must be unique");
        }
        if !name.is_empty() && !volumes.contains(*name) {
            check.not_found(format!("{path}.name"), name);
        }
        if place.is_empty() {
            check.required(format!("{path}.devicePath"), "");
        } else if !seen.1.insert(*place) {
            check.invalid(format!("{path}.devicePath"), *place, "must be unique");
        }
    }
}

fn sub_paths(check: &mut Check, mount: &Fields, path: &str) {
    for name in ["subPath", "subPathExpr"] {
        let sub = text(mount, name);
        if sub.is_empty() {
            continue;
        }
        if name == "subPathExpr" && !text(mount, "subPath").is_empty() {
            let why = "subPathExpr and subPath are mutually exclusive";
            check.invalid(format!("{path}.{name}"), sub, why);
        }
        descending(check, &format!("{path}.{name}"), sub);
    }
}

fn propagation(check: &mut Check, container: &Fields, mount: &Fields, path: &str) {
    let mode = text(mount, "mountPropagation");
    let known = ["Bidirectional", "HostToContainer", "None"];
    let field = format!("{path}.mountPropagation");
    if mode.is_empty() {
        return;
    }
    if !known.contains(&mode) {
        check.not_supported(&field, mode, &known);
    }
    let privileged = container
        .get("securityContext")
        .and_then(|context| context.as_object())
        .is_some_and(|context| flag(context, "privileged"));
    if mode == "Bidirectional" && !privileged {
        check.forbidden(
            field,
            "Bidirectional mount propagation is available only to privileged containers",
        );
    }
}
