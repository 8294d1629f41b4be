//! What goes back to the client: objects, lists, watch frames and failures, in the form and encoding agreed on.
//!
//! **Invariant:** an object's own JSON is written once, by [`Stored::tail`]; everything here puts something around it.

pub(crate) mod frame;
mod go_order;
mod list;
pub(crate) mod table;
mod tabular;
mod yaml;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use smallvec::SmallVec;
use tabular::Rows;

pub(crate) use list::{Chunks, ListMeta};
pub(crate) use tabular::{CREATED, Include};

use crate::registry::Resource;
use crate::status::{Result, StatusError};
use crate::storage::Stored;
use crate::wire::accept::{Accepted, Encoding, Form, MetaVersion, not_acceptable};

/// How an answer is to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) accepted: Accepted,
    /// `includeObject`, as it was given.
    pub(crate) include: &'a str,
    pub(crate) now: Timestamp,
}

/// What an answer holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// All of it.
    Whole(Bytes),
    /// A long list.
    List(Box<Chunks>),
}

/// A complete answer, but for the warnings.
#[derive(Debug)]
pub(crate) struct Answer {
    code: StatusCode,
    content_type: Option<HeaderValue>,
    body: Content,
    headers: HeaderMap,
}

// === impl View ===

impl View<'_> {
    /// How objects become rows of a table.
    fn rows<'r>(&self, resource: &'r Resource, version: MetaVersion) -> Result<Rows<'r>> {
        Ok(Rows {
            resource,
            version,
            include: Include::parse(self.include)?,
            now: self.now,
        })
    }
}

// === impl Answer ===

impl Answer {
    /// An object.
    pub(crate) fn object(
        code: StatusCode,
        resource: &Resource,
        stored: Arc<Stored>,
        view: View<'_>,
    ) -> Result<Self> {
        if resource.custom && stored.value()["items"].is_array() {
            // The real server takes it for a list of a type that has none.
            let why = format!(
                "{} is not a list: no Items field in this object",
                resource.go_type(false)
            );
            return Err(StatusError::new(500, "", why));
        }
        let body = match view.accepted.form {
            Form::Object => concat(&[resource.prefix.as_bytes(), stored.tail()]),
            Form::Metadata(version) => metadata(&stored, version),
            Form::MetadataList(_) => {
                return Err(not_acceptable(format!(
                    "you requested PartialObjectMetadataList, but the requested object is not a list ({})",
                    resource.go_type(false)
                )));
            }
            Form::Table(version) => {
                let meta = ListMeta {
                    revision: stored.revision(),
                    ..ListMeta::default()
                };
                let table = view
                    .rows(resource, version)?
                    .table(&[stored], meta.to_json(false), true);
                table.to_string().into()
            }
        };
        Ok(Self::encoded(code, body, view.accepted))
    }

    /// The scale of a resource.
    pub(crate) fn scale(scale: Value, resource: &Resource, view: View<'_>) -> Result<Self> {
        let shown = match view.accepted.form {
            Form::Table(version) => view.rows(resource, version)?.scale(scale),
            _ => scale,
        };
        Ok(Self::value(StatusCode::OK, &shown, view.accepted))
    }

    /// A list.
    pub(crate) fn list(
        resource: &Resource,
        items: Vec<Arc<Stored>>,
        meta: &ListMeta,
        view: View<'_>,
    ) -> Result<Self> {
        let body = match view.accepted.form {
            Form::Object => {
                let chunks = Chunks::new(resource, items, meta);
                let plain = view.accepted.encoding == Encoding::Json && !view.accepted.pretty;
                if plain && !chunks.is_short() {
                    return Ok(Self {
                        code: StatusCode::OK,
                        content_type: Some(HeaderValue::from_static("application/json")),
                        body: Content::List(Box::new(chunks)),
                        headers: HeaderMap::new(),
                    });
                }
                chunks.rest()
            }
            Form::MetadataList(version) => list::metadata(&items, meta, version),
            Form::Metadata(_) => {
                return Err(not_acceptable(format!(
                    "you requested PartialObjectMetadata, but the requested object is a list ({})",
                    resource.go_type(true)
                )));
            }
            Form::Table(version) => {
                let table = view
                    .rows(resource, version)?
                    .table(&items, meta.to_json(false), true);
                table.to_string().into()
            }
        };
        Ok(Self::encoded(StatusCode::OK, body, view.accepted))
    }

