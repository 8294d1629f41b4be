//! The discovery documents of one level each: versions of the core group, groups, a group, a version's resources.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#unaggregated-discovery>

use serde_json::{Map, Value, json};

use super::{Catalog, Group, Resource, Subresource, Verb, Verbs};

/// `/api`.
pub(super) fn core_versions(server_address: &str) -> Value {
    json!({
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}],
    })
}

/// `/apis`.
pub(super) fn groups(catalog: &Catalog) -> Value {
    let groups: Vec<Value> = catalog
        .groups()
        .filter(|g| !g.name.is_empty())
        .map(|g| Value::Object(group_entry(g)))
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub(super) fn group(catalog: &Catalog, name: &str) -> Option<Value> {
    let group = catalog.group(name).filter(|g| !g.name.is_empty())?;
    let mut out = group_entry(group);
    out.insert("kind".into(), "APIGroup".into());
    out.insert("apiVersion".into(), "v1".into());
    Some(Value::Object(out))
}

/// `/apis/GROUP/VERSION`, and `/api/v1` for the core group.
pub(super) fn resources(catalog: &Catalog, group: &str, version: &str) -> Option<Value> {
    let served = catalog.version(group, version)?;
    let mut entries = Vec::new();
    for resource in &served.resources {
        entries.push(resource_entry(resource));
        entries.extend(
            resource
                .subresources
                .iter()
                .map(|s| subresource_entry(resource, s)),
        );
    }
    let mut out = json!({"kind": "APIResourceList", "groupVersion": group_version(group, version), "resources": entries});
    // The core group's document is older than the version of its own kind.
    if !group.is_empty() {
        out["apiVersion"] = "v1".into();
    }
    Some(out)
}

/// The verbs in the order in which the documents have them, which for custom resources is that of their declaration.
pub(super) fn verbs(resource: &Resource, verbs: Verbs) -> Vec<&'static str> {
    use Verb::{Create, Delete, DeleteCollection, Get, List, Patch, Update, Watch};
    if resource.custom {
        let order = [Delete, DeleteCollection, Get, List, Patch, Create, Update, Watch];
        order
            .into_iter()
            .filter(|v| verbs.contains(*v))
            .map(Verb::name)
            .collect()
    } else {
        verbs.iter().map(Verb::name).collect()
    }
}

fn group_entry(group: &Group) -> Map<String, Value> {
    let versions: Vec<Value> = group
        .versions
        .iter()
        .map(|v| json!({"groupVersion": group_version(&group.name, &v.name), "version": *v.name}))
        .collect();
    let mut out = Map::new();
    out.insert("name".into(), (*group.name).into());
    out.insert(
        "preferredVersion".into(),
        versions.first().cloned().unwrap_or_default(),
    );
    out.insert("versions".into(), versions.into());
    out
}

fn resource_entry(resource: &Resource) -> Value {
    let mut out = json!({
        "name": *resource.plural,
        "singularName": *resource.singular,
        "namespaced": resource.namespaced,
        "kind": *resource.kind,
        "verbs": verbs(resource, resource.verbs),
    });
    if !resource.short_names.is_empty() {
        out["shortNames"] = strings(&resource.short_names);
    }
    if !resource.categories.is_empty() {
        out["categories"] = strings(&resource.categories);
    }
    if !resource.storage_version_hash.is_empty() {
        out["storageVersionHash"] = (*resource.storage_version_hash).into();
    }
    out
}

fn subresource_entry(resource: &Resource, sub: &Subresource) -> Value {
    let mut out = json!({
        "name": format!("{}/{}", resource.plural, sub.name),
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": *sub.kind,
        "verbs": verbs(resource, sub.verbs),
    });
    if (&sub.group, &sub.version) != (&resource.group, &resource.version) {
        if !sub.group.is_empty() {
            out["group"] = (*sub.group).into();
        }
        out["version"] = (*sub.version).into();
    }
    out
}

pub(super) fn strings(all: &[Box<str>]) -> Value {
    all.iter().map(|s| Value::from(&**s)).collect()
}

fn group_version(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        _ => format!("{group}/{version}"),
    }
}
