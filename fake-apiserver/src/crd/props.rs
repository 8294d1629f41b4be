//! The schema language of definitions (`JSONSchemaProps`) as Rust values.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;
use smallvec::SmallVec;

/// One schema; what was not given is empty.
#[derive(Debug, Default)]
pub(super) struct Props {
    pub(super) description: String,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) format: String,
    pub(super) nullable: bool,
    pub(super) default: Option<Value>,
    pub(super) maximum: Option<f64>,
    pub(super) exclusive_maximum: bool,
    pub(super) minimum: Option<f64>,
    pub(super) exclusive_minimum: bool,
    pub(super) multiple_of: Option<f64>,
    pub(super) max_length: Option<i64>,
    pub(super) min_length: Option<i64>,
    pub(super) max_items: Option<i64>,
    pub(super) min_items: Option<i64>,
    pub(super) max_properties: Option<i64>,
    pub(super) min_properties: Option<i64>,
    pub(super) unique_items: bool,
    pub(super) pattern: String,
    pub(super) values: Vec<Value>,
    pub(super) required: Vec<String>,
    pub(super) items: Option<Items>,
    pub(super) all_of: Vec<Props>,
    pub(super) one_of: Vec<Props>,
    pub(super) any_of: Vec<Props>,
    pub(super) not: Option<Box<Props>>,
    pub(super) properties: BTreeMap<String, Props>,
    pub(super) additional: Option<Additional>,
    /// Keywords that no schema may have, by name.
    pub(super) unsupported: Vec<&'static str>,
    pub(super) preserve: Option<bool>,
    pub(super) embedded: bool,
    pub(super) int_or_string: bool,
    pub(super) list_type: Option<String>,
    pub(super) list_map_keys: Vec<String>,
    pub(super) map_type: Option<String>,
    pub(super) has_rules: bool,
    /// Whether values are embedded resources, or may hold some.
    pub(super) holds_embedded: bool,
    /// Whether values are lists whose items are told apart, or may hold some.
    pub(super) holds_lists: bool,
    /// The compiled pattern; `None` inside where it is no pattern.
    regex: OnceLock<Option<Regex>>,
}

/// What stands under `items`.
#[derive(Debug)]
pub(super) enum Items {
    One(Box<Props>),
    /// A schema for each place, which definitions may not have.
    Many(Vec<Props>),
}

/// What stands under `additionalProperties`.
#[derive(Debug)]
pub(super) enum Additional {
    Allowed(bool),
    Schema(Box<Props>),
}

/// The keywords that are refused, in the order in which they are told.
const UNSUPPORTED: [&str; 6] = [
    "id",
    "additionalItems",
    "patternProperties",
    "definitions",
    "dependencies",
    "$ref",
];

