//! Turns StatefulSets into pods with names of their own, one after the other, each with its claims.
//!
//! Claims are made and kept: a retention policy that deletes them is not followed, and neither is `maxUnavailable`.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>

use serde_json::{Map, Value, json};

use super::{
    Call, World,
    object::{
        controller_reference, int, is_active, is_available, is_controlled_by, is_deleting, is_ready, list,
        name, namespace, pod_from, put_counts, text, uid,
    },
    template_hash::template_hash,
};

/// The label that tells the pods of one template from those of another.
const REVISION: &str = "controller-revision-hash";
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let sets = world
        .objects("apps", "statefulsets")
        .filter(|set| !is_deleting(set));
    sets.filter_map(|set| {
        let own = world.controlled("", "pods", &set);
        let update = format!("{}-{}", name(&set), template_hash(&set["spec"]["template"], None));
        Ordered {
            world,
            current: match text(&set, "/status/currentRevision") {
                "" => update.clone(),
                current => current.to_owned(),
            },
            update,
            pods: own.iter().map(|pod| &**pod.value()).collect(),
            set: &set,
        }
        .step()
    })
}

/// A StatefulSet, its pods, and the names of the templates that they are made from.
struct Ordered<'a> {
    world: &'a World<'a>,
    set: &'a Value,
    pods: Vec<&'a Value>,
    /// The template that the pods had when the last roll-out was over.
    current: String,
    /// The template that is asked for now.
    update: String,
}

// === impl Ordered ===

