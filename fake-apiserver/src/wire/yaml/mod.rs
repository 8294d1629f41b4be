//! YAML bodies as the server reads them: YAML 1.1 where the two versions differ, duplicate keys told apart from errors,
//! and the result as JSON.
//!
//! `plain` reads what is JSON anyway, `scalar` says what a plain word stands for, `error` how a syntax error reads.
//!
//! # Source
//! <https://yaml.org/type/>, and for the duplicate keys
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>

mod error;
mod plain;
mod scalar;

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// What comes before the list of duplicate keys in an error.
const DUPLICATES: &str = "yaml: unmarshal errors:";

/// What the tags that YAML itself defines begin with; `!!` stands for it.
const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// Aliases may make a document larger than its text; past these they make up too much of it.
const ALIASED_MIN: usize = 100;
const NODES_MIN: usize = 1_000;
const NODES_MAX: usize = 400_000;

/// The first document of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Document {
    /// What it says; null where there is no document.
    pub(crate) value: Value,
    /// Keys that an object has twice, one message each. The last one counts.
    pub(crate) duplicates: Vec<String>,
}

/// Reads the first document of a stream; the error is the server's message.
///
/// # Errors
/// When the document is no YAML, or has what JSON cannot say.
pub(crate) fn read(body: &[u8]) -> Result<Document, String> {
    if let Some(value) = plain::read(body) {
        return Ok(Document {
            value,
            duplicates: Vec::new(),
        });
    }
    parse(error::utf8(body)?)
}

fn parse(text: &str) -> Result<Document, String> {
    let mut builder = Builder::default();
    let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|e| error::syntax(&e, text))?;
        match event {
            Event::DocumentEnd | Event::StreamEnd => break,
            event => builder.event(event, span.start.line())?,
        }
    }
    Ok(Document {
        value: builder.root,
        duplicates: builder.duplicates,
    })
}

/// The warnings that a complaint stands for: one for each duplicate key in it, itself otherwise.
pub(crate) fn warnings(complaint: &str) -> impl Iterator<Item = &str> {
    let list = complaint
        .split_once(DUPLICATES)
        .map_or(complaint, |(_, list)| list.trim_start_matches('\n'));
    list.split("\n  ").map(str::trim_start)
}

// === impl Document ===

impl Document {
    /// The duplicate keys as one error.
    pub(crate) fn strict_error(&self) -> Option<String> {
        let lines = self.duplicates.iter().map(|d| format!("\n  {d}"));
        (!self.duplicates.is_empty()).then(|| DUPLICATES.to_owned() + &lines.collect::<String>())
    }
}

/// Takes events and makes a value of them.
#[derive(Default)]
struct Builder {
    root: Value,
    open: Vec<Open>,
    /// The nodes that aliases may name, by anchor.
    anchors: BTreeMap<usize, Anchored>,
    duplicates: Vec<String>,
    nodes: usize,
    aliased: usize,
}

struct Anchored {
    node: Node,
    /// How many nodes it consists of.
    size: usize,
}

/// A finished node: its value, and the name that it is as a key.
#[derive(Clone)]
struct Node {
    value: Value,
    /// As Go prints it; nothing where the node is no scalar.
    printed: String,
    is_merge: bool,
}

/// A collection that has not ended.
struct Open {
    anchor: usize,
    line: usize,
    /// The number of nodes before it.
    before: usize,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    Object {
        fields: Map<String, Value>,
        /// The key whose value comes next.
        key: Option<Node>,
    },
}

// === impl Builder ===

impl Builder {
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let tag = tag.as_ref().and_then(|t| t.suffix_in_namespace(YAML_TAGS));
                let scalar = scalar::resolve(&text, plain, tag.as_deref())?;
                let node = Node {
                    is_merge: plain && text == "<<",
                    printed: scalar.printed,
                    value: scalar.value,
                };
                self.nodes += 1;
                self.end(node, anchor, line, 1)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.start(anchor, line, Content::List(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                let (fields, key) = (Map::new(), None);
                self.start(anchor, line, Content::Object { fields, key });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let value = match open.content {
                    Content::List(items) => Value::Array(items),
                    Content::Object { fields, .. } => Value::Object(fields),
                };
                let node = Node {
                    value,
                    printed: String::new(),
                    is_merge: false,
                };
                self.end(node, open.anchor, open.line, self.nodes - open.before)
            }
            Event::Alias(anchor) => {
                let Some(there) = self.anchors.get(&anchor) else {
                    return Err("yaml: anchor contains itself".into());
                };
                let (node, size) = (there.node.clone(), there.size);
                self.nodes += size;
                self.aliased += size;
                self.check_aliases()?;
                self.end(node, 0, line, size)
            }
            Event::UnresolvedAlias(name) => Err(format!("yaml: unknown anchor '{name}' referenced")),
            _ => Ok(()),
        }
    }

    fn start(&mut self, anchor: usize, line: usize, content: Content) {
        self.open.push(Open {
            anchor,
            line,
            before: self.nodes,
            content,
        });
        self.nodes += 1;
    }

    /// A node is complete: it goes where it belongs.
    fn end(&mut self, node: Node, anchor: usize, line: usize, size: usize) -> Result<(), String> {
        if anchor != 0 {
            let node = node.clone();
            self.anchors.insert(anchor, Anchored { node, size });
        }
        let Some(open) = self.open.last_mut() else {
            self.root = node.value;
            return Ok(());
        };
        match &mut open.content {
            Content::List(items) => items.push(node.value),
            Content::Object { fields, key } => match key.take() {
                None if node.printed.is_empty() => {
                    return Err(format!("yaml: invalid map key: {}", node.value));
                }
                None if node.value.is_null() => {
                    return Err("unsupported map key of type: %!s(<nil>), key: <nil>".into());
                }
                None => *key = Some(node),
                Some(key) if key.is_merge => merge(fields, node.value)?,
                Some(key) => {
                    if fields.insert(scalar::key(&key.value), node.value).is_some() {
                        let printed = &key.printed;
                        self.duplicates
                            .push(format!("line {line}: key {printed} already set in map"));
                    }
                }
            },
        }
        Ok(())
    }

    fn check_aliases(&self) -> Result<(), String> {
        let (aliased, nodes) = (self.aliased, self.nodes);
        let share = if nodes > NODES_MAX { 10 } else { 99 };
        if aliased > ALIASED_MIN && nodes > NODES_MIN && aliased * 100 > nodes * share {
            return Err("yaml: document contains excessive aliasing".into());
        }
        Ok(())
    }
}

/// Merges an object, or several of which the first counts most, into another (`<<: *base`).
fn merge(fields: &mut Map<String, Value>, from: Value) -> Result<(), String> {
    let wrong = || "yaml: map merge requires map or sequence of maps as the value".to_owned();
    match from {
        Value::Object(more) => fields.extend(more),
        Value::Array(several) => {
            for more in several.into_iter().rev() {
                let Value::Object(more) = more else {
                    return Err(wrong());
                };
                fields.extend(more);
            }
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
