//! Event, under either of its groups.

use serde_json::Value;

use crate::registry::strategy::{Selectable, Strategy};

/// The rules for Events.
#[derive(Debug)]
pub(super) struct Event;

impl Strategy for Event {
    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[
                ("involvedObject.kind", |e| object(e, "kind")),
                ("involvedObject.namespace", |e| object(e, "namespace")),
                ("involvedObject.name", |e| object(e, "name")),
                ("involvedObject.uid", |e| object(e, "uid")),
                ("involvedObject.apiVersion", |e| object(e, "apiVersion")),
                ("involvedObject.resourceVersion", |e| object(e, "resourceVersion")),
                ("involvedObject.fieldPath", |e| object(e, "fieldPath")),
                ("reason", |e| text(e, "/reason")),
                ("reportingComponent", reporter),
                ("source", |e| match text(e, "/source/component") {
                    source if source.is_empty() => reporter(e),
                    source => source,
                }),
                ("type", |e| text(e, "/type")),
            ],
            own_words: true,
        }
    }
}

fn object(event: &Value, field: &str) -> String {
    match text(event, &format!("/involvedObject/{field}")) {
        found if found.is_empty() => text(event, &format!("/regarding/{field}")),
        found => found,
    }
}

fn reporter(event: &Value) -> String {
    match text(event, "/reportingComponent") {
        found if found.is_empty() => text(event, "/reportingController"),
        found => found,
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
