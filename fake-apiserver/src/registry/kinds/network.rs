//! Endpoints, EndpointSlice, Ingress, IngressClass and NetworkPolicy.

use serde_json::{Value, json};

use super::default_class;
use super::fields::{Fields, child, default, default_text, each, ensure, has, text};
use super::network_validation;
use crate::registry::{Context, strategy::Strategy};
use crate::status::{FieldError, Result};

/// The rules for Endpoints.
#[derive(Debug)]
pub(super) struct Endpoints;

/// The rules for EndpointSlices.
#[derive(Debug)]
pub(super) struct EndpointSlice;

/// The rules for Ingresses.
#[derive(Debug)]
pub(super) struct Ingress;

/// The rules for IngressClasses.
#[derive(Debug)]
pub(super) struct IngressClass;

/// The rules for NetworkPolicies.
#[derive(Debug)]
pub(super) struct NetworkPolicy;

impl Strategy for Endpoints {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        network_validation::endpoints(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        network_validation::endpoints(object).done()
    }

    fn default(&self, object: &mut Fields) {
        for subset in each(object, "subsets") {
            each(subset, "ports").for_each(|port| default_text(port, "protocol", "TCP"));
        }
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn deprecation(&self) -> Option<&'static str> {
        Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
    }
}

impl Strategy for EndpointSlice {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        network_validation::slice(object, None).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = network_validation::slice(object, Some(old));
        network_validation::immutable(&mut check, object, old, "addressType");
        check.done()
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        let is_name = |of: &Fields| text(of, "addressType") == "FQDN";
        if is_name(object) && !old.is_some_and(is_name) {
            return vec!["spec.addressType: FQDN endpoints are deprecated".to_owned()];
        }
        Vec::new()
    }

    fn default(&self, object: &mut Fields) {
        for port in each(object, "ports") {
            default(port, "name", "");
            default_text(port, "protocol", "TCP");
        }
    }

    fn has_generation(&self) -> bool {
        true
    }

    /// Labels say which Service a slice belongs to, so that a change of them is one of content.
    fn is_new_generation(&self, object: &Fields, old: &Fields) -> bool {
        let content = |o: &Fields| -> Vec<(String, Value)> {
            o.iter()
                .filter(|(k, _)| *k != "metadata")
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        let labels = |o: &Fields| o.get("metadata").and_then(|m| m.get("labels")).cloned();
        content(object) != content(old) || labels(object) != labels(old)
    }
}

impl Strategy for Ingress {
    fn default(&self, object: &mut Fields) {
        let Some(spec) = child(object, "spec") else { return };
        for rule in each(spec, "rules") {
            let Some(http) = child(rule, "http") else { continue };
            each(http, "paths").for_each(|path| default_text(path, "pathType", "ImplementationSpecific"));
        }
    }

    fn admit(&self, cx: &Context<'_>, object: &mut Fields) -> Result<()> {
        default_class::admit(cx, object, &default_class::INGRESS);
        Ok(())
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        let annotated = |of: &Fields| default_class::is_annotated(of, &default_class::INGRESS);
        if !annotated(object) || old.is_some_and(annotated) {
            return Vec::new();
        }
        let text = "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead";
        vec![text.to_owned()]
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for IngressClass {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        network_validation::class(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = network_validation::class(object);
        network_validation::immutable(&mut check, object, old, "spec.controller");
        check.done()
    }

    fn default(&self, object: &mut Fields) {
        if let Some(parameters) = child(object, "spec").and_then(|spec| child(spec, "parameters")) {
            default_text(parameters, "scope", "Cluster");
        }
    }

    fn has_generation(&self) -> bool {
        true
    }
}

impl Strategy for NetworkPolicy {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        network_validation::policy(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        network_validation::policy(object).done()
    }

    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        for direction in ["ingress", "egress"] {
            for rule in each(spec, direction) {
                each(rule, "ports").for_each(|port| default_text(port, "protocol", "TCP"));
            }
        }
        if !has(spec, "policyTypes") {
            // Egress is only limited where something is said of it.
            let egress = spec
                .get("egress")
                .is_some_and(|rules| rules.as_array().is_some_and(|r| !r.is_empty()));
            let types = if egress {
                json!(["Ingress", "Egress"])
            } else {
                json!(["Ingress"])
            };
            spec.insert("policyTypes".into(), types);
        }
    }

    fn has_generation(&self) -> bool {
        true
    }
}
