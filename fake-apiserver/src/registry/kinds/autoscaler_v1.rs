//! HorizontalPodAutoscalers of the first version, which knows one metric: all else is kept in annotations.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/>

use std::sync::Arc;

use serde_json::{Value, json};

use super::check::{Check, items, object, part};
use super::fields::{Fields, default, ensure, has, int, text};
use super::policy_validation;
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;
use crate::storage::Stored;

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";
const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
/// The one metric of this version.
const TARGET: &str = "targetCPUUtilizationPercentage";
const CURRENT: &str = "currentCPUUtilizationPercentage";

/// A field here, and where the second version has it.
type Pair = (&'static str, &'static [&'static str]);

/// What is told of each type of metric, in the order in which it is printed: its field, what is wanted, what is.
const SOURCES: [(&str, &str, &[Pair], &[Pair]); 5] = [
    (
        "Object",
        "object",
        &[
            ("target", &["describedObject"]),
            ("metricName", &["metric", "name"]),
            ("targetValue", &["target", "value"]),
            ("selector", &["metric", "selector"]),
            ("averageValue", &["target", "averageValue"]),
        ],
        &[
            ("target", &["describedObject"]),
            ("metricName", &["metric", "name"]),
            ("currentValue", &["current", "value"]),
            ("selector", &["metric", "selector"]),
            ("averageValue", &["current", "averageValue"]),
        ],
    ),
    (
        "Pods",
        "pods",
        &[
            ("metricName", &["metric", "name"]),
            ("targetAverageValue", &["target", "averageValue"]),
            ("selector", &["metric", "selector"]),
        ],
        &[
            ("metricName", &["metric", "name"]),
            ("currentAverageValue", &["current", "averageValue"]),
            ("selector", &["metric", "selector"]),
        ],
    ),
    (
        "Resource",
        "resource",
        &[
            ("name", &["name"]),
            ("targetAverageUtilization", &["target", "averageUtilization"]),
            ("targetAverageValue", &["target", "averageValue"]),
        ],
        &[
            ("name", &["name"]),
            ("currentAverageUtilization", &["current", "averageUtilization"]),
            ("currentAverageValue", &["current", "averageValue"]),
        ],
    ),
    (
        "ContainerResource",
        "containerResource",
        &[
            ("name", &["name"]),
            ("targetAverageUtilization", &["target", "averageUtilization"]),
            ("targetAverageValue", &["target", "averageValue"]),
            ("container", &["container"]),
        ],
        &[
            ("name", &["name"]),
            ("currentAverageUtilization", &["current", "averageUtilization"]),
            ("currentAverageValue", &["current", "averageValue"]),
            ("container", &["container"]),
        ],
    ),
    (
        "External",
        "external",
        &[
            ("metricName", &["metric", "name"]),
            ("metricSelector", &["metric", "selector"]),
            ("targetValue", &["target", "value"]),
            ("targetAverageValue", &["target", "averageValue"]),
        ],
        &[
            ("metricName", &["metric", "name"]),
            ("metricSelector", &["metric", "selector"]),
            ("currentValue", &["current", "value"]),
            ("currentAverageValue", &["current", "averageValue"]),
        ],
    ),
];

/// The fields of rules of behaviour, as their annotation has them and as the second version has them.
const DIRECTIONS: [(&str, &str); 2] = [("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown")];
const RULES: [(&str, &str); 4] = [
    ("StabilizationWindowSeconds", "stabilizationWindowSeconds"),
    ("SelectPolicy", "selectPolicy"),
    ("Policies", "policies"),
    ("Tolerance", "tolerance"),
];
const POLICY: [(&str, &str); 3] = [
    ("Type", "type"),
    ("Value", "value"),
    ("PeriodSeconds", "periodSeconds"),
];

/// The rules for HorizontalPodAutoscalers of `autoscaling/v1`.
#[derive(Debug)]
pub(super) struct HorizontalPodAutoscaler;

impl Strategy for HorizontalPodAutoscaler {
    fn default(&self, hpa: &mut Fields) {
        let annotated = annotation(hpa, METRICS).is_some_and(|metrics| !metrics.is_empty());
        let spec = ensure(hpa, "spec");
        default(spec, "minReplicas", 1);
        if !annotated {
            default(spec, TARGET, 80);
        }
        // The server works on the second version, in which annotations that say nothing get lost.
        *hpa = to_first(&to_second(hpa));
    }

    fn has_versions(&self) -> bool {
        true
    }

    fn validate_create(&self, _: &mut Context<'_>, hpa: &Fields) -> Vec<FieldError> {
        policy_validation::autoscaler(&to_second(hpa)).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, hpa: &Fields, _: &Fields) -> Vec<FieldError> {
        policy_validation::autoscaler(&to_second(hpa)).done()
    }

    fn validate_status(&self, _: &mut Context<'_>, hpa: &Fields, _: &Fields) -> Vec<FieldError> {
        let mut check = Check::default();
        for name in ["currentReplicas", "desiredReplicas"] {
            check.not_negative(part(hpa, "status"), "status", name);
        }
        check.done()
    }

    fn view(&self, stored: &Arc<Stored>) -> Option<Arc<Stored>> {
        let view = to_first(stored.value().as_object()?);
        let view = Stored::owned(
            Arc::new(Value::Object(view)),
            stored.entries().clone(),
            stored.revision(),
        );
        view.keep_source(stored.clone());
        Some(Arc::new(view))
    }

    fn to_storage(&self, hpa: Fields) -> Fields {
        to_second(&hpa)
    }
}

/// The list in an annotation, if it holds one.
fn annotation(hpa: &Fields, name: &str) -> Option<Vec<Value>> {
    let annotations = part(part(hpa, "metadata"), "annotations");
    match serde_json::from_str(text(annotations, name)) {
        Ok(Value::Array(all)) => Some(all),
        _ => None,
    }
}

/// The second version of an autoscaler of the first.
fn to_second(hpa: &Fields) -> Fields {
    let mut out = hpa.clone();
    let behavior: Option<Value> =
        serde_json::from_str(text(part(part(hpa, "metadata"), "annotations"), BEHAVIOR)).ok();
    let mut metrics: Vec<Value> = annotation(hpa, METRICS).unwrap_or_default();
    metrics = metrics
        .iter()
        .map(|metric| metric_to_second(metric, "target"))
        .collect();
    let current = annotation(hpa, CURRENT_METRICS).unwrap_or_default();
    let current: Vec<Value> = current
        .iter()
        .map(|metric| metric_to_second(metric, "current"))
        .collect();
    let conditions = annotation(hpa, CONDITIONS);
    if let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut) {
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            for name in [METRICS, BEHAVIOR, CURRENT_METRICS, CONDITIONS] {
                annotations.remove(name);
            }
        }
        if part(meta, "annotations").is_empty() {
            meta.remove("annotations");
        }
    }
    let spec = ensure(&mut out, "spec");
    if let Some(percent) = spec.remove(TARGET).filter(|percent| !percent.is_null()) {
        metrics.push(json!({"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent},
        }}));
    }
    if !metrics.is_empty() {
        spec.insert("metrics".into(), metrics.into());
    }
    if let Some(behavior) = behavior.as_ref().and_then(Value::as_object) {
        spec.insert("behavior".into(), behavior_to_second(behavior));
    }
    if let Some(status) = out.get_mut("status").and_then(Value::as_object_mut) {
        let percent = status.remove(CURRENT);
        let known = !current.is_empty();
        status.insert(
            "currentMetrics".into(),
            if known { current.into() } else { Value::Null },
        );
        if let Some(percent) = percent.filter(|_| !known) {
            status.insert(
                "currentMetrics".into(),
                json!([{"type": "Resource", "resource": {
                    "name": "cpu", "current": {"averageUtilization": percent},
                }}]),
            );
        }
        if let Some(conditions) = conditions {
            status.insert("conditions".into(), conditions.into());
        }
        if int(status, "currentReplicas") == Some(0) {
            status.remove("currentReplicas");
        }
    }
    out
}

