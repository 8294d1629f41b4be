//! Values beside their types: how a type splits a value into fields that can be owned.
//!
//! Everything that walks values in this tree asks [`Typed::form`] what it has before it: a leaf that is owned as a
//! whole, an object with fields, or a list whose items are told apart. `null` takes the form of whatever stands in its
//! place.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>

use std::collections::BTreeMap;

use serde_json::Value;

use super::field_set::{FieldSet, PathElement};
use crate::schema::{Absent, ListKind, NodeId, Schema, Shape, Struct, Unknown};
use crate::status::go_quote;

/// A type, with what is needed to look into it.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    schema: &'a Schema,
    ty: Type,
}

#[derive(Debug, Clone, Copy)]
enum Type {
    Declared(NodeId),
    /// Nothing is declared: objects have fields, lists are one value.
    Deduced,
}

/// How a value is split.
#[derive(Debug, Clone, Copy)]
pub enum Form<'a> {
    /// It is owned as a whole.
    Leaf,
    /// It has fields.
    Object(Fields<'a>),
    /// Its items are told apart by their value.
    Set,
    /// Its items are told apart by key fields.
    Keyed(Keyed<'a>),
}

/// The fields of an object.
#[derive(Debug, Clone, Copy)]
pub enum Fields<'a> {
    /// Those that the type names.
    Declared(&'a Schema, &'a Struct),
    /// Any, all of one type.
    Map(Typed<'a>),
}

/// The items of a list with keys.
#[derive(Debug, Clone, Copy)]
pub struct Keyed<'a> {
    /// The type of an item.
    pub item: Typed<'a>,
    keys: &'a [Box<str>],
}

// === impl Typed ===

impl<'a> Typed<'a> {
    /// A type of a schema.
    pub fn new(schema: &'a Schema, node: NodeId) -> Self {
        Self {
            schema,
            ty: Type::Declared(node),
        }
    }

    /// The schema that the type is of.
    pub fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// Another type of the same schema.
    pub fn at(&self, node: NodeId) -> Self {
        Self::new(self.schema, node)
    }

    /// The declared shape.
    pub fn shape(&self) -> Option<&'a Shape> {
        match self.ty {
            Type::Declared(id) => Some(&self.schema.node(id).shape),
            Type::Deduced => None,
        }
    }

    /// How this value of the type is split; a value of the wrong kind is a leaf.
    pub fn form(&self, value: &Value) -> Form<'a> {
        let Some(form) = self.declared_form() else {
            return match value {
                Value::Object(_) => Form::Object(Fields::Map(self.deduced())),
                _ => Form::Leaf,
            };
        };
        match (&form, value) {
            (Form::Object(_), Value::Object(_) | Value::Null) => form,
            (Form::Set | Form::Keyed(_), Value::Array(_) | Value::Null) => form,
            _ => Form::Leaf,
        }
    }

    /// How two values in one place are split; where they disagree, they are a leaf.
    pub fn form_of_both(&self, a: Option<&Value>, b: Option<&Value>) -> Form<'a> {
        match (a, b) {
            (Some(Value::Null) | None, Some(v)) | (Some(v), Some(Value::Null) | None) => self.form(v),
            (Some(x), Some(y)) if x.is_object() == y.is_object() && x.is_array() == y.is_array() => {
                self.form(x)
            }
            _ => Form::Leaf,
        }
    }

    /// The form that the type declares; `None` where it follows the value.
    pub fn declared_form(&self) -> Option<Form<'a>> {
        let Type::Declared(id) = self.ty else {
            return None;
        };
        let node = self.schema.node(id);
        Some(match &node.shape {
            // A named type without a shape (`RawExtension`) is opaque; without a name it is an open custom resource.
            Shape::Any if node.type_name.is_empty() => return None,
            Shape::Any | Shape::Scalar(_) => Form::Leaf,
            Shape::Struct(s) if s.atomic => Form::Leaf,
            Shape::Struct(s) => Form::Object(Fields::Declared(self.schema, s)),
            Shape::Map { atomic: true, .. } => Form::Leaf,
            Shape::Map { value, .. } => Form::Object(Fields::Map(self.at(*value))),
            Shape::List { item, kind } => match kind {
                ListKind::Atomic => Form::Leaf,
                ListKind::Set => Form::Set,
                ListKind::Map { keys } => Form::Keyed(Keyed {
                    item: self.at(*item),
                    keys,
                }),
            },
        })
    }

    /// The type of the items of a list.
    pub fn item(&self) -> Typed<'a> {
        match self.shape() {
            Some(Shape::List { item, .. }) => self.at(*item),
            _ => self.deduced(),
        }
    }

    /// The paths that someone owns who applies this value.
    ///
    /// Declared fields are implied by what is below them; entries of maps and items of lists are owned themselves.
    pub fn field_set(&self, value: &Value) -> FieldSet {
        let mut out = FieldSet::new();
        self.collect(value, &mut out);
        out
    }

    /// Fills `out` with the paths below, and returns whether the value is a leaf.
    fn collect(&self, value: &Value, out: &mut FieldSet) -> bool {
        if value.is_null() {
            return true;
        }
        match (self.form(value), value) {
            (Form::Object(fields), Value::Object(map)) => {
                for (name, value) in map {
                    let (ty, declared) = fields.get(name);
                    let mut below = FieldSet::new();
                    let leaf = ty.collect(value, &mut below);
                    let empty = value.as_object().is_some_and(serde_json::Map::is_empty);
                    out.push(PathElement::field(name), leaf || empty || !declared, below);
                }
                false
            }
            (Form::Set, Value::Array(items)) => {
                for item in items {
                    out.push(PathElement::Value(Box::new(item.clone())), true, FieldSet::new());
                }
                false
            }
            (Form::Keyed(keyed), Value::Array(items)) => {
                let mut seen = BTreeMap::new();
                for (i, item) in items.iter().enumerate() {
                    let twice = seen.entry(keyed.element_or_index(i, item));
                    twice.and_modify(|item| *item = None).or_insert(Some(item));
                }
                for (element, item) in seen {
                    let mut below = FieldSet::new();
                    // What stands twice in a live object has no fields of its own.
                    if let Some(item) = item {
                        keyed.item.collect(item, &mut below);
                    }
                    out.push(element, true, below);
                }
                false
            }
            _ => true,
        }
    }

    /// What an object has that nobody wrote: the zero values that the server's own type prints.
    pub fn zero(&self) -> Value {
        match self.shape() {
            Some(Shape::Struct(s)) => {
                let fields = s.fields.iter().filter_map(|f| {
                    let value = match f.go.absent {
                        Absent::Omitted => return None,
                        Absent::Null => Value::Null,
                        Absent::Zero => self.at(f.node).zero(),
                    };
                    Some((f.name.to_string(), value))
                });
                Value::Object(fields.collect())
            }
            Some(Shape::Map { .. }) => Value::Object(serde_json::Map::new()),
            Some(Shape::Scalar(scalar)) => scalar_zero(*scalar),
            _ => Value::Null,
        }
    }

    fn deduced(&self) -> Self {
        Self {
            schema: self.schema,
            ty: Type::Deduced,
        }
    }
}

