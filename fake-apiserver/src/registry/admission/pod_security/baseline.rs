//! The baseline: what lets a pod break out of its containers.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::{Finding, Pod, Setters, containers, names, plural, quoted, security};
use crate::registry::kinds::check::{flag, items, part, strings};
use crate::registry::kinds::fields::{Fields, has, int, text};
use crate::status::go_quote;

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The kernel parameters that are safe, with the minor version since which they are.
const SYSCTLS: [(u32, &str); 12] = [
    (0, "kernel.shm_rmid_forced"),
    (0, "net.ipv4.ip_local_port_range"),
    (0, "net.ipv4.tcp_syncookies"),
    (0, "net.ipv4.ping_group_range"),
    (0, "net.ipv4.ip_unprivileged_port_start"),
    (27, "net.ipv4.ip_local_reserved_ports"),
    (29, "net.ipv4.tcp_keepalive_time"),
    (29, "net.ipv4.tcp_fin_timeout"),
    (29, "net.ipv4.tcp_keepalive_intvl"),
    (29, "net.ipv4.tcp_keepalive_probes"),
    (32, "net.ipv4.tcp_rmem"),
    (32, "net.ipv4.tcp_wmem"),
];

/// Types of processes, with the minor version since which they may be set.
const SE_LINUX_TYPES: [(u32, &str); 5] = [
    (0, ""),
    (0, "container_t"),
    (0, "container_init_t"),
    (0, "container_kvm_t"),
    (31, "container_engine_t"),
];

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(super) fn app_armor(pod: &Pod<'_>) -> Option<Finding> {
    let annotations = part(pod.metadata, "annotations");
    let bad = annotations.keys().filter(|key| {
        let profile = text(annotations, key);
        let fine = matches!(profile, "" | "runtime/default") || profile.starts_with("localhost/");
        key.starts_with(APP_ARMOR) && !fine
    });
    let mut told: Vec<String> = bad
        .map(|key| format!("{key}={}", go_quote(text(annotations, key))))
        .collect();
    told.sort();
    let profile = |of| text(part(of, "appArmorProfile"), "type");
    let setters = Setters::of(pod, |of| Some(profile(of)).filter(|kind| *kind == "Unconfined"));
    if !setters.is_empty() {
        let unconfined = quoted(setters.values.iter().copied());
        told.push(format!(
            "{} must not set securityContext.appArmorProfile.type to {unconfined}",
            setters.told()
        ));
    }
    let reason = plural(
        told.len(),
        "forbidden AppArmor profile",
        "forbidden AppArmor profiles",
    );
    (!told.is_empty()).then(|| Finding::new(reason.to_owned(), told.join(", ")))
}

pub(super) fn capabilities(pod: &Pod<'_>) -> Option<Finding> {
    let mut added = BTreeSet::new();
    let mut bad = Vec::new();
    for container in pod.containers() {
        let add = strings(part(security(container), "capabilities"), "add");
        let more: Vec<&str> = add.into_iter().filter(|c| !CAPABILITIES.contains(c)).collect();
        if !more.is_empty() {
            bad.push(text(container, "name"));
            added.extend(more);
        }
    }
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&bad),
            quoted(added)
        );
        Finding::new("non-default capabilities", detail)
    })
}

pub(super) fn host_namespaces(pod: &Pod<'_>) -> Option<Finding> {
    let shared = ["hostNetwork", "hostPID", "hostIPC"];
    let shared = shared.iter().filter(|name| flag(pod.spec, name));
    let told: Vec<String> = shared.map(|name| format!("{name}=true")).collect();
    (!told.is_empty()).then(|| Finding::new("host namespaces", told.join(", ")))
}

pub(super) fn host_path_volumes(pod: &Pod<'_>) -> Option<Finding> {
    let bad: Vec<&str> = items(pod.spec, "volumes")
        .filter(|volume| has(volume, "hostPath"))
        .map(|volume| text(volume, "name"))
        .collect();
    (!bad.is_empty()).then(|| {
        let word = plural(bad.len(), "volume", "volumes");
        Finding::new("hostPath volumes", format!("{word} {}", quoted(bad)))
    })
}

