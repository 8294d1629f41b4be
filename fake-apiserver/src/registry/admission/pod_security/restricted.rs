//! The restricted level: what is not best practice for a hardened pod.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>

use std::collections::BTreeSet;

use super::baseline::unsuitable_seccomp;
use super::checks::{Finding, Pod, Setters, containers, names, plural, quoted, security};
use crate::registry::kinds::check::{items, part, strings};
use crate::registry::kinds::fields::{Fields, has, int, text};

const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

pub(super) fn privilege_escalation(pod: &Pod<'_>) -> Option<Finding> {
    if pod.is_spared_on_windows() {
        return None;
    }
    let bad = names(pod, |container| {
        security(container)
            .get("allowPrivilegeEscalation")
            .and_then(|a| a.as_bool())
            != Some(false)
    });
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} must set securityContext.allowPrivilegeEscalation=false",
            containers(&bad)
        );
        Finding::new("allowPrivilegeEscalation != false", detail)
    })
}

pub(super) fn capabilities(pod: &Pod<'_>) -> Option<Finding> {
    if pod.is_spared_on_windows() {
        return None;
    }
    let set = |container, what| strings(part(security(container), "capabilities"), what);
    let more = |container| {
        let add = set(container, "add").into_iter();
        add.filter(|capability| *capability != "NET_BIND_SERVICE")
    };
    let keeping = names(pod, |container| !set(container, "drop").contains(&"ALL"));
    let adding = names(pod, |container| more(container).next().is_some());
    let added: BTreeSet<&str> = pod.containers().flat_map(more).collect();
    let mut told = Vec::new();
    if !keeping.is_empty() {
        let who = containers(&keeping);
        told.push(format!(
            "{who} must set securityContext.capabilities.drop=[\"ALL\"]"
        ));
    }
    if !adding.is_empty() {
        told.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&adding),
            quoted(added)
        ));
    }
    (!told.is_empty()).then(|| Finding::new("unrestricted capabilities", told.join("; ")))
}

pub(super) fn volumes(pod: &Pod<'_>) -> Option<Finding> {
    let source = |volume: &Fields| volume.keys().find(|key| *key != "name").cloned();
    let mut kinds = BTreeSet::new();
    let mut bad = Vec::new();
    for volume in items(pod.spec, "volumes") {
        if let Some(kind) = source(volume).filter(|kind| !VOLUMES.contains(&kind.as_str())) {
            bad.push(text(volume, "name"));
            kinds.insert(kind);
        }
    }
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} {} {} restricted volume {} {}",
            plural(bad.len(), "volume", "volumes"),
            quoted(bad.iter().copied()),
            plural(bad.len(), "uses", "use"),
            plural(kinds.len(), "type", "types"),
            quoted(kinds.iter().map(String::as_str))
        );
        Finding::new("restricted volume types", detail)
    })
}

pub(super) fn non_root(pod: &Pod<'_>) -> Option<Finding> {
    const REASON: &str = "runAsNonRoot != true";
    let says = |of: &Fields| of.get("runAsNonRoot").and_then(|v| v.as_bool());
    let setters = Setters::of(pod, |of| (says(of) == Some(false)).then_some("false"));
    if !setters.is_empty() {
        let detail = format!(
            "{} must not set securityContext.runAsNonRoot=false",
            setters.told()
        );
        return Some(Finding::new(REASON, detail));
    }
    let silent = names(pod, |container| says(security(container)).is_none());
    (says(pod.security()).is_none() && !silent.is_empty()).then(|| {
        let detail = format!(
            "pod or {} must set securityContext.runAsNonRoot=true",
            containers(&silent)
        );
        Finding::new(REASON, detail)
    })
}

pub(super) fn root_user(pod: &Pod<'_>) -> Option<Finding> {
    let setters = Setters::of(pod, |of| (int(of, "runAsUser") == Some(0)).then_some("0"));
    (!setters.is_empty()).then(|| {
        Finding::new(
            "runAsUser=0",
            format!("{} must not set runAsUser=0", setters.told()),
        )
    })
}

pub(super) fn seccomp(pod: &Pod<'_>) -> Option<Finding> {
    if pod.is_spared_on_windows() {
        return None;
    }
    let kind = |of| text(part(of, "seccompProfile"), "type");
    let good = |kind: &str| matches!(kind, "RuntimeDefault" | "Localhost");
    let bad = Setters::of(pod, |of| {
        (has(of, "seccompProfile") && !good(kind(of))).then(|| kind(of))
    });
    if !bad.is_empty() {
        return unsuitable_seccomp(&bad);
    }
    let silent = names(pod, |container| !has(security(container), "seccompProfile"));
    (!has(pod.security(), "seccompProfile") && !silent.is_empty()).then(|| {
        let detail = format!(
            "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
            containers(&silent)
        );
        Finding::new("seccompProfile", detail)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::checks::tests::found;
    use super::super::policy::Level;

    const LATEST: u32 = u32::MAX;

    fn hardened() -> Value {
        json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]},
               "seccompProfile": {"type": "RuntimeDefault"}})
    }

    #[track_caller]
    fn check(spec: &Value, expected: &[&str]) {
        assert_eq!(found(Level::Restricted, LATEST, spec), expected);
    }

    #[test]
    fn the_pod_may_speak_for_its_containers() {
        let own = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}});
        let pod = json!({"runAsNonRoot": true, "seccompProfile": {"type": "Localhost"}});
        check(
            &json!({"securityContext": pod, "containers": [{"name": "c", "securityContext": own}]}),
            &[],
        );
        check(
            &json!({"containers": [{"name": "c", "securityContext": own}]}),
            &[
                "runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true)",
                "seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \
             \"RuntimeDefault\" or \"Localhost\")",
            ],
        );
    }

    #[test]
    fn who_says_no_is_told_before_who_says_nothing() {
        let mut bad = hardened();
        bad["runAsNonRoot"] = json!(false);
        let containers =
            json!([{"name": "a", "securityContext": bad}, {"name": "b", "securityContext": hardened()}]);
        check(
            &json!({ "containers": containers }),
            &["runAsNonRoot != true (container \"a\" must not set securityContext.runAsNonRoot=false)"],
        );
    }

    #[test]
    fn one_capability_may_be_added_and_all_must_be_dropped() {
        let mut own = hardened();
        own["capabilities"] = json!({"drop": ["KILL"], "add": ["NET_BIND_SERVICE", "CHOWN"]});
        check(
            &json!({"containers": [{"name": "c", "securityContext": own}]}),
            &[
                "unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]; container \
             \"c\" must not include \"CHOWN\" in securityContext.capabilities.add)",
            ],
        );
    }

    #[test]
    fn kinds_of_volumes_are_told_once() {
        let volumes = json!([
            {"name": "a", "hostPath": {}}, {"name": "b", "nfs": {}}, {"name": "c", "hostPath": {}}, {"name": "d", "secret": {}},
        ]);
        check(
            &json!({ "volumes": volumes }),
            &[
                "restricted volume types (volumes \"a\", \"b\", \"c\" use restricted volume types \"hostPath\", \"nfs\")",
            ],
        );
    }

    #[test]
    fn windows_is_spared_since_it_is_known() {
        let spec = json!({"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": true},
                          "containers": [{"name": "c"}]});
        assert!(found(Level::Restricted, 25, &spec).is_empty());
        assert_eq!(found(Level::Restricted, 24, &spec).len(), 3);
    }
}
