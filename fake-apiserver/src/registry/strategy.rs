//! What differs from kind to kind, and what holds where nothing is said.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Context;
use crate::status::{FieldError, Result};
use crate::storage::Stored;

/// The rules of a kind; the defaults are those of a plain object such as a ConfigMap.
///
/// A kind with rules of its own is one file in [`super::kinds`]. The methods are called in the order in which they stand
/// here, on objects whose types and metadata have been checked against the schema.
pub(crate) trait Strategy: Send + Sync {
    /// Fills in what the kind's defaulting function does, on every write before anything else.
    fn default(&self, _object: &mut Map<String, Value>) {}

    /// Refuses a write that would give the user more than they may have.
    fn authorize(
        &self,
        _cx: &Context<'_>,
        _object: &Map<String, Value>,
        _old: Option<&Map<String, Value>>,
    ) -> Result<()> {
        Ok(())
    }

    /// Adds what the admission plugins that are always on add to a new object, or refuses it as they do.
    fn admit(&self, _cx: &Context<'_>, _object: &mut Map<String, Value>) -> Result<()> {
        Ok(())
    }

    /// Adds what those plugins add to an object that replaces `old`.
    fn admit_update(&self, _object: &mut Map<String, Value>, _old: &Map<String, Value>) {}

    /// Sets what a new object may not bring: by default the status goes, where `/status` exists.
    fn prepare_create(&self, cx: &mut Context<'_>, object: &mut Map<String, Value>) {
        if cx.resource.has_status() {
            object.remove("status");
        }
        if self.has_generation() {
            set_generation(object, 1);
        }
    }

    /// What is wrong with a new object, beyond its metadata.
    fn validate_create(&self, _cx: &mut Context<'_>, _object: &Map<String, Value>) -> Vec<FieldError> {
        Vec::new()
    }

    /// Keeps what an update may not touch: by default the status, where `/status` exists.
    fn prepare_update(
        &self,
        cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        keep_status_and_count(self, cx, object, old);
    }

    /// What is wrong with an update, beyond its metadata.
    fn validate_update(
        &self,
        _cx: &mut Context<'_>,
        _object: &Map<String, Value>,
        _old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        Vec::new()
    }

    /// Keeps what a write to `/status` may not touch: everything but the status and the metadata.
    fn prepare_status(
        &self,
        _cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        let status = object.remove("status");
        let metadata = object.remove("metadata");
        object.clone_from(old);
        put(object, "status", status);
        put(object, "metadata", metadata);
    }

    /// What is wrong with a write to `/status`.
    fn validate_status(
        &self,
        _cx: &mut Context<'_>,
        _object: &Map<String, Value>,
        _old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        Vec::new()
    }

    /// What to warn of when the object is written.
    fn warnings(&self, _object: &Map<String, Value>, _old: Option<&Map<String, Value>>) -> Vec<String> {
        Vec::new()
    }

    /// What to warn of when the object is deleted.
    fn delete_warnings(&self, _options: &crate::wire::DeleteOptions) -> Vec<String> {
        Vec::new()
    }

    /// What to warn of on every request.
    fn deprecation(&self) -> Option<&'static str> {
        None
    }

    /// Whether `metadata.generation` is counted.
    fn has_generation(&self) -> bool {
        false
    }

    /// Whether an update raises the generation: by default where anything but metadata and status changes.
    fn is_new_generation(&self, object: &Map<String, Value>, old: &Map<String, Value>) -> bool {
        fn spec(object: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
            object
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "metadata" | "status"))
        }
        !spec(object).eq(spec(old))
    }

    /// Whether an update is checked by the rules of new objects too, which shows in how often an error is told.
    fn revalidates(&self) -> bool {
        false
    }

    /// A stored object as this version of the resource has it; `None` where it is stored like that.
    fn view(&self, _stored: &Arc<Stored>) -> Option<Arc<Stored>> {
        None
    }

    /// An object of this version of the resource as it is stored.
    fn to_storage(&self, object: Map<String, Value>) -> Map<String, Value> {
        object
    }

    /// Whether other versions of the resource have other fields.
    fn has_versions(&self) -> bool {
        false
    }

    /// The objects of a kind of which none is stored; lists of them have no version.
    fn unstored(&self) -> Option<Vec<Value>> {
        None
    }

    /// How names are checked.
    fn name_rule(&self) -> NameRule {
        NameRule::Subdomain
    }

    /// Whether a PUT of a missing object creates it.
    fn allows_create_on_update(&self) -> bool {
        false
    }

    /// Whether a PUT without a resource version is taken as it is.
    fn allows_unconditional_update(&self) -> bool {
        true
    }

    /// Whether a DELETE answers with the object rather than a `Status`.
    fn returns_deleted(&self) -> bool {
        false
    }

    /// What becomes of dependents where the DELETE does not say.
    fn default_propagation(&self) -> DefaultPropagation {
        DefaultPropagation::Background
    }

    /// The grace period of a DELETE: `Some` for kinds that are deleted gracefully.
    ///
    /// `asked` is the request's, never negative.
    fn grace(&self, _object: &Map<String, Value>, _asked: Option<i64>) -> Option<i64> {
        None
    }

    /// The fields a selector may name beyond `metadata.name` and `metadata.namespace`, with their values.
    fn selectable(&self) -> Selectable {
        Selectable::default()
    }
}

/// The value that a selector sees in a field of an object.
pub(crate) type FieldValue = fn(&Value) -> String;

/// The fields of a kind that field selectors may name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Selectable {
    /// Names and how to read them.
    pub(crate) fields: &'static [(&'static str, FieldValue)],
    /// Whether the refusal of another field names the kind.
    pub(crate) names_kind: bool,
}

/// What becomes of dependents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultPropagation {
    /// They are deleted in the background.
    Background,
    /// They stay.
    Orphan,
    /// The kind takes no part in garbage collection.
    Unsupported,
}

/// The rules for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// An RFC 1123 subdomain.
    Subdomain,
    /// An RFC 1123 label.
    Label,
    /// An RFC 1035 label.
    Label1035,
    /// A segment of a path: anything but `.`, `..`, `/` and `%`.
    PathSegment,
}

/// The strategy of kinds that have no rules of their own.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plain;

impl Strategy for Plain {}

/// What an update means for most kinds: the status stays, and what is new in the rest counts as a generation.
pub(crate) fn keep_status_and_count<S: Strategy + ?Sized>(
    strategy: &S,
    cx: &Context<'_>,
    object: &mut Map<String, Value>,
    old: &Map<String, Value>,
) {
    if cx.resource.has_status() {
        keep(object, old, "status");
    }
    if strategy.has_generation() && strategy.is_new_generation(object, old) {
        set_generation(object, generation(old) + 1);
    }
}

/// `metadata.generation`; zero where absent.
pub(crate) fn generation(object: &Map<String, Value>) -> i64 {
    object
        .get("metadata")
        .and_then(|m| m.get("generation"))
        .and_then(Value::as_i64)
        .unwrap_or(0)
}

/// Sets `metadata.generation`.
pub(crate) fn set_generation(object: &mut Map<String, Value>, generation: i64) {
    if let Some(Value::Object(meta)) = object.get_mut("metadata") {
        meta.insert("generation".into(), generation.into());
    }
}

/// Makes a field what it was before.
pub(crate) fn keep(object: &mut Map<String, Value>, old: &Map<String, Value>, field: &str) {
    put(object, field, old.get(field).cloned());
}

fn put(object: &mut Map<String, Value>, field: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(field.into(), value),
        None => object.remove(field),
    };
}