/// The first version of an autoscaler of the second.
fn to_first(hpa: &Fields) -> Fields {
    let mut out = hpa.clone();
    let spec = part(hpa, "spec");
    let is_cpu = |metric: &Fields, what: &str| {
        let resource = part(metric, "resource");
        text(resource, "name") == "cpu" && has(part(resource, what), "averageUtilization")
    };
    let percent =
        |metric: &Fields, what: &str| part(part(metric, "resource"), what)["averageUtilization"].clone();
    let mut notes = Vec::new();
    let wanted = items(spec, "metrics").find(|metric| is_cpu(metric, "target"));
    let others: Vec<&Fields> = items(spec, "metrics")
        .filter(|metric| !is_cpu(metric, "target"))
        .collect();
    if !others.is_empty() {
        notes.push((METRICS, list(&others, |metric| metric_to_first(metric, false))));
    }
    if let Some(behavior) = object(spec, "behavior") {
        notes.push((BEHAVIOR, behavior_to_first(behavior)));
    }
    let status = part(hpa, "status");
    let current: Vec<&Fields> = items(status, "currentMetrics").collect();
    if !current.is_empty() {
        notes.push((
            CURRENT_METRICS,
            list(&current, |metric| metric_to_first(metric, true)),
        ));
    }
    let conditions: Vec<&Fields> = items(status, "conditions").collect();
    if !conditions.is_empty() {
        let fields = ["type", "status", "lastTransitionTime", "reason", "message"];
        notes.push((
            CONDITIONS,
            list(&conditions, |condition| {
                printed(
                    fields
                        .iter()
                        .filter_map(|name| Some((*name, condition.get(*name)?.to_string()))),
                )
            }),
        ));
    }
    if !notes.is_empty() {
        let annotations = ensure(ensure(&mut out, "metadata"), "annotations");
        annotations.extend(
            notes
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.into())),
        );
    }
    let spec = ensure(&mut out, "spec");
    spec.remove("metrics");
    spec.remove("behavior");
    if let Some(metric) = wanted {
        spec.insert(TARGET.into(), percent(metric, "target"));
    }
    if let Some(there) = out.get_mut("status").and_then(Value::as_object_mut) {
        there.remove("currentMetrics");
        there.remove("conditions");
        for field in ["currentReplicas", "desiredReplicas"] {
            default(there, field, 0);
        }
        if let Some(metric) = items(status, "currentMetrics").find(|metric| is_cpu(metric, "current")) {
            there.insert(CURRENT.into(), percent(metric, "current"));
        }
    }
    out
}

