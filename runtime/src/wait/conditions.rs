//! States to wait for.

use k8s_openapi::{
    api::{
        apps::v1::{DaemonSet, Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::{Pod, Service},
        networking::v1::Ingress,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use seatrial_client::Resource;

/// A state that an object, or its absence, may be in.
///
/// A function `Fn(Option<&K>) -> bool` is one.
pub trait Condition<K> {
    /// Whether the object is in this state; nothing stands for an object that does not exist.
    fn matches_object(&self, obj: Option<&K>) -> bool;

    /// The opposite.
    fn not(self) -> Not<Self>
    where
        Self: Sized,
    {
        Not(self)
    }

    /// This and the other.
    fn and<Other: Condition<K>>(self, other: Other) -> And<Self, Other>
    where
        Self: Sized,
    {
        And(self, other)
    }

    /// This or the other.
    fn or<Other: Condition<K>>(self, other: Other) -> Or<Self, Other>
    where
        Self: Sized,
    {
        Or(self, other)
    }
}

impl<K, F: Fn(Option<&K>) -> bool> Condition<K> for F {
    fn matches_object(&self, obj: Option<&K>) -> bool {
        self(obj)
    }
}

/// The opposite of a condition; made by [`Condition::not`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Not<A>(A);

impl<A: Condition<K>, K> Condition<K> for Not<A> {
    fn matches_object(&self, obj: Option<&K>) -> bool {
        !self.0.matches_object(obj)
    }
}

/// Both of two conditions; made by [`Condition::and`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct And<A, B>(A, B);

impl<A: Condition<K>, B: Condition<K>, K> Condition<K> for And<A, B> {
    fn matches_object(&self, obj: Option<&K>) -> bool {
        self.0.matches_object(obj) && self.1.matches_object(obj)
    }
}

/// One of two conditions; made by [`Condition::or`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Or<A, B>(A, B);

impl<A: Condition<K>, B: Condition<K>, K> Condition<K> for Or<A, B> {
    fn matches_object(&self, obj: Option<&K>) -> bool {
        self.0.matches_object(obj) || self.1.matches_object(obj)
    }
}

/// The object with this UID is gone, whether or not another has its name by now.
#[must_use]
pub fn is_deleted<K: Resource>(uid: &str) -> impl Condition<K> + '_ {
    move |object: Option<&K>| object.is_none_or(|object| object.meta().uid.as_deref() != Some(uid))
}

/// The object exists.
#[must_use]
pub fn is_created<K: Resource>() -> impl Condition<K> {
    |object: Option<&K>| object.is_some()
}

/// The CRD is accepted, and its kind about to be served: [`await_served`](super::await_served) waits until it is.
#[must_use]
pub fn is_crd_established() -> impl Condition<CustomResourceDefinition> {
    |crd: Option<&CustomResourceDefinition>| {
        let status = crd.and_then(|crd| crd.status.as_ref());
        let mut conditions = status
            .and_then(|status| status.conditions.as_ref())
            .into_iter()
            .flatten();
        conditions.any(|condition| condition.type_ == "Established" && condition.status == "True")
    }
}

/// The pod runs.
#[must_use]
pub fn is_pod_running() -> impl Condition<Pod> {
    |pod: Option<&Pod>| {
        let status = pod.and_then(|pod| pod.status.as_ref());
        status.and_then(|status| status.phase.as_deref()) == Some("Running")
    }
}

/// The pod is ready: it runs, and everything in it says that it can serve.
#[must_use]
pub fn is_pod_ready() -> impl Condition<Pod> {
    |pod: Option<&Pod>| {
        let status = pod.and_then(|pod| pod.status.as_ref());
        let mut conditions = status
            .and_then(|status| status.conditions.as_ref())
            .into_iter()
            .flatten();
        conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
    }
}

/// The pod has ended, well or not.
#[must_use]
pub fn is_pod_finished() -> impl Condition<Pod> {
    |pod: Option<&Pod>| {
        let status = pod.and_then(|pod| pod.status.as_ref());
        matches!(
            status.and_then(|status| status.phase.as_deref()),
            Some("Succeeded" | "Failed")
        )
    }
}

/// The job has succeeded. One that failed never is: see [`is_job_finished`].
#[must_use]
pub fn is_job_completed() -> impl Condition<Job> {
    |job: Option<&Job>| has_job_condition(job, &["Complete"])
}

/// The job has succeeded or failed.
#[must_use]
pub fn is_job_finished() -> impl Condition<Job> {
    |job: Option<&Job>| has_job_condition(job, &["Complete", "Failed"])
}

fn has_job_condition(job: Option<&Job>, types: &[&str]) -> bool {
    let status = job.and_then(|job| job.status.as_ref());
    let mut conditions = status
        .and_then(|status| status.conditions.as_ref())
        .into_iter()
        .flatten();
    conditions.any(|condition| types.contains(&condition.type_.as_str()) && condition.status == "True")
}

/// The deployment is rolled out: all replicas are of the present spec and available, and none of an older one is left.
///
/// The status must be about the present spec, so a roll-out that has not begun yet is not taken for the end of one.
#[must_use]
pub fn is_deployment_completed() -> impl Condition<Deployment> {
    |deployment: Option<&Deployment>| {
        let Some(deployment) = deployment else {
            return false;
        };
        let Some(status) = &deployment.status else {
            return false;
        };
        let wanted = deployment
            .spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1);
        status.observed_generation >= deployment.metadata.generation
            && status.updated_replicas.unwrap_or(0) == wanted
            && status.replicas.unwrap_or(0) == wanted
            && status.available_replicas.unwrap_or(0) == wanted
    }
}

/// The stateful set is rolled out: all replicas are of the present spec and ready.
#[must_use]
pub fn is_stateful_set_completed() -> impl Condition<StatefulSet> {
    |set: Option<&StatefulSet>| {
        let Some(set) = set else { return false };
        let Some(status) = &set.status else { return false };
        let wanted = set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
        status.observed_generation >= set.metadata.generation
            && status.ready_replicas.unwrap_or(0) == wanted
            && status.replicas == wanted
            && status.updated_replicas.unwrap_or(0) == wanted
            && status.current_revision == status.update_revision
    }
}

/// The daemon set is rolled out: each node that should has a pod of the present spec, and it is available.
#[must_use]
pub fn is_daemon_set_completed() -> impl Condition<DaemonSet> {
    |set: Option<&DaemonSet>| {
        let Some(set) = set else { return false };
        let Some(status) = &set.status else { return false };
        let wanted = status.desired_number_scheduled;
        status.observed_generation >= set.metadata.generation
            && status.updated_number_scheduled.unwrap_or(0) == wanted
            && status.number_available.unwrap_or(0) == wanted
    }
}

/// The service has an address outside of the cluster, or is not of the kind that gets one.
#[must_use]
pub fn is_service_loadbalancer_provisioned() -> impl Condition<Service> {
    |service: Option<&Service>| {
        let Some(service) = service else { return false };
        if service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) != Some("LoadBalancer") {
            return true;
        }
        let ingress = service
            .status
            .as_ref()
            .and_then(|status| status.load_balancer.as_ref()?.ingress.as_ref());
        ingress
            .into_iter()
            .flatten()
            .any(|ingress| ingress.ip.is_some() || ingress.hostname.is_some())
    }
}

