//! Kinds with rules of their own, a file each (or a file for a family whose rules are a few lines).
//!
//! To add one: write its [`Strategy`] in a file beside these and name it in [`strategy`].

mod admission_validation;
mod autoscaler_v1;
mod certificates;
pub(super) mod check;
mod component_status;
mod configmap;
mod configuration;
mod configuration_validation;
mod controller_revision;
mod cron_job;
mod cron_schedule;
mod csi;
mod daemon_set;
mod default_class;
mod definition;
mod deployment;
mod event;
pub(super) mod fields;
mod go_struct;
mod job;
mod job_validation;
mod key_pair;
mod namespace;
mod network;
mod network_validation;
mod node;
mod node_validation;
mod pod;
pub(super) mod pod_priority;
pub(super) mod pod_resize;
pub(super) mod pod_spec;
mod pod_template;
mod pod_update;
mod pod_validation;
mod pod_warnings;
mod policy;
mod policy_validation;
mod rbac;
mod replica_set;
mod secret;
mod service;
mod service_validation;
mod service_warnings;
mod stateful_set;
mod volume_validation;
mod volumes;
mod workload;

use std::sync::Arc;

use super::strategy::{Plain, Strategy};

/// The rules of a built-in resource.
pub(crate) fn strategy(group: &str, version: &str, plural: &str) -> Arc<dyn Strategy> {
    match (group, plural) {
        ("autoscaling", "horizontalpodautoscalers") if version == "v1" => {
            Arc::new(autoscaler_v1::HorizontalPodAutoscaler)
        }
        ("", "componentstatuses") => Arc::new(component_status::ComponentStatus),
        ("", "configmaps") => Arc::new(configmap::ConfigMap),
        ("", "endpoints") => Arc::new(network::Endpoints),
        ("", "events") => Arc::new(event::Event),
        ("events.k8s.io", "events") => Arc::new(event::NewEvent),
        ("", "limitranges") => Arc::new(policy::LimitRange),
        ("", "namespaces") => Arc::new(namespace::Namespace),
        ("", "nodes") => Arc::new(node::Node),
        ("", "persistentvolumeclaims") => Arc::new(volumes::PersistentVolumeClaim),
        ("", "persistentvolumes") => Arc::new(volumes::PersistentVolume),
        ("", "pods") => Arc::new(pod::Pod),
        ("", "podtemplates") => Arc::new(pod_template::PodTemplate),
        ("", "replicationcontrollers") => Arc::new(replica_set::ReplicationController),
        ("", "resourcequotas") => Arc::new(policy::ResourceQuota),
        ("", "secrets") => Arc::new(secret::Secret),
        ("", "serviceaccounts") => Arc::new(policy::ServiceAccount),
        ("", "services") => Arc::new(service::Service),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations") => {
            Arc::new(configuration::Webhooks { mutating: true })
        }
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations") => {
            Arc::new(configuration::Webhooks { mutating: false })
        }
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies") => {
            Arc::new(configuration::AdmissionPolicy { validates: false })
        }
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => {
            Arc::new(configuration::AdmissionPolicy { validates: true })
        }
        ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings") => {
            Arc::new(configuration::PolicyBinding { validates: false })
        }
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings") => {
            Arc::new(configuration::PolicyBinding { validates: true })
        }
        ("apiextensions.k8s.io", "customresourcedefinitions") => Arc::new(definition::Definition),
        ("apiregistration.k8s.io", "apiservices") => Arc::new(configuration::ApiService),
        ("apps", "controllerrevisions") => Arc::new(controller_revision::ControllerRevision),
        ("apps", "daemonsets") => Arc::new(daemon_set::DaemonSet),
        ("apps", "deployments") => Arc::new(deployment::Deployment),
        ("apps", "replicasets") => Arc::new(replica_set::ReplicaSet),
        ("apps", "statefulsets") => Arc::new(stateful_set::StatefulSet),
        ("autoscaling", "horizontalpodautoscalers") => Arc::new(policy::HorizontalPodAutoscaler),
        ("batch", "cronjobs") => Arc::new(cron_job::CronJob),
        ("batch", "jobs") => Arc::new(job::Job),
        ("certificates.k8s.io", "certificatesigningrequests") => {
            Arc::new(certificates::CertificateSigningRequest)
        }
        ("coordination.k8s.io", "leases") => Arc::new(policy::Lease),
        ("discovery.k8s.io", "endpointslices") => Arc::new(network::EndpointSlice),
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => Arc::new(configuration::FlowSchema),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => {
            Arc::new(configuration::PriorityLevel)
        }
        ("networking.k8s.io", "ingressclasses") => Arc::new(network::IngressClass),
        ("networking.k8s.io", "ingresses") => Arc::new(network::Ingress),
        ("networking.k8s.io", "networkpolicies") => Arc::new(network::NetworkPolicy),
        ("node.k8s.io", "runtimeclasses") => Arc::new(policy::RuntimeClass),
        ("policy", "poddisruptionbudgets") => Arc::new(policy::PodDisruptionBudget),
        ("rbac.authorization.k8s.io", "clusterrolebindings" | "rolebindings") => Arc::new(rbac::Binding),
        ("rbac.authorization.k8s.io", "clusterroles" | "roles") => Arc::new(rbac::Role),
        ("scheduling.k8s.io", "priorityclasses") => Arc::new(policy::PriorityClass),
        ("storage.k8s.io", "csidrivers") => Arc::new(volumes::CsiDriver),
        ("storage.k8s.io", "csinodes") => Arc::new(csi::CsiNode),
        ("storage.k8s.io", "volumeattachments") => Arc::new(csi::VolumeAttachment),
        ("storage.k8s.io", "storageclasses") => Arc::new(volumes::StorageClass),
        _ => Arc::new(Plain),
    }
}
