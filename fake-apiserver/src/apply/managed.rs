//! Field management of every write that is not an apply: what a create, an update or a patch changed belongs to its
//! manager from then on.
//!
//! The registry calls [`update`] with the object as it was decoded and defaulted, before admission and before the
//! kind's strategy fills in what only the server sets: so neither of them is owned by the client.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::check::check_stored;
use super::compare::{Delta, compare};
use super::entries::{Entries, Entry, ManagerId, Operation};
use super::field_set::FieldSet;
use super::reconcile;
use super::resets::{Resets, only_meta, strip_meta};
use super::typed::Typed;
use crate::schema::{NodeId, Schema};
use crate::status::FieldError;

/// The number of updaters from which on the oldest are folded into [`OLD_UPDATES`].
const UPDATERS_MAX: usize = 10;

/// The manager into which the oldest updaters are folded.
const OLD_UPDATES: &str = "ancient-changes";

/// The longest name of a manager, in bytes.
const MANAGER_LEN_MAX: usize = 128;

/// The longest name of a subresource in an entry, in bytes.
const SUBRESOURCE_LEN_MAX: usize = 256;

/// Who writes, what, and when.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The types of the version in which the request writes.
    pub schema: &'a Schema,
    /// The kind's type.
    pub node: NodeId,
    /// The version in which the request writes.
    pub api_version: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The manager: [`manager_name`].
    pub manager: &'a str,
    /// The subresource through which the request writes; empty for the resource itself.
    pub subresource: &'a str,
    /// What the strategy behind that path resets.
    pub resets: &'a Resets,
    /// Whether the type may have been another when the live object was written, as a custom resource's may.
    pub evolving: bool,
    /// The time in RFC 3339 with whole seconds.
    pub now: &'a str,
    /// The kind's other versions.
    pub versions: &'a dyn Versions,
}

/// The versions in which entries may name fields.
pub trait Versions {
    /// An object of the kind, in whatever version it is, as another version has it, and that version's type; `None` where
    /// the version does not exist, so that what is recorded in it is forgotten.
    ///
    /// Nothing is pruned: a field that the other version does not know makes the write fail, as it does on a real server.
    fn view<'a>(&'a self, object: &Value, api_version: &str) -> Option<(Value, &'a Schema, NodeId)>;
}

/// A kind that has one version.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneVersion;

/// The managers after a change, and the change itself.
pub(super) struct Change {
    pub(super) delta: Delta,
    /// What others own of it, by manager.
    pub(super) conflicts: Vec<(ManagerId, String, FieldSet)>,
    removed: Vec<(ManagerId, FieldSet)>,
}

/// Records who owns what after a create (`live` is `None`), an update or a patch, in `new`'s `metadata.managedFields`.
///
/// Managed fields that the request brought are taken where they can be read; `[{}]` and `[]` clear them. A live object
/// without any gets none.
pub fn update(ctx: &Context<'_>, live: Option<&Value>, new: &mut Value) {
    let given = take_entries(new);
    let before = live.map(Entries::of);
    let live = live.zip(before.as_ref());
    let entries = track(ctx, live, new, given.as_ref());
    put_entries(new, &entries);
}

/// The same for objects whose managed fields are kept beside them; `given` are those that the request brought.
pub(crate) fn track(
    ctx: &Context<'_>,
    live: Option<(&Value, &Entries)>,
    new: &Value,
    given: Option<&Value>,
) -> Entries {
    let mut entries = starting_point(ctx, live.map(|(_, entries)| entries), given);
    if live.is_some() && entries.is_empty() {
        return entries;
    }
    let ty = Typed::new(ctx.schema, ctx.node);
    let zero;
    let old = match live {
        Some((live, _)) => live,
        None => {
            zero = ty.zero();
            &zero
        }
    };
    // What does not have the form of its type has no fields that could change hands. Where the change cannot be told in
    // the version of some entry, though, nobody owns anything any more.
    let untyped = misfit(ctx, old).is_some() || misfit(ctx, new).is_some();
    if !untyped && record(ctx, &mut entries, old, new, ctx.manager).is_err() {
        return Entries::new();
    }
    cap(&mut entries);
    entries.sort();
    entries
}

/// The manager's name: the request's `fieldManager`, else what its user agent begins with.
pub fn manager_name(field_manager: &str, user_agent: &str) -> String {
    if !field_manager.is_empty() {
        return field_manager.into();
    }
    let product = user_agent.split('/').next().unwrap_or_default();
    let mut name = String::new();
    for c in product.chars().filter(|c| is_printable(*c)) {
        if name.len() + c.len_utf8() > MANAGER_LEN_MAX {
            break;
        }
        name.push(c);
    }
    if name.is_empty() { "unknown".into() } else { name }
}

