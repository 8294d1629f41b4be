//! Subresources that show the whole object and write a part of it, beside `status`: what of the body counts.

use serde_json::{Map, Value};

use crate::registry::strategy::{generation, set_generation};
use crate::status::FieldError;

type Object = Map<String, Value>;

/// Takes the subresource's part from `object` and the rest from `old`; `false` where there is no such subresource.
pub(in crate::registry) fn prepare(subresource: &str, object: &mut Object, old: &Object) -> bool {
    if !matches!(subresource, "ephemeralcontainers" | "resize" | "approval") {
        return false;
    }
    let mut next = old.clone();
    match subresource {
        "ephemeralcontainers" => {
            let given = object
                .get_mut("spec")
                .and_then(|s| s.as_object_mut()?.remove("ephemeralContainers"));
            if let Some(Value::Object(spec)) = next.get_mut("spec") {
                match given {
                    Some(given) => drop(spec.insert("ephemeralContainers".into(), given)),
                    None => drop(spec.remove("ephemeralContainers")),
                }
            }
        }
        "resize" => {
            for list in ["containers", "initContainers"] {
                let given = object.get("spec").map(|s| s[list].clone()).unwrap_or_default();
                let there = next.get_mut("spec").and_then(|s| s.get_mut(list));
                let count = |list: Option<&Value>| list.and_then(Value::as_array).map_or(0, Vec::len);
                // Nothing is taken from a list of other containers, which is refused.
                if count(Some(&given)) != count(there.as_deref()) {
                    if let Some(spec) = next.get_mut("spec") {
                        spec[list] = given;
                    }
                    continue;
                }
                for container in there.and_then(Value::as_array_mut).into_iter().flatten() {
                    resize(container, &given);
                }
            }
        }
        _ => {
            let given = object
                .get_mut("status")
                .and_then(|s| s.as_object_mut()?.remove("conditions"));
            if let Some(given) = given {
                next.entry("status").or_insert_with(|| Object::new().into())["conditions"] = given;
            }
        }
    }
    if let Some(mut metadata) = object.remove("metadata") {
        if let (Some(given), Some(before), "resize") = (
            metadata.as_object_mut(),
            next.get("metadata").and_then(Value::as_object),
            subresource,
        ) {
            for field in ["labels", "annotations", "finalizers", "ownerReferences"] {
                crate::registry::strategy::keep(given, before, field);
            }
        }
        next.insert("metadata".into(), metadata);
    }
    if subresource != "approval" && next.get("spec") != old.get("spec") {
        set_generation(&mut next, generation(old) + 1);
    }
    *object = next;
    true
}

/// What is wrong with what [`prepare`] made.
pub(in crate::registry) fn validate(subresource: &str, object: &Object, old: &Object) -> Vec<FieldError> {
    match subresource {
        "ephemeralcontainers" => {}
        "resize" => return crate::registry::kinds::pod_resize::validate(object, old),
        _ => return Vec::new(),
    }
    let containers = |pod: &Object| -> Vec<Value> {
        let list = pod.get("spec").and_then(|s| s["ephemeralContainers"].as_array());
        list.cloned().unwrap_or_default()
    };
    let after = containers(object);
    let mut errors = Vec::new();
    for before in containers(old) {
        let name = before["name"].as_str().unwrap_or("");
        let word = match after.iter().find(|c| c["name"] == *name) {
            Some(same) if *same == before => continue,
            Some(_) => "changed",
            None => "removed",
        };
        errors.push(FieldError::forbidden(
            "spec.ephemeralContainers",
            format!(
                "existing ephemeral containers {} may not be {word}\n",
                crate::status::go_quote(name)
            ),
        ));
    }
    errors
}

fn resize(container: &mut Value, given: &Value) {
    let name = container["name"].clone();
    let given = given
        .as_array()
        .and_then(|all| all.iter().find(|c| c["name"] == name));
    let (Some(given), Value::Object(container)) = (given, container) else {
        return;
    };
    for field in ["resources", "resizePolicy"] {
        match given.get(field) {
            Some(value) => drop(container.insert(field.into(), value.clone())),
            None => drop(container.remove(field)),
        }
    }
}
