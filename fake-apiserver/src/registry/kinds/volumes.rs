//! PersistentVolume, PersistentVolumeClaim and the classes and drivers behind them.

use serde_json::json;

use super::{
    fields::{Fields, default, default_text, ensure, has},
    pod_spec::{default_claim_spec, default_volume_source},
};
use crate::registry::{
    Context,
    strategy::{Strategy, set_generation},
};

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

    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for PersistentVolumeClaim {
    fn default(&self, object: &mut Fields) {
        default_claim_spec(ensure(object, "spec"));
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

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        set_generation(object, 1);
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
