//! What two states differ in, told by paths.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::{Map, Value};

use super::{Placeholders, identity, redact, text};

/// What changed from one [`State`](crate::State) to another.
///
/// Its text has a line for each object and each of its fields that changed, in a fixed order, for people and for insta:
///
/// ```text
/// + ConfigMap default/made
///     data.key: "1"
/// - Secret default/gone
/// ~ Deployment default/web
///     spec.template.spec.containers[name=web].image: "web:1" → "web:2"
///     metadata.labels.old: removed "yes"
/// ± ConfigMap default/again (deleted and made anew)
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StateDiff {
    /// The objects that differ, ordered by kind, namespace and name.
    pub objects: Vec<ObjectDiff>,
}

/// An object that is not in both states, or not the same in both.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ObjectDiff {
    /// The object's `kind`.
    pub kind: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: ChangeKind,
    /// Its fields that differ; of an added one, those that it has; of a removed one, none.
    pub fields: Vec<FieldDiff>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is the same object, with other fields.
    Changed,
    /// It is another object of the same name.
    Replaced,
}

/// A field that differs. UIDs and times are placeholders.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldDiff {
    /// Where it is, such as `spec.containers[name=web].image`. `[]` at the end is a value in a list of plain values.
    pub path: String,
    /// What it was; `None` where it was absent.
    pub old: Option<Value>,
    /// What it is; `None` where it is absent.
    pub new: Option<Value>,
}

/// Fields of the metadata that name the object, or change without anybody's asking.
const UNTOLD: [&str; 6] = [
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
];

/// The fields by which items of lists are recognised, the likeliest first.
const KEYS: [&str; 8] = [
    "name",
    "type",
    "uid",
    "key",
    "containerPort",
    "port",
    "mountPath",
    "ip",
];

/// How many fields of an added object are shown, and how long a value may be.
const ADDED_FIELDS: usize = 12;
const WIDTH: usize = 80;

// === impl StateDiff ===

impl StateDiff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(super) fn between(before: &[Value], after: &[Value]) -> Self {
        let mut uids = Placeholders::default();
        for object in before.iter().chain(after) {
            uids.learn(object);
        }
        let mut pairs: BTreeMap<String, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
        for object in before {
            pairs.entry(identity(object)).or_default().0 = Some(object);
        }
        for object in after {
            pairs.entry(identity(object)).or_default().1 = Some(object);
        }
        let objects = pairs
            .values()
            .filter_map(|(old, new)| ObjectDiff::between(*old, *new, &mut uids));
        Self {
            objects: objects.collect(),
        }
    }
}

impl fmt::Display for StateDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.iter().try_for_each(|object| write!(f, "{object}"))
    }
}

// === impl ObjectDiff ===

impl ObjectDiff {
    fn between(old: Option<&Value>, new: Option<&Value>, uids: &mut Placeholders) -> Option<Self> {
        let mut fields = Vec::new();
        let change = match (old, new) {
            (Some(old), Some(new)) => {
                fields = self::fields(old, new, uids);
                if text(old, "/metadata/uid") != text(new, "/metadata/uid") {
                    ChangeKind::Replaced
                } else if fields.is_empty() {
                    return None;
                } else {
                    ChangeKind::Changed
                }
            }
            (None, Some(new)) => {
                leaves(&told(new, uids), "", &mut fields);
                ChangeKind::Added
            }
            (Some(_), None) => ChangeKind::Removed,
            (None, None) => return None,
        };
        let of = |pointer: &str| text(new.or(old).unwrap_or(&Value::Null), pointer).to_owned();
        Some(Self {
            kind: of("/kind"),
            namespace: of("/metadata/namespace"),
            name: of("/metadata/name"),
            change,
            fields,
        })
    }
}

impl fmt::Display for ObjectDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.change {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
            ChangeKind::Replaced => '±',
        };
        write!(f, "{mark} {} ", self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)?;
        if self.change == ChangeKind::Replaced {
            f.write_str(" (deleted and made anew)")?;
        }
        f.write_str("\n")?;
        let shown = match self.change {
            ChangeKind::Added => ADDED_FIELDS,
            _ => usize::MAX,
        };
        for field in self.fields.iter().take(shown) {
            match (self.change, &field.new) {
                (ChangeKind::Added, Some(value)) => writeln!(f, "    {}: {}", field.path, short(value))?,
                _ => writeln!(f, "    {field}")?,
            }
        }
        match self.fields.len().saturating_sub(shown) {
            0 => Ok(()),
            more => writeln!(f, "    … {more} more fields"),
        }
    }
}

// === impl FieldDiff ===

