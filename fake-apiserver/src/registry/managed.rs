//! The seam to field management: who writes, in which type, and whether the write is recorded.

use serde_json::{Map, Value};

use super::admission::attempt::converted;
use super::custom::AllVersions;
use super::{Context, Core, Resource, meta};
use crate::apply::check::check_stored;
use crate::apply::entries::Entries;
use crate::apply::managed::{self, OneVersion, Versions};
use crate::apply::resets::Resets;
use crate::apply::typed::Typed;
use crate::schema::{self, NodeId, Schema};
use crate::status::FieldError;
use crate::storage::Stored;

/// What a write does with managed fields.
#[derive(Debug)]
pub(super) enum Mode {
    /// What changed belongs to the request's manager.
    Track,
    /// An apply has said already who owns what.
    Keep(Entries),
}

/// The versions of a built-in resource of which one is not the other.
struct BuiltinVersions<'a> {
    core: &'a Core,
    resource: &'a Resource,
}

impl Versions for BuiltinVersions<'_> {
    fn view<'a>(&'a self, object: &Value, api_version: &str) -> Option<(Value, &'a Schema, NodeId)> {
        let mut served = self.core.catalog.iter();
        let other = served.find(|r| r.table == self.resource.table && *r.api_version == *api_version)?;
        let (schema, node) = other.node()?;
        let typed = object.get("apiVersion").is_some();
        let mut seen = converted(self.core, object, self.resource, other).ok()?;
        if let Some(fields) = seen.as_object_mut().filter(|_| !typed) {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        Some((seen, schema, node))
    }
}

/// Calls `work` with what field management needs to know of the request.
pub(super) fn with_context<T>(cx: &Context<'_>, work: impl FnOnce(&managed::Context<'_>) -> T) -> T {
    let resource = &cx.resource;
    let resets = resets(cx);
    let (schema, node) = resource.managed_type();
    let all = resource.defined().map(|version| AllVersions {
        core: cx.core,
        version,
    });
    let converts = BuiltinVersions {
        core: cx.core,
        resource,
    };
    let versions: &dyn Versions = match &all {
        Some(all) => all,
        None if resource.strategy.has_versions() => &converts,
        None => &OneVersion,
    };
    work(&managed::Context {
        schema,
        node,
        api_version: &resource.api_version,
        kind: &resource.kind,
        manager: &cx.manager,
        subresource: &cx.subresource,
        resets: &resets,
        evolving: resource.custom,
        now: &cx.timestamp(),
        versions,
    })
}

/// Who owns what after a write of the status that no request asked for.
pub(super) fn server_wrote_status(resource: &Resource, old: &Stored, new: &Value, now: &str) -> Entries {
    let resets = Resets::builtin(&resource.group, &resource.plural, "status", resource.has_status());
    let (schema, node) = resource.managed_type();
    let context = managed::Context {
        schema,
        node,
        api_version: &resource.api_version,
        kind: &resource.kind,
        manager: "kube-apiserver",
        subresource: "status",
        resets: &resets,
        evolving: false,
        now,
        versions: &OneVersion,
    };
    managed::track(&context, Some((old.value(), old.entries())), new, None)
}

/// Gives what the strategy behind the request's path resets its old values.
pub(super) fn reset(cx: &Context<'_>, object: &mut Map<String, Value>, old: &Map<String, Value>) {
    resets(cx).restore(object, old);
}

fn resets(cx: &Context<'_>) -> Resets {
    let resource = &cx.resource;
    if resource.custom {
        return Resets::custom(&cx.subresource, resource.has_status());
    }
    Resets::builtin(
        &resource.group,
        &resource.plural,
        &cx.subresource,
        resource.has_status(),
    )
}

/// Makes of an object what storage keeps of it, which ownership has to be told before.
pub(super) fn stored(cx: &Context<'_>, object: &mut Map<String, Value>) {
    // Definitions and API services are stored as JSON, which keeps them as they are.
    if matches!(
        &*cx.resource.group,
        "apiextensions.k8s.io" | "apiregistration.k8s.io"
    ) {
        return;
    }
    let Some((schema, node)) = cx.resource.node() else {
        return;
    };
    let mut value = Value::Object(std::mem::take(object));
    schema::decode::stored(schema, node, &mut value);
    if let Value::Object(fields) = value {
        *object = fields;
    }
}

/// Who owns what after a create or update; `given` are the managed fields that the request brought.
pub(super) fn track(
    cx: &Context<'_>,
    live: Option<&Stored>,
    object: &mut Map<String, Value>,
    given: Option<Value>,
) -> Entries {
    let value = Value::Object(std::mem::take(object));
    // The values of a custom resource are judged later, and of what does not fit its type nothing can be owned.
    let (schema, node) = cx.resource.managed_type();
    let ty = Typed::new(schema, node);
    let fits = !cx.resource.custom
        || live
            .map(|live| &**live.value())
            .into_iter()
            .chain([&value])
            .all(|v| check_stored(ty, v).is_none());
    let entries = if fits {
        let live = live.map(|live| (&**live.value(), live.entries()));
        with_context(cx, |ctx| managed::track(ctx, live, &value, given.as_ref()))
    } else {
        Entries::new()
    };
    if let Value::Object(fields) = value {
        *object = fields;
    }
    entries
}

/// Takes the managed fields out of an object, as a request has brought them.
pub(super) fn take(object: &mut Map<String, Value>) -> Option<Value> {
    meta::of_mut(object).remove("managedFields")
}

/// What is wrong with the owners of an object.
pub(super) fn validate(entries: &Entries) -> Vec<FieldError> {
    managed::validate(entries, "metadata")
}

/// Whether a patch empties the managed fields, which says that nobody owns anything.
pub(super) fn clears(patched: &Value) -> bool {
    match patched.pointer("/metadata/managedFields") {
        Some(Value::Array(entries)) => {
            entries.is_empty() || entries.iter().all(|e| e.as_object().is_some_and(Map::is_empty))
        }
        _ => false,
    }
}

/// The old entries where nothing but times would change.
pub(super) fn settle(old: &Stored, object: &Map<String, Value>, entries: Entries) -> Entries {
    let same = entries.equal_but_time(old.entries()) && old.value().as_object() == Some(object);
    if same { old.entries().clone() } else { entries }
}
