//! What a server holds before the first request: what a kube-apiserver makes when it starts.
//!
//! The objects are read once in a process, and given their UIDs and times for each server. Left out is what tells of one
//! server among others (its lease and its ConfigMaps in `kube-system`), and the roles of components that do not run here.

mod family;

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Core;
use crate::clock::rfc3339;
use crate::storage::Key;

/// What stands for the time of the start.
const NOW: &str = "<now>";

/// An object before it has a UID.
struct Prototype {
    table: Arc<str>,
    key: Key,
    object: Map<String, Value>,
}

/// Fills an empty server.
pub(crate) fn bootstrap(core: &mut Core, now: Timestamp) {
    static PROTOTYPES: LazyLock<Vec<Prototype>> = LazyLock::new(family::prototypes);
    let now = rfc3339(now);
    for prototype in PROTOTYPES.iter() {
        let mut object = filled_map(&prototype.object, &now);
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            metadata.insert("uid".into(), core.ids.uid().into());
        }
        core.put(&prototype.table, &prototype.key, object);
    }
}

/// A copy with the times filled in.
fn filled(value: &Value, now: &str) -> Value {
    match value {
        Value::Object(fields) => Value::Object(filled_map(fields, now)),
        Value::Array(items) => items.iter().map(|item| filled(item, now)).collect(),
        Value::String(text) if text == NOW => now.into(),
        other => other.clone(),
    }
}

fn filled_map(fields: &Map<String, Value>, now: &str) -> Map<String, Value> {
    fields
        .iter()
        .map(|(name, value)| (name.clone(), filled(value, now)))
        .collect()
}
