//! A stored object, and its JSON, which is produced once.

use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};
use smallvec::SmallVec;

use crate::apply::entries::Entries;
use crate::schema::json;

/// An object at one revision.
///
/// The value carries neither `apiVersion` and `kind`, which depend on the version it is served in, nor
/// `metadata.resourceVersion`, which is the revision, nor `metadata.managedFields`, which few look at and most writes
/// share with the state before. So a removal shares the value of the state before it, and two objects are equal exactly
/// if a write from one to the other would change nothing.
#[derive(Debug)]
pub(crate) struct Stored {
    value: Arc<Value>,
    /// Who owns which field.
    entries: Entries,
    revision: u64,
    /// The `apiVersion` in which the value was written; `None` for resources that store one shape.
    version: Option<Arc<str>>,
    /// The same object as other versions have it; made when the first is asked for.
    views: OnceLock<Box<Mutex<Views>>>,
    /// The JSON after the opening brace; see [`Stored::tail`].
    tail: OnceLock<Bytes>,
    /// Watch frames and other forms that several readers share.
    frames: Mutex<SmallVec<[(FrameKey, Bytes); 1]>>,
}

/// Which rendering of an object a cached frame is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameKey {
    /// The event's type.
    pub(crate) event: &'static str,
    /// The `apiVersion` and the form, as the encoder tells them apart.
    pub(crate) form: Arc<str>,
}

/// In what an object is looked at: an `apiVersion`, and the revision since which it means what it means.
pub(crate) type ViewKey = (Arc<str>, u64);

/// What was looked at before; `None` where the view is the object itself.
type Views = Vec<(ViewKey, Option<Arc<Stored>>)>;

/// Under what a view keeps its source: no version has that name.
fn source_key() -> ViewKey {
    static SOURCE: LazyLock<Arc<str>> = LazyLock::new(|| "".into());
    (SOURCE.clone(), 0)
}

// === impl Stored ===

impl Stored {
    /// An object of which nobody owns a field.
    pub(crate) fn new(value: Arc<Value>, revision: u64) -> Self {
        Self::owned(value, Entries::new(), revision)
    }

    /// An object and who owns its fields.
    pub(crate) fn owned(value: Arc<Value>, entries: Entries, revision: u64) -> Self {
        Self::written_in(value, entries, revision, None)
    }

    /// An object whose managed fields are in its metadata.
    pub(crate) fn whole(mut value: Value, revision: u64) -> Self {
        let entries = Entries::of(&value);
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        Self::owned(Arc::new(value), entries, revision)
    }

    /// An object whose shape is that of a version.
    pub(crate) fn written_in(
        value: Arc<Value>,
        entries: Entries,
        revision: u64,
        version: Option<Arc<str>>,
    ) -> Self {
        Self {
            value,
            entries,
            revision,
            version,
            views: OnceLock::new(),
            tail: OnceLock::new(),
            frames: Mutex::default(),
        }
    }

    /// The object without type, resource version and managed fields.
    pub(crate) fn value(&self) -> &Arc<Value> {
        &self.value
    }

    /// Who owns which field.
    pub(crate) fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The revision of the write.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The `apiVersion` in which the value was written; `None` for resources that store one shape.
    pub(crate) fn version(&self) -> Option<&Arc<str>> {
        self.version.as_ref()
    }

