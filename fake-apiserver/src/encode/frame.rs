//! The frames of a watch.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::tabular::{Include, Rows};

use crate::registry::Resource;
use crate::status::StatusError;
use crate::storage::{FrameKey, Stored};
use crate::wire::accept::{Form, MetaVersion};

/// How a watch shows its objects.
#[derive(Debug, Clone)]
pub(crate) struct Frames {
    form: Form,
    include: Include,
    /// Whether the columns of a table have been described.
    described: bool,
    /// Tells this rendering from others in the objects' caches.
    key: Arc<str>,
    prefix: Arc<str>,
    api_version: Arc<str>,
}

// === impl Frames ===

impl Frames {
    pub(crate) fn new(resource: &Resource, form: Form, include: Include) -> Self {
        let key = match form {
            Form::Object => resource.api_version.clone(),
            Form::Metadata(version) | Form::MetadataList(version) | Form::Table(version) => {
                format!("{} as {}", resource.api_version, version.api_version()).into()
            }
        };
        Self {
            form,
            include,
            described: false,
            key,
            prefix: resource.prefix.clone(),
            api_version: resource.api_version.clone(),
        }
    }

    /// The frame of an event, shared by all watches that show it alike.
    ///
    /// Tables are not shared: their cells tell ages, and the first one describes the columns.
    pub(crate) fn event(
        &mut self,
        resource: &Resource,
        kind: &'static str,
        object: &Arc<Stored>,
        now: Timestamp,
    ) -> Bytes {
        if let Form::Table(version) = self.form {
            let meta = json!({"resourceVersion": object.revision().to_string()});
            let headers = !std::mem::replace(&mut self.described, true);
            let table = self
                .rows(resource, version, now)
                .table(std::slice::from_ref(object), meta, headers);
            return frame(kind, table.to_string().as_bytes());
        }
        let key = FrameKey {
            event: kind,
            form: self.key.clone(),
        };
        object.frame(&key, || match self.form {
            Form::Metadata(version) => frame(kind, &super::metadata(object, version)),
            _ => frame(kind, &super::concat(&[self.prefix.as_bytes(), object.tail()])),
        })
    }

    /// A bookmark: an empty object at a revision.
    pub(crate) fn bookmark(
        &mut self,
        resource: &Resource,
        revision: u64,
        initial_end: bool,
        now: Timestamp,
    ) -> Bytes {
        let mut meta = json!({"resourceVersion": revision.to_string()});
        if initial_end {
            meta["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let mut object = match self.form {
            Form::Metadata(_) => Map::new(),
            _ => resource.blank(),
        };
        let (kind, api_version) = match self.form {
            Form::Metadata(version) => ("PartialObjectMetadata", version.api_version()),
            _ => (&*resource.kind, &*self.api_version),
        };
        object.insert("kind".into(), kind.into());
        object.insert("apiVersion".into(), api_version.into());
        object.insert("metadata".into(), meta.clone());
        let mut object = Value::Object(object);
        if let Form::Table(version) = self.form {
            let headers = !std::mem::replace(&mut self.described, true);
            let meta = json!({"resourceVersion": revision.to_string()});
            object = self.rows(resource, version, now).blank(object, meta, headers);
        }
        frame("BOOKMARK", object.to_string().as_bytes())
    }

    fn rows<'r>(&self, resource: &'r Resource, version: MetaVersion, now: Timestamp) -> Rows<'r> {
        Rows {
            resource,
            version,
            include: self.include,
            now,
        }
    }
}

/// The frame of a failure, after which a watch ends.
pub(crate) fn error(error: &StatusError) -> Bytes {
    frame("ERROR", error.to_json().to_string().as_bytes())
}

fn frame(kind: &str, object: &[u8]) -> Bytes {
    super::concat(&[
        b"{\"type\":\"",
        kind.as_bytes(),
        b"\",\"object\":",
        object,
        b"}\n",
    ])
}

/// The form of a watch's objects: it takes a list's name for the object's form.
pub(crate) fn form(form: Form) -> Form {
    match form {
        Form::MetadataList(version) => Form::Metadata(version),
        other => other,
    }
}
