//! DELETE of one object and of a collection.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/> and
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>

use std::sync::Arc;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::dispatch::Done;
use super::selector::{FieldSelector, LabelSelector, Selector};
use super::strategy::{DefaultPropagation, generation, set_generation};
use super::{Context, Resource, admission, custom, list, meta, namespace};
use crate::clock::rfc3339;
use crate::crd::definition;
use crate::encode::{self, Answer, View};
use crate::status::{Result, StatusError};
use crate::storage::Stored;
use crate::wire::{DeleteOptions, ListOptions};

/// What a DELETE comes to.
pub(super) struct Outcome {
    object: Arc<Stored>,
    /// Whether the object is gone, or would be.
    gone: bool,
    orphan: Option<bool>,
}

/// What to do with an object.
struct Plan {
    /// The object as it is marked; the same as before where nothing has to be marked.
    object: Map<String, Value>,
    /// Whether it goes at once.
    remove: bool,
    /// Whether it is marked before it goes.
    mark: bool,
}

// === impl Outcome ===

impl Outcome {
    pub(super) fn into_answer(self, resource: &Resource, view: View<'_>) -> Result<Answer> {
        let code = if !self.gone && self.orphan == Some(false) {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
        };
        if self.gone && !resource.strategy.returns_deleted() {
            let status = encode::deleted(resource, self.object.meta("name"), self.object.meta("uid"));
            return Ok(Answer::value(code, &status, view.accepted));
        }
        Answer::object(code, resource, self.object, view)
    }
}

/// Who is asked of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Whoever wants to be, of the object that the request names.
    Named,
    /// Whoever wants to be, of an object of the collection that the request names.
    OfCollection,
    /// Nobody: they were asked already.
    Done,
}

/// Deletes the object that the request names.
pub(super) fn delete(cx: &mut Context<'_>, options: &DeleteOptions) -> Result<Outcome> {
    delete_by(cx, options, Admission::Named)
}

/// As [`delete`], after who is to be asked.
pub(super) fn delete_by(
    cx: &mut Context<'_>,
    options: &DeleteOptions,
    admission: Admission,
) -> Result<Outcome> {
    cx.dry_run = options.dry_run;
    if is_namespace(&cx.resource) && namespace::IMMORTAL.contains(&cx.name.as_str()) {
        let why = "this namespace may not be deleted";
        return Err(StatusError::forbidden("", "namespaces", &cx.name, why));
    }
    let old = cx.existing()?;
    check_preconditions(cx, &old, options)?;
    let outcome = |object, gone| Outcome {
        object,
        gone,
        orphan: options.orphan,
    };
    for warning in cx.resource.strategy.delete_warnings(options) {
        cx.warn(warning);
    }
    let before = old.value().as_object().unwrap_or(meta::empty());
    let plan = plan(cx, before, options);
    let gone = is_namespace(&cx.resource) || *cx.resource.table == *custom::DEFINITIONS;
    if admission != Admission::Done && (gone || plan.is_some()) {
        admission::delete(cx, &old, options, admission == Admission::Named)?;
    }
    if is_namespace(&cx.resource)
        && let Some(object) = terminate_namespace(cx, before)
    {
        if &object == before {
            return Ok(outcome(old, false));
        }
        return Ok(outcome(write(cx, object, &old)?, false));
    }
    if *cx.resource.table == *custom::DEFINITIONS
        && let Some(object) = terminate_definition(cx, before)
    {
        return Ok(outcome(write(cx, object, &old)?, false));
    }
    let Some(plan) = plan else {
        // Its grace period is running, and is not shortened.
        return Ok(outcome(old, false));
    };
    if !plan.remove {
        let stored = if &plan.object == before {
            old
        } else {
            write(cx, plan.object, &old)?
        };
        return Ok(outcome(stored, false));
    }
    let marked = if plan.mark {
        write(cx, plan.object, &old)?
    } else {
        old
    };
    if cx.dry_run {
        return Ok(outcome(marked, true));
    }
    let (table, key) = (cx.resource.table.clone(), cx.key());
    let last = match cx.core.remove(&table, &key) {
        Some(last) => cx.resource.view(cx.core, &last)?,
        None => marked,
    };
    Ok(outcome(last, true))
}

