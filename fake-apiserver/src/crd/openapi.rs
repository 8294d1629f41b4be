//! Which keywords of the schema language a definition may use, and how.

use serde_json::{Value, json};

use super::props::{Additional, Items, Props, compile};
use super::rules::Attributes;
use super::{pattern, prune, value};
use crate::status::{FieldError, FieldErrorKind};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// What is wrong with a schema as such; what is wrong with the attributes of its rules is told in its place.
pub(super) fn validate(schema: &Props, rules: &Attributes, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(schema, rules, path, &mut errors);
    errors
}

/// What is wrong with the defaults of a schema that is right otherwise.
pub(super) fn defaults(schema: &Props, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk_defaults(schema, path, &mut errors);
    errors
}

fn walk(s: &Props, rules: &Attributes, path: &str, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    if !s.kind.is_empty() && s.kind != "null" && !TYPES.contains(&&*s.kind) {
        errors.push(FieldError::not_supported(at("type"), s.kind.as_str(), &TYPES));
    }
    if s.kind == "null" {
        errors.push(FieldError::not_supported(at("type"), "null", &TYPES));
    }
    for keyword in &s.unsupported {
        errors.push(FieldError::forbidden(
            at(keyword),
            format!("{keyword} is not supported"),
        ));
    }
    if s.kind == "null" {
        errors.push(FieldError::forbidden(
            at("type"),
            "type cannot be set to null, use nullable as an alternative",
        ));
    }
    if matches!(s.items, Some(Items::Many(_))) {
        errors.push(FieldError::forbidden(
            at("items"),
            "items must be a schema object and not an array",
        ));
    }
    if !s.pattern.is_empty() && compile(&s.pattern).is_err() {
        let why = format!(
            "must be a valid regular expression, but isn't: {}",
            pattern::error(&s.pattern)
        );
        errors.push(FieldError::invalid(at("pattern"), s.pattern.as_str(), why));
    }
    if s.unique_items {
        errors.push(FieldError::forbidden(
            at("uniqueItems"),
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
        ));
    }
    let open = matches!(
        s.additional,
        Some(Additional::Schema(_) | Additional::Allowed(false))
    );
    if open && !s.properties.is_empty() {
        errors.push(FieldError::forbidden(
            at("additionalProperties"),
            "additionalProperties and properties are mutual exclusive",
        ));
    }
    below(s, path, &mut |child, path| walk(child, rules, path, errors));
    extensions(s, path, errors);
    lists(s, path, errors);
    errors.extend(rules.get(path).into_iter().flatten().cloned());
}

/// Calls `f` for every schema right below, with its path.
fn below(s: &Props, path: &str, f: &mut impl FnMut(&Props, &str)) {
    if let Some(child) = s.additional_schema() {
        f(child, &format!("{path}.additionalProperties"));
    }
    for (name, child) in &s.properties {
        f(child, &format!("{path}.properties[{name}]"));
    }
    if let Some(child) = &s.not {
        f(child, &format!("{path}.not"));
    }
    for (name, all) in [("allOf", &s.all_of), ("oneOf", &s.one_of), ("anyOf", &s.any_of)] {
        for (i, child) in all.iter().enumerate() {
            f(child, &format!("{path}.{name}[{i}]"));
        }
    }
    match &s.items {
        Some(Items::One(child)) => f(child, &format!("{path}.items")),
        Some(Items::Many(all)) => {
            for (i, child) in all.iter().enumerate() {
                f(child, &format!("{path}.items[{i}]"));
            }
        }
        None => {}
    }
}

fn extensions(s: &Props, path: &str, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    let must_be = |errors: &mut Vec<FieldError>, kind: &str, extension: &str| {
        let why = format!("must be {kind} if {extension} is specified");
        errors.push(if s.kind.is_empty() {
            FieldError::required(format!("{path}.type"), why)
        } else {
            FieldError::invalid(format!("{path}.type"), s.kind.as_str(), why)
        });
    };
    if s.preserve == Some(false) {
        let field = at("x-kubernetes-preserve-unknown-fields");
        errors.push(FieldError::invalid(field, false, "must be true or undefined"));
    }
    if let Some(map_type) = &s.map_type {
        if s.kind != "object" {
            must_be(errors, "object", "x-kubernetes-map-type");
        }
        if !matches!(map_type.as_str(), "atomic" | "granular") {
            let field = at("x-kubernetes-map-type");
            errors.push(FieldError::not_supported(
                field,
                map_type.as_str(),
                &["atomic", "granular"],
            ));
        }
    }
    if let Some(list_type) = &s.list_type {
        if s.kind != "array" {
            must_be(errors, "array", "x-kubernetes-list-type");
        }
        if !matches!(list_type.as_str(), "atomic" | "set" | "map") {
            let field = at("x-kubernetes-list-type");
            errors.push(FieldError::not_supported(
                field,
                list_type.as_str(),
                &["atomic", "set", "map"],
            ));
        }
    }
    if !s.list_map_keys.is_empty() {
        let why = "must be map if x-kubernetes-list-map-keys is non-empty";
        match s.list_type.as_deref() {
            None => errors.push(FieldError::required(at("x-kubernetes-list-type"), why)),
            Some("map") => {}
            Some(other) => errors.push(FieldError::invalid(at("x-kubernetes-list-type"), other, why)),
        }
    }
}

