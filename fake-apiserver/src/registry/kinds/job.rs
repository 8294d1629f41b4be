//! Job: pods that run to their end, found by labels that the server makes.

use serde_json::{Value, json};

use super::{
    fields::{Fields, child, default, default_text, each, ensure, has, text},
    pod_spec::default_template,
};
use crate::{
    registry::{
        Context,
        strategy::{DefaultPropagation, Strategy, set_generation},
    },
    wire::DeleteOptions,
};

/// The rules for Jobs.
#[derive(Debug)]
pub(super) struct Job;

impl Strategy for Job {
    fn default(&self, object: &mut Fields) {
        default_job_spec(ensure(object, "spec"), true);
        take_labels(object);
    }

    fn prepare_create(&self, _: &mut Context<'_>, object: &mut Fields) {
        object.remove("status");
        set_generation(object, 1);
        let metadata = ensure(object, "metadata");
        let (name, uid) = (
            text(metadata, "name").to_owned(),
            text(metadata, "uid").to_owned(),
        );
        let spec = ensure(object, "spec");
        if spec.get("manualSelector") != Some(&Value::Bool(true)) {
            select_by_uid(spec, &name, &uid);
        }
        // What is stored gets its defaults once more when it is read.
        take_labels(object);
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn default_propagation(&self) -> DefaultPropagation {
        DefaultPropagation::Orphan
    }

    fn delete_warnings(&self, options: &DeleteOptions) -> Vec<String> {
        if options.propagation.is_some() || options.orphan.is_some() {
            return Vec::new();
        }
        let text = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";
        vec![text.to_owned()]
    }
}

/// A Job without labels has those of its pods.
fn take_labels(object: &mut Fields) {
    let labels = object
        .get("spec")
        .and_then(|s| s.pointer("/template/metadata/labels"));
    let Some(labels) = labels
        .filter(|l| l.as_object().is_some_and(|m| !m.is_empty()))
        .cloned()
    else {
        return;
    };
    default(ensure(object, "metadata"), "labels", labels);
}

/// Fills in a Job's spec; inside a CronJob's template (`own` is false) the counts stay open.
pub(super) fn default_job_spec(spec: &mut Fields, own: bool) {
    if own {
        let (completions, parallelism) = (has(spec, "completions"), has(spec, "parallelism"));
        if !completions && !parallelism {
            default(spec, "completions", 1);
        }
        default(spec, "parallelism", 1);
        let limit = if has(spec, "backoffLimitPerIndex") {
            i64::from(i32::MAX)
        } else {
            6
        };
        default(spec, "backoffLimit", limit);
        default_text(spec, "completionMode", "NonIndexed");
        default(spec, "suspend", false);
        default(spec, "manualSelector", false);
        let replacement = if has(spec, "podFailurePolicy") {
            "Failed"
        } else {
            "TerminatingOrFailed"
        };
        default_text(spec, "podReplacementPolicy", replacement);
    }
    if let Some(policy) = child(spec, "podFailurePolicy") {
        for rule in each(policy, "rules") {
            each(rule, "onPodConditions").for_each(|pattern| default_text(pattern, "status", "True"));
        }
    }
    default_template(ensure(spec, "template"));
}

/// Gives the pods labels that lead back to this Job alone, and selects by them.
fn select_by_uid(spec: &mut Fields, name: &str, uid: &str) {
    let template = ensure(spec, "template");
    let labels = ensure(ensure(template, "metadata"), "labels");
    for prefix in ["", "batch.kubernetes.io/"] {
        labels.insert(format!("{prefix}controller-uid"), uid.into());
        labels.insert(format!("{prefix}job-name"), name.into());
    }
    let selector = ensure(spec, "selector");
    ensure(selector, "matchLabels").insert("batch.kubernetes.io/controller-uid".into(), json!(uid));
}
