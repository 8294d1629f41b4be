//! The values that expressions compute with: borrowed from the object where possible.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map as JsonMap, Value as Json};

use crate::library::Opaque;
use crate::names;
use crate::schema::{ListKind, Schema, Shape};
use crate::time::{self, Nanos, Time};
use crate::types::Type;

/// A value. Values of the object under judgement are borrowed from it for `'a`.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Text<'a>),
    Bytes(Rc<[u8]>),
    Time(Time),
    Duration(Nanos),
    List(List<'a>),
    Map(Map<'a>),
    Type(Type),
    Optional(Option<Rc<Value<'a>>>),
    Opaque(Rc<Opaque>),
}

#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Rc<str>),
}

#[derive(Debug, Clone)]
pub(crate) enum List<'a> {
    /// The items, the schema of each, and what makes two the same.
    Json(&'a [Json], &'a Schema, &'a ListKind),
    Owned(Rc<Vec<Value<'a>>>),
}

#[derive(Debug, Clone)]
pub(crate) enum Map<'a> {
    Json(&'a JsonMap<String, Json>, &'a Schema),
    Owned(Rc<Entries<'a>>),
}

/// Entries by key; a key is kept as it was given, for 1 and 1u are one key.
pub(crate) type Entries<'a> = BTreeMap<Key, (Value<'a>, Value<'a>)>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Bool(bool),
    Number(i128),
    Text(Rc<str>),
}

/// Why an evaluation has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: Cow<'static, str>,
    pub(crate) cancelled: bool,
}

pub(crate) type Out<'a> = Result<Value<'a>, Failure>;

// === impl Failure ===

impl Failure {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            cancelled: false,
        }
    }

    pub(crate) fn no_such_overload() -> Self {
        Self::new("no such overload")
    }

    pub(crate) fn conversion(from: &Value<'_>, to: &Type) -> Self {
        Self::new(format!(
            "type conversion error from '{}' to '{}'",
            from.type_of().runtime_name(),
            to.runtime_name()
        ))
    }

    /// The evaluation cost more than it may.
    pub(crate) fn cancelled() -> Self {
        Self {
            message: "operation cancelled: actual cost limit exceeded".into(),
            cancelled: true,
        }
    }

    /// What went wrong, in the words of the reference.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the evaluation was given up because it cost too much.
    pub fn is_cost_exceeded(&self) -> bool {
        self.cancelled
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

// === impl Text ===

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(s) => s,
            Self::Owned(s) => s,
        }
    }
}

// === impl Value ===

impl<'a> Value<'a> {
    pub(crate) fn text(s: impl Into<Rc<str>>) -> Self {
        Self::String(Text::Owned(s.into()))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(List::Owned(Rc::new(items)))
    }

    pub(crate) fn some(value: Self) -> Self {
        Self::Optional(Some(Rc::new(value)))
    }

