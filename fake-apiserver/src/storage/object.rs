//! A stored object, and its JSON, which is produced once.

use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};
use smallvec::SmallVec;

/// An object at one revision.
///
/// The value carries neither `apiVersion` and `kind`, which depend on the version it is served in, nor
/// `metadata.resourceVersion`, which is the revision. So a removal shares the value of the state before it, and two
/// values are equal exactly if a write from one to the other would change nothing.
#[derive(Debug)]
pub(crate) struct Stored {
    value: Arc<Value>,
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

// === impl Stored ===

impl Stored {
    pub(crate) fn new(value: Arc<Value>, revision: u64) -> Self {
        Self::written_in(value, revision, None)
    }

    /// An object whose shape is that of a version.
    pub(crate) fn written_in(value: Arc<Value>, revision: u64, version: Option<Arc<str>>) -> Self {
        Self {
            value,
            revision,
            version,
            views: OnceLock::new(),
            tail: OnceLock::new(),
            frames: Mutex::default(),
        }
    }

    /// The object without type and resource version.
    pub(crate) fn value(&self) -> &Arc<Value> {
        &self.value
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
        let new = Self::written_in(self.value.clone(), revision, self.version.clone());
        if let Some(views) = self.views.get() {
            let views = views.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, view) in views.iter() {
                new.keep_view(key.clone(), view.as_ref().map(|v| Arc::new(v.at(revision))));
            }
        }
        new
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

    /// The object with its resource version, if it has been stored, still without type.
    pub(crate) fn object(&self) -> Value {
        let mut out = (*self.value).clone();
        if self.revision > 0
            && let Some(meta) = out.get_mut("metadata").and_then(Value::as_object_mut)
        {
            meta.insert("resourceVersion".into(), Value::String(self.revision.to_string()));
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
            write_tail(&mut out, &self.value, self.revision);
            out.into()
        })
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

fn write_tail(out: &mut Vec<u8>, value: &Value, revision: u64) {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let mut first = true;
    for (name, field) in fields {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        write_json(out, name);
        out.push(b':');
        match field {
            Value::Object(meta) if name == "metadata" => {
                out.push(b'{');
                let mut pending = revision > 0;
                let mut first = true;
                for (name, field) in meta {
                    if pending && name.as_str() > "resourceVersion" {
                        pending = false;
                        write_version(out, revision, std::mem::take(&mut first));
                    }
                    if !std::mem::take(&mut first) {
                        out.push(b',');
                    }
                    write_json(out, name);
                    out.push(b':');
                    write_json(out, field);
                }
                if pending {
                    write_version(out, revision, first);
                }
                out.push(b'}');
            }
            other => write_json(out, other),
        }
    }
    out.push(b'}');
}

fn write_version(out: &mut Vec<u8>, revision: u64, first: bool) {
    if !first {
        out.push(b',');
    }
    // Writing to a vector cannot fail.
    let _ = write!(out, r#""resourceVersion":"{revision}""#);
}

fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // JSON values and strings always serialise, and writing to a vector cannot fail.
    let _ = serde_json::to_writer(out, value);
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
}
