//! Definitions to nodes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::documents::Override;
use crate::writer::Writer;

// The tags are read by `src/schema/builtin.rs`; the two lists are one.
const ANY: usize = 0;
const SCALAR: usize = 1;
const STRUCT: usize = 2;
const MAP: usize = 3;
const LIST: usize = 4;

/// A node as it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Any {
        name: String,
    },
    Scalar {
        name: String,
        kind: usize,
    },
    Struct {
        name: String,
        definition: String,
        atomic: bool,
    },
    Map {
        value: usize,
        atomic: bool,
    },
    List {
        item: usize,
        kind: usize,
        keys: Vec<String>,
    },
}

struct Types<'a> {
    definitions: &'a BTreeMap<String, Value>,
    nodes: Vec<Node>,
    known: BTreeMap<Node, usize>,
}

/// Writes the nodes, the kinds and the alternatives.
pub(crate) fn write(
    out: &mut Writer,
    definitions: &BTreeMap<String, Value>,
    overrides: &BTreeMap<String, Override>,
) {
    let mut types = Types {
        definitions,
        nodes: Vec::new(),
        known: BTreeMap::new(),
    };
    let mut kinds = Vec::new();
    for (name, definition) in definitions {
        let node = types.definition(name, None);
        for kind in definition["x-kubernetes-group-version-kind"]
            .as_array()
            .into_iter()
            .flatten()
        {
            kinds.push((
                text(&kind["group"]),
                text(&kind["version"]),
                text(&kind["kind"]),
                node,
            ));
        }
    }

    // Fields are compiled while the nodes grow: a node's index is known before its fields are.
    let mut fields = Vec::new();
    let mut next = 0;
    while next < types.nodes.len() {
        fields.push(match types.nodes[next].clone() {
            Node::Struct { definition, .. } => types.fields(&definition),
            _ => Vec::new(),
        });
        next += 1;
    }

    let mut used = Vec::new();
    out.number(types.nodes.len());
    for (node, fields) in types.nodes.iter().zip(&fields) {
        match node {
            Node::Any { name } => {
                out.number(ANY);
                out.string(name);
            }
            Node::Scalar { name, kind } => {
                out.number(SCALAR);
                out.string(name);
                out.number(*kind);
            }
            Node::Struct {
                name,
                definition,
                atomic,
            } => {
                out.number(STRUCT);
                out.string(name);
                out.number(usize::from(*atomic));
                let extra = overrides.iter().find(|(end, _)| {
                    definition
                        .strip_suffix(end.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                });
                if let Some((end, _)) = extra {
                    used.push(end.clone());
                }
                out.number(fields.len());
                for field in fields {
                    write_field(out, field, extra.map(|(_, o)| o));
                }
                check(definition, fields, extra.map(|(_, o)| o));
            }
            Node::Map { value, atomic } => {
                out.number(MAP);
                out.number(*value);
                out.number(usize::from(*atomic));
            }
            Node::List { item, kind, keys } => {
                out.number(LIST);
                out.number(*item);
                out.number(*kind);
                out.strings(keys.iter().map(String::as_str));
            }
        }
    }
    for end in overrides.keys() {
        assert!(used.contains(end), "go-types.txt: no type ends in {end}");
    }

    out.number(kinds.len());
    for (group, version, kind, node) in &kinds {
        out.string(group);
        out.string(version);
        out.string(kind);
        out.number(*node);
    }

    // The unions of the schema language: a schema, or a boolean or a list in its place.
    let props = types
        .nodes
        .iter()
        .position(|n| matches!(n, Node::Struct { name, .. } if name == "v1.JSONSchemaProps"))
        .expect("the documents define JSONSchemaProps");
    let unions: Vec<usize> = (0..types.nodes.len())
        .filter(
            |i| matches!(&types.nodes[*i], Node::Any { name } if name.starts_with("v1.JSONSchemaPropsOr")),
        )
        .collect();
    out.number(unions.len());
    for union in unions {
        out.number(union);
        out.number(props);
    }
}

struct Field {
    name: String,
    node: usize,
    required: bool,
    /// Of a type without a null: quantities, and integers or strings.
    prints_zero: bool,
    default: Option<String>,
    strategy: String,
    merge_key: String,
}

fn write_field(out: &mut Writer, field: &Field, extra: Option<&Override>) {
    let has = |list: fn(&Override) -> &Vec<String>| extra.is_some_and(|o| list(o).contains(&field.name));
    // A default that is the zero value tells a field that Go prints always.
    let zero = matches!(field.default.as_deref(), Some("{}" | "\"\"" | "0" | "false")) && !has(|o| &o.omit);
    let pointer = has(|o| &o.pointers);
    let flags = usize::from(field.required)
        | usize::from(field.strategy.split(',').any(|s| s == "merge")) << 1
        | usize::from(field.strategy.split(',').any(|s| s == "retainKeys")) << 2
        | usize::from(pointer) << 3
        | usize::from(has(|o| &o.null) || (field.required && !zero && !has(|o| &o.omit))) << 4
        | usize::from((zero && !pointer) || has(|o| &o.zero) || (field.required && field.prints_zero)) << 5
        | usize::from(field.strategy.split(',').any(|s| s == "replace")) << 6;
    out.string(&field.name);
    out.number(field.node);
    out.number(flags);
    out.string(field.default.as_deref().unwrap_or(""));
    out.string(&field.merge_key);
    let empty = String::new();
    out.string(extra.and_then(|o| o.embedded.get(&field.name)).unwrap_or(&empty));
    out.string(extra.and_then(|o| o.names.get(&field.name)).unwrap_or(&empty));
}

fn check(definition: &str, fields: &[Field], extra: Option<&Override>) {
    let Some(o) = extra else { return };
    let named = o.pointers.iter().chain(&o.null).chain(&o.zero).chain(&o.omit);
    for name in named.chain(o.embedded.keys()).chain(o.names.keys()) {
        assert!(
            fields.iter().any(|f| f.name == *name),
            "go-types.txt: {definition} has no field {name}"
        );
    }
}

impl Types<'_> {
    fn node(&mut self, node: Node) -> usize {
        if let Some(i) = self.known.get(&node) {
            return *i;
        }
        let i = self.nodes.len();
        self.nodes.push(node.clone());
        self.known.insert(node, i);
        i
    }

    /// `atomic` is what the reference says, which counts for more than what the definition says itself.
    fn definition(&mut self, name: &str, atomic: Option<bool>) -> usize {
        let short = short(name);
        let scalar = |kind| Node::Scalar {
            name: short.clone(),
            kind,
        };
        let node = match short.as_str() {
            "resource.Quantity" => scalar(9),
            "intstr.IntOrString" => scalar(10),
            "v1.Time" => scalar(6),
            "v1.MicroTime" => scalar(7),
            "v1.Duration" => scalar(8),
            "runtime.RawExtension" | "v1.FieldsV1" | "v1.JSON" | "v1.Patch" => Node::Any { name: short },
            s if s.starts_with("v1.JSONSchemaPropsOr") => Node::Any { name: short },
            _ => Node::Struct {
                name: short,
                definition: name.to_owned(),
                atomic: atomic
                    .or_else(|| is_atomic(&self.definitions[name]))
                    .unwrap_or(false),
            },
        };
        self.node(node)
    }

    fn schema(&mut self, schema: &Value) -> usize {
        let atomic = is_atomic(schema);
        let reference = [&schema["$ref"], &schema["allOf"][0]["$ref"]]
            .into_iter()
            .find_map(Value::as_str);
        if let Some(reference) = reference {
            let name = reference
                .rsplit('/')
                .next()
                .expect("rsplit yields at least one part");
            return self.definition(name, atomic);
        }
        let scalar = |kind| Node::Scalar {
            name: String::new(),
            kind,
        };
        let node = match (text(&schema["type"]).as_str(), text(&schema["format"]).as_str()) {
            ("string", "byte") => scalar(5),
            ("string", "date-time") => scalar(6),
            ("string", _) => scalar(0),
            ("integer", "int32") => scalar(1),
            ("integer", _) => scalar(2),
            ("number", _) => scalar(3),
            ("boolean", _) => scalar(4),
            ("array", _) => {
                let keys = &schema["x-kubernetes-list-map-keys"];
                Node::List {
                    item: self.schema(&schema["items"]),
                    kind: match text(&schema["x-kubernetes-list-type"]).as_str() {
                        "set" => 1,
                        "map" => 2,
                        _ => 0,
                    },
                    keys: keys.as_array().into_iter().flatten().map(text).collect(),
                }
            }
            ("object", _) if schema["additionalProperties"].is_object() => Node::Map {
                value: self.schema(&schema["additionalProperties"]),
                atomic: atomic == Some(true),
            },
            _ => Node::Any { name: String::new() },
        };
        self.node(node)
    }

    fn fields(&mut self, definition: &str) -> Vec<Field> {
        let schema = &self.definitions[definition];
        let required = &schema["required"];
        let mut fields = Vec::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let node = self.schema(property);
            fields.push(Field {
                name: name.clone(),
                node,
                prints_zero: matches!(self.nodes[node], Node::Scalar { kind: 9 | 10, .. }),
                required: required.as_array().into_iter().flatten().any(|r| r == name),
                default: property.get("default").map(Value::to_string),
                strategy: text(&property["x-kubernetes-patch-strategy"]),
                merge_key: text(&property["x-kubernetes-patch-merge-key"]),
            });
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields
    }
}

/// `v1.PodSpec` of `io.k8s.api.core.v1.PodSpec`.
fn short(definition: &str) -> String {
    let mut parts = definition.rsplit('.');
    let kind = parts.next().unwrap_or("");
    let package = parts.next().unwrap_or("");
    format!("{package}.{kind}")
}

/// Whether a map is owned as a whole, where the schema says so or otherwise.
fn is_atomic(schema: &Value) -> Option<bool> {
    schema["x-kubernetes-map-type"]
        .as_str()
        .map(|kind| kind == "atomic")
}

fn text(v: &Value) -> String {
    v.as_str().unwrap_or("").to_owned()
}