/// What is wrong with the entries of an object that is about to be stored.
pub fn validate(entries: &Entries, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let at = |field: &str| format!("{path}.managedFields[{i}].{field}");
        let manager = entry.id.manager.as_str();
        let plain = manager.len() <= MANAGER_LEN_MAX && manager.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !plain {
            errors.extend(validate_manager(manager, &at("manager")));
        }
        if entry.id.subresource.len() > SUBRESOURCE_LEN_MAX {
            errors.push(FieldError::too_long(at("subresource"), SUBRESOURCE_LEN_MAX));
        }
    }
    errors
}

/// What is wrong with a manager's name.
pub fn validate_manager(name: &str, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if name.len() > MANAGER_LEN_MAX {
        errors.push(FieldError::too_long(path, MANAGER_LEN_MAX));
    }
    for (at, c) in name.char_indices().filter(|(_, c)| !is_printable(*c)) {
        let why = format!("invalid character U+{:04X} (at position {at})", u32::from(c));
        errors.push(FieldError::invalid(path, name, why));
    }
    errors
}

/// A state of an object that cannot be told in another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", .what.map(|what| format!("failed to convert {what}: ")).unwrap_or_default())]
pub struct Untranslatable {
    /// Which state of the object; nothing for the live one.
    what: Option<&'static str>,
    /// What does not fit.
    why: String,
}

/// What of a live or new object does not fit its type.
///
/// Types of built-in kinds never change, so that their objects are not looked at.
pub(super) fn misfit(ctx: &Context<'_>, object: &Value) -> Option<String> {
    let ty = Typed::new(ctx.schema, ctx.node);
    ctx.evolving.then(|| check_stored(ty, object)).flatten()
}

/// An object in another version; `None` where there is no such version.
pub(super) fn viewed<'a>(
    ctx: &Context<'a>,
    object: &Value,
    api_version: &str,
    what: impl Into<Option<&'static str>>,
) -> Result<Option<(Value, Typed<'a>)>, Untranslatable> {
    let Some((object, schema, node)) = ctx.versions.view(object, api_version) else {
        return Ok(None);
    };
    let ty = Typed::new(schema, node);
    match check_stored(ty, &object) {
        None => Ok(Some((object, ty))),
        Some(why) => Err(Untranslatable {
            what: what.into(),
            why,
        }),
    }
}

/// Compares two states and says whom the change by `writer` concerns. Nothing is changed yet.
///
/// An applier's own fields are not looked at, since it says anew what they are. An updater loses what is gone and what
/// nobody owns, and keeps the rest.
pub(super) fn change(
    ctx: &Context<'_>,
    entries: &Entries,
    old: &Value,
    new: &Value,
    writer: &ManagerId,
) -> Result<Change, Untranslatable> {
    let ty = Typed::new(ctx.schema, ctx.node);
    let delta = ctx.resets.filter(compare(ty, old, new));
    let mut out = Change {
        delta,
        conflicts: Vec::new(),
        removed: Vec::new(),
    };
    let mut elsewhere: Vec<(&str, Delta)> = Vec::new();
    let applies = writer.operation == Operation::Apply;
    for entry in entries.iter().filter(|e| !applies || e.id != *writer) {
        let version = entry.api_version.as_str();
        let delta = if version == ctx.api_version {
            &out.delta
        } else {
            let at = match elsewhere.iter().position(|(v, _)| *v == version) {
                Some(at) => at,
                None => {
                    elsewhere.push((version, compare_in(ctx, version, old, new)?));
                    elsewhere.len() - 1
                }
            };
            &elsewhere[at].1
        };
        let mut conflict = FieldSet::new();
        for changed in [&delta.added, &delta.modified] {
            let nobodys;
            let changed = if entry.id == *writer {
                nobodys = only_meta(changed);
                &nobodys
            } else {
                changed
            };
            if entry.fields().intersects(changed) {
                conflict = conflict.union(&entry.fields().intersection(changed));
            }
        }
        if !conflict.is_empty() {
            out.conflicts
                .push((entry.id.clone(), entry.api_version.clone(), conflict));
        }
        if entry.fields().intersects(&delta.removed) {
            out.removed
                .push((entry.id.clone(), entry.fields().intersection(&delta.removed)));
        }
    }
    Ok(out)
}

// === impl Change ===

impl Change {
    /// Takes what changed from those who owned it.
    pub(super) fn apply(&self, entries: &mut Entries) {
        for entry in entries.iter_mut() {
            let conflict = self.conflicts.iter().find(|(id, ..)| *id == entry.id);
            let removed = self.removed.iter().find(|(id, _)| *id == entry.id);
            if conflict.is_none() && removed.is_none() {
                continue;
            }
            let entry = Arc::make_mut(entry);
            let mut fields = entry.fields().clone();
            for lost in conflict.map(|c| &c.2).into_iter().chain(removed.map(|r| &r.1)) {
                fields.subtract(lost);
            }
            entry.set_fields(fields);
        }
        entries.retain(|e| !e.fields().is_empty());
    }
}

