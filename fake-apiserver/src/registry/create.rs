//! POST to a collection.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::managed::{self, Mode};
use super::{Context, admission, custom, decode, meta, namespace, server_error, update};
use crate::status::{Details, Result, StatusError};
use crate::storage::Stored;
use crate::wire::parse_uint;

/// How often a generated name that is taken is drawn anew.
const ATTEMPTS: usize = 8;

/// Creates the object in `body`.
pub(super) fn create(cx: &mut Context<'_>, body: &[u8], content_type: &str) -> Result<Arc<Stored>> {
    let mut object = read(cx, body, content_type)?;
    // By a PUT or an apply, an object may be made that is being deleted from the start.
    meta::remove_deletion(meta::of_mut(&mut object));
    insert(cx, object, Mode::Track)
}

/// Reads an object to be created, whose name is the request's from here on.
pub(super) fn read(cx: &mut Context<'_>, body: &[u8], content_type: &str) -> Result<Map<String, Value>> {
    let object = decode::object(cx, body, content_type)?;
    let meta = meta::of(&object);
    update::check_namespace(cx, meta)?;
    meta::text(meta, "name").clone_into(&mut cx.name);
    Ok(object)
}

/// Creates a decoded object in the request's namespace.
pub(super) fn insert(
    cx: &mut Context<'_>,
    mut object: Map<String, Value>,
    mode: Mode,
) -> Result<Arc<Stored>> {
    namespace::admit_create(cx)?;
    custom::admit_create(cx)?;
    let strategy = cx.resource.strategy.clone();
    let given = managed::take(&mut object);
    let meta = meta::of_mut(&mut object);
    let version = meta::text(meta, "resourceVersion").to_owned();
    meta.remove("resourceVersion");
    meta::normalise(meta);
    if let Some(warning) = meta::unite_owners(meta) {
        cx.warn(warning);
    }
    strategy.default(&mut object);
    strategy.authorize(cx, &object, None)?;
    let entries = match mode {
        Mode::Track => managed::track(cx, None, &mut object, given),
        Mode::Keep(entries) => entries,
    };
    managed::stored(cx, &mut object);
    meta::fill_in(cx, meta::of_mut(&mut object));
    let generate = meta::text(meta::of(&object), "generateName").to_owned();
    let drawn = cx.name.is_empty() && !generate.is_empty();
    if drawn {
        draw_name(cx, &mut object, &generate);
    }
    admission::mutate(cx, &mut object, &entries, None)?;
    // A webhook may have given it another name.
    if *meta::text(meta::of(&object), "name") != *cx.name {
        meta::text(meta::of(&object), "name").clone_into(&mut cx.name);
    }
    strategy.prepare_create(cx, &mut object);
    fill_zero(cx, &mut object);
    let mut errors = meta::validate_create(cx, meta::of(&object), &entries, strategy.name_rule());
    errors.extend(strategy.validate_create(cx, &object));
    if !errors.is_empty() {
        return Err(StatusError::invalid(
            cx.resource.working_group(),
            &cx.resource.kind,
            meta::text(meta::of(&object), "name"),
            &errors,
        ));
    }
    for warning in strategy.warnings(&object, None) {
        cx.warn(warning);
    }
    if parse_uint(&version).is_ok_and(|v| v != 0) {
        return Err(server_error(
            "resourceVersion should not be set on objects to be created",
        ));
    }
    admission::validate(cx, &object, &entries, None)?;
    let mut attempt = 1;
    while let Some(existing) = cx.core.store.get(&cx.resource.table, &cx.key()) {
        if drawn && attempt < ATTEMPTS {
            attempt += 1;
            draw_name(cx, &mut object, &generate);
            continue;
        }
        let deleting = existing.metadata().is_some_and(meta::is_deleting);
        return Err(taken(cx, deleting, !generate.is_empty()));
    }
    if cx.dry_run {
        return Ok(cx.unstored(object, entries, 0));
    }
    cx.put(object, entries)
}

/// Puts back what the typed object prints for fields that the strategy took away.
fn fill_zero(cx: &Context<'_>, object: &mut Map<String, Value>) {
    for field in ["spec", "status"] {
        if !object.contains_key(field)
            && let Some(zero) = cx.resource.zero_field(field)
        {
            object.insert(field.into(), zero);
        }
    }
}

fn draw_name(cx: &mut Context<'_>, object: &mut Map<String, Value>, prefix: &str) {
    cx.name = cx.core.ids.name(prefix);
    meta::of_mut(object).insert("name".into(), cx.name.clone().into());
}

/// The refusal of a name that is taken.
fn taken(cx: &Context<'_>, deleting: bool, generated: bool) -> StatusError {
    let (group, plural, name) = (&cx.resource.group, &cx.resource.plural, &cx.name);
    let exists = StatusError::already_exists(group, plural, name);
    let details = |retry_after_seconds| Details {
        name: name.clone(),
        group: group.to_string(),
        kind: plural.to_string(),
        retry_after_seconds,
        ..Details::default()
    };
    if generated {
        let message = format!(
            "{}, the server was not able to generate a unique name for the object",
            exists.message()
        );
        return StatusError::new(409, "AlreadyExists", message).details(details(1));
    }
    if deleting {
        let message = format!("object is being deleted: {}", exists.message());
        return StatusError::new(409, "AlreadyExists", message).details(details(0));
    }
    exists
}