    /// JSON as a value, by its schema. Only the outermost value is looked at.
    pub(crate) fn of(json: &'a Json, schema: &'a Schema) -> Out<'a> {
        const ATOMIC: &ListKind = &ListKind::Atomic;
        let wrong = || Failure::new("invalid data, the value has not the type of its schema");
        Ok(match (&schema.shape, json) {
            (_, Json::Null) => Self::Null,
            (Shape::Int, Json::Number(n)) => Self::Int(
                n.as_i64()
                    .map_or_else(|| n.as_f64().and_then(whole).ok_or_else(wrong), Ok)?,
            ),
            (Shape::Double, Json::Number(n)) => Self::Double(n.as_f64().ok_or_else(wrong)?),
            (_, Json::Number(n)) => match n.as_i64() {
                Some(i) => Self::Int(i),
                None => Self::Double(n.as_f64().ok_or_else(wrong)?),
            },
            (_, Json::Bool(b)) => Self::Bool(*b),
            (Shape::Bytes, Json::String(s)) => {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD.decode(s.replace(['\n', '\r'], ""));
                let bytes = bytes.map_err(|_| Failure::new("failed to decode base64"))?;
                Self::Bytes(bytes.into())
            }
            (Shape::Timestamp, Json::String(s)) => {
                let time = time::parse_time(s);
                Self::Time(time.ok_or_else(|| Failure::new(format!("Invalid date-time format: {s}")))?)
            }
            (Shape::Date, Json::String(s)) => {
                let time = time::parse_date(s);
                Self::Time(time.ok_or_else(|| Failure::new(format!("Invalid date format: {s}")))?)
            }
            (Shape::Duration, Json::String(s)) => {
                let duration = time::parse_duration(s);
                Self::Duration(duration.ok_or_else(|| Failure::new(format!("Invalid duration format: {s}")))?)
            }
            (_, Json::String(s)) => Self::String(Text::Borrowed(s)),
            (Shape::List { item, kind }, Json::Array(items)) => Self::List(List::Json(items, item, kind)),
            (_, Json::Array(items)) => Self::List(List::Json(items, Schema::any(), ATOMIC)),
            (Shape::Map(_) | Shape::Object(_), Json::Object(map)) => Self::Map(Map::Json(map, schema)),
            (_, Json::Object(map)) => Self::Map(Map::Json(map, Schema::any())),
        })
    }

    pub(crate) fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::String(_) => Type::String,
            Self::Bytes(_) => Type::Bytes,
            Self::Time(_) => Type::Timestamp,
            Self::Duration(_) => Type::Duration,
            Self::List(_) => Type::list(Type::Dyn),
            Self::Map(Map::Json(
                _,
                Schema {
                    ty: Some(ty @ Type::Object(_)),
                    ..
                },
            )) => ty.clone(),
            Self::Map(_) => Type::map(Type::Dyn, Type::Dyn),
            Self::Type(_) => Type::of_type(Type::Dyn),
            Self::Optional(_) => Type::optional(Type::Dyn),
            Self::Opaque(o) => Type::Opaque(o.type_name()),
        }
    }

    /// The size by which costs are counted: characters, bytes, items; 1 for all else.
    pub(crate) fn cost_size(&self) -> u64 {
        match self {
            Self::String(s) => s.chars().count() as u64,
            Self::Bytes(b) => b.len() as u64,
            Self::List(l) => l.len() as u64,
            Self::Map(m) => m.len() as u64,
            Self::Opaque(o) => o.cost_size(),
            _ => 1,
        }
    }

    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::String(a), Self::String(b)) => **a == **b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.equals(b),
            (Self::Map(a), Self::Map(b)) => a.equals(b),
            (Self::Type(a), Self::Type(b)) => a.runtime_name() == b.runtime_name(),
            (Self::Optional(a), Self::Optional(b)) => match (a, b) {
                (Some(a), Some(b)) => a.equals(b),
                (None, None) => true,
                _ => false,
            },
            (Self::Opaque(a), Self::Opaque(b)) => a == b,
            _ => numbers(self, other) == Some(Ordering::Equal),
        }
    }

    /// The order of two values, if they have one; NaN has none.
    pub(crate) fn order(&self, other: &Self) -> Result<Option<Ordering>, Failure> {
        Ok(Some(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => (**a).cmp(&**b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (a, b) if a.is_number() && b.is_number() => return Ok(numbers(a, b)),
            _ => return Err(Failure::no_such_overload()),
        }))
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Uint(_) | Self::Double(_))
    }

    /// The key of a map that this value is.
    pub(crate) fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Bool(b) => Key::Bool(*b),
            Self::Int(i) => Key::Number((*i).into()),
            Self::Uint(u) => Key::Number((*u).into()),
            Self::Double(d) => Key::Number(whole(*d)?.into()),
            Self::String(s) => Key::Text(Rc::from(&**s)),
            _ => return None,
        })
    }

    /// What is at an index of a list or a key of a map.
    pub(crate) fn index(&self, index: &Self) -> Out<'a> {
        match self {
            Self::List(list) => {
                let i = match index {
                    Self::Int(i) => *i,
                    Self::Uint(u) => i64::try_from(*u).unwrap_or(-1),
                    Self::Double(d) => whole(*d).ok_or_else(Failure::no_such_overload)?,
                    _ => return Err(Failure::no_such_overload()),
                };
                let at = usize::try_from(i).ok().and_then(|i| list.get(i));
                at.unwrap_or_else(|| Err(Failure::new(format!("index out of bounds: {i}"))))
            }
            Self::Map(map) => map
                .get(index)
                .unwrap_or_else(|| Err(Failure::new(format!("no such key: {}", index.shown())))),
            _ => Err(Failure::no_such_overload()),
        }
    }

    /// The field of an object or the entry of a map; `None` where it is not there.
    pub(crate) fn field(&self, name: &'a str) -> Result<Option<Self>, Failure> {
        match self {
            Self::Map(Map::Json(map, schema)) => {
                let (key, schema) = match &schema.shape {
                    Shape::Object(fields) => {
                        let key = names::unescape(name);
                        let Some(schema) = fields.get(&*key) else {
                            return Ok(None);
                        };
                        (key, &**schema)
                    }
                    Shape::Map(value) => (Cow::Borrowed(name), &**value),
                    _ => (Cow::Borrowed(name), Schema::any()),
                };
                map.get(&*key).map(|json| Self::of(json, schema)).transpose()
            }
            Self::Map(map) => map.get(&Self::String(Text::Borrowed(name))).transpose(),
            _ => Err(Failure::no_such_overload()),
        }
    }

    /// The value in messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(b) => b.to_string(),
            Self::Int(i) => i.to_string(),
            Self::Uint(u) => u.to_string(),
            Self::Double(d) => float(*d),
            Self::String(s) => s.to_string(),
            Self::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
            Self::Time(t) => t.to_string(),
            Self::Duration(d) => time::print_duration(*d),
            Self::Type(t) => t.runtime_name().to_owned(),
            Self::Opaque(o) => o.to_string(),
            other => other.type_of().runtime_name().to_owned(),
        }
    }
}

