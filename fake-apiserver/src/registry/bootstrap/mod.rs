//! What a server holds before the first request: what a kube-apiserver makes when it starts.
//!
//! The objects of a family are read once in a process, and given their UIDs and times for each server, both when somebody
//! looks at them first. Left out is what tells of one server among others (its lease and its ConfigMaps in `kube-system`),
//! and the roles of components that do not run here.

mod family;

use std::sync::{Arc, OnceLock};

use family::{FAMILIES, Family, Prototype};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::clock::rfc3339;
use crate::ids::Ids;
use crate::storage::{Founders, Key};

/// What stands for the time of the start.
const NOW: &str = "<now>";

/// The first objects of a server; their UIDs are drawn from `ids`.
pub(crate) fn founders(ids: &mut Ids, now: Timestamp) -> Vec<Founders> {
    let now: Arc<str> = rfc3339(now).into();
    let tables = FAMILIES.iter().enumerate().map(|(number, family)| {
        let (own, now) = (ids.clone(), now.clone());
        ids.skip_uids(family.count);
        Founders {
            table: family.table.into(),
            count: family.count,
            make: Box::new(move || objects(number, own.clone(), &now)),
        }
    });
    tables.collect()
}

/// The objects of one family.
fn objects(number: usize, mut ids: Ids, now: &str) -> Vec<(Key, Value)> {
    let objects = prototypes(number).iter().map(|(key, prototype)| {
        let mut object = filled_map(prototype, now);
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            metadata.insert("uid".into(), ids.uid().into());
        }
        (key.clone(), Value::Object(object))
    });
    objects.collect()
}

fn prototypes(number: usize) -> &'static [Prototype] {
    static READ: [OnceLock<Vec<Prototype>>; FAMILIES.len()] = [const { OnceLock::new() }; FAMILIES.len()];
    READ[number].get_or_init(|| Family::prototypes(&FAMILIES[number]))
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

#[test]
fn families_are_as_large_as_they_say() {
    for (number, family) in FAMILIES.iter().enumerate() {
        assert_eq!(prototypes(number).len() as u64, family.count, "{}", family.table);
    }
}
