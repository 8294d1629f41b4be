//! Service: its defaults, and the addresses and ports that the server hands out.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/services-networking/service/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check::items;
use super::fields::{Fields, default, default_number, default_text, each, ensure, has, int, text};
use super::{service_validation, service_warnings};
use crate::registry::{
    Context,
    strategy::{Selectable, Strategy},
};
use crate::status::FieldError;

/// The network that cluster addresses come from, `10.0.0.0/24`.
const NETWORK: [u8; 3] = [10, 0, 0];

/// Addresses below this one are left to those who choose theirs.
///
/// # Source
/// <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>
const FIRST_DYNAMIC_HOST: u8 = 17;

/// Node ports that are handed out; the ones below are left to those who choose theirs.
const DYNAMIC_PORTS: std::ops::RangeInclusive<i64> = 30086..=32767;

/// The rules for Services.
#[derive(Debug)]
pub(super) struct Service;

impl Strategy for Service {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "sessionAffinity", "None");
        if text(spec, "sessionAffinity") == "None" {
            spec.remove("sessionAffinityConfig");
        } else if text(spec, "sessionAffinity") == "ClientIP" {
            default(
                ensure(ensure(spec, "sessionAffinityConfig"), "clientIP"),
                "timeoutSeconds",
                10800,
            );
        }
        default_text(spec, "type", "ClusterIP");
        for port in each(spec, "ports") {
            default_text(port, "protocol", "TCP");
            let unset = port
                .get("targetPort")
                .is_none_or(|t| t.is_null() || t == 0 || t == "");
            if unset {
                let number = int(port, "port").unwrap_or(0);
                port.insert("targetPort".into(), number.into());
            }
        }
        let kind = text(spec, "type").to_owned();
        let external = spec.get("externalIPs").and_then(Value::as_array);
        let external = external.is_some_and(|ips| !ips.is_empty()) && kind == "ClusterIP";
        if matches!(kind.as_str(), "NodePort" | "LoadBalancer") || external {
            default_text(spec, "externalTrafficPolicy", "Cluster");
        }
        if kind != "ExternalName" {
            default_text(spec, "internalTrafficPolicy", "Cluster");
        }
        if kind == "LoadBalancer" {
            default(spec, "allocateLoadBalancerNodePorts", true);
        }
    }

    fn prepare_create(&self, cx: &mut Context<'_>, object: &mut Fields) {
        object.insert("status".into(), json!({ "loadBalancer": {} }));
        allocate(cx, ensure(object, "spec"), None);
    }

    fn prepare_update(&self, cx: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        match old.get("status") {
            Some(status) => object.insert("status".into(), status.clone()),
            None => object.remove("status"),
        };
        let empty = Fields::new();
        let before = old.get("spec").and_then(Value::as_object).unwrap_or(&empty);
        let spec = ensure(object, "spec");
        drop_with_type(spec, before);
        keep_allocated(spec, before);
        allocate(cx, spec, Some(before));
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("spec.clusterIP", |s| {
                    s["spec"]["clusterIP"].as_str().unwrap_or("").to_owned()
                }),
                ("spec.type", |s| {
                    s["spec"]["type"].as_str().unwrap_or("").to_owned()
                }),
            ],
            ..Selectable::default()
        }
    }

    fn warnings(&self, object: &Fields, _: Option<&Fields>) -> Vec<String> {
        service_warnings::of(object)
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        service_validation::validate(object, None)
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        service_validation::validate(object, Some(old))
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        service_validation::validate_status(object)
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn returns_deleted(&self) -> bool {
        true
    }

    fn name_rule(&self) -> crate::registry::strategy::NameRule {
        crate::registry::strategy::NameRule::Label1035
    }
}

/// What only the type before had a use for goes with it, unless the update gives it another value.
fn drop_with_type(spec: &mut Fields, before: &Fields) {
    let balances = |spec: &Fields| text(spec, "type") == "LoadBalancer";
    let has_ports = |spec: &Fields| matches!(text(spec, "type"), "NodePort" | "LoadBalancer");
    let is_reached = |spec: &Fields| {
        let ips = spec.get("externalIPs").and_then(Value::as_array);
        has_ports(spec) || text(spec, "type") == "ClusterIP" && ips.is_some_and(|ips| !ips.is_empty())
    };
    let checks_health = |spec: &Fields| balances(spec) && text(spec, "externalTrafficPolicy") == "Local";
    let lost = |needs: &dyn Fn(&Fields) -> bool| needs(before) && !needs(spec);
    let mut gone: Vec<&str> = Vec::new();
    if lost(&balances) {
        gone.extend(["allocateLoadBalancerNodePorts", "loadBalancerClass"]);
    }
    if lost(&is_reached) {
        gone.push("externalTrafficPolicy");
    }
    if lost(&checks_health) {
        gone.push("healthCheckNodePort");
    }
    let ports = lost(&has_ports);
    for field in gone {
        if spec.get(field) == before.get(field) {
            spec.remove(field);
        }
    }
    if ports {
        for (port, was) in each(spec, "ports").zip(items(before, "ports")) {
            if port.get("nodePort") == was.get("nodePort") {
                port.remove("nodePort");
            }
        }
    }
}

