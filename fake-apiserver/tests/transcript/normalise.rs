//! Replaces what differs from run to run by placeholders, numbered by first appearance within a transcript.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

/// Keys of managed fields that hold a UID of an owner.
const UID_KEY: &str = "k:{\"uid\":\"";
const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/// Where names drawn from a longer `generateName` are cut.
const GENERATE_NAME_CUT: usize = 58;
/// How many letters the server draws.
const GENERATED_LETTERS: usize = 5;

static UIDS: LazyLock<Regex> = LazyLock::new(|| pattern(UUID));
static UIDS_IN_KEYS: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("<uid(:[0-9]+)?>|{UUID}")));
static TIMES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z"));
/// What messages say about versions and documents, and what stands in its place.
static PHRASES: LazyLock<[(Regex, &str); 4]> = LazyLock::new(|| {
    [
        (
            pattern(r"resource version: ([0-9]+)( \([0-9]+\))?"),
            "resource version: <rv>",
        ),
        (pattern(r"\?hash=[0-9A-F]{128}"), "?hash=<hash>"),
        // An object quoted in a message, or YAML.
        (pattern(r#"(resourceVersion(?:\\*":\\*"|: "))[0-9]+"#), "${1}<rv>"),
        (
            pattern(concat!(
                r"((?:requested|current): |ResourceVersion in (?:(?:the precondition|record) \(|",
                r"precondition: |object meta: ))[0-9]+"
            )),
            "${1}<rv>",
        ),
    ]
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns are literals that parse")
}

/// What has been seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Normaliser {
    uids: BTreeMap<String, usize>,
    versions: BTreeMap<String, usize>,
    /// In the order of appearance: that is the order of replacing.
    generated: Vec<(String, String)>,
}

/// Where in a document a value stands, as far as the rules ask.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    /// The key above, or `[]` in an array.
    last: &'a str,
    /// Whether the document is a list, a table or a bookmark: its own version is not an object's.
    list: bool,
}

impl<'a> Place<'a> {
    fn below(self, last: &'a str) -> Self {
        Self {
            depth: self.depth + 1,
            last,
            ..self
        }
    }
}

impl Normaliser {
    /// The body of an answer.
    pub(crate) fn body(&mut self, body: &Value) -> Value {
        self.document(body, false)
    }

    /// A watch event: its type and its object, whatever else it carries.
    pub(crate) fn event(&mut self, event: &Value) -> Value {
        let kind = event.get("type").cloned().unwrap_or_default();
        let object = event.get("object").unwrap_or(&Value::Null);
        let object = self.document(object, kind == "BOOKMARK");
        Value::Object(Map::from_iter([
            ("type".to_owned(), kind),
            ("object".to_owned(), object),
        ]))
    }

    fn document(&mut self, value: &Value, bookmark: bool) -> Value {
        self.note_generated(value);
        self.walk(
            value,
            Place {
                depth: 0,
                last: "",
                list: bookmark || is_list(value),
            },
        )
    }

    fn note_generated(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let metadata = fields.get("metadata");
                let text = |key| metadata.and_then(|m| m.get(key)).and_then(Value::as_str);
                if let (Some(prefix), Some(name)) = (text("generateName"), text("name")) {
                    let prefix: String = prefix.chars().take(GENERATE_NAME_CUT).collect();
                    let drawn = name.strip_prefix(&prefix).map(|rest| rest.chars().count());
                    if drawn == Some(GENERATED_LETTERS) && !self.generated.iter().any(|(n, _)| n == name) {
                        let placeholder = format!("{prefix}<generated:{}>", self.generated.len() + 1);
                        self.generated.push((name.to_owned(), placeholder));
                    }
                }
                fields.values().for_each(|v| self.note_generated(v));
            }
            Value::Array(items) => items.iter().for_each(|v| self.note_generated(v)),
            _ => {}
        }
    }

    fn walk(&mut self, value: &Value, place: Place<'_>) -> Value {
        match value {
            Value::Object(fields) => self.walk_object(fields, place),
            Value::Array(items) => {
                // The items of a list and the objects in a table's rows are objects of their own.
                let items_place = match place.last {
                    "items" => Place {
                        depth: 0,
                        last: "",
                        list: false,
                    },
                    _ => Place {
                        list: false,
                        ..place.below("[]")
                    },
                };
                Value::Array(items.iter().map(|v| self.walk(v, items_place)).collect())
            }
            Value::String(s) => Value::String(self.text(s)),
            other => other.clone(),
        }
    }

    fn walk_object(&mut self, fields: &Map<String, Value>, place: Place<'_>) -> Value {
        let mut out = Map::new();
        // Numbering must not depend on the order of keys, so they are taken sorted.
        let mut sorted: Vec<_> = fields.iter().collect();
        sorted.sort_by_key(|(key, _)| key.as_str());
        for (key, value) in sorted {
            if key.starts_with(UID_KEY) {
                let inner = mask_keys(&self.walk(value, place.below(key)));
                let masked = masked_key(key, |k| out.contains_key(k));
                out.insert(masked, inner);
                continue;
            }
            let replaced = match (key.as_str(), value) {
                ("resourceVersion", Value::String(version)) => Value::String(self.version(version, place)),
                // They come in no fixed order.
                ("resourceRules" | "nonResourceRules", Value::Array(rules)) => {
                    let inner = Place {
                        list: false,
                        ..place.below(key).below("[]")
                    };
                    let mut rules: Vec<_> = rules.iter().map(|rule| self.walk(rule, inner)).collect();
                    rules.sort_by_key(Value::to_string);
                    Value::Array(rules)
                }
                ("serverAddress", Value::String(_)) => "<address>".into(),
                ("continue", Value::String(token)) if !token.is_empty() => "<continue>".into(),
                ("clusterIP", Value::String(ip)) if !ip.is_empty() && ip != "None" => "<ip>".into(),
                ("clusterIPs", Value::Array(ips)) if !matches!(&ips[..], [ip] if ip == "None") => {
                    Value::Array(vec!["<ip>".into(); ips.len()])
                }
                ("nodePort" | "healthCheckNodePort", port) if is_truthy(port) => "<port>".into(),
                ("token", Value::String(token)) if token.chars().count() > 40 => "<token>".into(),
                _ => self.walk(value, place.below(key)),
            };
            out.insert(key.clone(), replaced);
        }
        if place.last == "details" {
            sort_conflicts(&mut out);
        }
        Value::Object(out)
    }

    fn version(&mut self, version: &str, place: Place<'_>) -> String {
        if place.last != "metadata" {
            return "<rv>".to_owned();
        }
        if place.list && place.depth == 1 {
            return if version.is_empty() {
                String::new()
            } else {
                "<list-rv>".to_owned()
            };
        }
        if matches!(version, "" | "0") {
            return version.to_owned();
        }
        format!("<rv:{}>", number(&mut self.versions, version))
    }

    fn text(&mut self, text: &str) -> String {
        let uids = &mut self.uids;
        let text = UIDS.replace_all(text, |c: &Captures<'_>| format!("<uid:{}>", number(uids, &c[0])));
        let mut text = TIMES.replace_all(&text, "<time>").into_owned();
        for (name, placeholder) in &self.generated {
            if text.contains(name) {
                text = text.replace(name, placeholder);
            }
        }
        for (pattern, placeholder) in &*PHRASES {
            if let std::borrow::Cow::Owned(changed) = pattern.replace_all(&text, *placeholder) {
                text = changed;
            }
        }
        text
    }
}

