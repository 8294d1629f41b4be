//! What Services are warned of: fields that are ignored or go out of use, and addresses in unusual spelling.

use std::net::IpAddr;

use serde_json::Value;

use super::fields::{Fields, text};

const HINTS: &str = "service.kubernetes.io/topology-aware-hints";

/// The warnings for a Service.
pub(super) fn of(service: &Fields) -> Vec<String> {
    let mut out = Vec::new();
    let annotation = service.get("metadata").map(|m| &m["annotations"][HINTS]);
    if annotation.is_some_and(|a| !a.is_null()) {
        out.push(format!(
            "annotation {HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead"
        ));
    }
    let none = Fields::new();
    let spec = service.get("spec").and_then(Value::as_object).unwrap_or(&none);
    let list = |field: &str| -> Vec<&str> {
        let all = spec.get(field).and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let (kind, external) = (text(spec, "type"), list("externalIPs"));
    let cluster = list("clusterIPs");
    let headless = cluster.first() == Some(&"None");
    if !headless {
        for (i, ip) in cluster.iter().enumerate() {
            out.extend(unusual(&format!("spec.clusterIPs[{i}]"), ip));
        }
    } else {
        if !text(spec, "loadBalancerIP").is_empty() {
            out.push("spec.loadBalancerIP is ignored for headless services".to_owned());
        }
        if !external.is_empty() {
            out.push("spec.externalIPs is ignored for headless services".to_owned());
        }
        if text(spec, "sessionAffinity") != "None" {
            out.push("spec.SessionAffinity is ignored for headless services".to_owned());
        }
    }
    if !external.is_empty() && !headless && kind != "ExternalName" {
        out.push(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned(),
        );
    }
    for (i, ip) in external.iter().enumerate() {
        out.extend(unusual(&format!("spec.externalIPs[{i}]"), ip));
    }
    out.extend(unusual("spec.loadBalancerIP", text(spec, "loadBalancerIP")));
    if kind == "ExternalName" && !external.is_empty() {
        out.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".to_owned());
    }
    if kind != "ExternalName" && !text(spec, "externalName").is_empty() {
        out.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
    out
}

/// The warning for an address that is not written as it should be; what is none is refused elsewhere.
fn unusual(field: &str, address: &str) -> Option<String> {
    let parsed: IpAddr = address.parse().ok()?;
    let usual = match parsed {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => {
            return Some(format!(
                "{field}: IPv4-mapped IPv6 address {} should not be used",
                crate::status::go_quote(address)
            ));
        }
        other => other.to_string(),
    };
    (usual != address).then(|| {
        format!(
            "{field}: IPv6 address {} should be in RFC 5952 canonical format ({})",
            crate::status::go_quote(address),
            crate::status::go_quote(&usual)
        )
    })
}
