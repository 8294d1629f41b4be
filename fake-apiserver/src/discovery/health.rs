//! `/healthz`, `/livez` and `/readyz`, whole and by check.
//!
//! A server in memory is always well; what remains is the form of the answers.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/health-checks/>

use super::{Answer, TEXT};

/// The checks that all three run.
const COMMON: &[&str] = &[
    "ping",
    "log",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/storage-readiness",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/peer-endpoint-reconciler-controller",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/apiservice-wait-for-first-sync",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
];

/// The three paths, by their last part.
const NAMES: [&str; 3] = ["healthz", "livez", "readyz"];

/// The checks of a path in their order: a server is ready without what only tells that it lives.
fn checks(name: &str) -> Vec<&'static str> {
    let mut checks = COMMON.to_vec();
    if name == "readyz" {
        checks.extend(["informer-sync", "shutdown"]);
    } else {
        checks.insert(2, "etcd");
        checks.push("loopback-serving-certificate");
    }
    checks
}

/// All health paths.
pub(super) fn paths() -> impl Iterator<Item = String> {
    NAMES.into_iter().flat_map(|name| {
        let each = checks(name)
            .into_iter()
            .map(move |check| format!("/{name}/{check}"));
        std::iter::once(format!("/{name}")).chain(each)
    })
}

/// Answers a health path; `None` for any other.
pub(super) fn answer(path: &str, query: &str) -> Option<Answer> {
    let (name, check) = match path.strip_prefix('/')?.split_once('/') {
        Some((name, check)) => (name, Some(check)),
        None => (&path[1..], None),
    };
    if !NAMES.contains(&name) {
        return None;
    }
    let checks = checks(name);
    if let Some(check) = check {
        return Some(if checks.contains(&check) {
            Answer::raw(200, TEXT, "ok")
        } else {
            Answer::page_not_found()
        });
    }

    let mut excluded: Vec<&str> = Vec::new();
    let mut verbose = false;
    for parameter in query.split('&') {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("verbose", _) => verbose = true,
            ("exclude", check) => excluded.push(check),
            _ => {}
        }
    }
    if !verbose {
        return Some(Answer::raw(200, TEXT, "ok"));
    }
    let mut out = String::new();
    for check in &checks {
        let word = if excluded.contains(check) {
            "excluded: ok"
        } else {
            "ok"
        };
        out.push_str(&format!("[+]{check} {word}\n"));
    }
    excluded.retain(|e| !checks.contains(e));
    if !excluded.is_empty() {
        let quoted: Vec<String> = excluded.iter().map(|e| crate::status::go_quote(e)).collect();
        out.push_str(&format!(
            "warn: some health checks cannot be excluded: no matches for {}\n",
            quoted.join(", ")
        ));
    }
    out.push_str(&format!("{name} check passed\n"));
    Some(Answer::raw(200, TEXT, out))
}
