//! The schema of a definition as the compiled form that patches and applies walk.

use super::props::{Additional, Props};
use crate::schema::{Field, ListKind, Node, NodeId, Scalar, Schema, Shape, Struct, Unknown, builtin};

/// Compiles a version's schema; the root has the fields of every object besides its own.
pub(super) fn compile(props: &Props) -> (Schema, NodeId) {
    let mut schema = Schema::new();
    let metadata = metadata(&mut schema);
    let mut root = object(&mut schema, props, metadata);
    add_meta(&mut schema, &mut root, metadata);
    let mut node = Node::new(Shape::Struct(root));
    node.nullable = props.nullable;
    let root = schema.add(node);
    (schema, root)
}

/// Adds the types of metadata to a schema.
fn metadata(schema: &mut Schema) -> NodeId {
    let b = builtin();
    let source = b
        .kind("", "v1", "ConfigMap")
        .and_then(|n| b.schema().child(n, "metadata"));
    match source {
        Some(node) => schema.import(b.schema(), node),
        // Every published kind has metadata.
        None => schema.add(Node::new(Shape::Any)),
    }
}

fn add_meta(schema: &mut Schema, root: &mut Struct, metadata: NodeId) {
    let string = schema.add(Node::new(Shape::Scalar(Scalar::String)));
    for (name, node) in [("apiVersion", string), ("kind", string), ("metadata", metadata)] {
        root.fields.retain(|f| &*f.name != name);
        root.fields.push(Field::new(name, node));
    }
    root.fields.sort_by(|a, b| a.name.cmp(&b.name));
}

fn node(schema: &mut Schema, props: &Props, metadata: NodeId) -> NodeId {
    let shape = if props.int_or_string {
        Shape::Scalar(Scalar::IntOrString)
    } else {
        match &*props.kind {
            "string" => Shape::Scalar(Scalar::String),
            "boolean" => Shape::Scalar(Scalar::Bool),
            "integer" if props.format == "int32" => Shape::Scalar(Scalar::Int32),
            "integer" => Shape::Scalar(Scalar::Int64),
            "number" => Shape::Scalar(Scalar::Float),
            "array" => list(schema, props, metadata),
            "object" => match props.additional_schema() {
                Some(value) => Shape::Map {
                    value: node(schema, value, metadata),
                    atomic: props.map_type.as_deref() == Some("atomic"),
                },
                None if props.properties.is_empty() && free(props) => Shape::Any,
                None => {
                    let mut s = object(schema, props, metadata);
                    if props.embedded {
                        add_meta(schema, &mut s, metadata);
                    }
                    Shape::Struct(s)
                }
            },
            _ if !props.properties.is_empty() => Shape::Struct(object(schema, props, metadata)),
            _ => Shape::Any,
        }
    };
    let mut node = Node::new(shape);
    node.nullable = props.nullable;
    schema.add(node)
}

/// Whether values hold anything.
fn free(props: &Props) -> bool {
    (props.preserves() && !props.embedded && props.map_type.is_none())
        || matches!(props.additional, Some(Additional::Allowed(true)))
}

fn list(schema: &mut Schema, props: &Props, metadata: NodeId) -> Shape {
    let Some(item) = props.item() else {
        return Shape::Any;
    };
    Shape::List {
        item: node(schema, item, metadata),
        kind: match props.list_type.as_deref() {
            Some("set") => ListKind::Set,
            Some("map") => ListKind::Map {
                keys: props.list_map_keys.iter().map(|k| k.as_str().into()).collect(),
            },
            _ => ListKind::Atomic,
        },
    }
}

fn object(schema: &mut Schema, props: &Props, metadata: NodeId) -> Struct {
    let mut fields = Vec::new();
    for (name, property) in &props.properties {
        let mut field = Field::new(name, node(schema, property, metadata));
        field.default = property.default.clone();
        field.required = props.required.contains(name);
        fields.push(field);
    }
    Struct {
        fields,
        unknown: if props.preserves() {
            Unknown::Preserve
        } else {
            Unknown::Prune
        },
        atomic: props.map_type.as_deref() == Some("atomic"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_compiled_schema_has_the_lists_maps_and_metadata() {
        let props = Props::parse(
            &json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
                "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                "port": {"x-kubernetes-int-or-string": true},
                "one": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "integer"}}},
            }}}}),
        );
        let (schema, root) = compile(&props);
        let spec = schema.child(root, "spec").expect("a spec");
        let shape = |name: &str| &schema.node(schema.child(spec, name).expect("a field")).shape;
        assert!(matches!(
            shape("set"),
            Shape::List {
                kind: ListKind::Set,
                ..
            }
        ));
        assert!(matches!(shape("map"), Shape::List { kind: ListKind::Map { keys }, .. } if keys.len() == 1));
        assert!(matches!(shape("labels"), Shape::Map { atomic: false, .. }));
        assert!(matches!(shape("any"), Shape::Any));
        assert!(matches!(shape("port"), Shape::Scalar(Scalar::IntOrString)));
        assert!(matches!(shape("one"), Shape::Struct(s) if s.atomic));
        let metadata = schema.child(root, "metadata").expect("metadata");
        let finalizers = schema.child(metadata, "finalizers").expect("finalizers");
        assert!(matches!(
            &schema.node(finalizers).shape,
            Shape::List {
                kind: ListKind::Set,
                ..
            }
        ));
    }
}
