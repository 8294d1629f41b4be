//! JSON text to a value of a type: what the server's decoder does with a body before anyone looks at it.
//!
//! A typed object on the real server has been through a Go struct. That leaves marks which this reproduces: unknown
//! fields are gone, `null` is an absent field, quantities and times are in canonical form, empty optional fields are left
//! out and some absent ones are there with a zero value.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>

mod leaf;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::json::{self, Malformed, Reader, SyntaxError, Token};
use super::{Absent, Field, NodeId, Scalar, Schema, Shape, Struct, Unknown};

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The value, as a typed object prints it.
    pub value: Value,
    /// What field validation complains of, in order: `unknown field "spec.foo"`, `duplicate field "metadata.name"`.
    pub strict: Vec<String>,
}

/// A text that is no value of the type; the messages are the server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The text is not JSON.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A value has the wrong type, or is no quantity, time or base64.
    #[error("{0}")]
    Value(String),
}

/// Complaints beyond this number are not collected.
const STRICT_MAX: usize = 100;

/// Reads a value of a type.
///
/// # Errors
/// The text is not JSON, or a value in it does not fit its type.
pub fn decode(schema: &Schema, node: NodeId, text: &[u8]) -> Result<Decoded, DecodeError> {
    run(text, |d| {
        Ok(d.value(schema, node, None, None)?.unwrap_or(Value::Null))
    })
}

/// Reads the value of one field of a struct; `None` where there is anything to be said of it, or where it is left out.
pub(crate) fn decode_field(schema: &Schema, field: &Field, text: &[u8]) -> Option<Value> {
    let decoded = run(text, |d| {
        d.path.push(Step::Field(field));
        let value = d.value(schema, field.node, Some(field), None)?;
        d.path.pop();
        Ok(value.unwrap_or(Value::Null))
    });
    let Decoded { value, strict } = decoded.ok()?;
    (strict.is_empty() && !value.is_null() && !left_out(schema, field, &value)).then_some(value)
}

/// Reads a value without a type, as custom resources are read before their schema is looked at; only duplicate fields
/// are complained of.
///
/// # Errors
/// The text is not JSON, or a number in it is too large.
pub fn decode_untyped(text: &[u8]) -> Result<Decoded, DecodeError> {
    run(text, |d| d.untyped())
}

/// Reads a value of a type from JSON that is a value already, such as the result of a patch.
///
/// # Errors
/// A value does not fit its type.
pub fn decode_value(schema: &Schema, node: NodeId, value: &Value) -> Result<Decoded, DecodeError> {
    decode(schema, node, &json::print(value))
}

/// The zero value of a type: what an empty object of it prints.
pub fn zero(schema: &Schema, node: NodeId) -> Value {
    match &schema.node(node).shape {
        Shape::Scalar(Scalar::String | Scalar::Bytes) => Value::String(String::new()),
        Shape::Scalar(Scalar::Quantity) => "0".into(),
        Shape::Scalar(Scalar::Duration) => "0s".into(),
        Shape::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::Float | Scalar::IntOrString) => 0.into(),
        Shape::Scalar(Scalar::Bool) => false.into(),
        Shape::Scalar(Scalar::Time | Scalar::MicroTime)
        | Shape::Any
        | Shape::Map { .. }
        | Shape::List { .. } => Value::Null,
        Shape::Struct(s) => {
            let mut map = Map::new();
            fill(schema, s, &mut map);
            Value::Object(map)
        }
    }
}

/// Makes of a value what is read back once it was stored: a list or map that must be there is null where it is empty,
/// since storage does not tell the two apart.
pub fn stored(schema: &Schema, node: NodeId, value: &mut Value) {
    match (&schema.node(node).shape, value) {
        (Shape::Struct(s), Value::Object(map)) => {
            for (name, value) in map {
                if !value.is_array() && !value.is_object() {
                    continue;
                }
                let Some(field) = s.field(name) else { continue };
                let empty = match &*value {
                    Value::Array(items) => items.is_empty(),
                    Value::Object(fields) => {
                        fields.is_empty() && matches!(schema.node(field.node).shape, Shape::Map { .. })
                    }
                    _ => false,
                };
                if empty && field.go.absent == Absent::Null {
                    *value = Value::Null;
                } else if !empty {
                    stored(schema, field.node, value);
                }
            }
        }
        (Shape::Map { value: node, .. }, Value::Object(map)) if !is_scalar(schema, *node) => {
            map.values_mut().for_each(|value| stored(schema, *node, value));
        }
        (Shape::List { item, .. }, Value::Array(items)) if !is_scalar(schema, *item) => {
            items.iter_mut().for_each(|value| stored(schema, *item, value));
        }
        _ => {}
    }
}

