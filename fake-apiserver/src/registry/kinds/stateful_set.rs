//! StatefulSet: pods with names and volumes of their own.

use serde_json::json;

use super::{
    fields::{Fields, default, default_text, each, ensure, text},
    pod_spec::{default_claim_spec, default_template},
};
use crate::registry::strategy::Strategy;

/// The rules for StatefulSets.
#[derive(Debug)]
pub(super) struct StatefulSet;

impl Strategy for StatefulSet {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "podManagementPolicy", "OrderedReady");
        let strategy = ensure(spec, "updateStrategy");
        default_text(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate" {
            default(ensure(strategy, "rollingUpdate"), "partition", 0);
        }
        let retention = ensure(spec, "persistentVolumeClaimRetentionPolicy");
        default_text(retention, "whenDeleted", "Retain");
        default_text(retention, "whenScaled", "Retain");
        default(spec, "replicas", 1);
        default(spec, "revisionHistoryLimit", 10);
        default_template(ensure(spec, "template"));
        for claim in each(spec, "volumeClaimTemplates") {
            default_text(claim, "apiVersion", "v1");
            default_text(claim, "kind", "PersistentVolumeClaim");
            default_claim_spec(ensure(claim, "spec"));
            default(ensure(claim, "status"), "phase", json!("Pending"));
        }
    }

    fn has_generation(&self) -> bool {
        true
    }
}
