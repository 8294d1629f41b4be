//! PodDisruptionBudget, PriorityClass, HorizontalPodAutoscaler, LimitRange, Lease, Event and ServiceAccount.

use serde_json::{Value, json};

use super::check::{Check, part};
use super::fields::{Fields, child, default, default_text, each, ensure};
use super::policy_validation;
use crate::registry::{
    Context,
    strategy::{Strategy, set_generation},
};
use crate::status::FieldError;

/// The rules for PodDisruptionBudgets.
#[derive(Debug)]
pub(super) struct PodDisruptionBudget;

/// The rules for PriorityClasses.
#[derive(Debug)]
pub(super) struct PriorityClass;

/// The rules for HorizontalPodAutoscalers.
#[derive(Debug)]
pub(super) struct HorizontalPodAutoscaler;

/// The rules for LimitRanges.
#[derive(Debug)]
pub(super) struct LimitRange;

/// The rules for Leases.
#[derive(Debug)]
pub(super) struct Lease;

/// The rules for ServiceAccounts.
#[derive(Debug)]
pub(super) struct ServiceAccount;

/// The rules for ResourceQuotas.
#[derive(Debug)]
pub(super) struct ResourceQuota;

/// The rules for RuntimeClasses.
#[derive(Debug)]
pub(super) struct RuntimeClass;

impl Strategy for PodDisruptionBudget {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::budget(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::budget(object).done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::budget_status(object).done()
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn allows_unconditional_update(&self) -> bool {
        false
    }
}

impl Strategy for PriorityClass {
    fn default(&self, object: &mut Fields) {
        default_text(object, "preemptionPolicy", "PreemptLowerPriority");
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::priority_class(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        policy_validation::priority_class_update(object, old).done()
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        set_generation(object, 1);
    }
}

impl Strategy for HorizontalPodAutoscaler {
    fn has_versions(&self) -> bool {
        true
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::autoscaler(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::autoscaler(object).done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        let mut check = Check::default();
        for name in ["currentReplicas", "desiredReplicas"] {
            check.not_negative(part(object, "status"), "status", name);
        }
        check.done()
    }

    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default(spec, "minReplicas", 1);
        if spec
            .get("metrics")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
        {
            spec.insert(
                "metrics".into(),
                json!([{ "type": "Resource", "resource": {
                    "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 80 },
                } }]),
            );
        }
        if let Some(behavior) = child(spec, "behavior") {
            default_scaling(behavior);
        }
    }
}

/// Rules that leave something open get the rest from the rules that hold where there are none.
fn default_scaling(behavior: &mut Fields) {
    let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
    let pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
    if let Some(up) = child(behavior, "scaleUp") {
        default(up, "stabilizationWindowSeconds", 0);
        default_text(up, "selectPolicy", "Max");
        default(up, "policies", json!([pods, percent]));
    }
    if let Some(down) = child(behavior, "scaleDown") {
        default_text(down, "selectPolicy", "Max");
        default(down, "policies", json!([percent]));
    }
}

impl Strategy for LimitRange {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::limits(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::limits(object).done()
    }

    fn default(&self, object: &mut Fields) {
        let Some(spec) = child(object, "spec") else { return };
        for limit in each(spec, "limits").filter(|l| l.get("type") == Some(&json!("Container"))) {
            let part = |limit: &Fields, name: &str| limit.get(name).and_then(Value::as_object).cloned();
            // What is not said comes from the nearest bound: the default from the maximum, the request from the default.
            let mut defaults = part(limit, "default").unwrap_or_default();
            for (resource, max) in part(limit, "max").unwrap_or_default() {
                defaults.entry(resource).or_insert(max);
            }
            let mut requests = part(limit, "defaultRequest").unwrap_or_default();
            for (resource, value) in defaults.clone() {
                requests.entry(resource).or_insert(value);
            }
            for (resource, min) in part(limit, "min").unwrap_or_default() {
                requests.entry(resource).or_insert(min);
            }
            for (name, map) in [("default", defaults), ("defaultRequest", requests)] {
                if !map.is_empty() {
                    limit.insert(name.into(), map.into());
                }
            }
        }
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }
}

impl Strategy for Lease {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::lease(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::lease(object).done()
    }

    fn default(&self, object: &mut Fields) {
        ensure(object, "spec");
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        uncoordinate(object, &Fields::new());
    }

    fn prepare_update(&self, _: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        uncoordinate(object, old);
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn allows_unconditional_update(&self) -> bool {
        false
    }
}

/// Choosing a holder by strategy is a feature that is off by default: its fields go, unless they were there.
fn uncoordinate(lease: &mut Fields, old: &Fields) {
    if let Some(spec) = child(lease, "spec") {
        for field in ["strategy", "preferredHolder"] {
            if !part(old, "spec").contains_key(field) {
                spec.remove(field);
            }
        }
    }
}

impl Strategy for ServiceAccount {
    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for ResourceQuota {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        policy_validation::quota(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = policy_validation::quota(object);
        let scopes = |of: &Fields| part(of, "spec").get("scopes").cloned().unwrap_or_default();
        if scopes(object) != scopes(old) {
            check.invalid("spec.scopes", scopes(object), "field is immutable");
        }
        check.done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::quota_status(object).done()
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

impl Strategy for RuntimeClass {
    fn allows_unconditional_update(&self) -> bool {
        false
    }
}