fn is_scalar(schema: &Schema, node: NodeId) -> bool {
    matches!(schema.node(node).shape, Shape::Scalar(_))
}

fn run<'s, 'a>(
    text: &'a [u8],
    read: impl FnOnce(&mut Decoder<'s, 'a>) -> Result<Value, Stop>,
) -> Result<Decoded, DecodeError> {
    let mut decoder = Decoder::new(text);
    let read = read(&mut decoder);
    let result = read.and_then(|value| {
        decoder.reader.end()?;
        Ok(value)
    });
    match result {
        Err(Stop::Malformed) => Err(json::malformed(text).into()),
        // A text that is not JSON is told as such, whatever else was found before.
        Err(Stop::Value(message)) => {
            json::check(text)?;
            Err(DecodeError::Value(message))
        }
        Ok(value) => match decoder.mismatch {
            Some(message) => Err(DecodeError::Value(message)),
            None => Ok(Decoded {
                value,
                strict: decoder.strict,
            }),
        },
    }
}

/// Why reading ended early.
enum Stop {
    Malformed,
    Value(String),
}

impl From<Malformed> for Stop {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// A step of the path to the value being read.
enum Step<'s, 'a> {
    Field(&'s Field),
    Key(Cow<'a, str>),
    Index(usize),
}

struct Decoder<'s, 'a> {
    reader: Reader<'a>,
    path: Vec<Step<'s, 'a>>,
    /// The struct that holds the field being read.
    holder: &'s str,
    strict: Vec<String>,
    seen: BTreeSet<String>,
    /// The first value of a wrong type; reading goes on, since a later error of another sort comes first.
    mismatch: Option<String>,
    /// Inside a type that reads itself, nothing is complained of.
    lenient: bool,
}

impl<'s, 'a> Decoder<'s, 'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(text),
            path: Vec::new(),
            holder: "",
            strict: Vec::new(),
            seen: BTreeSet::new(),
            mismatch: None,
            lenient: false,
        }
    }

    /// Reads a value; `None` is `null`. `old` is what an earlier field of the same name left, which objects add to.
    fn value(
        &mut self,
        schema: &'s Schema,
        node: NodeId,
        field: Option<&'s Field>,
        old: Option<Value>,
    ) -> Result<Option<Value>, Stop> {
        if self.path.len() > json::MAX_DEPTH {
            return Err(Stop::Malformed);
        }
        let token = self.reader.token()?;
        let shape = &schema.node(node).shape;
        if token == Token::Null && !matches!(shape, Shape::Any) {
            self.reader.null()?;
            return Ok(None);
        }
        match (shape, token) {
            (Shape::Any, _) => self.any(schema, node, token),
            (Shape::Scalar(scalar), _) => self.scalar(schema, node, *scalar, field, token),
            (Shape::Struct(s), Token::Object) => self.object(schema, node, s, old).map(Some),
            (Shape::Map { value, .. }, Token::Object) => self.map(schema, *value, old).map(Some),
            (Shape::List { item, .. }, Token::Array) => self.list(schema, *item).map(Some),
            _ => {
                self.wrong(token.name(), &type_name(schema, node, field));
                self.reader.skip(self.path.len())?;
                Ok(old)
            }
        }
    }

