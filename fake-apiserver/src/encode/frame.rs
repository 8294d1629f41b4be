//! The frames of a watch.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::registry::Resource;
use crate::status::StatusError;
use crate::storage::{FrameKey, Stored};
use crate::wire::accept::{Form, MetaVersion};

/// How a watch shows its objects.
#[derive(Debug, Clone)]
pub(crate) struct Frames {
    form: Form,
    /// Tells this rendering from others in the objects' caches.
    key: Arc<str>,
    prefix: Arc<str>,
    api_version: Arc<str>,
}

// === impl Frames ===

impl Frames {
    pub(crate) fn new(resource: &Resource, form: Form) -> Self {
        let key = match form {
            Form::Object => resource.api_version.clone(),
            Form::Metadata(version) | Form::MetadataList(version) | Form::Table(version) => {
                format!("{} as {}", resource.api_version, version.api_version()).into()
            }
        };
        Self {
            form,
            key,
            prefix: resource.prefix.clone(),
            api_version: resource.api_version.clone(),
        }
    }

    /// The frame of an event, shared by all watches that show it alike.
    pub(crate) fn event(&self, kind: &'static str, object: &Stored) -> Bytes {
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
    pub(crate) fn bookmark(&self, resource: &Resource, revision: u64, initial_end: bool) -> Bytes {
        let mut meta = json!({"resourceVersion": revision.to_string()});
        if initial_end {
            meta["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let (kind, api_version, mut object) = match self.form {
            Form::Metadata(version) => ("PartialObjectMetadata", version.api_version(), Map::new()),
            _ => (&*resource.kind, &*self.api_version, resource.strategy.blank()),
        };
        object.insert("kind".into(), kind.into());
        object.insert("apiVersion".into(), api_version.into());
        object.insert("metadata".into(), meta);
        frame("BOOKMARK", Value::Object(object).to_string().as_bytes())
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

/// Whether watches can show their objects in a form.
pub(crate) fn form(form: Form) -> Option<Form> {
    match form {
        // A watch takes the list's name for the object's form.
        Form::MetadataList(version) => Some(Form::Metadata(version)),
        Form::Table(MetaVersion::V1 | MetaVersion::V1Beta1) => None,
        other => Some(other),
    }
}
