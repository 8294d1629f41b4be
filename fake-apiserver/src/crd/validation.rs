//! Whether a definition is valid: its names, versions, schemas, subresources and conversion.
//!
//! Inside the server schemas, subresources, columns and selectable fields that are the same in all versions stand once,
//! beside the versions; errors name them there (`spec.validation.openAPIV3Schema`).

mod conversion;
mod version;

pub(crate) use conversion::{address as url, webhook_service};

use serde_json::{Value, json};

use super::definition::{is_true, text};
use super::props::Props;
use super::{approval, openapi, rules, structural};
use crate::registry::names;
use crate::status::FieldError;

/// What is wrong with a new definition, besides its metadata; its name is judged here.
pub fn create(crd: &Value) -> Vec<FieldError> {
    let mut errors = name(crd);
    errors.extend(spec(crd));
    errors.extend(stored_versions(crd));
    errors.extend(approval::validate(crd, None));
    errors.extend(preserve_unknown_fields(crd));
    errors
}

/// What is wrong with a changed definition, besides its metadata.
pub fn update(crd: &Value, old: &Value) -> Vec<FieldError> {
    let mut errors = spec(crd);
    let mut immutable = |pointer: &str, field: &str| {
        let (new, old) = (crd.pointer(pointer), old.pointer(pointer));
        if new != old {
            let value = new.cloned().unwrap_or_default();
            errors.push(FieldError::invalid(field, value, "field is immutable"));
        }
    };
    if is_true(old, "Established") {
        immutable("/spec/scope", "spec.scope");
        immutable("/spec/names/kind", "spec.names.kind");
    }
    immutable("/spec/group", "spec.group");
    immutable("/spec/names/plural", "spec.names.plural");
    errors.extend(stored_versions(crd));
    errors.extend(approval::validate(crd, Some(old)));
    errors.extend(preserve_unknown_fields(crd));
    errors
}

fn name(crd: &Value) -> Vec<FieldError> {
    let name = text(&crd["metadata"]["name"]);
    let wanted = format!(
        "{}.{}",
        text(&crd["spec"]["names"]["plural"]),
        text(&crd["spec"]["group"])
    );
    if name.is_empty() || name == wanted {
        return Vec::new();
    }
    let why = r#"must be spec.names.plural+"."+spec.group"#;
    vec![FieldError::invalid("metadata.name", name, why)]
}

