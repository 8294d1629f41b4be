//! PUT, and what PATCH does once it knows the new object.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use super::managed::{self, Mode};
use super::{Context, admission, create, decode, meta, namespace, server_error, subresource};
use crate::apply::entries::Entries;
use crate::status::{FieldError, Result, StatusError};
use crate::storage::Stored;
use crate::wire::parse_uint;

const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// Replaces the object that the request names by the one in `body`.
pub(super) fn update(
    cx: &mut Context<'_>,
    body: &[u8],
    content_type: &str,
) -> Result<(StatusCode, Arc<Stored>)> {
    let object = decode::object(cx, body, content_type)?;
    check_name(cx, meta::of(&object))?;
    let Some(old) = cx.find()? else {
        if !cx.resource.strategy.allows_create_on_update() || !cx.subresource.is_empty() {
            return Err(cx.not_found());
        }
        cx.check_may("create")?;
        let mut object = object;
        // Which version it was made from does not matter where there is none, but it has to be one.
        if let Some(version) = meta::of_mut(&mut object).remove("resourceVersion") {
            let version = version.as_str().unwrap_or("");
            if !version.is_empty() {
                parse_uint(version).map_err(server_error)?;
            }
        }
        return create::insert(cx, object, Mode::Track).map(|stored| (StatusCode::CREATED, stored));
    };
    check_uid(cx, meta::text(meta::of(&object), "uid"), &old)?;
    replace(cx, &old, object, Mode::Track).map(|stored| (StatusCode::OK, stored))
}

/// Refuses to write over another object than the one with a UID, where one is given.
pub(super) fn check_uid(cx: &Context<'_>, uid: &str, old: &Stored) -> Result<()> {
    if uid.is_empty() || uid == old.meta("uid") {
        return Ok(());
    }
    let key = cx.resource.etcd_key(&cx.namespace, &cx.name);
    Err(cx.conflict(&format!(
        "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: \
         UID in precondition: {uid}, UID in object meta: {}",
        old.meta("uid")
    )))
}