/// What a client leaves out of an update is what it was, where the server had chosen it.
fn keep_allocated(spec: &mut Fields, before: &Fields) {
    let (kind, kind_before) = (text(spec, "type").to_owned(), text(before, "type").to_owned());
    if kind == "ExternalName" || kind_before == "ExternalName" {
        return;
    }
    if text(spec, "clusterIP").is_empty() && !has(spec, "clusterIPs") {
        for field in ["clusterIP", "clusterIPs"] {
            if let Some(value) = before.get(field) {
                spec.insert(field.into(), value.clone());
            }
        }
    }
    for field in ["ipFamilies", "ipFamilyPolicy"] {
        if let Some(value) = before.get(field)
            && !has(spec, field)
        {
            spec.insert(field.into(), value.clone());
        }
    }
    if kind == "ClusterIP" {
        return;
    }
    let ports_before: Vec<Fields> = before
        .get("ports")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .cloned()
        .collect();
    for port in each(spec, "ports") {
        let same = |p: &&Fields| {
            int(p, "port") == int(port, "port") && text(p, "protocol") == text(port, "protocol")
        };
        if int(port, "nodePort").unwrap_or(0) == 0
            && let Some(number) = ports_before.iter().find(same).and_then(|p| int(p, "nodePort"))
            && number != 0
        {
            port.insert("nodePort".into(), number.into());
        }
    }
    if let Some(number) = int(before, "healthCheckNodePort").filter(|n| *n != 0) {
        default_number(spec, "healthCheckNodePort", number);
    }
}

/// Hands out what the spec asks for and does not name.
fn allocate(cx: &Context<'_>, spec: &mut Fields, before: Option<&Fields>) {
    let kind = text(spec, "type").to_owned();
    if kind == "ExternalName" {
        if before.is_some() {
            for field in [
                "clusterIP",
                "clusterIPs",
                "ipFamilies",
                "ipFamilyPolicy",
                "internalTrafficPolicy",
            ] {
                spec.remove(field);
            }
        }
        return;
    }
    allocate_address(cx, spec);
    if kind == "ClusterIP" {
        for port in each(spec, "ports") {
            // A port that the type before needed goes with the type.
            if before.is_some() {
                port.remove("nodePort");
            }
        }
        return;
    }
    let wants_ports =
        kind == "NodePort" || spec.get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
    let mut taken = taken_ports(cx);
    let mut next = || {
        let free = DYNAMIC_PORTS.clone().find(|p| !taken.contains(p));
        free.inspect(|p| {
            taken.insert(*p);
        })
    };
    if wants_ports {
        for port in each(spec, "ports").filter(|p| int(p, "nodePort").unwrap_or(0) == 0) {
            if let Some(number) = next() {
                port.insert("nodePort".into(), number.into());
            }
        }
    }
    let checks_health = kind == "LoadBalancer" && text(spec, "externalTrafficPolicy") == "Local";
    if checks_health && int(spec, "healthCheckNodePort").unwrap_or(0) == 0 {
        if let Some(number) = next() {
            spec.insert("healthCheckNodePort".into(), number.into());
        }
    } else if !checks_health {
        spec.remove("healthCheckNodePort");
    }
}

fn allocate_address(cx: &Context<'_>, spec: &mut Fields) {
    let given = spec
        .get("clusterIPs")
        .and_then(|ips| ips.get(0))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let address = match text(spec, "clusterIP") {
        "" if given.is_empty() => free_address(cx),
        "" => given.clone(),
        chosen => chosen.to_owned(),
    };
    let headless = address == "None";
    spec.insert("clusterIP".into(), address.clone().into());
    if !has(spec, "clusterIPs") || given != address {
        spec.insert("clusterIPs".into(), json!([address]));
    }
    // Without a selector, endpoints of both families may be behind a headless Service.
    let selects = spec
        .get("selector")
        .and_then(Value::as_object)
        .is_some_and(|s| !s.is_empty());
    let dual = headless && !selects && !has(spec, "ipFamilyPolicy");
    if dual {
        default(spec, "ipFamilies", json!(["IPv4", "IPv6"]));
    } else {
        default(spec, "ipFamilies", json!(["IPv4"]));
    }
    default_text(
        spec,
        "ipFamilyPolicy",
        if dual { "RequireDualStack" } else { "SingleStack" },
    );
}

fn free_address(cx: &Context<'_>) -> String {
    let taken: BTreeSet<String> = services(cx).flat_map(|s| addresses(&s)).collect();
    let all = (FIRST_DYNAMIC_HOST..=254).chain(2..FIRST_DYNAMIC_HOST);
    let [a, b, c] = NETWORK;
    all.map(|host| format!("{a}.{b}.{c}.{host}"))
        .find(|ip| !taken.contains(ip))
        .unwrap_or_default()
}

fn addresses(service: &Value) -> Vec<String> {
    let ips = service.pointer("/spec/clusterIPs").and_then(Value::as_array);
    ips.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn taken_ports(cx: &Context<'_>) -> BTreeSet<i64> {
    services(cx)
        .flat_map(|s| {
            let ports = s
                .pointer("/spec/ports")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let health = s.pointer("/spec/healthCheckNodePort").and_then(Value::as_i64);
            let numbers: Vec<i64> = ports
                .iter()
                .filter_map(|p| p.get("nodePort").and_then(Value::as_i64))
                .chain(health)
                .collect();
            numbers
        })
        .collect()
}

fn services(cx: &Context<'_>) -> impl Iterator<Item = std::sync::Arc<Value>> + use<> {
    cx.core
        .store
        .live(&cx.resource.table)
        .into_iter()
        .map(|(_, stored)| stored.value().clone())
}
