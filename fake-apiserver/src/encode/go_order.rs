//! Objects as Go writes them: the fields of a type in the order in which the type declares them.
//!
//! Nothing depends on that order but the text of refusals that quote an object.

use serde_json::Value;

use crate::schema::{NodeId, Schema, Shape, go_types};

/// The fields of types that pod templates do not have, by their names in JSON; types that are not here either, and other
/// fields, come in alphabetical order.
const TYPES: &[(&str, &str)] = &[
    (
        "v1.ManagedFieldsEntry",
        "manager operation apiVersion time fieldsType fieldsV1 subresource",
    ),
    (
        "v1.ObjectReference",
        "kind namespace name uid apiVersion resourceVersion fieldPath",
    ),
    (
        "v1.Condition",
        "type status observedGeneration lastTransitionTime reason message",
    ),
    // Pods.
    ("v1.Taint", "key value effect timeAdded"),
    (
        "v1.PodStatus",
        "observedGeneration phase conditions message reason nominatedNodeName hostIP hostIPs podIP podIPs startTime \
         initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses resize resourceClaimStatuses",
    ),
    (
        "v1.PodCondition",
        "type observedGeneration status lastProbeTime lastTransitionTime reason message",
    ),
    (
        "v1.ContainerStatus",
        "name state lastState ready restartCount image imageID containerID started allocatedResources resources \
         volumeMounts user",
    ),
    ("v1.ContainerState", "waiting running terminated"),
    (
        "v1.ContainerStateTerminated",
        "exitCode signal reason message startedAt finishedAt containerID",
    ),
    // Workloads.
    (
        "v1.DeploymentSpec",
        "replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds",
    ),
    ("v1.DeploymentStrategy", "type rollingUpdate"),
    ("v1.RollingUpdateDeployment", "maxUnavailable maxSurge"),
    (
        "v1.DeploymentStatus",
        "observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas \
         terminatingReplicas conditions collisionCount",
    ),
    (
        "v1.DeploymentCondition",
        "type status lastUpdateTime lastTransitionTime reason message",
    ),
    (
        "v1.StatefulSetSpec",
        "replicas selector template volumeClaimTemplates serviceName podManagementPolicy updateStrategy \
         revisionHistoryLimit minReadySeconds persistentVolumeClaimRetentionPolicy ordinals",
    ),
    ("v1.StatefulSetUpdateStrategy", "type rollingUpdate"),
    ("v1.RollingUpdateStatefulSetStrategy", "partition maxUnavailable"),
    (
        "v1.DaemonSetSpec",
        "selector template updateStrategy minReadySeconds revisionHistoryLimit",
    ),
    ("v1.DaemonSetUpdateStrategy", "type rollingUpdate"),
    ("v1.RollingUpdateDaemonSet", "maxUnavailable maxSurge"),
    ("v1.ReplicaSetSpec", "replicas minReadySeconds selector template"),
    (
        "v1.ReplicationControllerSpec",
        "replicas minReadySeconds selector template",
    ),
    (
        "v1.JobSpec",
        "parallelism completions activeDeadlineSeconds podFailurePolicy successPolicy backoffLimit \
         backoffLimitPerIndex maxFailedIndexes selector manualSelector template ttlSecondsAfterFinished \
         completionMode suspend podReplacementPolicy managedBy",
    ),
    (
        "v1.CronJobSpec",
        "schedule timeZone startingDeadlineSeconds concurrencyPolicy suspend jobTemplate \
         successfulJobsHistoryLimit failedJobsHistoryLimit",
    ),
    ("v1.PersistentVolumeClaim", "metadata spec status"),
    // Services.
    (
        "v1.ServiceSpec",
        "ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP \
         loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses \
         sessionAffinityConfig ipFamilies ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass \
         internalTrafficPolicy trafficDistribution",
    ),
    (
        "v1.ServicePort",
        "name protocol appProtocol port targetPort nodePort",
    ),
    ("v1.ServiceStatus", "loadBalancer conditions"),
    ("v1.IngressSpec", "ingressClassName defaultBackend tls rules"),
    ("v1.HTTPIngressPath", "path pathType backend"),
    ("v1.IngressServiceBackend", "name port"),
    ("v1.ServiceBackendPort", "name number"),
    ("v1.NetworkPolicySpec", "podSelector ingress egress policyTypes"),
    ("v1.NetworkPolicyIngressRule", "ports from"),
    ("v1.NetworkPolicyEgressRule", "ports to"),
    ("v1.NetworkPolicyPort", "protocol port endPort"),
    ("v1.NetworkPolicyPeer", "podSelector namespaceSelector ipBlock"),
    // The rest.
    (
        "v1.PolicyRule",
        "verbs apiGroups resources resourceNames nonResourceURLs",
    ),
    ("v1.RoleRef", "apiGroup kind name"),
    ("v1.Subject", "kind apiGroup name namespace"),
    (
        "v1.LeaseSpec",
        "holderIdentity leaseDurationSeconds acquireTime renewTime leaseTransitions strategy preferredHolder",
    ),
    ("v1.ResourceQuotaSpec", "hard scopes scopeSelector"),
    (
        "v1.LimitRangeItem",
        "type max min default defaultRequest maxLimitRequestRatio",
    ),
    (
        "v1.NodeSpec",
        "podCIDR podCIDRs providerID unschedulable taints configSource externalID",
    ),
    (
        "v2.HorizontalPodAutoscalerSpec",
        "scaleTargetRef minReplicas maxReplicas metrics behavior",
    ),
    ("v2.CrossVersionObjectReference", "kind name apiVersion"),
];

