//! Generated kinds, and values of them.
//!
//! A kind is generated as a [`Type`], from which come both its schema, as the code under test sees it, and its values.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Kind, list, map};
use crate::apply::field_set::compare_values;
use crate::schema::{Field, ListKind, Node, NodeId, Scalar, Schema, Shape, Struct, Unknown};

/// A type.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    Int,
    Text,
    /// Nothing is declared.
    Open,
    /// A list that is one value.
    Atomic(Box<Type>),
    /// A set of numbers, or of texts.
    Set {
        numbers: bool,
    },
    /// A list of objects that `name` tells apart, and a key field with a default where there are two.
    Keyed {
        two: bool,
        fields: Fields,
    },
    Map {
        item: Box<Type>,
        atomic: bool,
    },
    Object {
        fields: Fields,
        atomic: bool,
        /// Whether it may have fields that are not declared.
        open: bool,
    },
}

type Fields = BTreeMap<&'static str, Type>;

/// Which part of a value, of two that share no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Left,
    Right,
}

/// The key field that an item may leave out, and what it is then.
const DEFAULTED: (&str, &str) = ("protocol", "TCP");

/// Types of specs.
pub(crate) fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        2 => Just(Type::Int),
        2 => Just(Type::Text),
        1 => Just(Type::Open),
        2 => any::<bool>().prop_map(|numbers| Type::Set { numbers }),
    ];
    let seldom = || prop::bool::weighted(0.2);
    let any = leaf.prop_recursive(3, 12, 3, move |inner| {
        let item = inner.clone().prop_map(Box::new);
        prop_oneof![
            1 => item.clone().prop_map(Type::Atomic),
            3 => (any::<bool>(), fields(inner.clone())).prop_map(|(two, fields)| Type::Keyed { two, fields }),
            2 => (item, seldom()).prop_map(|(item, atomic)| Type::Map { item, atomic }),
            2 => (fields(inner), seldom(), seldom())
                .prop_map(|(fields, atomic, open)| Type::Object { fields, atomic, open }),
        ]
    });
    fields(any.boxed()).prop_map(|fields| Type::Object {
        fields,
        atomic: false,
        open: false,
    })
}

/// A type and a number of specs, without gaps.
pub(crate) fn specs<const N: usize>() -> impl Strategy<Value = (Type, [Value; N])> {
    types().prop_flat_map(|ty| {
        let values: [_; N] = std::array::from_fn(|_| ty.values());
        (Just(ty), values)
    })
}

/// A type and a number of specs with nulls and empty containers.
pub(crate) fn specs_with_gaps<const N: usize>() -> impl Strategy<Value = (Type, [Value; N])> {
    types().prop_flat_map(|ty| {
        let values: [_; N] = std::array::from_fn(|_| ty.with_gaps());
        (Just(ty), values)
    })
}

/// Some come before the key fields and some behind them.
fn fields(ty: BoxedStrategy<Type>) -> impl Strategy<Value = Fields> {
    btree_map(prop::sample::select(vec!["a", "b", "x", "y"]), ty, 1..4)
}

// === impl Type ===

impl Type {
    /// The kind whose spec is of this type.
    pub(crate) fn kind(&self) -> Kind {
        Kind::new(|schema| self.add(schema))
    }

