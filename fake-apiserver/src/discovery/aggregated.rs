//! Aggregated discovery: every group, version and resource in one document.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>

use bytes::Bytes;
use serde_json::{Value, json};

use super::legacy::{strings, verbs};
use super::{Answer, Catalog, Group, Resource, Subresource, Version, sha512};

const MEDIA_TYPE: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Whether the first acceptable media type is that of the aggregated document.
pub(super) fn wanted(accept: &str) -> bool {
    let mut ranges: Vec<(u32, &str)> = accept.split(',').map(|range| (weight(range), range)).collect();
    // Ranges of one weight count in the order in which they stand.
    ranges.sort_by_key(|(weight, _)| u32::MAX - weight);
    for (_, range) in ranges {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or("");
        let parameter = |name: &str| {
            range.split(';').skip(1).find_map(|p| {
                let (key, value) = p.trim().split_once('=')?;
                (key == name).then_some(value)
            })
        };
        let plain = parameter("as").is_none();
        match media {
            "application/json" if !plain => {
                let asked = (parameter("g"), parameter("v"), parameter("as"));
                if asked
                    == (
                        Some("apidiscovery.k8s.io"),
                        Some("v2"),
                        Some("APIGroupDiscoveryList"),
                    )
                {
                    return true;
                }
            }
            "application/json" | "application/yaml" | "application/*" | "*/*" => return false,
            _ => {}
        }
    }
    false
}

/// The aggregated document of the core group or of all others.
pub(super) fn answer(catalog: &Catalog, core: bool, if_none_match: &str) -> Answer {
    let made;
    let (body, tag) = if core {
        made = document(catalog, true);
        &made
    } else {
        catalog.aggregated.get_or_init(|| document(catalog, false))
    };
    let same = if_none_match
        .split(',')
        .any(|t| t.trim().trim_start_matches("W/") == tag);
    let answer = if same {
        Answer::raw(304, "", Bytes::new())
    } else {
        Answer::raw(200, MEDIA_TYPE, body.clone())
    };
    answer.with("etag", tag.clone()).with("vary", "Accept")
}

fn document(catalog: &Catalog, core: bool) -> (Bytes, String) {
    let items: Vec<Value> = catalog
        .groups()
        .filter(|g| g.name.is_empty() == core)
        .map(group)
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    });
    let body = Bytes::from(list.to_string());
    let tag = format!("\"{}\"", sha512(&body));
    (body, tag)
}

fn group(group: &Group) -> Value {
    let metadata = match &*group.name {
        "" => json!({}),
        name => json!({"name": name}),
    };
    json!({"metadata": metadata, "versions": group.versions.iter().map(version).collect::<Vec<_>>()})
}

fn version(version: &Version) -> Value {
    let resources: Vec<Value> = version.resources.iter().map(resource).collect();
    json!({"version": *version.name, "resources": resources, "freshness": "Current"})
}

fn resource(resource: &Resource) -> Value {
    let mut out = json!({
        "resource": *resource.plural,
        "responseKind": kind(resource, &resource.group, &resource.version, &resource.kind),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": *resource.singular,
        "verbs": verbs(resource, resource.verbs),
    });
    if !resource.short_names.is_empty() {
        out["shortNames"] = strings(&resource.short_names);
    }
    if !resource.categories.is_empty() {
        out["categories"] = strings(&resource.categories);
    }
    if !resource.subresources.is_empty() {
        out["subresources"] = resource
            .subresources
            .iter()
            .map(|s| subresource(resource, s))
            .collect();
    }
    out
}

fn subresource(resource: &Resource, sub: &Subresource) -> Value {
    json!({
        "subresource": *sub.name,
        "responseKind": kind(resource, &sub.group, &sub.version, &sub.kind),
        "verbs": verbs(resource, sub.verbs),
    })
}

/// Built-in resources leave out a group and version that are the resource's own.
fn kind(resource: &Resource, group: &str, version: &str, kind: &str) -> Value {
    if !resource.custom && (group, version) == (&*resource.group, &*resource.version) {
        json!({"group": "", "version": "", "kind": kind})
    } else {
        json!({"group": group, "version": version, "kind": kind})
    }
}

/// The `q` of a media range in thousandths.
fn weight(range: &str) -> u32 {
    range
        .split(';')
        .find_map(|p| p.trim().strip_prefix("q="))
        .and_then(|q| q.parse::<f32>().ok())
        .map_or(1000, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32)
}
