//! The checks of a level in their order, and what they share.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::policy::{Level, Policy};
use super::{baseline, restricted};
use crate::registry::kinds::check::{items, part};
use crate::registry::kinds::fields::{Fields, text};
use crate::status::go_quote;

/// What a pod has that it may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// In a few words.
    pub(super) reason: Cow<'static, str>,
    /// Who, and what would be right.
    pub(super) detail: String,
}

/// A pod, or the template of one, as checks look at it.
pub(super) struct Pod<'f> {
    pub(super) metadata: &'f Fields,
    pub(super) spec: &'f Fields,
    pub(super) version: u32,
}

/// One check: what it finds in a pod.
type Check = fn(&Pod<'_>) -> Option<Finding>;

/// Each check with the minor version from which on it holds.
const BASELINE: [(u32, Check); 12] = [
    (0, baseline::app_armor),
    (0, baseline::capabilities),
    (0, baseline::host_namespaces),
    (0, baseline::host_path_volumes),
    (0, baseline::host_ports),
    (34, baseline::host_probes),
    (0, baseline::privileged),
    (0, baseline::proc_mount),
    (0, baseline::se_linux),
    (19, baseline::seccomp),
    (0, baseline::sysctls),
    (0, baseline::host_process),
];

const RESTRICTED: [(u32, Check); 6] = [
    (8, restricted::privilege_escalation),
    (22, restricted::capabilities),
    (0, restricted::volumes),
    (0, restricted::non_root),
    (23, restricted::root_user),
    (19, restricted::seccomp),
];

/// The checks of the baseline that stricter ones take the place of, and from when on.
const REPLACED: [(u32, Check); 3] = [
    (0, baseline::host_path_volumes),
    (22, baseline::capabilities),
    (19, baseline::seccomp),
];

/// What a pod or a template violates of a policy.
pub(super) fn violations(policy: &Policy, pod: &Fields) -> Vec<Finding> {
    if policy.level == Level::Privileged {
        return Vec::new();
    }
    let restricts = policy.level == Level::Restricted;
    let pod = Pod {
        metadata: part(pod, "metadata"),
        spec: part(pod, "spec"),
        version: policy.version,
    };
    let holds = |(since, _): &&(u32, Check)| policy.version >= *since;
    let replaced = |check: Check| {
        restricts
            && REPLACED
                .iter()
                .filter(holds)
                .any(|(_, other)| std::ptr::fn_addr_eq(*other, check))
    };
    let mut found: Vec<Finding> = BASELINE
        .iter()
        .filter(holds)
        .filter(|(_, check)| !replaced(*check))
        .filter_map(|(_, check)| check(&pod))
        .collect();
    if restricts {
        found.extend(
            RESTRICTED
                .iter()
                .filter(holds)
                .filter_map(|(_, check)| check(&pod)),
        );
    }
    found
}

// === impl Finding ===

impl Finding {
    pub(super) fn new(reason: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            detail: detail.into(),
        }
    }
}

// === impl Pod ===

impl<'f> Pod<'f> {
    /// All containers in the order in which findings name them.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'f Fields> + use<'f> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |list| items(spec, list))
    }

    /// What the pod says for all its containers.
    pub(super) fn security(&self) -> &'f Fields {
        part(self.spec, "securityContext")
    }

    /// Whether the pod runs on Windows, where much of the restricted level does not apply since version 1.25.
    pub(super) fn is_spared_on_windows(&self) -> bool {
        self.version >= 25 && text(part(self.spec, "os"), "name") == "windows"
    }
}

/// What a container says for itself.
pub(super) fn security(container: &Fields) -> &Fields {
    part(container, "securityContext")
}

/// The names of the containers for which something is so.
pub(super) fn names<'f>(pod: &Pod<'f>, is: impl Fn(&'f Fields) -> bool) -> Vec<&'f str> {
    pod.containers()
        .filter(|c| is(c))
        .map(|c| text(c, "name"))
        .collect()
}

/// `container "a"`, `containers "a", "b"`.
pub(super) fn containers(names: &[&str]) -> String {
    format!(
        "{} {}",
        plural(names.len(), "container", "containers"),
        quoted(names.iter().copied())
    )
}

/// One word or the other.
pub(super) fn plural<'t>(count: usize, one: &'t str, many: &'t str) -> &'t str {
    if count == 1 { one } else { many }
}

/// Texts in quotes, one after the other.
pub(super) fn quoted<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(go_quote).collect::<Vec<_>>().join(", ")
}

/// The pod, the containers, or both, that set something, with what they set.
#[derive(Debug, Default)]
pub(super) struct Setters<'f> {
    pub(super) pod: bool,
    pub(super) containers: Vec<&'f str>,
    pub(super) values: BTreeSet<&'f str>,
}

// === impl Setters ===

impl<'f> Setters<'f> {
    /// Whoever has a value at a place of the security context that may not be.
    pub(super) fn of(pod: &Pod<'f>, bad: impl Fn(&'f Fields) -> Option<&'f str>) -> Self {
        let mut out = Self::default();
        if let Some(value) = bad(pod.security()) {
            out.pod = true;
            out.values.insert(value);
        }
        for container in pod.containers() {
            if let Some(value) = bad(security(container)) {
                out.containers.push(text(container, "name"));
                out.values.insert(value);
            }
        }
        out
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.pod && self.containers.is_empty()
    }

    /// `pod`, `container "a"`, `pod and containers "a", "b"`.
    pub(super) fn told(&self) -> String {
        let mut out = Vec::new();
        if self.pod {
            out.push("pod".to_owned());
        }
        if !self.containers.is_empty() {
            out.push(containers(&self.containers));
        }
        out.join(" and ")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a policy finds in a pod's spec, each as `reason (detail)`.
    pub(in super::super) fn found(level: Level, version: u32, spec: &Value) -> Vec<String> {
        let pod = json!({ "spec": spec });
        let found = violations(&Policy { level, version }, pod.as_object().expect("an object"));
        found
            .iter()
            .map(|f| format!("{} ({})", f.reason, f.detail))
            .collect()
    }

    #[test]
    fn stricter_checks_take_the_place_of_others() {
        let spec = json!({
            "volumes": [{"name": "h", "hostPath": {"path": "/"}}],
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Unconfined"}},
        });
        assert_eq!(
            found(Level::Baseline, u32::MAX, &spec),
            [
                "hostPath volumes (volume \"h\")",
                "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"
            ]
        );
        assert_eq!(
            found(Level::Restricted, u32::MAX, &spec),
            [
                "restricted volume types (volume \"h\" uses restricted volume type \"hostPath\")",
                "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"
            ]
        );
        assert!(found(Level::Privileged, u32::MAX, &spec).is_empty());
    }
}
