//! What is wrong with policies, classes and endpoints of the network.

use std::net::IpAddr;

use serde_json::Value;

use super::check::{Check, cidr, ip_error, items, object, part, strings};
use super::fields::{Fields, has, int, text};
use super::job_validation::domain_path;
use crate::registry::names;

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Checks a NetworkPolicy.
pub(super) fn policy(policy: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(policy, "spec");
    check.label_selector("spec.podSelector", spec.get("podSelector"));
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
        for (i, rule) in items(spec, rules).enumerate() {
            let path = format!("spec.{rules}[{i}]");
            for (j, port) in items(rule, "ports").enumerate() {
                policy_port(&mut check, port, &format!("{path}.ports[{j}]"));
            }
            for (j, peer) in items(rule, peers).enumerate() {
                policy_peer(&mut check, peer, &format!("{path}.{peers}[{j}]"));
            }
        }
    }
    let kinds = strings(spec, "policyTypes");
    if kinds.len() > 2 {
        let why = "may not specify more than two policyTypes";
        check.invalid("spec.policyTypes", kinds, why);
        return check;
    }
    for (i, kind) in kinds.iter().enumerate() {
        if !matches!(*kind, "Ingress" | "Egress") {
            check.not_supported(format!("spec.policyTypes[{i}]"), *kind, &["Ingress", "Egress"]);
        }
    }
    check
}

fn policy_port(check: &mut Check, port: &Fields, path: &str) {
    let protocol = text(port, "protocol");
    if !protocol.is_empty() && !PROTOCOLS.contains(&protocol) {
        check.not_supported(format!("{path}.protocol"), protocol, &PROTOCOLS);
    }
    let Some(number) = port.get("port").filter(|_| has(port, "port")) else {
        if let Some(end) = int(port, "endPort") {
            let why = "may not be specified when `port` is not specified";
            check.invalid(format!("{path}.endPort"), end, why);
        }
        return;
    };
    check.port_or_name(&format!("{path}.port"), number);
    if let Some(end) = int(port, "endPort") {
        match number.as_i64() {
            Some(start) if end < start => {
                let why = "must be greater than or equal to `port`";
                // The server quotes the other end of the range.
                check.invalid(format!("{path}.endPort"), start, why);
            }
            Some(_) => check.port(format!("{path}.endPort"), end),
            None => {
                let why = "may not be specified when `port` is non-numeric";
                check.invalid(format!("{path}.endPort"), end, why);
            }
        }
    }
}

fn policy_peer(check: &mut Check, peer: &Fields, path: &str) {
    let mut peers = 0;
    for name in ["podSelector", "namespaceSelector"] {
        if has(peer, name) {
            peers += 1;
            check.label_selector(&format!("{path}.{name}"), peer.get(name));
        }
    }
    if let Some(block) = object(peer, "ipBlock") {
        ip_block(check, block, &format!("{path}.ipBlock"));
        if peers > 0 {
            check.forbidden(path, "may not specify both ipBlock and another peer");
        }
        peers += 1;
    }
    if peers == 0 {
        check.required(path, "must specify a peer");
    }
}

fn ip_block(check: &mut Check, block: &Fields, path: &str) {
    let whole = text(block, "cidr");
    if whole.is_empty() {
        return check.required(format!("{path}.cidr"), "");
    }
    check.cidr(&format!("{path}.cidr"), whole);
    let Some(outer) = cidr(whole) else { return };
    for (i, hole) in strings(block, "except").into_iter().enumerate() {
        let field = format!("{path}.except[{i}]");
        check.cidr(&field, hole);
        if cidr(hole).is_some_and(|inner| !inside(inner, outer)) {
            check.invalid(field, hole, "must be a strict subset of `cidr`");
        }
    }
}

/// Whether a network is a part of another, and not all of it.
fn inside(inner: (IpAddr, u8), outer: (IpAddr, u8)) -> bool {
    let bits = |(address, length): (IpAddr, u8)| match address {
        IpAddr::V4(ip) => (4, u128::from(ip.to_bits()) << 96, length),
        IpAddr::V6(ip) => (6, ip.to_bits(), length),
    };
    let ((family, address, length), (other, network, prefix)) = (bits(inner), bits(outer));
    let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    family == other && length > prefix && address & mask == network & mask
}

/// Checks an IngressClass.
pub(super) fn class(class: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(class, "spec");
    let controller = text(spec, "controller");
    if controller.is_empty() {
        check.required("spec.controller", "");
    } else {
        domain_path(&mut check, "spec.controller", controller);
    }
    let Some(parameters) = object(spec, "parameters") else {
        return check;
    };
    let path = "spec.parameters";
    check.present(parameters, path, "kind");
    check.present(parameters, path, "name");
    let field = format!("{path}.namespace");
    match text(parameters, "scope") {
        "" => check.required(format!("{path}.scope"), ""),
        "Namespace" if !has(parameters, "namespace") => {
            check.required(field, "`parameters.scope` is set to 'Namespace'");
        }
        "Cluster" if has(parameters, "namespace") => {
            check.forbidden(field, "`parameters.scope` is set to 'Cluster'");
        }
        "Namespace" | "Cluster" => {}
        other => check.not_supported(format!("{path}.scope"), other, &["Cluster", "Namespace"]),
    }
    check
}

