//! Whether an applied configuration has the form of its type, in the words that the server has for it.
//!
//! Apply checks nothing else: no required fields, no limits. Any number of errors is told at once.

use serde_json::Value;

use super::field_set::{Path, PathElement, print_path};
use super::typed::{Form, Typed, set_element};
use crate::schema::{ListKind, Scalar, Shape};
use crate::status::go_quote;

/// What does not fit the type; `None` when everything does.
pub fn check(ty: Typed<'_>, value: &Value) -> Option<String> {
    Walk::default().run(ty, value)
}

/// The same for an object that was stored before, in which items may stand twice.
pub fn check_stored(ty: Typed<'_>, value: &Value) -> Option<String> {
    let mut walk = Walk {
        duplicates: true,
        ..Walk::default()
    };
    walk.run(ty, value)
}

#[derive(Default)]
struct Walk<'v> {
    at: Vec<Step<'v>>,
    errors: Vec<String>,
    duplicates: bool,
}

/// A step of the path to the value at hand.
enum Step<'v> {
    Field(&'v str),
    Item(PathElement),
}

impl<'v> Walk<'v> {
    fn run(&mut self, ty: Typed<'_>, value: &'v Value) -> Option<String> {
        self.value(ty, value);
        match self.errors.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("errors:\n  {}", many.join("\n  "))),
        }
    }

    fn value(&mut self, ty: Typed<'_>, value: &'v Value) {
        if value.is_null() {
            return;
        }
        match (ty.shape(), value) {
            (None | Some(Shape::Any), _) => {}
            (Some(Shape::Scalar(scalar)), _) => self.scalar(*scalar, value),
            (Some(Shape::Struct(s)), Value::Object(map)) => {
                // An atomic object is asked the same questions.
                let fields = super::typed::Fields::Declared(ty.schema(), s);
                for (name, value) in map {
                    self.at.push(Step::Field(name));
                    if fields.forbids(name) {
                        self.error("field not declared in schema");
                    } else {
                        self.value(fields.get(name).0, value);
                    }
                    self.at.pop();
                }
            }
            (Some(Shape::Map { value: item, .. }), Value::Object(map)) => {
                for (name, value) in map {
                    self.at.push(Step::Field(name));
                    self.value(ty.at(*item), value);
                    self.at.pop();
                }
            }
            (Some(Shape::List { kind, .. }), Value::Array(items)) => self.list(ty, kind, items),
            (Some(Shape::Struct(_) | Shape::Map { .. }), _) => {
                self.error(&format!("expected map, got {}", pointer(value)));
            }
            (Some(Shape::List { .. }), _) => self.error(&format!("expected list, got {}", pointer(value))),
        }
    }

    fn list(&mut self, ty: Typed<'_>, kind: &ListKind, items: &'v [Value]) {
        let mut seen: Vec<PathElement> = Vec::new();
        let form = ty.declared_form();
        for (i, item) in items.iter().enumerate() {
            let element = match (kind, &form) {
                (ListKind::Set, _) => set_element(item),
                (ListKind::Map { .. }, Some(Form::Keyed(keyed))) => keyed.element(item),
                _ => Ok(PathElement::Index(i64::try_from(i).unwrap_or(i64::MAX))),
            };
            let element = match element {
                Ok(element) => element,
                Err(why) => {
                    self.error(&format!("element {i}: {why}"));
                    continue;
                }
            };
            // Positions never repeat; a linear search would make long atomic lists slow.
            if !matches!(element, PathElement::Index(_)) {
                match seen.binary_search(&element) {
                    Ok(_) if self.duplicates => {}
                    Ok(_) => self.error(&format!("duplicate entries for key {element}")),
                    Err(at) => seen.insert(at, element.clone()),
                }
            }
            self.at.push(Step::Item(element));
            self.value(ty.item(), item);
            self.at.pop();
        }
    }

    fn scalar(&mut self, scalar: Scalar, value: &Value) {
        match scalar {
            Scalar::Int32 | Scalar::Int64 | Scalar::Float if !value.is_number() => {
                self.error(&format!(
                    "expected numeric (int or float), got {}",
                    go_type(value)
                ));
            }
            Scalar::Bool if !value.is_boolean() => {
                self.error(&format!("expected boolean, got {}", pointer(value)));
            }
            Scalar::String | Scalar::Bytes | Scalar::Time | Scalar::MicroTime | Scalar::Duration
                if !value.is_string() =>
            {
                self.error(&format!("expected string, got {}", go_syntax(value)));
            }
            Scalar::Quantity | Scalar::IntOrString if value.is_object() || value.is_array() => {
                self.error(&format!("expected any scalar, got {}", pointer(value)));
            }
            _ => {}
        }
    }

    fn error(&mut self, what: &str) {
        let step = |step: &Step<'_>| match step {
            Step::Field(name) => PathElement::field(name),
            Step::Item(element) => element.clone(),
        };
        let path: Path = self.at.iter().map(step).collect();
        let at = print_path(&path);
        let colon = if at.is_empty() { "" } else { ": " };
        self.errors.push(format!("{at}{colon}{what}"));
    }
}

/// The value as Go's `%v` prints the server's wrapper of it.
fn pointer(value: &Value) -> String {
    format!("&{{{}}}", plain(value))
}

/// The value as Go's `%#v` prints the server's wrapper of it.
fn go_syntax(value: &Value) -> String {
    format!("&value.valueUnstructured{{Value:{}}}", literal(value))
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::String(s) => s.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", plain(v))).collect();
            format!("map[{}]", fields.join(" "))
        }
        Value::Number(n) => number(n),
        scalar => scalar.to_string(),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::String(s) => go_quote(s),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(map) => {
            let fields = map.iter().map(|(k, v)| format!("{}:{}", go_quote(k), literal(v)));
            let fields: Vec<String> = fields.collect();
            format!("map[string]interface {{}}{{{}}}", fields.join(", "))
        }
        Value::Number(n) => number(n),
        scalar => scalar.to_string(),
    }
}

/// A number as Go prints it, to which every number of a configuration is a `float64`.
fn number(n: &serde_json::Number) -> String {
    let Some(float) = n.as_f64() else {
        return n.to_string();
    };
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse() {
        Ok(-4..6) => float.to_string(),
        Ok(e) if e < 0 => format!("{digits}e-{:02}", -e),
        Ok(e) => format!("{digits}e+{e:02}"),
        Err(_) => float.to_string(),
    }
}
