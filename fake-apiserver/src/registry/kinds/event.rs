//! Event, under either of its groups: one object with two spellings, stored in the older one.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::check::Check;
use super::fields::{Fields, int, text};
use crate::registry::strategy::{Selectable, Strategy};
use crate::registry::{Context, names};
use crate::status::FieldError;
use crate::storage::Stored;

/// The rules for Events of the core group.
#[derive(Debug)]
pub(super) struct Event;

/// The rules for Events of `events.k8s.io`.
#[derive(Debug)]
pub(super) struct NewEvent;

/// The fields that are spelt differently: in the core group, and in `events.k8s.io`.
const SPELLINGS: [(&str, &str); 7] = [
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("involvedObject", "regarding"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
];

/// The longest action, reason and instance, and the longest message.
const WORD_MAX: usize = 128;
const MESSAGE_MAX: usize = 1024;

impl Strategy for Event {
    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn validate_create(&self, cx: &mut Context<'_>, event: &Fields) -> Vec<FieldError> {
        validate(&cx.namespace, event, "reportingComponent")
    }

    fn validate_update(&self, cx: &mut Context<'_>, event: &Fields, _: &Fields) -> Vec<FieldError> {
        validate(&cx.namespace, event, "reportingComponent")
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("involvedObject.kind", |e| at(e, "/involvedObject/kind")),
                ("involvedObject.namespace", |e| at(e, "/involvedObject/namespace")),
                ("involvedObject.name", |e| at(e, "/involvedObject/name")),
                ("involvedObject.uid", |e| at(e, "/involvedObject/uid")),
                ("involvedObject.apiVersion", |e| {
                    at(e, "/involvedObject/apiVersion")
                }),
                ("involvedObject.resourceVersion", |e| {
                    at(e, "/involvedObject/resourceVersion")
                }),
                ("involvedObject.fieldPath", |e| at(e, "/involvedObject/fieldPath")),
                ("reason", |e| at(e, "/reason")),
                ("reportingComponent", |e| at(e, "/reportingComponent")),
                ("source", |e| match at(e, "/source/component") {
                    source if source.is_empty() => at(e, "/reportingComponent"),
                    source => source,
                }),
                ("type", |e| at(e, "/type")),
            ],
            ..Selectable::default()
        }
    }
}

impl Strategy for NewEvent {
    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn view(&self, stored: &Arc<Stored>) -> Option<Arc<Stored>> {
        let view = to_new(stored.value().as_object()?);
        Some(Arc::new(Stored::owned(
            Arc::new(Value::Object(view)),
            stored.entries().clone(),
            stored.revision(),
        )))
    }

    fn to_storage(&self, event: Fields) -> Fields {
        to_old(&event)
    }

    fn validate_create(&self, cx: &mut Context<'_>, event: &Fields) -> Vec<FieldError> {
        let event = &to_old(event);
        let mut check = Check::default();
        check.extend(validate(&cx.namespace, event, "reportingController"));
        check_series(&mut check, event);
        if is_absent(event, "eventTime") {
            check.required("eventTime", "");
        }
        let kind = text(event, "type");
        if !matches!(kind, "Normal" | "Warning") {
            check.invalid("type", "", format!("has invalid value: {kind}"));
        }
        for field in ["firstTimestamp", "lastTimestamp", "count", "source"] {
            if !is_absent(event, field) {
                check.invalid(field, "", "needs to be unset");
            }
        }
        check.done()
    }

    fn validate_update(&self, cx: &mut Context<'_>, event: &Fields, old: &Fields) -> Vec<FieldError> {
        let (event, old) = (&to_old(event), &to_old(old));
        let mut check = Check::default();
        check.extend(validate(&cx.namespace, event, "reportingController"));
        if event.get("series") != old.get("series") {
            check_series(&mut check, event);
        }
        for field in [
            "involvedObject",
            "reason",
            "message",
            "source",
            "firstTimestamp",
            "lastTimestamp",
            "count",
            "type",
            "eventTime",
            "action",
            "related",
            "reportingComponent",
            "reportingInstance",
        ] {
            if event.get(field) != old.get(field) && !(is_absent(event, field) && is_absent(old, field)) {
                let name = if field == "reportingComponent" {
                    "reportingController"
                } else {
                    field
                };
                let value = event.get(field).cloned().unwrap_or_default();
                check.invalid(name, value, "field is immutable");
            }
        }
        check.done()
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("regarding.kind", |e| at(e, "/regarding/kind")),
                ("regarding.namespace", |e| at(e, "/regarding/namespace")),
                ("regarding.name", |e| at(e, "/regarding/name")),
                ("regarding.uid", |e| at(e, "/regarding/uid")),
                ("regarding.apiVersion", |e| at(e, "/regarding/apiVersion")),
                ("regarding.resourceVersion", |e| {
                    at(e, "/regarding/resourceVersion")
                }),
                ("regarding.fieldPath", |e| at(e, "/regarding/fieldPath")),
                ("reason", |e| at(e, "/reason")),
                ("reportingController", |e| at(e, "/reportingController")),
                ("type", |e| at(e, "/type")),
            ],
            ..Selectable::default()
        }
    }
}