fn spec(crd: &Value) -> Vec<FieldError> {
    let spec = &crd["spec"];
    let mut errors = Vec::new();
    let group = text(&spec["group"]);
    let why = names::subdomain(group);
    if group.is_empty() {
        errors.push(FieldError::required("spec.group", ""));
    } else if !why.is_empty() {
        errors.push(FieldError::invalid("spec.group", group, why.join(",")));
    } else if !group.contains('.') {
        errors.push(FieldError::invalid(
            "spec.group",
            group,
            "should be a domain with at least one dot",
        ));
    }
    match text(&spec["scope"]) {
        "" => errors.push(FieldError::required("spec.scope", "")),
        "Cluster" | "Namespaced" => {}
        other => errors.push(FieldError::not_supported(
            "spec.scope",
            other,
            &["Cluster", "Namespaced"],
        )),
    }
    let versions = spec["versions"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (i, version) in versions.iter().enumerate() {
        if !version["schema"]["openAPIV3Schema"].is_object() {
            errors.push(FieldError::required(
                format!("spec.versions[{i}].schema.openAPIV3Schema"),
                "",
            ));
        }
    }
    errors.extend(version::all(&spec["versions"]));

    let hoisted = |field: &str| version::hoisted(versions, field);
    let first = versions.first();
    if let Some(first) = first.filter(|v| !text(&v["name"]).is_empty()) {
        let name = text(&first["name"]);
        let why = names::label_1035(name);
        if !why.is_empty() {
            errors.push(FieldError::invalid("spec.version", name, why.join(",")));
        }
    }
    errors.extend(required_names(&spec["names"]));
    errors.extend(accepted_names(&spec["names"]));
    if let Some(first) = first {
        if hoisted("schema") {
            errors.extend(schema(
                &first["schema"]["openAPIV3Schema"],
                "spec.validation.openAPIV3Schema",
            ));
        }
        if hoisted("subresources") {
            errors.extend(version::subresources(&first["subresources"], "spec.subresources"));
        }
        if hoisted("additionalPrinterColumns") {
            let columns = &first["additionalPrinterColumns"];
            errors.extend(version::columns(columns, "spec.additionalPrinterColumns"));
        }
        if hoisted("selectableFields") {
            let fields = &first["selectableFields"];
            let schema = &first["schema"]["openAPIV3Schema"];
            errors.extend(version::selectable_fields(
                fields,
                schema,
                "spec.selectableFields",
            ));
        }
    }
    errors.extend(conversion::validate(&spec["conversion"]));
    errors
}

/// What is wrong with a version's schema.
fn schema(schema: &Value, path: &str) -> Vec<FieldError> {
    if !schema.is_object() {
        return Vec::new();
    }
    let props = Props::parse(schema);
    let mut errors = Vec::new();
    if props.nullable {
        errors.push(FieldError::forbidden(
            format!("{path}.nullable"),
            "nullable cannot be true at the root",
        ));
    }
    let mut shape = structural::validate(&props, path);
    let keywords = openapi::validate(&props, &rules::attributes(schema, path), path);
    if shape.is_empty() && keywords.is_empty() {
        shape.extend(openapi::defaults(&props, path));
    }
    let typed = shape.is_empty();
    errors.extend(shape);
    errors.extend(keywords);
    // Expressions see only schemas whose values have types.
    if typed {
        let more = rules::expressions(schema, path, &errors);
        errors.extend(more);
    }
    errors
}

fn required_names(names: &Value) -> Vec<FieldError> {
    ["plural", "singular", "kind", "listKind"]
        .into_iter()
        .filter(|field| text(&names[*field]).is_empty())
        .map(|field| FieldError::required(format!("spec.names.{field}"), ""))
        .collect()
}

fn accepted_names(names: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut label = |field: String, value: &str, mixed: bool| {
        let why = if mixed {
            names::label_1035(&value.to_lowercase())
        } else {
            names::label_1035(value)
        };
        if !value.is_empty() && !why.is_empty() {
            let prefix = if mixed {
                "may have mixed case, but should otherwise match: "
            } else {
                ""
            };
            errors.push(FieldError::invalid(
                field,
                value,
                format!("{prefix}{}", why.join(",")),
            ));
        }
    };
    for (field, mixed) in [
        ("plural", false),
        ("singular", false),
        ("kind", true),
        ("listKind", true),
    ] {
        label(format!("spec.names.{field}"), text(&names[field]), mixed);
    }
    for (i, name) in names["shortNames"].as_array().into_iter().flatten().enumerate() {
        label(format!("spec.names.shortNames[{i}]"), text(name), false);
    }
    let (kind, list_kind) = (text(&names["kind"]), text(&names["listKind"]));
    let same = !kind.is_empty() && kind == list_kind;
    let mut categories = Vec::new();
    for (i, name) in names["categories"].as_array().into_iter().flatten().enumerate() {
        let why = names::label_1035(text(name));
        if !why.is_empty() {
            let field = format!("spec.names.categories[{i}]");
            categories.push(FieldError::invalid(field, text(name), why.join(",")));
        }
    }
    if same {
        let why = "kind and listKind may not be the same";
        errors.push(FieldError::invalid("spec.names.listKind", list_kind, why));
    }
    errors.extend(categories);
    errors
}

fn stored_versions(crd: &Value) -> Vec<FieldError> {
    const FIELD: &str = "status.storedVersions";
    let stored = &crd["status"]["storedVersions"];
    let mut errors = Vec::new();
    let mut left: Vec<(usize, &str)> = match stored.as_array().map(Vec::as_slice) {
        None | Some([]) => {
            let why = "must have at least one stored version";
            errors.push(FieldError::invalid(FIELD, stored.clone(), why));
            return errors;
        }
        Some(all) => all.iter().map(text).enumerate().collect(),
    };
    for version in crd["spec"]["versions"].as_array().into_iter().flatten() {
        let name = text(&version["name"]);
        let known = left.iter().any(|(_, v)| *v == name);
        if version["storage"] == true
            && !known
            && !stored.as_array().is_some_and(|s| s.contains(&json!(name)))
        {
            let why = format!("must have the storage version {name}");
            errors.push(FieldError::invalid(FIELD, stored.clone(), why));
        }
        left.retain(|(_, v)| *v != name);
    }
    for (i, version) in left {
        let why = format!(
            "missing from spec.versions; {version} was previously a storage version, and must remain in spec.versions \
             until a storage migration ensures no data remains persisted in {version} and removes {version} from \
             status.storedVersions"
        );
        errors.push(FieldError::invalid(format!("{FIELD}[{i}]"), version, why));
    }
    errors
}

fn preserve_unknown_fields(crd: &Value) -> Vec<FieldError> {
    if crd["spec"]["preserveUnknownFields"] != true {
        return Vec::new();
    }
    let why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    vec![FieldError::invalid("spec.preserveUnknownFields", true, why)]
}

#[cfg(test)]
mod tests;
