//! Whether a schema is structural: every field of every value has exactly one type.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>

use super::props::{Additional, Items, Props};
use crate::status::FieldError;

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// What keeps a schema from being structural, sorted.
///
/// Schemas with keywords that no definition may have are not judged here; [`super::openapi`] refuses them.
pub(super) fn validate(schema: &Props, path: &str) -> Vec<FieldError> {
    let mut expressible = true;
    schema.walk(&mut |s: &Props| {
        expressible &=
            s.unsupported.is_empty() && s.preserve != Some(false) && !matches!(s.items, Some(Items::Many(_)));
        expressible &= s.kind != "null";
    });
    if !expressible {
        return Vec::new();
    }
    let mut errors = Vec::new();
    invariants(schema, Level::Root, path, &mut errors);
    errors.sort_by_key(ToString::to_string);
    errors
}

fn invariants(s: &Props, level: Level, path: &str, errors: &mut Vec<FieldError>) {
    if s.kind == "array" && s.items.is_none() {
        errors.push(FieldError::required(format!("{path}.items"), "must be specified"));
    }
    if let Some(item) = s.item() {
        invariants(item, Level::Item, &format!("{path}.items"), errors);
    }
    for (name, field) in &s.properties {
        invariants(field, Level::Field, &format!("{path}.properties[{name}]"), errors);
    }
    let additional = format!("{path}.additionalProperties");
    if s.additional.is_some() && level == Level::Root {
        errors.push(FieldError::forbidden(
            &*additional,
            "must not be used at the root",
        ));
    }
    if let Some(field) = s.additional_schema() {
        invariants(field, Level::Field, &additional, errors);
    }
    if s.int_or_string && s.preserves() {
        errors.push(FieldError::invalid(
            format!("{path}.x-kubernetes-preserve-unknown-fields"),
            true,
            "must be false if x-kubernetes-int-or-string is true",
        ));
    }
    if s.int_or_string && s.embedded {
        errors.push(FieldError::invalid(
            format!("{path}.x-kubernetes-embedded-resource"),
            true,
            "must be false if x-kubernetes-int-or-string is true",
        ));
    }
    let (skip_any, skip_first_all) = exceptions(s);
    junctors(s, skip_any, skip_first_all, path, errors);
    kind(s, level, path, errors);

    let checks_meta = level == Level::Root || s.embedded;
    if checks_meta {
        for name in ["kind", "apiVersion"] {
            if let Some(field) = s.properties.get(name).filter(|f| f.kind != "string") {
                let field_path = format!("{path}.properties[{name}].type");
                errors.push(FieldError::invalid(
                    field_path,
                    field.kind.as_str(),
                    "must be string",
                ));
            }
        }
    }
    if let Some(meta) = s.properties.get("metadata").filter(|_| checks_meta) {
        metadata(meta, level, &format!("{path}.properties[metadata]"), errors);
    }
    if s.embedded && !s.preserves() && s.properties.is_empty() {
        errors.push(FieldError::required(
            format!("{path}.properties"),
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
        ));
    }
}

fn kind(s: &Props, level: Level, path: &str, errors: &mut Vec<FieldError>) {
    let field = format!("{path}.type");
    let must = "must be object if x-kubernetes-embedded-resource is true";
    if s.embedded && s.kind.is_empty() {
        errors.push(FieldError::required(&*field, must));
    } else if s.embedded && s.kind != "object" {
        errors.push(FieldError::invalid(&*field, s.kind.as_str(), must));
    } else if s.kind.is_empty() && !s.int_or_string && !s.preserves() {
        errors.push(FieldError::required(
            &*field,
            match level {
                Level::Root => "must not be empty at the root",
                Level::Item => "must not be empty for specified array items",
                Level::Field => "must not be empty for specified object fields",
            },
        ));
    }
    if s.embedded && s.additional.is_some() {
        errors.push(FieldError::forbidden(
            format!("{path}.additionalProperties"),
            "must not be used if x-kubernetes-embedded-resource is set",
        ));
    }
    if level == Level::Root && !s.kind.is_empty() && s.kind != "object" {
        errors.push(FieldError::invalid(
            field,
            s.kind.as_str(),
            "must be object at the root",
        ));
    }
}

