//! `metadata.managedFields`: who owns what, read from an object and written to it.
//!
//! Most writes concern few fields of few managers. So an entry of a stored object keeps the JSON it came with until its
//! fields change, and is not even read for questions that the JSON itself can answer.

use std::cell::OnceCell;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::field_set::FieldSet;
use super::fields_v1::{self, FieldsError};

/// The managers of an object.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    list: Vec<Entry>,
}

/// One manager's fields.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who it is.
    pub id: ManagerId,
    /// The version in which the fields are named.
    pub api_version: String,
    time: Option<String>,
    /// The fields, once they have been read; always there where `printed` is not.
    fields: OnceCell<FieldSet>,
    /// The entry as [`Entry::print`] has printed it, as long as its fields are unchanged.
    printed: Option<Map<String, Value>>,
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
    pub fn parse(value: Value) -> Result<Self, EntriesError> {
        let mut out = Self::take_over(value)?;
        for entry in &mut out.list {
            // It is printed anew, since nobody knows how it was spelt.
            if let Some(printed) = entry.printed.take() {
                let fields = printed.get("fieldsV1");
                entry.fields = fields.map_or(Ok(FieldSet::new()), fields_v1::parse)?.into();
            }
        }
        Ok(out)
    }

    /// The entries of a stored object.
    pub fn of(object: &Value) -> Self {
        object
            .pointer("/metadata/managedFields")
            .cloned()
            .map(Self::stored)
            .unwrap_or_default()
    }

    /// The entries that a stored object has had, which [`Entries::print`] has printed.
    pub(super) fn stored(value: Value) -> Self {
        Self::take_over(value).unwrap_or_default()
    }

    /// Takes the entries without reading their fields.
    fn take_over(value: Value) -> Result<Self, EntriesError> {
        let list = match value {
            Value::Null => return Ok(Self::new()),
            Value::Array(list) => list,
            _ => return Err(EntriesError::NotAList),
        };
        let mut out = Self {
            list: Vec::with_capacity(list.len()),
        };
        for entry in list {
            out.put(Entry::take_over(entry)?);
        }
        Ok(out)
    }

    /// The value of `metadata.managedFields`, sorted as the server sorts it.
    pub fn print(mut self) -> Value {
        self.list.sort_by(Entry::order);
        Value::Array(self.list.into_iter().map(Entry::print).collect())
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Everybody.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.list.iter()
    }

    /// Everybody, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.list.iter_mut()
    }

    /// The entry of a manager.
    pub fn get(&self, id: &ManagerId) -> Option<&Entry> {
        self.list.iter().find(|e| e.id == *id)
    }

    /// The entry of a manager, to change.
    pub fn get_mut(&mut self, id: &ManagerId) -> Option<&mut Entry> {
        self.list.iter_mut().find(|e| e.id == *id)
    }

    /// Adds an entry, in the place of the manager's old one.
    pub fn put(&mut self, entry: Entry) {
        match self.list.iter_mut().find(|e| e.id == entry.id) {
            Some(there) => *there = entry,
            None => self.list.push(entry),
        }
    }

    /// Takes a manager's entry out.
    pub fn take(&mut self, id: &ManagerId) -> Option<Entry> {
        let i = self.list.iter().position(|e| e.id == *id)?;
        Some(self.list.remove(i))
    }

    /// Drops the entries for which `keep` is false.
    pub fn retain(&mut self, keep: impl FnMut(&Entry) -> bool) {
        self.list.retain(keep);
    }
}

// === impl Entry ===

impl Entry {
    /// An entry.
    pub fn new(id: ManagerId, api_version: &str, time: Option<&str>, fields: FieldSet) -> Self {
        Self {
            id,
            api_version: api_version.into(),
            time: time.map(Into::into),
            fields: fields.into(),
            printed: None,
        }
    }

