//! The built-in kinds: decoded from the table that the build script makes of the published OpenAPI documents.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::{Absent, Field, GoField, ListKind, Node, NodeId, Scalar, Schema, Shape, Struct};
use crate::discovery::resource::{Group, Resource, Subresource, Verbs, Version};

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.bin"));

/// The types of the built-in kinds and the resources that serve them.
#[derive(Debug)]
pub struct Builtin {
    schema: Schema,
    kinds: BTreeMap<(&'static str, &'static str, &'static str), NodeId>,
    groups: Vec<Group>,
}

/// The built-in kinds of the Kubernetes version that the crate imitates; decoded once a process.
pub fn builtin() -> &'static Builtin {
    static BUILTIN: OnceLock<Builtin> = OnceLock::new();
    BUILTIN.get_or_init(|| {
        let mut reader = Reader::new(TABLE);
        let (schema, kinds) = reader.types();
        let groups = reader.groups();
        Builtin {
            schema,
            kinds,
            groups,
        }
    })
}

impl Builtin {
    /// The types.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The type of a kind; options, reviews and `Status` are kinds too.
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Option<NodeId> {
        self.kinds.get(&(group, version, kind)).copied()
    }

    /// The type of a kind by its `apiVersion`.
    pub fn kind_of(&self, api_version: &str, kind: &str) -> Option<NodeId> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.kind(group, version, kind)
    }

    /// Every kind: group, version, kind, type.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str, NodeId)> + '_ {
        self.kinds.iter().map(|((g, v, k), node)| (*g, *v, *k, *node))
    }

    /// The groups in the order of discovery, the core group first.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}

/// Reads the table; `build/writer.rs` writes it. Panics cannot be met: the table is made from the same sources.
struct Reader {
    rest: &'static [u8],
    strings: Vec<&'static str>,
}

impl Reader {
    fn new(table: &'static [u8]) -> Self {
        let mut reader = Self {
            rest: table,
            strings: Vec::new(),
        };
        let count = reader.number();
        reader.strings.reserve(count);
        for _ in 0..count {
            let len = reader.number();
            let (text, rest) = reader.rest.split_at(len);
            reader.rest = rest;
            // The build script wrote Rust strings.
            reader
                .strings
                .push(std::str::from_utf8(text).expect("a table of strings"));
        }
        reader
    }

    fn number(&mut self) -> usize {
        let mut n = 0;
        let mut shift = 0;
        loop {
            let byte = self.rest[0];
            self.rest = &self.rest[1..];
            n |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return n;
            }
            shift += 7;
        }
    }

    fn string(&mut self) -> &'static str {
        let n = self.number();
        self.strings[n]
    }

    fn list(&mut self) -> Vec<Box<str>> {
        (0..self.number()).map(|_| self.string().into()).collect()
    }

    fn id(&mut self) -> NodeId {
        NodeId(u32::try_from(self.number()).expect("the build script numbers nodes within 32 bits"))
    }

    fn types(
        &mut self,
    ) -> (
        Schema,
        BTreeMap<(&'static str, &'static str, &'static str), NodeId>,
    ) {
        let count = self.number();
        let mut schema = Schema {
            nodes: Vec::with_capacity(count),
            alternatives: Vec::new(),
        };
        for _ in 0..count {
            let node = self.node();
            schema.add(node);
        }
        let mut kinds = BTreeMap::new();
        for _ in 0..self.number() {
            let key = (self.string(), self.string(), self.string());
            let node = self.id();
            kinds.insert(key, node);
        }
        for _ in 0..self.number() {
            let (union, object) = (self.id(), self.id());
            schema.set_alternative(union, object);
        }
        (schema, kinds)
    }

    fn node(&mut self) -> Node {
        let (name, shape) = match self.number() {
            0 => (self.string(), Shape::Any),
            1 => (self.string(), Shape::Scalar(scalar(self.number()))),
            2 => (self.string(), Shape::Struct(self.fields())),
            3 => {
                let value = self.id();
                let atomic = self.number() == 1;
                ("", Shape::Map { value, atomic })
            }
            _ => {
                let item = self.id();
                let kind = self.number();
                let keys = self.list();
                let kind = match kind {
                    0 => ListKind::Atomic,
                    1 => ListKind::Set,
                    _ => ListKind::Map { keys },
                };
                ("", Shape::List { item, kind })
            }
        };
        Node {
            shape,
            nullable: false,
            type_name: name.into(),
        }
    }

    fn fields(&mut self) -> Struct {
        let atomic = self.number() == 1;
        let fields = (0..self.number()).map(|_| self.field()).collect();
        Struct {
            fields,
            atomic,
            ..Struct::default()
        }
    }

    fn field(&mut self) -> Field {
        let mut field = Field::new(self.string(), self.id());
        let flags = self.number();
        let bit = |n: usize| flags & (1 << n) != 0;
        field.default = match self.string() {
            "" => None,
            "{}" => Some(Value::Object(serde_json::Map::new())),
            json => serde_json::from_str(json).ok(),
        };
        field.required = bit(0);
        field.patch_merge = bit(1);
        field.patch_retain_keys = bit(2);
        field.patch_replace = bit(6);
        field.patch_merge_key = self.string().into();
        field.go = GoField {
            pointer: bit(3),
            absent: match (bit(4), bit(5)) {
                (_, true) => Absent::Zero,
                (true, _) => Absent::Null,
                _ => Absent::Omitted,
            },
            embedded: self.string().into(),
            type_name: self.string().into(),
        };
        field
    }

    fn groups(&mut self) -> Vec<Group> {
        (0..self.number())
            .map(|_| {
                let name = self.string();
                let versions = (0..self.number()).map(|_| self.version(name)).collect();
                Group {
                    name: name.into(),
                    versions,
                }
            })
            .collect()
    }

    fn version(&mut self, group: &'static str) -> Version {
        let name = self.string();
        let resources = (0..self.number()).map(|_| self.resource(group, name)).collect();
        Version {
            name: name.into(),
            resources,
        }
    }

    fn resource(&mut self, group: &'static str, version: &'static str) -> Resource {
        let (plural, singular) = (self.string(), self.string());
        let namespaced = self.number() == 1;
        let (_, _, kind) = (self.string(), self.string(), self.string());
        Resource {
            group: group.into(),
            version: version.into(),
            plural: plural.into(),
            singular: singular.into(),
            kind: kind.into(),
            namespaced,
            verbs: self.verbs(),
            short_names: self.list(),
            categories: self.list(),
            storage_version_hash: self.string().into(),
            subresources: (0..self.number()).map(|_| self.subresource()).collect(),
            custom: false,
        }
    }

    fn subresource(&mut self) -> Subresource {
        Subresource {
            name: self.string().into(),
            group: self.string().into(),
            version: self.string().into(),
            kind: self.string().into(),
            verbs: self.verbs(),
        }
    }

    fn verbs(&mut self) -> Verbs {
        (0..self.number())
            .filter_map(|_| self.string().parse().ok())
            .collect()
    }
}