pub(super) fn host_ports(pod: &Pod<'_>) -> Option<Finding> {
    let ports = |container| {
        items(container, "ports")
            .filter_map(|p| int(p, "hostPort"))
            .filter(|p| *p != 0)
    };
    let bad = names(pod, |container| ports(container).next().is_some());
    // They are sorted as texts.
    let all: BTreeSet<String> = pod.containers().flat_map(ports).map(|p| p.to_string()).collect();
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} {} {} {}",
            containers(&bad),
            plural(bad.len(), "uses", "use"),
            plural(all.len(), "hostPort", "hostPorts"),
            all.into_iter().collect::<Vec<_>>().join(", ")
        );
        Finding::new("hostPort", detail)
    })
}

/// Probes and hooks that reach for another host than the pod.
pub(super) fn host_probes(pod: &Pod<'_>) -> Option<Finding> {
    fn hosts(container: &Fields) -> impl Iterator<Item = &str> {
        let lifecycle = part(container, "lifecycle");
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(|name| part(container, name));
        let hooks = ["postStart", "preStop"].map(|name| part(lifecycle, name));
        let calls = probes.into_iter().chain(hooks);
        calls
            .flat_map(|call| ["httpGet", "tcpSocket"].map(|kind| text(part(call, kind), "host")))
            .filter(|host| !matches!(*host, "" | "127.0.0.1" | "::1"))
    }
    let bad = names(pod, |container| hosts(container).next().is_some());
    let all: BTreeSet<&str> = pod.containers().flat_map(hosts).collect();
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} {} probe or lifecycle {} {}",
            containers(&bad),
            plural(bad.len(), "uses", "use"),
            plural(all.len(), "host", "hosts"),
            quoted(all)
        );
        Finding::new("probe or lifecycle host", detail)
    })
}

pub(super) fn privileged(pod: &Pod<'_>) -> Option<Finding> {
    let bad = names(pod, |container| flag(security(container), "privileged"));
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} must not set securityContext.privileged=true",
            containers(&bad)
        );
        Finding::new("privileged", detail)
    })
}

pub(super) fn proc_mount(pod: &Pod<'_>) -> Option<Finding> {
    let kind = |container| text(security(container), "procMount");
    let forbidden = |container| !matches!(kind(container), "" | "Default");
    let bad = names(pod, forbidden);
    let kinds: BTreeSet<&str> = pod.containers().filter(|c| forbidden(*c)).map(kind).collect();
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} must not set securityContext.procMount to {}",
            containers(&bad),
            quoted(kinds)
        );
        Finding::new("procMount", detail)
    })
}

pub(super) fn se_linux(pod: &Pod<'_>) -> Option<Finding> {
    let options = |of| part(of, "seLinuxOptions");
    let good = |kind: &str| {
        SE_LINUX_TYPES
            .iter()
            .any(|(since, known)| *known == kind && pod.version >= *since)
    };
    let setters = Setters::of(pod, |of| {
        let options = options(of);
        let kind = text(options, "type");
        let named = !text(options, "user").is_empty() || !text(options, "role").is_empty();
        (!good(kind) || named).then_some(kind)
    });
    if setters.is_empty() {
        return None;
    }
    let kinds: Vec<&str> = setters
        .values
        .iter()
        .copied()
        .filter(|kind| !good(kind))
        .collect();
    let mut told = Vec::new();
    if !kinds.is_empty() {
        told.push(format!(
            "{} {}",
            plural(kinds.len(), "type", "types"),
            quoted(kinds)
        ));
    }
    for field in ["user", "role"] {
        let set = |of| !text(options(of), field).is_empty();
        if set(pod.security()) || pod.containers().any(|c| set(security(c))) {
            told.push(format!("{field} may not be set"));
        }
    }
    let detail = format!(
        "{} set forbidden securityContext.seLinuxOptions: {}",
        setters.told(),
        told.join("; ")
    );
    Some(Finding::new("seLinuxOptions", detail))
}

pub(super) fn seccomp(pod: &Pod<'_>) -> Option<Finding> {
    let setters = Setters::of(pod, |of| {
        let kind = text(part(of, "seccompProfile"), "type");
        (!matches!(kind, "" | "RuntimeDefault" | "Localhost")).then_some(kind)
    });
    unsuitable_seccomp(&setters)
}