/// The whole number that a float is, if it is one.
pub(crate) fn whole(d: f64) -> Option<i64> {
    // The bounds are exact: the least i64 is a float, and the first float above the greatest is excluded.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is whole and within the bounds"
    )]
    (d.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&d))
        .then_some(d as i64)
}

/// A float as Go's `%g` prints it.
pub(crate) fn float(d: f64) -> String {
    if d.is_nan() {
        return "NaN".into();
    }
    if d.is_infinite() {
        return if d > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = format!("{d:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{d}")
}

/// The order of two numbers of any types, by their exact values.
fn numbers(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    let int = |v: &Value<'_>| match v {
        Value::Int(i) => Some(i128::from(*i)),
        Value::Uint(u) => Some(i128::from(*u)),
        _ => None,
    };
    match (a, b) {
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Double(a), b) => float_to_int(*a, int(b)?),
        (a, Value::Double(b)) => float_to_int(*b, int(a)?).map(Ordering::reverse),
        (a, b) => Some(int(a)?.cmp(&int(b)?)),
    }
}

fn float_to_int(a: f64, b: i128) -> Option<Ordering> {
    if a.is_nan() {
        return None;
    }
    if a.abs() >= 2f64.powi(64) {
        return Some(if a > 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    #[expect(clippy::cast_possible_truncation, reason = "the value is below 2^64")]
    let floor = a.floor() as i128;
    Some(match floor.cmp(&b) {
        Ordering::Equal if a.fract() != 0.0 => Ordering::Greater,
        other => other,
    })
}

// === impl List ===

impl<'a> List<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(items, ..) => items.len(),
            Self::Owned(items) => items.len(),
        }
    }

    pub(crate) fn get(&self, i: usize) -> Option<Out<'a>> {
        match self {
            Self::Json(items, schema, _) => items.get(i).map(|json| Value::of(json, schema)),
            Self::Owned(items) => items.get(i).cloned().map(Ok),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Out<'a>> {
        let list = self.clone();
        (0..self.len()).map_while(move |i| list.get(i))
    }

    pub(crate) fn to_vec(&self) -> Result<Vec<Value<'a>>, Failure> {
        match self {
            Self::Json(items, schema, _) => items.iter().map(|json| Value::of(json, schema)).collect(),
            Self::Owned(items) => Ok(items.to_vec()),
        }
    }

    pub(crate) fn contains(&self, value: &Value<'a>) -> bool {
        match self {
            Self::Json(..) => self.iter().any(|v| v.is_ok_and(|v| v.equals(value))),
            Self::Owned(items) => items.iter().any(|v| v.equals(value)),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        match self {
            Self::Json(_, _, ListKind::Set) => {
                self.iter().all(|v| v.is_ok_and(|v| other.contains(&v)))
                    && other.iter().all(|v| v.is_ok_and(|v| self.contains(&v)))
            }
            Self::Json(items, _, ListKind::Map(keys)) => self.iter().zip(*items).all(|(item, json)| {
                let found = other.iter().flatten().find(|o| same_keys(o, json, keys));
                item.is_ok_and(|item| found.is_some_and(|o| o.equals(&item)))
            }),
            _ => self
                .iter()
                .zip(other.iter())
                .all(|(a, b)| matches!((a, b), (Ok(a), Ok(b)) if a.equals(&b))),
        }
    }

    /// The concatenation; lists that are sets or maps keep each item once.
    pub(crate) fn concat(&self, other: &Self) -> Out<'a> {
        let mut all = self.to_vec()?;
        match self {
            Self::Json(_, _, ListKind::Set) => {
                for item in other.to_vec()? {
                    if !all.iter().any(|v| v.equals(&item)) {
                        all.push(item);
                    }
                }
            }
            Self::Json(items, _, ListKind::Map(keys)) => {
                for item in other.to_vec()? {
                    match items.iter().position(|json| same_keys(&item, json, keys)) {
                        Some(at) => all[at] = item,
                        None => all.push(item),
                    }
                }
            }
            _ => all.extend(other.to_vec()?),
        }
        Ok(Value::list(all))
    }
}