    fn object(
        &mut self,
        schema: &'s Schema,
        node: NodeId,
        s: &'s Struct,
        old: Option<Value>,
    ) -> Result<Value, Stop> {
        let mut map = match old {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let holder = std::mem::replace(&mut self.holder, &schema.node(node).type_name);
        // One bit a field; no type has more than 128.
        let mut seen = 0_u128;
        self.reader.open();
        let mut first = true;
        while let Some(key) = self.reader.key(&mut first)? {
            let Some((i, field)) = s.position(&key) else {
                if s.unknown == Unknown::Preserve {
                    let value = self.reader.untyped(self.path.len() + 1)?;
                    map.insert(key.into_owned(), value);
                } else {
                    self.path.push(Step::Key(key));
                    self.complain("unknown");
                    self.path.pop();
                    self.reader.skip(self.path.len() + 1)?;
                }
                continue;
            };
            self.path.push(Step::Field(field));
            let bit = 1_u128 << (i % 128);
            let old = if seen & bit != 0 {
                self.complain("duplicate");
                map.remove(&*field.name)
            } else {
                None
            };
            seen |= bit;
            if let Some(value) = self.value(schema, field.node, Some(field), old)?
                && !left_out(schema, field, &value)
            {
                map.insert(field.name.to_string(), value);
            }
            self.path.pop();
        }
        self.holder = holder;
        fill(schema, s, &mut map);
        Ok(Value::Object(map))
    }

    fn map(&mut self, schema: &'s Schema, item: NodeId, old: Option<Value>) -> Result<Value, Stop> {
        let mut map = match old {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        // A map's earlier field of the same name does not count as a duplicate key.
        let inherited: Vec<String> = map.keys().cloned().collect();
        self.reader.open();
        let mut first = true;
        while let Some(key) = self.reader.key(&mut first)? {
            let known = map.contains_key(&*key) && !inherited.iter().any(|k| **k == *key);
            self.path.push(Step::Key(key));
            if known {
                self.complain("duplicate");
            }
            let value = self.value(schema, item, None, None)?;
            let Some(Step::Key(key)) = self.path.pop() else {
                // The step was pushed above, and every push below it was popped.
                return Err(Stop::Malformed);
            };
            map.insert(
                key.into_owned(),
                value.unwrap_or_else(|| element_zero(schema, item)),
            );
        }
        Ok(Value::Object(map))
    }

    fn list(&mut self, schema: &'s Schema, item: NodeId) -> Result<Value, Stop> {
        let mut items = Vec::new();
        self.reader.open();
        let mut first = true;
        while self.reader.item(&mut first)? {
            self.path.push(Step::Index(items.len()));
            let value = self.value(schema, item, None, None)?;
            self.path.pop();
            items.push(value.unwrap_or_else(|| element_zero(schema, item)));
        }
        Ok(Value::Array(items))
    }

    /// A value that is kept as it is; where the type has an alternative for objects, those are read by it.
    fn any(&mut self, schema: &'s Schema, node: NodeId, token: Token) -> Result<Option<Value>, Stop> {
        let depth = self.path.len();
        let Some(object) = schema.alternative(node) else {
            let value = self.reader.untyped(depth)?;
            // A field's null is an absent field, an item's null stays.
            let item = matches!(self.path.last(), Some(Step::Index(_)));
            return Ok((item || !value.is_null()).then_some(value));
        };
        let boolean = schema.node(node).type_name.ends_with("OrBool");
        let strings = schema.node(node).type_name.ends_with("OrStringArray");
        let lenient = std::mem::replace(&mut self.lenient, true);
        let value = match token {
            Token::Object => self.value(schema, object, None, None)?,
            Token::Array if strings => Some(self.reader.untyped(depth)?),
            Token::Array if !boolean => Some(self.list(schema, object)?),
            Token::Bool if boolean => Some(self.reader.boolean()?.into()),
            Token::Null => {
                self.reader.null()?;
                None
            }
            _ if boolean => return Err(Stop::Value("boolean or JSON schema expected".into())),
            _ => {
                self.reader.skip(depth)?;
                None
            }
        };
        self.lenient = lenient;
        Ok(value)
    }

    fn untyped(&mut self) -> Result<Value, Stop> {
        if self.path.len() > json::MAX_DEPTH {
            return Err(Stop::Malformed);
        }
        Ok(match self.reader.token()? {
            Token::Number => {
                let text = self.reader.number()?;
                json::number(text).unwrap_or_else(|| {
                    self.mismatch.get_or_insert_with(|| {
                        format!("json: cannot unmarshal number {text} into Go value of type float64")
                    });
                    Value::Null
                })
            }
            Token::Array => {
                self.reader.open();
                let (mut first, mut items) = (true, Vec::new());
                while self.reader.item(&mut first)? {
                    self.path.push(Step::Index(items.len()));
                    items.push(self.untyped()?);
                    self.path.pop();
                }
                Value::Array(items)
            }
            Token::Object => {
                self.reader.open();
                let (mut first, mut map) = (true, Map::new());
                while let Some(key) = self.reader.key(&mut first)? {
                    let name = key.clone().into_owned();
                    self.path.push(Step::Key(key));
                    if map.contains_key(&name) {
                        self.complain("duplicate");
                    }
                    let value = self.untyped()?;
                    self.path.pop();
                    map.insert(name, value);
                }
                Value::Object(map)
            }
            _ => self.reader.untyped(self.path.len())?,
        })
    }

    fn complain(&mut self, what: &str) {
        if self.lenient || self.strict.len() >= STRICT_MAX {
            return;
        }
        let message = format!("{what} field {}", crate::status::go_quote(&self.place()));
        if self.seen.insert(message.clone()) {
            self.strict.push(message);
        }
    }

    /// The path as field validation prints it.
    fn place(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            let name: &str = match step {
                Step::Index(i) => {
                    out.push_str(&format!("[{i}]"));
                    continue;
                }
                Step::Field(field) => &field.name,
                Step::Key(key) => key,
            };
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
        }
        out
    }

    /// Notes a value of a wrong type, unless one was noted before.
    fn wrong(&mut self, value: &str, go_type: &str) {
        if self.mismatch.is_some() {
            return;
        }
        // Keys and indexes have no place in a path of Go fields; embedded types have.
        let mut fields = Vec::new();
        for step in &self.path {
            if let Step::Field(field) = step {
                if !field.go.embedded.is_empty() {
                    fields.push(&*field.go.embedded);
                }
                fields.push(&*field.name);
            }
        }
        let holder = self.holder.rsplit('.').next().unwrap_or("");
        self.mismatch = Some(if fields.is_empty() {
            format!("json: cannot unmarshal {value} into Go value of type {go_type}")
        } else {
            let path = fields.join(".");
            format!("json: cannot unmarshal {value} into Go struct field {holder}.{path} of type {go_type}")
        });
    }
}

/// Adds what a typed object prints for fields that were not given.
fn fill(schema: &Schema, s: &Struct, map: &mut Map<String, Value>) {
    for field in &s.fields {
        if field.go.absent == Absent::Omitted || map.contains_key(&*field.name) {
            continue;
        }
        let value = match field.go.absent {
            Absent::Zero => zero(schema, field.node),
            _ => Value::Null,
        };
        map.insert(field.name.to_string(), value);
    }
}

/// Whether a value is the empty one that its field leaves out.
pub(super) fn left_out(schema: &Schema, field: &Field, value: &Value) -> bool {
    if field.go.absent == Absent::Zero {
        return false;
    }
    let shape = &schema.node(field.node).shape;
    match (shape, value) {
        // An empty list or map that must be there becomes null once it is stored: see `stored`.
        (Shape::List { .. } | Shape::Map { .. }, _) if field.go.absent == Absent::Null => false,
        (Shape::List { .. }, Value::Array(items)) => items.is_empty(),
        (Shape::Map { .. }, Value::Object(map)) => map.is_empty(),
        (Shape::Scalar(Scalar::Time | Scalar::MicroTime), Value::Null) => true,
        _ if field.go.pointer || field.go.absent == Absent::Null => false,
        (Shape::Scalar(Scalar::String | Scalar::Bytes), Value::String(s)) => s.is_empty(),
        (Shape::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::Float), n) => *n == 0,
        (Shape::Scalar(Scalar::Bool), b) => *b == false,
        _ => false,
    }
}

