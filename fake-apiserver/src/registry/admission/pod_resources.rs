//! What a pod asks for as a whole.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>,
//! <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>,
//! [KEP-2837](https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2837-pod-level-resource-spec)

use std::collections::BTreeMap;

use crate::registry::kinds::check::{items, part, quantity};
use crate::registry::kinds::fields::{Fields, text};
use crate::schema::quantity::Quantity;

/// Amounts by the name of their resource.
pub(super) type Amounts = BTreeMap<String, Quantity>;

/// The amounts in a field; what is no quantity is left out.
pub(super) fn amounts(fields: &Fields, name: &str) -> Amounts {
    let entries = part(fields, name).iter();
    entries
        .filter_map(|(name, amount)| Some((name.clone(), quantity(amount)?)))
        .collect()
}

/// The requests or the limits (`what`) of a pod's containers together: those that run at once add up, each init container
/// has the pod for itself but for the sidecars that were started before it.
pub(super) fn of_containers(spec: &Fields, what: &str) -> Amounts {
    let of = |container: &Fields| amounts(part(container, "resources"), what);
    let mut running = Amounts::new();
    for container in items(spec, "containers") {
        add(&mut running, of(container));
    }
    let (mut sidecars, mut peak) = (Amounts::new(), Amounts::new());
    for container in items(spec, "initContainers") {
        let own = of(container);
        if text(container, "restartPolicy") == "Always" {
            add(&mut running, own.clone());
            add(&mut sidecars, own);
            raise(&mut peak, &sidecars);
        } else {
            let mut together = sidecars.clone();
            add(&mut together, own);
            raise(&mut peak, &together);
        }
    }
    raise(&mut running, &peak);
    running
}

/// As [`of_containers`], with what the pod says for itself in place of its containers' and with what its runtime takes.
pub(super) fn of_pod(spec: &Fields, what: &str) -> Amounts {
    let mut all = of_containers(spec, what);
    all.extend(amounts(part(spec, "resources"), what));
    for (name, overhead) in amounts(spec, "overhead") {
        match all.get_mut(&name) {
            Some(there) => *there = there.plus(overhead),
            // A pod without a limit does not get one from its runtime.
            None if what == "limits" => {}
            None => drop(all.insert(name, overhead)),
        }
    }
    all
}

fn add(to: &mut Amounts, more: Amounts) {
    for (name, amount) in more {
        let sum = to.get(&name).map_or(amount, |there| there.plus(amount));
        to.insert(name, sum);
    }
}

fn raise(to: &mut Amounts, least: &Amounts) {
    for (name, amount) in least {
        if to.get(name).is_none_or(|there| there < amount) {
            to.insert(name.clone(), *amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(spec: &Value, cpu: &str) {
        let spec = spec.as_object().expect("an object");
        let sum = of_pod(spec, "requests").get("cpu").map(ToString::to_string);
        assert_eq!(sum.unwrap_or_default(), cpu);
    }

    #[test]
    fn init_containers_run_one_by_one_and_sidecars_all_along() {
        let container = |cpu: &str| json!({"resources": {"requests": {"cpu": cpu}}});
        let sidecar = |cpu: &str| json!({"restartPolicy": "Always", "resources": {"requests": {"cpu": cpu}}});
        check(
            &json!({"containers": [container("1"), container("500m")]}),
            "1500m",
        );
        let peak =
            json!({"containers": [container("1")], "initContainers": [container("2"), container("1")]});
        check(&peak, "2");
        let after = json!({"containers": [container("1")], "initContainers": [sidecar("1"), container("2")]});
        check(&after, "3");
        let before =
            json!({"containers": [container("1")], "initContainers": [container("2"), sidecar("1")]});
        check(&before, "2");
        check(&json!({}), "");
    }

    #[test]
    fn the_pods_own_word_counts_and_the_runtime_comes_on_top() {
        let spec = json!({
            "containers": [{"resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}}],
            "resources": {"requests": {"cpu": "3"}},
            "overhead": {"cpu": "100m", "memory": "1Mi", "x/y": "1"},
        });
        check(&spec, "3100m");
        let limits = of_pod(spec.as_object().expect("an object"), "limits");
        assert_eq!(limits["memory"].to_string(), "1025Mi");
        assert!(!limits.contains_key("x/y"));
    }
}
