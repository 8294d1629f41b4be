//! Custom resources: the rules of their objects, and what follows from a change of their definitions.

mod served;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::resource::{Catalog, Found, Resource};
use super::strategy::{Strategy, generation, set_generation};
use super::{Context, Core, meta};
use crate::apply::entries::Entries;
use crate::clock::rfc3339;
use crate::crd::{self, definition, naming};
use crate::status::{FieldError, Result, StatusError, qualified};
use crate::storage::Stored;

pub(super) use served::AllVersions;
pub(crate) use served::{Definition, Version};

/// The table of the definitions.
pub(crate) const DEFINITIONS: &str = "customresourcedefinitions.apiextensions.k8s.io";

/// The rules of every custom resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Custom;

impl Strategy for Custom {
    fn validate_create(&self, cx: &mut Context<'_>, object: &Map<String, Value>) -> Vec<FieldError> {
        let value = typed(&cx.resource, object);
        let judgement = cx.resource.custom_type().map(|t| t.validate(&value, None));
        told(cx, judgement)
    }

    fn validate_update(
        &self,
        cx: &mut Context<'_>,
        object: &Map<String, Value>,
        old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        let (value, old) = (typed(&cx.resource, object), typed(&cx.resource, old));
        let judgement = cx.resource.custom_type().map(|t| t.validate(&value, Some(&old)));
        told(cx, judgement)
    }

    fn prepare_update(
        &self,
        cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        let status = cx.resource.has_status();
        if status {
            super::strategy::keep(object, old, "status");
        }
        let same = |a: &Map<String, Value>, b: &Map<String, Value>| {
            a.iter()
                .all(|(k, v)| k == "metadata" || status && k == "status" || b.get(k) == Some(v))
        };
        if !(same(object, old) && same(old, object)) {
            set_generation(object, generation(old) + 1);
        }
    }

    fn prepare_status(
        &self,
        _cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        let status = object.remove("status");
        object.clone_from(old);
        if let Some(status) = status {
            object.insert("status".into(), status);
        } else {
            object.remove("status");
        }
    }

    fn validate_status(
        &self,
        cx: &mut Context<'_>,
        object: &Map<String, Value>,
        old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        let (value, old) = (typed(&cx.resource, object), typed(&cx.resource, old));
        let judgement = cx.resource.custom_type().map(|t| t.validate_status(&value, &old));
        told(cx, judgement)
    }

