//! Secret: what each type must hold, and what of it may change.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::fields::{Fields, child, default_text, text};
use super::key_pair;
use crate::{
    registry::{
        Context, names,
        strategy::{Selectable, Strategy},
    },
    status::FieldError,
};

/// The most bytes that the values may take together.
const SIZE_MAX: usize = 1 << 20;

/// What stands in an error in place of a value.
const REDACTED: &str = "<secret contents redacted>";

/// The rules for Secrets.
#[derive(Debug)]
pub(super) struct Secret;

impl Strategy for Secret {
    fn default(&self, object: &mut Fields) {
        default_text(object, "type", "Opaque");
        // Text written for people's convenience ends up as bytes like the rest, and wins over it.
        if let Some(Value::Object(plain)) = object.remove("stringData")
            && !plain.is_empty()
        {
            let data = super::fields::ensure(object, "data");
            for (key, value) in plain {
                data.insert(key, STANDARD.encode(value.as_str().unwrap_or_default()).into());
            }
        }
        if let Some(data) = child(object, "data") {
            data.values_mut()
                .filter(|v| v.is_null())
                .for_each(|v| *v = "".into());
        }
    }

    fn warnings(&self, object: &Fields, _: Option<&Fields>) -> Vec<String> {
        if text(object, "type") != "kubernetes.io/tls" {
            return Vec::new();
        }
        let data = |key: &str| object.get("data").map(|d| bytes(&d[key])).unwrap_or_default();
        key_pair::complaint(&data("tls.crt"), &data("tls.key"))
            .into_iter()
            .collect()
    }

    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("type", |secret| secret["type"].as_str().unwrap_or("").to_owned())],
            ..Selectable::default()
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let empty = Map::new();
        let data = object.get("data").and_then(Value::as_object).unwrap_or(&empty);
        let mut errors = Vec::new();
        let mut size = 0;
        for (key, value) in data {
            let wrong = names::config_key(key).into_iter();
            errors.extend(wrong.map(|why| FieldError::invalid(format!("data[{key}]"), key.as_str(), why)));
            size += bytes(value).len();
        }
        if size > SIZE_MAX {
            errors.push(FieldError::too_long("data", SIZE_MAX));
        }
        errors.extend(validate_type(object, data));
        errors
    }

    fn validate_update(&self, cx: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let kind = text(object, "type");
        if kind != text(old, "type") {
            errors.push(FieldError::invalid("type", kind, "field is immutable"));
        }
        if old.get("immutable") == Some(&Value::Bool(true)) {
            let why = "field is immutable when `immutable` is set";
            if object.get("immutable") != Some(&Value::Bool(true)) {
                errors.push(FieldError::forbidden("immutable", why));
            }
            let data = |o: &Fields| {
                o.get("data")
                    .filter(|d| d.as_object().is_some_and(|m| !m.is_empty()))
                    .cloned()
            };
            if data(object) != data(old) {
                errors.push(FieldError::forbidden("data", why));
            }
        }
        errors.extend(self.validate_create(cx, object));
        errors
    }
}

/// What a well-known type asks of its Secrets.
fn validate_type(object: &Fields, data: &Fields) -> Vec<FieldError> {
    let required = |key: &str| FieldError::required(format!("data[{key}]"), "");
    let missing = |keys: &[&str]| -> Vec<FieldError> {
        keys.iter()
            .filter(|key| !data.contains_key(**key))
            .map(|key| required(key))
            .collect()
    };
    match text(object, "type") {
        "kubernetes.io/service-account-token" => {
            let name = "kubernetes.io/service-account.name";
            let annotation = object
                .get("metadata")
                .and_then(|m| m.get("annotations"))
                .and_then(|a| a.get(name));
            if annotation.and_then(Value::as_str).unwrap_or_default().is_empty() {
                return vec![FieldError::required(format!("metadata.annotations[{name}]"), "")];
            }
            Vec::new()
        }
        "kubernetes.io/dockercfg" => validate_json(data, ".dockercfg"),
        "kubernetes.io/dockerconfigjson" => validate_json(data, ".dockerconfigjson"),
        "kubernetes.io/basic-auth" => {
            // Either will do; both are named where both are missing.
            let missing = missing(&["username", "password"]);
            if missing.len() == 2 { missing } else { Vec::new() }
        }
        "kubernetes.io/ssh-auth" => {
            let empty = data.get("ssh-privatekey").is_none_or(|v| bytes(v).is_empty());
            if empty {
                vec![required("ssh-privatekey")]
            } else {
                Vec::new()
            }
        }
        "kubernetes.io/tls" => missing(&["tls.crt", "tls.key"]),
        _ => Vec::new(),
    }
}

fn validate_json(data: &Fields, key: &str) -> Vec<FieldError> {
    let field = format!("data[{key}]");
    let Some(value) = data.get(key) else {
        return vec![FieldError::required(field, "")];
    };
    match crate::wire::go_json::syntax_error(&bytes(value)) {
        Some(why) => vec![FieldError::invalid(field, REDACTED, why)],
        None => Vec::new(),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD
        .decode(value.as_str().unwrap_or_default())
        .unwrap_or_default()
}