impl Ordered<'_> {
    fn step(&self) -> Option<Call> {
        self.note_template()
            .or_else(|| self.move_pods())
            .or_else(|| self.report())
    }

    /// Writes down the template that is asked for, so that pods of it can be made anew later.
    fn note_template(&self) -> Option<Call> {
        let revisions = ("apps", "controllerrevisions", namespace(self.set));
        let (group, plural, space) = revisions;
        if let Some(known) = self.world.get(group, plural, space, &self.update) {
            let is_own = is_controlled_by(&known, uid(self.set));
            return (!is_own && !is_deleting(&known)).then(|| {
                // The set was orphaned and made anew: it takes over what it finds.
                let reference = controller_reference("apps/v1", "StatefulSet", self.set);
                let body = json!({ "metadata": { "ownerReferences": [reference] } });
                Call::merge(format!("{}/{}", self.path(plural), self.update), body)
            });
        }
        let latest = self.world.objects(group, plural);
        let latest = latest.filter(|r| is_controlled_by(r, uid(self.set)));
        let latest = latest.map(|r| int(&r, "/revision")).max().unwrap_or(0);
        let revision = json!({
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": self.update,
                "labels": self.set["spec"]["template"]["metadata"]["labels"],
                "ownerReferences": [controller_reference("apps/v1", "StatefulSet", self.set)],
            },
            "data": { "spec": { "template": self.set["spec"]["template"] } },
            "revision": latest + 1,
        });
        Some(Call::create(self.path(plural), revision))
    }

    /// Makes, replaces and deletes pods: upwards where they are missing, downwards where they are too many or outdated.
    fn move_pods(&self) -> Option<Call> {
        let wanted = self.wanted();
        for ordinal in wanted.clone() {
            let Some(pod) = self.pod(ordinal) else {
                return self.claim(ordinal).or_else(|| Some(self.create(ordinal)));
            };
            let has_ended = matches!(text(pod, "/status/phase"), "Failed" | "Succeeded");
            if has_ended && !is_deleting(pod) {
                return Some(self.delete(pod));
            }
            if self.is_ordered() && !(is_active(pod) && self.is_available(pod)) {
                return None;
            }
        }
        let surplus = self.pods.iter().copied();
        let mut surplus: Vec<&Value> = surplus
            .filter(|pod| self.ordinal(pod).is_some_and(|n| !wanted.contains(&n)))
            .collect();
        surplus.sort_by_key(|pod| std::cmp::Reverse(self.ordinal(pod)));
        for pod in surplus {
            if !is_deleting(pod) {
                return Some(self.delete(pod));
            }
            if self.is_ordered() {
                return None;
            }
        }
        self.roll(wanted)
    }

    /// Deletes the highest pod of another template, once all above it are ready.
    fn roll(&self, wanted: std::ops::Range<i64>) -> Option<Call> {
        if text(self.set, "/spec/updateStrategy/type") == "OnDelete" {
            return None;
        }
        let partition = int(self.set, "/spec/updateStrategy/rollingUpdate/partition");
        let first = wanted.start.max(partition);
        for ordinal in (first..wanted.end).rev() {
            let pod = self.pod(ordinal)?;
            if is_deleting(pod) {
                return None;
            }
            if revision(pod) != self.update {
                return Some(self.delete(pod));
            }
            if !self.is_available(pod) {
                return None;
            }
        }
        None
    }

    /// The ordinals that there should be.
    fn wanted(&self) -> std::ops::Range<i64> {
        let start = int(self.set, "/spec/ordinals/start");
        start..start.saturating_add(int(self.set, "/spec/replicas"))
    }

    fn is_ordered(&self) -> bool {
        text(self.set, "/spec/podManagementPolicy") != "Parallel"
    }

    fn is_available(&self, pod: &Value) -> bool {
        is_available(pod, int(self.set, "/spec/minReadySeconds"), self.world.now())
    }

    fn pod(&self, ordinal: i64) -> Option<&Value> {
        self.pods
            .iter()
            .copied()
            .find(|pod| self.ordinal(pod) == Some(ordinal))
    }

    fn ordinal(&self, pod: &Value) -> Option<i64> {
        let number = name(pod).strip_prefix(name(self.set))?.strip_prefix('-')?;
        number.parse().ok()
    }

    /// The next claim that a pod lacks.
    fn claim(&self, ordinal: i64) -> Option<Call> {
        let templates = list(self.set, "/spec/volumeClaimTemplates").iter();
        let space = namespace(self.set);
        let mut missing = templates.filter(|template| {
            let claim = self.claim_name(template, ordinal);
            !self.world.has("", "persistentvolumeclaims", space, &claim)
        });
        let template = missing.next()?;
        let mut labels = template["metadata"]["labels"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let selector = self.set.pointer("/spec/selector/matchLabels");
        labels.extend(selector.and_then(Value::as_object).cloned().unwrap_or_default());
        let mut metadata = Map::new();
        metadata.insert("name".into(), self.claim_name(template, ordinal).into());
        metadata.insert("labels".into(), labels.into());
        if let Some(annotations) = template.pointer("/metadata/annotations") {
            metadata.insert("annotations".into(), annotations.clone());
        }
        let claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"],
        });
        Some(Call::create(
            format!("/api/v1/namespaces/{space}/persistentvolumeclaims"),
            claim,
        ))
    }

    fn claim_name(&self, template: &Value, ordinal: i64) -> String {
        format!("{}-{}-{ordinal}", name(template), name(self.set))
    }

    fn create(&self, ordinal: i64) -> Call {
        let (revision, template) = self.template(ordinal);
        let reference = controller_reference("apps/v1", "StatefulSet", self.set);
        let mut pod = pod_from(&template, self.set, reference, &[]);
        let own = format!("{}-{ordinal}", name(self.set));
        if let Some(metadata) = pod["metadata"].as_object_mut() {
            // The name says which template the pod is of, and is not made up.
            metadata.insert("generateName".into(), format!("{}-", name(self.set)).into());
            metadata.insert("name".into(), json!(own));
        }
        pod["metadata"]["labels"][REVISION] = json!(revision);
        pod["metadata"]["labels"][POD_NAME] = json!(own);
        pod["metadata"]["labels"][POD_INDEX] = json!(ordinal.to_string());
        pod["spec"]["hostname"] = json!(own);
        if let Some(service) = self.set.pointer("/spec/serviceName") {
            pod["spec"]["subdomain"] = service.clone();
        }
        self.mount(&mut pod, ordinal);
        Call::create(format!("/api/v1/namespaces/{}/pods", namespace(self.set)), pod)
    }

    /// Puts the pod's claims in the place of volumes of their names.
    fn mount(&self, pod: &mut Value, ordinal: i64) {
        let templates = list(self.set, "/spec/volumeClaimTemplates");
        if templates.is_empty() {
            return;
        }
        let is_claimed = |volume: &Value| templates.iter().any(|t| name(t) == volume["name"]);
        let mut volumes: Vec<Value> = list(pod, "/spec/volumes")
            .iter()
            .filter(|volume| !is_claimed(volume))
            .cloned()
            .collect();
        volumes.extend(templates.iter().map(|template| {
            let claim = self.claim_name(template, ordinal);
            json!({ "name": name(template), "persistentVolumeClaim": { "claimName": claim } })
        }));
        pod["spec"]["volumes"] = volumes.into();
    }

    /// What a pod is made from: below the partition, and until a roll-out reaches it, what was there before.
    fn template(&self, ordinal: i64) -> (&str, Value) {
        let now = (&*self.update, self.set["spec"]["template"].clone());
        let is_rolling = text(self.set, "/spec/updateStrategy/type") == "RollingUpdate";
        let partition = int(self.set, "/spec/updateStrategy/rollingUpdate/partition");
        let replicas_before = int(self.set, "/status/currentReplicas");
        let start = int(self.set, "/spec/ordinals/start");
        let is_old = is_rolling && (ordinal < partition || ordinal < start + replicas_before);
        if !is_old || self.current == self.update {
            return now;
        }
        let noted = self
            .world
            .get("apps", "controllerrevisions", namespace(self.set), &self.current);
        match noted.and_then(|r| r.pointer("/data/spec/template").cloned()) {
            Some(template) => (&self.current, template),
            None => now,
        }
    }

    fn delete(&self, pod: &Value) -> Call {
        let options =
            json!({ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": uid(pod) } });
        Call::delete(
            format!("/api/v1/namespaces/{}/pods/{}", namespace(pod), name(pod)),
            options,
        )
    }

    fn report(&self) -> Option<Call> {
        let count = |test: &dyn Fn(&Value) -> bool| self.pods.iter().filter(|p| test(p)).count() as i64;
        let wanted = int(self.set, "/spec/replicas");
        let updated = count(&|p| !is_deleting(p) && revision(p) == self.update);
        let ready = count(&is_ready);
        let is_rolled_out = updated == wanted && ready == wanted && self.pods.len() as i64 == wanted;
        let is_rolling = text(self.set, "/spec/updateStrategy/type") == "RollingUpdate";
        let current = if is_rolled_out && is_rolling {
            &self.update
        } else {
            &self.current
        };
        let mut status = self.set["status"].as_object().cloned().unwrap_or_default();
        status.insert(
            "observedGeneration".into(),
            self.set["metadata"]["generation"].clone(),
        );
        status.insert("replicas".into(), json!(self.pods.len()));
        status.insert(
            "availableReplicas".into(),
            json!(count(&|p| self.is_available(p))),
        );
        status.insert("currentRevision".into(), json!(current));
        status.insert("updateRevision".into(), json!(self.update));
        if !status.contains_key("collisionCount") {
            status.insert("collisionCount".into(), json!(0));
        }
        put_counts(
            &mut status,
            [
                ("readyReplicas", ready),
                (
                    "currentReplicas",
                    count(&|p| !is_deleting(p) && revision(p) == current),
                ),
                ("updatedReplicas", updated),
            ],
        );
        let mut set = self.set.clone();
        set["apiVersion"] = json!("apps/v1");
        set["kind"] = json!("StatefulSet");
        set["status"] = Value::Object(status);
        let changed = set["status"] != self.set["status"];
        changed.then(|| {
            Call::replace(
                format!("{}/{}/status", self.path("statefulsets"), name(self.set)),
                set,
            )
        })
    }

    fn path(&self, plural: &str) -> String {
        format!("/apis/apps/v1/namespaces/{}/{plural}", namespace(self.set))
    }
}

/// The template that a pod was made from.
fn revision(pod: &Value) -> &str {
    pod["metadata"]["labels"][REVISION].as_str().unwrap_or_default()
}