    /// Values, none of them empty or null.
    pub(crate) fn values(&self) -> BoxedStrategy<Value> {
        match self {
            Self::Int => (0..3i64).prop_map(Value::from).boxed(),
            Self::Text => text().prop_map(Value::from).boxed(),
            Self::Open => open(2),
            Self::Atomic(item) => vec(item.values(), 1..3).prop_map(Value::from).boxed(),
            Self::Set { numbers: true } => btree_set(0..4i64, 1..4).prop_map(|items| json!(items)).boxed(),
            Self::Set { numbers: false } => btree_set("[a-d]", 1..4)
                .prop_map(|items| items.into_iter().map(Value::from).collect::<Vec<_>>())
                .prop_shuffle()
                .prop_map(Value::from)
                .boxed(),
            Self::Keyed { two, fields } => {
                let second = if *two {
                    vec![None, Some("TCP"), Some("UDP")]
                } else {
                    vec![None]
                };
                let key = ("[a-c]", prop::sample::select(second));
                btree_map(key, members(fields), 1..4)
                    .prop_map(|items| {
                        let mut seen = Vec::new();
                        let mut out = Vec::new();
                        for ((name, second), mut item) in items {
                            let key = (name.clone(), second.unwrap_or(DEFAULTED.1));
                            if !seen.contains(&key) {
                                seen.push(key);
                                item.insert("name".into(), name.into());
                                item.extend(second.map(|second| (DEFAULTED.0.to_owned(), second.into())));
                                out.push(Value::Object(item));
                            }
                        }
                        out
                    })
                    .prop_shuffle()
                    .prop_map(Value::from)
                    .boxed()
            }
            Self::Map { item, .. } => btree_map("[a-c]", item.values(), 1..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect()))
                .boxed(),
            Self::Object { fields, open, .. } => {
                let extra = if *open {
                    Self::Open.values()
                } else {
                    Just(Value::Null).boxed()
                };
                let at_least_one = fields.first_key_value().map(|(name, ty)| (*name, ty.values()));
                let Some((first, one)) = at_least_one else {
                    return Just(json!({})).boxed();
                };
                (members(fields), one, option::of(extra))
                    .prop_map(move |(mut object, one, extra)| {
                        if object.is_empty() {
                            object.insert(first.into(), one);
                        }
                        object.extend(extra.filter(|e| !e.is_null()).map(|e| ("z".to_owned(), e)));
                        Value::Object(object)
                    })
                    .boxed()
            }
        }
    }

    /// Values in which some containers are empty and some values null.
    pub(crate) fn with_gaps(&self) -> BoxedStrategy<Value> {
        (
            self.values(),
            vec((any::<prop::sample::Index>(), any::<bool>()), 0..3),
        )
            .prop_map(|(mut value, gaps)| {
                for (at, null) in gaps {
                    let mut nodes = Vec::new();
                    places(&value, "", &mut nodes);
                    if let Some(place) = (!nodes.is_empty()).then(|| at.get(&nodes))
                        && let Some(node) = value.pointer_mut(place)
                    {
                        *node = match node {
                            Value::Object(_) if !null => json!({}),
                            Value::Array(_) if !null => json!([]),
                            _ => Value::Null,
                        };
                    }
                }
                value
            })
            .boxed()
    }

    /// The part of a value that belongs to one of two owners; `None` where it has nothing in this value.
    ///
    /// Items and entries may belong to both of them, as long as the leaves in them do not.
    pub(crate) fn half(&self, value: &Value, half: Half) -> Option<Value> {
        self.half_at(value, half, 0)
    }

    /// `place` stands for the path, so that it is the same for both owners and in all values.
    fn half_at(&self, value: &Value, half: Half, place: usize) -> Option<Value> {
        let leaf = || (place.is_multiple_of(2) == (half == Half::Left)).then(|| value.clone());
        let step = |name: &str| place * 3 + usize::from(name.bytes().next_back().unwrap_or_default());
        let object = |object: &Map<String, Value>, ty: &dyn Fn(&str) -> Self| {
            let halves = object.iter().filter_map(|(name, value)| {
                let half = ty(name).half_at(value, half, step(name))?;
                Some((name.clone(), half))
            });
            let halves: Map<String, Value> = halves.collect();
            (!halves.is_empty()).then_some(halves)
        };
        match (self, value) {
            (Self::Open, Value::Object(fields)) => object(fields, &|_| Self::Open).map(Value::Object),
            (Self::Map { item, atomic: false }, Value::Object(fields)) => {
                object(fields, &|_| (**item).clone()).map(Value::Object)
            }
            (
                Self::Object {
                    fields: types,
                    atomic: false,
                    ..
                },
                Value::Object(fields),
            ) => object(fields, &|name| types.get(name).cloned().unwrap_or(Self::Open)).map(Value::Object),
            (Self::Set { .. }, Value::Array(items)) => {
                let mine = items.iter().filter(|item| {
                    step(&item.to_string().replace('"', "")).is_multiple_of(2) == (half == Half::Left)
                });
                let mine: Vec<Value> = mine.cloned().collect();
                (!mine.is_empty()).then(|| mine.into())
            }
            (Self::Keyed { fields: types, .. }, Value::Array(items)) => {
                let mut mine = Vec::new();
                for item in items {
                    let Value::Object(item) = item else { continue };
                    let (keys, rest): (Map<_, _>, Map<_, _>) = item
                        .clone()
                        .into_iter()
                        .partition(|(k, _)| k == "name" || k == DEFAULTED.0);
                    let own = object(&rest, &|name| types.get(name).cloned().unwrap_or(Self::Open));
                    // An item of nothing but keys belongs to one of them.
                    let bare = rest.is_empty()
                        && step(&keys["name"].to_string()).is_multiple_of(2) == (half == Half::Left);
                    if own.is_some() || bare {
                        mine.push(Value::Object(
                            keys.into_iter().chain(own.unwrap_or_default()).collect(),
                        ));
                    }
                }
                (!mine.is_empty()).then(|| mine.into())
            }
            _ => leaf(),
        }
    }

    /// A value without what says nothing: the order of items that are told apart, and containers that are empty.
    pub(crate) fn canonical(&self, value: &Value) -> Value {
        let object = |fields: &Map<String, Value>, ty: &dyn Fn(&str) -> Self| {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), ty(name).canonical(value)));
            let fields = fields.filter(|(_, v)| !v.is_null() && *v != json!({}) && *v != json!([]));
            Value::Object(fields.collect())
        };
        let sorted = |mut items: Vec<Value>| {
            items.sort_by(compare_values);
            Value::Array(items)
        };
        match (self, value) {
            (Self::Open, Value::Object(fields)) => object(fields, &|_| Self::Open),
            (Self::Map { item, atomic: false }, Value::Object(fields)) => {
                object(fields, &|_| (**item).clone())
            }
            (
                Self::Object {
                    fields: types,
                    atomic: false,
                    ..
                },
                Value::Object(fields),
            ) => object(fields, &|name| types.get(name).cloned().unwrap_or(Self::Open)),
            (Self::Set { .. }, Value::Array(items)) => sorted(items.clone()),
            (Self::Keyed { fields: types, .. }, Value::Array(items)) => {
                let ty = |name: &str| types.get(name).cloned().unwrap_or(Self::Text);
                let items = items.iter().filter_map(Value::as_object);
                sorted(items.map(|item| object(item, &ty)).collect())
            }
            _ => value.clone(),
        }
    }

    fn add(&self, schema: &mut Schema) -> NodeId {
        let node = match self {
            Self::Int => Node::new(Shape::Scalar(Scalar::Int64)),
            Self::Text => Node::new(Shape::Scalar(Scalar::String)),
            Self::Open => Node::new(Shape::Any),
            Self::Atomic(item) => list(item.add(schema), ListKind::Atomic),
            Self::Set { numbers } => {
                let item = if *numbers { Self::Int } else { Self::Text };
                list(item.add(schema), ListKind::Set)
            }
            Self::Keyed { two, fields } => {
                let text = Self::Text.add(schema);
                let mut item = declared(fields, schema);
                item.fields.push(Field::new("name", text));
                let mut keys = vec!["name".into()];
                if *two {
                    let mut second = Field::new(DEFAULTED.0, text);
                    second.default = Some(DEFAULTED.1.into());
                    item.fields.push(second);
                    keys.push(DEFAULTED.0.into());
                }
                item.fields.sort_by(|a, b| a.name.cmp(&b.name));
                let item = schema.add(Node::new(Shape::Struct(item)));
                list(item, ListKind::Map { keys })
            }
            Self::Map { item, atomic } => map(item.add(schema), *atomic),
            Self::Object { fields, atomic, open } => {
                let mut object = declared(fields, schema);
                object.atomic = *atomic;
                if *open {
                    object.unknown = Unknown::Preserve;
                }
                Node::new(Shape::Struct(object))
            }
        };
        schema.add(node)
    }
}

