//! From what the derive macro read to a CustomResourceDefinition.
//!
//! The macro writes constants; everything that takes a decision at run time is here, where it is compiled once and tested.

use k8s_openapi::{
    apiextensions_apiserver::pkg::apis::apiextensions::v1::{
        CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionNames,
        CustomResourceDefinitionSpec, CustomResourceDefinitionVersion, CustomResourceSubresourceScale,
        CustomResourceSubresourceStatus, CustomResourceSubresources, CustomResourceValidation,
        JSONSchemaProps, SelectableField,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::core::schema::structural_schema_for;

/// The attributes of one `#[derive(CustomResource)]`.
#[expect(missing_docs, reason = "the fields are the API's, and documented there")]
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// `plural.group`.
    pub name: &'static str,
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub singular: &'static str,
    pub plural: &'static str,
    pub shortnames: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    pub served: bool,
    pub storage: bool,
    pub deprecation: Option<Deprecation>,
    /// Whether there is a status subresource.
    pub status: bool,
    pub scale: Option<Scale>,
    pub columns: &'static [Column],
    pub selectable: &'static [&'static str],
    pub annotations: &'static [(&'static str, &'static str)],
    pub labels: &'static [(&'static str, &'static str)],
}

/// A deprecated version, with the warning for its users if it is not the server's own.
#[expect(missing_docs, reason = "the fields are the API's, and documented there")]
#[derive(Clone, Copy, Debug)]
pub struct Deprecation {
    pub warning: Option<&'static str>,
}

/// The paths of the scale subresource.
#[expect(missing_docs, reason = "the fields are the API's, and documented there")]
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub spec_replicas_path: &'static str,
    pub status_replicas_path: &'static str,
    pub label_selector_path: Option<&'static str>,
}

/// One printer column.
#[expect(missing_docs, reason = "the fields are the API's, and documented there")]
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub json_path: &'static str,
    pub type_: &'static str,
    pub format: Option<&'static str>,
    pub description: Option<&'static str>,
    pub priority: Option<i32>,
}

/// The definition, with `schema` as its schema.
pub fn crd(definition: &Definition, schema: Option<JSONSchemaProps>) -> CustomResourceDefinition {
    let Definition {
        annotations,
        labels,
        shortnames,
        categories,
        ..
    } = definition;
    let pairs = |pairs: &[(&str, &str)]| {
        (!pairs.is_empty()).then(|| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect()
        })
    };
    CustomResourceDefinition {
        metadata: ObjectMeta {
            name: Some(definition.name.into()),
            annotations: pairs(annotations),
            labels: pairs(labels),
            ..ObjectMeta::default()
        },
        spec: CustomResourceDefinitionSpec {
            group: definition.group.into(),
            names: CustomResourceDefinitionNames {
                kind: definition.kind.into(),
                singular: Some(definition.singular.into()),
                plural: definition.plural.into(),
                short_names: Some(owned(shortnames)),
                categories: Some(owned(categories)),
                list_kind: None,
            },
            scope: if definition.namespaced {
                "Namespaced"
            } else {
                "Cluster"
            }
            .into(),
            versions: vec![version(definition, schema)],
            ..CustomResourceDefinitionSpec::default()
        },
        status: None,
    }
}

fn version(definition: &Definition, schema: Option<JSONSchemaProps>) -> CustomResourceDefinitionVersion {
    let subresources = CustomResourceSubresources {
        status: definition
            .status
            .then(|| CustomResourceSubresourceStatus(json!({}))),
        scale: definition.scale.map(|scale| CustomResourceSubresourceScale {
            spec_replicas_path: scale.spec_replicas_path.into(),
            status_replicas_path: scale.status_replicas_path.into(),
            label_selector_path: scale.label_selector_path.map(Into::into),
        }),
    };
    CustomResourceDefinitionVersion {
        name: definition.version.into(),
        served: definition.served,
        storage: definition.storage,
        deprecated: definition.deprecation.map(|_| true),
        deprecation_warning: definition
            .deprecation
            .and_then(|deprecation| deprecation.warning)
            .map(Into::into),
        schema: schema.map(|schema| CustomResourceValidation {
            open_api_v3_schema: Some(schema),
        }),
        subresources: Some(subresources),
        additional_printer_columns: Some(definition.columns.iter().map(column).collect()),
        selectable_fields: (!definition.selectable.is_empty()).then(|| {
            definition
                .selectable
                .iter()
                .map(|path| SelectableField {
                    json_path: (*path).into(),
                })
                .collect()
        }),
    }
}

