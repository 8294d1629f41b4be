//! Looking into the store from outside, for whoever judges what happened: changes and states as they are stored, shared and
//! not copied.

use std::sync::Arc;

use serde_json::Value;

use crate::discovery::Catalog;
use crate::service::FakeApiServer;

/// One change of one object.
///
/// Objects are as they are stored: without `apiVersion`, `kind`, `metadata.resourceVersion` and `metadata.managedFields`. Two
/// of them are equal exactly if a write from one to the other would change nothing, or nothing but who owns what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// The revision of the change.
    pub revision: u64,
    /// The resource, as [`FakeApiServer::list`] names it.
    pub resource: Arc<str>,
    /// `namespace/name`, or the name where there are no namespaces.
    pub key: Arc<str>,
    /// The object before; `None` where it was created.
    pub old: Option<Arc<Value>>,
    /// The object after; of a removal, its last state.
    pub new: Arc<Value>,
    /// Whether the object is gone.
    pub removed: bool,
}

/// An object as it is stored; see [`Change`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Held {
    /// The revision of its last write.
    pub revision: u64,
    /// The resource, as [`FakeApiServer::list`] names it.
    pub resource: Arc<str>,
    /// `namespace/name`, or the name where there are no namespaces.
    pub key: Arc<str>,
    /// The object.
    pub object: Arc<Value>,
}

// === impl FakeApiServer ===

impl FakeApiServer {
    /// The changes after `revision`, oldest first, as far as the history goes back.
    ///
    /// ```
    /// # use seatrial_fake_apiserver::FakeApiServer;
    /// let server = FakeApiServer::new();
    /// assert!(server.changes_since(server.revision()).is_empty());
    /// assert_eq!(server.changes_since(0).last().map(|change| change.revision), Some(server.revision()));
    /// ```
    pub fn changes_since(&self, revision: u64) -> Vec<Change> {
        let core = self.shared.lock();
        let mut changes = Vec::new();
        for (resource, table) in core.store.changed_tables(revision) {
            let first = table.position_after(revision);
            for position in first..table.end() {
                let Ok(Some(event)) = table.event(position) else {
                    continue;
                };
                changes.push(Change {
                    revision: event.revision,
                    resource: resource.clone(),
                    key: event.key.clone(),
                    old: event.old.as_ref().map(|old| old.value().clone()),
                    new: event.new.value().clone(),
                    removed: event.removed,
                });
            }
        }
        changes.sort_by_key(|change| change.revision);
        changes
    }

    /// What is served, as the discovery documents tell it. A later change of it makes another catalog.
    ///
    /// ```
    /// # use seatrial_fake_apiserver::FakeApiServer;
    /// let served = FakeApiServer::new().discovery();
    /// let deployments = served.resource_of_kind("apps", "v1", "Deployment").unwrap();
    /// assert_eq!(&*deployments.plural, "deployments");
    /// ```
    pub fn discovery(&self) -> Arc<Catalog> {
        self.shared.lock().documents.clone()
    }

    /// Every object there is, in the order of resources and keys.
    pub fn held(&self) -> Vec<Held> {
        let core = self.shared.lock();
        let tables = core.store.tables();
        let objects = tables.flat_map(|(resource, table)| {
            table.live().iter().map(|(key, stored)| Held {
                revision: stored.revision(),
                resource: resource.clone(),
                key: key.clone(),
                object: stored.value().clone(),
            })
        });
        objects.collect()
    }
}
