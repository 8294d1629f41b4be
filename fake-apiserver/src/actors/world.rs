//! What actors see: the objects as they are, and what is served.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::object::{is_controlled_by, name, namespace, uid};
use crate::{
    clock::rfc3339,
    discovery::Verb,
    registry::{Core, Resource},
    storage::{Place, Store, Stored},
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
        self.stored(group, plural).map(|stored| stored.object())
    }

    /// The same as they are stored, without their versions.
    pub(super) fn stored(&self, group: &str, plural: &str) -> impl Iterator<Item = Arc<Stored>> + use<> {
        let resource = self.core.catalog.any_version(group, plural);
        let objects = resource
            .map(|r| self.core.store.live(&r.table))
            .unwrap_or_default();
        objects.into_iter().map(|(_, stored)| stored)
    }

    pub(super) fn get(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        Some(self.at(group, plural, namespace, name)?.object())
    }

    /// Whether there is such an object.
    pub(super) fn has(&self, group: &str, plural: &str, namespace: &str, name: &str) -> bool {
        self.at(group, plural, namespace, name).is_some()
    }

    fn at(&self, group: &str, plural: &str, namespace: &str, name: &str) -> Option<&Arc<Stored>> {
        let resource = self.core.catalog.any_version(group, plural)?;
        let key = resource.key(namespace, name);
        self.core.store.get(&resource.table, &key)
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

    /// All objects, and who owns whom.
    pub(super) fn store(&self) -> &Store {
        &self.core.store
    }

    /// An object that can be deleted.
    pub(super) fn item(&self, place: &Place) -> Option<Item> {
        let object = self.core.store.find(place)?.object();
        let mut resources = self.core.catalog.iter();
        let resource = resources.find(|r| r.table == place.0 && r.verbs.contains(Verb::Delete))?;
        let path = path(resource, namespace(&object), name(&object));
        Some(Item { object, path })
    }

    /// The objects that name one as their owner, as far as they can be deleted.
    pub(super) fn dependents(&self, owner: &Value) -> impl Iterator<Item = Item> + '_ {
        let places = self.core.store.dependents(uid(owner));
        places.filter_map(|place| self.item(&place))
    }

    /// The objects of a resource that are controlled by one, in their order.
    pub(super) fn controlled(&self, group: &str, plural: &str, owner: &Value) -> Vec<Arc<Stored>> {
        let resource = self.core.catalog.any_version(group, plural);
        let store = &self.core.store;
        let places = store.dependents(uid(owner));
        let places = places.filter(|(table, _)| resource.is_some_and(|r| r.table == *table));
        places
            .filter_map(|place| store.find(&place).cloned())
            .filter(|o| o.meta("namespace") == namespace(owner) && is_controlled_by(o.value(), uid(owner)))
            .collect()
    }

    /// What is in a namespace, by collection; empty collections are left out.
    pub(super) fn content(&self, in_namespace: &str) -> Vec<(Collection, Vec<Value>)> {
        let namespaced = self.resources(Verb::DeleteCollection).filter(|r| r.namespaced);
        namespaced
            .map(|resource| {
                let prefix = format!("{in_namespace}/");
                let live = self.core.store.live(&resource.table);
                let objects = live
                    .range::<_, str>((Bound::Included(prefix.as_str()), Bound::Unbounded))
                    .take_while(|(key, _)| key.starts_with(&prefix))
                    .map(|(_, stored)| stored.object());
                let objects = objects.collect();
                (Collection(resource), objects)
            })
            .filter(|(_, objects): &(_, Vec<Value>)| !objects.is_empty())
            .collect()
    }

    /// The resources that support a verb, one version of each.
    fn resources(&self, verb: Verb) -> impl Iterator<Item = Arc<Resource>> + '_ {
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
