//! Deletes what has lost its owners, and lets owners go that wait for their dependents.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Call, World,
    object::{has_finalizer, is_deleting, list, name, namespace, text, uid, without_finalizer},
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

/// All objects, and who names whom as owner.
struct Graph<'w> {
    world: &'w World<'w>,
    items: Vec<Item>,
    by_uid: BTreeMap<String, usize>,
    dependents: BTreeMap<String, Vec<usize>>,
}

pub(super) fn next(world: &World<'_>) -> Vec<Call> {
    let graph = Graph::new(world);
    graph
        .items
        .iter()
        .filter_map(|item| graph.consider(item))
        .collect()
}

// === impl Graph ===

impl<'w> Graph<'w> {
    fn new(world: &'w World<'w>) -> Self {
        let items = world.collectable();
        let mut by_uid = BTreeMap::new();
        let mut dependents: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            by_uid.insert(uid(&item.object).to_owned(), index);
            for owner in list(&item.object, "/metadata/ownerReferences") {
                dependents
                    .entry(text(owner, "/uid").to_owned())
                    .or_default()
                    .push(index);
            }
        }
        Self {
            world,
            items,
            by_uid,
            dependents,
        }
    }

    fn consider(&self, item: &Item) -> Option<Call> {
        if is_deleting(&item.object) && has_finalizer(&item.object, ORPHAN) {
            return Some(self.orphan(item));
        }
        if is_deleting(&item.object) && has_finalizer(&item.object, FOREGROUND) {
            let blocked = self.dependents(item).any(|d| self.blocks(d, item));
            return (!blocked).then(|| release(item, FOREGROUND));
        }
        if is_deleting(&item.object) {
            return None;
        }
        self.collect(item)
    }

    /// Deletes an object without living owners, or takes the dead ones off its list.
    fn collect(&self, item: &Item) -> Option<Call> {
        let references = list(&item.object, "/metadata/ownerReferences");
        if references.is_empty() {
            return None;
        }
        let owners: Vec<Owner> = references.iter().map(|r| self.owner(item, r)).collect();
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
        let waited_for = owners.contains(&Owner::Waiting) && self.dependents(item).next().is_some();
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

    fn owner(&self, item: &Item, reference: &Value) -> Owner {
        let Some(namespaced) = self
            .world
            .is_namespaced(text(reference, "/apiVersion"), text(reference, "/kind"))
        else {
            return Owner::Unknown;
        };
        // An object without a namespace cannot have an owner in one.
        if namespaced && namespace(&item.object).is_empty() {
            return Owner::Unknown;
        }
        let found = self
            .by_uid
            .get(text(reference, "/uid"))
            .map(|index| &self.items[*index].object);
        match found {
            Some(owner)
                if name(owner) == text(reference, "/name")
                    && (!namespaced || namespace(owner) == namespace(&item.object)) =>
            {
                if is_deleting(owner) && has_finalizer(owner, FOREGROUND) {
                    Owner::Waiting
                } else {
                    Owner::Solid
                }
            }
            _ => Owner::Absent,
        }
    }

    fn dependents(&self, item: &Item) -> impl Iterator<Item = &Item> {
        let found = self.dependents.get(uid(&item.object));
        found.into_iter().flatten().map(|index| &self.items[*index])
    }

    /// Whether an owner has to wait for this dependent.
    fn blocks(&self, dependent: &Item, owner: &Item) -> bool {
        let references = list(&dependent.object, "/metadata/ownerReferences");
        references
            .iter()
            .any(|r| r["uid"] == uid(&owner.object) && r["blockOwnerDeletion"] == true)
    }

    /// Takes an owner off its dependents' lists, one after the other, and lets it go after the last.
    fn orphan(&self, item: &Item) -> Call {
        let Some(dependent) = self.dependents(item).next() else {
            return release(item, ORPHAN);
        };
        let references = list(&dependent.object, "/metadata/ownerReferences");
        let kept: Vec<&Value> = references
            .iter()
            .filter(|r| r["uid"] != uid(&item.object))
            .collect();
        let kept = if kept.is_empty() { Value::Null } else { json!(kept) };
        Call::merge(
            dependent.path.clone(),
            json!({ "metadata": { "uid": uid(&dependent.object), "ownerReferences": kept } }),
        )
    }
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