fn column(column: &Column) -> CustomResourceColumnDefinition {
    CustomResourceColumnDefinition {
        name: column.name.into(),
        json_path: column.json_path.into(),
        type_: column.type_.into(),
        format: column.format.map(Into::into),
        description: column.description.map(Into::into),
        priority: column.priority,
    }
}

fn owned(strings: &[&str]) -> Vec<String> {
    strings.iter().map(|one| (*one).into()).collect()
}

/// The schema of a root type as a definition may have it.
pub fn schema_of<K: JsonSchema>() -> JSONSchemaProps {
    let mut root = match structural_schema_for::<K>().to_value() {
        Value::Object(root) => root,
        _ => Map::new(),
    };
    fit_root(&mut root);
    // `structural_schema_for` keeps only keywords whose values have the form that this type wants.
    serde_json::from_value(Value::Object(root)).unwrap_or_else(|_| JSONSchemaProps {
        type_: Some("object".into()),
        x_kubernetes_preserve_unknown_fields: Some(true),
        ..JSONSchemaProps::default()
    })
}

/// The rules that hold for the root alone: an object, never null, with `apiVersion`, `kind` and `metadata` left to the server.
fn fit_root(root: &mut Map<String, Value>) {
    root.insert("type".into(), "object".into());
    root.remove("nullable");
    if root.remove("additionalProperties").is_some() {
        root.insert("x-kubernetes-preserve-unknown-fields".into(), true.into());
    }
    let Some(Value::Object(fields)) = root.get_mut("properties") else {
        return;
    };
    for name in ["apiVersion", "kind"] {
        if let Some(field) = fields.get_mut(name) {
            *field = json!({"type": "string"});
        }
    }
    if let Some(metadata) = fields.get_mut("metadata") {
        let mut fitted = json!({"type": "object"});
        let known: Map<String, Value> = match metadata.get("properties") {
            Some(Value::Object(known)) => known
                .iter()
                .filter(|(name, schema)| {
                    matches!(name.as_str(), "name" | "generateName") && restricts(schema)
                })
                .map(|(name, schema)| (name.clone(), schema.clone()))
                .collect(),
            _ => Map::new(),
        };
        if !known.is_empty() {
            fitted["properties"] = Value::Object(known);
        }
        *metadata = fitted;
    }
}

/// Whether a schema of a name asks for more than the server does by itself.
fn restricts(schema: &Value) -> bool {
    [
        "pattern",
        "minLength",
        "maxLength",
        "enum",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
    ]
    .iter()
    .any(|keyword| schema.get(keyword).is_some())
}

/// The schema of a derived root type: its description and one schema for each of spec and status.
pub fn root_schema(description: &str, spec: Schema, status: Option<Schema>) -> Schema {
    let mut fields = Map::new();
    fields.insert("spec".into(), spec.to_value());
    if let Some(status) = status {
        fields.insert("status".into(), json!({"anyOf": [status, {"type": "null"}]}));
    }
    let mut root = Map::new();
    root.insert("type".into(), "object".into());
    root.insert("description".into(), description.into());
    root.insert("properties".into(), Value::Object(fields));
    root.insert("required".into(), json!(["spec"]));
    Schema::from(root)
}

/// The schema of a part of a root type.
pub fn subschema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