/// Checks Endpoints.
pub(super) fn endpoints(endpoints: &Fields) -> Check {
    let mut check = Check::default();
    for (i, subset) in items(endpoints, "subsets").enumerate() {
        let path = format!("subsets[{i}]");
        let lists = ["addresses", "notReadyAddresses"];
        if lists.iter().all(|list| items(subset, list).next().is_none()) {
            check.required(&path, "must specify `addresses` or `notReadyAddresses`");
        }
        for list in lists {
            for (j, address) in items(subset, list).enumerate() {
                let path = format!("{path}.{list}[{j}]");
                let ip = text(address, "ip");
                check.ip(&format!("{path}.ip"), ip);
                let host = text(address, "hostname");
                if !host.is_empty() {
                    check.each(&format!("{path}.hostname"), host, names::label(host));
                }
                if ip_error(ip).is_some() {
                    check.invalid(format!("{path}.ip"), ip, "must be a valid IP address");
                } else {
                    reachable(&mut check, &format!("{path}.ip"), ip);
                }
            }
        }
        let several = items(subset, "ports").count() > 1;
        for (j, port) in items(subset, "ports").enumerate() {
            let path = format!("{path}.ports[{j}]");
            let name = text(port, "name");
            if name.is_empty() && several {
                check.required(format!("{path}.name"), "");
            } else if !name.is_empty() {
                check.each(&format!("{path}.name"), name, names::label(name));
            }
            check.port(format!("{path}.port"), int(port, "port").unwrap_or(0));
            check.one_of(port, &path, "protocol", &["SCTP", "TCP", "UDP"]);
        }
    }
    check
}

/// An endpoint is somewhere else than on the node that asks.
fn reachable(check: &mut Check, field: &str, ip: &str) {
    let Ok(address) = ip.parse::<IpAddr>() else { return };
    let (local, link) = match address {
        IpAddr::V4(ip) => (ip.is_link_local(), ip.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(ip) => (
            ip.segments()[0] & 0xffc0 == 0xfe80,
            ip.segments()[0] & 0xff0f == 0xff02,
        ),
    };
    if address.is_unspecified() {
        check.invalid(field, ip, format!("may not be unspecified ({ip})"));
    }
    if address.is_loopback() {
        check.invalid(
            field,
            ip,
            "may not be in the loopback range (127.0.0.0/8, ::1/128)",
        );
    }
    if local {
        check.invalid(
            field,
            ip,
            "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        );
    }
    if link {
        check.invalid(
            field,
            ip,
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        );
    }
}

/// Checks an EndpointSlice; addresses of endpoints that were there before are not looked at again.
pub(super) fn slice(slice: &Fields, old: Option<&Fields>) -> Check {
    let mut check = Check::default();
    let family = text(slice, "addressType");
    let families = ["FQDN", "IPv4", "IPv6"];
    if family.is_empty() {
        check.required("addressType", "");
    } else if !families.contains(&family) {
        check.not_supported("addressType", family, &families);
    }
    for (i, endpoint) in items(slice, "endpoints").enumerate() {
        let path = format!("endpoints[{i}]");
        let addresses = strings(endpoint, "addresses");
        let field = format!("{path}.addresses");
        if addresses.is_empty() {
            check.required(&field, "must contain at least 1 address");
        } else if addresses.len() > 100 {
            check.extend([crate::status::FieldError::too_many(&field, addresses.len(), 100)]);
        }
        let known =
            old.is_some_and(|old| items(old, "endpoints").any(|e| strings(e, "addresses") == addresses));
        for (j, address) in addresses.iter().enumerate().filter(|_| !known) {
            slice_address(&mut check, family, address, &field, j);
        }
        let node = text(endpoint, "nodeName");
        if !node.is_empty() {
            check.each(&format!("{path}.nodeName"), node, names::subdomain(node));
        }
        let host = text(endpoint, "hostname");
        if !host.is_empty() {
            check.each(&format!("{path}.hostname"), host, names::label(host));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (i, port) in items(slice, "ports").enumerate() {
        let name = text(port, "name");
        if seen.contains(&name) {
            check.duplicate(format!("ports[{i}].name"), name);
        }
        seen.push(name);
    }
    check
}

fn slice_address(check: &mut Check, family: &str, address: &str, field: &str, at: usize) {
    let indexed = format!("{field}[{at}]");
    if family == "FQDN" {
        return check.each(&indexed, address, names::subdomain(address));
    }
    if !matches!(family, "IPv4" | "IPv6") {
        return;
    }
    check.ip(&indexed, address);
    match address.parse::<IpAddr>() {
        Ok(ip) if ip.is_ipv4() && family == "IPv6" => {
            check.invalid(field, address, "must be an IPv6 address");
        }
        Ok(ip) if ip.is_ipv6() && family == "IPv4" => {
            check.invalid(field, address, "must be an IPv4 address");
        }
        Ok(_) => reachable(check, &indexed, address),
        Err(_) => {}
    }
}

/// A field of a spec that never changes.
pub(super) fn immutable(check: &mut Check, object: &Fields, old: &Fields, field: &str) {
    let names: Vec<&str> = field.split('.').collect();
    let find = |of: &Fields| {
        let mut at = Some(Value::Object(of.clone()));
        for name in &names {
            at = at.and_then(|at| at.get(*name).cloned());
        }
        at.unwrap_or(Value::Null)
    };
    let (new, old) = (find(object), find(old));
    if new != old {
        check.invalid(field, new, "field is immutable");
    }
}
