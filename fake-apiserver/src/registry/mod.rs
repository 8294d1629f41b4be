//! The verbs: what each request does to the store, and what it answers.
//!
//! [`handle`] takes a request whose body has been read and answers at once; only a watch and the wait for a revision that
//! is yet to come go on after it. Reading order: `resource` (what is served), `strategy` and `kinds` (what differs),
//! `meta` (what holds for every object), `admission` (who else is asked of a write), then a file per verb.
//!
//! **Invariant:** a request that fails leaves the store as it was, but for what quotas have counted by then. **Invariant:**
//! whoever holds the [`Core`] sees no other request's half-done work.

mod admission;
mod bootstrap;
mod create;
pub(crate) mod custom;
mod decode;
mod delete;
mod dispatch;
mod kinds;
mod list;
mod managed;
pub(crate) mod meta;
pub(crate) mod names;
mod namespace;
mod patch;
mod read;
pub(crate) mod resource;
mod review;
pub(crate) mod selector;
mod strategy;
mod subresource;
mod update;
mod watch;

use std::sync::Arc;
use std::task::Waker;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub(crate) use admission::{Hooks, Policies, Programs};
pub(crate) use bootstrap::founders;
pub(crate) use dispatch::handle;
pub(crate) use resource::{Catalog, Resource};
pub(crate) use watch::{Step, WatchPlan};

use crate::apply::entries::Entries;
use crate::auth::{Attributes, Authenticator, Decision, Issuer, UserInfo, authorize};
use crate::clock::rfc3339;
use crate::discovery;
use crate::ids::Ids;
use crate::status::{Result, StatusError};
use crate::storage::{Key, Notifier, Store, Stored};
use crate::webhook::{Call, Calls};
use crate::wire::{FieldValidation, Query, WriteOptions};

/// Everything the server knows.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) ids: Ids,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) documents: Arc<discovery::Catalog>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) issuer: Issuer,
    pub(crate) notifier: Notifier,
    /// Whether a definition was written, or an object removed that one may wait for.
    pub(crate) unsettled: bool,
    /// Who has to be woken once the lock is released.
    pub(crate) awake: Vec<Waker>,
    /// Resources that are not served any more while somebody watches them, and the revision of their end.
    pub(crate) retired: Vec<(Arc<Resource>, u64)>,
    /// What the request at hand asks webhooks.
    pub(crate) calls: Calls,
    /// Who is asked of writes.
    pub(crate) hooks: Hooks,
    /// What was compiled to find out whether they are asked.
    pub(crate) programs: Programs,
    /// The policies that were compiled.
    pub(crate) policies: Policies,
    /// Programs of pods can be reached.
    #[cfg(feature = "kubelet")]
    pub(crate) has_kubelet: bool,
}

/// An answer, or what it waits for.
#[derive(Debug)]
pub(crate) enum Reply {
    /// It is complete.
    Done(http::Response<crate::encode::Content>),
    /// Events follow the head.
    Watch(Box<WatchPlan>),
    /// A program answers.
    #[cfg(feature = "kubelet")]
    Connect(Box<crate::kubelet::Call>),
    /// The request asks for a revision that is yet to come.
    Later(u64),
    /// It depends on webhooks, and nothing was done so far.
    Calls(Vec<Call>),
}

/// One request on its way through the verbs.
pub(crate) struct Context<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) user: Arc<UserInfo>,
    pub(crate) resource: Arc<Resource>,
    /// Empty for resources without namespaces, and across all.
    pub(crate) namespace: String,
    /// Empty for collections.
    pub(crate) name: String,
    /// Empty for the object itself.
    pub(crate) subresource: String,
    pub(crate) now: Timestamp,
    pub(crate) warnings: &'a mut Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) manager: String,
    pub(crate) validation: FieldValidation,
    /// The query of the request.
    pub(crate) query: Option<&'a Query>,
}

// === impl Core ===

impl Core {
    /// Writes an object and who owns its fields.
    pub(crate) fn put(
        &mut self,
        table: &Arc<str>,
        key: &Key,
        object: Map<String, Value>,
        entries: Entries,
    ) -> Arc<Stored> {
        self.put_in(table, key, object, entries, None)
    }

    /// Writes an object whose shape is that of a version.
    pub(crate) fn put_in(
        &mut self,
        table: &Arc<str>,
        key: &Key,
        object: Map<String, Value>,
        entries: Entries,
        version: Option<Arc<str>>,
    ) -> Arc<Stored> {
        self.put_shared(table, key, Arc::new(Value::Object(object)), entries, version)
    }

    /// Writes an object whose value others may share.
    fn put_shared(
        &mut self,
        table: &Arc<str>,
        key: &Key,
        value: Arc<Value>,
        entries: Entries,
        version: Option<Arc<str>>,
    ) -> Arc<Stored> {
        self.unsettled |= &**table == custom::DEFINITIONS;
        let stored = self.store.put(table, key, value, entries, version);
        self.look_for_hooks(table);
        self.notifier.take(table, &mut self.awake);
        stored
    }

