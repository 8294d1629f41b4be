//! One schema, as schemars or a user wrote it, to one structural schema.
//!
//! `Rewriter` follows references and turns every spelling of a thing into one spelling, leaving the combining to
//! `combine`. `finish` then gives each schema the type and the items that Kubernetes demands, and removes what cannot
//! stand beside each other.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    combine::{intersect, is_covered, negatable, union},
    defaults::conforms,
    keywords::{
        EMBEDDED, INT_OR_STRING, JUNCTORS, LIST_MAP_KEYS, LIST_TYPE, MAP_TYPE, Object, PRESERVE, as_object,
        entries, flag, infer_type, is_null, plain, type_of,
    },
};

/// How deeply schemas may nest before the rest is left open. No real kind comes near it.
const DEPTH_MAX: usize = 100;

/// How many schemas one may contain before the rest is left open: etcd takes no larger definition.
const NODES_MAX: usize = 50_000;

/// Types of k8s-openapi that hold arbitrary content although their published schema does not say so.
const FREE_FORM: [(&str, bool); 2] = [
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", true),
    (
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
        false,
    ),
];

/// The structural form of a whole document, definitions included.
pub(super) fn structural(document: &Value) -> Object {
    let mut rewriter = Rewriter {
        document,
        active: Vec::new(),
        depth: 0,
        nodes: 0,
    };
    let mut node = rewriter.schema(document);
    finish(&mut node);
    node
}

struct Rewriter<'a> {
    /// Where references point.
    document: &'a Value,
    /// The references being followed, to find those that lead back to themselves.
    active: Vec<String>,
    depth: usize,
    nodes: usize,
}

impl Rewriter<'_> {
    fn schema(&mut self, value: &Value) -> Object {
        let Some(schema) = as_object(value) else {
            return anything();
        };
        self.nodes += 1;
        if self.depth >= DEPTH_MAX || self.nodes > NODES_MAX {
            return Object::from_iter([(PRESERVE.into(), true.into())]);
        }
        self.depth += 1;
        let node = self.object(schema);
        self.depth -= 1;
        node
    }

    fn object(&mut self, schema: &Object) -> Object {
        let mut node = self.keywords(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            node = intersect(node, self.follow(reference));
        }
        for part in list(schema, "allOf") {
            let part = self.schema(part);
            node = intersect(node, part);
        }
        for (key, exclusive) in [("anyOf", false), ("oneOf", true)] {
            let alternatives = list(schema, key);
            if !alternatives.is_empty() {
                let alternatives = alternatives.iter().map(|one| self.schema(one)).collect();
                let merged = union(alternatives, exclusive, &node);
                node = intersect(node, merged);
            }
        }
        node
    }

    /// Everything but references and combinators.
    fn keywords(&mut self, schema: &Object) -> Object {
        let mut node: Object = schema
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), plain(key, value)?)))
            .collect();
        read_type(schema, &mut node);
        read_values(schema, &mut node);
        read_exclusive_bounds(schema, &mut node);
        if let Some(refused) = schema.get("not").and_then(negatable) {
            node.insert("not".into(), refused);
        }
        if let Some(fields) = schema.get("properties").and_then(as_object) {
            let fields: Object = fields
                .iter()
                .map(|(name, field)| (name.clone(), Value::Object(self.schema(field))))
                .collect();
            if !fields.is_empty() {
                node.insert("properties".into(), Value::Object(fields));
            }
        }
        self.map_values(schema, &mut node);
        self.items(schema, &mut node);
        node
    }

    fn map_values(&mut self, schema: &Object, node: &mut Object) {
        let mut values: Vec<&Value> = ["additionalProperties", "unevaluatedProperties"]
            .into_iter()
            .filter_map(|key| schema.get(key))
            .filter(|value| **value != Value::Bool(false))
            .collect();
        // Keys that follow a pattern (numbers, for one): Kubernetes knows maps, but not patterns of keys.
        values.extend(
            entries(schema, "patternProperties")
                .into_iter()
                .flat_map(Object::values),
        );
        let alternatives: Vec<Object> = values.into_iter().map(|value| self.schema(value)).collect();
        if !alternatives.is_empty() {
            node.insert(
                "additionalProperties".into(),
                Value::Object(union(alternatives, false, &Object::new())),
            );
        }
    }

    fn items(&mut self, schema: &Object, node: &mut Object) {
        // The positions of a tuple share one schema: Kubernetes has none for each.
        let mut kinds: Vec<&Value> = list(schema, "prefixItems").iter().collect();
        match schema.get("items") {
            Some(Value::Array(tuple)) => kinds.extend(tuple),
            // After a prefix this is about the rest of the list.
            Some(items @ Value::Object(_)) => kinds.push(items),
            Some(items @ Value::Bool(true)) if kinds.is_empty() => kinds.push(items),
            _ => {}
        }
        let kinds: Vec<Object> = kinds.into_iter().map(|kind| self.schema(kind)).collect();
        if !kinds.is_empty() {
            node.insert("items".into(), Value::Object(union(kinds, false, &Object::new())));
        }
    }

    fn follow(&mut self, reference: &str) -> Object {
        let pointer = percent_decode_str(reference.trim_start_matches('#')).decode_utf8_lossy();
        let target = if reference.starts_with('#') {
            self.document.pointer(&pointer)
        } else {
            None
        };
        let Some(target) = target else {
            return Object::from_iter([(PRESERVE.into(), true.into())]);
        };
        let free_form = FREE_FORM
            .iter()
            .find(|(name, _)| pointer.rsplit('/').next() == Some(name));
        if free_form.is_some() || self.active.iter().any(|active| active == reference) {
            return cut(target, free_form.is_none_or(|(_, object)| *object));
        }
        self.active.push(reference.into());
        let node = self.schema(target);
        self.active.pop();
        node
    }
}

