//! What a kind looks like: one compiled form for the built-in kinds and for custom resources.
//!
//! Field validation, defaulting, pruning, strategic merge and server-side apply all walk a value beside a [`Schema`];
//! none of them reads OpenAPI. A schema is an arena of [`Node`]s that refer to each other by [`NodeId`], so that
//! recursive types need no special case and a walk allocates nothing.

mod builtin;
pub mod decode;
pub(crate) mod go_types;
pub mod json;
pub mod quantity;
mod time;
pub mod unstructured;

use std::fmt;

use serde_json::Value;

pub use builtin::{Builtin, builtin};

/// A set of types that refer to each other: those of the built-in kinds, or those of one version of a custom resource.
#[derive(Debug, Default)]
pub struct Schema {
    nodes: Vec<Node>,
    /// Untyped nodes whose objects are typed all the same; few, so a list.
    alternatives: Vec<(NodeId, NodeId)>,
}

/// A type inside a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// One type: its shape, and what is said of the type as a whole.
#[derive(Debug, Clone)]
pub struct Node {
    /// What values look like.
    pub shape: Shape,
    /// Whether `null` is a value (`nullable: true`) rather than an absent field.
    pub nullable: bool,
    /// The type's name as the server prints it in decoding errors (`v1.PodSpec`); empty where it has none.
    pub type_name: Box<str>,
}

/// The shape of a type's values.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Any JSON value, kept as it is (`RawExtension`, `x-kubernetes-preserve-unknown-fields` without properties).
    Any,
    /// A leaf.
    Scalar(Scalar),
    /// An object with named fields.
    Struct(Struct),
    /// An object whose keys are data.
    Map {
        /// The type of every value.
        value: NodeId,
        /// Owned and merged as one value (`x-kubernetes-map-type: atomic`).
        atomic: bool,
    },
    /// An array.
    List {
        /// The type of every item.
        item: NodeId,
        /// How items are told apart (`x-kubernetes-list-type`).
        kind: ListKind,
    },
}

/// The kinds of leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// A string.
    String,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A floating-point number.
    Float,
    /// `true` or `false`.
    Bool,
    /// Base64 text that stands for bytes.
    Bytes,
    /// An RFC 3339 time with whole seconds.
    Time,
    /// An RFC 3339 time with microseconds.
    MicroTime,
    /// A Go duration such as `30s`.
    Duration,
    /// A resource quantity such as `100m`; written as a string, read from a number too.
    Quantity,
    /// An integer or a string.
    IntOrString,
}

/// An object with named fields.
#[derive(Debug, Clone, Default)]
pub struct Struct {
    /// The fields, sorted by name.
    pub fields: Vec<Field>,
    /// What becomes of a field that has no entry in `fields`.
    pub unknown: Unknown,
    /// Owned and merged as one value (`x-kubernetes-map-type: atomic`).
    pub atomic: bool,
}

/// What becomes of fields that a [`Struct`] does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They are pruned, with a warning or an error as field validation says.
    #[default]
    Prune,
    /// They are kept untyped (`x-kubernetes-preserve-unknown-fields`).
    Preserve,
}

/// A field of a [`Struct`].
#[derive(Debug, Clone)]
pub struct Field {
    /// The name in JSON.
    pub name: Box<str>,
    /// The type of the value.
    pub node: NodeId,
    /// The value that an absent field takes, as the published schema states it.
    pub default: Option<Value>,
    /// Whether the schema lists the field as required.
    pub required: bool,
    /// `x-kubernetes-patch-strategy` contains `merge`.
    pub patch_merge: bool,
    /// `x-kubernetes-patch-strategy` contains `replace`: an object that strategic merge takes as one value.
    pub patch_replace: bool,
    /// `x-kubernetes-patch-strategy` contains `retainKeys`.
    pub patch_retain_keys: bool,
    /// `x-kubernetes-patch-merge-key`; empty where there is none.
    pub patch_merge_key: Box<str>,
    /// What a round trip through the server's own type does to the field; the default for custom resources.
    pub go: GoField,
}

