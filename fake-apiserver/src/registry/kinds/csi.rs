//! CSINode and VolumeAttachment, and what is wrong with CSIDrivers.
//!
//! # Source
//! <https://kubernetes-csi.github.io/docs/kubernetes-cluster-objects.html>

use serde_json::{Value, json};

use super::{
    check::{Check, items, part, strings},
    fields::{Fields, has, int, text},
};
use crate::registry::{Context, names, strategy::Strategy};
use crate::status::FieldError;

/// The rules for CSINodes.
#[derive(Debug)]
pub(super) struct CsiNode;

/// The rules for VolumeAttachments.
#[derive(Debug)]
pub(super) struct VolumeAttachment;

impl Strategy for CsiNode {
    fn returns_deleted(&self) -> bool {
        true
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        node(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = node(object);
        for driver in items(part(object, "spec"), "drivers") {
            let mut before = items(part(old, "spec"), "drivers");
            let before = before.find(|b| text(b, "name") == text(driver, "name"));
            if before.is_some_and(|before| before != driver) {
                let none = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null).to_string();
                let count = part(driver, "allocatable").get("count");
                let allocatable = match driver.get("allocatable") {
                    Some(_) => format!("{{\"Count\":{}}}", none(count)),
                    None => "null".to_owned(),
                };
                let printed = format!(
                    "{{\"Name\":{},\"NodeID\":{},\"TopologyKeys\":{},\"Allocatable\":{allocatable}}}",
                    json!(text(driver, "name")),
                    json!(text(driver, "nodeID")),
                    none(driver.get("topologyKeys"))
                );
                check.invalid_printed("spec.drivers", printed, "field is immutable");
            }
        }
        check.done()
    }
}

impl Strategy for VolumeAttachment {
    fn returns_deleted(&self) -> bool {
        true
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        attachment(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = attachment(object);
        let (spec, before) = (part(object, "spec"), part(old, "spec"));
        if spec != before {
            let source = part(spec, "source");
            let none = |name: &str| source.get(name).cloned().unwrap_or(Value::Null);
            let printed = format!(
                "{{\"Attacher\":{},\"Source\":{{\"PersistentVolumeName\":{},\"InlineVolumeSpec\":{}}},\"NodeName\":{}}}",
                json!(text(spec, "attacher")),
                none("persistentVolumeName"),
                none("inlineVolumeSpec"),
                json!(text(spec, "nodeName"))
            );
            check.invalid_printed("spec", printed, "field is immutable");
        }
        check.done()
    }
}

fn node(object: &Fields) -> Check {
    let mut check = Check::default();
    let mut seen: Vec<&str> = Vec::new();
    for (i, driver) in items(part(object, "spec"), "drivers").enumerate() {
        let path = format!("spec.drivers[{i}]");
        let name = text(driver, "name");
        if name.is_empty() {
            check.required(format!("{path}.name"), "");
        } else {
            check.each(
                &format!("{path}.name"),
                name,
                names::subdomain(&name.to_ascii_lowercase()),
            );
        }
        check.present(driver, &path, "nodeID");
        let count = int(part(driver, "allocatable"), "count").unwrap_or(0);
        if count < 0 {
            let why = "must be greater than or equal to 0";
            check.invalid(format!("{path}.allocatable.count"), count, why);
        }
        let keys = strings(driver, "topologyKeys");
        for (j, key) in keys.iter().enumerate() {
            if keys[..j].contains(key) {
                check.duplicate(format!("{path}.topologyKeys"), *key);
            }
            check.each(&format!("{path}.topologyKeys"), key, names::qualified_name(key));
        }
        if seen.contains(&name) {
            check.duplicate(format!("{path}.name"), name);
        }
        seen.push(name);
    }
    check
}

fn attachment(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    check.present(spec, "spec", "attacher");
    let node = text(spec, "nodeName");
    check.each("spec.nodeName", node, names::subdomain(node));
    let source = part(spec, "source");
    let why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (
        has(source, "inlineVolumeSpec"),
        text(source, "persistentVolumeName"),
    ) {
        (false, "") => check.required("spec.source", why),
        (true, name) if !name.is_empty() => check.forbidden("spec.source", why),
        _ => {}
    }
    check
}

/// Checks a CSIDriver.
pub(super) fn driver(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    let policies = ["File", "None", "ReadWriteOnceWithFSType"];
    check.maybe_one_of(spec, "spec", "fsGroupPolicy", &policies);
    for mode in strings(spec, "volumeLifecycleModes") {
        let modes = ["Persistent", "Ephemeral"];
        if !modes.contains(&mode) {
            check.not_supported("spec.volumeLifecycleModes", mode, &modes);
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (i, request) in items(spec, "tokenRequests").enumerate() {
        let path = format!("spec.tokenRequests[{i}]");
        let audience = text(request, "audience");
        if seen.contains(&audience) {
            check.duplicate(format!("{path}.audience"), audience);
        }
        seen.push(audience);
        if let Some(seconds) = int(request, "expirationSeconds") {
            let field = format!("{path}.expirationSeconds");
            if seconds < 600 {
                check.invalid(&field, seconds, "may not specify a duration less than 10 minutes");
            } else if seconds > 1 << 32 {
                check.invalid(
                    &field,
                    seconds,
                    "may not specify a duration larger than 2^32 seconds",
                );
            }
        }
    }
    check
}

/// Checks what of a CSIDriver may not change; the errors spell the first field as the server does.
pub(super) fn driver_update(check: &mut Check, object: &Fields, old: &Fields) {
    let (spec, before) = (part(object, "spec"), part(old, "spec"));
    for (field, told) in [
        ("attachRequired", "spec.attachedRequired"),
        ("volumeLifecycleModes", "spec.volumeLifecycleModes"),
    ] {
        if spec.get(field) != before.get(field) {
            let value = spec.get(field).cloned().unwrap_or(Value::Null);
            check.invalid(told, value, "field is immutable");
        }
    }
}
