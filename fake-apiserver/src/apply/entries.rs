//! `metadata.managedFields`: who owns what, read from an object and written to it.
//!
//! Most writes concern few fields of few managers, and every version of an object has its managers. So entries are shared
//! between versions, each with the text of its fields once that has been printed, and a write costs what it changes.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use super::field_set::FieldSet;
use super::fields_v1::{self, FieldsError};
use crate::schema::json;

/// The one form in which fields are written.
const FIELDS_TYPE: &str = "FieldsV1";

/// The managers of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries {
    list: Vec<Arc<Entry>>,
}

/// One manager's fields.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who it is.
    pub id: ManagerId,
    /// The version in which the fields are named.
    pub api_version: String,
    time: Option<String>,
    /// The fields, once they have been read; always there where `text` is not.
    fields: OnceLock<Arc<FieldSet>>,
    /// The fields as [`fields_v1::write`] writes them, once that was asked for.
    text: OnceLock<Arc<str>>,
}

/// What tells managers apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerId {
    /// The manager's name.
    pub manager: String,
    /// How it writes.
    pub operation: Operation,
    /// Through which subresource; empty for the resource itself.
    pub subresource: String,
    /// The version, for updates alone: an applier has one configuration, whatever its version.
    pub version: String,
}

/// How a manager writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Server-side apply.
    Apply,
    /// Anything else.
    Update,
}

/// Why `managedFields` cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntriesError {
    /// It is not a list of objects.
    #[error("expected a list of entries")]
    NotAList,
    /// An entry's operation is neither `Apply` nor `Update`.
    #[error("invalid operation: {0}")]
    Operation(String),
    /// An entry's fields are in another format.
    #[error("invalid fieldsType: {0}")]
    FieldsType(String),
    /// An entry's fields cannot be read.
    #[error("unreadable fields")]
    Fields(#[from] FieldsError),
}

// === impl Entries ===

impl Entries {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the value of `metadata.managedFields` as a client spells it.
    ///
    /// # Errors
    /// When an entry cannot be read; the server falls back to what it has then.
    pub fn parse(value: &Value) -> Result<Self, EntriesError> {
        Self::read(value, |fields| {
            let fields = fields.map_or(Ok(FieldSet::new()), fields_v1::parse)?;
            Ok((OnceLock::from(Arc::new(fields)), OnceLock::new()))
        })
    }

    /// The entries of an object that this server has printed, whose fields are read when they are asked for.
    pub fn of(object: &Value) -> Self {
        object
            .pointer("/metadata/managedFields")
            .map(Self::stored)
            .unwrap_or_default()
    }

    /// The entries that [`Entries::to_value`] gave.
    pub(crate) fn stored(value: &Value) -> Self {
        let read = Self::read(value, |fields| {
            let text = fields.map_or_else(|| "{}".to_owned(), Value::to_string);
            Ok((OnceLock::new(), OnceLock::from(Arc::from(text))))
        });
        read.unwrap_or_default()
    }

    fn read(
        value: &Value,
        fields: impl Fn(Option<&Value>) -> Result<Fields, EntriesError>,
    ) -> Result<Self, EntriesError> {
        let list = match value {
            Value::Null => return Ok(Self::new()),
            Value::Array(list) => list,
            _ => return Err(EntriesError::NotAList),
        };
        let mut out = Self {
            list: Vec::with_capacity(list.len()),
        };
        for entry in list {
            out.put(Entry::read(entry, &fields)?);
        }
        Ok(out)
    }

    /// The value of `metadata.managedFields`.
    pub fn to_value(&self) -> Value {
        self.iter().map(Entry::to_value).collect()
    }

    /// Writes that value as JSON.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, entry) in self.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            entry.write(out);
        }
        out.push(b']');
    }

    /// Whether a client sends back just these.
    pub(super) fn are(&self, value: &Value) -> bool {
        let Value::Array(list) = value else {
            return false;
        };
        list.len() == self.list.len() && list.iter().zip(self.iter()).all(|(value, entry)| entry.is(value))
    }

    /// Whether these are the same as others, but for the times.
    pub(crate) fn equal_but_time(&self, other: &Self) -> bool {
        let (a, b) = (&self.list, &other.list);
        a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| x.equal_but_time(y)))
    }

    /// Sorts the entries as the server shows them.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| a.order(b));
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.list.iter().map(|entry| &**entry)
    }

    /// Everybody, to change by [`Arc::make_mut`] whom the change concerns.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Arc<Entry>> {
        self.list.iter_mut()
    }

    /// The entry of a manager.
    pub fn get(&self, id: &ManagerId) -> Option<&Entry> {
        self.iter().find(|e| e.id == *id)
    }

    /// The entry of a manager, to change.
    pub(super) fn get_mut(&mut self, id: &ManagerId) -> Option<&mut Arc<Entry>> {
        self.iter_mut().find(|e| e.id == *id)
    }

    /// Adds an entry, in the place of the manager's old one.
    pub fn put(&mut self, entry: impl Into<Arc<Entry>>) {
        let entry = entry.into();
        match self.list.iter_mut().find(|e| e.id == entry.id) {
            Some(there) => *there = entry,
            None => self.list.push(entry),
        }
    }

    /// Takes a manager's entry out.
    pub fn take(&mut self, id: &ManagerId) -> Option<Arc<Entry>> {
        let i = self.list.iter().position(|e| e.id == *id)?;
        Some(self.list.remove(i))
    }

    /// Drops the entries for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&Entry) -> bool) {
        self.list.retain(|entry| keep(entry));
    }
}