impl Props {
    /// Reads a schema that has been through the decoder, so that every keyword has its type.
    pub(super) fn parse(v: &Value) -> Self {
        let text = |k: &str| v[k].as_str().unwrap_or("").to_owned();
        let flag = |k: &str| v[k].as_bool().unwrap_or(false);
        let list = |k: &str| v[k].as_array().map(Vec::as_slice).unwrap_or_default();
        let schemas = |k: &str| list(k).iter().map(Self::parse).collect::<Vec<_>>();
        let strings = |k: &str| {
            list(k)
                .iter()
                .filter_map(Value::as_str)
                .map(String::from)
                .collect::<Vec<_>>()
        };
        let mut props = Self {
            description: text("description"),
            title: text("title"),
            kind: text("type"),
            format: text("format"),
            nullable: flag("nullable"),
            default: v.get("default").filter(|d| !d.is_null()).cloned(),
            maximum: v["maximum"].as_f64(),
            exclusive_maximum: flag("exclusiveMaximum"),
            minimum: v["minimum"].as_f64(),
            exclusive_minimum: flag("exclusiveMinimum"),
            multiple_of: v["multipleOf"].as_f64(),
            max_length: v["maxLength"].as_i64(),
            min_length: v["minLength"].as_i64(),
            max_items: v["maxItems"].as_i64(),
            min_items: v["minItems"].as_i64(),
            max_properties: v["maxProperties"].as_i64(),
            min_properties: v["minProperties"].as_i64(),
            unique_items: flag("uniqueItems"),
            pattern: text("pattern"),
            values: list("enum").to_vec(),
            required: strings("required"),
            items: match &v["items"] {
                Value::Object(_) => Some(Items::One(Box::new(Self::parse(&v["items"])))),
                Value::Array(all) => Some(Items::Many(all.iter().map(Self::parse).collect())),
                _ => None,
            },
            all_of: schemas("allOf"),
            one_of: schemas("oneOf"),
            any_of: schemas("anyOf"),
            not: v["not"].is_object().then(|| Box::new(Self::parse(&v["not"]))),
            properties: v["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, schema)| (name.clone(), Self::parse(schema)))
                .collect(),
            additional: match &v["additionalProperties"] {
                Value::Object(_) => Some(Additional::Schema(Box::new(Self::parse(
                    &v["additionalProperties"],
                )))),
                Value::Bool(allowed) => Some(Additional::Allowed(*allowed)),
                _ => None,
            },
            unsupported: UNSUPPORTED
                .into_iter()
                .filter(|k| v.get(*k).is_some_and(|x| !x.is_null()))
                .collect(),
            preserve: v["x-kubernetes-preserve-unknown-fields"].as_bool(),
            embedded: flag("x-kubernetes-embedded-resource"),
            int_or_string: flag("x-kubernetes-int-or-string"),
            list_type: v["x-kubernetes-list-type"].as_str().map(String::from),
            list_map_keys: strings("x-kubernetes-list-map-keys"),
            map_type: v["x-kubernetes-map-type"].as_str().map(String::from),
            has_rules: !list("x-kubernetes-validations").is_empty(),
            holds_embedded: false,
            holds_lists: false,
            regex: OnceLock::new(),
        };
        let below = |holds: fn(&Self) -> bool| props.children().any(holds);
        let embedded = props.embedded || below(|child| child.holds_embedded);
        let lists =
            matches!(props.list_type.as_deref(), Some("set" | "map")) || below(|child| child.holds_lists);
        (props.holds_embedded, props.holds_lists) = (embedded, lists);
        props
    }

    /// The schemas of fields and items.
    fn children(&self) -> impl Iterator<Item = &Self> {
        let named = self.properties.values();
        named.chain(self.item()).chain(self.additional_schema())
    }

    /// Whether unknown fields are kept.
    pub(super) fn preserves(&self) -> bool {
        self.preserve == Some(true)
    }

    /// The schema of every item.
    pub(super) fn item(&self) -> Option<&Self> {
        match &self.items {
            Some(Items::One(item)) => Some(item),
            _ => None,
        }
    }

    /// The schema of fields without a name of their own.
    pub(super) fn additional_schema(&self) -> Option<&Self> {
        match &self.additional {
            Some(Additional::Schema(schema)) => Some(schema),
            _ => None,
        }
    }

    /// The schema of a field, named or not.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.properties.get(name).or_else(|| self.additional_schema())
    }

    /// The types of values; integers or strings are two.
    pub(super) fn types(&self) -> SmallVec<[&str; 2]> {
        if self.int_or_string {
            SmallVec::from_buf(["integer", "string"])
        } else {
            std::iter::once(&*self.kind)
                .filter(|kind| !kind.is_empty())
                .collect()
        }
    }

    /// The format, unless it is one that the server does not know and therefore overlooks.
    pub(super) fn known_format(&self) -> &str {
        if super::format::known(&self.format) {
            &self.format
        } else {
            ""
        }
    }

    /// Whether the pattern is found in a text; `None` where the pattern is none.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let regex = self.regex.get_or_init(|| compile(&self.pattern).ok());
        regex.as_ref().map(|r| r.is_match(text))
    }

    /// Whether rules stand in the schema or below.
    pub(super) fn any_rules(&self) -> bool {
        self.has_rules
            || self.children().any(Self::any_rules)
            || [&self.all_of, &self.any_of, &self.one_of]
                .into_iter()
                .flatten()
                .chain(self.not.as_deref())
                .any(Self::any_rules)
    }

    /// Calls `f` for the schema and every one below it.
    pub(super) fn walk<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        f(self);
        for child in self.children() {
            child.walk(f);
        }
        let junctors = [&self.all_of, &self.any_of, &self.one_of];
        for child in junctors.into_iter().flatten().chain(self.not.as_deref()) {
            child.walk(f);
        }
    }
}

/// Compiles a pattern; memory is bounded, since patterns come from users.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).build()
}