/// Whether an item has the keys of another.
fn same_keys(item: &Value<'_>, json: &Json, keys: &[String]) -> bool {
    let Value::Map(map) = item else { return false };
    keys.iter().all(|key| {
        let mine = match map {
            Map::Json(m, _) => m.get(key).and_then(|j| Value::of(j, Schema::any()).ok()),
            Map::Owned(_) => map.get(&Value::text(key.as_str())).and_then(Result::ok),
        };
        let other = json.get(key).and_then(|j| Value::of(j, Schema::any()).ok());
        match (mine, other) {
            (Some(a), Some(b)) => a.equals(&b),
            (None, None) => true,
            _ => false,
        }
    })
}

// === impl Map ===

impl<'a> Map<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Json(map, _) => map.len(),
            Self::Owned(map) => map.len(),
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &Value<'_>) -> Option<Out<'a>> {
        match self {
            Self::Json(map, schema) => {
                let Value::String(key) = key else { return None };
                let (key, schema) = match &schema.shape {
                    Shape::Object(fields) => {
                        let key = names::unescape(key);
                        let schema = fields.get(&*key)?;
                        (key, &**schema)
                    }
                    Shape::Map(value) => (Cow::Borrowed(&**key), &**value),
                    _ => (Cow::Borrowed(&**key), Schema::any()),
                };
                map.get(&*key).map(|json| Value::of(json, schema))
            }
            Self::Owned(map) => map.get(&key.key()?).map(|(_, value)| Ok(value.clone())),
        }
    }

    pub(crate) fn keys(&self) -> Vec<Value<'a>> {
        match self {
            Self::Json(map, schema) => map
                .keys()
                .map(|k| match &schema.shape {
                    Shape::Object(_) => Value::text(names::escape(k).unwrap_or_else(|| k.clone())),
                    _ => Value::String(Text::Borrowed(k)),
                })
                .collect(),
            Self::Owned(map) => map.values().map(|(key, _)| key.clone()).collect(),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .keys()
                .iter()
                .all(|key| match (self.get(key), other.get(key)) {
                    (Some(Ok(a)), Some(Ok(b))) => a.equals(&b),
                    // What no schema names cannot be seen; only its presence counts.
                    (None, None) => true,
                    _ => false,
                })
    }
}
