//! The objects by kind: where they are kept, and what they have in common.

use serde_json::{Map, Value, json};

use super::NOW;
use crate::storage::Key;

/// Objects of one kind that the same part of the server makes.
pub(super) struct Family {
    /// The plural name, qualified by the group.
    pub(super) table: &'static str,
    /// How many objects there are, which is known without reading them.
    pub(super) count: u64,
    api_version: &'static str,
    /// Who owns the fields.
    manager: &'static str,
    labels: &'static [(&'static str, &'static str)],
    annotations: &'static [(&'static str, &'static str)],
    /// A list of objects in JSON, without what is said here.
    objects: &'static str,
    /// The owned fields beside the metadata, where the object has them.
    owned: &'static [(&'static str, &'static str)],
    /// The status of an object that has one.
    status: fn(&Value) -> Option<Status>,
}

/// A status, and the entry of who owns it by apply; where nothing was applied, nobody does.
type Status = (Value, Option<Value>);

const RBAC: &[(&str, &str)] = &[("kubernetes.io/bootstrapping", "rbac-defaults")];
const RBAC_UPDATED: &[(&str, &str)] = &[("rbac.authorization.kubernetes.io/autoupdate", "true")];
const FLOW_UPDATED: &[(&str, &str)] = &[("apf.kubernetes.io/autoupdate-spec", "true")];
const FLOW_MANAGER: &str = "api-priority-and-fairness-config-producer-v1";
const ALL: &str = "{}";