/// The two forms of an entry's fields, of which one is there.
type Fields = (OnceLock<Arc<FieldSet>>, OnceLock<Arc<str>>);

// === impl Entry ===

impl Entry {
    /// An entry.
    pub fn new(
        id: ManagerId,
        api_version: &str,
        time: Option<&str>,
        fields: impl Into<Arc<FieldSet>>,
    ) -> Self {
        Self {
            id,
            api_version: api_version.into(),
            time: time.map(Into::into),
            fields: fields.into().into(),
            text: OnceLock::new(),
        }
    }

    /// The fields.
    pub fn fields(&self) -> &FieldSet {
        self.shared_fields()
    }

    /// The fields, shared with other versions of the entry.
    pub(super) fn shared_fields(&self) -> &Arc<FieldSet> {
        self.fields.get_or_init(|| {
            // What has been written can be read.
            let text = self.text.get().map_or("{}", |text| &**text);
            let value = json::parse(text.as_bytes()).ok();
            value
                .and_then(|value| fields_v1::parse(&value).ok())
                .unwrap_or_default()
                .into()
        })
    }

    /// The fields as JSON.
    fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let mut out = Vec::with_capacity(256);
            fields_v1::write(self.fields(), &mut out);
            String::from_utf8_lossy(&out).into()
        })
    }

    /// When the fields were last changed; never for fields that were only agreed with.
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// Says when the fields were changed.
    pub fn set_time(&mut self, now: &str) {
        if self.time() != Some(now) {
            self.time = Some(now.into());
        }
    }

    /// Changes the fields.
    pub fn set_fields(&mut self, fields: FieldSet) {
        if fields != *self.fields() {
            self.fields = Arc::new(fields).into();
            self.text = OnceLock::new();
        }
    }

    fn read(
        value: &Value,
        fields: &impl Fn(Option<&Value>) -> Result<Fields, EntriesError>,
    ) -> Result<Self, EntriesError> {
        let Value::Object(printed) = value else {
            return Err(EntriesError::Operation(String::new()));
        };
        let text = |name: &str| printed.get(name).and_then(Value::as_str).unwrap_or_default();
        let operation = match text("operation") {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            other => return Err(EntriesError::Operation(other.into())),
        };
        if text("fieldsType") != FIELDS_TYPE {
            return Err(EntriesError::FieldsType(text("fieldsType").into()));
        }
        let api_version = text("apiVersion").to_owned();
        let (fields, written) = fields(printed.get("fieldsV1"))?;
        Ok(Self {
            id: ManagerId::new(text("manager"), operation, &api_version, text("subresource")),
            api_version,
            time: printed.get("time").and_then(Value::as_str).map(Into::into),
            fields,
            text: written,
        })
    }

    /// The texts that an entry shows beside its fields, in the order of their names; those that are empty are left out.
    fn texts(&self) -> [(&'static str, &str); 6] {
        [
            ("apiVersion", &self.api_version),
            ("fieldsType", FIELDS_TYPE),
            ("manager", &self.id.manager),
            ("operation", self.id.operation.name()),
            ("subresource", &self.id.subresource),
            ("time", self.time().unwrap_or_default()),
        ]
    }

    fn to_value(&self) -> Value {
        let mut out = Map::new();
        for (name, text) in self.texts() {
            if !text.is_empty() || matches!(name, "apiVersion" | "manager") {
                out.insert(name.into(), text.into());
            }
        }
        out.insert("fieldsV1".into(), fields_v1::print(self.fields()));
        out.into()
    }

    fn write(&self, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, before: &str, text: &str| {
            out.extend_from_slice(before.as_bytes());
            json::write_string(out, text);
        };
        text(out, r#"{"apiVersion":"#, &self.api_version);
        text(out, r#","fieldsType":"#, FIELDS_TYPE);
        out.extend_from_slice(br#","fieldsV1":"#);
        out.extend_from_slice(self.text().as_bytes());
        text(out, r#","manager":"#, &self.id.manager);
        text(out, r#","operation":"#, self.id.operation.name());
        if !self.id.subresource.is_empty() {
            text(out, r#","subresource":"#, &self.id.subresource);
        }
        if let Some(time) = self.time() {
            text(out, r#","time":"#, time);
        }
        out.push(b'}');
    }

    /// Whether a value is just this entry.
    fn is(&self, value: &Value) -> bool {
        let Value::Object(fields) = value else {
            return false;
        };
        let shown = self.texts().into_iter().filter(|(_, text)| !text.is_empty());
        let mut count = 1;
        let same = shown
            .inspect(|_| count += 1)
            .all(|(name, text)| fields.get(name).is_some_and(|value| value == text));
        same && count == fields.len()
            && fields
                .get("fieldsV1")
                .is_some_and(|value| json::print(value) == self.text().as_bytes())
    }

    fn equal_but_time(&self, other: &Self) -> bool {
        self.id == other.id && self.api_version == other.api_version && self.has_fields_of(other)
    }

    fn has_fields_of(&self, other: &Self) -> bool {
        let (a, b) = (self.shared_fields(), other.shared_fields());
        Arc::ptr_eq(a, b) || a == b
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |e: &Self| e.id.operation;
        key(self)
            .cmp(&key(other))
            .then_with(|| self.time.cmp(&other.time))
            .then_with(|| self.id.manager.cmp(&other.id.manager))
            .then_with(|| self.api_version.cmp(&other.api_version))
            .then_with(|| self.id.subresource.cmp(&other.id.subresource))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.time == other.time && self.equal_but_time(other)
    }
}

// === impl ManagerId ===

impl ManagerId {
    /// A manager that writes in this version.
    pub fn new(manager: &str, operation: Operation, api_version: &str, subresource: &str) -> Self {
        Self {
            manager: manager.into(),
            operation,
            subresource: subresource.into(),
            version: match operation {
                Operation::Apply => String::new(),
                Operation::Update => api_version.into(),
            },
        }
    }
}

// === impl Operation ===

impl Operation {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(manager: &str, operation: &str, time: Option<&str>) -> Value {
        let mut e = json!({"manager": manager, "operation": operation, "apiVersion": "v1",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:k": {}}}});
        if let Some(time) = time {
            e["time"] = time.into();
        }
        e
    }

    #[test]
    fn appliers_come_first_then_the_older_and_those_without_a_time_before_all() {
        let (t1, t2) = (Some("2026-01-01T00:00:01Z"), Some("2026-01-01T00:00:02Z"));
        let sorted = json!([
            entry("z", "Apply", None),
            entry("b", "Apply", t1),
            entry("c", "Apply", t1),
            entry("a", "Apply", t2),
            entry("a", "Update", t1)
        ]);
        let mut shuffled = sorted.as_array().unwrap().clone();
        shuffled.reverse();
        let mut entries = Entries::parse(&Value::Array(shuffled)).unwrap();
        entries.sort();
        assert_eq!(entries.to_value(), sorted);
        let mut text = Vec::new();
        entries.write(&mut text);
        assert_eq!(String::from_utf8(text).unwrap(), sorted.to_string());
        assert!(entries.are(&sorted) && Entries::stored(&sorted) == entries);
    }

    #[test]
    fn an_applier_is_one_manager_in_all_versions_and_an_updater_one_in_each() {
        let id = |op, v| ManagerId::new("m", op, v, "");
        assert_eq!(id(Operation::Apply, "g/v1"), id(Operation::Apply, "g/v2"));
        assert_ne!(id(Operation::Update, "g/v1"), id(Operation::Update, "g/v2"));
    }

    #[test]
    fn entries_that_make_no_sense_are_refused() {
        let refused = |value: Value| Entries::parse(&json!([value])).unwrap_err();
        assert_eq!(
            refused(json!({"manager": "x"})),
            EntriesError::Operation(String::new())
        );
        assert_eq!(
            refused(entry("m", "Create", None)),
            EntriesError::Operation("Create".into())
        );
        let mut other_format = entry("m", "Apply", None);
        other_format["fieldsType"] = "FieldsV2".into();
        assert_eq!(refused(other_format), EntriesError::FieldsType("FieldsV2".into()));
        let mut no_fields = entry("m", "Apply", None);
        no_fields["fieldsV1"] = json!({"nonsense": 5});
        assert!(matches!(refused(no_fields), EntriesError::Fields(_)));
        assert_eq!(Entries::parse(&json!("x")).unwrap_err(), EntriesError::NotAList);
    }
}