/// Deletes the objects of a list.
pub(super) fn collection(
    cx: &mut Context<'_>,
    list_options: &ListOptions,
    selector: (LabelSelector, FieldSelector),
    options: &DeleteOptions,
    view: View<'_>,
) -> Result<Done> {
    // Collections are deleted page by page, so a version asks for the state at that version.
    let mut list_options = list_options.clone();
    if list_options.limit == 0 {
        list_options.limit = i64::MAX;
    }
    let page = match list::page(cx, &list_options, &Selector::new(selector.0, selector.1))? {
        list::Listed::Later(revision) => return Ok(Done::Later(revision)),
        list::Listed::Page(page) => page,
    };
    for item in &page.items {
        item.meta("name").clone_into(&mut cx.name);
        if cx.resource.namespaced {
            item.meta("namespace").clone_into(&mut cx.namespace);
        }
        match delete_by(cx, options, Admission::OfCollection) {
            Ok(_) => {}
            // Somebody else was faster.
            Err(error) if error.code() == 404 => {}
            Err(error) => return Err(error),
        }
    }
    let answer = Answer::list(&cx.resource, page.items, &page.meta, view)?;
    Ok(Done::Answer(answer))
}

fn write(cx: &mut Context<'_>, object: Map<String, Value>, old: &Stored) -> Result<Arc<Stored>> {
    if cx.dry_run {
        return Ok(cx.unstored(object, old.entries().clone(), old.revision()));
    }
    cx.put(object, old.entries().clone())
}

fn check_preconditions(cx: &Context<'_>, old: &Stored, options: &DeleteOptions) -> Result<()> {
    let conflict = |why: String| {
        Err(StatusError::conflict(
            &cx.resource.group,
            &cx.resource.kind,
            &cx.name,
            &why,
        ))
    };
    if let Some(uid) = &options.uid
        && uid != old.meta("uid")
    {
        return conflict(format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been \
             deleted and then recreated",
            old.meta("uid")
        ));
    }
    if let Some(version) = &options.version
        && *version != old.revision().to_string()
    {
        return conflict(format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). \
             The object might have been modified",
            old.revision()
        ));
    }
    Ok(())
}

/// What becomes of an object; `None` where its grace period goes on as it is.
fn plan(cx: &Context<'_>, before: &Map<String, Value>, options: &DeleteOptions) -> Option<Plan> {
    let strategy = &cx.resource.strategy;
    let asked = options.grace.map(|seconds| if seconds < 0 { 1 } else { seconds });
    let mut object = before.clone();
    let old_meta = meta::of(before);
    let mut graceful = None;
    if let Some(grace) = strategy.grace(before, asked) {
        graceful = Some(grace);
        match (
            old_meta.get("deletionTimestamp"),
            old_meta.get("deletionGracePeriodSeconds"),
        ) {
            (Some(deadline), Some(running)) => {
                let running = running.as_i64().unwrap_or(0);
                let period = asked.filter(|period| *period < running)?;
                let sooner = shorten(deadline.as_str().unwrap_or(""), running - period);
                let meta = meta::of_mut(&mut object);
                meta.insert("deletionTimestamp".into(), sooner.into());
                meta.insert("deletionGracePeriodSeconds".into(), period.into());
                graceful = Some(period);
            }
            (Some(_), None) => return None,
            (None, _) => {
                let deadline = cx
                    .now
                    .saturating_add(SignedDuration::from_secs(grace))
                    .unwrap_or(Timestamp::MAX);
                let meta = meta::of_mut(&mut object);
                meta.insert("deletionTimestamp".into(), rfc3339(deadline).into());
                meta.insert("deletionGracePeriodSeconds".into(), grace.into());
                raise_generation(&mut object);
            }
        }
    }
    let finalizers = propagation_finalizers(cx, old_meta, options);
    let pending = !finalizers.is_empty();
    meta::set_finalizers(meta::of_mut(&mut object), finalizers);
    if graceful.is_none() && pending {
        mark(cx, &mut object);
    }
    let remove = !pending && graceful.unwrap_or(0) == 0;
    Some(Plan {
        mark: graceful.is_some() || meta::finalizers(old_meta) != meta::finalizers(meta::of(&object)),
        object,
        remove,
    })
}

