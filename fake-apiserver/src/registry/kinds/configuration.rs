//! Webhook configurations, admission policies, flow control and API services: the server's own configuration.

use serde_json::{Value, json};

use super::fields::{Fields, child, default, default_number, default_text, each, ensure};
use super::{admission_validation, configuration_validation};
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;

/// The rules for MutatingWebhookConfigurations and ValidatingWebhookConfigurations.
#[derive(Debug)]
pub(super) struct Webhooks {
    /// Whether the hooks may change what they see.
    pub(super) mutating: bool,
}

/// The rules for ValidatingAdmissionPolicies and MutatingAdmissionPolicies.
#[derive(Debug)]
pub(super) struct AdmissionPolicy {
    /// Whether it refuses objects rather than changing them.
    pub(super) validates: bool,
}

/// The rules for the bindings of admission policies.
#[derive(Debug)]
pub(super) struct PolicyBinding {
    /// As for the policy.
    pub(super) validates: bool,
}

/// The rules for FlowSchemas.
#[derive(Debug)]
pub(super) struct FlowSchema;

/// The rules for PriorityLevelConfigurations.
#[derive(Debug)]
pub(super) struct PriorityLevel;

/// The rules for APIServices.
#[derive(Debug)]
pub(super) struct ApiService;

impl Strategy for Webhooks {
    fn default(&self, object: &mut Fields) {
        for hook in each(object, "webhooks") {
            default_text(hook, "failurePolicy", "Fail");
            default_text(hook, "matchPolicy", "Equivalent");
            default(hook, "namespaceSelector", json!({}));
            default(hook, "objectSelector", json!({}));
            default(hook, "timeoutSeconds", 10);
            if self.mutating {
                default_text(hook, "reinvocationPolicy", "Never");
            }
            each(hook, "rules").for_each(|rule| default_text(rule, "scope", "*"));
            if let Some(service) = child(hook, "clientConfig").and_then(|c| child(c, "service")) {
                default(service, "port", 443);
            }
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        admission_validation::webhooks(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        admission_validation::webhooks(object).done()
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for AdmissionPolicy {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "failurePolicy", "Fail");
        default_match(child(spec, "matchConstraints"));
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        admission_validation::admission_policy(object, self.validates).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        admission_validation::admission_policy(object, self.validates).done()
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for PolicyBinding {
    fn default(&self, object: &mut Fields) {
        default_match(child(object, "spec").and_then(|spec| child(spec, "matchResources")));
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        admission_validation::binding(object, self.validates).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        admission_validation::binding(object, self.validates).done()
    }

    fn has_generation(&self) -> bool {
        true
    }
}

fn default_match(matching: Option<&mut Fields>) {
    let Some(matching) = matching else { return };
    default_text(matching, "matchPolicy", "Equivalent");
    default(matching, "namespaceSelector", json!({}));
    default(matching, "objectSelector", json!({}));
    for list in ["resourceRules", "excludeResourceRules"] {
        each(matching, list).for_each(|rule| default_text(rule, "scope", "*"));
    }
}

impl Strategy for FlowSchema {
    fn default(&self, object: &mut Fields) {
        default_number(ensure(object, "spec"), "matchingPrecedence", 1000);
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        configuration_validation::flow_schema(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        configuration_validation::flow_schema(object).done()
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for PriorityLevel {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        if let Some(exempt) = child(spec, "exempt") {
            default(exempt, "nominalConcurrencyShares", 0);
            default(exempt, "lendablePercent", 0);
        }
        if let Some(limited) = child(spec, "limited") {
            default(limited, "nominalConcurrencyShares", 30);
            default(limited, "lendablePercent", 0);
            if let Some(queuing) = child(limited, "limitResponse").and_then(|r| child(r, "queuing")) {
                default_number(queuing, "queues", 64);
                default_number(queuing, "handSize", 8);
                default_number(queuing, "queueLengthLimit", 50);
            }
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        configuration_validation::priority_level(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        configuration_validation::priority_level(object).done()
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for ApiService {
    fn default(&self, object: &mut Fields) {
        if let Some(Value::Object(service)) = child(object, "spec").and_then(|spec| spec.get_mut("service")) {
            default(service, "port", 443);
        }
    }
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        configuration_validation::api_service(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        configuration_validation::api_service(object).done()
    }
}
