//! Request bodies: which encodings are read, and JSON out of each of them.

use serde_json::Value;

use super::go_json;
use crate::status::{Result, StatusError};

/// The most bytes that a request body may have.
pub(crate) const SIZE_MAX: usize = 3 << 20;

/// Encodings of request bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Yaml,
}

/// The encoding that a `Content-Type` names; nothing at all is JSON.
pub(crate) fn media(content_type: &str) -> Result<Media> {
    match bare(content_type).as_str() {
        "" | "application/json" => Ok(Media::Json),
        "application/yaml" => Ok(Media::Yaml),
        _ => Err(unsupported(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
}

/// The refusal of a body in another encoding than those listed.
pub(crate) fn unsupported(accepted: &str) -> StatusError {
    StatusError::new(
        415,
        "UnsupportedMediaType",
        format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        ),
    )
}

/// The refusal of a body over [`SIZE_MAX`].
pub(crate) fn too_large() -> StatusError {
    StatusError::new(
        413,
        "RequestEntityTooLarge",
        format!("Request entity too large: limit is {SIZE_MAX}"),
    )
}

/// A media type without parameters, in lower case.
pub(crate) fn bare(content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Reads a body of options; a failure says that version and kind cannot be told.
pub(crate) fn json(body: &[u8], content_type: &str) -> Result<Value> {
    let failed =
        |why: String| StatusError::bad_request(format!("couldn't get version/kind; json parse error: {why}"));
    match media(content_type)? {
        Media::Json => go_json::parse(body).map_err(failed),
        Media::Yaml => yaml(body).map_err(failed),
    }
}

/// Reads the first document of a YAML stream; the error is a message.
pub(crate) fn yaml(body: &[u8]) -> std::result::Result<Value, String> {
    let text =
        std::str::from_utf8(body).map_err(|_| "yaml: control characters are not allowed".to_owned())?;
    let text = first_document(text);
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_saphyr::from_str(text).map_err(|e| {
        let what = e.to_string();
        format!("yaml: {}", what.lines().next().unwrap_or_default())
    })
}

/// What stands before the second document.
fn first_document(text: &str) -> &str {
    let mut at = 0;
    let mut begun = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let separator = bare == "---" || bare.starts_with("--- ");
        if separator && begun {
            return &text[..at];
        }
        let blank = bare.is_empty() || bare.starts_with('#') || bare.starts_with('%');
        begun |= !blank && !separator;
        at += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_first_yaml_document_is_read() {
        let read = |text: &str| yaml(text.as_bytes()).unwrap();
        assert_eq!(read("a: 1\n---\nb: 2\n"), json!({"a": 1}));
        assert_eq!(read("---\na: 1\n"), json!({"a": 1}));
        assert_eq!(read("# only a comment\n"), Value::Null);
        assert_eq!(read(""), Value::Null);
    }

    #[test]
    fn parameters_of_a_content_type_do_not_matter() {
        assert_eq!(media("application/json; charset=utf-8").unwrap(), Media::Json);
        assert_eq!(media("").unwrap(), Media::Json);
        assert_eq!(media("text/plain").unwrap_err().code(), 415);
    }
}