    /// The revision after which a resource has not been served like this; `None` while it is.
    pub(crate) fn retired_at(&self, resource: &Arc<Resource>) -> Option<u64> {
        if self.catalog.has(resource) {
            return None;
        }
        let known = self.retired.iter().find(|(r, _)| Arc::ptr_eq(r, resource));
        Some(known.map_or(0, |(_, revision)| *revision))
    }

    /// Whether a request may depend on webhooks.
    pub(crate) fn may_call(&self) -> bool {
        self.catalog.calls_webhooks() || self.hooks.call()
    }

    /// Removes an object.
    pub(crate) fn remove(&mut self, table: &Arc<str>, key: &Key) -> Option<Arc<Stored>> {
        let last = self.store.remove(table, key)?;
        self.look_for_hooks(table);
        self.unsettled |= table.contains('.');
        self.notifier.take(table, &mut self.awake);
        Some(last)
    }
}

// === impl Context ===

impl Context<'_> {
    /// Takes over the options of a write.
    fn set_options(&mut self, options: WriteOptions) {
        self.dry_run = options.dry_run;
        self.manager = options.manager;
        self.validation = options.validation;
    }

    /// Whether the request shows the whole object, or a subresource that does.
    fn is_whole(&self) -> bool {
        let sub = self.resource.subresource(&self.subresource);
        let whole = |s: &discovery::Subresource| {
            s.kind == self.resource.kind && s.verbs.contains(discovery::Verb::Update)
        };
        self.subresource != "finalize" && sub.is_none_or(whole)
    }

    /// The key of the object that the request names.
    fn key(&self) -> Key {
        self.resource.key(&self.namespace, &self.name)
    }

    /// Refuses what the user may not do to what the request names, whatever its own verb.
    pub(crate) fn check_may(&self, verb: &str) -> Result<()> {
        let attributes = Attributes {
            verb: verb.into(),
            group: self.resource.group.to_string(),
            resource: self.resource.plural.to_string(),
            subresource: self.subresource.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            path: None,
        };
        match authorize(&self.core.store, &self.user, &attributes) {
            Decision::Allowed(_) => Ok(()),
            Decision::NoOpinion(why) => Err(attributes.refusal(&self.user, &why)),
        }
    }

    /// The object that the request names, in the request's version.
    pub(crate) fn existing(&self) -> Result<Arc<Stored>> {
        self.find()?.ok_or_else(|| self.not_found())
    }

    /// The object that the request names, in the request's version; `None` where there is none.
    pub(crate) fn find(&self) -> Result<Option<Arc<Stored>>> {
        let stored = self.core.store.get(&self.resource.table, &self.key());
        stored
            .map(|stored| self.resource.view(self.core, stored))
            .transpose()
    }

    /// Writes the object that the request names; the answer is the object as a read would show it now.
    ///
    /// A write that changes nothing of what is stored is none.
    pub(crate) fn put(&mut self, object: Map<String, Value>, entries: Entries) -> Result<Arc<Stored>> {
        let (table, key) = (self.resource.table.clone(), self.key());
        let resource = self.resource.clone();
        let Some(version) = resource.defined() else {
            let object = resource.strategy.to_storage(object);
            let stored = self.core.put(&table, &key, object, entries);
            return resource.view(self.core, &stored);
        };
        let (object, written_in) = version.to_storage(self.core, object, &entries)?;
        let old = self.core.store.get(&table, &key);
        let same = old.filter(|old| {
            old.version() == Some(&written_in)
                && old.value().as_object() == Some(&object)
                && *old.entries() == entries
        });
        let stored = match same {
            Some(old) => old.clone(),
            None => self.core.put_in(&table, &key, object, entries, Some(written_in)),
        };
        version.view(self.core, &stored)
    }

    /// The refusal of a name that is not there.
    pub(crate) fn not_found(&self) -> StatusError {
        StatusError::not_found(&self.resource.group, &self.resource.plural, &self.name)
    }

    /// The refusal of a write that relies on another state.
    pub(crate) fn conflict(&self, why: &str) -> StatusError {
        StatusError::conflict(&self.resource.group, &self.resource.plural, &self.name, why)
    }

    /// The time as objects carry it.
    pub(crate) fn timestamp(&self) -> String {
        rfc3339(self.now)
    }

    /// Adds a warning, once.
    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// What the answer to a write shows: the object as stored or, in a dry run, as it would be.
    fn unstored(&self, object: Map<String, Value>, entries: Entries, revision: u64) -> Arc<Stored> {
        Arc::new(Stored::owned(Arc::new(Value::Object(object)), entries, revision))
    }
}

/// A plain failure of the server: a 500 without a reason.
fn server_error(message: impl Into<String>) -> StatusError {
    StatusError::new(500, "", message)
}