/// Refuses an object of another namespace than the request's.
pub(super) fn check_namespace(cx: &Context<'_>, meta: &Map<String, Value>) -> Result<()> {
    let given = meta::text(meta, "namespace");
    if cx.resource.namespaced && !given.is_empty() && given != cx.namespace {
        return Err(StatusError::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

/// Refuses an object whose name or namespace is not the URL's.
pub(super) fn check_name(cx: &Context<'_>, meta: &Map<String, Value>) -> Result<()> {
    let (name, namespace) = (meta::text(meta, "name"), meta::text(meta, "namespace"));
    if name.is_empty() {
        return Err(StatusError::bad_request(format!(
            "the name of the object ({} based on URL) was undeterminable: name must be provided",
            cx.name
        )));
    }
    if name != cx.name {
        return Err(StatusError::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            cx.name
        )));
    }
    if !cx.namespace.is_empty() && !namespace.is_empty() && namespace != cx.namespace {
        return Err(StatusError::bad_request(format!(
            "the namespace of the object ({namespace}) does not match the namespace on the request ({})",
            cx.namespace
        )));
    }
    Ok(())
}

/// Writes `object` in place of `old`, by the rules of the kind.
///
/// A write that changes nothing is none; one that removes the last finalizer of an object that is being deleted removes
/// the object, and answers with the content that was written.
pub(super) fn replace(
    cx: &mut Context<'_>,
    old: &Arc<Stored>,
    mut object: Map<String, Value>,
    mode: Mode,
) -> Result<Arc<Stored>> {
    let strategy = cx.resource.strategy.clone();
    let given = managed::take(&mut object);
    check_version(cx, old, meta::of_mut(&mut object))?;
    let before = old.value().as_object().unwrap_or(meta::empty());
    let old_meta = meta::of(before);
    let new_meta = meta::of_mut(&mut object);
    meta::normalise(new_meta);
    if let Some(warning) = meta::unite_owners(new_meta) {
        cx.warn(warning);
    }
    strategy.default(&mut object);
    if cx.subresource.is_empty() {
        strategy.authorize(cx, &object, Some(before))?;
    }
    let entries = match mode {
        Mode::Track => managed::track(cx, Some(old), &mut object, given),
        Mode::Keep(entries) => entries,
    };
    managed::stored(cx, &mut object);
    // What the strategy takes back below still counts as a change here, so that its entry has a new time.
    let entries = managed::settle(old, &object, entries);
    admission::mutate(cx, &mut object, &entries, Some(old))?;
    inherit(cx, meta::of_mut(&mut object), old_meta);
    if cx.subresource == "status" {
        strategy.prepare_status(cx, &mut object, before);
        managed::reset(cx, &mut object, before);
    } else if cx.subresource == "finalize" {
        super::strategy::keep(&mut object, before, "status");
    } else if !subresource::part::prepare(&cx.subresource, &mut object, before) {
        strategy.prepare_update(cx, &mut object, before);
    }
    let common = meta::common(meta::of(&object), &entries);
    let mut errors = meta::validate_update(meta::of(&object), old_meta);
    errors.extend(common.iter().cloned());
    // The kind's own validation checks the metadata once more, so its errors come several times in the causes.
    let again = errors.clone();
    errors.extend(again);
    let mut again = common;
    again.extend(meta::finalizer_errors(meta::of(&object), cx.resource.custom));
    if strategy.revalidates() && cx.subresource.is_empty() {
        errors.extend(again.iter().cloned());
    }
    errors.extend(again);
    errors.extend(match cx.subresource.as_str() {
        "status" => strategy.validate_status(cx, &object, before),
        "" | "finalize" | "scale" => strategy.validate_update(cx, &object, before),
        part => subresource::part::validate(part, &object, before),
    });
    if !errors.is_empty() {
        return Err(StatusError::invalid(
            cx.resource.working_group(),
            &cx.resource.kind,
            &cx.name,
            &errors,
        ));
    }
    for warning in strategy.warnings(&object, Some(before)) {
        cx.warn(warning);
    }
    admission::validate(cx, &object, &entries, Some(old))?;
    if !cx.resource.custom && object == *before && entries == *old.entries() {
        return Ok(old.clone());
    }
    let done = meta::finalizers(meta::of(&object)).is_empty()
        && (old_meta.get("deletionGracePeriodSeconds") == Some(&Value::from(0))
            || namespace::is_left(cx, &object, old_meta));
    if cx.dry_run {
        return Ok(cx.unstored(object, entries, old.revision()));
    }
    if done {
        let (table, key) = (cx.resource.table.clone(), cx.key());
        cx.core.remove(&table, &key);
        return Ok(cx.unstored(object, entries, old.revision()));
    }
    cx.put(object, entries)
}

/// Writes who owns what of an object that stays as it is, which none of the kind's rules can object to.
///
/// `None` where there is more to it than that: see [`replace`].
pub(super) fn own(cx: &mut Context<'_>, old: &Arc<Stored>, entries: &Entries) -> Option<Result<Arc<Stored>>> {
    let (table, key) = (cx.resource.table.clone(), cx.key());
    let here = cx
        .core
        .store
        .get(&table, &key)
        .is_some_and(|here| Arc::ptr_eq(here, old));
    let deleting = old.metadata().is_some_and(meta::is_deleting);
    let unconditional = cx.resource.strategy.allows_unconditional_update();
    if cx.resource.custom || !cx.subresource.is_empty() || !here || deleting || !unconditional {
        return None;
    }
    if !managed::validate(entries).is_empty() {
        return None;
    }
    let object = old.value().as_object()?;
    let strategy = cx.resource.strategy.clone();
    if let Err(refused) = strategy.authorize(cx, object, Some(object)) {
        return Some(Err(refused));
    }
    for warning in strategy.warnings(object, Some(object)) {
        cx.warn(warning);
    }
    Some(Ok(if entries.equal_but_time(old.entries()) {
        old.clone()
    } else if cx.dry_run {
        Arc::new(Stored::owned(
            old.value().clone(),
            entries.clone(),
            old.revision(),
        ))
    } else {
        cx.core
            .put_shared(&table, &key, old.value().clone(), entries.clone(), None)
    }))
}

/// Refuses a write that was made from another version, and takes the version out.
fn check_version(cx: &Context<'_>, old: &Stored, meta: &mut Map<String, Value>) -> Result<()> {
    let given = meta.remove("resourceVersion");
    let given = given.as_ref().and_then(Value::as_str).unwrap_or("");
    let version = if given.is_empty() {
        0
    } else {
        parse_uint(given).map_err(server_error)?
    };
    if version == 0 {
        if cx.resource.strategy.allows_unconditional_update() {
            return Ok(());
        }
        let error = FieldError::invalid("metadata.resourceVersion", 0, "must be specified for an update");
        let (group, plural) = (&cx.resource.group, &cx.resource.plural);
        return Err(StatusError::invalid(group, plural, &cx.name, &[error]));
    }
    if version != old.revision() {
        return Err(cx.conflict(MODIFIED));
    }
    Ok(())
}

/// Keeps of the old metadata what no update changes.
fn inherit(cx: &Context<'_>, meta: &mut Map<String, Value>, old: &Map<String, Value>) {
    let mut keep = |field: &str| match old.get(field) {
        Some(value) => drop(meta.insert(field.into(), value.clone())),
        None => drop(meta.remove(field)),
    };
    for field in ["generation", "creationTimestamp"] {
        keep(field);
    }
    if old.contains_key("deletionTimestamp") {
        keep("deletionTimestamp");
    }
    if cx.resource.namespaced {
        meta.insert("namespace".into(), cx.namespace.clone().into());
    } else {
        meta.remove("namespace");
    }
    for field in ["uid", "deletionGracePeriodSeconds"] {
        if !meta.contains_key(field)
            && let Some(value) = old.get(field)
        {
            meta.insert(field.into(), value.clone());
        }
    }
}
