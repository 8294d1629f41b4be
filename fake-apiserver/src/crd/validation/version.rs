//! Versions, and what each has of its own.

use serde_json::{Value, json};

use super::schema;
use crate::crd::definition::text;
use crate::crd::props::Props;
use crate::registry::names;
use crate::status::{FieldError, FieldErrorKind};

/// What is wrong with the versions.
pub(super) fn all(given: &Value) -> Vec<FieldError> {
    let versions = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut errors = Vec::new();
    for (i, version) in versions.iter().enumerate() {
        let path = format!("spec.versions[{i}]");
        let name = text(&version["name"]);
        let why = names::label_1035(name);
        if !why.is_empty() {
            errors.push(FieldError::invalid(format!("{path}.name"), name, why.join(",")));
        }
        if !hoisted(versions, "subresources") {
            errors.extend(subresources(
                &version["subresources"],
                &format!("{path}.subresources"),
            ));
        }
        errors.extend(deprecation(version, &path));
        if !hoisted(versions, "schema") {
            let field = format!("{path}.schema.openAPIV3Schema");
            errors.extend(schema(&version["schema"]["openAPIV3Schema"], &field));
        }
        if !hoisted(versions, "additionalPrinterColumns") {
            let field = format!("{path}.additionalPrinterColumns");
            errors.extend(columns(&version["additionalPrinterColumns"], &field));
        }
        if !hoisted(versions, "selectableFields") {
            let field = format!("{path}.selectableFields");
            let schema = &version["schema"]["openAPIV3Schema"];
            errors.extend(selectable_fields(&version["selectableFields"], schema, &field));
        }
    }
    let names: Vec<&str> = versions.iter().map(|v| text(&v["name"])).collect();
    let whole = |why| {
        FieldError::of(
            FieldErrorKind::Invalid,
            "spec.versions",
            Some(internal(given)),
            why,
        )
    };
    if (0..names.len()).any(|i| names[..i].contains(&names[i])) {
        errors.push(whole("must contain unique version names"));
    }
    if versions.iter().filter(|v| v["storage"] == true).count() != 1 {
        errors.push(whole("must have exactly one version marked as storage version"));
    }
    errors
}

/// Whether a field is the same in all versions, so that the server keeps it beside them.
pub(super) fn hoisted(versions: &[Value], field: &str) -> bool {
    versions.iter().all(|v| v[field] == versions[0][field])
}

/// The versions as messages show them: the server's own struct, without what is kept beside the versions.
fn internal(given: &Value) -> String {
    let Some(versions) = given.as_array() else {
        return "null".to_owned();
    };
    let shown: Vec<String> = versions
        .iter()
        .map(|v| {
            let own = |field: &str| if hoisted(versions, field) { &Value::Null } else { &v[field] };
            format!(
                "{{\"Name\":{},\"Served\":{},\"Storage\":{},\"Deprecated\":{},\"DeprecationWarning\":{},\"Schema\":{},\
                 \"Subresources\":{},\"AdditionalPrinterColumns\":{},\"SelectableFields\":{}}}",
                json!(text(&v["name"])),
                v["served"] == true,
                v["storage"] == true,
                v["deprecated"] == true,
                v["deprecationWarning"],
                own("schema"),
                own("subresources"),
                own("additionalPrinterColumns"),
                own("selectableFields"),
            )
        })
        .collect();
    format!("[{}]", shown.join(","))
}

fn deprecation(version: &Value, path: &str) -> Vec<FieldError> {
    let Some(warning) = version["deprecationWarning"].as_str() else {
        return Vec::new();
    };
    let mut whys = Vec::new();
    if version["deprecated"] != true {
        whys.push("can only be set for deprecated versions".to_owned());
    }
    if warning.is_empty() {
        whys.push("must not be an empty string".to_owned());
    }
    if warning.len() > 256 {
        whys.push("must be <= 256 characters long".to_owned());
    }
    if let Some((i, _)) = warning.char_indices().find(|(_, c)| c.is_control()) {
        whys.push(format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {i}"
        ));
    }
    let field = format!("{path}.deprecationWarning");
    whys.into_iter()
        .map(|why| FieldError::invalid(&*field, warning, why))
        .collect()
}

