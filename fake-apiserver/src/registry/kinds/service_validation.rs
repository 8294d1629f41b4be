//! What is wrong with a Service.

use std::{collections::BTreeSet, net::IpAddr};

use serde_json::{Value, json};

use super::{
    check::{Check, part},
    fields::{Fields, int, text},
};
use crate::status::FieldError;

/// What is wrong with a Service as it is, and with the step from the one before.
pub(super) fn validate(object: &Fields, old: Option<&Fields>) -> Vec<FieldError> {
    let spec = part(object, "spec");
    let families = validate_families(spec);
    if !families.is_empty() {
        // No address could be handed out, so that nothing further is looked at.
        return families;
    }
    let mut check = Check::default();
    if let Some(old) = old {
        validate_address_is_kept(&mut check, spec, part(old, "spec"));
    }
    validate_ports(&mut check, spec);
    check.done()
}

/// What is wrong with where a load balancer says traffic comes in.
pub(super) fn validate_status(object: &Fields) -> Vec<FieldError> {
    let mut check = Check::default();
    let ingress = object
        .get("status")
        .and_then(|s| s.pointer("/loadBalancer/ingress"))
        .and_then(Value::as_array);
    let Some(ingress) = ingress.filter(|points| !points.is_empty()) else {
        return Vec::new();
    };
    let field = "status.loadBalancer.ingress";
    if text(part(object, "spec"), "type") != "LoadBalancer" {
        let why = "may only be used when `spec.type` is 'LoadBalancer'";
        check.extend([FieldError::forbidden(field, why)]);
        return check.done();
    }
    for (i, point) in ingress.iter().enumerate() {
        let named = |name: &str| point.get(name).and_then(Value::as_str).unwrap_or_default();
        let (ip, hostname) = (named("ip"), named("hostname"));
        if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
            let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            check.invalid(format!("{field}[{i}].ip"), ip, why);
        }
        if hostname.parse::<IpAddr>().is_ok() {
            check.invalid(
                format!("{field}[{i}].hostname"),
                hostname,
                "must be a DNS name, not an IP address",
            );
        }
    }
    check.done()
}

/// The cluster has one network, of IPv4: only a headless Service without a selector can be of both families.
fn validate_families(spec: &Fields) -> Vec<FieldError> {
    let selects = spec
        .get("selector")
        .and_then(Value::as_object)
        .is_some_and(|s| !s.is_empty());
    let headless = text(spec, "clusterIP") == "None";
    if (headless && !selects) || text(spec, "type") == "ExternalName" {
        return Vec::new();
    }
    let mut check = Check::default();
    let policy = text(spec, "ipFamilyPolicy");
    if policy == "RequireDualStack" {
        let why = "this cluster is not configured for dual-stack services";
        check.invalid("spec.ipFamilyPolicy", policy, why);
    }
    let families = spec.get("ipFamilies").and_then(Value::as_array);
    for (i, family) in families.into_iter().flatten().enumerate() {
        if family == "IPv6" {
            check.invalid(
                format!("spec.ipFamilies[{i}]"),
                "IPv6",
                "not configured on this cluster",
            );
        }
    }
    check.done()
}

fn validate_address_is_kept(check: &mut Check, spec: &Fields, before: &Fields) {
    let external = |s: &Fields| text(s, "type") == "ExternalName";
    let (had, has) = (text(before, "clusterIP"), text(spec, "clusterIP"));
    if !external(spec) && !external(before) && !had.is_empty() && had != has {
        let addresses = spec.get("clusterIPs").cloned().unwrap_or_else(|| json!([has]));
        check.invalid("spec.clusterIPs[0]", addresses, "may not change once set");
    }
}

fn validate_ports(check: &mut Check, spec: &Fields) {
    let empty = Vec::new();
    let ports = spec.get("ports").and_then(Value::as_array).unwrap_or(&empty);
    let headless = text(spec, "clusterIP") == "None";
    if ports.is_empty() && !headless && text(spec, "type") != "ExternalName" {
        check.required("spec.ports", "");
    }
    let mut names = BTreeSet::new();
    for (i, port) in ports.iter().filter_map(Value::as_object).enumerate() {
        let field = format!("spec.ports[{i}]");
        let name = text(port, "name");
        if name.is_empty() && ports.len() > 1 {
            check.required(format!("{field}.name"), "");
        } else if !name.is_empty() && !names.insert(name) {
            check.extend([FieldError::duplicate(format!("{field}.name"), name)]);
        }
        let number = int(port, "port").unwrap_or(0);
        if !(1..=65535).contains(&number) {
            check.invalid(
                format!("{field}.port"),
                number,
                "must be between 1 and 65535, inclusive",
            );
        }
        let protocol = text(port, "protocol");
        if !matches!(protocol, "TCP" | "UDP" | "SCTP") {
            let known = ["SCTP", "TCP", "UDP"];
            check.extend([FieldError::not_supported(
                format!("{field}.protocol"),
                protocol,
                &known,
            )]);
        }
    }
}