fn number(seen: &mut BTreeMap<String, usize>, value: &str) -> usize {
    let next = seen.len() + 1;
    *seen.entry(value.to_owned()).or_insert(next)
}

/// A list, a table, or the list of a custom resource whose list kind is named otherwise.
fn is_list(value: &Value) -> bool {
    let Some(kind) = value.get("kind").and_then(Value::as_str) else {
        return false;
    };
    let has_uid = value.get("metadata").is_some_and(|m| m.get("uid").is_some());
    kind.ends_with("List") || kind == "Table" || value.get("items").is_some_and(Value::is_array) && !has_uid
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Which manager's conflicts come first is left to chance; the order within one is fixed.
fn sort_conflicts(details: &mut Map<String, Value>) {
    if let Some(Value::Array(causes)) = details.get_mut("causes")
        && causes
            .iter()
            .all(|c| c.get("reason").is_some_and(|r| r == "FieldManagerConflict"))
    {
        causes.sort_by_cached_key(|c| c.get("message").and_then(Value::as_str).map(str::to_owned));
    }
}

/// Takes the UIDs out of keys, at every depth: their numbers would depend on the order of the keys.
pub(crate) fn mask_keys(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(mask_keys).collect()),
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| key.as_str());
            let mut out = Map::new();
            for (key, value) in sorted {
                let key = masked_key(key, |k| out.contains_key(k));
                out.insert(key, mask_keys(value));
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

fn masked_key(key: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut masked = match key.starts_with(UID_KEY) {
        true => UIDS_IN_KEYS.replace_all(key, "<uid>").into_owned(),
        false => key.to_owned(),
    };
    while taken(&masked) {
        masked.push('\'');
    }
    masked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const A: &str = "11111111-2222-3333-4444-555555555555";
    const B: &str = "aaaaaaaa-2222-3333-4444-555555555555";

    #[test]
    fn values_are_numbered_by_first_appearance() {
        let mut normaliser = Normaliser::default();
        let first = normaliser.body(&json!({"metadata": {"uid": A, "resourceVersion": "17"}}));
        assert_eq!(
            first,
            json!({"metadata": {"uid": "<uid:1>", "resourceVersion": "<rv:1>"}})
        );
        let second = normaliser.body(&json!({"metadata": {"uid": B, "resourceVersion": "9"}, "x": A}));
        assert_eq!(
            second,
            json!({"metadata": {"uid": "<uid:2>", "resourceVersion": "<rv:2>"}, "x": "<uid:1>"})
        );
    }

    #[test]
    fn a_list_has_a_version_of_its_own() {
        let list = json!({"kind": "PodList", "metadata": {"resourceVersion": "5", "continue": "abc"},
            "items": [{"metadata": {"resourceVersion": "4"}}]});
        let expected = json!({"kind": "PodList", "metadata": {"resourceVersion": "<list-rv>", "continue": "<continue>"},
            "items": [{"metadata": {"resourceVersion": "<rv:1>"}}]});
        assert_eq!(Normaliser::default().body(&list), expected);
        let bookmark = json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "5"}}});
        assert_eq!(
            Normaliser::default().event(&bookmark)["object"]["metadata"]["resourceVersion"],
            "<list-rv>"
        );
    }

    #[test]
    fn generated_names_are_replaced_wherever_they_stand() {
        let mut normaliser = Normaliser::default();
        let made = json!({"metadata": {"generateName": "p-", "name": "p-abcde"}});
        assert_eq!(normaliser.body(&made)["metadata"]["name"], "p-<generated:1>");
        assert_eq!(
            normaliser.body(&json!("pods \"p-abcde\" not found")),
            "pods \"p-<generated:1>\" not found"
        );
        assert_eq!(
            normaliser.body(&json!({"metadata": {"generateName": "q-", "name": "q-abc"}}))["metadata"]["name"],
            "q-abc"
        );
    }

    #[test]
    fn messages_lose_versions_and_times() {
        let mut normaliser = Normaliser::default();
        for (text, expected) in [
            (
                "too old resource version: 1 (12)",
                "too old resource version: <rv>",
            ),
            (
                r#"{\"resourceVersion\":\"12\"}"#,
                r#"{\"resourceVersion\":\"<rv>\"}"#,
            ),
            ("requested: 7, current: 8", "requested: <rv>, current: <rv>"),
            (
                "UID in precondition: x, ResourceVersion in precondition: 4",
                "UID in precondition: x, ResourceVersion in precondition: <rv>",
            ),
            ("since 2026-01-02T03:04:05.678901Z", "since <time>"),
        ] {
            assert_eq!(normaliser.body(&json!(text)), expected);
        }
    }

    #[test]
    fn uids_in_keys_are_masked_without_a_number() {
        let owners = json!({format!("k:{{\"uid\":\"{A}\"}}"): {}, format!("k:{{\"uid\":\"{B}\"}}"): {}});
        let expected = json!({"k:{\"uid\":\"<uid>\"}": {}, "k:{\"uid\":\"<uid>\"}'": {}});
        assert_eq!(Normaliser::default().body(&owners), expected);
        assert_eq!(mask_keys(&expected), expected);
    }
}