/// The two places where an integer or a string may list its two types.
fn exceptions(s: &Props) -> (bool, bool) {
    let both = |any: &[Props]| match any {
        [a, b] => a.kind == "integer" && b.kind == "string" && bare(a) && bare(b),
        _ => false,
    };
    if !s.int_or_string {
        return (false, false);
    }
    let any = both(&s.any_of);
    (any, !any && s.all_of.first().is_some_and(|a| both(&a.any_of)))
}

/// Whether a schema says nothing but its type.
fn bare(s: &Props) -> bool {
    s.properties.is_empty()
        && s.values.is_empty()
        && s.pattern.is_empty()
        && s.minimum.is_none()
        && s.maximum.is_none()
}

fn junctors(s: &Props, skip_any: bool, skip_first_all: bool, path: &str, errors: &mut Vec<FieldError>) {
    if !skip_any {
        for (i, part) in s.any_of.iter().enumerate() {
            nested(part, false, &format!("{path}.anyOf[{i}]"), errors);
        }
    }
    for (i, part) in s.all_of.iter().enumerate() {
        nested(
            part,
            skip_first_all && i == 0,
            &format!("{path}.allOf[{i}]"),
            errors,
        );
    }
    for (i, part) in s.one_of.iter().enumerate() {
        nested(part, false, &format!("{path}.oneOf[{i}]"), errors);
    }
    if let Some(part) = &s.not {
        nested(part, false, &format!("{path}.not"), errors);
    }
}

/// Inside a junctor a schema may restrict values, not define them.
fn nested(s: &Props, skip_any: bool, path: &str, errors: &mut Vec<FieldError>) {
    junctors(s, skip_any, false, path, errors);
    if let Some(item) = s.item() {
        nested(item, false, &format!("{path}.items"), errors);
    }
    for (name, field) in &s.properties {
        nested(field, false, &format!("{path}.properties[{name}]"), errors);
    }
    for (given, field, must) in [
        (!s.kind.is_empty(), "type", "must be empty to be structural"),
        (
            s.additional.is_some(),
            "additionalProperties",
            "must be undefined to be structural",
        ),
        (
            s.default.is_some(),
            "default",
            "must be undefined to be structural",
        ),
        (!s.title.is_empty(), "title", "must be empty to be structural"),
        (
            !s.description.is_empty(),
            "description",
            "must be empty to be structural",
        ),
        (s.nullable, "nullable", "must be false to be structural"),
        (
            s.preserves(),
            "x-kubernetes-preserve-unknown-fields",
            "must be false to be structural",
        ),
        (
            s.embedded,
            "x-kubernetes-embedded-resource",
            "must be false to be structural",
        ),
        (
            s.int_or_string,
            "x-kubernetes-int-or-string",
            "must be false to be structural",
        ),
        (
            s.list_type.is_some(),
            "x-kubernetes-list-type",
            "must be undefined to be structural",
        ),
        (
            !s.list_map_keys.is_empty(),
            "x-kubernetes-list-map-keys",
            "must be empty to be structural",
        ),
        (
            s.map_type.is_some(),
            "x-kubernetes-map-type",
            "must be undefined to be structural",
        ),
    ] {
        if given {
            errors.push(FieldError::forbidden(format!("{path}.{field}"), must));
        }
    }
    if s.properties.contains_key("metadata") {
        errors.push(FieldError::forbidden(
            format!("{path}.properties[metadata]"),
            "must not be specified in a nested context",
        ));
    }
}

/// Metadata is the server's: only its two names can be restricted, and only at the root.
fn metadata(s: &Props, level: Level, path: &str, errors: &mut Vec<FieldError>) {
    if s.kind != "object" {
        errors.push(FieldError::invalid(
            format!("{path}.type"),
            s.kind.as_str(),
            "must be object",
        ));
    }
    if level != Level::Root {
        return;
    }
    let names = |name: &String| matches!(name.as_str(), "name" | "generateName");
    let more = !s.properties.keys().all(names)
        || !s.required.is_empty()
        || s.min_properties.is_some()
        || s.max_properties.is_some()
        || matches!(s.additional, Some(Additional::Schema(_) | Additional::Allowed(_)))
        || s.default.is_some()
        || s.nullable
        || s.preserves()
        || s.map_type.is_some()
        || s.has_rules
        || s.not.is_some()
        || !(s.any_of.is_empty() && s.all_of.is_empty() && s.one_of.is_empty() && s.values.is_empty());
    if more {
        errors.push(FieldError::forbidden(
            path,
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        ));
    }
}
