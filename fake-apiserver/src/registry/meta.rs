//! The rules of `metadata` that hold for every object.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::names;
use super::strategy::NameRule;
use super::{Context, managed};
use crate::apply::entries::Entries;
use crate::status::{FieldError, FieldErrorKind, go_quote};

/// The most bytes that annotations may take together.
const ANNOTATIONS_MAX: usize = 256 << 10;

/// Finalizers that need no domain in front.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// `metadata` of an object that has been decoded.
pub(super) fn of(object: &Map<String, Value>) -> &Map<String, Value> {
    object
        .get("metadata")
        .and_then(Value::as_object)
        .unwrap_or(empty())
}

/// No fields at all.
pub(crate) fn empty() -> &'static Map<String, Value> {
    static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    &EMPTY
}

/// `metadata` of an object, to change.
pub(super) fn of_mut(object: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let meta = object
        .entry("metadata")
        .or_insert_with(|| Value::Object(Map::new()));
    if !meta.is_object() {
        *meta = Value::Object(Map::new());
    }
    match meta {
        Value::Object(meta) => meta,
        // It was made an object just above.
        _ => unreachable!("metadata is an object"),
    }
}

/// A string field; empty where absent.
pub(super) fn text<'a>(meta: &'a Map<String, Value>, field: &str) -> &'a str {
    meta.get(field).and_then(Value::as_str).unwrap_or("")
}

/// The finalizers.
pub(super) fn finalizers(meta: &Map<String, Value>) -> Vec<String> {
    let items = meta.get("finalizers").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_owned))
        .collect()
}

/// Sets the finalizers; none at all leaves no field.
pub(super) fn set_finalizers(meta: &mut Map<String, Value>, finalizers: Vec<String>) {
    if finalizers.is_empty() {
        meta.remove("finalizers");
    } else {
        meta.insert("finalizers".into(), finalizers.into());
    }
}

/// Whether the object is being deleted.
pub(super) fn is_deleting(meta: &Map<String, Value>) -> bool {
    meta.contains_key("deletionTimestamp")
}

/// Removes what is empty, as the types' own JSON would: null and empty lists, maps and strings.
pub(super) fn normalise(meta: &mut Map<String, Value>) {
    meta.retain(|_, value| match value {
        Value::Null => false,
        Value::String(s) => !s.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    });
    meta.remove("selfLink");
}

/// Keeps of owners that are named several times the first, and warns of the others.
pub(super) fn unite_owners(meta: &mut Map<String, Value>) -> Option<String> {
    let owners = meta.get_mut("ownerReferences")?.as_array_mut()?;
    let mut seen: Vec<Value> = Vec::new();
    let mut twice = Vec::new();
    for owner in owners.iter() {
        if seen.contains(owner) {
            twice.push(owner["uid"].as_str().unwrap_or("").to_owned());
        } else {
            seen.push(owner.clone());
        }
    }
    if twice.is_empty() {
        return None;
    }
    *owners = seen;
    Some(format!(
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may \
         reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
        twice.join(", ")
    ))
}

/// Removes what says that the object is being deleted.
pub(super) fn remove_deletion(meta: &mut Map<String, Value>) {
    meta.remove("deletionTimestamp");
    meta.remove("deletionGracePeriodSeconds");
}

/// Gives a new object what only the server gives.
pub(super) fn fill_in(cx: &mut Context<'_>, meta: &mut Map<String, Value>) {
    meta.remove("selfLink");
    meta.remove("generation");
    let namespace = cx.namespace.clone();
    if cx.resource.namespaced {
        meta.insert("namespace".into(), namespace.into());
    } else {
        meta.remove("namespace");
    }
    meta.insert("creationTimestamp".into(), cx.timestamp().into());
    let uid = cx.core.ids.uid();
    meta.insert("uid".into(), uid.into());
}

