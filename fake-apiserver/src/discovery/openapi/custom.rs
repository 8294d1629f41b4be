//! The documents of custom resources: their schemas with the fields that every object has.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::discovery::Catalog;
use crate::discovery::catalog::OpenApiSource;

const API_VERSION: &str = "APIVersion defines the versioned schema of this representation of an object. Servers should \
    convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: \
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const KIND: &str = "Kind is a string value representing the REST resource this object represents. Servers may infer this \
    from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: \
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
const METADATA: &str = "Standard object's metadata. More info: \
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
const LIST_METADATA: &str = "Standard list metadata. More info: \
    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
const META: &str = "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1";

/// The group versions that custom resources add.
pub(super) fn versions(catalog: &Catalog) -> BTreeSet<(&str, &str)> {
    catalog
        .schemas
        .iter()
        .map(|s| (&*s.resource.group, &*s.resource.version))
        .collect()
}

/// The document of a group version.
pub(super) fn document(catalog: &Catalog, group: &str, version: &str) -> Option<Bytes> {
    let mut schemas = Map::new();
    for source in &catalog.schemas {
        if (&*source.resource.group, &*source.resource.version) == (group, version) {
            let name = definition(group, version, &source.resource.kind);
            schemas.insert(definition(group, version, &source.list_kind), list(source, &name));
            schemas.insert(name, object(source));
        }
    }
    if schemas.is_empty() {
        return None;
    }
    let document = json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"},
        "paths": {},
        "components": {"schemas": schemas},
    });
    Some(Bytes::from(document.to_string()))
}

/// `com.example.v1.Widget` for group `example.com`.
fn definition(group: &str, version: &str, kind: &str) -> String {
    let reversed: Vec<&str> = group.rsplit('.').collect();
    format!("{}.{version}.{kind}", reversed.join("."))
}

fn object(source: &OpenApiSource) -> Value {
    let mut schema = (*source.schema).clone();
    if !schema.is_object() {
        schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    }
    schema["properties"]["apiVersion"] = json!({"type": "string", "description": API_VERSION});
    schema["properties"]["kind"] = json!({"type": "string", "description": KIND});
    schema["properties"]["metadata"] =
        json!({"description": METADATA, "allOf": [{"$ref": format!("{META}.ObjectMeta")}]});
    schema["x-kubernetes-group-version-kind"] = kind(source, &source.resource.kind);
    schema
}

fn list(source: &OpenApiSource, item: &str) -> Value {
    let items = format!(
        "List of {}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md",
        source.resource.plural
    );
    json!({
        "description": format!("{} is a list of {}", source.list_kind, source.resource.kind),
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string", "description": API_VERSION},
            "kind": {"type": "string", "description": KIND},
            "metadata": {"description": LIST_METADATA, "allOf": [{"$ref": format!("{META}.ListMeta")}]},
            "items": {
                "description": items,
                "type": "array",
                "items": {"$ref": format!("#/components/schemas/{item}")},
            },
        },
        "x-kubernetes-group-version-kind": kind(source, &source.list_kind),
    })
}

fn kind(source: &OpenApiSource, kind: &str) -> Value {
    json!([{"group": *source.resource.group, "version": *source.resource.version, "kind": kind}])
}