/// Gives what changed between two states to a manager.
pub(super) fn record(
    ctx: &Context<'_>,
    entries: &mut Entries,
    old: &Value,
    new: &Value,
    manager: &str,
) -> Result<(), Untranslatable> {
    reconcile::with_schema(ctx, entries, old)?;
    let id = ManagerId::new(manager, Operation::Update, ctx.api_version, ctx.subresource);
    let change = change(ctx, entries, old, new, &id)?;
    change.apply(entries);
    let mut taken = change.delta.added;
    if !change.delta.modified.is_empty() {
        taken = taken.union(&change.delta.modified);
    }
    let taken = strip_meta(taken);
    if taken.is_empty() {
        return Ok(());
    }
    match entries.get_mut(&id) {
        Some(there) => {
            let grows = !taken.is_subset(there.fields());
            if grows || there.time() != Some(ctx.now) {
                let there = Arc::make_mut(there);
                if grows {
                    there.set_fields(there.fields().union(&taken));
                }
                there.set_time(ctx.now);
            }
        }
        None => entries.put(Entry::new(id, ctx.api_version, Some(ctx.now), taken)),
    }
    Ok(())
}

/// Removes the entries from an object and returns them.
pub(super) fn take_entries(object: &mut Value) -> Option<Value> {
    object
        .get_mut("metadata")?
        .as_object_mut()?
        .remove("managedFields")
}

/// Puts the entries into an object.
pub(super) fn put_entries(object: &mut Value, entries: &Entries) {
    if entries.is_empty() {
        return;
    }
    let Some(object) = object.as_object_mut() else {
        return;
    };
    let metadata = object
        .entry("metadata")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.insert("managedFields".into(), entries.to_value());
    }
}

/// The entries that a write starts from: those that the request brought, else the live ones.
fn starting_point(ctx: &Context<'_>, live: Option<&Entries>, given: Option<&Value>) -> Entries {
    let live = || live.cloned().unwrap_or_default();
    // Through a subresource nobody's entries can be changed by hand.
    if !ctx.subresource.is_empty() {
        return live();
    }
    let Some(given) = given else {
        return live();
    };
    let live = live();
    // Most clients send back what they have read.
    if live.are(given) {
        return live;
    }
    if let Value::Array(list) = given {
        let cleared = match list.as_slice() {
            [] => true,
            [one] => one
                .as_object()
                .is_some_and(|e| e.values().all(|v| v.is_null() || v == "")),
            _ => false,
        };
        if cleared {
            return Entries::new();
        }
    }
    match Entries::parse(given) {
        Ok(entries) if !entries.is_empty() => entries,
        _ => live,
    }
}

/// Folds the oldest updaters of a version into one, until there are no more than ten.
fn cap(entries: &mut Entries) {
    let mut updaters: Vec<(Option<String>, ManagerId)> = entries
        .iter()
        .filter(|e| e.id.operation == Operation::Update)
        .map(|e| (e.time().map(str::to_owned), e.id.clone()))
        .collect();
    let mut count = updaters.len();
    if count <= UPDATERS_MAX {
        return;
    }
    updaters.sort_by(|(s, a), (t, b)| {
        s.cmp(t)
            .then_with(|| a.manager.cmp(&b.manager))
            .then_with(|| a.version.cmp(&b.version))
            .then_with(|| a.subresource.cmp(&b.subresource))
    });
    let mut firsts: Vec<ManagerId> = Vec::new();
    for (time, id) in updaters {
        if count <= UPDATERS_MAX {
            return;
        }
        // One updater alone in its version has nobody to be folded with.
        let Some(first) = firsts.iter().find(|f| f.version == id.version) else {
            firsts.push(id);
            continue;
        };
        let bucket = ManagerId::new(OLD_UPDATES, Operation::Update, &id.version, "");
        let there = entries.take(&bucket).or_else(|| entries.take(first));
        let (Some(there), Some(folded)) = (there, entries.take(&id)) else {
            continue;
        };
        let fields = there.fields().union(folded.fields());
        entries.put(Entry::new(bucket, &folded.api_version, time.as_deref(), fields));
        count -= 1;
    }
}

fn compare_in(ctx: &Context<'_>, version: &str, old: &Value, new: &Value) -> Result<Delta, Untranslatable> {
    // Entries of versions that are no more were forgotten before.
    let Some((old, ty)) = viewed(ctx, old, version, "old object")? else {
        return Ok(Delta::default());
    };
    let Some((new, _)) = viewed(ctx, new, version, "new object")? else {
        return Ok(Delta::default());
    };
    Ok(ctx.resets.filter(compare(ty, &old, &new)))
}

/// Whether Go calls a character printable: of the spaces only the plain one, and nothing invisible.
fn is_printable(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}');
    c == ' ' || !(c.is_control() || c.is_whitespace() || invisible)
}

// === impl Versions ===

impl Versions for OneVersion {
    fn view<'a>(&'a self, _: &Value, _: &str) -> Option<(Value, &'a Schema, NodeId)> {
        None
    }
}

#[cfg(test)]
mod tests;
