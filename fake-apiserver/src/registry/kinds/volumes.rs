//! PersistentVolume, PersistentVolumeClaim and the classes and drivers behind them.

use serde_json::json;

use super::{
    check::{Check, items, part, strings},
    csi, default_class,
    fields::{Fields, default, default_text, ensure, has, text},
    network_validation,
    pod_spec::{default_claim_spec, default_volume_source},
    volume_validation,
};
use crate::registry::names;
use crate::registry::{
    Context,
    strategy::{Strategy, generation, set_generation},
};
use crate::status::{FieldError, Result};

/// The rules for PersistentVolumes.
#[derive(Debug)]
pub(super) struct PersistentVolume;

/// The rules for PersistentVolumeClaims.
#[derive(Debug)]
pub(super) struct PersistentVolumeClaim;

/// The rules for StorageClasses.
#[derive(Debug)]
pub(super) struct StorageClass;

/// The rules for CSIDrivers.
#[derive(Debug)]
pub(super) struct CsiDriver;

impl Strategy for PersistentVolume {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "persistentVolumeReclaimPolicy", "Retain");
        default_text(spec, "volumeMode", "Filesystem");
        default_volume_source(spec);
    }

    fn prepare_create(&self, cx: &mut Context<'_>, object: &mut Fields) {
        let now = cx.timestamp();
        object.insert(
            "status".into(),
            json!({ "phase": "Pending", "lastPhaseTransitionTime": now }),
        );
        protect(object, "kubernetes.io/pv-protection");
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        volume_validation::volume(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = volume_validation::volume(object);
        volume_validation::update(&mut check, object, old);
        check.done()
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for PersistentVolumeClaim {
    fn default(&self, object: &mut Fields) {
        default_claim_spec(ensure(object, "spec"));
    }

    fn admit(&self, cx: &Context<'_>, object: &mut Fields) -> Result<()> {
        default_class::admit(cx, object, &default_class::STORAGE);
        Ok(())
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        object.insert("status".into(), json!({ "phase": "Pending" }));
        protect(object, "kubernetes.io/pvc-protection");
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for StorageClass {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        validate_class(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = validate_class(object);
        network_validation::immutable(&mut check, object, old, "parameters");
        network_validation::immutable(&mut check, object, old, "provisioner");
        network_validation::immutable(&mut check, object, old, "reclaimPolicy");
        network_validation::immutable(&mut check, object, old, "volumeBindingMode");
        check.done()
    }

    fn default(&self, object: &mut Fields) {
        default_text(object, "reclaimPolicy", "Delete");
        default_text(object, "volumeBindingMode", "Immediate");
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for CsiDriver {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "attachRequired", true);
        for off in [
            "podInfoOnMount",
            "requiresRepublish",
            "seLinuxMount",
            "storageCapacity",
        ] {
            default(spec, off, false);
        }
        default_text(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        if !has(spec, "volumeLifecycleModes") {
            spec.insert("volumeLifecycleModes".into(), json!(["Persistent"]));
        }
    }

    /// A new driver has no generation; the first change gives it one.
    fn prepare_update(&self, _: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        if object.get("spec") != old.get("spec") {
            set_generation(object, generation(old) + 1);
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        csi::driver(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = csi::driver(object);
        csi::driver_update(&mut check, object, old);
        check.done()
    }

    fn allows_unconditional_update(&self) -> bool {
        false
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

/// A volume in use may not vanish: a finalizer of the server's own stands in the way from the start.
fn protect(object: &mut Fields, finalizer: &str) {
    let metadata = ensure(object, "metadata");
    let finalizers = metadata.entry("finalizers").or_insert_with(|| json!([]));
    if let Some(list) = finalizers.as_array_mut()
        && !list.iter().any(|f| f == finalizer)
    {
        list.push(json!(finalizer));
    }
}

fn validate_class(class: &Fields) -> Check {
    let mut check = Check::default();
    let provisioner = text(class, "provisioner");
    if provisioner.is_empty() {
        check.required("provisioner", "");
    } else {
        let wrong = names::qualified_name(&provisioner.to_lowercase());
        check.each("provisioner", provisioner, wrong);
    }
    if part(class, "parameters").contains_key("") {
        check.invalid("parameters", "", "field can not be empty.");
    }
    for (field, known) in [
        ("reclaimPolicy", ["Delete", "Retain"]),
        ("volumeBindingMode", ["Immediate", "WaitForFirstConsumer"]),
    ] {
        let value = text(class, field);
        if !known.contains(&value) {
            check.not_supported(field, value, &known);
        }
    }
    for (i, term) in items(class, "allowedTopologies").enumerate() {
        for (j, rule) in items(term, "matchLabelExpressions").enumerate() {
            let path = format!("allowedTopologies[{i}].matchLabelExpressions[{j}]");
            if strings(rule, "values").is_empty() {
                check.required(format!("{path}.values"), "");
            }
            let key = text(rule, "key");
            check.each(&format!("{path}.key"), key, names::qualified_name(key));
        }
    }
    check
}