/// The value as Go writes it where its type is that of the node.
pub(super) fn write(schema: &Schema, node: NodeId, value: &Value) -> String {
    let mut out = Vec::with_capacity(1024);
    put(&mut out, schema, Some(node), value);
    // The parts are JSON, which is UTF-8, so nothing is replaced.
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn put(out: &mut Vec<u8>, schema: &Schema, node: Option<NodeId>, value: &Value) {
    match value {
        Value::Object(fields) => {
            let order = node.map_or_else(Vec::new, |node| order(&schema.node(node).type_name));
            let known = order.iter().filter_map(|name| fields.get_key_value(*name));
            let rest = fields.iter().filter(|(name, _)| !order.contains(&name.as_str()));
            out.push(b'{');
            for (i, (name, field)) in known.chain(rest).enumerate() {
                out.extend_from_slice(if i == 0 { b"" } else { b"," });
                super::put(out, name);
                out.push(b':');
                put(out, schema, node.and_then(|node| schema.child(node, name)), field);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            let item = node.and_then(|node| match &schema.node(node).shape {
                Shape::List { item, .. } => Some(*item),
                _ => None,
            });
            out.push(b'[');
            for (i, value) in items.iter().enumerate() {
                out.extend_from_slice(if i == 0 { b"" } else { b"," });
                put(out, schema, item, value);
            }
            out.push(b']');
        }
        leaf => super::put(out, leaf),
    }
}

fn order(type_name: &str) -> Vec<&'static str> {
    match TYPES.iter().find(|(name, _)| *name == type_name) {
        Some((_, fields)) => fields.split_ascii_whitespace().collect(),
        None => go_types::json_names(type_name.strip_prefix("v1.").unwrap_or_default()),
    }
}

#[test]
fn fields_come_as_their_type_declares_them() {
    let builtin = crate::schema::builtin();
    let deployment = builtin.kind("apps", "v1", "Deployment").expect("is built in");
    let value: Value = serde_json::from_str(
        r#"{"metadata": {"labels": {"b": "", "a": ""}, "name": "d"}, "spec": {"template": {"spec": {"containers":
            [{"imagePullPolicy": "Always", "image": "i", "name": "c"}]}}, "replicas": 1, "nope": 2}}"#,
    )
    .unwrap();
    assert_eq!(
        write(builtin.schema(), deployment, &value),
        r#"{"metadata":{"name":"d","labels":{"a":"","b":""}},"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"c","image":"i","imagePullPolicy":"Always"}]}},"nope":2}}"#
    );
}
