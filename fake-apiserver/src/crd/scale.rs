//! What a custom resource's scale shows: numbers and a selector at paths such as `.spec.replicas`.

use serde_json::Value;

use super::go_value::{go_type, go_value};
use crate::status::FieldError;

/// Where a custom resource keeps what its scale shows, as paths such as `.spec.replicas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// The wanted number of replicas.
    pub spec_replicas: String,
    /// The observed number of replicas.
    pub status_replicas: String,
    /// The label selector as text; empty where there is none.
    pub label_selector: String,
}

// === impl Scale ===

impl Scale {
    /// What is wrong with the wanted number of replicas.
    pub(super) fn validate_spec(&self, object: &Value) -> Vec<FieldError> {
        replicas(object, &self.spec_replicas).into_iter().collect()
    }

    /// What is wrong with the observed number of replicas and the selector.
    pub(super) fn validate_status(&self, object: &Value) -> Vec<FieldError> {
        let mut errors: Vec<_> = replicas(object, &self.status_replicas).into_iter().collect();
        if !self.label_selector.is_empty() {
            let path = &self.label_selector;
            let found = find(object, path).and_then(|v| match v {
                None | Some(Value::String(_)) => Ok(()),
                Some(other) => Err(mismatch(path, other, "string")),
            });
            errors.extend(found.err().map(|why| FieldError::invalid(path, "", why)));
        }
        errors
    }
}

/// What is wrong with a number of replicas.
fn replicas(object: &Value, path: &str) -> Option<FieldError> {
    let found = find(object, path).and_then(|v| match v {
        None => Ok(0),
        Some(v) => v.as_i64().ok_or_else(|| mismatch(path, v, "int64")),
    });
    let why = match found {
        Err(why) => return Some(FieldError::invalid(path, 0, why)),
        Ok(n) if n < 0 => "should be a non-negative integer".to_owned(),
        Ok(n) if n > i64::from(i32::MAX) => format!("should be less than or equal to {}", i32::MAX),
        Ok(_) => return None,
    };
    Some(FieldError::invalid(path, found.unwrap_or(0), why))
}

/// The value at a path; the error says that something on the way has no fields.
fn find<'a>(object: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    let mut at = object;
    let mut walked = String::new();
    for step in path.split('.').filter(|s| !s.is_empty()) {
        match at {
            Value::Object(fields) => match fields.get(step) {
                Some(next) => at = next,
                None => return Ok(None),
            },
            Value::Null => return Ok(None),
            other => {
                walked.push('.');
                walked.push_str(step);
                return Err(mismatch(&walked, other, "map[string]interface{}"));
            }
        }
        walked.push('.');
        walked.push_str(step);
    }
    Ok(Some(at))
}

fn mismatch(path: &str, value: &Value, wanted: &str) -> String {
    format!(
        "{path} accessor error: {} is of the type {}, expected {wanted}",
        go_value(value),
        go_type(value)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(object: Value, expect: &[&str]) {
        let scale = Scale {
            spec_replicas: ".spec.deep.replicas".into(),
            status_replicas: ".status.replicas".into(),
            label_selector: ".spec.selector".into(),
        };
        let mut errors = scale.validate_spec(&object);
        errors.extend(scale.validate_status(&object));
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, expect);
    }

    #[test]
    fn values_of_other_types_are_told() {
        check(json!({"spec": {"selector": "a=b", "deep": {"replicas": 1}}}), &[]);
        check(
            json!({"spec": {"selector": {"a": [1, true]}, "deep": {"replicas": "three"}}}),
            &[
                ".spec.deep.replicas: Invalid value: 0: .spec.deep.replicas accessor error: three is of the type string, \
                 expected int64",
                ".spec.selector: Invalid value: \"\": .spec.selector accessor error: map[a:[1 true]] is of the type \
                 map[string]interface {}, expected string",
            ],
        );
    }

    #[test]
    fn a_path_through_what_has_no_fields_is_told() {
        check(
            json!({"spec": {"deep": 1.5}, "status": {"replicas": -1}}),
            &[
                ".spec.deep.replicas: Invalid value: 0: .spec.deep.replicas accessor error: 1.5 is of the type float64, \
                 expected map[string]interface{}",
                ".status.replicas: Invalid value: -1: should be a non-negative integer",
            ],
        );
    }
}