/// What is wrong with the metadata of a new object.
pub(super) fn validate_create(
    cx: &Context<'_>,
    meta: &Map<String, Value>,
    entries: &Entries,
    rule: NameRule,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let generate = text(meta, "generateName");
    if !generate.is_empty() {
        for why in names::name(rule, generate, true) {
            errors.push(FieldError::invalid("metadata.generateName", generate, why));
        }
    }
    let name = text(meta, "name");
    if name.is_empty() {
        errors.push(FieldError::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else {
        for why in names::name(rule, name, false) {
            errors.push(FieldError::invalid("metadata.name", name, why));
        }
    }
    if cx.resource.namespaced {
        let namespace = text(meta, "namespace");
        if namespace.is_empty() {
            errors.push(FieldError::required("metadata.namespace", ""));
        } else {
            for why in names::label(namespace) {
                errors.push(FieldError::invalid("metadata.namespace", namespace, why));
            }
        }
    }
    errors.extend(common(meta, entries));
    errors.extend(finalizer_errors(meta, cx.resource.custom));
    errors
}

/// What to warn of in the finalizers of a custom resource, of which an update adds some to `old`.
pub(super) fn finalizer_warnings(meta: &Map<String, Value>, old: Option<&Map<String, Value>>) -> Vec<String> {
    let known = old.map(finalizers).unwrap_or_default();
    let mut added = finalizers(meta);
    added.retain(|f| !known.contains(f) && !f.contains('/') && !STANDARD_FINALIZERS.contains(&f.as_str()));
    added.sort();
    added.dedup();
    let warn = |finalizer: &String| {
        format!(
            "metadata.finalizers: {}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other \
             finalizer writers",
            go_quote(finalizer)
        )
    };
    added.iter().map(warn).collect()
}

/// What is wrong with what an update makes of the metadata, beside what [`common`] says.
pub(super) fn validate_update(meta: &Map<String, Value>, old: &Map<String, Value>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if is_deleting(old) {
        let known = finalizers(old);
        let mut added: Vec<String> = finalizers(meta)
            .into_iter()
            .filter(|f| !known.contains(f))
            .collect();
        added.sort();
        if !added.is_empty() {
            let quoted: Vec<String> = added.iter().map(|f| go_quote(f)).collect();
            errors.push(FieldError::forbidden(
                "metadata.finalizers",
                format!(
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                    quoted.join(", ")
                ),
            ));
        }
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        let value = meta.get(field);
        if value != old.get(field) {
            let empty = if field.starts_with("deletion") || field == "creationTimestamp" {
                Value::Null
            } else {
                Value::from("")
            };
            errors.push(FieldError::invalid(
                format!("metadata.{field}"),
                value.cloned().unwrap_or(empty),
                "field is immutable",
            ));
        }
    }
    errors
}

/// What is wrong with the metadata of any object.
pub(super) fn common(meta: &Map<String, Value>, entries: &Entries) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Some(generation) = meta.get("generation").and_then(Value::as_i64)
        && generation < 0
    {
        errors.push(FieldError::invalid(
            "metadata.generation",
            generation,
            "must be greater than or equal to 0",
        ));
    }
    errors.extend(label_errors("metadata.labels", meta.get("labels")));
    errors.extend(annotation_errors(meta));
    errors.extend(owner_errors(meta));
    errors.extend(managed::validate(entries));
    errors
}

/// What is wrong with a map of labels.
pub(super) fn label_errors(field: &str, labels: Option<&Value>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in labels.and_then(Value::as_object).into_iter().flatten() {
        for why in names::qualified_name(key) {
            errors.push(FieldError::invalid(field, key.as_str(), why));
        }
        let value = value.as_str().unwrap_or("");
        for why in names::label_value(value) {
            errors.push(FieldError::invalid(field, value, why));
        }
    }
    errors
}

fn annotation_errors(meta: &Map<String, Value>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut size = 0;
    for (key, value) in meta
        .get("annotations")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for why in names::qualified_name(&key.to_lowercase()) {
            errors.push(FieldError::invalid("metadata.annotations", key.as_str(), why));
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > ANNOTATIONS_MAX {
        errors.push(FieldError::too_long("metadata.annotations", ANNOTATIONS_MAX));
    }
    errors
}

fn owner_errors(meta: &Map<String, Value>) -> Vec<FieldError> {
    let field = "metadata.ownerReferences";
    let mut errors = Vec::new();
    let mut controller: Option<String> = None;
    for owner in meta
        .get("ownerReferences")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| owner[name].as_str().unwrap_or("");
        let version = text("apiVersion");
        // What is no group and version at all has neither.
        let (group, plain_version) = match version.split_once('/') {
            Some((_, rest)) if rest.contains('/') => ("", ""),
            Some(both) => both,
            None => ("", version),
        };
        if plain_version.is_empty() {
            errors.push(FieldError::invalid(
                format!("{field}.apiVersion"),
                version,
                "version must not be empty",
            ));
        }
        for name in ["kind", "name", "uid"] {
            if text(name).is_empty() {
                let why = "must not be empty";
                errors.push(FieldError::invalid(format!("{field}.{name}"), "", why));
            }
        }
        if group.is_empty() && plain_version == "v1" && text("kind") == "Event" {
            errors.push(FieldError::invalid(
                field,
                owner.clone(),
                "/v1, Kind=Event is disallowed from being an owner",
            ));
        }
        if owner["controller"] == true {
            if let Some(other) = &controller {
                errors.push(FieldError::of(
                    FieldErrorKind::Invalid,
                    field,
                    Some(print_owners(meta)),
                    format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {other} and {}/{}",
                        text("kind"),
                        text("name")
                    ),
                ));
            }
            controller = Some(format!("{}/{}", text("kind"), text("name")));
        }
    }
    errors
}

