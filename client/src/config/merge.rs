//! Several kubeconfigs → one, by the rules of kubectl.
//!
//! The first file to set a value wins, and so does the first to name a cluster, a user, a context or an extension: what
//! a later file says under the same name is dropped as a whole.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Kubeconfig, KubeconfigError, NamedExtension, Preferences};

pub(super) fn merge(first: Kubeconfig, next: Kubeconfig) -> Result<Kubeconfig, KubeconfigError> {
    if differ(&first.kind, &next.kind) {
        return Err(KubeconfigError::KindMismatch);
    }
    if differ(&first.api_version, &next.api_version) {
        return Err(KubeconfigError::ApiVersionMismatch);
    }
    Ok(Kubeconfig {
        preferences: merge_options(first.preferences, next.preferences, merge_preferences),
        clusters: merge_named(first.clusters, next.clusters, |cluster| &cluster.name),
        auth_infos: merge_named(first.auth_infos, next.auth_infos, |user| &user.name),
        contexts: merge_named(first.contexts, next.contexts, |context| &context.name),
        current_context: merge_names(first.current_context, next.current_context),
        extensions: merge_extensions(first.extensions, next.extensions),
        kind: first.kind.or(next.kind),
        api_version: first.api_version.or(next.api_version),
        other: merge_other(first.other, next.other),
    })
}

/// The first name. An empty one counts for less than any other: kubectl writes it where it unsets the context.
fn merge_names(first: Option<String>, next: Option<String>) -> Option<String> {
    match first {
        Some(name) if !name.is_empty() => Some(name),
        first => next.clone().filter(|name| !name.is_empty()).or(first).or(next),
    }
}

/// Both are there, and they are not the same.
#[expect(clippy::ref_option, reason = "called with fields")]
fn differ(first: &Option<String>, next: &Option<String>) -> bool {
    first.is_some() && next.is_some() && first != next
}

fn merge_preferences(first: Preferences, next: Preferences) -> Preferences {
    Preferences {
        colors: first.colors.or(next.colors),
        extensions: merge_extensions(first.extensions, next.extensions),
        other: merge_other(first.other, next.other),
    }
}

fn merge_extensions(
    first: Option<Vec<NamedExtension>>,
    next: Option<Vec<NamedExtension>>,
) -> Option<Vec<NamedExtension>> {
    merge_options(first, next, |first, next| {
        merge_named(first, next, |extension| &extension.name)
    })
}

fn merge_options<T>(first: Option<T>, next: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (first, next) {
        (Some(first), Some(next)) => Some(both(first, next)),
        (first, next) => first.or(next),
    }
}

/// All of the first, then what the next names that the first does not.
fn merge_named<T>(mut first: Vec<T>, next: Vec<T>, name: fn(&T) -> &String) -> Vec<T> {
    let known: BTreeSet<String> = first.iter().map(|entry| name(entry).clone()).collect();
    first.extend(next.into_iter().filter(|entry| !known.contains(name(entry))));
    first
}

fn merge_other(first: BTreeMap<String, Value>, next: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut merged = next;
    merged.extend(first);
    merged
}
