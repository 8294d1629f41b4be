//! What an object uses of what quotas limit.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::registry::admission::claim_resize::class_of;
use crate::registry::admission::pod_resources::{Amounts, amounts, of_pod};
use crate::registry::kinds::check::{flag, items, part};
use crate::registry::kinds::fields::{Fields, has, int, text};
use crate::schema::quantity::Quantity;

/// Resources of containers that quotas limit under their own name, as requests.
const PLAIN: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
/// Resources that each container of a pod has to name where a quota limits them.
const TO_SPECIFY: [&str; 6] = [
    "cpu",
    "memory",
    "requests.cpu",
    "requests.memory",
    "limits.cpu",
    "limits.memory",
];
/// What follows the name of a class where a quota limits the class.
const OF_CLASS: &str = ".storageclass.storage.k8s.io/";

/// A resource as quotas count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted<'r> {
    group: &'r str,
    plural: &'r str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pod,
    Service,
    Claim,
    /// Nothing but its objects are counted.
    Other,
}

// === impl Counted ===

impl<'r> Counted<'r> {
    pub(super) fn of(group: &'r str, plural: &'r str) -> Self {
        let kind = match (group, plural) {
            ("", "pods") => Kind::Pod,
            ("", "services") => Kind::Service,
            ("", "persistentvolumeclaims") => Kind::Claim,
            _ => Kind::Other,
        };
        Self { group, plural, kind }
    }

    /// Whether no quota counts it at all.
    pub(super) fn is_ignored(self) -> bool {
        (self.group, self.plural) == ("", "events")
    }

    pub(super) fn is_pod(self) -> bool {
        self.kind == Kind::Pod
    }

    pub(super) fn is_claim(self) -> bool {
        self.kind == Kind::Claim
    }

    /// Whether an update may use more than was used: services change their type, claims grow, pods by `/resize` alone.
    pub(super) fn counts_updates(self, resizes: bool) -> bool {
        match self.kind {
            Kind::Pod => resizes,
            Kind::Service | Kind::Claim => true,
            Kind::Other => false,
        }
    }

    /// Whether a quota that limits `name` limits this resource.
    pub(super) fn knows(self, name: &str) -> bool {
        if self.counts_of_objects().any(|own| own == name) {
            return true;
        }
        match self.kind {
            Kind::Pod => {
                let bare = name
                    .strip_prefix("requests.")
                    .or_else(|| name.strip_prefix("limits."));
                PLAIN.contains(&bare.unwrap_or(name))
                    || name
                        .strip_prefix("requests.")
                        .unwrap_or(name)
                        .starts_with("hugepages-")
                    || name.strip_prefix("requests.").is_some_and(|n| n.contains('/'))
            }
            Kind::Service => matches!(name, "services.nodeports" | "services.loadbalancers"),
            Kind::Claim => name == "requests.storage" || name.contains(OF_CLASS),
            Kind::Other => false,
        }
    }

    /// The names under which the number of objects is limited.
    fn counts_of_objects(self) -> impl Iterator<Item = String> {
        let old = matches!(
            (self.group, self.plural),
            (
                "",
                "pods"
                    | "services"
                    | "persistentvolumeclaims"
                    | "configmaps"
                    | "secrets"
                    | "resourcequotas"
                    | "replicationcontrollers"
            )
        );
        let name = format!("count/{}", crate::status::qualified(self.group, self.plural));
        [name].into_iter().chain(old.then(|| self.plural.to_owned()))
    }

    /// What an object uses.
    pub(super) fn usage(self, object: &Fields, now: Timestamp) -> Amounts {
        let one = Quantity::from(1);
        let mut all: Amounts = self.counts_of_objects().map(|name| (name, one)).collect();
        let spec = part(object, "spec");
        match self.kind {
            Kind::Pod if has_ended(object, now) => drop(all.remove("pods")),
            Kind::Pod => all.extend(named(&of_pod(spec, "requests"), &of_pod(spec, "limits"))),
            Kind::Service => all.extend(ports(spec)),
            Kind::Claim => {
                let storage = amounts(part(spec, "resources"), "requests").remove("storage");
                let class = class_of(object);
                if !class.is_empty() {
                    all.insert(format!("{class}{OF_CLASS}persistentvolumeclaims"), one);
                }
                if let Some(storage) = storage {
                    all.insert("requests.storage".into(), storage);
                    if !class.is_empty() {
                        all.insert(format!("{class}{OF_CLASS}requests.storage"), storage);
                    }
                }
            }
            Kind::Other => {}
        }
        all
    }

