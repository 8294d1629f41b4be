//! Objects inside objects (`x-kubernetes-embedded-resource`): their type and metadata are those of any object.

use serde_json::Value;

use super::list_type::child;
use super::props::Props;
use crate::registry::names;
use crate::schema::builtin;
use crate::schema::decode::{DecodeError, decode_value};
use crate::status::FieldError;

/// Brings the metadata of embedded objects into its typed form; returns the complaints of field validation.
///
/// # Errors
/// A type or metadata of an embedded object has the wrong form; the message names the field.
pub(super) fn coerce(value: &mut Value, schema: &Props, path: &str) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    walk(value, schema, path, &mut |value, path| {
        for field in ["apiVersion", "kind"] {
            if let Some(v) = value.get(field).filter(|v| !v.is_string()) {
                return Err(
                    FieldError::invalid(format!("{path}.{field}"), v.clone(), "must be a string").to_string(),
                );
            }
        }
        let Some(metadata) = value.get_mut("metadata") else {
            return Ok(());
        };
        match typed(metadata) {
            Ok((typed, complaints)) => {
                *metadata = typed;
                unknown.extend(
                    complaints
                        .iter()
                        .map(|c| c.replacen('"', &format!("\"{path}.metadata."), 1)),
                );
                Ok(())
            }
            Err(e) => {
                let shown = metadata.clone();
                Err(FieldError::invalid(format!("{path}.metadata"), shown, e.to_string()).to_string())
            }
        }
    })?;
    Ok(unknown)
}

/// Metadata in its typed form, with what field validation complains of.
pub(super) fn typed(metadata: &Value) -> Result<(Value, Vec<String>), DecodeError> {
    let b = builtin();
    let Some(node) = b
        .kind("", "v1", "ConfigMap")
        .and_then(|n| b.schema().child(n, "metadata"))
    else {
        // Every published kind has metadata.
        return Ok((metadata.clone(), Vec::new()));
    };
    let decoded = decode_value(b.schema(), node, metadata)?;
    Ok((decoded.value, decoded.strict))
}

/// What is wrong with embedded objects.
pub(super) fn validate(value: &Value, schema: &Props, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !schema.holds_embedded {
        return errors;
    }
    let mut copy = value.clone();
    let walked = walk(&mut copy, schema, path, &mut |value, path| {
        judge(value, path, &mut errors);
        Ok(())
    });
    debug_assert!(walked.is_ok(), "judging never fails");
    errors
}

fn judge(value: &Value, path: &str, errors: &mut Vec<FieldError>) {
    let field = |name: &str| format!("{path}.{name}");
    match value["apiVersion"].as_str() {
        None => errors.push(FieldError::required(field("apiVersion"), "")),
        Some("") => errors.push(FieldError::invalid(field("apiVersion"), "", "must not be empty")),
        Some(v) if v.matches('/').count() > 1 => {
            let why = format!("unexpected GroupVersion string: {v}");
            errors.push(FieldError::invalid(field("apiVersion"), v, why));
        }
        Some(_) => {}
    }
    match value["kind"].as_str() {
        None => errors.push(FieldError::required(field("kind"), "")),
        Some("") => errors.push(FieldError::invalid(field("kind"), "", "must not be empty")),
        Some(kind) => {
            let why = names::label_1035(&kind.to_lowercase());
            if !why.is_empty() {
                let why = format!(
                    "may have mixed case, but should otherwise match: {}",
                    why.join(",")
                );
                errors.push(FieldError::invalid(field("kind"), kind, why));
            }
        }
    }
    let metadata = &value["metadata"];
    for name in ["generateName", "name"] {
        if let Some(text) = metadata[name].as_str() {
            for why in names::path_segment(text) {
                errors.push(FieldError::invalid(format!("{path}.metadata.{name}"), text, why));
            }
        }
    }
    for (key, label) in metadata["labels"].as_object().into_iter().flatten() {
        let labels = format!("{path}.metadata.labels");
        for why in names::qualified_name(key) {
            errors.push(FieldError::invalid(&*labels, key.as_str(), why));
        }
        for why in names::label_value(label.as_str().unwrap_or("")) {
            errors.push(FieldError::invalid(&*labels, label.clone(), why));
        }
    }
    for key in metadata["annotations"]
        .as_object()
        .into_iter()
        .flat_map(|m| m.keys())
    {
        for why in names::qualified_name(&key.to_lowercase()) {
            errors.push(FieldError::invalid(
                format!("{path}.metadata.annotations"),
                key.as_str(),
                why,
            ));
        }
    }
}

/// Calls `f` for every embedded object, outer ones first.
fn walk(
    value: &mut Value,
    schema: &Props,
    path: &str,
    f: &mut impl FnMut(&mut Value, &str) -> Result<(), String>,
) -> Result<(), String> {
    if !schema.holds_embedded {
        return Ok(());
    }
    if schema.embedded && value.is_object() {
        f(value, path)?;
    }
    match value {
        Value::Object(map) => {
            for (name, v) in map {
                if let Some(field) = schema.field(name).filter(|field| field.holds_embedded) {
                    walk(v, field, &child(schema, path, name), f)?;
                }
            }
        }
        Value::Array(items) => {
            if let Some(item) = schema.item() {
                for (i, v) in items.iter_mut().enumerate() {
                    walk(v, item, &format!("{path}[{i}]"), f)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}