/// A metric of an annotation as the second version has it; `what` is `target` or `current`.
fn metric_to_second(metric: &Value, what: &str) -> Value {
    let kind = metric["type"].as_str().unwrap_or("");
    let Some((_, field, wanted, is)) = SOURCES.iter().find(|(name, ..)| *name == kind) else {
        return metric.clone();
    };
    let mut out = json!({"type": kind, *field: {what: {}}});
    for (first, second) in if what == "target" { *wanted } else { *is } {
        if let Some(value) = metric[*field].get(*first) {
            let at = second.iter().fold(&mut out[*field], |at, step| &mut at[*step]);
            *at = value.clone();
        }
    }
    if what == "target" {
        let target = &out[*field]["target"];
        let has = |field: &str| !target[field].is_null();
        let kind = match (has("averageUtilization"), has("averageValue")) {
            (true, _) => "Utilization",
            (_, true) => "AverageValue",
            _ => "Value",
        };
        out[*field]["target"]["type"] = kind.into();
    }
    out
}

/// A metric of the second version as annotations print it.
fn metric_to_first(metric: &Fields, is_current: bool) -> String {
    let kind = text(metric, "type");
    let Some((_, field, wanted, is)) = SOURCES.iter().find(|(name, ..)| *name == kind) else {
        return Value::Object(metric.clone()).to_string();
    };
    let source = metric.get(*field).unwrap_or(&Value::Null);
    let pairs = if is_current { *is } else { *wanted };
    let inner = printed(pairs.iter().filter_map(|(first, second)| {
        let value = second.iter().try_fold(source, |at, step| at.get(*step))?;
        let text = match value {
            // Another object is named by its kind first.
            Value::Object(reference) if *first == "target" => {
                let names = ["kind", "name", "apiVersion"];
                printed(
                    names
                        .iter()
                        .filter_map(|name| Some((*name, reference.get(*name)?.to_string()))),
                )
            }
            value => value.to_string(),
        };
        Some((*first, text))
    }));
    printed([("type", Value::from(kind).to_string()), (field, inner)])
}