    /// The same content at another revision, as the event of a removal has it.
    pub(crate) fn at(&self, revision: u64) -> Self {
        let new = Self::written_in(
            self.value.clone(),
            self.entries.clone(),
            revision,
            self.version.clone(),
        );
        if let Some(views) = self.views.get() {
            let views = views.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, view) in views.iter() {
                new.keep_view(key.clone(), view.as_ref().map(|v| Arc::new(v.at(revision))));
            }
        }
        new
    }

    /// Keeps beside a view what it is a view of.
    pub(crate) fn keep_source(&self, source: Arc<Self>) {
        self.keep_view(source_key(), Some(source));
    }

    /// What the object is a view of, as far as that was kept.
    pub(crate) fn source(self: &Arc<Self>) -> Option<Arc<Self>> {
        self.known_view(&source_key())
    }

    /// The object as it was looked at before; `None` where nobody has.
    pub(crate) fn known_view(self: &Arc<Self>, key: &ViewKey) -> Option<Arc<Self>> {
        let views = self.views.get()?.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, view) = views.iter().find(|(k, _)| k == key)?;
        Some(view.as_ref().unwrap_or(self).clone())
    }

    /// Keeps how the object looks in a version; `None` where it is the same.
    pub(crate) fn keep_view(&self, key: ViewKey, view: Option<Arc<Self>>) {
        let views = self.views.get_or_init(Box::default);
        views
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((key, view));
    }

    /// The object with its resource version, if it has been stored, still without type and managed fields.
    pub(crate) fn object(&self) -> Value {
        let mut out = (*self.value).clone();
        if self.revision > 0
            && let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut)
        {
            meta.insert("resourceVersion".into(), Value::String(self.revision.to_string()));
        }
        out
    }

    /// The object as it is shown, but for the type.
    pub(crate) fn shown(&self) -> Value {
        let mut out = self.object();
        if !self.entries.is_empty()
            && let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut)
        {
            meta.insert("managedFields".into(), self.entries.to_value());
        }
        out
    }

    /// `metadata` as stored.
    pub(crate) fn metadata(&self) -> Option<&Map<String, Value>> {
        self.value.get("metadata")?.as_object()
    }

    /// A string field of the metadata; empty where absent.
    pub(crate) fn meta(&self, field: &str) -> &str {
        self.metadata()
            .and_then(|m| m.get(field))
            .and_then(Value::as_str)
            .unwrap_or("")
    }

    /// The object's JSON without its opening brace, the resource version included.
    ///
    /// What precedes it says the type: `{"kind":"Pod","apiVersion":"v1",` for an object of its own and `{` inside a list.
    pub(crate) fn tail(&self) -> &Bytes {
        self.tail.get_or_init(|| {
            let mut out = Vec::with_capacity(512);
            self.write_tail(&mut out);
            out.into()
        })
    }

    fn write_tail(&self, out: &mut Vec<u8>) {
        let fields = self.value.as_object().into_iter().flatten();
        for (i, (name, field)) in fields.enumerate() {
            if i > 0 {
                out.push(b',');
            }
            json::write_string(out, name);
            out.push(b':');
            match field {
                Value::Object(metadata) if name == "metadata" => self.write_metadata(out, metadata),
                other => json::write(out, other),
            }
        }
        out.push(b'}');
    }

    /// Writes the metadata as JSON, with what is kept beside it.
    fn write_metadata(&self, out: &mut Vec<u8>, metadata: &Map<String, Value>) {
        let mut beside = [
            (!self.entries.is_empty()).then_some("managedFields"),
            (self.revision > 0).then_some("resourceVersion"),
        ]
        .into_iter()
        .flatten()
        .peekable();
        let mut sign = b'{';
        let mut name = |out: &mut Vec<u8>, name: &str| {
            out.push(std::mem::replace(&mut sign, b','));
            json::write_string(out, name);
            out.push(b':');
        };
        for (field, value) in metadata {
            while let Some(before) = beside.next_if(|before| *before < field.as_str()) {
                name(out, before);
                self.write_beside(out, before);
            }
            name(out, field);
            json::write(out, value);
        }
        for last in beside {
            name(out, last);
            self.write_beside(out, last);
        }
        if sign == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    fn write_beside(&self, out: &mut Vec<u8>, name: &str) {
        if name == "managedFields" {
            self.entries.write(out);
        } else {
            json::write_string(out, &self.revision.to_string());
        }
    }

    /// The metadata as JSON; `None` where there is none.
    pub(crate) fn metadata_json(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(512);
        self.write_metadata(&mut out, self.metadata()?);
        Some(out)
    }

    /// The frame of that key, made by `make` the first time.
    pub(crate) fn frame(&self, key: &FrameKey, make: impl FnOnce() -> Bytes) -> Bytes {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = frames.iter().find(|(k, _)| k == key) {
            return bytes.clone();
        }
        let bytes = make();
        frames.push((key.clone(), bytes.clone()));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tail_holds_the_resource_version_in_its_place() {
        let value = json!({"data": {"a": "b"}, "metadata": {"name": "x", "uid": "u"}});
        let stored = Stored::new(Arc::new(value), 7);
        assert_eq!(
            stored.tail(),
            &br#""data":{"a":"b"},"metadata":{"name":"x","resourceVersion":"7","uid":"u"}}"#[..]
        );
        let whole: Value = serde_json::from_slice(&[b"{", &stored.tail()[..]].concat()).unwrap();
        assert_eq!(whole, stored.object());
    }

    #[test]
    fn the_resource_version_may_come_first_or_last() {
        let tail = |value: Value| String::from_utf8(Stored::new(Arc::new(value), 1).tail().to_vec()).unwrap();
        assert_eq!(
            tail(json!({"metadata": {}})),
            r#""metadata":{"resourceVersion":"1"}}"#
        );
        assert_eq!(
            tail(json!({"metadata": {"name": "x"}})),
            r#""metadata":{"name":"x","resourceVersion":"1"}}"#
        );
        assert_eq!(
            tail(json!({"metadata": {"uid": "u"}})),
            r#""metadata":{"resourceVersion":"1","uid":"u"}}"#
        );
    }

    #[test]
    fn managed_fields_are_kept_beside_and_shown_in_their_place() {
        let entries = json!([{"manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {"f:a": {}}}}]);
        let mut shown = json!({"metadata": {"name": "x", "managedFields": entries, "labels": {"l": "1"}}});
        let stored = Stored::whole(shown.clone(), 3);
        assert_eq!(
            stored.value()["metadata"],
            json!({"name": "x", "labels": {"l": "1"}})
        );
        shown["metadata"]["resourceVersion"] = "3".into();
        assert_eq!(stored.shown(), shown);
        assert_eq!(
            format!("{{{}", String::from_utf8_lossy(stored.tail())),
            shown.to_string()
        );
        assert_eq!(
            stored.metadata_json().unwrap(),
            shown["metadata"].to_string().into_bytes()
        );
    }
}
