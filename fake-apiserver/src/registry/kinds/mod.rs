//! Kinds with rules of their own, a file each.
//!
//! To add one: write its [`Strategy`] in a file beside these and name it in [`strategy`].

mod configmap;
mod namespace;

use std::sync::Arc;

use super::strategy::{Plain, Strategy};

/// The rules of a built-in resource.
pub(crate) fn strategy(group: &str, plural: &str) -> Arc<dyn Strategy> {
    match (group, plural) {
        ("", "configmaps") => Arc::new(configmap::ConfigMap),
        ("", "namespaces") => Arc::new(namespace::Namespace),
        _ => Arc::new(Plain),
    }
}
