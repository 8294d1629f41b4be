//! What is wrong with a PersistentVolume.

use serde_json::Value;

use super::check::{Check, object, part, quantity, strings};
use super::fields::{Fields, has, text};
use super::pod_validation::node_selector;
use crate::registry::names;

const ACCESS_MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];
const RECLAIM_POLICIES: [&str; 3] = ["Delete", "Recycle", "Retain"];
const MODES: [&str; 2] = ["Block", "Filesystem"];

/// The sources of volumes, in the order in which they are looked at.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

/// Checks a volume, new or not.
pub(super) fn volume(volume: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(volume, "spec");
    access_modes(&mut check, spec);
    capacity(&mut check, spec);
    check.maybe_one_of(spec, "spec", "persistentVolumeReclaimPolicy", &RECLAIM_POLICIES);
    if let Some(affinity) = object(spec, "nodeAffinity") {
        match object(affinity, "required") {
            Some(required) => node_selector(&mut check, required, "spec.nodeAffinity.required"),
            None => check.required(
                "spec.nodeAffinity.required",
                "must specify required node constraints",
            ),
        }
    }
    sources(&mut check, spec);
    let recycled = text(spec, "persistentVolumeReclaimPolicy") == "Recycle";
    if recycled && text(part(spec, "hostPath"), "path") == "/" {
        let why = "may not be 'recycle' for a hostPath mount of '/'";
        check.forbidden("spec.persistentVolumeReclaimPolicy", why);
    }
    let class = text(spec, "storageClassName");
    if !class.is_empty() {
        check.each("spec.storageClassName", class, names::subdomain(class));
    }
    check.maybe_one_of(spec, "spec", "volumeMode", &MODES);
    if has(spec, "volumeAttributesClassName") {
        let class = text(spec, "volumeAttributesClassName");
        if class.is_empty() {
            check.required("spec.volumeAttributesClassName", "an empty string is disallowed");
        } else {
            check.each("spec.volumeAttributesClassName", class, names::subdomain(class));
        }
        if !has(spec, "csi") {
            let why = "has to be specified when using volumeAttributesClassName";
            check.required("spec.csi", why);
        }
    }
    check
}

/// Checks what an update may change.
pub(super) fn update(check: &mut Check, volume: &Fields, old: &Fields) {
    let (spec, before) = (part(volume, "spec"), part(old, "spec"));
    if SOURCES
        .iter()
        .any(|source| spec.get(*source) != before.get(*source))
    {
        let why = "spec.persistentvolumesource is immutable after creation";
        check.forbidden("spec.persistentvolumesource", why);
    }
    if spec.get("volumeMode") != before.get("volumeMode") {
        let mode = spec.get("volumeMode").cloned().unwrap_or_default();
        check.invalid("volumeMode", mode, "field is immutable");
    }
    if has(before, "nodeAffinity") && spec.get("nodeAffinity") != before.get("nodeAffinity") {
        let affinity = spec.get("nodeAffinity").cloned().unwrap_or_default();
        let why = "field is immutable, except for updating from beta label to GA";
        check.invalid("nodeAffinity", affinity, why);
    }
}

fn access_modes(check: &mut Check, spec: &Fields) {
    let modes = strings(spec, "accessModes");
    if modes.is_empty() {
        check.required("spec.accessModes", "");
    }
    for mode in modes.iter().filter(|mode| !ACCESS_MODES.contains(mode)) {
        check.not_supported("spec.accessModes", *mode, &ACCESS_MODES);
    }
    if modes.len() > 1 && modes.contains(&"ReadWriteOncePod") {
        let why = "may not use ReadWriteOncePod with other access modes";
        check.forbidden("spec.accessModes", why);
    }
}

fn capacity(check: &mut Check, spec: &Fields) {
    let amounts = part(spec, "capacity");
    if amounts.is_empty() {
        check.required("spec.capacity", "");
    }
    if !amounts.contains_key("storage") || amounts.len() > 1 {
        let given = spec.get("capacity").cloned().unwrap_or(Value::Null);
        check.not_supported("spec.capacity", given, &["storage"]);
    }
    for (name, amount) in amounts {
        let Some(amount) = quantity(amount) else { continue };
        let field = format!("spec.capacity[{name}]");
        if amount.nano() < 0 {
            check.invalid(&field, amount.to_string(), "must be a valid resource quantity");
        }
        if amount.nano() <= 0 {
            check.invalid(field, amount.to_string(), "must be greater than zero");
        }
    }
}

fn sources(check: &mut Check, spec: &Fields) {
    let mut any = false;
    for source in SOURCES {
        let Some(fields) = object(spec, source) else {
            continue;
        };
        let path = format!("spec.{source}");
        if std::mem::replace(&mut any, true) {
            check.forbidden(path, "may not specify more than 1 volume type");
            continue;
        }
        match source {
            "hostPath" => {
                check.present(fields, &path, "path");
                no_steps_back(check, &format!("{path}.path"), text(fields, "path"));
            }
            "nfs" => {
                check.present(fields, &path, "server");
                check.present(fields, &path, "path");
                if !text(fields, "path").is_empty() && !text(fields, "path").starts_with('/') {
                    let why = "must be an absolute path";
                    check.invalid(format!("{path}.path"), text(fields, "path"), why);
                }
            }
            "local" => {
                check.present(fields, &path, "path");
                no_steps_back(check, &format!("{path}.path"), text(fields, "path"));
                if !has(spec, "nodeAffinity") {
                    check.required("spec.nodeAffinity", "Local volume requires node affinity");
                }
            }
            "csi" => {
                check.present(fields, &path, "driver");
                check.present(fields, &path, "volumeHandle");
            }
            _ => {}
        }
    }
    if !any {
        check.required("spec", "must specify a volume type");
    }
}

fn no_steps_back(check: &mut Check, field: &str, path: &str) {
    if path.split('/').any(|part| part == "..") {
        check.invalid(field, path, "must not contain '..'");
    }
}