fn declared(fields: &Fields, schema: &mut Schema) -> Struct {
    let fields = fields.iter().map(|(name, ty)| Field::new(name, ty.add(schema)));
    Struct {
        fields: fields.collect(),
        ..Struct::default()
    }
}

/// Some of the declared fields.
fn members(fields: &Fields) -> BoxedStrategy<Map<String, Value>> {
    let each: Vec<_> = fields.values().map(|ty| option::of(ty.values())).collect();
    let names: Vec<&'static str> = fields.keys().copied().collect();
    each.prop_map(move |values| {
        let named = names.iter().zip(values);
        named
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
            .collect()
    })
    .boxed()
}

/// Objects whose fields are of the same kind in all values: where an object takes the place of a leaf there is no conflict.
fn open(depth: u32) -> BoxedStrategy<Value> {
    let nested = if depth > 0 {
        option::of(open(depth - 1)).boxed()
    } else {
        Just(None).boxed()
    };
    let list = prop_oneof![Just(json!([1])), Just(json!([{"k": 1}]))];
    (0..2i64, option::of(list), nested)
        .prop_map(|(a, b, c)| {
            let mut fields = Map::new();
            fields.insert("a".into(), a.into());
            fields.extend(b.map(|b| ("b".to_owned(), b)));
            fields.extend(c.map(|c| ("c".to_owned(), c)));
            Value::Object(fields)
        })
        .boxed()
}

fn text() -> impl Strategy<Value = String> {
    "[a-c]"
}

/// The places of all fields but those by which items are told apart, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields
                .iter()
                .filter(|(name, _)| *name != "name" && *name != DEFAULTED.0)
            {
                let at = format!("{at}/{name}");
                places(value, &at, out);
                out.push(at);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{i}"), out);
            }
        }
        _ => {}
    }
}
