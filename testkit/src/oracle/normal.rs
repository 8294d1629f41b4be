//! States without what differs between two runs for no reason of the program's: identities, times, who manages what.

use std::collections::BTreeMap;

use seatrial_fake_apiserver::Held;
use serde_json::{Map, Value, json};

use super::lints::TOUCHED;
use crate::{
    identity::{is_incidental, is_time, is_uid},
    sim::class_of,
};

/// What objects are compared by: the resource, and the key with generated parts replaced.
pub(super) type Class = (String, String);

/// The objects of a state, by class; several are in one where names are generated.
pub(super) type State = BTreeMap<Class, Vec<Value>>;

/// The state that these objects are in, without those that were there before `since` and have not changed.
pub(super) fn state(held: &[Held], since: u64) -> State {
    let mut names = Names::default();
    for object in held {
        names.learn(object);
    }
    let mut state = State::new();
    for object in held
        .iter()
        .filter(|object| object.revision > since && counts(&object.resource))
    {
        let (class, generated) = class(&object.resource, &object.key, &object.object);
        let mut value = (*object.object).clone();
        let generation = value.pointer("/metadata/generation").and_then(Value::as_i64);
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| !is_incidental(field));
            if generated {
                metadata.remove("name");
            }
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove(TOUCHED);
            }
            if metadata
                .get("annotations")
                .and_then(Value::as_object)
                .is_some_and(Map::is_empty)
            {
                metadata.remove("annotations");
            }
        }
        names.replace(&mut value, generation);
        unorder(&mut value);
        state.entry(class).or_default().push(value);
    }
    for objects in state.values_mut() {
        objects.sort_by_cached_key(Value::to_string);
    }
    state
}

/// Whether objects of a resource are compared at all.
pub(super) fn counts(resource: &str) -> bool {
    !matches!(
        resource,
        "leases.coordination.k8s.io" | "events" | "events.events.k8s.io"
    )
}

/// The class of an object, and whether its name is generated.
pub(super) fn class(resource: &str, key: &str, object: &Value) -> (Class, bool) {
    match class_of(key, object) {
        Some(class) => ((resource.to_owned(), class), true),
        None => ((resource.to_owned(), key.to_owned()), false),
    }
}

/// Brings lists into one order that are sets or maps: who came first says nothing there.
fn unorder(object: &mut Value) {
    for list in ["/metadata/finalizers", "/metadata/ownerReferences"] {
        if let Some(Value::Array(items)) = object.pointer_mut(list) {
            items.sort_by_cached_key(Value::to_string);
        }
    }
    if let Some(Value::Array(conditions)) = object.pointer_mut("/status/conditions")
        && conditions.iter().all(|condition| condition["type"].is_string())
    {
        // Two of one type are a mistake whose order is left as it is.
        conditions.sort_by_cached_key(|condition| condition["type"].to_string());
    }
}

/// What identities are told as, which is put into words for those that are met: a state knows far more objects than it names.
#[derive(Default)]
struct Names<'a> {
    uids: BTreeMap<&'a str, &'a Held>,
    addresses: BTreeMap<&'a str, &'a Held>,
    generated: BTreeMap<&'a str, String>,
}

// === impl Names ===

impl<'a> Names<'a> {
    fn learn(&mut self, held: &'a Held) {
        let text = |pointer: &str| held.object.pointer(pointer).and_then(Value::as_str);
        if let Some(uid) = text("/metadata/uid") {
            self.uids.insert(uid, held);
        }
        if let Some(ip) = text("/status/podIP") {
            self.addresses.insert(ip, held);
        }
        if let Some(class) = class_of(&held.key, &held.object)
            && let Some(name) = text("/metadata/name")
        {
            let class = class.rsplit('/').next().unwrap_or_default();
            self.generated.insert(name, class.to_owned());
        }
    }

    fn replace(&self, value: &mut Value, generation: Option<i64>) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    if name == "observedGeneration"
                        && let (Some(observed), Some(generation)) = (field.as_i64(), generation)
                    {
                        *field = match generation - observed {
                            0 => json!("<the newest>"),
                            behind => json!(format!("<{behind} behind>")),
                        };
                        continue;
                    }
                    self.replace(field, generation);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item, generation)),
            Value::String(text) => {
                if let Some(told) = self.told(text) {
                    *text = told;
                }
            }
            _ => {}
        }
    }

    fn told(&self, text: &str) -> Option<String> {
        for (known, what) in [(&self.uids, "uid"), (&self.addresses, "address")] {
            if let Some(held) = known.get(text) {
                let ((resource, key), _) = class(&held.resource, &held.key, &held.object);
                return Some(format!("<the {what} of {resource} {key}>"));
            }
        }
        if let Some(class) = self.generated.get(text) {
            return Some(class.clone());
        }
        if is_uid(text) {
            return Some("<the uid of nobody>".to_owned());
        }
        is_time(text).then(|| "<time>".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_sets_and_maps_says_nothing() {
        let ordered = |finalizers: [&str; 2], conditions: [&str; 2], args: [&str; 2]| {
            let conditions = conditions.map(|condition| json!({"type": condition, "status": "True"}));
            let mut object = json!({
                "metadata": {"finalizers": finalizers},
                "spec": {"args": args},
                "status": {"conditions": conditions},
            });
            unorder(&mut object);
            object
        };
        let one = ordered(["a", "b"], ["Ready", "Bound"], ["x", "y"]);
        assert_eq!(one, ordered(["b", "a"], ["Bound", "Ready"], ["x", "y"]));
        assert_ne!(one, ordered(["a", "b"], ["Ready", "Bound"], ["y", "x"]));
    }
}