impl fmt::Display for FieldDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{path}: {} → {}", short(old), short(new)),
            (None, Some(new)) => write!(f, "{path}: added {}", short(new)),
            (Some(old), None) => write!(f, "{path}: removed {}", short(old)),
            (None, None) => f.write_str(path),
        }
    }
}

// === The comparison ===

/// What an object's fields changed by, in the order of paths.
pub(super) fn fields(old: &Value, new: &Value, uids: &mut Placeholders) -> Vec<FieldDiff> {
    differing(&told(old, uids), &told(new, uids))
}

/// The same, where nobody needs to know which UID is whose.
pub(crate) fn changed(old: &Value, new: &Value) -> Vec<FieldDiff> {
    fields(old, new, &mut Placeholders::default())
}

/// Where two values differ as they are.
fn differing(old: &Value, new: &Value) -> Vec<FieldDiff> {
    let mut fields = Vec::new();
    differ(old, new, "", &mut fields);
    fields
}

/// The fields of an object that are told, with placeholders.
fn told(object: &Value, uids: &mut Placeholders) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        UNTOLD.iter().for_each(|field| drop(metadata.remove(*field)));
    }
    redact(&mut object, uids);
    object
}

/// Collects where two values differ, in the order of paths.
fn differ(old: &Value, new: &Value, path: &str, out: &mut Vec<FieldDiff>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                one_of(old.get(name), new.get(name), &member(path, name), out);
            }
        }
        (Value::Array(old), Value::Array(new)) if old != new => items(old, new, path, out),
        _ if old == new => {}
        _ => out.push(FieldDiff {
            path: path.to_owned(),
            old: Some(old.clone()),
            new: Some(new.clone()),
        }),
    }
}

/// A field that may be in one of the two only.
fn one_of(old: Option<&Value>, new: Option<&Value>, path: &str, out: &mut Vec<FieldDiff>) {
    match (old, new) {
        (Some(old), Some(new)) => differ(old, new, path, out),
        (None, None) => {}
        // A whole subtree came or went: its parts are told, so that no line is long.
        (Some(gone), None) => {
            let mut parts = Vec::new();
            leaves(gone, path, &mut parts);
            out.extend(parts.into_iter().map(|part| FieldDiff {
                old: part.new,
                new: None,
                path: part.path,
            }));
        }
        (None, Some(new)) => leaves(new, path, out),
    }
}

fn items(old: &[Value], new: &[Value], path: &str, out: &mut Vec<FieldDiff>) {
    if let Some(key) = KEYS
        .iter()
        .find(|key| identifies(key, old) && identifies(key, new))
    {
        let find = |items: &[Value], id: &Value| items.iter().find(|item| item[key] == *id).cloned();
        let gone = old.iter().filter(|item| find(new, &item[key]).is_none());
        for item in new.iter().chain(gone) {
            let id = &item[key];
            let path = format!("{path}[{key}={}]", bare(id));
            let side = |items| find(items, id).map(|item| beside(key, &item));
            one_of(side(old).as_ref(), side(new).as_ref(), &path, out);
        }
        let order = |items: &[Value], others: &[Value]| -> Vec<Value> {
            let both = items.iter().filter(|item| find(others, &item[key]).is_some());
            both.map(|item| item[key].clone()).collect()
        };
        let (was, is) = (order(old, new), order(new, old));
        if was != is {
            out.push(FieldDiff {
                path: format!("{path}[{key}]"),
                old: Some(was.into()),
                new: Some(is.into()),
            });
        }
        return;
    }
    let is_plain = |items: &[Value]| items.iter().all(|item| !item.is_object() && !item.is_array());
    if is_plain(old) && is_plain(new) {
        let (gone, added) = (lacking(old, new), lacking(new, old));
        if gone.is_empty() && added.is_empty() {
            // Only the order differs.
            out.push(FieldDiff {
                path: path.to_owned(),
                old: Some(old.to_vec().into()),
                new: Some(new.to_vec().into()),
            });
        }
        let path = format!("{path}[]");
        out.extend(gone.into_iter().map(|value| FieldDiff {
            path: path.clone(),
            old: Some(value),
            new: None,
        }));
        out.extend(added.into_iter().map(|value| FieldDiff {
            path: path.clone(),
            old: None,
            new: Some(value),
        }));
        return;
    }
    for place in 0..old.len().max(new.len()) {
        let path = format!("{path}[{place}]");
        one_of(old.get(place), new.get(place), &path, out);
    }
}

/// An item without the field that its path tells, unless it has nothing else.
fn beside(key: &str, item: &Value) -> Value {
    match item {
        Value::Object(fields) if fields.len() > 1 => {
            let mut rest: Map<String, Value> = fields.clone();
            rest.remove(key);
            rest.into()
        }
        _ => item.clone(),
    }
}

