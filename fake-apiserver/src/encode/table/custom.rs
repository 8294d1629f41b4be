//! A custom resource's row: its name, and what the JSONPath of each printer column leads to.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns>

mod json_path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    human,
    value::{name, text},
};

/// The cells of a custom resource's row; `columns` are its `additionalPrinterColumns`, or its default ones.
pub(crate) fn custom_cells<'a>(
    columns: impl IntoIterator<Item = &'a Value>,
    object: &Value,
    now: Timestamp,
) -> Vec<Value> {
    std::iter::once(name(object))
        .chain(columns.into_iter().map(|column| cell(column, object, now)))
        .collect()
}

/// A cell has its column's type or is null; only text takes any value.
fn cell(column: &Value, object: &Value, now: Timestamp) -> Value {
    let found = json_path::parse(text(column, "/jsonPath")).and_then(|path| json_path::first(&path, object));
    let Some(found) = found else { return Value::Null };
    match text(column, "/type") {
        "integer" => match found {
            Value::Number(n) if n.is_f64() => json!(n.as_f64().unwrap_or_default() as i64),
            Value::Number(_) => found.clone(),
            _ => Value::Null,
        },
        "number" if found.is_number() => found.clone(),
        "boolean" if found.is_boolean() => found.clone(),
        "date" => match found {
            Value::String(at) if at.parse::<Timestamp>().is_ok() => json!(human::since(at, now)),
            Value::String(_) => json!("<invalid>"),
            _ => Value::Null,
        },
        "string" => json!(match found {
            Value::String(text) => text.clone(),
            Value::Null => "<no value>".to_owned(),
            other => other.to_string(),
        }),
        _ => Value::Null,
    }
}
