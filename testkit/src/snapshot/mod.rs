//! What is there, and what changed: the test's own objects, with placeholders for what no test means to pin.
//!
//! Reading order: here (which objects, and what is replaced), `state` (the objects at one time), `diff` (two such times),
//! `fields` (two values), `history` (one change after another).

mod diff;
mod fields;
mod history;
mod state;

use std::collections::BTreeMap;

use http::Method;
use seatrial_fake_apiserver::{FakeApiServer, discovery::Verb};
use serde_json::Value;

pub use self::{
    diff::{ChangeKind, FieldDiff, ObjectDiff, StateDiff},
    state::State,
};
pub(crate) use self::{
    fields::changed,
    history::{changes, events},
};
use crate::{identity::is_time, raw};

/// The objects that a cluster has by itself, by identity and version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baseline(BTreeMap<String, String>);

/// Numbers values by first appearance.
#[derive(Default)]
struct Placeholders(BTreeMap<String, usize>);

// === impl Baseline ===

impl Baseline {
    pub(crate) fn of(server: &FakeApiServer) -> Self {
        Self(
            objects(server)
                .iter()
                .map(|o| (identity(o), version(o).to_owned()))
                .collect(),
        )
    }

    fn contains(&self, object: &Value) -> bool {
        self.0
            .get(&identity(object))
            .is_some_and(|v| v == version(object))
    }
}

/// Every stored object, once: each group in its preferred version.
fn objects(server: &FakeApiServer) -> Vec<Value> {
    let mut out = Vec::new();
    for resource in raw::preferred(&server.discovery()) {
        // Events exist in two groups; they are told once, as the core group has them.
        let twice = &*resource.group == "events.k8s.io" && &*resource.plural == "events";
        if twice || !resource.verbs.contains(Verb::List) {
            continue;
        }
        let path = raw::collection(resource, None);
        let (_, mut list) = raw::send(server, Method::GET, &path, None);
        let Some(Value::Array(items)) = list.get_mut("items").map(Value::take) else {
            continue;
        };
        out.extend(items.into_iter().map(|mut item| {
            item["apiVersion"] = resource.api_version().into();
            item["kind"] = (*resource.kind).into();
            item
        }));
    }
    out
}

fn identity(object: &Value) -> String {
    // NUL sorts before every character of a name, so that namespaces stay together.
    ["/kind", "/metadata/namespace", "/metadata/name", "/apiVersion"]
        .map(|pointer| text(object, pointer))
        .join("\0")
}

fn version(object: &Value) -> &str {
    text(object, "/metadata/resourceVersion")
}

fn redact(value: &mut Value, uids: &mut Placeholders) {
    match value {
        Value::Object(map) => {
            map.remove("managedFields");
            for (key, child) in map.iter_mut() {
                match (key.as_str(), &*child) {
                    ("uid", Value::String(uid)) => *child = format!("<uid-{}>", uids.number(uid)).into(),
                    ("resourceVersion", Value::String(_)) => *child = "<resource-version>".into(),
                    (_, Value::String(text)) if is_time(text) => *child = "<time>".into(),
                    _ => redact(child, uids),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, uids)),
        _ => {}
    }
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

// === impl Placeholders ===

impl Placeholders {
    /// Numbers an object's own UID.
    fn learn(&mut self, object: &Value) {
        if let Some(uid) = object.pointer("/metadata/uid").and_then(Value::as_str) {
            self.number(uid);
        }
    }

    fn number(&mut self, value: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(value.to_owned()).or_insert(next)
    }
}