fn lists(s: &Props, path: &str, errors: &mut Vec<FieldError>) {
    let at = |field: &str| format!("{path}.{field}");
    let list_type = s.list_type.as_deref().unwrap_or("");
    let keys_at = at("x-kubernetes-list-map-keys");
    if list_type == "map" {
        if s.list_map_keys.is_empty() {
            let why = "must not be empty if x-kubernetes-list-type is map";
            errors.push(FieldError::required(&*keys_at, why));
        }
        match (&s.items, s.item()) {
            (None, _) => errors.push(FieldError::required(
                at("items"),
                "must have a schema if x-kubernetes-list-type is map",
            )),
            (Some(_), Some(item)) if item.kind != "object" => errors.push(FieldError::invalid(
                at("items.type"),
                item.kind.as_str(),
                "must be object if parent array's x-kubernetes-list-type is map",
            )),
            (Some(_), Some(item)) => keys(s, item, path, errors),
            _ => {}
        }
    }
    let Some(item) = s.item().filter(|_| matches!(list_type, "set" | "map")) else {
        return;
    };
    if list_type == "set" {
        let why = "must be atomic as item of a list with x-kubernetes-list-type=set";
        let inner = match &*item.kind {
            "object" => Some(("x-kubernetes-map-type", &item.map_type)),
            "array" => Some(("x-kubernetes-list-type", &item.list_type)),
            _ => None,
        };
        if let Some((extension, given)) = inner
            && given.as_deref() != Some("atomic")
        {
            let shown = given.as_deref().map_or(Value::Null, Value::from);
            errors.push(FieldError::invalid(
                format!("{path}.items.{extension}"),
                shown,
                why,
            ));
        }
    }
    if item.nullable {
        let why = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        errors.push(FieldError::forbidden(at("items.nullable"), why));
    }
    if list_type == "map" {
        for key in &s.list_map_keys {
            let Some(field) = item.properties.get(key) else {
                continue;
            };
            let place = format!("{path}.items.properties[{key}]");
            if !item.required.contains(key) && field.default.is_none() {
                let why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required \
                    property";
                errors.push(FieldError::required(format!("{place}.default"), why));
            }
            if field.nullable {
                let why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
                errors.push(FieldError::forbidden(format!("{place}.nullable"), why));
            }
        }
    }
}

fn keys(s: &Props, item: &Props, path: &str, errors: &mut Vec<FieldError>) {
    let keys_at = format!("{path}.x-kubernetes-list-map-keys");
    let shown = || json!(s.list_map_keys);
    for (i, key) in s.list_map_keys.iter().enumerate() {
        match item.properties.get(key) {
            Some(field) if matches!(&*field.kind, "array" | "object") => errors.push(FieldError::invalid(
                format!("{path}.items.properties[{key}].type"),
                item.kind.as_str(),
                "must be a scalar type if parent array's x-kubernetes-list-type is map",
            )),
            Some(_) => {}
            None => errors.push(FieldError::invalid(
                &*keys_at,
                shown(),
                "entries must all be names of item properties",
            )),
        }
        if s.list_map_keys[..i].contains(key) {
            errors.push(FieldError::invalid(
                &*keys_at,
                shown(),
                "must not contain duplicate entries",
            ));
        }
    }
}

/// A default has to be a value of its schema, with nothing in it that would be pruned.
fn walk_defaults(s: &Props, path: &str, errors: &mut Vec<FieldError>) {
    if let Some(default) = &s.default {
        let place = format!("{path}.default");
        let unknown = default.is_object() && !s.embedded && {
            // Only whole objects have fields that no schema names.
            let mut copy = default.clone();
            !prune::unknown(&mut copy, s).is_empty() || metadata_unknown(default, s)
        };
        if unknown {
            errors.push(FieldError::invalid(
                &*place,
                default.clone(),
                "must not have unknown fields",
            ));
        } else {
            for mut error in value::validate_at(default, s, &place) {
                // What the validator tells of the value as a whole belongs to the default.
                if error.kind == FieldErrorKind::Invalid && error.field == "<nil>" {
                    error.field.clone_from(&place);
                }
                errors.push(error);
            }
        }
    }
    if let Some(item) = s.item() {
        walk_defaults(item, &format!("{path}.items"), errors);
    }
    for (name, field) in &s.properties {
        walk_defaults(field, &format!("{path}.properties[{name}]"), errors);
    }
    if let Some(field) = s.additional_schema() {
        walk_defaults(field, &format!("{path}.additionalProperties"), errors);
    }
}

/// Whether a default has one of the fields that only whole objects have without naming them.
fn metadata_unknown(value: &Value, s: &Props) -> bool {
    let known = |name: &&str| s.field(name).is_some() || s.preserves() || s.additional.is_some();
    ["apiVersion", "kind", "metadata"]
        .iter()
        .any(|name| value.get(name).is_some() && !known(name))
}
