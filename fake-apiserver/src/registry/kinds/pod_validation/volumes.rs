//! Volumes of a pod and what each source of one asks for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::check::{Check, items, object, strings};
use super::super::fields::{Fields, has, text};
use super::{climbs, environment, key_paths, local_file, mode};
use crate::registry::names as rules;

/// The names of the volumes that are fine, which mounts may use.
pub(super) type Volumes = BTreeSet<String>;

const ONE_ONLY: &str = "may not specify more than 1 volume type";

/// What a path of the node may be.
const HOST_PATH_TYPES: [&str; 8] = [
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
];

/// The sources in the order in which the server looks at them.
const SOURCES: [&str; 27] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "downwardAPI",
    "fc",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
];

/// Checks the volumes of a spec and answers with the names of the good ones.
pub(super) fn check(check: &mut Check, spec: &Fields, path: &str) -> Volumes {
    let mut good = Volumes::new();
    for (i, volume) in items(spec, "volumes").enumerate() {
        let path = format!("{path}.volumes[{i}]");
        let mut own = Check::default();
        source(&mut own, volume, &path);
        let name = text(volume, "name");
        if name.is_empty() {
            own.required(format!("{path}.name"), "");
        } else {
            own.each(&format!("{path}.name"), name, rules::label(name));
        }
        if good.contains(name) {
            own.duplicate(format!("{path}.name"), name);
        }
        if own.is_empty() {
            good.insert(name.to_owned());
        }
        check.extend(own.done());
    }
    good
}

fn source(check: &mut Check, volume: &Fields, path: &str) {
    let mut sources = 0;
    for name in SOURCES.iter().chain(&["ephemeral", "image"]) {
        let Some(source) = object(volume, name) else {
            continue;
        };
        let path = format!("{path}.{name}");
        sources += 1;
        if sources > 1 {
            check.forbidden(path, ONE_ONLY);
        } else {
            one(check, name, source, &path);
        }
    }
    if sources == 0 {
        check.required(path, "must specify a volume type");
    }
}

fn one(check: &mut Check, name: &str, source: &Fields, path: &str) {
    match name {
        "emptyDir" => empty_dir(check, source, path),
        "hostPath" => host_path(check, source, path),
        "gitRepo" => check.present(source, path, "repository"),
        "secret" => projected_map(check, source, path, "secretName"),
        "configMap" => projected_map(check, source, path, "name"),
        "nfs" => nfs(check, source, path),
        "persistentVolumeClaim" => check.present(source, path, "claimName"),
        "downwardAPI" => {
            mode(check, source, path, "defaultMode");
            downward(check, source, path);
        }
        "projected" => projected(check, source, path),
        "csi" => csi(check, source, path),
        "ephemeral" if !has(source, "volumeClaimTemplate") => {
            check.required(format!("{path}.volumeClaimTemplate"), "");
        }
        "image" => {
            check.present(source, path, "reference");
            check.maybe_one_of(source, path, "pullPolicy", &["Always", "IfNotPresent", "Never"]);
        }
        "gcePersistentDisk" => check.present(source, path, "pdName"),
        "awsElasticBlockStore" | "cinder" => check.present(source, path, "volumeID"),
        "iscsi" => {
            for field in ["targetPortal", "iqn"] {
                check.present(source, path, field);
            }
        }
        "rbd" => {
            if strings(source, "monitors").is_empty() {
                check.required(format!("{path}.monitors"), "");
            }
            check.present(source, path, "image");
        }
        "glusterfs" => {
            for field in ["endpoints", "path"] {
                check.present(source, path, field);
            }
        }
        "cephfs" if strings(source, "monitors").is_empty() => {
            check.required(format!("{path}.monitors"), "");
        }
        "azureFile" => {
            for field in ["secretName", "shareName"] {
                check.present(source, path, field);
            }
        }
        "vsphereVolume" => check.present(source, path, "volumePath"),
        _ => {}
    }
}

fn empty_dir(check: &mut Check, source: &Fields, path: &str) {
    let limit = source.get("sizeLimit").and_then(super::super::check::quantity);
    if limit.is_some_and(|limit| limit.nano() < 0) {
        check.forbidden(
            format!("{path}.sizeLimit"),
            "SizeLimit field must be a valid resource quantity",
        );
    }
    let medium = text(source, "medium");
    if !matches!(medium, "" | "Memory" | "HugePages") && !medium.starts_with("HugePages-") {
        check.not_supported(
            format!("{path}.medium"),
            medium,
            &["", "HugePages", "HugePages-<size>", "Memory"],
        );
    }
}