/// The ingress has an address.
#[must_use]
pub fn is_ingress_provisioned() -> impl Condition<Ingress> {
    |ingress: Option<&Ingress>| {
        let status = ingress.and_then(|ingress| ingress.status.as_ref());
        let ingress = status.and_then(|status| status.load_balancer.as_ref()?.ingress.as_ref());
        ingress
            .into_iter()
            .flatten()
            .any(|ingress| ingress.ip.is_some() || ingress.hostname.is_some())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check<K: serde::de::DeserializeOwned>(condition: impl Condition<K>, object: Value, expected: bool) {
        let parsed: K = serde_json::from_value(object.clone()).unwrap();
        assert_eq!(condition.matches_object(Some(&parsed)), expected, "{object}");
        assert!(!condition.matches_object(None));
    }

    #[test]
    fn pods_run_in_the_phase_running() {
        check(is_pod_running(), json!({"status": {"phase": "Running"}}), true);
        check(is_pod_running(), json!({"status": {"phase": "Pending"}}), false);
        check(is_pod_running(), json!({}), false);
    }

    #[test]
    fn pods_are_ready_or_over() {
        let ready = |status| json!({"status": {"conditions": [{"type": "Ready", "status": status}]}});
        check(is_pod_ready(), ready("True"), true);
        check(is_pod_ready(), ready("False"), false);
        for (phase, over) in [("Succeeded", true), ("Failed", true), ("Running", false)] {
            check(is_pod_finished(), json!({"status": {"phase": phase}}), over);
        }
    }

    #[test]
    fn jobs_end_in_two_ways() {
        let ended = |type_| json!({"status": {"conditions": [{"type": "Suspended", "status": "True"}, {"type": type_, "status": "True"}]}});
        check(is_job_completed(), ended("Complete"), true);
        check(is_job_completed(), ended("Failed"), false);
        check(is_job_finished(), ended("Failed"), true);
        check(
            is_job_finished(),
            json!({"status": {"conditions": [{"type": "Failed", "status": "False"}]}}),
            false,
        );
    }

    #[test]
    fn deployments_are_complete_for_the_present_spec_only() {
        let deployment = |observed: i64, replicas: i32, updated: i32, available: i32| {
            json!({
                "metadata": {"generation": 2},
                "spec": {"replicas": 3, "selector": {}, "template": {}},
                "status": {"observedGeneration": observed, "replicas": replicas, "updatedReplicas": updated, "availableReplicas": available},
            })
        };
        check(is_deployment_completed(), deployment(2, 3, 3, 3), true);
        check(is_deployment_completed(), deployment(1, 3, 3, 3), false);
        check(is_deployment_completed(), deployment(2, 4, 3, 3), false);
        check(is_deployment_completed(), deployment(2, 3, 2, 3), false);
        check(is_deployment_completed(), deployment(2, 3, 3, 2), false);
    }

    #[test]
    fn sets_are_complete_for_the_present_spec_only() {
        let stateful = |observed: i64, revision: &str| {
            json!({
                "metadata": {"generation": 2},
                "spec": {"replicas": 2, "selector": {}, "template": {}, "serviceName": "s"},
                "status": {"observedGeneration": observed, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2,
                           "currentRevision": revision, "updateRevision": "b"},
            })
        };
        check(is_stateful_set_completed(), stateful(2, "b"), true);
        check(is_stateful_set_completed(), stateful(1, "b"), false);
        check(is_stateful_set_completed(), stateful(2, "a"), false);
        let daemon = |available: i32| {
            json!({
                "metadata": {"generation": 1},
                "status": {"observedGeneration": 1, "currentNumberScheduled": 2, "numberMisscheduled": 0, "numberReady": 2,
                           "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": available},
            })
        };
        check(is_daemon_set_completed(), daemon(2), true);
        check(is_daemon_set_completed(), daemon(1), false);
    }

    #[test]
    fn addresses() {
        let service = |type_, ingress: Value| json!({"spec": {"type": type_}, "status": {"loadBalancer": {"ingress": ingress}}});
        check(
            is_service_loadbalancer_provisioned(),
            service("LoadBalancer", json!([])),
            false,
        );
        check(
            is_service_loadbalancer_provisioned(),
            service("LoadBalancer", json!([{"ip": "10.0.0.1"}])),
            true,
        );
        check(
            is_service_loadbalancer_provisioned(),
            service("ClusterIP", json!(null)),
            true,
        );
        check(
            is_ingress_provisioned(),
            json!({"status": {"loadBalancer": {"ingress": [{"hostname": "h"}]}}}),
            true,
        );
        check(
            is_ingress_provisioned(),
            json!({"status": {"loadBalancer": {}}}),
            false,
        );
    }

    #[test]
    fn crds_are_served_once_established() {
        let crd = |status| {
            json!({
                "spec": {"group": "g", "names": {"kind": "K", "plural": "ks"}, "scope": "Namespaced", "versions": []},
                "status": {"conditions": [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": status}]},
            })
        };
        check(is_crd_established(), crd("True"), true);
        check(is_crd_established(), crd("False"), false);
    }

    #[test]
    fn conditions_combine() {
        let pod = |uid: &str| Pod {
            metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
                uid: Some(uid.to_owned()),
                ..Default::default()
            },
            ..Pod::default()
        };
        let gone = || is_deleted::<Pod>("1");
        assert!(gone().matches_object(None));
        assert!(gone().matches_object(Some(&pod("2"))));
        assert!(!gone().matches_object(Some(&pod("1"))));
        assert!(gone().not().matches_object(Some(&pod("1"))));
        assert!(gone().and(is_created()).matches_object(Some(&pod("2"))));
        assert!(!gone().and(is_created()).matches_object(None));
        assert!(gone().not().or(is_created()).matches_object(Some(&pod("2"))));
    }
}