/// Whether all items are told apart by this field.
fn identifies(key: &str, items: &[Value]) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().all(|item| match item.get(key) {
        Some(id @ (Value::String(_) | Value::Number(_))) => seen.insert(id.to_string()),
        _ => false,
    })
}

/// The values of `these` that `those` lacks, counting repetitions.
fn lacking(these: &[Value], those: &[Value]) -> Vec<Value> {
    let mut left = those.to_vec();
    let lacking = these
        .iter()
        .filter(|value| match left.iter().position(|other| other == *value) {
            Some(place) => {
                left.remove(place);
                false
            }
            None => true,
        });
    lacking.cloned().collect()
}

/// The values beneath a path, each as something added. Empty objects and lists count as values.
fn leaves(value: &Value, path: &str, out: &mut Vec<FieldDiff>) {
    match value {
        // Metadata that is empty when its untold fields are gone says nothing.
        Value::Object(fields) if fields.is_empty() && path == "metadata" => {}
        Value::Object(fields) if !fields.is_empty() => {
            fields
                .iter()
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .for_each(|(name, child)| leaves(child, &member(path, name), out));
        }
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            let key = KEYS.iter().find(|key| identifies(key, list));
            for (place, item) in list.iter().enumerate() {
                let at = match key {
                    Some(key) => format!("{path}[{key}={}]", bare(&item[key])),
                    None => format!("{path}[{place}]"),
                };
                match key {
                    Some(key) => leaves(&beside(key, item), &at, out),
                    None => leaves(item, &at, out),
                }
            }
        }
        _ => out.push(FieldDiff {
            path: path.to_owned(),
            old: None,
            new: Some(value.clone()),
        }),
    }
}

/// A path and a field of what is there; names with dots and the like are quoted.
fn member(path: &str, name: &str) -> String {
    let is_simple = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match (is_simple, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{}]", Value::from(name)),
    }
}

fn bare(id: &Value) -> String {
    match id {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value in one line of bounded length.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let length = text.chars().count();
    if length <= WIDTH {
        return text;
    }
    let head: String = text.chars().take(WIDTH).collect();
    format!("{head}… ({length} characters)")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(old: Value, new: Value, expect: &[&str]) {
        let lines: Vec<String> = differing(&old, &new).iter().map(FieldDiff::to_string).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn fields_are_told_by_their_paths() {
        check(
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"b": 1, "c": 3}}),
            &["a.c: 2 → 3"],
        );
        check(
            json!({"a": 1}),
            json!({"b": {"c": {}}}),
            &["a: removed 1", "b.c: added {}"],
        );
        check(
            json!({"labels": {"app.example.com/name": "x"}}),
            json!({"labels": {}}),
            &[r#"labels["app.example.com/name"]: removed "x""#],
        );
        check(json!({"a": null}), json!({"a": [1]}), &["a: null → [1]"]);
    }

    #[test]
    fn items_with_names_are_compared_by_them() {
        check(
            json!({"c": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}),
            json!({"c": [{"name": "new", "image": "1"}, {"name": "b", "image": "2"}]}),
            &[
                r#"c[name=new].image: added "1""#,
                r#"c[name=b].image: "1" → "2""#,
                r#"c[name=a].image: removed "1""#,
            ],
        );
        check(
            json!({"c": [{"name": "a"}, {"name": "b"}]}),
            json!({"c": [{"name": "b"}, {"name": "a"}]}),
            &[r#"c[name]: ["a","b"] → ["b","a"]"#],
        );
    }

    #[test]
    fn plain_lists_are_compared_as_sets_and_others_by_place() {
        check(
            json!({"f": ["a", "b", "b"]}),
            json!({"f": ["b", "c"]}),
            &[r#"f[]: removed "a""#, r#"f[]: removed "b""#, r#"f[]: added "c""#],
        );
        check(
            json!({"f": ["a", "b"]}),
            json!({"f": ["b", "a"]}),
            &[r#"f: ["a","b"] → ["b","a"]"#],
        );
        check(
            json!({"r": [{"x": {"y": 1}}]}),
            json!({"r": [{"x": {"y": 2}}, {"x": {"y": 3}}]}),
            &["r[0].x.y: 1 → 2", "r[1].x.y: added 3"],
        );
    }

    #[test]
    fn long_values_are_cut() {
        let line = short(&Value::from("x".repeat(500)));
        assert!(
            line.chars().count() < 120 && line.ends_with("(502 characters)"),
            "{line}"
        );
    }
}