fn scalar_zero(scalar: crate::schema::Scalar) -> Value {
    use crate::schema::Scalar;
    match scalar {
        Scalar::String | Scalar::Duration => "".into(),
        Scalar::Int32 | Scalar::Int64 | Scalar::Float | Scalar::IntOrString => 0.into(),
        Scalar::Bool => false.into(),
        Scalar::Quantity => "0".into(),
        Scalar::Bytes | Scalar::Time | Scalar::MicroTime => Value::Null,
    }
}

// === impl Fields ===

impl<'a> Fields<'a> {
    /// The type of a field, and whether the object's type names it.
    pub fn get(&self, name: &str) -> (Typed<'a>, bool) {
        match self {
            Self::Map(value) => (*value, false),
            Self::Declared(schema, s) => match s.field(name) {
                Some(f) => (Typed::new(schema, f.node), true),
                None => (
                    Typed {
                        schema,
                        ty: Type::Deduced,
                    },
                    false,
                ),
            },
        }
    }

    /// Whether a field of that name may not be there.
    pub fn forbids(&self, name: &str) -> bool {
        match self {
            Self::Map(_) => false,
            Self::Declared(_, s) => s.unknown == Unknown::Prune && s.field(name).is_none(),
        }
    }
}

// === impl Keyed ===

impl Keyed<'_> {
    /// The path element of an item, with defaults in the place of key fields that it leaves out.
    ///
    /// # Errors
    /// In the server's words, when the item has no key.
    pub fn element(&self, item: &Value) -> Result<PathElement, String> {
        let Value::Object(map) = item else {
            return Err(match item {
                Value::Null => "associative list with keys may not have null elements".into(),
                _ => "associative list with keys may not have non-map elements".into(),
            });
        };
        let mut fields = Vec::with_capacity(self.keys.len());
        for key in self.keys {
            if let Some(value) = map.get(&**key).or_else(|| self.default(key)) {
                fields.push((key.clone(), value.clone()));
            }
        }
        if fields.is_empty() {
            let keys: Vec<String> = self.keys.iter().map(|k| go_quote(k)).collect();
            return Err(format!(
                "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
                keys.join(" ")
            ));
        }
        Ok(PathElement::key(fields))
    }

    /// The path element of an item that may have no key: its position then.
    pub fn element_or_index(&self, i: usize, item: &Value) -> PathElement {
        self.element(item)
            .unwrap_or_else(|_| PathElement::Index(i64::try_from(i).unwrap_or(i64::MAX)))
    }

    fn default(&self, key: &str) -> Option<&Value> {
        match self.item.shape() {
            Some(Shape::Struct(s)) => s.field(key)?.default.as_ref(),
            _ => None,
        }
    }
}

/// The path element of an item of a set.
///
/// # Errors
/// In the server's words, when the item cannot be in a set.
pub fn set_element(item: &Value) -> Result<PathElement, String> {
    Err(match item {
        Value::Object(_) => "associative list without keys has an element that's a map type".into(),
        Value::Array(_) => "not supported: associative list with lists as elements".into(),
        Value::Null => "associative list without keys has an element that's an explicit null".into(),
        scalar => return Ok(PathElement::Value(Box::new(scalar.clone()))),
    })
}