fn behavior_to_second(behavior: &Fields) -> Value {
    let mut out = Fields::new();
    for (first, second) in DIRECTIONS {
        let Some(rules) = object(behavior, first) else {
            continue;
        };
        let mut there = Fields::new();
        for (first, second) in RULES {
            let value = match rules.get(first) {
                None | Some(Value::Null) => continue,
                Some(Value::Array(policies)) => {
                    let renamed = policies.iter().filter_map(Value::as_object).map(|policy| {
                        let fields = POLICY.iter();
                        let fields =
                            fields.filter_map(|(f, s)| Some(((*s).to_owned(), policy.get(*f)?.clone())));
                        Value::Object(fields.collect())
                    });
                    renamed.collect()
                }
                Some(value) => value.clone(),
            };
            there.insert(second.into(), value);
        }
        out.insert(second.into(), there.into());
    }
    out.into()
}

fn behavior_to_first(behavior: &Fields) -> String {
    let value = |of: &Fields, name: &str| of.get(name).cloned().unwrap_or_default().to_string();
    printed(DIRECTIONS.iter().map(|(first, second)| {
        let Some(rules) = object(behavior, second) else {
            return (*first, "null".to_owned());
        };
        let rules = printed(RULES.iter().map(|(first, second)| {
            let policies: Vec<&Fields> = items(rules, second).collect();
            let text = if policies.is_empty() {
                value(rules, second)
            } else {
                list(&policies, |policy| {
                    printed(POLICY.iter().map(|(f, s)| (*f, value(policy, s))))
                })
            };
            (*first, text)
        }));
        (*first, rules)
    }))
}

fn list(all: &[&Fields], print: impl Fn(&Fields) -> String) -> String {
    let each: Vec<String> = all.iter().map(|one| print(one)).collect();
    format!("[{}]", each.join(","))
}

/// An object whose fields are printed already, in their order.
fn printed<'n>(fields: impl IntoIterator<Item = (&'n str, String)>) -> String {
    let each = fields
        .into_iter()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", each.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &Value) -> &Fields {
        value.as_object().expect("an object")
    }

    #[test]
    fn what_the_first_version_does_not_know_goes_there_and_back() {
        let second = json!({"metadata": {"name": "a"}, "spec": {
            "maxReplicas": 3,
            "metrics": [
                {"type": "Object", "object": {
                    "describedObject": {"kind": "K", "name": "n", "apiVersion": "v1"},
                    "metric": {"name": "m"}, "target": {"type": "Value", "value": "5"},
                }},
                {"type": "ContainerResource", "containerResource": {
                    "name": "cpu", "container": "c", "target": {"type": "Utilization", "averageUtilization": 5},
                }},
                {"type": "Resource", "resource": {
                    "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60},
                }},
            ],
            "behavior": {"scaleUp": {"selectPolicy": "Min", "policies": [
                {"type": "Pods", "value": 2, "periodSeconds": 15},
            ]}},
        }});
        let first = to_first(fields(&second));
        assert_eq!(first["spec"], json!({"maxReplicas": 3, TARGET: 60}));
        assert_eq!(
            first["metadata"]["annotations"][METRICS],
            "[{\"type\":\"Object\",\"object\":{\"target\":{\"kind\":\"K\",\"name\":\"n\",\"apiVersion\":\"v1\"},\
             \"metricName\":\"m\",\"targetValue\":\"5\"}},{\"type\":\"ContainerResource\",\"containerResource\":\
             {\"name\":\"cpu\",\"targetAverageUtilization\":5,\"container\":\"c\"}}]"
        );
        assert_eq!(Value::Object(to_second(&first)), second);
    }

    #[test]
    fn an_annotation_that_says_nothing_is_dropped() {
        let first = json!({"metadata": {"annotations": {METRICS: "not json"}}, "spec": {TARGET: 5}});
        let second = to_second(fields(&first));
        assert_eq!(second["metadata"], json!({}));
        assert_eq!(second["spec"]["metrics"].as_array().map(Vec::len), Some(1));
    }
}
