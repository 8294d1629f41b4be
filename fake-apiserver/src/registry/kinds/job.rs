//! Job: pods that run to their end, found by labels that the server makes.

use serde_json::{Value, json};

use super::{
    check::{Check, flag, part, print_selector},
    fields::{Fields, child, default, default_text, each, ensure, has, text},
    go_struct, job_validation,
    pod_spec::default_template,
    pod_warnings,
};
use crate::{
    registry::{
        Context, names,
        strategy::{DefaultPropagation, Selectable, Strategy, set_generation},
    },
    status::FieldError,
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
        // What is stored gets its defaults once more when it is read; what is refused is not.
        if names::label_value(&name).is_empty() {
            take_labels(object);
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let mut check = Check::default();
        job_validation::generated(&mut check, object);
        let spec = part(object, "spec");
        job_validation::spec(&mut check, spec, "spec");
        job_validation::selector(&mut check, spec);
        check.done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = Check::default();
        job_validation::generated(&mut check, object);
        let (spec, before) = (part(object, "spec"), part(old, "spec"));
        // As a Job, and once more as one that changes.
        for _ in 0..2 {
            job_validation::spec(&mut check, spec, "spec");
            job_validation::selector(&mut check, spec);
        }
        immutable(&mut check, spec, before);
        check.done()
    }

    fn validate_status(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        job_validation::status(object, old)
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "template"])
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("status.successful", |job| {
                job["status"]["succeeded"].as_i64().unwrap_or(0).to_string()
            })],
            names_kind: true,
        }
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
    for (key, value) in [("controller-uid", uid), ("job-name", name)] {
        labels.insert(format!("batch.kubernetes.io/{key}"), value.into());
        // Whoever sets the labels of old is told, not overruled.
        default(labels, key, value);
    }
    let selector = ensure(spec, "selector");
    ensure(selector, "matchLabels").insert("batch.kubernetes.io/controller-uid".into(), json!(uid));
}

/// Most of a Job is settled once it is there; what a suspended one may still change is where its pods run.
fn immutable(check: &mut Check, spec: &Fields, old: &Fields) {
    let why = "field is immutable";
    let indexed = text(spec, "completionMode") == "Indexed";
    let elastic = indexed
        && spec.get("completions") == spec.get("parallelism")
        && old.get("completions") == old.get("parallelism");
    let shown = |name: &str| spec.get(name).cloned().unwrap_or(Value::Null);
    if spec.get("completions") != old.get("completions") && !elastic {
        check.invalid("spec.completions", shown("completions"), why);
    }
    if spec.get("selector") != old.get("selector") {
        check.invalid_printed("spec.selector", print_selector(spec.get("selector")), why);
    }
    let template = |of: &Fields| {
        let mut template = part(of, "template").clone();
        if flag(old, "suspend") {
            loosen(&mut template);
        }
        template
    };
    if template(spec) != template(old) {
        check.invalid_printed("spec.template", go_struct::template(part(spec, "template")), why);
    }
    for name in [
        "completionMode",
        "podFailurePolicy",
        "backoffLimitPerIndex",
        "managedBy",
        "successPolicy",
    ] {
        if spec.get(name) != old.get(name) {
            check.invalid(format!("spec.{name}"), shown(name), why);
        }
    }
}

/// Takes out of a template what may change while the Job is suspended.
fn loosen(template: &mut Fields) {
    if let Some(metadata) = child(template, "metadata") {
        metadata.remove("labels");
        metadata.remove("annotations");
    }
    if let Some(spec) = child(template, "spec") {
        for field in ["nodeSelector", "tolerations", "schedulingGates", "affinity"] {
            spec.remove(field);
        }
        for container in each(spec, "containers") {
            container.remove("resources");
        }
    }
}