    /// What a pod has to say where a quota limits it and does not, as the refusal tells it.
    pub(super) fn unspecified(self, limited: &[&str], object: &Fields) -> Option<String> {
        if self.kind != Kind::Pod {
            return None;
        }
        let wanted: Vec<&str> = limited
            .iter()
            .copied()
            .filter(|n| TO_SPECIFY.contains(n))
            .collect();
        let spec = part(object, "spec");
        let said = |of: &Fields| {
            let resources = part(of, "resources");
            named(&amounts(resources, "requests"), &amounts(resources, "limits"))
        };
        let pod = said(spec);
        let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for container in items(spec, "containers").chain(items(spec, "initContainers")) {
            let own = said(container);
            for name in &wanted {
                if !own.contains_key(*name) && !pod.contains_key(*name) {
                    missing.entry(name).or_default().insert(text(container, "name"));
                }
            }
        }
        let told: Vec<String> = missing
            .into_iter()
            .map(|(name, of)| format!("{name} for: {}", of.into_iter().collect::<Vec<_>>().join(",")))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// Requests and limits under the names by which quotas limit them.
fn named(requests: &Amounts, limits: &Amounts) -> Amounts {
    let mut all = Amounts::new();
    for (name, amount) in requests {
        let plain = PLAIN.contains(&name.as_str()) || name.starts_with("hugepages-");
        if plain {
            all.insert(name.clone(), *amount);
        }
        if plain || name.contains('/') {
            all.insert(format!("requests.{name}"), *amount);
        }
    }
    for (name, amount) in limits {
        if PLAIN.contains(&name.as_str()) {
            all.insert(format!("limits.{name}"), *amount);
        }
    }
    all
}

/// Whether a pod uses nothing any more: it has ended, or should be gone by now.
fn has_ended(pod: &Fields, now: Timestamp) -> bool {
    if matches!(text(part(pod, "status"), "phase"), "Failed" | "Succeeded") {
        return true;
    }
    let metadata = part(pod, "metadata");
    let since: Option<Timestamp> = text(metadata, "deletionTimestamp").parse().ok();
    let grace = int(metadata, "deletionGracePeriodSeconds").map(SignedDuration::from_secs);
    let gone = since
        .zip(grace)
        .and_then(|(since, grace)| since.checked_add(grace).ok());
    gone.is_some_and(|gone| now > gone)
}

/// The ports of nodes and the load balancers that a service uses.
fn ports(spec: &Fields) -> Amounts {
    let count = |n: usize| Quantity::from(i64::try_from(n).unwrap_or(i64::MAX));
    let all = items(spec, "ports").count();
    let mut out = Amounts::new();
    match text(spec, "type") {
        "NodePort" => drop(out.insert("services.nodeports".into(), count(all))),
        "LoadBalancer" => {
            let allocates =
                !has(spec, "allocateLoadBalancerNodePorts") || flag(spec, "allocateLoadBalancerNodePorts");
            let given = items(spec, "ports").filter(|p| int(p, "nodePort").unwrap_or(0) != 0);
            let ports = if allocates { all } else { given.count() };
            out.insert("services.nodeports".into(), count(ports));
            out.insert("services.loadbalancers".into(), count(1));
        }
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn used(group: &str, plural: &str, object: &Value) -> Vec<String> {
        let object = object.as_object().expect("an object");
        let usage = Counted::of(group, plural).usage(object, NOW);
        usage
            .iter()
            .map(|(name, amount)| format!("{name}={amount}"))
            .collect()
    }

    #[test]
    fn objects_are_counted_by_group_and_some_by_their_old_name() {
        assert_eq!(
            used("apps", "deployments", &json!({})),
            ["count/deployments.apps=1"]
        );
        assert_eq!(used("", "secrets", &json!({})), ["count/secrets=1", "secrets=1"]);
    }

    #[test]
    fn events_are_ignored_in_their_old_group_alone() {
        assert!(Counted::of("", "events").is_ignored());
        assert!(!Counted::of("events.k8s.io", "events").is_ignored());
        assert!(!Counted::of("", "pods").is_ignored());
    }

    #[test]
    fn a_pod_uses_what_it_requests_until_it_has_ended() {
        let spec = json!({"containers": [{"resources": {
            "requests": {"cpu": "1", "x.com/gpu": "2", "hugepages-2Mi": "2Mi"}, "limits": {"memory": "1Gi"},
        }}]});
        assert_eq!(
            used("", "pods", &json!({ "spec": spec })),
            [
                "count/pods=1",
                "cpu=1",
                "hugepages-2Mi=2Mi",
                "limits.memory=1Gi",
                "pods=1",
                "requests.cpu=1",
                "requests.hugepages-2Mi=2Mi",
                "requests.x.com/gpu=2"
            ]
        );
        for ended in [
            json!({"spec": spec, "status": {"phase": "Succeeded"}}),
            json!({"spec": spec, "metadata": {
                "deletionTimestamp": "1969-12-31T23:59:00Z", "deletionGracePeriodSeconds": 30,
            }}),
        ] {
            assert_eq!(used("", "pods", &ended), ["count/pods=1"]);
        }
    }

    #[test]
    fn services_use_ports_by_their_type() {
        let service = |kind: &str, allocate: bool| {
            let ports = json!([{"port": 1, "nodePort": 30000}, {"port": 2}]);
            let spec = json!({"type": kind, "ports": ports, "allocateLoadBalancerNodePorts": allocate});
            used("", "services", &json!({ "spec": spec }))[2..].to_vec()
        };
        assert!(service("ClusterIP", true).is_empty());
        assert_eq!(service("NodePort", true), ["services.nodeports=2"]);
        assert_eq!(
            service("LoadBalancer", true),
            ["services.loadbalancers=1", "services.nodeports=2"]
        );
        assert_eq!(
            service("LoadBalancer", false),
            ["services.loadbalancers=1", "services.nodeports=1"]
        );
    }

    #[test]
    fn claims_use_storage_of_their_class_too() {
        let claim =
            json!({"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}}});
        assert_eq!(
            used("", "persistentvolumeclaims", &claim),
            [
                "count/persistentvolumeclaims=1",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims=1",
                "fast.storageclass.storage.k8s.io/requests.storage=1Gi",
                "persistentvolumeclaims=1",
                "requests.storage=1Gi"
            ]
        );
    }

    #[test]
    fn a_pod_that_speaks_for_its_containers_has_said_enough() {
        let pods = Counted::of("", "pods");
        let pod =
            |own: Value| json!({"spec": {"resources": own, "containers": [{"name": "b"}, {"name": "a"}]}});
        let missing =
            |pod: &Value| pods.unspecified(&["limits.cpu", "pods"], pod.as_object().expect("an object"));
        assert_eq!(missing(&pod(json!({}))).as_deref(), Some("limits.cpu for: a,b"));
        assert_eq!(missing(&pod(json!({"limits": {"cpu": "1"}}))), None);
    }
}
