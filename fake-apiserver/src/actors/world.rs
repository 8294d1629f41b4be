//! What actors see: the objects as they are, and what is served.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::object::{name, namespace};
use crate::{
    clock::rfc3339,
    discovery::Verb,
    registry::{Core, Resource},
};

/// The cluster at one moment.
pub(super) struct World<'a> {
    core: &'a Core,
    now: Timestamp,
}

/// An object and where it is.
pub(super) struct Item {
    pub(super) object: Value,
    pub(super) path: String,
}

/// A resource whose objects live in namespaces.
pub(super) struct Collection(Arc<Resource>);

// === impl World ===

impl<'a> World<'a> {
    pub(super) fn new(core: &'a Core, now: Timestamp) -> Self {
        Self { core, now }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// The time as objects have it.
    pub(super) fn now_text(&self) -> String {
        rfc3339(self.now)
    }

    /// The certificates that pods trust the server by: none, as nothing in memory signs any.
    pub(super) fn certificates(&self) -> &'static str {
        ""
    }

    /// The objects of a resource, in their order.
    pub(super) fn objects(&self, group: &str, plural: &str) -> impl Iterator<Item = Value> + use<> {
        let resource = self.core.catalog.any_version(group, plural);
        let objects = resource
            .map(|r| self.core.store.live(&r.table))
            .unwrap_or_default();
        objects.into_iter().map(|(_, stored)| stored.object())
    }

    pub(super) fn get(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let resource = self.core.catalog.any_version(group, plural)?;
        let stored = self
            .core
            .store
            .get(&resource.table, &resource.key(namespace, name))?;
        Some(stored.object())
    }

    /// Whether a kind lives in namespaces; `None` where it is not served.
    pub(super) fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        self.core
            .catalog
            .iter()
            .find(|r| *r.group == *group && *r.kind == *kind)
            .map(|r| r.namespaced)
    }

    /// Every object that can be deleted, once.
    pub(super) fn collectable(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for resource in self.stored(Verb::Delete) {
            for (_, stored) in self.core.store.live(&resource.table) {
                let object = stored.object();
                let path = path(&resource, namespace(&object), name(&object));
                items.push(Item { object, path });
            }
        }
        items
    }

    /// What is in a namespace, by collection; empty collections are left out.
    pub(super) fn content(&self, in_namespace: &str) -> Vec<(Collection, Vec<Value>)> {
        let namespaced = self.stored(Verb::DeleteCollection).filter(|r| r.namespaced);
        namespaced
            .map(|resource| {
                let live = self.core.store.live(&resource.table);
                let objects = live
                    .into_iter()
                    .map(|(_, s)| s.object())
                    .filter(|o| namespace(o) == in_namespace);
                let objects = objects.collect();
                (Collection(resource), objects)
            })
            .filter(|(_, objects): &(_, Vec<Value>)| !objects.is_empty())
            .collect()
    }

    /// The resources that support a verb, one version of each.
    fn stored(&self, verb: Verb) -> impl Iterator<Item = Arc<Resource>> + '_ {
        let mut seen = BTreeSet::new();
        let able = self.core.catalog.iter().filter(move |r| r.verbs.contains(verb));
        able.filter(move |r| seen.insert(r.table.clone())).cloned()
    }
}

// === impl Collection ===

impl Collection {
    pub(super) fn path(&self, namespace: &str) -> String {
        path(&self.0, namespace, "").trim_end_matches('/').to_owned()
    }

    /// `configmaps.` in the core group, `deployments.apps` elsewhere.
    pub(super) fn resource_and_group(&self) -> String {
        format!("{}.{}", self.0.plural, self.0.group)
    }
}

fn path(resource: &Resource, namespace: &str, name: &str) -> String {
    let root = if resource.group.is_empty() {
        "/api"
    } else {
        "/apis"
    };
    let scope = if resource.namespaced {
        format!("/namespaces/{namespace}")
    } else {
        String::new()
    };
    format!(
        "{root}/{}{scope}/{}/{name}",
        resource.api_version, resource.plural
    )
}