    fn warnings(&self, object: &Map<String, Value>, old: Option<&Map<String, Value>>) -> Vec<String> {
        meta::finalizer_warnings(meta::of(object), old.map(meta::of))
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn allows_unconditional_update(&self) -> bool {
        false
    }
}

/// Refuses new objects of a definition that is going away.
pub(super) fn admit_create(cx: &Context<'_>) -> Result<()> {
    if !cx.resource.custom {
        return Ok(());
    }
    let (group, plural) = (&cx.resource.group, &cx.resource.plural);
    let definition = cx.core.store.get(DEFINITIONS, &format!("{plural}.{group}"));
    if definition.is_some_and(|d| definition::is_true(d.value(), "Terminating")) {
        let why = "create not allowed while custom resource definition is terminating";
        return Err(StatusError::forbidden(group, plural, &cx.name, why));
    }
    Ok(())
}

/// Brings the names, the catalogue and the objects up to what the definitions say now.
///
/// The real server does this in controllers of its own, moments after a write; here it is done once the write has been
/// answered.
pub(super) fn settle(core: &mut Core, now: jiff::Timestamp) {
    let now = rfc3339(now);
    // Each round changes a status or removes a definition, of which there are finitely many.
    while step(core, &now) {}
    rebuild(core);
}

/// One change of one definition; `false` where none is due.
fn step(core: &mut Core, now: &str) -> bool {
    let table: Arc<str> = DEFINITIONS.into();
    let all: Vec<_> = core.store.live(DEFINITIONS).into_iter().collect();
    for (key, stored) in &all {
        let deleting = stored.metadata().is_some_and(meta::is_deleting);
        let changed = if deleting {
            finalize(core, stored.value(), now)
        } else {
            let others = all.iter().map(|(_, other)| &**other.value());
            naming::step(stored.value(), others, now)
        };
        match changed {
            Some(changed @ Value::Object(_)) if changed != **stored.value() => {
                let entries = owned(core, stored, &changed, now);
                if let Value::Object(object) = changed {
                    core.put(&table, key, object, entries);
                }
                return true;
            }
            Some(Value::Null) => {
                core.remove(&table, key);
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Who owns what once the server itself has written the status.
fn owned(core: &Core, old: &Stored, new: &Value, now: &str) -> Entries {
    let resource = core
        .catalog
        .any_version("apiextensions.k8s.io", "customresourcedefinitions");
    resource.map_or_else(
        || old.entries().clone(),
        |resource| super::managed::server_wrote_status(resource, old, new, now),
    )
}

/// What becomes of a definition that is being deleted: `null` where it goes.
fn finalize(core: &mut Core, definition: &Value, now: &str) -> Option<Value> {
    let meta = definition["metadata"].as_object()?;
    let finalizers = meta::finalizers(meta);
    if finalizers.is_empty() {
        return Some(Value::Null);
    }
    if !finalizers.iter().any(|f| f == definition::FINALIZER) {
        return None;
    }
    let text = |field: &Value| field.as_str().unwrap_or("").to_owned();
    let spec = &definition["spec"];
    let table: Arc<str> = qualified(&text(&spec["group"]), &text(&spec["names"]["plural"])).into();
    for (key, object) in core.store.live(&table) {
        let object_meta = object.metadata().unwrap_or(meta::empty());
        if meta::finalizers(object_meta).is_empty() {
            core.remove(&table, &key);
        } else if !meta::is_deleting(object_meta)
            && let Value::Object(mut fields) = (**object.value()).clone()
        {
            let generation = generation(&fields);
            set_generation(&mut fields, generation + 1);
            let meta = meta::of_mut(&mut fields);
            meta.insert("deletionTimestamp".into(), now.into());
            meta.insert("deletionGracePeriodSeconds".into(), 0.into());
            let entries = object.entries().clone();
            core.put_in(&table, &key, fields, entries, object.version().cloned());
        }
    }
    let mut definition = definition.clone();
    let left = core.store.live(&table).len();
    if left > 0 {
        definition::set_condition(
            &mut definition,
            "Terminating",
            "True",
            "InstanceDeletionInProgress",
            "CustomResource deletion is in progress",
            now,
        );
        return Some(definition);
    }
    definition::set_condition(
        &mut definition,
        "Terminating",
        "False",
        "InstanceDeletionCompleted",
        "removed all instances",
        now,
    );
    let kept = finalizers
        .into_iter()
        .filter(|f| f != definition::FINALIZER)
        .collect();
    if let Some(meta) = definition["metadata"].as_object_mut() {
        meta::set_finalizers(meta, kept);
    }
    Some(definition)
}

/// Makes the catalogue anew; a version whose definition says what it said before stays the same resource.
fn rebuild(core: &mut Core) {
    let definitions: Vec<Arc<Value>> = core
        .store
        .live(DEFINITIONS)
        .values()
        .map(|d| d.value().clone())
        .collect();
    let documents = crd::catalog(definitions.iter().map(|d| &**d));
    let mut catalog: Catalog = (*Catalog::builtin()).clone();
    let since = core.store.revision();
    for definition in &definitions {
        if !definition::is_true(definition, "Established") {
            continue;
        }
        let names = &definition["status"]["acceptedNames"];
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let (group, plural) = (text(&definition["spec"]["group"]), text(&names["plural"]));
        let same = core.catalog.any_version(&group, &plural);
        let same = same.and_then(|r| r.defined()).filter(|v| v.is_of(definition));
        let served = match same {
            Some(version) => version.definition().clone(),
            None => Arc::new(Definition::new(definition.clone(), since)),
        };
        for version in definition["spec"]["versions"].as_array().into_iter().flatten() {
            let version = text(&version["name"]);
            let Some(info) = documents.resource(&group, &version, &plural) else {
                continue;
            };
            let known = match core.catalog.find(&group, &version, &plural) {
                Found::Resource(known) if known.is_defined_by(definition) => Some(known.clone()),
                _ => None,
            };
            catalog.insert(known.unwrap_or_else(|| {
                let version = Version::new(served.clone(), &version);
                Arc::new(Resource::custom(info.clone(), text(&names["listKind"]), version))
            }));
        }
    }
    // Watches of resources that are not what they were have to find out.
    let gone: Vec<Arc<Resource>> = core
        .catalog
        .iter()
        .filter(|r| r.custom && !catalog.has(r))
        .cloned()
        .collect();
    for resource in gone {
        core.notifier.take(&resource.table, &mut core.awake);
        core.retired.push((resource, since));
    }
    core.catalog = Arc::new(catalog);
    core.retired
        .retain(|(resource, _)| Arc::strong_count(resource) > 1);
    core.documents = Arc::new(documents);
}

/// The errors of a judgement; its warnings go with the answer.
fn told(cx: &mut Context<'_>, judgement: Option<crd::Judgement>) -> Vec<FieldError> {
    let judgement = judgement.unwrap_or_default();
    for warning in judgement.warnings {
        cx.warn(warning);
    }
    judgement.errors
}

fn typed(resource: &Resource, object: &Map<String, Value>) -> Value {
    let mut object = object.clone();
    object.insert("kind".into(), json!(&*resource.kind));
    object.insert("apiVersion".into(), json!(&*resource.api_version));
    Value::Object(object)
}
