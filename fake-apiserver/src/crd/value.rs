//! Judges a value by a schema, in the order and the words of the server's validator.
//!
//! Where a value is written over an old one, what did not change is not judged again: an object that was stored before its
//! schema became stricter can still be changed in other places. A value is unchanged if the old value in its place equals
//! it; fields have their place by name, items of lists that are maps by their keys, other items by nothing.
//!
//! A junctor (`anyOf`, `oneOf`) that fails shows the errors of its best alternative: the one with most checks done, the
//! first of equals. That is why every step counts its checks.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation> and, for
//! what did not change, #validation-ratcheting on the same page

mod number;

use std::collections::BTreeMap;

use serde_json::Value;

use super::props::{Additional, Props};
use super::{format, list_type};
use crate::status::{FieldError, FieldErrorKind, go_quote};

/// The outcome of judging a value by one schema.
#[derive(Default)]
struct Outcome {
    errors: Vec<FieldError>,
    checks: usize,
}

/// Names a value in errors: where its field is, and what the message calls it. The name is made when it is asked for,
/// since most values are as they should be.
#[derive(Clone, Copy)]
struct Place<'a> {
    step: Step<'a>,
    /// What stands before the name in the field; empty in most cases.
    base: &'a str,
}

/// The last step to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    /// The value that is judged, by its name in messages; empty at the root.
    Top(&'a str),
    Field(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

/// What is wrong with a value.
///
/// Fields are named from `base`, messages from the value itself: the status alone is judged as `status` + `.b`, while
/// the message says `b`.
pub(super) fn validate(value: &Value, old: Option<&Value>, schema: &Props, base: &str) -> Vec<FieldError> {
    judge(value, old, schema, Place::top("", base)).errors
}

/// What is wrong with a value that stands at `path` in another document, such as a default.
pub(super) fn validate_at(value: &Value, schema: &Props, path: &str) -> Vec<FieldError> {
    judge(value, None, schema, Place::top(path, "")).errors
}

fn judge(value: &Value, old: Option<&Value>, schema: &Props, place: Place<'_>) -> Outcome {
    let mut out = Outcome::default();
    if old == Some(value) {
        return out;
    }
    let types = schema.types();
    let typed = !types.is_empty() || !schema.known_format().is_empty();
    if value.is_null() {
        if !types.is_empty() && !schema.nullable {
            out.errors.push(place.wrong_type(&types.join(","), "null"));
        }
        out.check(enumeration(value, schema, place));
        return out;
    }
    if typed {
        out.check(type_of(value, schema, &types, place));
    }
    out.merge(junctors(value, old, schema, place));
    match value {
        Value::String(text) => {
            out.check(string(text, schema, place));
            if format::of_text(&schema.format) {
                let valid = format::holds(&schema.format, text);
                out.check(
                    (!valid)
                        .then(|| place.wrong_format(&schema.format, text))
                        .into_iter()
                        .collect(),
                );
            }
        }
        Value::Number(n) => {
            out.checks += 1;
            let errors = number::validate(n, schema, types.first().copied().unwrap_or(""), place);
            out.check(errors);
        }
        Value::Array(items) => out.merge(array(items, old.and_then(Value::as_array), schema, place)),
        _ => {}
    }
    out.check(enumeration(value, schema, place));
    if let Value::Object(map) = value {
        out.merge(object(map, old.and_then(Value::as_object), schema, place));
    }
    out.checks += 1;
    out
}

fn type_of(value: &Value, schema: &Props, types: &[&str], place: Place<'_>) -> Vec<FieldError> {
    let has = |t: &str| types.contains(&t);
    let (kind, format) = match value {
        Value::Bool(_) => ("boolean", ""),
        Value::String(_) => ("string", ""),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
        Value::Number(n) if n.is_i64() => ("integer", "int64"),
        _ => ("number", "float64"),
    };
    let wanted = schema.known_format();
    let int_as_float = kind == "integer" && has("number");
    let text = matches!(value, Value::String(_) | Value::Array(_));
    if !text && !wanted.is_empty() {
        let lower = (wanted, format) == ("float64", "float32");
        if !(has(kind) || format == wanted || int_as_float || lower) {
            return vec![place.wrong_type(wanted, format)];
        }
    }
    // Texts with a format are judged by the format.
    if text && !wanted.is_empty() && !has("number") && !has("integer") {
        return Vec::new();
    }
    if !(has(kind) || int_as_float) {
        return vec![place.wrong_type(&types.join(","), kind)];
    }
    Vec::new()
}

fn junctors(value: &Value, old: Option<&Value>, schema: &Props, place: Place<'_>) -> Outcome {
    let mut out = Outcome::default();
    if !schema.any_of.is_empty() {
        let (best, valid) = alternatives(value, old, &schema.any_of, place, true);
        if valid == 0 {
            out.errors
                .push(place.whole("must validate at least one schema (anyOf)"));
        }
        out.merge(best);
    }
    if !schema.one_of.is_empty() {
        let (best, valid) = alternatives(value, old, &schema.one_of, place, false);
        match valid {
            1 => out.merge(best),
            0 => {
                out.errors
                    .push(place.whole("must validate one and only one schema (oneOf). Found none valid"));
                out.merge(best);
            }
            n => out.errors.push(place.whole(&format!(
                "must validate one and only one schema (oneOf). Found {n} valid alternatives"
            ))),
        }
    }
    let mut valid = 0;
    for part in &schema.all_of {
        let outcome = judge(value, old, part, place);
        valid += usize::from(outcome.errors.is_empty());
        out.merge_only(outcome);
    }
    if valid != schema.all_of.len() {
        let none = if valid == 0 && schema.all_of.len() > 1 {
            ". None validated"
        } else {
            ""
        };
        out.errors
            .push(place.whole(&format!("must validate all the schemas (allOf){none}")));
    }
    if let Some(not) = &schema.not
        && judge(value, old, not, place).errors.is_empty()
    {
        out.errors.push(place.whole("must not validate the schema (not)"));
    }
    out.checks += 1;
    out
}

/// The best of several alternatives, and how many are valid; the first valid one is the best.
fn alternatives(
    value: &Value,
    old: Option<&Value>,
    schemas: &[Props],
    place: Place<'_>,
    first: bool,
) -> (Outcome, usize) {
    let mut best: Option<Outcome> = None;
    let mut valid = 0;
    for schema in schemas {
        let outcome = judge(value, old, schema, place);
        if outcome.errors.is_empty() {
            valid += 1;
            if valid == 1 {
                best = Some(outcome);
            }
            if first {
                break;
            }
        } else if valid == 0 && best.as_ref().is_none_or(|b| outcome.checks > b.checks) {
            best = Some(outcome);
        }
    }
    (best.unwrap_or_default(), valid)
}

fn string(text: &str, schema: &Props, place: Place<'_>) -> Vec<FieldError> {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if let Some(max) = schema.max_length.filter(|max| length > *max) {
        return vec![FieldError::too_long(
            place.field(),
            usize::try_from(max).unwrap_or(0),
        )];
    }
    if let Some(min) = schema.min_length.filter(|min| length < *min) {
        return vec![place.invalid(text, &format!("should be at least {min} chars long"))];
    }
    if !schema.pattern.is_empty() {
        let pattern = &schema.pattern;
        match schema.matches(text) {
            Some(true) => {}
            Some(false) => return vec![place.invalid(text, &format!("should match '{pattern}'"))],
            None => {
                let why = format!("should match '{pattern}', but pattern is invalid");
                return vec![place.invalid(text, &why)];
            }
        }
    }
    Vec::new()
}

fn array(items: &[Value], old: Option<&Vec<Value>>, schema: &Props, place: Place<'_>) -> Outcome {
    let mut out = Outcome::default();
    if let Some(item) = schema.item() {
        // Items have a place of their own only in a map.
        let old = old.filter(|_| schema.list_type.as_deref() == Some("map"));
        let identity = |v: &Value| list_type::keys(v, schema).to_string();
        let old: BTreeMap<String, &Value> = old.into_iter().flatten().map(|o| (identity(o), o)).collect();
        let same = |value: &Value| {
            if old.is_empty() {
                return None;
            }
            old.get(&identity(value)).copied()
        };
        for (i, value) in items.iter().enumerate() {
            out.merge_only(judge(value, same(value), item, place.item(i)));
        }
    }
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if let Some(min) = schema.min_items.filter(|min| length < *min) {
        out.errors
            .push(place.invalid(length, &format!("should have at least {min} items")));
    }
    if let Some(max) = schema.max_items.filter(|max| length > *max) {
        out.errors.push(FieldError::too_many(
            place.field(),
            items.len(),
            usize::try_from(max).unwrap_or(0),
        ));
    }
    out.checks += 2;
    out
}

fn object(
    map: &serde_json::Map<String, Value>,
    old: Option<&serde_json::Map<String, Value>>,
    schema: &Props,
    place: Place<'_>,
) -> Outcome {
    let mut out = Outcome {
        checks: 1,
        ..Outcome::default()
    };
    let length = i64::try_from(map.len()).unwrap_or(i64::MAX);
    if let Some(min) = schema.min_properties.filter(|min| length < *min) {
        out.errors
            .push(place.invalid(length, &format!("should have at least {min} properties")));
        return out;
    }
    if let Some(max) = schema.max_properties.filter(|max| length > *max) {
        out.errors.push(FieldError::too_many(
            place.field(),
            map.len(),
            usize::try_from(max).unwrap_or(0),
        ));
        return out;
    }
    for (name, value) in map {
        match (schema.properties.get(name), &schema.additional) {
            (Some(_), _) | (None, None | Some(Additional::Allowed(true))) => {}
            (None, Some(Additional::Allowed(false))) => {
                let why = format!("{}.{name} in body is a forbidden property", place.name());
                out.errors
                    .push(FieldError::invalid(place.field(), name.as_str(), why));
            }
            (None, Some(Additional::Schema(schema))) => {
                out.merge_only(judge(
                    value,
                    old.and_then(|o| o.get(name)),
                    schema,
                    place.child(name),
                ));
            }
        }
    }
    for (name, schema) in &schema.properties {
        if let Some(value) = map.get(name) {
            let old = old.and_then(|o| o.get(name));
            out.merge_only(judge(value, old, schema, place.child(name)));
        }
    }
    for name in &schema.required {
        if !map.contains_key(name) {
            let missing = place.child(name);
            out.errors.push(FieldError::required(missing.field(), ""));
        }
    }
    out
}

fn enumeration(value: &Value, schema: &Props, place: Place<'_>) -> Vec<FieldError> {
    let same =
        |v: &Value| v == value || (v.is_number() && v.as_f64().is_some() && v.as_f64() == value.as_f64());
    if schema.values.is_empty() || schema.values.iter().any(same) {
        return Vec::new();
    }
    let supported: Vec<String> = schema
        .values
        .iter()
        .map(|v| v.as_str().map_or_else(|| v.to_string(), String::from))
        .collect();
    let supported: Vec<&str> = supported.iter().map(String::as_str).collect();
    vec![FieldError::not_supported(
        place.field(),
        value.clone(),
        &supported,
    )]
}

// === impl Outcome ===

impl Outcome {
    /// Takes errors; what was told already is not told again.
    fn add(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        for error in errors {
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
    }

    /// Takes the errors of a check and counts it.
    fn check(&mut self, errors: Vec<FieldError>) {
        self.add(errors);
        self.checks += 1;
    }

    /// Takes an outcome and counts it as a check.
    fn merge(&mut self, other: Self) {
        self.merge_only(other);
        self.checks += 1;
    }

    fn merge_only(&mut self, other: Self) {
        self.add(other.errors);
        self.checks += other.checks;
    }
}

// === impl Place ===

impl<'a> Place<'a> {
    fn top(name: &'a str, base: &'a str) -> Self {
        Self {
            step: Step::Top(name),
            base,
        }
    }

    fn child(&'a self, name: &'a str) -> Self {
        Self {
            step: Step::Field(self, name),
            base: self.base,
        }
    }

    fn item(&'a self, index: usize) -> Self {
        Self {
            step: Step::Item(self, index),
            base: self.base,
        }
    }

    /// What the message calls the value.
    fn name(&self) -> String {
        match self.step {
            Step::Top(name) => name.to_owned(),
            Step::Item(list, index) => format!("{}[{index}]", list.name()),
            Step::Field(object, name) => match object.name() {
                holder if holder.is_empty() => name.to_owned(),
                holder => format!("{holder}.{name}"),
            },
        }
    }

    /// The field of an error.
    fn field(&self) -> String {
        match (self.base, &*self.name()) {
            ("", "") => "<nil>".to_owned(),
            ("", name) => name.to_owned(),
            (base, "") => base.to_owned(),
            (base, name) => format!("{base}.{name}"),
        }
    }

    fn invalid(&self, value: impl Into<Value>, why: &str) -> FieldError {
        FieldError::invalid(self.field(), value, format!("{} in body {why}", self.name()))
    }

    fn wrong_type(&self, wanted: &str, got: &str) -> FieldError {
        let why = format!(
            "{} in body must be of type {wanted}: {}",
            self.name(),
            go_quote(got)
        );
        FieldError::type_invalid(self.field(), got, why)
    }

    fn wrong_format(&self, format: &str, text: &str) -> FieldError {
        let why = format!(
            "{} in body must be of type {format}: {}",
            self.name(),
            go_quote(text)
        );
        FieldError::type_invalid(self.field(), text, why)
    }

    /// An error of the value as a whole, which the server prints without a field.
    fn whole(&self, why: &str) -> FieldError {
        self.bare(format!("{} {why}", go_quote(&self.name())))
    }

    fn bare(&self, why: String) -> FieldError {
        let field = if self.base.is_empty() { "<nil>" } else { self.base };
        FieldError::of(FieldErrorKind::Invalid, field, Some("\"\"".into()), why)
    }
}

#[cfg(test)]
mod tests;