/// What is wrong with an event in the older spelling, whichever group it came by.
fn validate(namespace: &str, event: &Fields, reporter: &str) -> Vec<FieldError> {
    let mut check = Check::default();
    let object = event
        .get("involvedObject")
        .map(|o| at(o, "/namespace"))
        .unwrap_or_default();
    let mismatch = "does not match event.namespace";
    if is_absent(event, "eventTime") {
        let agrees = if object.is_empty() {
            namespace == "default"
        } else {
            object == namespace
        };
        if !agrees {
            check.invalid("involvedObject.namespace", object, mismatch);
        }
        return check.done();
    }
    if object.is_empty() && !matches!(namespace, "default" | "kube-system") {
        check.invalid("involvedObject.namespace", "", mismatch);
    }
    let controller = text(event, "reportingComponent");
    if controller.is_empty() {
        check.required(reporter, "");
    }
    check.each(reporter, controller, names::qualified_name(controller));
    for field in ["reportingInstance", "action", "reason"] {
        let value = text(event, field);
        if value.is_empty() {
            check.required(field, "");
        }
        too_long(&mut check, field, value, WORD_MAX);
    }
    too_long(&mut check, "message", text(event, "message"), MESSAGE_MAX);
    check.done()
}

fn too_long(check: &mut Check, field: &str, value: &str, max: usize) {
    if value.len() > max {
        check.invalid(field, "", format!("can have at most {max} characters"));
    }
}

fn check_series(check: &mut Check, event: &Fields) {
    let Some(Value::Object(series)) = event.get("series") else {
        return;
    };
    if int(series, "count").unwrap_or(0) < 2 {
        check.invalid("series.count", "", "should be at least 2");
    }
    if is_absent(series, "lastObservedTime") {
        check.required("series.lastObservedTime", "");
    }
}

/// Whether a field has its zero value.
fn is_absent(fields: &Fields, name: &str) -> bool {
    match fields.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(_) => false,
    }
}

/// The event in the newer spelling.
fn to_new(event: &Fields) -> Fields {
    let mut out = respelt(event, |(old, new)| (old, new));
    for field in [
        "note",
        "reportingController",
        "reportingInstance",
        "deprecatedCount",
    ] {
        if is_absent(&out, field) {
            out.remove(field);
        }
    }
    fill(
        &mut out,
        ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "eventTime"],
        &Value::Null,
    );
    fill(&mut out, ["deprecatedSource", "regarding"], &json!({}));
    out
}

/// The event in the older spelling.
fn to_old(event: &Fields) -> Fields {
    let mut out = respelt(event, |(old, new)| (new, old));
    for field in ["message", "count"] {
        if is_absent(&out, field) {
            out.remove(field);
        }
    }
    fill(
        &mut out,
        ["firstTimestamp", "lastTimestamp", "eventTime"],
        &Value::Null,
    );
    fill(&mut out, ["source", "involvedObject"], &json!({}));
    fill(&mut out, ["reportingComponent", "reportingInstance"], &json!(""));
    out
}

fn respelt(
    event: &Fields,
    direction: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Fields {
    let mut out = Map::new();
    for (name, value) in event {
        let spelling = SPELLINGS
            .iter()
            .map(|pair| direction(*pair))
            .find(|(from, _)| from == name);
        out.insert(
            spelling.map_or_else(|| name.clone(), |(_, to)| to.to_owned()),
            value.clone(),
        );
    }
    out
}

fn fill<const N: usize>(event: &mut Fields, fields: [&str; N], value: &Value) {
    for field in fields {
        event.entry(field).or_insert_with(|| value.clone());
    }
}

fn at(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

#[test]
fn an_event_is_the_same_after_both_ways() {
    let old = json!({
        "count": 2, "eventTime": null, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": null,
        "involvedObject": {"name": "p"}, "message": "m", "metadata": {"name": "e"}, "reason": "R",
        "reportingComponent": "", "reportingInstance": "", "source": {"component": "c"}, "type": "Normal",
    });
    let old = old.as_object().unwrap();
    let new = to_new(old);
    assert_eq!(new["note"], "m");
    assert_eq!(new["regarding"], json!({"name": "p"}));
    assert!(!new.contains_key("reportingController"));
    assert_eq!(&to_old(&new), old);
}