pub(super) static FAMILIES: [Family; 12] = [
    Family {
        count: 4,
        objects: include_str!("namespaces.json"),
        status: |_| Some((json!({"phase": "Active"}), None)),
        ..Family::of("namespaces", "v1")
    },
    Family {
        labels: &[("component", "apiserver"), ("provider", "kubernetes")],
        objects: r#"[{"metadata": {"name": "kubernetes", "namespace": "default"}, "spec": {
            "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "type": "ClusterIP",
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]}}]"#,
        owned: &[(
            "spec",
            r#"{"f:clusterIP": {}, "f:internalTrafficPolicy": {}, "f:ipFamilyPolicy": {}, "f:sessionAffinity": {},
                "f:type": {}, "f:ports": {".": {}, "k:{\"port\":443,\"protocol\":\"TCP\"}": {
                    ".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}}}}"#,
        )],
        status: |_| Some((json!({"loadBalancer": {}}), None)),
        ..Family::of("services", "v1")
    },
    Family {
        labels: &[("endpointslice.kubernetes.io/skip-mirror", "true")],
        objects: r#"[{"metadata": {"name": "kubernetes", "namespace": "default"}, "subsets": [{
            "addresses": [{"ip": "127.0.0.1"}], "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}]}]}]"#,
        owned: &[("subsets", ALL)],
        ..Family::of("endpoints", "v1")
    },
    Family {
        labels: &[("kubernetes.io/service-name", "kubernetes")],
        objects: r#"[{"metadata": {"name": "kubernetes", "namespace": "default", "generation": 1},
            "addressType": "IPv4", "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": true}}],
            "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}]}]"#,
        owned: &[("addressType", ALL), ("endpoints", ALL), ("ports", ALL)],
        ..Family::of("endpointslices.discovery.k8s.io", "discovery.k8s.io/v1")
    },
    Family {
        objects: r#"[{"metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["10.0.0.0/24"]}}]"#,
        owned: &[("spec", r#"{"f:cidrs": {}}"#)],
        status: |_| {
            let ready = json!([{
                "type": "Ready", "status": "True", "reason": "", "lastTransitionTime": NOW,
                "message": "Kubernetes default Service CIDR is ready",
            }]);
            let owner = applied(
                "networking.k8s.io/v1",
                "kubernetes-service-cidr-controller",
                r#"{"k:{\"type\":\"Ready\"}": {".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:status": {}, "f:type": {}}}"#,
            );
            Some((json!({"conditions": ready}), Some(owner)))
        },
        ..Family::of("servicecidrs.networking.k8s.io", "networking.k8s.io/v1")
    },
    Family {
        labels: &[
            ("ipaddress.kubernetes.io/ip-family", "IPv4"),
            ("ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"),
        ],
        objects: r#"[{"metadata": {"name": "10.0.0.1"},
            "spec": {"parentRef": {"group": "", "name": "kubernetes", "namespace": "default", "resource": "services"}}}]"#,
        owned: &[(
            "spec",
            r#"{"f:parentRef": {".": {}, "f:group": {}, "f:name": {}, "f:namespace": {}, "f:resource": {}}}"#,
        )],
        ..Family::of("ipaddresses.networking.k8s.io", "networking.k8s.io/v1")
    },
    Family {
        count: 2,
        objects: r#"[
            {"metadata": {"name": "system-cluster-critical", "generation": 1}, "value": 2000000000,
             "preemptionPolicy": "PreemptLowerPriority",
             "description": "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."},
            {"metadata": {"name": "system-node-critical", "generation": 1}, "value": 2000001000,
             "preemptionPolicy": "PreemptLowerPriority",
             "description": "Used for system critical pods that must not be moved from their current node."}]"#,
        owned: &[("description", ALL), ("preemptionPolicy", ALL), ("value", ALL)],
        ..Family::of("priorityclasses.scheduling.k8s.io", "scheduling.k8s.io/v1")
    },
    Family {
        labels: &[("kube-aggregator.kubernetes.io/automanaged", "onstart")],
        count: 21,
        objects: include_str!("api_services.json"),
        owned: &[("spec", "")],
        status: |_| {
            let available = json!([{
                "type": "Available", "status": "True", "reason": "Local", "lastTransitionTime": NOW,
                "message": "Local APIServices are always available",
            }]);
            Some((json!({"conditions": available}), None))
        },
        ..Family::of("apiservices.apiregistration.k8s.io", "apiregistration.k8s.io/v1")
    },
    Family {
        labels: RBAC,
        annotations: RBAC_UPDATED,
        count: 16,
        objects: include_str!("cluster_roles.json"),
        owned: &[
            ("aggregationRule", r#"{".": {}, "f:clusterRoleSelectors": {}}"#),
            ("rules", ALL),
        ],
        ..Family::of(
            "clusterroles.rbac.authorization.k8s.io",
            "rbac.authorization.k8s.io/v1",
        )
    },
    Family {
        labels: RBAC,
        annotations: RBAC_UPDATED,
        count: 7,
        objects: include_str!("cluster_role_bindings.json"),
        owned: &[("roleRef", ALL), ("subjects", ALL)],
        ..Family::of(
            "clusterrolebindings.rbac.authorization.k8s.io",
            "rbac.authorization.k8s.io/v1",
        )
    },
    Family {
        manager: FLOW_MANAGER,
        annotations: FLOW_UPDATED,
        count: 8,
        objects: include_str!("priority_levels.json"),
        owned: &[("spec", "")],
        status: |_| Some((json!({}), None)),
        ..Family::of(
            "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
            "flowcontrol.apiserver.k8s.io/v1",
        )
    },
    Family {
        manager: FLOW_MANAGER,
        annotations: FLOW_UPDATED,
        count: 13,
        objects: include_str!("flow_schemas.json"),
        owned: &[("spec", "")],
        status: |object| {
            let level = &object["spec"]["priorityLevelConfiguration"]["name"];
            let found = json!([{
                "type": "Dangling", "status": "False", "reason": "Found", "lastTransitionTime": NOW,
                "message": format!("This FlowSchema references the PriorityLevelConfiguration object named {level} and it exists"),
            }]);
            let owner = applied(
                "flowcontrol.apiserver.k8s.io/v1",
                "api-priority-and-fairness-config-consumer-v1",
                r#"{"k:{\"type\":\"Dangling\"}": {".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:reason": {},
                    "f:status": {}, "f:type": {}}}"#,
            );
            Some((json!({"conditions": found}), Some(owner)))
        },
        ..Family::of(
            "flowschemas.flowcontrol.apiserver.k8s.io",
            "flowcontrol.apiserver.k8s.io/v1",
        )
    },
];