    /// The fields.
    pub fn fields(&self) -> &FieldSet {
        self.fields.get_or_init(|| {
            // What has been printed can be read.
            self.as_printed()
                .and_then(|fields| fields_v1::parse(fields).ok())
                .unwrap_or_default()
        })
    }

    /// The fields as they stand in the object, where they are unchanged and have not been read.
    pub(super) fn as_printed(&self) -> Option<&Value> {
        self.printed.as_ref()?.get("fieldsV1")
    }

    /// Whether some path is both in the fields and in a set.
    pub(super) fn intersects(&self, set: &FieldSet) -> bool {
        match self.as_printed() {
            Some(printed) => fields_v1::intersects(printed, set),
            None => self.fields().intersects(set),
        }
    }

    /// Whether every path of a set is in the fields.
    pub(super) fn contains(&self, set: &FieldSet) -> bool {
        match self.as_printed() {
            Some(printed) => fields_v1::contains(printed, set),
            None => set.is_subset(self.fields()),
        }
    }

    /// Whether there are no fields.
    pub(super) fn is_empty(&self) -> bool {
        match self.as_printed() {
            Some(printed) => fields_v1::is_empty(printed),
            None => self.fields().is_empty(),
        }
    }

    /// When the fields were last changed; never for fields that were only agreed with.
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// Says when the fields were changed.
    pub fn set_time(&mut self, now: &str) {
        if self.time() != Some(now) {
            self.time = Some(now.into());
            if let Some(printed) = &mut self.printed {
                printed.insert("time".into(), now.into());
            }
        }
    }

    /// Changes the fields.
    pub fn set_fields(&mut self, fields: FieldSet) {
        if fields != *self.fields() {
            self.fields = fields.into();
            self.printed = None;
        }
    }

    fn take_over(value: Value) -> Result<Self, EntriesError> {
        let Value::Object(printed) = value else {
            return Err(EntriesError::Operation(String::new()));
        };
        let text = |name: &str| printed.get(name).and_then(Value::as_str).unwrap_or_default();
        let operation = match text("operation") {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            other => return Err(EntriesError::Operation(other.into())),
        };
        if text("fieldsType") != "FieldsV1" {
            return Err(EntriesError::FieldsType(text("fieldsType").into()));
        }
        let api_version = text("apiVersion").to_owned();
        Ok(Self {
            id: ManagerId::new(text("manager"), operation, &api_version, text("subresource")),
            api_version,
            time: printed.get("time").and_then(Value::as_str).map(Into::into),
            fields: OnceCell::new(),
            printed: Some(printed),
        })
    }

    fn print(self) -> Value {
        if let Some(printed) = self.printed {
            return printed.into();
        }
        let mut out = Map::new();
        out.insert("fieldsV1".into(), fields_v1::print(self.fields()));
        out.insert("manager".into(), self.id.manager.into());
        out.insert("operation".into(), self.id.operation.name().into());
        out.insert("apiVersion".into(), self.api_version.into());
        out.insert("fieldsType".into(), "FieldsV1".into());
        if let Some(time) = self.time {
            out.insert("time".into(), time.into());
        }
        if !self.id.subresource.is_empty() {
            out.insert("subresource".into(), self.id.subresource.into());
        }
        out.into()
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
        assert_eq!(Entries::parse(Value::Array(shuffled)).unwrap().print(), sorted);
    }

    #[test]
    fn an_applier_is_one_manager_in_all_versions_and_an_updater_one_in_each() {
        let id = |op, v| ManagerId::new("m", op, v, "");
        assert_eq!(id(Operation::Apply, "g/v1"), id(Operation::Apply, "g/v2"));
        assert_ne!(id(Operation::Update, "g/v1"), id(Operation::Update, "g/v2"));
    }

    #[test]
    fn entries_that_make_no_sense_are_refused() {
        let refused = |value: Value| Entries::parse(json!([value])).unwrap_err();
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
        assert_eq!(Entries::parse(json!("x")).unwrap_err(), EntriesError::NotAList);
    }
}