/// What `null` leaves in a list or map.
fn element_zero(schema: &Schema, node: NodeId) -> Value {
    zero(schema, node)
}

/// A type as Go's decoder prints it.
fn type_name(schema: &Schema, node: NodeId, field: Option<&Field>) -> String {
    if let Some(name) = field.map(|f| &f.go.type_name).filter(|n| !n.is_empty()) {
        return name.to_string();
    }
    let n = schema.node(node);
    match &n.shape {
        Shape::Scalar(Scalar::String | Scalar::Time | Scalar::MicroTime | Scalar::Duration) => {
            "string".into()
        }
        Shape::Scalar(Scalar::Int32 | Scalar::IntOrString) => "int32".into(),
        Shape::Scalar(Scalar::Int64) => "int64".into(),
        Shape::Scalar(Scalar::Float) => "float64".into(),
        Shape::Scalar(Scalar::Bool) => "bool".into(),
        Shape::Scalar(Scalar::Bytes) => "[]uint8".into(),
        Shape::List { item, .. } => format!("[]{}", element_name(schema, *item)),
        Shape::Map { value, .. } => match &schema.node(*value).shape {
            Shape::Scalar(Scalar::Quantity) => "v1.ResourceList".into(),
            _ => format!("map[string]{}", element_name(schema, *value)),
        },
        _ => n.type_name.to_string(),
    }
}

/// A type as it stands inside another: there, times are not their text.
fn element_name(schema: &Schema, node: NodeId) -> String {
    let n = schema.node(node);
    if n.type_name.is_empty() {
        type_name(schema, node, None)
    } else {
        n.type_name.to_string()
    }
}

#[cfg(test)]
mod tests;