/// The schema of a value that is left open, with what can be said of it without looking inside.
fn cut(target: &Value, typed: bool) -> Object {
    let mut node = Object::new();
    node.insert(PRESERVE.into(), true.into());
    if let Some(description) = target.get("description").filter(|text| text.is_string()) {
        node.insert("description".into(), description.clone());
    }
    if !typed {
        node.insert("nullable".into(), true.into());
    } else if target.get("type") == Some(&"object".into()) {
        node.insert("type".into(), "object".into());
    }
    node
}

/// The schema of any JSON value, `null` included.
fn anything() -> Object {
    Object::from_iter([(PRESERVE.into(), true.into()), ("nullable".into(), true.into())])
}

fn list<'a>(schema: &'a Object, key: &str) -> &'a [Value] {
    schema
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// `type`, which JSON Schema allows to be a list.
fn read_type(schema: &Object, node: &mut Object) {
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let (null, names): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| *name == "null");
    match names.as_slice() {
        [] => {
            node.insert("type".into(), "null".into());
            return;
        }
        [one] => {
            node.insert("type".into(), (*one).into());
        }
        many if many.iter().all(|name| ["integer", "number"].contains(name)) => {
            node.insert("type".into(), "number".into());
        }
        many if many.iter().all(|name| ["integer", "string"].contains(name)) => {
            node.insert(INT_OR_STRING.into(), true.into());
        }
        _ => {
            node.insert(PRESERVE.into(), true.into());
        }
    }
    if !null.is_empty() {
        node.insert("nullable".into(), true.into());
    }
}

/// `const` and `enum`: Kubernetes has the list only, and `null` is `nullable`'s business.
fn read_values(schema: &Object, node: &mut Object) {
    let values: Vec<&Value> = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => vec![value],
        (None, Some(Value::Array(values))) => values.iter().collect(),
        _ => return,
    };
    if values.is_empty() {
        return;
    }
    let (null, rest): (Vec<&Value>, Vec<&Value>) = values.into_iter().partition(|value| value.is_null());
    if rest.is_empty() {
        node.insert("type".into(), "null".into());
        return;
    }
    if !null.is_empty() {
        node.insert("nullable".into(), true.into());
    }
    node.insert("enum".into(), rest.into_iter().cloned().collect());
}