/// Marks an object that waits for its finalizers.
fn mark(cx: &Context<'_>, object: &mut Map<String, Value>) {
    if !meta::is_deleting(meta::of(object)) {
        raise_generation(object);
        let now = cx.timestamp();
        meta::of_mut(object).insert("deletionTimestamp".into(), now.into());
    }
    meta::of_mut(object).insert("deletionGracePeriodSeconds".into(), 0.into());
}

fn raise_generation(object: &mut Map<String, Value>) {
    let generation = generation(object);
    if generation > 0 {
        set_generation(object, generation + 1);
    }
}

fn shorten(deadline: &str, seconds: i64) -> String {
    let parsed: Option<Timestamp> = deadline.parse().ok();
    parsed
        .and_then(|at| at.checked_sub(SignedDuration::from_secs(seconds)).ok())
        .map_or_else(|| deadline.to_owned(), rfc3339)
}

/// The finalizers with those of garbage collection as the options and the kind want them.
fn propagation_finalizers(
    cx: &Context<'_>,
    meta: &Map<String, Value>,
    options: &DeleteOptions,
) -> Vec<String> {
    let default = cx.resource.strategy.default_propagation();
    let mut finalizers = meta::finalizers(meta);
    if default == DefaultPropagation::Unsupported {
        return finalizers;
    }
    let has = |name: &str| finalizers.iter().any(|f| f == name);
    let (orphan, foreground) = match (options.orphan, options.propagation.as_deref()) {
        (Some(orphan), _) => (orphan, false),
        (None, Some("Orphan")) => (true, false),
        (None, Some("Foreground")) => (false, true),
        (None, Some(_)) => (false, false),
        (None, None) if has("orphan") => (true, false),
        (None, None) if has("foregroundDeletion") => (false, true),
        (None, None) => (default == DefaultPropagation::Orphan, false),
    };
    let wanted = [(orphan, "orphan"), (foreground, "foregroundDeletion")];
    if wanted.iter().all(|(want, name)| *want == has(name)) {
        return finalizers;
    }
    finalizers.retain(|f| !matches!(f.as_str(), "orphan" | "foregroundDeletion"));
    finalizers.extend(
        wanted
            .iter()
            .filter(|(want, _)| *want)
            .map(|(_, name)| (*name).to_owned()),
    );
    finalizers
}

/// The definition as it waits for its objects to go; `None` where it waits already.
fn terminate_definition(cx: &Context<'_>, before: &Map<String, Value>) -> Option<Map<String, Value>> {
    if meta::is_deleting(meta::of(before)) {
        return None;
    }
    let mut definition = Value::Object(before.clone());
    definition["metadata"]["deletionTimestamp"] = cx.timestamp().into();
    definition::begin_deletion(&mut definition, &cx.timestamp());
    match definition {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn is_namespace(resource: &Resource) -> bool {
    resource.group.is_empty() && &*resource.plural == "namespaces"
}

/// The namespace as it waits for its content to go; `None` where nothing is left to wait for.
fn terminate_namespace(cx: &Context<'_>, before: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut object = before.clone();
    let meta = meta::of_mut(&mut object);
    if !meta::is_deleting(meta) {
        meta.insert("deletionTimestamp".into(), cx.timestamp().into());
        let status = object.entry("status").or_insert_with(|| json!({}));
        if !status.is_object() {
            *status = json!({});
        }
        status["phase"] = json!("Terminating");
        return Some(object);
    }
    let finalizers = object.get("spec").and_then(|s| s["finalizers"].as_array());
    finalizers.is_some_and(|f| !f.is_empty()).then_some(object)
}