fn host_path(check: &mut Check, source: &Fields, path: &str) {
    let place = text(source, "path");
    if place.is_empty() {
        return check.required(format!("{path}.path"), "");
    }
    if climbs(place) {
        check.invalid(format!("{path}.path"), place, "must not contain '..'");
    }
    let kind = text(source, "type");
    if !HOST_PATH_TYPES.contains(&kind) {
        check.not_supported(format!("{path}.type"), kind, &HOST_PATH_TYPES);
    }
}

fn nfs(check: &mut Check, source: &Fields, path: &str) {
    check.present(source, path, "server");
    check.present(source, path, "path");
    if !text(source, "path").starts_with('/') {
        check.invalid(
            format!("{path}.path"),
            text(source, "path"),
            "must be an absolute path",
        );
    }
}

fn csi(check: &mut Check, source: &Fields, path: &str) {
    let driver = text(source, "driver");
    if driver.is_empty() {
        check.required(format!("{path}.driver"), "");
    } else {
        check.each(
            &format!("{path}.driver"),
            driver,
            rules::subdomain(&driver.to_lowercase()),
        );
    }
    if let Some(secret) = object(source, "nodePublishSecretRef") {
        check.present(secret, &format!("{path}.nodePublishSecretRef"), "name");
    }
}

fn projected_map(check: &mut Check, source: &Fields, path: &str, name: &str) {
    check.present(source, path, name);
    mode(check, source, path, "defaultMode");
    key_paths(check, source, path);
}

fn downward(check: &mut Check, source: &Fields, path: &str) {
    for (i, item) in items(source, "items").enumerate() {
        let path = format!("{path}.items[{i}]");
        let target = text(item, "path");
        if target.is_empty() {
            check.required(format!("{path}.path"), "");
        }
        local_file(check, &format!("{path}.path"), target);
        match (object(item, "fieldRef"), object(item, "resourceFieldRef")) {
            (Some(field), resource) => {
                let field_path = format!("{path}.fieldRef");
                environment::field_ref(check, field, &field_path, &environment::IN_VOLUMES);
                if resource.is_some() {
                    let why = "fieldRef and resourceFieldRef can not be specified simultaneously";
                    check.invalid(&path, "resource", why);
                }
            }
            (None, Some(resource)) => {
                environment::resource_ref(check, resource, &format!("{path}.resourceFieldRef"), true);
            }
            (None, None) => check.required(
                format!("{path}.fieldRef"),
                "one of fieldRef and resourceFieldRef is required",
            ),
        }
        mode(check, item, &path, "mode");
    }
}

fn projected(check: &mut Check, source: &Fields, path: &str) {
    mode(check, source, path, "defaultMode");
    for (i, source) in items(source, "sources").enumerate() {
        let path = format!("{path}.sources[{i}]");
        let kinds = [
            "secret",
            "configMap",
            "downwardAPI",
            "serviceAccountToken",
            "clusterTrustBundle",
            "podCertificate",
        ];
        let mut sources = 0;
        for kind in kinds {
            let Some(part) = object(source, kind) else {
                continue;
            };
            sources += 1;
            let path = format!("{path}.{kind}");
            if sources > 1 {
                check.forbidden(path, ONE_ONLY);
                continue;
            }
            match kind {
                "secret" | "configMap" => {
                    check.present(part, &path, "name");
                    key_paths(check, part, &path);
                }
                "downwardAPI" => downward(check, part, &path),
                "serviceAccountToken" => token(check, part, &path),
                _ => check.present(part, &path, "path"),
            }
        }
        if sources == 0 {
            check.required(path, "must specify a volume source");
        }
    }
}

fn token(check: &mut Check, token: &Fields, path: &str) {
    let seconds = token
        .get("expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    if seconds < 600 {
        let why = "may not specify a duration less than 10 minutes";
        check.invalid(format!("{path}.expirationSeconds"), seconds, why);
    }
    if seconds > 1 << 32 {
        let why = "may not specify a duration larger than 2^32 seconds";
        check.invalid(format!("{path}.expirationSeconds"), seconds, why);
    }
    let target = text(token, "path");
    if target.is_empty() {
        check.required(format!("{path}.path"), "");
    } else {
        local_file(check, &format!("{path}.path"), target);
    }
}
