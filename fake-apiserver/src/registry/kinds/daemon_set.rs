//! DaemonSet: a pod on every node.

use super::{
    fields::{Fields, default, default_text, ensure, text},
    pod_spec::default_template,
};
use crate::registry::strategy::Strategy;

/// The rules for DaemonSets.
#[derive(Debug)]
pub(super) struct DaemonSet;

impl Strategy for DaemonSet {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        let strategy = ensure(spec, "updateStrategy");
        default_text(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate" {
            let rolling = ensure(strategy, "rollingUpdate");
            default(rolling, "maxUnavailable", 1);
            default(rolling, "maxSurge", 0);
        }
        default(spec, "revisionHistoryLimit", 10);
        default_template(ensure(spec, "template"));
    }

    fn has_generation(&self) -> bool {
        true
    }
}
