//! What a namespace's life means for the objects in it.

use serde_json::{Map, Value};

use super::{Context, meta};
use crate::status::{Cause, Details, Result, StatusError, qualified};

/// Namespaces that cannot be deleted.
pub(super) const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// Refuses new content in a namespace that is absent or going away.
pub(super) fn admit_create(cx: &Context<'_>) -> Result<()> {
    if !cx.resource.namespaced {
        return Ok(());
    }
    let Some(namespace) = cx.core.store.get("namespaces", &cx.namespace) else {
        return Err(StatusError::not_found("", "namespaces", &cx.namespace));
    };
    if !namespace.metadata().is_some_and(meta::is_deleting) {
        return Ok(());
    }
    let why = format!(
        "unable to create new content in namespace {} because it is being terminated",
        cx.namespace
    );
    let (group, plural) = (&cx.resource.group, &cx.resource.plural);
    let message = StatusError::forbidden(group, plural, &cx.name, &why)
        .message()
        .to_owned();
    debug_assert!(message.starts_with(&qualified(group, plural)));
    Err(StatusError::new(403, "Forbidden", message).details(Details {
        name: cx.name.clone(),
        group: group.to_string(),
        kind: plural.to_string(),
        causes: vec![Cause {
            reason: "NamespaceTerminating".into(),
            message: format!("namespace {} is being terminated", cx.namespace),
            field: "metadata.namespace".into(),
        }],
        ..Details::default()
    }))
}

/// A namespace by its name.
pub(super) fn find<'c>(
    cx: &'c Context<'_>,
    name: &str,
) -> Option<&'c std::sync::Arc<crate::storage::Stored>> {
    cx.core.store.get("namespaces", name)
}

/// Whether a namespace is being deleted and waits for nothing any more.
pub(super) fn is_left(cx: &Context<'_>, object: &Map<String, Value>, old_meta: &Map<String, Value>) -> bool {
    let finalizers = object.get("spec").and_then(|s| s["finalizers"].as_array());
    &*cx.resource.table == "namespaces" && meta::is_deleting(old_meta) && finalizers.is_none_or(Vec::is_empty)
}
