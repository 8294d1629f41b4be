//! Discovery documents to the table of resources.

use serde_json::Value;

use crate::writer::Writer;

/// Writes the groups in discovery order, each with its versions, each with its resources.
pub(crate) fn write(out: &mut Writer, core: &Value, groups: &Value, legacy: &Value) {
    let groups: Vec<&Value> = [core, groups]
        .into_iter()
        .flat_map(|list| list["items"].as_array().into_iter().flatten())
        .collect();
    out.number(groups.len());
    for group in groups {
        let name = text(&group["metadata"]["name"]);
        out.string(name);
        let versions = list(&group["versions"]);
        out.number(versions.len());
        for version in versions {
            let v = text(&version["version"]);
            out.string(v);
            let path = match name {
                "" => format!("/api/{v}"),
                _ => format!("/apis/{name}/{v}"),
            };
            let resources = list(&version["resources"]);
            out.number(resources.len());
            for resource in resources {
                write_resource(out, name, v, resource, &legacy[&path]);
            }
        }
    }
}

fn write_resource(out: &mut Writer, group: &str, version: &str, resource: &Value, legacy: &Value) {
    let plural = text(&resource["resource"]);
    let hash = list(&legacy["resources"])
        .iter()
        .find(|r| r["name"] == plural)
        .map_or("", |r| text(&r["storageVersionHash"]));
    out.string(plural);
    out.string(text(&resource["singularResource"]));
    out.number(usize::from(resource["scope"] == "Namespaced"));
    write_kind(out, group, version, &resource["responseKind"]);
    write_list(out, &resource["verbs"]);
    write_list(out, &resource["shortNames"]);
    write_list(out, &resource["categories"]);
    out.string(hash);
    let subresources = list(&resource["subresources"]);
    out.number(subresources.len());
    for sub in subresources {
        out.string(text(&sub["subresource"]));
        write_kind(out, group, version, &sub["responseKind"]);
        write_list(out, &sub["verbs"]);
    }
}

/// A kind; without group and version it is of the resource's own.
fn write_kind(out: &mut Writer, group: &str, version: &str, kind: &Value) {
    let (g, v) = (text(&kind["group"]), text(&kind["version"]));
    let own = g.is_empty() && v.is_empty();
    out.string(if own { group } else { g });
    out.string(if own { version } else { v });
    out.string(text(&kind["kind"]));
}

fn write_list(out: &mut Writer, all: &Value) {
    out.strings(list(all).iter().map(text));
}

fn list(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

fn text(v: &Value) -> &str {
    v.as_str().unwrap_or("")
}
