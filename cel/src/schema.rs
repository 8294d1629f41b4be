//! What expressions see of an OpenAPI structural schema: types, sizes, and how JSON becomes values.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value as Json};

use crate::names;
use crate::types::{ObjectType, Type};

/// What a request may hold, in bytes; no value is larger.
pub(crate) const REQUEST_BYTES_MAX: u64 = 3 * 1024 * 1024;

/// A schema as expressions see it.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) shape: Shape,
    /// The type, if values of the schema can be seen at all.
    pub(crate) ty: Option<Type>,
    /// How many items, entries or bytes a value may have; 0 where values have no size.
    pub(crate) elements_max: u64,
    /// The least bytes of a value in JSON, by which the number of values in a request is bounded.
    pub(crate) bytes_min: u64,
}

#[derive(Debug)]
pub(crate) enum Shape {
    /// Anything: JSON as it is.
    Any,
    /// An integer or a text.
    IntOrString,
    Bool,
    Int,
    Double,
    String,
    Bytes,
    Timestamp,
    /// A day without a time.
    Date,
    Duration,
    List {
        item: Arc<Schema>,
        kind: ListKind,
    },
    Map(Arc<Schema>),
    Object(BTreeMap<String, Arc<Schema>>),
}

/// What makes two items of a list the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListKind {
    Atomic,
    Set,
    /// Items are told apart by these fields.
    Map(Vec<String>),
}

/// The fewest bytes of JSON values of some types, and the most of those with a form.
mod size {
    pub(super) const TEXT_MIN: u64 = 2;
    pub(super) const BOOL_MIN: u64 = 4;
    pub(super) const NUMBER_MIN: u64 = 1;
    pub(super) const DURATION_MIN: u64 = 3;
    pub(super) const DURATION_MAX: u64 = 32;
    pub(super) const TIME_MIN: u64 = 21;
    pub(super) const TIME_MAX: u64 = 32;
    pub(super) const DATE: u64 = 12;
}

impl Schema {
    /// The schema of anything.
    pub(crate) fn any() -> &'static Self {
        static ANY: LazyLock<Schema> = LazyLock::new(|| Schema::of(Shape::Any, Type::Dyn, 0, 1));
        &ANY
    }

    fn of(shape: Shape, ty: Type, elements_max: u64, bytes_min: u64) -> Self {
        Self {
            shape,
            ty: Some(ty),
            elements_max,
            bytes_min,
        }
    }

    fn unseen() -> Self {
        Self {
            shape: Shape::Any,
            ty: None,
            elements_max: 0,
            bytes_min: 0,
        }
    }

    /// Reads a structural schema; `name` names its type. Whole objects (`root`) have a type and metadata of their own.
    pub(crate) fn read(schema: &Json, name: &str, root: bool) -> Self {
        if schema["x-kubernetes-int-or-string"] == true {
            let longest = limit(schema, "maxLength").map_or(REQUEST_BYTES_MAX - 2, |n| n.saturating_mul(4));
            return Self::of(Shape::IntOrString, Type::Dyn, longest, 1);
        }
        let kind = schema["type"].as_str().unwrap_or("");
        match kind {
            "array" => Self::list(schema, name),
            "object" => Self::object(schema, name, root),
            "string" => Self::text(schema),
            "boolean" => Self::of(Shape::Bool, Type::Bool, 0, size::BOOL_MIN),
            "number" => Self::of(Shape::Double, Type::Double, 0, size::NUMBER_MIN),
            "integer" => Self::of(Shape::Int, Type::Int, 0, size::NUMBER_MIN),
            _ => Self::unseen(),
        }
    }

    fn list(schema: &Json, name: &str) -> Self {
        if !schema["items"].is_object() {
            return Self::unseen();
        }
        let item = &schema["items"];
        let item = Self::read(item, &format!("{name}.@idx"), embedded(item));
        let Some(ty) = item.ty.clone() else {
            return Self::unseen();
        };
        let kind = match schema["x-kubernetes-list-type"].as_str() {
            Some("set") => ListKind::Set,
            Some("map") => {
                let keys = schema["x-kubernetes-list-map-keys"].as_array();
                let text = |k: &Json| k.as_str().map(String::from);
                ListKind::Map(keys.into_iter().flatten().filter_map(text).collect())
            }
            _ => ListKind::Atomic,
        };
        // Two bytes are the brackets; each item has a comma.
        let fitting = (REQUEST_BYTES_MAX - 2) / (item.bytes_min + 1);
        let max = limit(schema, "maxItems").unwrap_or(fitting);
        let item = Arc::new(item);
        Self::of(Shape::List { item, kind }, Type::list(ty), max, 2)
    }

    fn object(schema: &Json, name: &str, root: bool) -> Self {
        let additional = &schema["additionalProperties"];
        if additional.is_object() && !root {
            let value = Self::read(additional, &format!("{name}.@elem"), embedded(additional));
            let Some(ty) = value.ty.clone() else {
                return Self::unseen();
            };
            // A key, quotes, a colon and a comma beside each value.
            let fitting = (REQUEST_BYTES_MAX - 2) / (value.bytes_min + 6);
            let max = limit(schema, "maxProperties").unwrap_or(fitting);
            let ty = Type::map(Type::String, ty);
            return Self::of(Shape::Map(Arc::new(value)), ty, max, 2);
        }
        let implied;
        let empty = Map::new();
        let given = schema["properties"].as_object().unwrap_or(&empty);
        let properties = if root {
            implied = with_meta(given);
            &implied
        } else {
            given
        };
        let required: BTreeSet<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let (mut fields, mut types) = (BTreeMap::new(), BTreeMap::new());
        let mut bytes = 2;
        for (key, property) in properties {
            let field = Self::read(property, &format!("{name}.{key}"), embedded(property));
            let Some(ty) = field.ty.clone() else { continue };
            if required.contains(key.as_str()) && property["default"].is_null() {
                bytes += key.len() as u64 + field.bytes_min + 4;
            }
            if let Some(escaped) = names::escape(key) {
                types.insert(escaped, ty);
            }
            fields.insert(key.clone(), Arc::new(field));
        }
        let ty = Type::Object(Arc::new(ObjectType {
            name: name.to_owned(),
            fields: types,
        }));
        Self::of(Shape::Object(fields), ty, 0, bytes)
    }

    fn text(schema: &Json) -> Self {
        let whole = REQUEST_BYTES_MAX - 2;
        match schema["format"].as_str() {
            Some("byte") => {
                let max = limit(schema, "maxLength").unwrap_or(whole);
                Self::of(Shape::Bytes, Type::Bytes, max, size::TEXT_MIN)
            }
            Some("duration") => Self::of(
                Shape::Duration,
                Type::Duration,
                size::DURATION_MAX,
                size::DURATION_MIN,
            ),
            Some("date") => Self::of(Shape::Date, Type::Timestamp, size::DATE, size::DATE),
            Some("date-time") => Self::of(Shape::Timestamp, Type::Timestamp, size::TIME_MAX, size::TIME_MIN),
            _ => {
                let values = schema["enum"].as_array();
                let longest = values
                    .into_iter()
                    .flatten()
                    .filter_map(|v| Some(v.as_str()?.len() as u64))
                    .max();
                // Lengths are of code points, of up to four bytes each.
                let max = limit(schema, "maxLength")
                    .map(|n| n.saturating_mul(4))
                    .or(longest)
                    .unwrap_or(whole);
                Self::of(Shape::String, Type::String, max, size::TEXT_MIN)
            }
        }
    }

    /// How many values of this schema a request can hold at most.
    pub(crate) fn count_max(&self) -> u64 {
        REQUEST_BYTES_MAX / (self.bytes_min + 1)
    }

    /// The schema of the values below, by the step of a path: a field, `@items`, `@values` or `@keys`.
    pub(crate) fn child(&self, step: &str) -> Option<&Self> {
        match (&self.shape, step) {
            (Shape::List { item, .. }, "@items") => Some(item),
            (Shape::Map(value), "@values") => Some(value),
            (Shape::Object(fields), name) => fields.get(&*names::unescape(name)).map(Arc::as_ref),
            _ => None,
        }
    }
}

