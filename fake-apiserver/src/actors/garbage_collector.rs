//! Deletes what has lost its owners, and lets owners go that wait for their dependents.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{has_finalizer, is_deleting, list, namespace, text, uid, without_finalizer},
    world::Item,
};

/// Holds an owner until its dependents are gone.
const FOREGROUND: &str = "foregroundDeletion";

/// Holds an owner until its dependents no longer name it.
const ORPHAN: &str = "orphan";

/// What an owner reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The owner lives.
    Solid,
    /// There is no such owner.
    Absent,
    /// The owner waits for its dependents to be gone.
    Waiting,
    /// The reference cannot be followed: nothing is concluded from it.
    Unknown,
}

pub(super) fn next<'w>(world: &'w World<'_>) -> impl Iterator<Item = Call> + 'w {
    let store = world.store();
    let leaving = store.leaving().cloned();
    // Dependents of a dependent go first where someone waits to see them gone.
    let waited_for = store.leaving().filter_map(|place| store.find(place));
    let waited_for = waited_for
        .filter(|owner| has_finalizer(owner.value(), FOREGROUND))
        .flat_map(|owner| store.dependents(owner.meta("uid")));
    let astray = store.astray().cloned();
    leaving
        .chain(waited_for)
        .chain(astray)
        .filter_map(|place| consider(world, &world.item(&place)?))
}

fn consider(world: &World<'_>, item: &Item) -> Option<Call> {
    if is_deleting(&item.object) && has_finalizer(&item.object, ORPHAN) {
        return Some(orphan(world, item));
    }
    if is_deleting(&item.object) && has_finalizer(&item.object, FOREGROUND) {
        let blocked = world.dependents(&item.object).any(|d| blocks(&d, item));
        return (!blocked).then(|| release(item, FOREGROUND));
    }
    if is_deleting(&item.object) {
        return None;
    }
    collect(world, item)
}

/// Deletes an object without living owners, or takes the dead ones off its list.
fn collect(world: &World<'_>, item: &Item) -> Option<Call> {
    let references = list(&item.object, "/metadata/ownerReferences");
    if references.is_empty() {
        return None;
    }
    let owners: Vec<Owner> = references.iter().map(|r| owner(world, item, r)).collect();
    if owners.contains(&Owner::Unknown) {
        return None;
    }
    if owners.contains(&Owner::Solid) {
        if owners.iter().all(|o| *o == Owner::Solid) {
            return None;
        }
        let kept: Vec<&Value> = references
            .iter()
            .zip(&owners)
            .filter(|(_, o)| **o == Owner::Solid)
            .map(|(r, _)| r)
            .collect();
        return Some(Call::merge(
            item.path.clone(),
            json!({ "metadata": { "uid": uid(&item.object), "ownerReferences": kept } }),
        ));
    }
    // Dependents of a dependent go first where someone waits to see them gone.
    let waited_for = owners.contains(&Owner::Waiting) && world.dependents(&item.object).next().is_some();
    let policy = match waited_for {
        true => "Foreground",
        false if has_finalizer(&item.object, ORPHAN) => "Orphan",
        false if has_finalizer(&item.object, FOREGROUND) => "Foreground",
        false => "Background",
    };
    Some(Call::delete(
        item.path.clone(),
        json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": { "uid": uid(&item.object) },
            "propagationPolicy": policy,
        }),
    ))
}

fn owner(world: &World<'_>, item: &Item, reference: &Value) -> Owner {
    let Some(namespaced) = world.is_namespaced(text(reference, "/apiVersion"), text(reference, "/kind"))
    else {
        return Owner::Unknown;
    };
    // An object without a namespace cannot have an owner in one.
    if namespaced && namespace(&item.object).is_empty() {
        return Owner::Unknown;
    }
    match world.store().by_uid(text(reference, "/uid")) {
        Some(owner)
            if owner.meta("name") == text(reference, "/name")
                && (!namespaced || owner.meta("namespace") == namespace(&item.object)) =>
        {
            if is_deleting(owner.value()) && has_finalizer(owner.value(), FOREGROUND) {
                Owner::Waiting
            } else {
                Owner::Solid
            }
        }
        _ => Owner::Absent,
    }
}

/// Whether an owner has to wait for this dependent.
fn blocks(dependent: &Item, owner: &Item) -> bool {
    let references = list(&dependent.object, "/metadata/ownerReferences");
    references
        .iter()
        .any(|r| r["uid"] == uid(&owner.object) && r["blockOwnerDeletion"] == true)
}

/// Takes an owner off its dependents' lists, one after the other, and lets it go after the last.
fn orphan(world: &World<'_>, item: &Item) -> Call {
    let Some(dependent) = world.dependents(&item.object).next() else {
        return release(item, ORPHAN);
    };
    let references = list(&dependent.object, "/metadata/ownerReferences");
    let kept: Vec<&Value> = references
        .iter()
        .filter(|r| r["uid"] != uid(&item.object))
        .collect();
    let kept = if kept.is_empty() { Value::Null } else { json!(kept) };
    Call::merge(
        dependent.path,
        json!({ "metadata": { "uid": uid(&dependent.object), "ownerReferences": kept } }),
    )
}

/// Takes the collector's own finalizer off.
fn release(item: &Item, finalizer: &str) -> Call {
    let rest = without_finalizer(&item.object, finalizer);
    let version = text(&item.object, "/metadata/resourceVersion");
    Call::merge(
        item.path.clone(),
        json!({ "metadata": { "resourceVersion": version, "finalizers": rest } }),
    )
}
