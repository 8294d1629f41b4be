//! Server-side apply: a configuration merged into the live object, and who owns what after it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

use serde_json::{Map, Value, json};

use super::check::check;
use super::entries::{Entries, Entry, ManagerId, Operation};
use super::field_set::{FieldSet, print_path};
use super::managed::{Context, Untranslatable, change, misfit, put_entries, record, take_entries};
use super::merge::{covers, merge};
use super::prune::prune;
use super::resets::strip_meta;
use super::typed::Typed;
use super::{last_applied, reconcile};
use crate::status::{Cause, Details, StatusError, go_quote};

/// The manager of an object that was written before anybody applied to it.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// The manager that takes over from `kubectl apply` without `--server-side`.
const KUBECTL: &str = "kubectl";

/// An object after an apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The object, with its managed fields; still to be decoded, defaulted and validated.
    pub object: Value,
    /// Whether anything but the managed fields changed.
    pub changed: bool,
}

/// Why an apply failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The configuration is of another kind or version than the request's path.
    #[error("invalid object type: {0}")]
    WrongType(String),
    /// The configuration brings managed fields.
    #[error("metadata.managedFields must be nil")]
    ManagedFields,
    /// The configuration does not have the form of its type.
    #[error("failed to create typed patch object ({object}): {why}")]
    Untyped {
        /// The object as the server names it.
        object: String,
        /// What does not fit.
        why: String,
    },
    /// The live object does not have the form of its type, which was another when it was written.
    #[error("failed to create typed live object ({object}): {why}")]
    UntypedLive {
        /// The object as the server names it.
        object: String,
        /// What does not fit.
        why: String,
    },
    /// The object cannot be told in a version in which something is owned.
    #[error(transparent)]
    Untranslatable(#[from] Untranslatable),
    /// Others own fields to which the configuration gives other values.
    #[error("{} in conflict", .0.len())]
    Conflicts(Vec<Conflict>),
}

/// A field that someone else owns with another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The owner, as messages name it.
    pub manager: String,
    /// The field's path.
    pub field: String,
}

/// What an apply makes of an object whose type, version and managed fields are kept beside it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// The object; `None` where it stays as it is.
    pub(crate) object: Option<Value>,
    /// Who owns what from then on.
    pub(crate) entries: Entries,
    /// The `resourceVersion` that the configuration names.
    pub(crate) version: Option<Value>,
}

/// Applies a configuration to the live object; `None` creates it.
///
/// # Errors
/// When the configuration is of the wrong type or form, or when others own what it changes and `force` is not set.
pub fn apply(
    ctx: &Context<'_>,
    live: Option<Value>,
    applied: &Value,
    force: bool,
) -> Result<Applied, ApplyError> {
    let is_new = live.is_none();
    let mut live = live.unwrap_or_else(|| json!({}));
    let entries = Entries::of(&live);
    take_entries(&mut live);
    let before = (!is_new).then_some((&live, &entries));
    let outcome = merge_in(ctx, before, applied.clone(), force)?;
    let mut changed = is_new || outcome.object.is_some();
    let mut object = outcome.object.unwrap_or_else(|| live.clone());
    if is_new && let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".into(), ctx.api_version.into());
        fields.insert("kind".into(), ctx.kind.into());
    }
    if let Some(version) = outcome.version {
        changed |= live.pointer("/metadata/resourceVersion") != Some(&version);
        object["metadata"]["resourceVersion"] = version;
    }
    put_entries(&mut object, &outcome.entries);
    Ok(Applied { object, changed })
}

/// The same for objects as they are stored.
pub(crate) fn merge_in(
    ctx: &Context<'_>,
    live: Option<(&Value, &Entries)>,
    mut applied: Value,
    force: bool,
) -> Result<Outcome, ApplyError> {
    check_kind(ctx, &applied)?;
    if applied
        .pointer("/metadata/managedFields")
        .is_some_and(|v| !v.is_null())
    {
        return Err(ApplyError::ManagedFields);
    }
    let ty = Typed::new(ctx.schema, ctx.node);
    let nothing = Value::Object(Map::new());
    let (base, mut entries) = match live {
        Some((base, entries)) => (base, entries.clone()),
        None => (&nothing, Entries::new()),
    };
    if live.is_some() && entries.is_empty() {
        record(ctx, &mut entries, &ty.zero(), base, BEFORE_FIRST_APPLY)?;
    }
    if let Some(why) = check(ty, &applied) {
        let object = described(&applied);
        return Err(ApplyError::Untyped { object, why });
    }
    if let Some(why) = misfit(ctx, base) {
        let object = described_as(base, (ctx.api_version, ctx.kind));
        return Err(ApplyError::UntypedLive { object, why });
    }
    reconcile::with_schema(ctx, &mut entries, base)?;
    let annotated = (ctx.manager == KUBECTL).then(|| applied.clone());
    let version = strip(&mut applied);

    let id = ManagerId::new(ctx.manager, Operation::Apply, ctx.api_version, ctx.subresource);
    let fields = ctx.resets.filter_set(ty.field_set(&applied));
    let last = entries.take(&id);
    let given_up = last.as_ref().filter(|last| {
        let kept = last.api_version == ctx.api_version && last.fields().is_subset(&fields);
        !kept
    });
    let time = last.as_deref().and_then(Entry::time);
    entries.put(Entry::new(id.clone(), ctx.api_version, time, fields));

    // Most applies say what is there already.
    let mut object = if given_up.is_none() && covers(ty, base, &applied) {
        None
    } else {
        let merged = merge(ty, base.clone(), &applied);
        Some(match given_up {
            Some(last) => prune(ctx, merged, &entries, last)?,
            None => merged,
        })
    };

    let change = change(ctx, &entries, base, object.as_ref().unwrap_or(base), &id)?;
    // The order of items, and what is reset, are no changes of fields.
    if change.delta.is_empty() && object.as_ref() == Some(base) {
        object = None;
    }
    if !force {
        let mut conflicts = change.conflicts.clone();
        if ctx.manager == KUBECTL && !conflicts.is_empty() {
            let allowed = last_applied::fields(ctx, ty, base);
            for (.., set) in &mut conflicts {
                *set = set.difference(&allowed);
            }
            conflicts.retain(|(.., set)| !set.is_empty());
        }
        if !conflicts.is_empty() {
            return Err(ApplyError::Conflicts(explain(conflicts)));
        }
    }
    change.apply(&mut entries);

    if let Some(own) = entries.take(&id) {
        let fields = strip_meta(own.fields().clone());
        let time = if object.is_some() {
            Some(ctx.now)
        } else {
            own.time()
        };
        // As long as the manager says the same, its entry is the same.
        let same = last.filter(|last| {
            last.api_version == ctx.api_version && last.time() == time && *last.fields() == fields
        });
        if let Some(same) = same {
            entries.put(same);
        } else if !fields.is_empty() {
            entries.put(Entry::new(id, ctx.api_version, time, fields));
        }
    }
    if let Some(applied) = annotated {
        let mut rewritten = object.clone().unwrap_or_else(|| base.clone());
        last_applied::rewrite(&mut rewritten, &applied);
        object = (rewritten != *base).then_some(rewritten);
    }
    entries.sort();
    Ok(Outcome {
        object,
        entries,
        version,
    })
}

