//! Request bodies: which encodings are read, and JSON out of each of them.

use serde_json::Value;

use super::{go_json, yaml};
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
        Media::Yaml => yaml::read(body).map(|document| document.value).map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_content_type_do_not_matter() {
        assert_eq!(media("application/json; charset=utf-8").unwrap(), Media::Json);
        assert_eq!(media("").unwrap(), Media::Json);
        assert_eq!(media("text/plain").unwrap_err().code(), 415);
    }
}