/// The scalars in the order of `build/types.rs`.
fn scalar(tag: usize) -> Scalar {
    match tag {
        0 => Scalar::String,
        1 => Scalar::Int32,
        2 => Scalar::Int64,
        3 => Scalar::Float,
        4 => Scalar::Bool,
        5 => Scalar::Bytes,
        6 => Scalar::Time,
        7 => Scalar::MicroTime,
        8 => Scalar::Duration,
        9 => Scalar::Quantity,
        _ => Scalar::IntOrString,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec_field(kind: (&str, &str, &str), name: &str) -> &'static Field {
        let b = builtin();
        let node = b.kind(kind.0, kind.1, kind.2).expect("a kind");
        let spec = b.schema().child(node, "spec").expect("a spec");
        let Shape::Struct(s) = &b.schema().node(spec).shape else {
            panic!("a spec is a struct");
        };
        s.field(name).expect("a field")
    }

    #[test]
    fn every_served_kind_has_a_type() {
        let b = builtin();
        for group in b.groups() {
            for version in &group.versions {
                for resource in &version.resources {
                    let kinds = std::iter::once((&resource.group, &resource.version, &resource.kind)).chain(
                        resource
                            .subresources
                            .iter()
                            .map(|s| (&s.group, &s.version, &s.kind)),
                    );
                    for (g, v, k) in kinds {
                        // The options of exec and its like come from the query, never from a body.
                        if !k.ends_with("Options") {
                            assert!(b.kind(g, v, k).is_some(), "{g}/{v} {k}");
                        }
                    }
                }
            }
        }
        for (g, v, k) in [
            ("", "v1", "DeleteOptions"),
            ("", "v1", "Status"),
            ("autoscaling", "v1", "Scale"),
            ("policy", "v1", "Eviction"),
            ("", "v1", "Binding"),
            ("authentication.k8s.io", "v1", "TokenRequest"),
        ] {
            assert!(b.kind(g, v, k).is_some(), "{g}/{v} {k}");
        }
    }

    #[test]
    fn lists_know_their_keys_and_merge_keys() {
        let b = builtin();
        let containers = spec_field(("", "v1", "Pod"), "containers");
        assert!(containers.required && containers.patch_merge);
        assert_eq!(&*containers.patch_merge_key, "name");
        let Shape::List { item, kind } = &b.schema().node(containers.node).shape else {
            panic!("containers are a list");
        };
        assert_eq!(
            *kind,
            ListKind::Map {
                keys: vec!["name".into()]
            }
        );
        let Shape::Struct(container) = &b.schema().node(*item).shape else {
            panic!("a container is a struct");
        };
        assert_eq!(&*b.schema().node(*item).type_name, "v1.Container");
        let ports = container.field("ports").expect("ports");
        let Shape::List { kind, .. } = &b.schema().node(ports.node).shape else {
            panic!("ports are a list");
        };
        assert_eq!(
            *kind,
            ListKind::Map {
                keys: vec!["containerPort".into(), "protocol".into()]
            }
        );
        assert!(spec_field(("apps", "v1", "Deployment"), "strategy").patch_retain_keys);
        assert!(spec_field(("policy", "v1", "PodDisruptionBudget"), "selector").patch_replace);
    }

    #[test]
    fn fields_know_what_go_prints_for_them() {
        let status = {
            let b = builtin();
            let node = b.kind("apps", "v1", "Deployment").expect("a kind");
            let Shape::Struct(s) = &b.schema().node(node).shape else {
                panic!("a kind is a struct");
            };
            s.field("status").expect("a status")
        };
        assert_eq!(status.go.absent, Absent::Zero);
        assert!(spec_field(("apps", "v1", "Deployment"), "replicas").go.pointer);
        assert!(!spec_field(("apps", "v1", "Deployment"), "paused").go.pointer);
        assert_eq!(
            spec_field(("", "v1", "Pod"), "containers").go.absent,
            Absent::Null
        );
        let protocol = spec_field(("", "v1", "Pod"), "restartPolicy");
        assert_eq!(&*protocol.go.type_name, "v1.RestartPolicy");
    }

    #[test]
    fn atomic_types_are_atomic() {
        let b = builtin();
        let selector = spec_field(("apps", "v1", "Deployment"), "selector");
        let Shape::Struct(s) = &b.schema().node(selector.node).shape else {
            panic!("a selector is a struct");
        };
        assert!(s.atomic);
    }
}
