//! Pod: what admission and the kubelet's absence make of a new one, what may still change, and its graceful end.

use serde_json::{Value, json};

use super::{
    check::{Check, items, part},
    fields::{Fields, child, default, default_text, each, ensure, int, text},
    pod_priority,
    pod_spec::{default_pod_spec, default_requests, qos_class},
    pod_update, pod_validation, pod_warnings,
};
use crate::registry::{
    Context, names,
    strategy::{Selectable, Strategy, keep_status_and_count, set_generation},
};
use crate::status::{FieldError, Result};

/// The rules for Pods.
#[derive(Debug)]
pub(super) struct Pod;

impl Strategy for Pod {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_requests(spec);
        default(spec, "enableServiceLinks", true);
        default_pod_spec(spec);
        if let Some(status) = child(object, "status") {
            settle_addresses(status);
        }
    }

    fn admit(&self, cx: &Context<'_>, object: &mut Fields) -> Result<()> {
        let spec = ensure(object, "spec");
        pod_priority::admit(cx, spec)?;
        tolerate(spec);
        Ok(())
    }

    fn admit_update(&self, object: &mut Fields, old: &Fields) {
        pod_priority::keep(ensure(object, "spec"), part(old, "spec"));
    }

    fn prepare_create(&self, cx: &mut Context<'_>, object: &mut Fields) {
        set_generation(object, 1);
        app_armor(object);
        let spec = ensure(object, "spec");
        shorten_grace(spec);
        let class = qos_class(spec);
        let gated = spec
            .get("schedulingGates")
            .and_then(Value::as_array)
            .is_some_and(|g| !g.is_empty());
        let mut status = json!({ "phase": "Pending", "qosClass": class });
        if gated {
            status["conditions"] = json!([{
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": null,
                "lastTransitionTime": cx.timestamp(),
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }]);
        }
        object.insert("status".into(), status);
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let mut check = validate(object);
        let spec = part(object, "spec");
        if items(spec, "ephemeralContainers").next().is_some() {
            check.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
        if !text(spec, "nodeName").is_empty() && items(spec, "schedulingGates").next().is_some() {
            check.forbidden(
                "spec.nodeName",
                "cannot be set until all schedulingGates have been cleared",
            );
        }
        check.done()
    }

    fn validate_update(&self, cx: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut errors = validate(object).done();
        if cx.subresource.is_empty() {
            errors.extend(pod_update::validate(part(object, "spec"), part(old, "spec")));
        }
        errors
    }

    fn prepare_status(&self, _: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        for field in ["spec", "kind", "apiVersion"] {
            crate::registry::strategy::keep(object, old, field);
        }
        if let Some(metadata) = child(object, "metadata") {
            crate::registry::strategy::keep(metadata, part(old, "metadata"), "ownerReferences");
        }
        let class = text(part(old, "status"), "qosClass").to_owned();
        if !class.is_empty() {
            default_text(ensure(object, "status"), "qosClass", &class);
        }
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        validate_status(object, old).done()
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_pod(object, old)
    }

    fn prepare_update(&self, cx: &mut Context<'_>, object: &mut Fields, old: &Fields) {
        let spec = ensure(object, "spec");
        tolerate(spec);
        shorten_grace(spec);
        keep_status_and_count(self, cx, object, old);
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn is_new_generation(&self, object: &Fields, old: &Fields) -> bool {
        object.get("spec") != old.get("spec")
    }

    fn returns_deleted(&self) -> bool {
        true
    }

    /// A pod that no node runs, or that has ended, goes at once.
    fn grace(&self, object: &Fields, asked: Option<i64>) -> Option<i64> {
        let empty = Fields::new();
        let part = |name: &str| object.get(name).and_then(Value::as_object).unwrap_or(&empty);
        let (spec, status) = (part("spec"), part("status"));
        let grace = asked
            .or_else(|| int(spec, "terminationGracePeriodSeconds"))
            .unwrap_or(0);
        let ended = matches!(text(status, "phase"), "Failed" | "Succeeded");
        if text(spec, "nodeName").is_empty() || ended {
            return Some(0);
        }
        // A negative period counts as the shortest one.
        Some(if grace < 0 { 1 } else { grace })
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("spec.nodeName", |pod| at(pod, "/spec/nodeName")),
                ("spec.host", |pod| at(pod, "/spec/nodeName")),
                ("spec.restartPolicy", |pod| at(pod, "/spec/restartPolicy")),
                ("spec.schedulerName", |pod| at(pod, "/spec/schedulerName")),
                ("spec.serviceAccountName", |pod| {
                    at(pod, "/spec/serviceAccountName")
                }),
                ("spec.hostNetwork", |pod| {
                    (pod.pointer("/spec/hostNetwork") == Some(&json!(true))).to_string()
                }),
                ("status.phase", |pod| at(pod, "/status/phase")),
                ("status.podIP", first_ip),
                // Known, and never set.
                ("status.podIPs", |_| String::new()),
                ("status.nominatedNodeName", |pod| {
                    at(pod, "/status/nominatedNodeName")
                }),
            ],
            ..Selectable::default()
        }
    }
}

/// A negative period of grace counts as the shortest one.
fn shorten_grace(spec: &mut Fields) {
    if int(spec, "terminationGracePeriodSeconds").is_some_and(|seconds| seconds < 0) {
        spec.insert("terminationGracePeriodSeconds".into(), json!(1));
    }
}