/// Exclusive bounds, numbers in today's JSON Schema and flags in the draft that Kubernetes follows.
fn read_exclusive_bounds(schema: &Object, node: &mut Object) {
    for (exclusive, bound, tighter) in [
        ("exclusiveMinimum", "minimum", f64::gt as fn(&f64, &f64) -> bool),
        ("exclusiveMaximum", "maximum", f64::lt),
    ] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) if node.contains_key(bound) => {
                node.insert(exclusive.into(), true.into());
            }
            Some(Value::Number(limit)) => {
                let wins = match (limit.as_f64(), node.get(bound).and_then(Value::as_f64)) {
                    (Some(limit), Some(inclusive)) => tighter(&limit, &inclusive) || limit == inclusive,
                    _ => true,
                };
                if wins {
                    node.insert(bound.into(), limit.clone().into());
                    node.insert(exclusive.into(), true.into());
                }
            }
            _ => {}
        }
    }
    // A format that Kubernetes does not know says its range here, as far as a float can.
    if schema.get("format").and_then(Value::as_str) == Some("uint32") && !node.contains_key("maximum") {
        node.insert("maximum".into(), u32::MAX.into());
    }
}

/// Makes a schema whose parts are combined conform to the rules that look at one schema as a whole.
fn finish(node: &mut Object) {
    for key in ["properties", "additionalProperties", "items"] {
        match (key, node.get_mut(key)) {
            ("properties", Some(Value::Object(fields))) => {
                for field in fields.values_mut() {
                    if let Value::Object(field) = field {
                        finish(field);
                    }
                }
            }
            (_, Some(Value::Object(inner))) => finish(inner),
            _ => {}
        }
    }
    finish_type(node);
    match type_of(node) {
        Some("object") => finish_object(node),
        Some("array") => finish_array(node),
        _ => {}
    }
    for (key, wanted) in [
        ("properties", "object"),
        ("additionalProperties", "object"),
        ("required", "object"),
        (MAP_TYPE, "object"),
        (EMBEDDED, "object"),
        ("items", "array"),
        (LIST_TYPE, "array"),
        (LIST_MAP_KEYS, "array"),
    ] {
        if type_of(node) != Some(wanted) {
            node.remove(key);
        }
    }
    node.remove("uniqueItems");
    if matches!(type_of(node), Some("string" | "integer" | "number" | "boolean")) {
        node.remove(PRESERVE);
    }
    let shape = node.clone();
    for key in JUNCTORS.into_iter().chain(["not"]) {
        if node.get(key).is_some_and(|value| !is_covered(value, &shape)) {
            node.remove(key);
        }
    }
    if node
        .get("default")
        .is_some_and(|default| !conforms(default, &shape))
    {
        node.remove("default");
    }
}

fn finish_type(node: &mut Object) {
    if is_null(node) {
        // Only null: `nullable` allows it, and there is no type for the rest to have.
        node.remove("type");
        node.insert("nullable".into(), true.into());
        node.insert(PRESERVE.into(), true.into());
    } else if flag(node, INT_OR_STRING) {
        node.remove("type");
        node.remove("format");
    } else if let Some(name) = infer_type(node) {
        node.insert("type".into(), name.into());
    } else {
        node.remove("type");
        // Nothing is said of the value: it may be null, too.
        if !flag(node, PRESERVE) && !node.contains_key("enum") {
            node.insert("nullable".into(), true.into());
        }
        node.insert(PRESERVE.into(), true.into());
    }
}

fn finish_object(node: &mut Object) {
    let open = match node
        .get("additionalProperties")
        .map(|values| as_object(values).map(is_open))
    {
        None => false,
        // A map with values of any kind, or fields beside free keys, which Kubernetes keeps apart.
        Some(free) => free.unwrap_or(true) || node.contains_key("properties"),
    };
    if open {
        node.remove("additionalProperties");
        node.insert(PRESERVE.into(), true.into());
    }
    if flag(node, EMBEDDED) && entries(node, "properties").is_none() {
        node.insert(PRESERVE.into(), true.into());
    }
}

/// Whether a map's values are left open entirely.
fn is_open(values: &Object) -> bool {
    type_of(values).is_none() && flag(values, PRESERVE)
}

fn finish_array(node: &mut Object) {
    if !node.contains_key("items") {
        node.insert("items".into(), Value::Object(anything()));
    }
    let scalar = node.get("items").and_then(as_object).is_some_and(|items| {
        matches!(type_of(items), Some("string" | "integer" | "number" | "boolean"))
            && !flag(items, "nullable")
    });
    // Kubernetes refuses `uniqueItems` for what checking it costs; a set of scalars says the same.
    if flag(node, "uniqueItems") && scalar && !node.contains_key(LIST_TYPE) {
        node.insert(LIST_TYPE.into(), "set".into());
    }
}