fn embedded(schema: &Json) -> bool {
    schema["x-kubernetes-embedded-resource"] == true
}

fn limit(schema: &Json, keyword: &str) -> Option<u64> {
    let n = schema.get(keyword)?.as_i64()?;
    Some(u64::try_from(n).unwrap_or(0))
}

/// The fields of a whole object: its type and the names in its metadata are there without being declared.
fn with_meta(given: &Map<String, Json>) -> Map<String, Json> {
    let text = || serde_json::json!({"type": "string"});
    let mut all = given.clone();
    all.insert("kind".into(), text());
    all.insert("apiVersion".into(), text());
    let mut names = Map::new();
    for name in ["name", "generateName"] {
        let declared = given
            .get("metadata")
            .and_then(|m| m.get("properties")?.get(name))
            .cloned();
        names.insert(name.into(), declared.unwrap_or_else(text));
    }
    all.insert(
        "metadata".into(),
        serde_json::json!({"type": "object", "properties": names}),
    );
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_and_sizes_follow_the_schema() {
        let schema = json!({"type": "object", "properties": {
            "n": {"type": "array", "items": {"type": "integer"}},
            "t": {"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 5}},
            "m": {"type": "object", "additionalProperties": {"type": "number"}},
            "p": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "u": {"x-kubernetes-preserve-unknown-fields": true},
            "a-b": {"x-kubernetes-int-or-string": true},
            "when": {"type": "string", "format": "date-time"}}});
        let s = Schema::read(&schema, "self", true);
        let at = |path: &[&str]| path.iter().fold(&s, |s, step| s.child(step).expect("a schema"));
        assert_eq!(at(&["n"]).elements_max, 1_572_863);
        assert_eq!(at(&["t"]).elements_max, 3);
        assert_eq!(at(&["t", "@items"]).elements_max, 20);
        assert_eq!(at(&["m"]).elements_max, 449_389);
        assert_eq!(at(&["a__dash__b"]).ty, Some(Type::Dyn));
        assert_eq!(at(&["when"]).ty, Some(Type::Timestamp));
        assert!(s.child("u").is_none());
        assert_eq!(at(&["metadata", "name"]).ty, Some(Type::String));
        assert!(at(&["metadata"]).child("labels").is_none());
        let Some(Type::Object(o)) = &s.ty else {
            panic!("an object")
        };
        assert_eq!(o.fields["n"].to_string(), "list(int)");
        assert_eq!(o.fields["m"].to_string(), "map(string, double)");
    }
}