/// Containers whose profile only an annotation names, as before version 1.30, get the field.
fn app_armor(object: &mut Fields) {
    const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
    let annotations = part(part(object, "metadata"), "annotations").clone();
    let spec = ensure(object, "spec");
    if text(part(spec, "os"), "name") == "windows" || !annotations.keys().any(|key| key.starts_with(PREFIX)) {
        return;
    }
    for list in ["initContainers", "containers"] {
        for container in each(spec, list) {
            let profile = text(&annotations, &format!("{PREFIX}{}", text(container, "name")));
            let profile = match (profile, profile.strip_prefix("localhost/")) {
                ("runtime/default", _) => json!({"type": "RuntimeDefault"}),
                ("unconfined", _) => json!({"type": "Unconfined"}),
                (_, Some(name)) if !name.is_empty() => json!({"type": "Localhost", "localhostProfile": name}),
                _ => continue,
            };
            ensure(container, "securityContext")
                .entry("appArmorProfile")
                .or_insert(profile);
        }
    }
}

/// A pod that says nothing of unwell nodes stays on them for five minutes; an update cannot take that away.
fn tolerate(spec: &mut Fields) {
    let tolerations = spec.entry("tolerations").or_insert_with(|| json!([]));
    let Value::Array(tolerations) = tolerations else {
        return;
    };
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = tolerations.iter().any(|t| {
            let part = |name: &str| t.get(name).and_then(Value::as_str).unwrap_or_default();
            (part("key") == key || part("key").is_empty()) && matches!(part("effect"), "NoExecute" | "")
        });
        if !tolerated {
            tolerations.push(json!({
                "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            }));
        }
    }
}

fn at(pod: &Value, pointer: &str) -> String {
    pod.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn first_ip(pod: &Value) -> String {
    match at(pod, "/status/podIPs/0/ip") {
        ip if ip.is_empty() => at(pod, "/status/podIP"),
        ip => ip,
    }
}

pub(super) fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    pod_validation::pod_spec(&mut check, spec, "spec");
    pod_validation::pod_only(&mut check, spec, "spec");
    check
}

fn validate_status(object: &Fields, old: &Fields) -> Check {
    let mut check = Check::default();
    let (spec, status, before) = (part(object, "spec"), part(object, "status"), part(old, "status"));
    let (class, class_before) = (text(status, "qosClass"), text(before, "qosClass"));
    if !class_before.is_empty() && class != class_before {
        check.invalid("status.qosClass", class, "field is immutable");
    }
    let nominated = text(status, "nominatedNodeName");
    if !nominated.is_empty() && nominated != text(before, "nominatedNodeName") {
        check.each("status.nominatedNodeName", nominated, names::subdomain(nominated));
        if !text(spec, "nodeName").is_empty() {
            check.forbidden(
                "status.nominatedNodeName",
                "may not be set on pods that are already bound to a node",
            );
        }
    }
    ended(&mut check, spec, status, before);
    for (i, condition) in items(status, "conditions").enumerate() {
        let kind = text(condition, "type");
        check.each(
            &format!("status.conditions[{i}].Type"),
            kind,
            names::qualified_name(kind),
        );
    }
    let claims: Vec<&str> = items(spec, "resourceClaims").map(|c| text(c, "name")).collect();
    for (i, claim) in items(status, "resourceClaimStatuses").enumerate() {
        let name = text(claim, "name");
        if !claims.contains(&name) {
            let why = "must match the name of an entry in `spec.resourceClaims`";
            check.invalid(format!("status.resourceClaimStatuses[{i}].name"), name, why);
        }
    }
    addresses(&mut check, status);
    check
}

/// A container that has ended for good stays so.
fn ended(check: &mut Check, spec: &Fields, status: &Fields, before: &Fields) {
    if text(spec, "restartPolicy") == "Always" {
        return;
    }
    for (i, now) in items(status, "containerStatuses").enumerate() {
        let same = |c: &&Fields| text(c, "name") == text(now, "name");
        let Some(then) = items(before, "containerStatuses").find(same) else {
            continue;
        };
        let terminated = part(part(then, "state"), "terminated");
        let was = part(then, "state").contains_key("terminated");
        let failed = int(terminated, "exitCode").unwrap_or(0) != 0;
        let may_restart = text(spec, "restartPolicy") == "OnFailure" && failed;
        if was && !may_restart && !part(now, "state").contains_key("terminated") {
            check.forbidden(
                format!("status.containerStatuses[{i}].state"),
                "may not be transitioned to non-terminated state",
            );
        }
    }
}

/// A pod has an address of each family at most.
fn addresses(check: &mut Check, status: &Fields) {
    let ips: Vec<&str> = items(status, "podIPs").map(|ip| text(ip, "ip")).collect();
    for (i, ip) in ips.iter().enumerate() {
        check.ip(&format!("status.podIPs[{i}]"), ip);
    }
    let newer = ips.iter().filter(|ip| ip.contains(':')).count();
    let all_valid = ips.iter().all(|ip| super::check::ip_error(ip).is_none());
    if all_valid && (newer > 1 || ips.len() - newer > 1) {
        let printed: Vec<String> = ips.iter().map(|ip| format!("{{\"IP\":\"{ip}\"}}")).collect();
        check.invalid_printed(
            "status.podIPs",
            format!("[{}]", printed.join(",")),
            "may specify no more than one IP for each IP family",
        );
    }
}

/// The first of the addresses and the one from before say the same; where they differ, the older field counts.
fn settle_addresses(status: &mut Fields) {
    let first = items(status, "podIPs").next().map(|ip| text(ip, "ip").to_owned());
    match (text(status, "podIP"), first) {
        ("", Some(first)) => drop(status.insert("podIP".into(), first.into())),
        ("", None) => {}
        (ip, first) => {
            if first.as_deref() != Some(ip) {
                let ips = json!([{ "ip": ip }]);
                status.insert("podIPs".into(), ips);
            }
        }
    }
}