/// What is wrong with the subresources of a version.
pub(super) fn subresources(subresources: &Value, path: &str) -> Vec<FieldError> {
    let scale = &subresources["scale"];
    let mut errors = Vec::new();
    if !scale.is_object() {
        return errors;
    }
    for (field, roots, under) in [
        ("specReplicasPath", &[".spec."][..], ".spec"),
        ("statusReplicasPath", &[".status."][..], ".status"),
        (
            "labelSelectorPath",
            &[".spec.", ".status."][..],
            "either .spec or .status",
        ),
    ] {
        let at = format!("{path}.scale.{field}");
        match text(&scale[field]) {
            "" if field == "labelSelectorPath" => {}
            "" => errors.push(FieldError::required(at, "")),
            value => match simple_path(value) {
                Some(why) => errors.push(FieldError::invalid(at, value, why)),
                None if roots.iter().any(|r| value.starts_with(r)) => {}
                None => errors.push(FieldError::invalid(
                    at,
                    value,
                    format!("should be a json path under {under}"),
                )),
            },
        }
    }
    errors
}

/// What is wrong with the columns of a version.
pub(super) fn columns(columns: &Value, path: &str) -> Vec<FieldError> {
    const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
    const FORMATS: [&str; 8] = [
        "byte",
        "date",
        "date-time",
        "double",
        "float",
        "int32",
        "int64",
        "password",
    ];
    let mut errors = Vec::new();
    for (i, column) in columns.as_array().into_iter().flatten().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        if text(&column["name"]).is_empty() {
            errors.push(FieldError::required(at("name"), ""));
        }
        let one_of = |all: &[&str]| format!("must be one of {}", all.join(","));
        match text(&column["type"]) {
            "" => errors.push(FieldError::required(at("type"), one_of(&TYPES))),
            known if TYPES.contains(&known) => {}
            other => errors.push(FieldError::invalid(at("type"), other, one_of(&TYPES))),
        }
        let format = text(&column["format"]);
        if !format.is_empty() && !FORMATS.contains(&format) {
            errors.push(FieldError::invalid(at("format"), format, one_of(&FORMATS)));
        }
        let json_path = text(&column["jsonPath"]);
        if json_path.is_empty() {
            errors.push(FieldError::required(at("JSONPath"), ""));
        } else if !json_path.starts_with('.') {
            let why = "must be a simple json path starting with .";
            errors.push(FieldError::invalid(at("JSONPath"), json_path, why));
        }
    }
    errors
}

/// What is wrong with the fields that lists may be filtered by.
pub(super) fn selectable_fields(fields: &Value, schema: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let props = Props::parse(schema);
    let all: Vec<&str> = fields
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| text(&f["jsonPath"]))
        .collect();
    for (i, json_path) in all.iter().enumerate() {
        let at = format!("{path}[{i}].jsonPath");
        if json_path.is_empty() {
            errors.push(FieldError::required(at, ""));
            continue;
        }
        let mut field = Some(&props);
        for name in json_path.trim_start_matches('.').split('.') {
            field = field.and_then(|f| f.properties.get(name));
        }
        match field {
            None => {
                let why = "is an invalid path: does not refer to a valid field";
                errors.push(FieldError::invalid(&*at, *json_path, why));
            }
            Some(_) if json_path.starts_with(".metadata.") => {
                let why = "must not point to fields in metadata";
                errors.push(FieldError::invalid(&*at, *json_path, why));
            }
            Some(f) if !matches!(&*f.kind, "string" | "boolean" | "integer") => {
                let why = "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                    formats are allowed.";
                errors.push(FieldError::invalid(&*at, *json_path, why));
            }
            Some(_) => {}
        }
        if all[..i].contains(json_path) {
            errors.push(FieldError::duplicate(at, *json_path));
        }
    }
    errors
}

/// What keeps a path from being one of names joined by dots.
fn simple_path(path: &str) -> Option<&'static str> {
    if !path.starts_with('.') {
        return Some("must be a simple json path starting with .");
    }
    let name = |n: &str| !n.is_empty() && !n.contains(['[', ']', '(', ')', '*', '?', '@']);
    (!path[1..].split('.').all(name)).then_some("must be a json path in the dot notation")
}