/// Takes from a configuration what is kept beside objects, and returns its `resourceVersion`.
fn strip(applied: &mut Value) -> Option<Value> {
    let fields = applied.as_object_mut()?;
    fields.remove("apiVersion");
    fields.remove("kind");
    fields
        .get_mut("metadata")?
        .as_object_mut()?
        .remove("resourceVersion")
}

fn check_kind(ctx: &Context<'_>, applied: &Value) -> Result<(), ApplyError> {
    let text = |name: &str| applied.get(name).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if api_version == ctx.api_version && kind == ctx.kind {
        return Ok(());
    }
    Err(ApplyError::WrongType(group_version_kind(api_version, kind)))
}

fn group_version_kind(api_version: &str, kind: &str) -> String {
    let slash = if api_version.contains('/') { "" } else { "/" };
    format!("{slash}{api_version}, Kind={kind}")
}

/// The failure of an apply of what is [`described`] like this, whose result cannot be decoded as the kind, for the reason
/// that the decoder gives.
pub fn unconvertible(described: &str, why: &str) -> StatusError {
    let message = format!("failed to convert new object ({described}) to proper version: {why}");
    StatusError::new(500, "", message)
}

/// A configuration as errors of conversion name it: `NAMESPACE/NAME; GROUP/VERSION, Kind=KIND`.
pub fn described(configuration: &Value) -> String {
    let text = |name: &str| {
        configuration
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    described_as(configuration, (text("apiVersion"), text("kind")))
}

fn described_as(object: &Value, (api_version, kind): (&str, &str)) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    format!(
        "{}/{}; {}",
        text("/metadata/namespace"),
        text("/metadata/name"),
        group_version_kind(api_version, kind)
    )
}

/// One conflict for each field, sorted by manager; a manager's fields from the top down.
fn explain(mut conflicts: Vec<(ManagerId, String, FieldSet)>) -> Vec<Conflict> {
    conflicts.sort_by(|(a, v, _), (b, w, _)| {
        (&a.manager, a.operation, v, &a.subresource).cmp(&(&b.manager, b.operation, w, &b.subresource))
    });
    let mut out = Vec::new();
    for (id, api_version, fields) in conflicts {
        let mut manager = go_quote(&id.manager);
        if !id.subresource.is_empty() {
            manager.push_str(&format!(" with subresource {}", go_quote(&id.subresource)));
        }
        if id.operation == Operation::Update {
            manager.push_str(&format!(" using {api_version}"));
        }
        fields.each(&mut |path| {
            out.push(Conflict {
                manager: manager.clone(),
                field: print_path(path),
            });
        });
    }
    out
}

// === impl ApplyError ===

impl From<ApplyError> for StatusError {
    fn from(e: ApplyError) -> Self {
        match e {
            ApplyError::WrongType(_) | ApplyError::ManagedFields => Self::bad_request(e.to_string()),
            ApplyError::Untyped { .. } | ApplyError::UntypedLive { .. } | ApplyError::Untranslatable(_) => {
                Self::new(500, "", e.to_string())
            }
            ApplyError::Conflicts(conflicts) => conflict_status(&conflicts),
        }
    }
}

fn conflict_status(conflicts: &[Conflict]) -> StatusError {
    let why = match conflicts {
        [one] => format!("conflict with {}: {}", one.manager, one.field),
        many => {
            let mut lines: Vec<String> = Vec::new();
            let mut last = "";
            for c in many {
                if c.manager != last {
                    lines.push(format!("conflicts with {}:", c.manager));
                    last = &c.manager;
                }
                lines.push(format!("- {}", c.field));
            }
            lines.join("\n")
        }
    };
    let plural = if conflicts.len() == 1 { "" } else { "s" };
    let causes = conflicts.iter().map(|c| Cause {
        reason: "FieldManagerConflict".into(),
        message: format!("conflict with {}", c.manager),
        field: c.field.clone(),
    });
    let message = format!("Apply failed with {} conflict{plural}: {why}", conflicts.len());
    StatusError::new(409, "Conflict", message).details(Details {
        causes: causes.collect(),
        ..Details::default()
    })
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
