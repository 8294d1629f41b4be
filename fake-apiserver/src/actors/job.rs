//! Turns Jobs into pods and counts how they end.
//!
//! A pod counts once: its end is first written down by UID, then its finalizer is taken off, then it is counted.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers>

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{
        controller_reference, has_finalizer, int, is_active, is_deleting, is_ready, list, name, namespace,
        pod_from, put_counts, text, uid, without_finalizer,
    },
};

/// Holds a pod until its end is counted.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let jobs = world.objects("batch", "jobs").filter(|job| !is_deleting(job));
    let runs = jobs.filter_map(|job| {
        let own = world.controlled("", "pods", &job);
        Run {
            world,
            job: &job,
            pods: own.iter().map(|pod| &**pod.value()).collect(),
        }
        .step()
    });
    let abandoned = world
        .stored("", "pods")
        .filter(|pod| is_abandoned(world, pod.value()))
        .map(|pod| release(pod.value()));
    runs.chain(abandoned)
}

/// A Job and its pods.
struct Run<'a> {
    world: &'a World<'a>,
    job: &'a Value,
    pods: Vec<&'a Value>,
}

// === impl Run ===

impl Run<'_> {
    fn step(&self) -> Option<Call> {
        // The end of a pod is written down before anything else becomes of it.
        let noted = self.noted();
        if let Some(pod) = self
            .pods
            .iter()
            .find(|p| noted.contains(&uid(p)) && has_finalizer(p, TRACKING))
        {
            return Some(release(pod));
        }
        if self.is_finished() {
            let doomed = self.pods.iter().find(|p| is_active(p));
            return doomed.map(|pod| self.delete(pod)).or_else(|| self.report());
        }
        let active = self.pods.iter().filter(|p| is_active(p)).count() as i64;
        let wanted = self.wanted();
        if active < wanted {
            let reference = controller_reference("batch/v1", "Job", self.job);
            let pod = pod_from(&self.job["spec"]["template"], self.job, reference, &[TRACKING]);
            return Some(Call::create(
                format!("/api/v1/namespaces/{}/pods", namespace(self.job)),
                pod,
            ));
        }
        if active > wanted {
            return self
                .pods
                .iter()
                .rev()
                .find(|p| is_active(p))
                .map(|pod| self.delete(pod));
        }
        self.report()
    }

    /// How many pods should run now.
    fn wanted(&self) -> i64 {
        if self.job.pointer("/spec/suspend") == Some(&json!(true)) {
            return 0;
        }
        let parallelism = int(self.job, "/spec/parallelism");
        match self.job.pointer("/spec/completions").and_then(Value::as_i64) {
            Some(completions) => parallelism.min(completions - self.succeeded()),
            // Without a count, the first success ends the work: nothing new starts after it.
            None if self.succeeded() > 0 => self.pods.iter().filter(|p| is_active(p)).count() as i64,
            None => parallelism,
        }
    }

    /// The pods whose end is written down and not yet counted.
    fn noted(&self) -> Vec<&str> {
        let part = |field: &str| list(self.job, &format!("/status/uncountedTerminatedPods/{field}"));
        part("succeeded")
            .iter()
            .chain(part("failed"))
            .filter_map(Value::as_str)
            .collect()
    }

    /// Successes, counted and not: those that hold their finalizer and those that are written down.
    fn succeeded(&self) -> i64 {
        self.ended("succeeded", "Succeeded")
    }

    fn ended(&self, field: &str, phase: &str) -> i64 {
        let noted = list(self.job, &format!("/status/uncountedTerminatedPods/{field}"));
        let fresh = self.pods.iter().filter(|p| {
            text(p, "/status/phase") == phase
                && has_finalizer(p, TRACKING)
                && !noted.iter().any(|u| u == uid(p))
        });
        int(self.job, &format!("/status/{field}")) + noted.len() as i64 + fresh.count() as i64
    }

    fn is_finished(&self) -> bool {
        let ends = |c: &Value| matches!(text(c, "/type"), "Complete" | "Failed") && c["status"] == "True";
        list(self.job, "/status/conditions").iter().any(ends)
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
        let mut status = self.job["status"].as_object().cloned().unwrap_or_default();
        let count = |test: &dyn Fn(&Value) -> bool| self.pods.iter().filter(|p| test(p)).count() as i64;
        let active = count(&is_active);
        put_counts(&mut status, [("active", active)]);
        status.insert("ready".into(), json!(count(&|p| is_active(p) && is_ready(p))));
        status.insert(
            "terminating".into(),
            json!(count(&|p| is_deleting(p) && !is_ended(p))),
        );
        if !status.contains_key("startTime") && self.job.pointer("/spec/suspend") != Some(&json!(true)) {
            status.insert("startTime".into(), json!(self.world.now_text()));
        }
        self.count_ends(&mut status);

        let pending = status["uncountedTerminatedPods"]
            .as_object()
            .is_some_and(|m| !m.is_empty());
        if !pending && active == 0 && !self.is_finished() {
            self.finish(&mut status);
        }
        let mut object = self.job.clone();
        object["apiVersion"] = json!("batch/v1");
        object["kind"] = json!("Job");
        object["status"] = Value::Object(status);
        let changed = object["status"] != self.job["status"];
        changed.then(|| {
            let path = format!(
                "/apis/batch/v1/namespaces/{}/jobs/{}/status",
                namespace(self.job),
                name(self.job)
            );
            Call::replace(path, object)
        })
    }

    /// Writes new ends down, and counts those whose pods have been let go.
    fn count_ends(&self, status: &mut serde_json::Map<String, Value>) {
        let mut uncounted = serde_json::Map::new();
        for (field, phase) in [("succeeded", "Succeeded"), ("failed", "Failed")] {
            let noted = list(self.job, &format!("/status/uncountedTerminatedPods/{field}"));
            let held = |u: &Value| {
                self.pods
                    .iter()
                    .any(|p| uid(p) == u && has_finalizer(p, TRACKING))
            };
            let (kept, done): (Vec<&Value>, Vec<&Value>) = noted.iter().partition(|u| held(u));
            let fresh = self.pods.iter().filter(|p| {
                // A pod that is deleted before its end has failed.
                let ended = text(p, "/status/phase") == phase
                    || (field == "failed" && is_deleting(p) && !is_ended(p));
                ended && has_finalizer(p, TRACKING) && !noted.iter().any(|u| u == uid(p))
            });
            let now: Vec<Value> = kept
                .into_iter()
                .cloned()
                .chain(fresh.map(|p| json!(uid(p))))
                .collect();
            if !now.is_empty() {
                uncounted.insert(field.into(), now.into());
            }
            let total = int(self.job, &format!("/status/{field}")) + done.len() as i64;
            put_counts(status, [(field, total)]);
        }
        status.insert("uncountedTerminatedPods".into(), uncounted.into());
    }

    fn finish(&self, status: &mut serde_json::Map<String, Value>) {
        let number = |field: &str| status.get(field).and_then(Value::as_i64).unwrap_or(0);
        let completions = self
            .job
            .pointer("/spec/completions")
            .and_then(Value::as_i64)
            .unwrap_or(1);
        let now = self.world.now_text();
        let condition = |kind: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": "True", "reason": reason, "message": message,
                "lastProbeTime": now, "lastTransitionTime": now,
            })
        };
        let added = if number("failed") > int(self.job, "/spec/backoffLimit") {
            let message = "Job has reached the specified backoff limit";
            ["FailureTarget", "Failed"].map(|kind| condition(kind, "BackoffLimitExceeded", message))
        } else if number("succeeded") >= completions {
            let message = "Reached expected number of succeeded pods";
            status.insert("completionTime".into(), json!(now));
            ["SuccessCriteriaMet", "Complete"].map(|kind| condition(kind, "CompletionsReached", message))
        } else {
            return;
        };
        let mut conditions = list(self.job, "/status/conditions").to_vec();
        conditions.extend(added);
        status.insert("conditions".into(), conditions.into());
    }
}

fn is_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// Whether a pod is held for a Job that is no more.
fn is_abandoned(world: &World<'_>, pod: &Value) -> bool {
    if !has_finalizer(pod, TRACKING) {
        return false;
    }
    let owner = list(pod, "/metadata/ownerReferences")
        .iter()
        .find(|o| o["controller"] == true && o["kind"] == "Job");
    owner.is_none_or(|o| {
        let job = world.get("batch", "jobs", namespace(pod), text(o, "/name"));
        job.is_none_or(|job| uid(&job) != text(o, "/uid") || is_deleting(&job))
    })
}

fn release(pod: &Value) -> Call {
    let rest = without_finalizer(pod, TRACKING);
    let path = format!("/api/v1/namespaces/{}/pods/{}", namespace(pod), name(pod));
    Call::merge(
        path,
        json!({ "metadata": { "uid": uid(pod), "finalizers": rest } }),
    )
}
