//! PATCH: the live object with a patch applied to it, written as an update; and server-side apply.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};
use smallvec::SmallVec;

use super::{Context, admission, create, decode, managed, meta, update};
use crate::apply::{Outcome, described, merge_in, unconvertible};
use crate::patch;
use crate::schema::{self, Shape};
use crate::status::{Details, Result, StatusError};
use crate::storage::Stored;
use crate::wire::{body, go_json, yaml};

/// The kinds of patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Merge,
    Strategic,
    Apply,
}

const KINDS: [(&str, Kind); 4] = [
    ("application/json-patch+json", Kind::Json),
    ("application/merge-patch+json", Kind::Merge),
    ("application/strategic-merge-patch+json", Kind::Strategic),
    ("application/apply-patch+yaml", Kind::Apply),
];

// === impl Kind ===

impl Kind {
    /// Reads a `Content-Type`, which must be one of those above to the letter.
    pub(super) fn parse(content_type: &str, custom: bool) -> Result<Self> {
        let known: Vec<&(&str, Self)> = KINDS
            .iter()
            .filter(|(_, k)| !custom || *k != Self::Strategic)
            .collect();
        let find = |text: &str| {
            known
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, kind)| *kind)
        };
        // The router knows but the types, however many; the handler wants exactly one.
        let routed = content_type
            .split(',')
            .any(|part| find(part.split(';').next().unwrap_or_default().trim()).is_some());
        if !routed && !custom {
            return Err(
                StatusError::new(415, "UnsupportedMediaType", "415: Unsupported Media Type")
                    .details(Details::default()),
            );
        }
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        find(content_type.split(';').next().unwrap_or_default())
            .ok_or_else(|| body::unsupported(&names.join(", ")))
    }
}

/// Applies a patch to the object that the request names.
pub(super) fn patch(
    cx: &mut Context<'_>,
    kind: Kind,
    body: &[u8],
    force: bool,
) -> Result<(StatusCode, Arc<Stored>)> {
    if kind == Kind::Apply {
        return server_side_apply(cx, body, force);
    }
    let old = cx.existing()?;
    // Managed fields are the greater part of most objects, and few patches are about them: without them there is less to
    // read. A refusal, though, quotes the whole object, so that it has to be made from that.
    let quick = if patch::spares_managed_fields(body) {
        members(cx, kind, &old, body).or_else(|| patched(cx, kind, &old, body, false).ok())
    } else {
        None
    };
    let object = match quick {
        Some(object) => object,
        None => patched(cx, kind, &old, body, true)?,
    };
    update::check_namespace(cx, meta::of(&object))?;
    update::check_name(cx, meta::of(&object))?;
    update::replace(cx, &old, object, managed::Mode::Track).map(|stored| (StatusCode::OK, stored))
}

/// An object with a merge patch applied to the members that it names, as if all of it had been read again.
///
/// What is stored has been read before, and reading it again changes nothing. `None` where the patch is of another kind,
/// or something has to be said of it.
fn members(cx: &mut Context<'_>, kind: Kind, old: &Stored, body: &[u8]) -> Option<Map<String, Value>> {
    let (schema, node) = cx.resource.node()?;
    let Shape::Struct(fields) = &schema.node(node).shape else {
        return None;
    };
    let before = old.value().as_object()?;
    // Events are shared by two groups, of which each has names of its own for some fields.
    if before.keys().any(|name| fields.field(name).is_none()) {
        return None;
    }
    if kind != Kind::Merge || schema::json::check(body).is_err() {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let patch = patch::gojson::object(text)?;
    let mut read: SmallVec<[(&str, Value); 2]> = SmallVec::new();
    for (name, value) in patch {
        let field = fields.field(&name)?;
        let name = &*field.name;
        // The type and the metadata are the whole object's affair.
        let own = !matches!(name, "apiVersion" | "kind" | "metadata");
        let once = read.iter().all(|(other, _)| *other != name);
        if !own || !once || value == "null" || !patch::gojson::parse(value).ok()?.duplicates.is_empty() {
            return None;
        }
        let current = before.get(name).map(serde_json::to_string).transpose().ok()?;
        let merged = patch::merge::member(current.as_deref(), value);
        read.push((
            name,
            schema::decode::decode_field(schema, field, merged.as_bytes())?,
        ));
    }
    let kept = before
        .iter()
        .filter(|(name, _)| read.iter().all(|(other, _)| *name != other));
    let mut object: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    object.extend(read.into_iter().map(|(name, value)| (name.to_owned(), value)));
    meta::of_mut(&mut object).insert("resourceVersion".into(), old.revision().to_string().into());
    debug_assert_eq!(
        Some(&object),
        patched(cx, kind, old, body, false).ok().as_ref(),
        "read again"
    );
    Some(object)
}

/// An object with a patch applied to it, which sees its managed fields or does not.
fn patched(
    cx: &mut Context<'_>,
    kind: Kind,
    old: &Stored,
    body: &[u8],
    entries: bool,
) -> Result<Map<String, Value>> {
    let text = || {
        if cx.resource.custom && entries {
            // A refusal quotes it, and a custom resource is a map, whose keys are printed sorted.
            typed(cx, old.shown()).to_string()
        } else {
            crate::encode::stored_in_go_order(old, &cx.resource, entries)
        }
    };
    let result = match kind {
        Kind::Json => patch::json::apply(&text(), body).map_err(|e| e.status())?,
        Kind::Merge => patch::merge::apply(&text(), body).map_err(|e| e.status())?,
        Kind::Strategic | Kind::Apply => {
            let (schema, node) = cx.resource.managed_type();
            let live = typed(cx, if entries { old.shown() } else { old.object() });
            let patched = patch::strategic::apply(schema, node, &live, body).map_err(|e| e.status())?;
            // Nothing is left, not even a name.
            if patched.value().as_object().is_some_and(Map::is_empty) {
                update::check_name(cx, meta::empty())?;
            }
            if let Err(why) = patch::strategic::fit(schema, node, patched.value()) {
                return Err(patched.invalid(&why));
            }
            patched
        }
    };
    let cleared = entries && managed::clears(result.value());
    let mut object = decode::patched(cx, &result)?;
    if cleared {
        meta::of_mut(&mut object).insert("managedFields".into(), json!([{}]));
    }
    Ok(object)
}

/// Reads the configuration of an apply, which is an object in YAML; no document at all is an empty one.
pub(super) fn apply_body(cx: &mut Context<'_>, bytes: &[u8]) -> Result<Value> {
    const CONVERTING: &str = "error converting YAML to JSON";
    let unreadable = |why: String| StatusError::bad_request(format!("error decoding YAML: {why}"));
    let document = yaml::read(bytes).map_err(|why| unreadable(format!("{CONVERTING}: {why}")))?;
    let duplicates = document.strict_error().map(|why| format!("{CONVERTING}: {why}"));
    let configuration = match document.value {
        Value::Null => json!({}),
        Value::Object(_) => {
            let mut configuration = document.value;
            as_floats(&mut configuration);
            configuration
        }
        other => {
            return Err(unreadable(format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type \
                 map[string]interface {{}}",
                go_json::type_name(&other)
            )));
        }
    };
    decode::judge(cx, duplicates.into_iter().collect())
        .map_err(|why| StatusError::bad_request(format!("error strict decoding YAML: {why}")))?;
    Ok(configuration)
}

