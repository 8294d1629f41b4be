//! Server-side apply: a configuration merged into the live object, and who owns what after it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

use serde_json::{Value, json};

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
    check_kind(ctx, applied)?;
    if applied
        .pointer("/metadata/managedFields")
        .is_some_and(|v| !v.is_null())
    {
        return Err(ApplyError::ManagedFields);
    }
    let ty = Typed::new(ctx.schema, ctx.node);
    let mut entries = Entries::new();
    let base = match live {
        Some(mut base) => {
            entries = take_entries(&mut base).map(Entries::stored).unwrap_or_default();
            if entries.is_empty() {
                record(ctx, &mut entries, &ty.zero(), &base, BEFORE_FIRST_APPLY)?;
            }
            base
        }
        None => json!({"apiVersion": ctx.api_version, "kind": ctx.kind}),
    };
    if let Some(why) = check(ty, applied) {
        let object = described(applied);
        return Err(ApplyError::Untyped { object, why });
    }
    if let Some(why) = misfit(ctx, &base) {
        let object = described(&base);
        return Err(ApplyError::UntypedLive { object, why });
    }
    reconcile::with_schema(ctx, &mut entries, &base)?;

    let id = ManagerId::new(ctx.manager, Operation::Apply, ctx.api_version, ctx.subresource);
    let fields = ctx.resets.filter_set(ty.field_set(applied));
    let last = entries.take(&id);
    let mut own = match &last {
        Some(last) if last.api_version == ctx.api_version => last.clone(),
        last => Entry::new(
            id.clone(),
            ctx.api_version,
            last.as_ref().and_then(Entry::time),
            FieldSet::new(),
        ),
    };
    own.set_fields(fields);
    let given_up = last.filter(|last| {
        let kept = last.api_version == own.api_version && last.fields().is_subset(own.fields());
        !kept
    });
    entries.put(own);

    // Most applies say what is there already.
    let merged = if given_up.is_none() && covers(ty, &base, applied) {
        None
    } else {
        let merged = merge(ty, base.clone(), applied);
        Some(match given_up {
            Some(last) => prune(ctx, merged, &entries, &last)?,
            None => merged,
        })
    };
    let object = merged.as_ref().unwrap_or(&base);

    let change = change(ctx, &entries, &base, object, &id)?;
    if !force {
        let mut conflicts = change.conflicts.clone();
        if ctx.manager == KUBECTL && !conflicts.is_empty() {
            let allowed = last_applied::fields(ctx, ty, &base);
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

    let changed = merged.as_ref().is_some_and(|merged| *merged != base);
    let mut object = merged.unwrap_or(base);
    if let Some(mut own) = entries.take(&id) {
        own.set_fields(strip_meta(own.fields().clone()));
        if changed {
            own.set_time(ctx.now);
        }
        if !own.fields().is_empty() {
            entries.put(own);
        }
    }
    if ctx.manager == KUBECTL {
        last_applied::rewrite(&mut object, applied);
    }
    put_entries(&mut object, entries);
    Ok(Applied { object, changed })
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

/// The failure of an apply whose result cannot be decoded as the kind, for the reason that the decoder gives.
pub fn unconvertible(object: &Value, why: &str) -> StatusError {
    let object = described(object);
    let message = format!("failed to convert new object ({object}) to proper version: {why}");
    StatusError::new(500, "", message)
}

/// The object as errors of conversion name it: `NAMESPACE/NAME; GROUP/VERSION, Kind=KIND`.
fn described(object: &Value) -> String {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
    format!(
        "{}/{}; {}",
        text("/metadata/namespace"),
        text("/metadata/name"),
        group_version_kind(text("/apiVersion"), text("/kind"))
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