    /// Any other JSON value, such as a `Status`.
    pub(crate) fn value(code: StatusCode, value: &Value, accepted: Accepted) -> Self {
        Self::encoded(code, value.to_string().into(), accepted)
    }

    /// Plain text.
    pub(crate) fn text(code: u16, text: &'static str) -> Self {
        Self {
            code: StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            content_type: Some(HeaderValue::from_static("text/plain; charset=utf-8")),
            body: Content::Whole(Bytes::from_static(text.as_bytes())),
            headers: HeaderMap::new(),
        }
    }

    /// No body.
    pub(crate) fn empty(code: StatusCode) -> Self {
        Self::raw(code, Bytes::new())
    }

    /// Bytes as they are; their type comes with [`Answer::with_headers`].
    pub(crate) fn raw(code: StatusCode, body: Bytes) -> Self {
        Self {
            code,
            content_type: None,
            body: Content::Whole(body),
            headers: HeaderMap::new(),
        }
    }

    /// The same answer with these headers; what is no header's value is left out.
    pub(crate) fn with_headers(mut self, headers: &[(&'static str, String)]) -> Self {
        for (name, value) in headers {
            let name = name.parse::<HeaderName>();
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                if name == CONTENT_TYPE {
                    self.content_type = Some(value);
                } else {
                    self.headers.append(name, value);
                }
            }
        }
        self
    }

    /// The response, with the warnings.
    pub(crate) fn into_response(self, warnings: &[String]) -> Response<Content> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.code;
        *response.headers_mut() = self.headers;
        if let Some(content_type) = self.content_type {
            response.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        add_warnings(response.headers_mut(), warnings);
        response
    }

    fn encoded(code: StatusCode, json: Bytes, accepted: Accepted) -> Self {
        // Objects may be nested deeper than serde_json reads by itself.
        let reread = |json: &Bytes| crate::schema::json::parse(json).unwrap_or_default();
        let (content_type, body) = match accepted.encoding {
            Encoding::Json if accepted.pretty => {
                let pretty = serde_json::to_vec_pretty(&reread(&json)).unwrap_or_default();
                ("application/json", pretty.into())
            }
            Encoding::Json => ("application/json", json),
            Encoding::Yaml => ("application/yaml", yaml::write(&reread(&json)).into()),
        };
        Self {
            code,
            content_type: Some(HeaderValue::from_static(content_type)),
            body: Content::Whole(body),
            headers: HeaderMap::new(),
        }
    }
}

/// The answer to a request that failed.
pub(crate) fn error(error: &StatusError, encoding: Encoding, warnings: &[String]) -> Response<Content> {
    let accepted = Accepted {
        encoding,
        ..Accepted::default()
    };
    let code = StatusCode::from_u16(error.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Answer::value(code, &error.to_json(), accepted).into_response(warnings);
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The `Status` of a deletion.
pub(crate) fn deleted(resource: &Resource, name: &str, uid: &str) -> Value {
    let mut details = json!({"name": name, "kind": &*resource.plural, "uid": uid});
    if !resource.group.is_empty() {
        details["group"] = json!(&*resource.group);
    }
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
}

/// Adds `Warning` headers in the form that apimachinery gives them.
pub(crate) fn add_warnings(headers: &mut HeaderMap, warnings: &[String]) {
    const WARNING: HeaderName = HeaderName::from_static("warning");
    for warning in warnings {
        let quoted = warning.replace('\\', r"\\").replace('"', r#"\""#);
        if let Ok(value) = HeaderValue::from_bytes(format!("299 - \"{quoted}\"").as_bytes()) {
            headers.append(WARNING, value);
        }
    }
}

/// A label selector in its text form; empty where it names no label.
pub(crate) fn label_selector(selector: &Value) -> String {
    table::selector_text(selector)
}

/// An object as Go would print it: `metadata` in the order of its struct's fields.
///
/// Messages about patches quote objects in that order.
pub(crate) fn go_order(object: &Value) -> String {
    let fields = object.as_object().into_iter().flatten();
    in_go_order(fields.map(|(name, field)| (name.as_str(), field)), None, true)
}

/// A stored object in that order, with or without its managed fields.
///
/// All of it comes in the order of its types where the managed fields do, as that text is quoted; without them the order
/// inside of the fields does not matter.
pub(crate) fn stored_in_go_order(stored: &Stored, resource: &Resource, entries: bool) -> String {
    if entries {
        let mut object = stored.shown();
        object["apiVersion"] = Value::from(&*resource.api_version);
        object["kind"] = Value::from(&*resource.kind);
        return match resource.node() {
            Some((schema, node)) => go_order::write(schema, node, &object),
            // Without a type, fields are sorted.
            None => object.to_string(),
        };
    }
    let kind = Value::from(&*resource.kind);
    let api_version = Value::from(&*resource.api_version);
    let version = Value::from(stored.revision().to_string());
    let fields = stored.value().as_object().into_iter().flatten();
    let mut fields: Vec<(&str, &Value)> = fields.map(|(name, field)| (name.as_str(), field)).collect();
    fields.extend([("apiVersion", &api_version), ("kind", &kind)]);
    fields.sort_unstable_by_key(|(name, _)| *name);
    in_go_order(fields.into_iter(), Some(&version), entries)
}

fn in_go_order<'v>(
    fields: impl Iterator<Item = (&'v str, &'v Value)>,
    version: Option<&'v Value>,
    entries: bool,
) -> String {
    const META: [&str; 15] = [
        "name",
        "generateName",
        "namespace",
        "selfLink",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "labels",
        "annotations",
        "ownerReferences",
        "finalizers",
        "managedFields",
    ];
    const ENTRY: [&str; 7] = [
        "manager",
        "operation",
        "apiVersion",
        "time",
        "fieldsType",
        "fieldsV1",
        "subresource",
    ];
    let mut out = Vec::with_capacity(1024);
    out.push(b'{');
    for (i, (name, field)) in fields.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        put(&mut out, name);
        out.push(b':');
        if name != "metadata" {
            put(&mut out, field);
            continue;
        }
        let fields = field.as_object().into_iter().flatten();
        let shown = fields
            .filter(|(name, _)| entries || *name != "managedFields")
            .map(|(name, field)| (name.as_str(), field))
            .chain(version.map(|version| ("resourceVersion", version)));
        ordered(&mut out, &META, shown, |out, name, field| match field {
            Value::Array(entries) if name == "managedFields" => {
                out.push(b'[');
                for (i, entry) in entries.iter().enumerate() {
                    out.extend_from_slice(if i == 0 { b"" } else { b"," });
                    let fields = entry.as_object().into_iter().flatten();
                    let fields = fields.map(|(name, field)| (name.as_str(), field));
                    ordered(out, &ENTRY, fields, |out, _, field| put(out, field));
                }
                out.push(b']');
            }
            other => put(out, other),
        });
    }
    out.push(b'}');
    // The parts are JSON, which is UTF-8, so nothing is replaced.
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Writes an object with its fields in that order, and without others.
fn ordered<'v>(
    out: &mut Vec<u8>,
    order: &[&str],
    fields: impl Iterator<Item = (&'v str, &'v Value)>,
    each: impl Fn(&mut Vec<u8>, &str, &Value),
) {
    let place = |name: &str| order.iter().position(|known| *known == name);
    let mut fields: SmallVec<[_; 16]> = fields.filter_map(|(n, v)| Some((place(n)?, n, v))).collect();
    fields.sort_unstable_by_key(|(place, ..)| *place);
    out.push(b'{');
    for (i, (_, name, field)) in fields.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        put(out, name);
        out.push(b':');
        each(out, name, field);
    }
    out.push(b'}');
}

fn put<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // JSON values and strings always serialise, and writing to a vector cannot fail.
    let _ = serde_json::to_writer(out, value);
}

/// An object's metadata as an object of its own.
fn metadata(stored: &Stored, version: MetaVersion) -> Bytes {
    let start = format!(
        r#"{{"apiVersion":"{}","kind":"PartialObjectMetadata""#,
        version.api_version()
    );
    match stored.metadata_json() {
        Some(metadata) => concat(&[start.as_bytes(), br#","metadata":"#, &metadata, b"}"]),
        None => concat(&[start.as_bytes(), b"}"]),
    }
}

fn concat(parts: &[&[u8]]) -> Bytes {
    parts.concat().into()
}