/// Rounds numbers as a `float64` does, which every number of a configuration is to the server.
fn as_floats(value: &mut Value) {
    /// Up to here a `float64` has every integer.
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Array(items) => items.iter_mut().for_each(as_floats),
        Value::Object(fields) => fields.values_mut().for_each(as_floats),
        Value::Number(n) if n.as_i64().is_none_or(|n| n.unsigned_abs() > EXACT) => {
            let Some(float) = n.as_f64() else { return };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "integers beyond the range stay floats"
            )]
            let whole = float as i64;
            if n.is_i64() && whole < i64::MAX {
                *value = whole.into();
            } else if let Some(float) = serde_json::Number::from_f64(float) {
                *value = float.into();
            }
        }
        _ => {}
    }
}

fn server_side_apply(cx: &mut Context<'_>, bytes: &[u8], force: bool) -> Result<(StatusCode, Arc<Stored>)> {
    let applied = apply_body(cx, bytes)?;
    let old = cx.find()?;
    if old.is_none() && !cx.subresource.is_empty() {
        return Err(cx.not_found());
    }
    let live = old.as_ref().map(|old| (&**old.value(), old.entries()));
    let described = described(&applied);
    let given = match &old {
        Some(_) => Map::new(),
        None => applied["metadata"].as_object().cloned().unwrap_or_default(),
    };
    let outcome = managed::with_context(cx, |ctx| merge_in(ctx, live, applied, force));
    let Outcome {
        object: changed,
        entries,
        version,
    } = outcome.map_err(StatusError::from)?;
    let mut object = match (changed, &old) {
        (Some(object), old) => {
            let old = old.as_ref().map(|old| &**old.value());
            converted(cx, &described, old, object)?
        }
        // It is what was read from the store, and nobody has to be asked of it.
        (None, Some(old)) if version.is_none() && !admission::asks(cx) => {
            update::check_name(cx, old.metadata().unwrap_or(meta::empty()))?;
            if entries == *old.entries() {
                return Ok((StatusCode::OK, old.clone()));
            }
            if let Some(stored) = update::own(cx, old, &entries) {
                return stored.map(|stored| (StatusCode::OK, stored));
            }
            decode::untyped((**old.value()).clone())
        }
        (None, Some(old)) => decode::untyped((**old.value()).clone()),
        (None, None) => converted(cx, &described, None, json!({}))?,
    };
    let named = if old.is_some() { meta::of(&object) } else { &given };
    update::check_name(cx, named)?;
    match old {
        Some(old) => {
            let read = || Value::from(old.revision().to_string());
            meta::of_mut(&mut object).insert("resourceVersion".into(), version.unwrap_or_else(read));
            let mode = managed::Mode::Keep(entries);
            update::replace(cx, &old, object, mode).map(|stored| (StatusCode::OK, stored))
        }
        None => {
            let uid = meta::text(meta::of(&object), "uid");
            if !uid.is_empty() {
                return Err(cx.conflict(&format!(
                    "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
                )));
            }
            meta::of_mut(&mut object).remove("resourceVersion");
            cx.check_may("create")?;
            create::insert(cx, object, managed::Mode::Keep(entries))
                .map(|stored| (StatusCode::CREATED, stored))
        }
    }
}

/// Reads what an apply made of an object; what does not fit here was no configuration.
fn converted(
    cx: &Context<'_>,
    described: &str,
    old: Option<&Value>,
    value: Value,
) -> Result<Map<String, Value>> {
    decode::applied(cx, old, value).map_err(|why| {
        let version = &cx.resource.api_version;
        let slash = if version.contains('/') { "" } else { "/" };
        unconvertible(
            described,
            &format!(
                "unable to convert unstructured object to {slash}{version}, Kind={}: {why}",
                cx.resource.kind,
            ),
        )
    })
}

fn typed(cx: &Context<'_>, mut object: Value) -> Value {
    object["apiVersion"] = json!(&*cx.resource.api_version);
    object["kind"] = json!(&*cx.resource.kind);
    object
}
