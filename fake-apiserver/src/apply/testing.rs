//! Generated values, sets and schemas for the property tests of this tree.

pub(crate) mod generated;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::field_set::{FieldSet, Path, PathElement};
use super::managed::{Context, OneVersion, Versions};
use super::resets::Resets;
use crate::schema::{Field, ListKind, Node, NodeId, Scalar, Schema, Shape, Struct};

/// A schema with one kind.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) schema: Schema,
    pub(crate) node: NodeId,
    pub(crate) resets: Resets,
}

impl Kind {
    /// A kind with these types below `spec`, beside a `metadata` with labels, annotations and finalizers.
    pub(crate) fn new(spec: impl FnOnce(&mut Schema) -> NodeId) -> Self {
        let mut schema = Schema::new();
        let spec = spec(&mut schema);
        let string = schema.add(Node::new(Shape::Scalar(Scalar::String)));
        let strings = schema.add(map(string, false));
        let set = schema.add(list(string, ListKind::Set));
        let entry = schema.add(Node::new(Shape::Any));
        let entries = schema.add(list(entry, ListKind::Atomic));
        let metadata = schema.add(structure(&[
            ("annotations", strings),
            ("finalizers", set),
            ("labels", strings),
            ("managedFields", entries),
            ("name", string),
            ("resourceVersion", string),
        ]));
        let root = [
            ("apiVersion", string),
            ("kind", string),
            ("metadata", metadata),
            ("spec", spec),
        ];
        let node = schema.add(structure(&root));
        Self {
            schema,
            node,
            resets: Resets::none(),
        }
    }

    /// A kind whose spec has every form of list and map.
    pub(crate) fn of_all_forms() -> Self {
        Self::new(|schema| {
            let string = schema.add(Node::new(Shape::Scalar(Scalar::String)));
            let int = schema.add(Node::new(Shape::Scalar(Scalar::Int64)));
            let open = schema.add(Node::new(Shape::Any));
            let mut item = Struct::default();
            item.fields.push(Field::new("name", string));
            let mut protocol = Field::new("protocol", string);
            protocol.default = Some(json!("TCP"));
            item.fields.push(protocol);
            let inner = schema.add(list(string, ListKind::Set));
            item.fields.push(Field::new("sub", inner));
            item.fields.push(Field::new("v", int));
            let item = schema.add(Node::new(Shape::Struct(item)));
            let keys = vec!["name".into(), "protocol".into()];
            let fields = [
                ("atomic", schema.add(list(string, ListKind::Atomic))),
                ("atomicMap", schema.add(map(string, true))),
                ("map", schema.add(map(string, false))),
                ("n", int),
                ("open", open),
                ("ports", schema.add(list(item, ListKind::Map { keys }))),
                ("set", schema.add(list(string, ListKind::Set))),
            ];
            schema.add(structure(&fields))
        })
    }

    /// A context in which `manager` writes at second `now`.
    pub(crate) fn context<'a>(&'a self, manager: &'a str, now: &'a str) -> Context<'a> {
        Context {
            schema: &self.schema,
            node: self.node,
            api_version: "g/v1",
            kind: "Thing",
            manager,
            subresource: "",
            resets: &self.resets,
            evolving: true,
            now,
            versions: &OneVersion,
        }
    }
}

/// Versions `g/v1` and `g/v2` of one kind, between which nothing but `apiVersion` differs.
impl Versions for Kind {
    fn view<'a>(&'a self, object: &Value, api_version: &str) -> Option<(Value, &'a Schema, NodeId)> {
        if !matches!(api_version, "g/v1" | "g/v2") {
            return None;
        }
        let mut object = object.clone();
        object["apiVersion"] = api_version.into();
        Some((object, &self.schema, self.node))
    }
}

/// An object of the kind with this spec.
pub(crate) fn thing(spec: Value) -> Value {
    json!({"apiVersion": "g/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": spec})
}

/// A struct with these optional fields, which must be sorted.
pub(crate) fn structure(fields: &[(&str, NodeId)]) -> Node {
    Node::new(Shape::Struct(Struct {
        fields: fields
            .iter()
            .map(|(name, node)| Field::new(name, *node))
            .collect(),
        ..Struct::default()
    }))
}

/// A map.
pub(crate) fn map(value: NodeId, atomic: bool) -> Node {
    Node::new(Shape::Map { value, atomic })
}

/// A list.
pub(crate) fn list(item: NodeId, kind: ListKind) -> Node {
    Node::new(Shape::List { item, kind })
}

/// Any JSON, a few levels deep.
pub(crate) fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-c.:fkvi{}\"0-9é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                "([fkvi]:)?[a-c0-9{}\".]{0,4}|metadata|spec|map|set|ports",
                inner,
                0..4
            )
            .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// Any field set.
pub(crate) fn field_sets() -> impl Strategy<Value = FieldSet> {
    let scalar = prop_oneof![
        any::<i32>().prop_map(Value::from),
        "[a-z\"é]{0,3}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ];
    let element = prop_oneof![
        4 => "[a-c./]{0,3}".prop_map(|n| PathElement::field(&n)),
        1 => scalar.clone().prop_map(|v| PathElement::Value(Box::new(v))),
        1 => prop::collection::btree_map("[a-b]", scalar, 1..3)
            .prop_map(|m| PathElement::key(m.into_iter().map(|(k, v)| (k.into(), v)).collect())),
        1 => any::<i64>().prop_map(PathElement::Index),
    ];
    let path = prop::collection::vec(element, 1..5);
    prop::collection::vec(path, 0..12).prop_map(|paths: Vec<Path>| {
        let mut set = FieldSet::new();
        paths.iter().for_each(|p| set.insert(p));
        set
    })
}