/// What the Go type behind a built-in kind adds to the published schema of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoField {
    /// What is printed when the field was not given.
    pub absent: Absent,
    /// An explicit zero value (`0`, `false`, `""`) is kept, since the field is a pointer.
    pub pointer: bool,
    /// The embedded types through which the field is reached (`ProbeHandler`), as decoding errors name them.
    pub embedded: Box<str>,
    /// The name of the field's scalar type (`v1.Protocol`); empty for a plain one.
    pub type_name: Box<str>,
}

/// What a typed object prints for a field that was not given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Absent {
    /// Nothing (`omitempty`).
    #[default]
    Omitted,
    /// `null`: a list, a map or a time.
    Null,
    /// The zero value of its type: `""`, `0`, `false`, or an object with the zero values of its fields.
    Zero,
}

/// How the items of a list are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListKind {
    /// The list is one value.
    Atomic,
    /// Scalar items, each at most once.
    Set,
    /// Objects with keys, each combination of keys at most once.
    Map {
        /// The key fields, in the schema's order.
        keys: Vec<Box<str>>,
    },
}

// === impl Schema ===

impl Schema {
    /// An empty schema to add nodes to.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node and returns its id.
    pub fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// Replaces a node, so that a recursive type can be added before its fields are known.
    pub fn set(&mut self, id: NodeId, node: Node) {
        self.nodes[id.0 as usize] = node;
    }

    /// Copies a type and all that it refers to from another schema.
    pub fn import(&mut self, from: &Self, id: NodeId) -> NodeId {
        let mut known = std::collections::BTreeMap::new();
        self.import_node(from, id, &mut known)
    }

    fn import_node(
        &mut self,
        from: &Self,
        id: NodeId,
        known: &mut std::collections::BTreeMap<NodeId, NodeId>,
    ) -> NodeId {
        if let Some(copy) = known.get(&id) {
            return *copy;
        }
        let mut node = from.node(id).clone();
        // A type that refers to itself finds its copy by this entry.
        let copy = self.add(Node::new(Shape::Any));
        known.insert(id, copy);
        match &mut node.shape {
            Shape::Any | Shape::Scalar(_) => {}
            Shape::Struct(s) => {
                for field in &mut s.fields {
                    field.node = self.import_node(from, field.node, known);
                }
            }
            Shape::Map { value, .. } => *value = self.import_node(from, *value, known),
            Shape::List { item, .. } => *item = self.import_node(from, *item, known),
        }
        if let Some(object) = from.alternative(id) {
            let object = self.import_node(from, object, known);
            self.set_alternative(copy, object);
        }
        self.set(copy, node);
        copy
    }

    /// The node behind an id of this schema.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Says that objects in the place of the untyped `union` have the type `object`.
    pub fn set_alternative(&mut self, union: NodeId, object: NodeId) {
        self.alternatives.push((union, object));
    }

    /// The type of objects in the place of an untyped node, such as the schema where a boolean may stand too.
    pub fn alternative(&self, union: NodeId) -> Option<NodeId> {
        self.alternatives
            .iter()
            .find(|(u, _)| *u == union)
            .map(|(_, o)| *o)
    }

    /// The type of what `name` leads to inside values of type `id`: a struct's field or a map's value.
    pub fn child(&self, id: NodeId, name: &str) -> Option<NodeId> {
        match &self.node(id).shape {
            Shape::Struct(s) => s.field(name).map(|f| f.node),
            Shape::Map { value, .. } => Some(*value),
            _ => None,
        }
    }
}

// === impl Node ===

impl Node {
    /// An unnamed, non-nullable node.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            nullable: false,
            type_name: "".into(),
        }
    }
}

// === impl Struct ===

impl Struct {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.position(name).map(|(_, field)| field)
    }

    /// The field of that name and its place among the fields.
    pub fn position(&self, name: &str) -> Option<(usize, &Field)> {
        let at = self.fields.binary_search_by(|f| (*f.name).cmp(name)).ok()?;
        Some((at, &self.fields[at]))
    }
}

// === impl Field ===

impl Field {
    /// An optional field with neither default nor patch directives.
    pub fn new(name: &str, node: NodeId) -> Self {
        Self {
            name: name.into(),
            node,
            default: None,
            required: false,
            patch_merge: false,
            patch_replace: false,
            patch_retain_keys: false,
            patch_merge_key: "".into(),
            go: GoField::default(),
        }
    }
}

// === impl NodeId ===

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