/// Owner references in the order of their type's fields.
fn print_owners(meta: &Map<String, Value>) -> String {
    const FIELDS: [&str; 6] = [
        "apiVersion",
        "kind",
        "name",
        "uid",
        "controller",
        "blockOwnerDeletion",
    ];
    let owners = meta.get("ownerReferences").and_then(Value::as_array);
    let printed: Vec<String> = owners
        .into_iter()
        .flatten()
        .map(|owner| {
            let fields = FIELDS
                .iter()
                .filter_map(|field| Some((field, owner.get(*field)?)));
            let fields: Vec<String> = fields.map(|(f, v)| format!("\"{f}\":{v}")).collect();
            format!("{{{}}}", fields.join(","))
        })
        .collect();
    format!("[{}]", printed.join(","))
}

/// What is wrong with the name of a finalizer.
pub(super) fn finalizer_name(field: &str, finalizer: &str) -> Vec<FieldError> {
    let why = names::qualified_name(finalizer).into_iter();
    let mut errors: Vec<FieldError> = why
        .map(|why| FieldError::invalid(field, finalizer, why))
        .collect();
    errors.extend(unknown_finalizer(field, finalizer));
    errors
}

fn unknown_finalizer(field: &str, finalizer: &str) -> Option<FieldError> {
    let unknown = !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(&finalizer);
    unknown.then(|| {
        let why = "name is neither a standard finalizer name nor is it fully qualified";
        FieldError::invalid(field, finalizer, why)
    })
}

/// Custom resources may have finalizers without a domain; see [`finalizer_warnings`].
pub(super) fn finalizer_errors(meta: &Map<String, Value>, custom: bool) -> Vec<FieldError> {
    let field = "metadata.finalizers";
    let all = finalizers(meta);
    let named = |finalizer: &String| {
        let why = names::qualified_name(finalizer).into_iter();
        why.map(|why| FieldError::invalid(field, finalizer.as_str(), why))
            .collect::<Vec<_>>()
    };
    let mut errors: Vec<FieldError> = all.iter().flat_map(named).collect();
    for (i, finalizer) in all.iter().enumerate() {
        if !custom {
            errors.extend(unknown_finalizer(&format!("{field}[{i}]"), finalizer));
        }
    }
    let has = |name: &str| all.iter().any(|f| f == name);
    if has("orphan") && has("foregroundDeletion") {
        errors.push(FieldError::of(
            FieldErrorKind::Invalid,
            field,
            Some(Value::from(all.clone()).to_string()),
            "finalizer orphan and foregroundDeletion cannot be both set",
        ));
    }
    errors
}
