//! Deployment: its roll-out, and a generation that annotations raise too.

use serde_json::{Value, json};

use super::{
    fields::{Fields, default, default_text, ensure},
    pod_spec::default_template,
};
use crate::registry::strategy::Strategy;

/// The rules for Deployments.
#[derive(Debug)]
pub(super) struct Deployment;

impl Strategy for Deployment {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "replicas", 1);
        default(spec, "revisionHistoryLimit", 10);
        default(spec, "progressDeadlineSeconds", 600);
        let strategy = ensure(spec, "strategy");
        default_text(strategy, "type", "RollingUpdate");
        if strategy.get("type").and_then(Value::as_str) == Some("RollingUpdate") {
            let rolling = ensure(strategy, "rollingUpdate");
            default(rolling, "maxSurge", "25%");
            default(rolling, "maxUnavailable", "25%");
        }
        default_template(ensure(spec, "template"));
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn is_new_generation(&self, object: &Fields, old: &Fields) -> bool {
        let annotations = |o: &Fields| {
            let found = o.get("metadata").and_then(|m| m.get("annotations")).cloned();
            found.filter(|a| *a != json!({}) && !a.is_null())
        };
        object.get("spec") != old.get("spec") || annotations(object) != annotations(old)
    }
}