/// An object before it has a UID, and its key.
pub(super) type Prototype = (Key, Map<String, Value>);

// === impl Family ===

impl Family {
    const fn of(table: &'static str, api_version: &'static str) -> Self {
        Self {
            table,
            api_version,
            count: 1,
            manager: "kube-apiserver",
            labels: &[],
            annotations: &[],
            objects: "[]",
            owned: &[],
            status: |_| None,
        }
    }

    /// The objects, in the order in which they are made.
    pub(super) fn prototypes(&self) -> Vec<Prototype> {
        let objects: Value = parse(self.objects);
        let objects = objects.as_array().cloned().unwrap_or_default();
        objects
            .into_iter()
            .filter_map(|object| self.prototype(object))
            .collect()
    }

    fn prototype(&self, mut object: Value) -> Option<Prototype> {
        let name = object["metadata"]["name"].as_str()?.to_owned();
        let key = match object["metadata"]["namespace"].as_str() {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.clone(),
        };
        for (labels, field) in [(self.labels, "labels"), (self.annotations, "annotations")] {
            for (key, value) in labels {
                object["metadata"][field][*key] = json!(value);
            }
        }
        object["metadata"]["creationTimestamp"] = json!(NOW);
        let mut entries = vec![json!({
            "manager": self.manager, "operation": "Update", "apiVersion": self.api_version, "time": NOW,
            "fieldsType": "FieldsV1", "fieldsV1": self.owned_by(&object),
        })];
        if let Some((status, owner)) = (self.status)(&object) {
            object["status"] = status;
            entries.splice(0..0, owner);
        }
        object["metadata"]["managedFields"] = entries.into();
        match object {
            Value::Object(object) => Some((key.into(), object)),
            _ => None,
        }
    }

    /// The fields that the manager owns.
    fn owned_by(&self, object: &Value) -> Value {
        let mut fields = Map::new();
        let mut metadata = Map::new();
        for field in ["labels", "annotations"] {
            if let Some(entries) = object["metadata"][field].as_object().filter(|e| !e.is_empty()) {
                let mut keys = Map::from_iter([(".".to_owned(), json!({}))]);
                keys.extend(entries.keys().map(|key| (format!("f:{key}"), json!({}))));
                metadata.insert(format!("f:{field}"), keys.into());
            }
        }
        if !metadata.is_empty() {
            fields.insert("f:metadata".into(), metadata.into());
        }
        for (name, owned) in self.owned {
            let Some(value) = object.get(*name).filter(|v| !v.is_null()) else {
                continue;
            };
            let owned = match *owned {
                "" => owned_spec(value),
                owned => parse(owned),
            };
            fields.insert(format!("f:{name}"), owned);
        }
        fields.into()
    }
}

/// What is owned of a specification without lists of objects with keys: optional parts as a whole and by field, lists as they are.
fn owned_spec(spec: &Value) -> Value {
    let Value::Object(fields) = spec else {
        return json!({});
    };
    let owned = fields.iter().map(|(name, value)| {
        let mut owned = owned_spec(value);
        // References are no pointers, so that they are not owned apart from what is in them.
        if value.is_object() && name != "priorityLevelConfiguration" {
            owned["."] = json!({});
        }
        (format!("f:{name}"), owned)
    });
    Value::Object(owned.collect())
}

/// Who owns conditions by an apply to the status.
fn applied(api_version: &str, manager: &str, conditions: &str) -> Value {
    json!({
        "manager": manager, "operation": "Apply", "apiVersion": api_version, "time": NOW, "subresource": "status",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {"f:conditions": parse(conditions)}},
    })
}

/// Reads what stands in this crate.
fn parse(text: &str) -> Value {
    let value = serde_json::from_str(text);
    debug_assert!(value.is_ok(), "{text}");
    value.unwrap_or_default()
}
