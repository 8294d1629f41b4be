//! ConfigMap: keys, size and immutability.

use serde_json::{Map, Value};

use crate::registry::strategy::Strategy;
use crate::registry::{Context, meta, names};
use crate::status::FieldError;

/// The most bytes that keys and values may take together.
const SIZE_MAX: usize = 1 << 20;

/// The rules for ConfigMaps.
#[derive(Debug)]
pub(super) struct ConfigMap;

impl Strategy for ConfigMap {
    fn validate_create(&self, _cx: &mut Context<'_>, object: &Map<String, Value>) -> Vec<FieldError> {
        let (data, binary) = (map(object, "data"), map(object, "binaryData"));
        let mut errors = Vec::new();
        let mut size = 0;
        for (key, value) in data {
            errors.extend(key_errors("data", key));
            if binary.contains_key(key) {
                let why = "duplicate of key present in binaryData";
                errors.push(FieldError::invalid(format!("data[{key}]"), key.as_str(), why));
            }
            size += value.as_str().map_or(0, str::len);
        }
        for (key, value) in binary {
            errors.extend(key_errors("binaryData", key));
            // Base64 stands for three quarters of its length.
            size += value
                .as_str()
                .map_or(0, |v| v.trim_end_matches('=').len() * 3 / 4);
        }
        if size > SIZE_MAX {
            errors.push(FieldError::too_long("[]", SIZE_MAX));
        }
        errors
    }

    fn validate_update(
        &self,
        cx: &mut Context<'_>,
        object: &Map<String, Value>,
        old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if old.get("immutable") == Some(&Value::Bool(true)) {
            let mut forbid = |field: &str| {
                errors.push(FieldError::forbidden(
                    field,
                    "field is immutable when `immutable` is set",
                ));
            };
            if object.get("immutable") != Some(&Value::Bool(true)) {
                forbid("immutable");
            }
            for field in ["data", "binaryData"] {
                if map(object, field) != map(old, field) {
                    forbid(field);
                }
            }
        }
        errors.extend(self.validate_create(cx, object));
        errors
    }

    fn revalidates(&self) -> bool {
        true
    }
}

fn key_errors(field: &str, key: &str) -> Vec<FieldError> {
    let errors = names::config_key(key).into_iter();
    errors
        .map(|why| FieldError::invalid(format!("{field}[{key}]"), key, why))
        .collect()
}

fn map<'a>(object: &'a Map<String, Value>, field: &str) -> &'a Map<String, Value> {
    object
        .get(field)
        .and_then(Value::as_object)
        .unwrap_or(meta::empty())
}
