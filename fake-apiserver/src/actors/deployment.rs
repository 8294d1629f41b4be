//! Turns Deployments into ReplicaSets, one for each template, and moves replicas from old to new.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>

use serde_json::{Map, Value, json};

use super::{
    Call, World,
    object::{
        controller_reference, int, is_controlled_by, is_deleting, list, name, namespace, put_counts, text,
        uid,
    },
    template_hash::template_hash,
};

/// The label that tells the pods of one template from those of another.
const HASH: &str = "pod-template-hash";

const REVISION: &str = "deployment.kubernetes.io/revision";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAX: &str = "deployment.kubernetes.io/max-replicas";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let deployments = world.objects("apps", "deployments").filter(|d| !is_deleting(d));
    deployments.filter_map(|deployment| {
        let sets = world.controlled("apps", "replicasets", &deployment);
        let own = sets.iter().map(|set| &**set.value());
        Rollout {
            world,
            deployment: &deployment,
            own: own.filter(|s| !is_deleting(s)).collect(),
        }
        .step()
    })
}

/// A Deployment and its ReplicaSets.
struct Rollout<'a> {
    world: &'a World<'a>,
    deployment: &'a Value,
    own: Vec<&'a Value>,
}

// === impl Rollout ===

impl Rollout<'_> {
    fn step(&self) -> Option<Call> {
        let current = self.own.iter().copied().find(|set| self.is_current(set));
        if self.deployment.pointer("/spec/paused") == Some(&json!(true)) {
            return self.report(current);
        }
        let Some(current) = current else {
            return self.create();
        };
        self.scale_up(current)
            .or_else(|| self.scale_down(current))
            .or_else(|| self.report(Some(current)))
    }

    /// Whether a ReplicaSet makes the pods that the Deployment now asks for.
    fn is_current(&self, set: &Value) -> bool {
        let mut template = set["spec"]["template"].clone();
        if let Some(labels) = template
            .pointer_mut("/metadata/labels")
            .and_then(Value::as_object_mut)
        {
            labels.remove(HASH);
        }
        template == self.deployment["spec"]["template"]
    }

    fn create(&self) -> Option<Call> {
        let spec = &self.deployment["spec"];
        let collisions = self
            .deployment
            .pointer("/status/collisionCount")
            .and_then(Value::as_u64);
        let collisions = collisions.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let hash = template_hash(&spec["template"], collisions);
        let set = format!("{}-{hash}", name(self.deployment));
        if let Some(taken) = self
            .world
            .get("apps", "replicasets", namespace(self.deployment), &set)
        {
            // One's own is on its way out, and makes room.
            let own = is_controlled_by(&taken, uid(self.deployment));
            return (!own).then(|| self.collide(collisions));
        }
        let mut template = spec["template"].clone();
        let mut selector = spec["selector"].clone();
        template["metadata"]["labels"][HASH] = json!(hash);
        selector["matchLabels"][HASH] = json!(hash);
        let revision = self.own.iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        let mut annotations = inherited(self.deployment);
        annotations.insert(REVISION.into(), json!(revision.to_string()));
        annotations.extend(self.sizes());
        let set = json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": set,
                "labels": template["metadata"]["labels"],
                "annotations": annotations,
                "ownerReferences": [controller_reference("apps/v1", "Deployment", self.deployment)],
            },
            "spec": {
                "replicas": self.room(),
                "minReadySeconds": int(self.deployment, "/spec/minReadySeconds"),
                "selector": selector,
                "template": template,
            },
        });
        let path = format!(
            "/apis/apps/v1/namespaces/{}/replicasets",
            namespace(self.deployment)
        );
        Some(Call::create(path, set))
    }

    /// The name is another's: the next hash is of one collision more.
    fn collide(&self, collisions: Option<u32>) -> Call {
        let mut object = self.deployment.clone();
        object["apiVersion"] = json!("apps/v1");
        object["kind"] = json!("Deployment");
        object["status"]["collisionCount"] = json!(collisions.unwrap_or(0).saturating_add(1));
        Call::replace(self.status_path(), object)
    }

    fn scale_up(&self, current: &Value) -> Option<Call> {
        let have = int(current, "/spec/replicas");
        let target = if self.recreates() && self.old_pods() > 0 {
            have
        } else {
            (have + self.room()).min(self.wanted())
        };
        // A Deployment that shrinks takes its newest set along.
        let target = target.min(self.wanted());
        let sized = self
            .sizes()
            .iter()
            .all(|(k, v)| current["metadata"]["annotations"].get(k) == Some(v));
        (target != have || !sized).then(|| self.resize(current, target))
    }

    /// Old pods go as far as the rest keep the Deployment available.
    fn scale_down(&self, current: &Value) -> Option<Call> {
        let spare = if self.recreates() {
            i64::MAX
        } else {
            let available: i64 = self.own.iter().map(|s| int(s, "/status/availableReplicas")).sum();
            let unready = self
                .old()
                .map(|s| int(s, "/spec/replicas") - int(s, "/status/availableReplicas"))
                .sum::<i64>();
            (available - (self.wanted() - self.unavailable())).max(0) + unready.max(0)
        };
        let old = self
            .old()
            .filter(|s| name(s) != name(current))
            .find(|s| int(s, "/spec/replicas") > 0)?;
        let have = int(old, "/spec/replicas");
        (spare > 0).then(|| self.resize(old, (have - spare).max(0)))
    }

    fn resize(&self, set: &Value, replicas: i64) -> Call {
        let mut annotations = set["metadata"]["annotations"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        annotations.extend(self.sizes());
        let path = format!(
            "/apis/apps/v1/namespaces/{}/replicasets/{}",
            namespace(set),
            name(set)
        );
        let patch = json!({
            "metadata": { "uid": uid(set), "annotations": annotations },
            "spec": { "replicas": replicas },
        });
        Call::merge(path, patch)
    }

    fn report(&self, current: Option<&Value>) -> Option<Call> {
        let sum = |sets: &[&Value], pointer: &str| sets.iter().map(|s| int(s, pointer)).sum::<i64>();
        let total = sum(&self.own, "/status/replicas");
        let available = sum(&self.own, "/status/availableReplicas");
        let current_sets: Vec<&Value> = current.into_iter().collect();
        let updated = sum(&current_sets, "/status/replicas");
        let mut status = self.deployment["status"].as_object().cloned().unwrap_or_default();
        status.insert(
            "observedGeneration".into(),
            self.deployment["metadata"]["generation"].clone(),
        );
        status.insert(
            "terminatingReplicas".into(),
            json!(sum(&self.own, "/status/terminatingReplicas")),
        );
        put_counts(
            &mut status,
            [
                ("replicas", total),
                ("updatedReplicas", updated),
                ("readyReplicas", sum(&self.own, "/status/readyReplicas")),
                ("availableReplicas", available),
                (
                    "unavailableReplicas",
                    (total.max(self.wanted()) - available).max(0),
                ),
            ],
        );
        let done = updated == self.wanted() && total == self.wanted() && available == self.wanted();
        let conditions = self.conditions(current, available, done);
        status.insert("conditions".into(), json!(conditions));

        let mut object = self.deployment.clone();
        object["apiVersion"] = json!("apps/v1");
        object["kind"] = json!("Deployment");
        object["status"] = Value::Object(status);
        if let Some(current) = current {
            object["metadata"]["annotations"][REVISION] = json!(revision(current).to_string());
        }
        let same = object["status"] == self.deployment["status"]
            && object["metadata"]["annotations"] == self.deployment["metadata"]["annotations"];
        (!same).then(|| Call::replace(self.status_path(), object))
    }

    fn status_path(&self) -> String {
        let (namespace, name) = (namespace(self.deployment), name(self.deployment));
        format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status")
    }

    fn conditions(&self, current: Option<&Value>, available: i64, done: bool) -> Vec<Value> {
        let enough = available >= self.wanted() - self.unavailable();
        let mut conditions = vec![if enough {
            self.condition(
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.".into(),
            )
        } else {
            self.condition(
                "Available",
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.".into(),
            )
        }];
        if let Some(current) = current {
            let set = name(current);
            conditions.push(if done {
                let message = format!("ReplicaSet \"{set}\" has successfully progressed.");
                self.condition("Progressing", "True", "NewReplicaSetAvailable", message)
            } else {
                let message = format!("ReplicaSet \"{set}\" is progressing.");
                self.condition("Progressing", "True", "ReplicaSetUpdated", message)
            });
        }
        conditions
    }

    /// A condition as it now is; its times move only with what they stand for.
    fn condition(&self, kind: &str, status: &str, reason: &str, message: String) -> Value {
        let old = list(self.deployment, "/status/conditions")
            .iter()
            .find(|c| c["type"] == kind);
        let now = self.world.now_text();
        let same_status = old.filter(|c| c["status"] == status);
        let same = same_status.filter(|c| c["reason"] == reason && c["message"] == message.as_str());
        json!({
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": same_status.map_or(now.as_str(), |c| text(c, "/lastTransitionTime")),
            "lastUpdateTime": same.map_or(now.as_str(), |c| text(c, "/lastUpdateTime")),
        })
    }

    fn old(&self) -> impl Iterator<Item = &Value> {
        self.own.iter().copied().filter(|set| !self.is_current(set))
    }

    fn old_pods(&self) -> i64 {
        self.old().map(|set| int(set, "/status/replicas")).sum()
    }

    fn wanted(&self) -> i64 {
        int(self.deployment, "/spec/replicas")
    }

    fn recreates(&self) -> bool {
        text(self.deployment, "/spec/strategy/type") == "Recreate"
    }

    /// How many more pods there may be now.
    fn room(&self) -> i64 {
        if self.recreates() {
            return if self.old_pods() > 0 { 0 } else { self.wanted() };
        }
        let planned: i64 = self.own.iter().map(|set| int(set, "/spec/replicas")).sum();
        (self.wanted() + self.surge() - planned).clamp(0, self.wanted())
    }

    /// How many pods more than asked for a roll-out may make; rounded up.
    fn surge(&self) -> i64 {
        if self.recreates() || self.wanted() == 0 {
            return 0;
        }
        self.share("/spec/strategy/rollingUpdate/maxSurge", true)
    }

    /// How many pods fewer than asked for may be available; rounded down, and one where nothing could move otherwise.
    fn unavailable(&self) -> i64 {
        if self.recreates() {
            return 0;
        }
        match self
            .share("/spec/strategy/rollingUpdate/maxUnavailable", false)
            .min(self.wanted())
        {
            0 if self.surge() == 0 => 1.min(self.wanted()),
            share => share,
        }
    }

    /// A number, or a percentage of the replicas asked for.
    fn share(&self, pointer: &str, round_up: bool) -> i64 {
        match self.deployment.pointer(pointer) {
            Some(Value::String(percent)) => {
                let percent: i64 = percent.trim_end_matches('%').parse().unwrap_or(0);
                let scaled = percent.saturating_mul(self.wanted());
                if round_up {
                    scaled.saturating_add(99) / 100
                } else {
                    scaled / 100
                }
            }
            Some(number) => number.as_i64().unwrap_or(0),
            None => 0,
        }
    }

    fn sizes(&self) -> Map<String, Value> {
        let mut sizes = Map::new();
        sizes.insert(DESIRED.into(), json!(self.wanted().to_string()));
        sizes.insert(MAX.into(), json!((self.wanted() + self.surge()).to_string()));
        sizes
    }
}

fn revision(set: &Value) -> i64 {
    let found = set
        .pointer("/metadata/annotations")
        .and_then(|a| a.get(REVISION))
        .and_then(Value::as_str);
    found.and_then(|r| r.parse().ok()).unwrap_or(0)
}

/// A Deployment's annotations, but for those that describe the Deployment alone.
fn inherited(deployment: &Value) -> Map<String, Value> {
    let own = [
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        DESIRED,
        MAX,
    ];
    let annotations = deployment
        .pointer("/metadata/annotations")
        .and_then(Value::as_object);
    annotations
        .into_iter()
        .flatten()
        .filter(|(k, _)| !own.contains(&k.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}