/// The finding where profiles are set that may not be.
pub(super) fn unsuitable_seccomp(setters: &Setters<'_>) -> Option<Finding> {
    (!setters.is_empty()).then(|| {
        let detail = format!(
            "{} must not set securityContext.seccompProfile.type to {}",
            setters.told(),
            quoted(setters.values.iter().copied())
        );
        Finding::new("seccompProfile", detail)
    })
}

pub(super) fn sysctls(pod: &Pod<'_>) -> Option<Finding> {
    let known = |name: &str| {
        SYSCTLS
            .iter()
            .any(|(since, known)| *known == name && pod.version >= *since)
    };
    let bad: Vec<&str> = items(pod.security(), "sysctls")
        .map(|sysctl| text(sysctl, "name"))
        .filter(|name| !known(name))
        .collect();
    (!bad.is_empty()).then(|| Finding::new("forbidden sysctls", bad.join(", ")))
}

pub(super) fn host_process(pod: &Pod<'_>) -> Option<Finding> {
    let setters = Setters::of(pod, |of| {
        let set = part(of, "windowsOptions").get("hostProcess") == Some(&Value::Bool(true));
        set.then_some("true")
    });
    (!setters.is_empty()).then(|| {
        let detail = format!(
            "{} must not set securityContext.windowsOptions.hostProcess=true",
            setters.told()
        );
        Finding::new("hostProcess", detail)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::checks::tests::found;
    use super::super::policy::Level;

    #[track_caller]
    fn check(version: u32, spec: &Value, expected: &[&str]) {
        assert_eq!(found(Level::Baseline, version, spec), expected);
    }

    const LATEST: u32 = u32::MAX;

    #[test]
    fn ports_of_the_host_are_told_together() {
        let port = |n: u32| json!({ "hostPort": n });
        let spec = json!({"containers": [
            {"name": "a", "ports": [port(80), port(0)]},
            {"name": "b", "ports": [port(8080)]},
            {"name": "c", "ports": [port(0)]},
        ]});
        check(
            LATEST,
            &spec,
            &["hostPort (containers \"a\", \"b\" use hostPorts 80, 8080)"],
        );
    }

    #[test]
    fn parameters_become_safe_with_time() {
        let spec = |name: &str| json!({"securityContext": {"sysctls": [{"name": name}]}});
        check(
            26,
            &spec("net.ipv4.ip_local_reserved_ports"),
            &["forbidden sysctls (net.ipv4.ip_local_reserved_ports)"],
        );
        check(27, &spec("net.ipv4.ip_local_reserved_ports"), &[]);
        check(LATEST, &spec("net.ipv4.tcp_wmem"), &[]);
        check(
            LATEST,
            &spec("kernel.msgmax"),
            &["forbidden sysctls (kernel.msgmax)"],
        );
    }

    #[test]
    fn the_pod_and_its_containers_are_told_in_one() {
        let spec = json!({
            "securityContext": {"windowsOptions": {"hostProcess": true}, "seLinuxOptions": {"type": "x"}},
            "initContainers": [{"name": "i", "securityContext": {"seLinuxOptions": {"user": "u"}}}],
            "containers": [{"name": "c", "securityContext": {"windowsOptions": {"hostProcess": true}}}],
        });
        check(
            LATEST,
            &spec,
            &[
                "seLinuxOptions (pod and container \"i\" set forbidden securityContext.seLinuxOptions: type \"x\"; user \
             may not be set)",
                "hostProcess (pod and container \"c\" must not set securityContext.windowsOptions.hostProcess=true)",
            ],
        );
    }

    #[test]
    fn probes_of_other_hosts_count_since_they_are_known() {
        let spec = json!({"containers": [
            {"name": "a", "livenessProbe": {"httpGet": {"host": "10.0.0.1"}}},
            {"name": "b", "readinessProbe": {"tcpSocket": {"host": "127.0.0.1"}}},
        ]});
        check(33, &spec, &[]);
        check(
            34,
            &spec,
            &["probe or lifecycle host (container \"a\" uses probe or lifecycle host \"10.0.0.1\")"],
        );
    }
}
