//! Request bodies into objects.

use serde_json::{Map, Value};

use super::Context;
use crate::status::{Result, StatusError, go_quote};
use crate::wire::{body, go_json};

/// Reads an object of the resource's kind, without its type.
pub(super) fn object(cx: &mut Context<'_>, bytes: &[u8], content_type: &str) -> Result<Map<String, Value>> {
    let kind = cx.resource.kind.to_string();
    let unrecognised = |why: String| {
        StatusError::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why} ({})",
            excerpt(bytes)
        ))
    };
    let value = match body::media(content_type)? {
        body::Media::Json => go_json::parse(bytes)
            .map_err(|e| unrecognised(format!("couldn't get version/kind; json parse error: {e}")))?,
        body::Media::Yaml => body::yaml(bytes).map_err(unrecognised)?,
    };
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        other => {
            let why = go_json::no_type_meta(&other);
            return Err(unrecognised(format!(
                "couldn't get version/kind; json parse error: {why}"
            )));
        }
    };
    let text = |field: &str| -> Result<String> {
        match fields.get(field) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(s)) => Ok(s.clone()),
            Some(other) => Err(unrecognised(format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go struct field .{field} \
                 of type string",
                go_json::type_name(other)
            ))),
        }
    };
    let (api_version, given) = (text("apiVersion")?, text("kind")?);
    if api_version.matches('/').count() > 1 {
        return Err(unrecognised(format!(
            "unexpected GroupVersion string: {api_version}"
        )));
    }
    let api_version = if api_version.is_empty() {
        cx.resource.api_version.to_string()
    } else {
        api_version
    };
    if !given.is_empty() && *given != *cx.resource.kind {
        return Err(StatusError::bad_request(format!(
            "{given} in version {} cannot be handled as a {kind}: no kind {} is registered for version {} in scheme \
             \"pkg/api/legacyscheme/scheme.go:30\"",
            go_quote(&cx.resource.version),
            go_quote(&given),
            go_quote(&api_version),
        )));
    }
    if *api_version != *cx.resource.api_version {
        return Err(StatusError::bad_request(format!(
            "the API version in the data ({api_version}) does not match the expected API version ({})",
            cx.resource.api_version
        )));
    }
    fields.remove("apiVersion");
    fields.remove("kind");
    match fields.get("metadata") {
        None | Some(Value::Null) => {
            fields.insert("metadata".into(), Value::Object(Map::new()));
        }
        Some(Value::Object(_)) => {}
        Some(other) => {
            return Err(StatusError::bad_request(format!(
                "{kind} in version {} cannot be handled as a {kind}: json: cannot unmarshal {} into Go struct field \
                 {kind}.metadata of type v1.ObjectMeta",
                go_quote(&cx.resource.version),
                go_json::type_name(other)
            )));
        }
    }
    Ok(fields)
}

/// The start of a body as messages quote it: text where it is an object, else hexadecimal.
fn excerpt(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "<empty>".to_owned();
    }
    let (cut, dots) = if bytes.len() > 30 {
        (&bytes[..30], " ...")
    } else {
        (bytes, "")
    };
    if bytes[0] == b'{' {
        return format!("{}{dots}", String::from_utf8_lossy(cut));
    }
    let hex: String = cut.iter().map(|b| format!("{b:02x}")).collect();
    format!("{hex}{dots}")
}
