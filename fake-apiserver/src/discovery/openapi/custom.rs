//! The documents of custom resources: their operations, and their schemas with the fields that every object has.

mod operations;

use std::collections::BTreeSet;
use std::sync::OnceLock;

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

/// The definitions of every document beside its own kinds.
const SHARED: [&str; 13] = [
    "DeleteOptions",
    "FieldsV1",
    "ListMeta",
    "ManagedFieldsEntry",
    "ObjectMeta",
    "OwnerReference",
    "Patch",
    "Preconditions",
    "ShardInfo",
    "Status",
    "StatusCause",
    "StatusDetails",
    "Time",
];

/// What documents take from the published ones: parameters by name, definitions by name.
struct Published {
    parameters: Map<String, Value>,
    definitions: Map<String, Value>,
}

/// Read once a process, when the first document of a custom resource is asked for.
fn published() -> &'static Published {
    static PUBLISHED: OnceLock<Published> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        let parse = |bytes: Bytes| serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
        let apps = parse(super::built_in("apis/apps/v1").unwrap_or_default());
        let mut parameters = Map::new();
        let lists = apps["paths"].as_object().into_iter().flatten();
        for (_, path) in lists.filter(|(p, _)| p.contains("/deployments") && !p.contains("/watch/")) {
            for (action, operation) in path.as_object().into_iter().flatten() {
                let own = operation.as_array().or(operation["parameters"].as_array());
                for parameter in own.into_iter().flatten() {
                    // Some are described differently by action.
                    if let Some(name) = parameter["name"].as_str() {
                        parameters.entry(name).or_insert_with(|| parameter.clone());
                        parameters
                            .entry(format!("{action} {name}"))
                            .or_insert_with(|| parameter.clone());
                    }
                }
            }
        }
        let mut definitions = Map::new();
        for name in SHARED {
            let name = format!("io.k8s.apimachinery.pkg.apis.meta.v1.{name}");
            definitions.insert(name.clone(), apps["components"]["schemas"][&name].clone());
        }
        // Each document lists the kinds of its own group here; the one of version 2 lists all, those included which the
        // part that serves custom resources does not know.
        let options = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
        let kinds = "x-kubernetes-group-version-kind";
        let v2 = parse(super::unpack("v2", super::V2));
        const ELSEWHERE: [&str; 4] = [
            "admission.k8s.io",
            "apiextensions.k8s.io",
            "apiregistration.k8s.io",
            "imagepolicy.k8s.io",
        ];
        let all = v2["definitions"][options][kinds].as_array();
        definitions[options][kinds] = all
            .into_iter()
            .flatten()
            .filter(|k| !ELSEWHERE.iter().any(|group| k["group"] == *group))
            .cloned()
            .collect();
        let scales = parse(super::built_in("apis/autoscaling/v1").unwrap_or_default());
        for name in ["Scale", "ScaleSpec", "ScaleStatus"] {
            let name = format!("io.k8s.api.autoscaling.v1.{name}");
            definitions.insert(name.clone(), scales["components"]["schemas"][&name].clone());
        }
        Published {
            parameters,
            definitions,
        }
    })
}

/// The document of a group version.
pub(super) fn document(catalog: &Catalog, group: &str, version: &str) -> Option<Bytes> {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    let mut scales = false;
    for source in &catalog.schemas {
        if (&*source.resource.group, &*source.resource.version) == (group, version) {
            let name = definition(group, version, &source.resource.kind);
            let list_name = definition(group, version, &source.list_kind);
            let shared = &published().parameters;
            operations::Operations::new(source, shared, &name, &list_name).add(&mut paths);
            scales |= source.resource.subresource("scale").is_some();
            schemas.insert(list_name, list(source, &name));
            schemas.insert(name, object(source));
        }
    }
    if schemas.is_empty() {
        return None;
    }
    for (name, shared) in &published().definitions {
        if scales || !name.contains(".autoscaling.") {
            schemas.insert(name.clone(), shared.clone());
        }
    }
    let document = json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"},
        "paths": paths,
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
    spell_out(&mut schema);
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

/// Says in plain OpenAPI what extensions say: the fields of embedded objects, the two types of an integer or string.
fn spell_out(schema: &mut Value) {
    const API_VERSION: &str = "apiVersion defines the versioned schema of this representation of an object. More info: \
        https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
    const KIND: &str = "kind is a string value representing the type of this object. In CamelCase. More info: \
        https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
    let Some(map) = schema.as_object_mut() else { return };
    for keyword in ["items", "additionalProperties"] {
        if let Some(child) = map.get_mut(keyword) {
            spell_out(child);
        }
    }
    for child in map
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        spell_out(child.1);
    }
    if map.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) && !map.contains_key("anyOf") {
        map.insert("anyOf".into(), json!([{"type": "integer"}, {"type": "string"}]));
    }
    if map.get("x-kubernetes-embedded-resource") == Some(&Value::Bool(true)) {
        schema["properties"]["apiVersion"] = json!({"type": "string", "description": API_VERSION});
        schema["properties"]["kind"] = json!({"type": "string", "description": KIND});
        schema["properties"]["metadata"] =
            json!({"description": METADATA, "allOf": [{"$ref": format!("{META}.ObjectMeta")}]});
        let required = &mut schema["required"];
        match required.as_array_mut() {
            Some(all) => all.extend(["kind".into(), "apiVersion".into()]),
            None => *required = json!(["kind", "apiVersion"]),
        }
    }
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
