//! What objects are like, as numbers: two that differ in nothing but identities and times have the same.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde_json::Value;

use super::world::class_of;
use crate::identity::{is_incidental, is_time, is_uid};

/// Tells what objects are like. Generated names, once it has learnt them, are told by what they are generated from.
#[derive(Default)]
pub(crate) struct Likeness {
    classes: BTreeMap<String, String>,
}

// === impl Likeness ===

impl Likeness {
    /// What an object is called, whatever its name was completed to.
    pub(crate) fn class(&mut self, key: &str, object: &Value) -> String {
        let Some(class) = class_of(key, object) else {
            return key.to_owned();
        };
        if let Some(name) = key.rsplit('/').next() {
            self.classes.insert(name.to_owned(), class.clone());
        }
        class
    }

    /// What an object of a class is like.
    pub(crate) fn of(&self, resource: &str, class: &str, object: &Value) -> u64 {
        let mut hasher = DefaultHasher::new();
        (resource, class).hash(&mut hasher);
        self.tell(object, true, &mut hasher);
        hasher.finish()
    }

    /// Tells a value without what says nothing about what an object is.
    fn tell(&self, value: &Value, is_object: bool, hasher: &mut DefaultHasher) {
        match value {
            Value::Object(fields) => {
                fields.len().hash(hasher);
                for (name, field) in fields {
                    name.hash(hasher);
                    match field {
                        Value::Object(metadata) if is_object && name == "metadata" => {
                            let told = metadata.iter().filter(|(name, _)| !is_incidental(name));
                            for (name, field) in told {
                                name.hash(hasher);
                                self.tell(field, false, hasher);
                            }
                        }
                        field if name == "observedGeneration" => field.is_null().hash(hasher),
                        field => self.tell(field, false, hasher),
                    }
                }
            }
            Value::Array(items) => {
                items.len().hash(hasher);
                items.iter().for_each(|item| self.tell(item, false, hasher));
            }
            Value::String(text) if is_uid(text) => "\u{0}uid".hash(hasher),
            Value::String(text) if is_time(text) => "\u{0}time".hash(hasher),
            Value::String(text) => self.classes.get(text).unwrap_or(text).hash(hasher),
            plain => plain.hash(hasher),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn identities_times_and_generated_names_make_no_difference() {
        let mut likeness = Likeness::default();
        let mut pod = |suffix: &str, nth: u32, phase: &str| {
            let name = format!("web-{suffix}");
            let uid = format!("6e9f3a52-0c1d-4f7b-9a8e-00000000000{nth}");
            let object = json!({
                "metadata": {
                    "name": name, "generateName": "web-", "uid": uid, "resourceVersion": nth.to_string(), "generation": nth,
                    "labels": {"pod": name}, "ownerReferences": [{"uid": uid}],
                },
                "status": {"observedGeneration": nth, "phase": phase, "startTime": format!("2026-01-31T10:00:0{nth}Z")},
            });
            let class = likeness.class(&format!("default/{name}"), &object);
            likeness.of("pods", &class, &object)
        };
        assert_eq!(pod("abcde", 1, "Running"), pod("fghij", 2, "Running"));
        assert_ne!(pod("abcde", 1, "Running"), pod("abcde", 1, "Failed"));
    }
}
