//! The server's `Status`: the answer that is no object.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize};

use super::metadata::ListMeta;

/// The words that say why a request failed.
///
/// They stand in [`Status::reason`]. A status may have none, or one that is not in this list; the questions of [`Status`] then ask its code.
pub mod reason {
    /// No reason is given.
    pub const UNKNOWN: &str = "";
    /// 401: who are you?
    pub const UNAUTHORIZED: &str = "Unauthorized";
    /// 403: you may not.
    pub const FORBIDDEN: &str = "Forbidden";
    /// 404: the object, or the whole resource, is not there.
    pub const NOT_FOUND: &str = "NotFound";
    /// 409: there is an object of this name already.
    pub const ALREADY_EXISTS: &str = "AlreadyExists";
    /// 409: the object has changed since it was read, or somebody else owns the field.
    pub const CONFLICT: &str = "Conflict";
    /// 410: the object is gone and it is not known where to.
    pub const GONE: &str = "Gone";
    /// 422: the object breaks rules of its kind.
    pub const INVALID: &str = "Invalid";
    /// 500: the server could not do it in reasonable time; a write may have been done.
    pub const SERVER_TIMEOUT: &str = "ServerTimeout";
    /// 500: the stored object cannot be read.
    pub const STORAGE_READ_ERROR: &str = "StorageReadError";
    /// 504: it was not done in time, and may yet be done.
    pub const TIMEOUT: &str = "Timeout";
    /// 429: slow down.
    pub const TOO_MANY_REQUESTS: &str = "TooManyRequests";
    /// 400: the request makes no sense.
    pub const BAD_REQUEST: &str = "BadRequest";
    /// 405: the resource does not know the verb.
    pub const METHOD_NOT_ALLOWED: &str = "MethodNotAllowed";
    /// 406: none of the accepted formats can be had.
    pub const NOT_ACCEPTABLE: &str = "NotAcceptable";
    /// 413: the body is too large.
    pub const REQUEST_ENTITY_TOO_LARGE: &str = "RequestEntityTooLarge";
    /// 415: the format of the body is not known.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "UnsupportedMediaType";
    /// 500: a fault of the server.
    pub const INTERNAL_ERROR: &str = "InternalError";
    /// 410: the resource version or continue token is too old.
    pub const EXPIRED: &str = "Expired";
    /// 503: the server does not take requests now.
    pub const SERVICE_UNAVAILABLE: &str = "ServiceUnavailable";

    /// Whether the word is one of this list (and not empty).
    pub fn is_known(reason: &str) -> bool {
        matches!(
            reason,
            UNAUTHORIZED
                | FORBIDDEN
                | NOT_FOUND
                | ALREADY_EXISTS
                | CONFLICT
                | GONE
                | INVALID
                | SERVER_TIMEOUT
                | STORAGE_READ_ERROR
                | TIMEOUT
                | TOO_MANY_REQUESTS
                | BAD_REQUEST
                | METHOD_NOT_ALLOWED
                | NOT_ACCEPTABLE
                | REQUEST_ENTITY_TOO_LARGE
                | UNSUPPORTED_MEDIA_TYPE
                | INTERNAL_ERROR
                | EXPIRED
                | SERVICE_UNAVAILABLE
        )
    }
}

/// What the server answers where it has no object to answer with: mostly, why it refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Whether it went well.
    #[serde(
        default,
        deserialize_with = "summary",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<StatusSummary>,
    /// The HTTP status code; 0 if unknown.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub code: u16,
    /// What happened, for people.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub message: String,
    /// The metadata: a refused page may carry a continue token here to go on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ListMeta>,
    /// What happened, for programs: one of [`reason`]'s words.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub reason: String,
    /// Which object it was about, and the details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<StatusDetails>,
}

/// Whether it went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusSummary {
    /// It did.
    Success,
    /// It did not.
    Failure,
}

/// Which object a status is about, and the details.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusDetails {
    /// The name of the object.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub name: String,
    /// The group of the object.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub group: String,
    /// The kind of the object; in truth, most servers put the resource's plural here.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub kind: String,
    /// The UID of the object.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub uid: String,
    /// What was wrong, point by point.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub causes: Vec<StatusCause>,
    /// After how many seconds to try again; 0 if the server does not say.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub retry_after_seconds: u32,
}

/// One point that was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusCause {
    /// What, for programs: `FieldValueRequired`, for example.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub reason: String,
    /// What, for people.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub message: String,
    /// Where: `spec.containers[0].image`, for example.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub field: String,
}

// === impl Status ===

impl Status {
    /// It went well.
    pub fn success() -> Self {
        Self {
            status: Some(StatusSummary::Success),
            ..Self::default()
        }
    }

    /// It failed: what to tell people, and one of [`reason`]'s words.
    pub fn failure(message: &str, reason: &str) -> Self {
        Self {
            status: Some(StatusSummary::Failure),
            message: message.to_owned(),
            reason: reason.to_owned(),
            ..Self::default()
        }
    }

    /// Sets the HTTP status code.
    #[must_use]
    pub fn with_code(mut self, code: u16) -> Self {
        self.code = code;
        self
    }

    /// Sets the details.
    #[must_use]
    pub fn with_details(mut self, details: StatusDetails) -> Self {
        self.details = Some(details);
        self
    }

    /// Boxes it, as errors carry it.
    pub fn boxed(self) -> Box<Self> {
        Box::new(self)
    }

    /// Whether it says that it went well.
    pub fn is_success(&self) -> bool {
        self.status == Some(StatusSummary::Success)
    }

    /// Whether it says that it failed.
    pub fn is_failure(&self) -> bool {
        self.status == Some(StatusSummary::Failure)
    }

    /// The object or its whole resource is not there (404).
    pub fn is_not_found(&self) -> bool {
        self.is(reason::NOT_FOUND, 404)
    }

    /// An object of this name is there already.
    ///
    /// It shares its code with conflicts, so that only the reason tells.
    pub fn is_already_exists(&self) -> bool {
        self.reason == reason::ALREADY_EXISTS
    }

    /// The object has changed since it was read, or another manager owns the field (409).
    pub fn is_conflict(&self) -> bool {
        self.is(reason::CONFLICT, 409)
    }

    /// The caller may not (403).
    pub fn is_forbidden(&self) -> bool {
        self.is(reason::FORBIDDEN, 403)
    }

    /// The object breaks rules of its kind (422).
    pub fn is_invalid(&self) -> bool {
        self.is(reason::INVALID, 422)
    }

    /// The server does not know who the caller is (401).
    pub fn is_unauthorized(&self) -> bool {
        self.is(reason::UNAUTHORIZED, 401)
    }

    /// The request makes no sense (400).
    pub fn is_bad_request(&self) -> bool {
        self.is(reason::BAD_REQUEST, 400)
    }

    /// The resource does not know the verb (405).
    pub fn is_method_not_allowed(&self) -> bool {
        self.is(reason::METHOD_NOT_ALLOWED, 405)
    }

    /// None of the accepted formats can be had (406).
    pub fn is_not_acceptable(&self) -> bool {
        self.is(reason::NOT_ACCEPTABLE, 406)
    }

    /// The body is too large (413).
    pub fn is_request_entity_too_large(&self) -> bool {
        self.is(reason::REQUEST_ENTITY_TOO_LARGE, 413)
    }

    /// The format of the body is not known (415).
    pub fn is_unsupported_media_type(&self) -> bool {
        self.is(reason::UNSUPPORTED_MEDIA_TYPE, 415)
    }

    /// The resource version or the continue token is too old: list again.
    ///
    /// True for the reason `Expired`, for `Gone`, which older servers say in a watch's error event, and for a bare 410.
    pub fn is_expired(&self) -> bool {
        matches!(self.reason.as_str(), reason::EXPIRED | reason::GONE) || self.is_bare(410)
    }

    /// The object is gone, and the server does not know where to.
    ///
    /// For versions and tokens that are too old, ask [`Self::is_expired`].
    pub fn is_gone(&self) -> bool {
        self.is(reason::GONE, 410)
    }

    /// The caller should slow down (429).
    pub fn is_too_many_requests(&self) -> bool {
        self.is(reason::TOO_MANY_REQUESTS, 429)
    }

    /// It was not done in time (504); a write may yet be done.
    pub fn is_timeout(&self) -> bool {
        self.is(reason::TIMEOUT, 504)
    }

    /// The server could not do it in reasonable time; a write may have been done.
    ///
    /// It shares its code with faults of the server, so that only the reason tells.
    pub fn is_server_timeout(&self) -> bool {
        self.reason == reason::SERVER_TIMEOUT
    }

    /// The server does not take requests now (503).
    pub fn is_service_unavailable(&self) -> bool {
        self.is(reason::SERVICE_UNAVAILABLE, 503)
    }

    /// A fault of the server (500).
    pub fn is_internal_error(&self) -> bool {
        self.is(reason::INTERNAL_ERROR, 500)
    }

    /// How long the server asks to wait before the next try; `None` if it does not ask.
    pub fn retry_after(&self) -> Option<Duration> {
        let secs = self.details.as_ref()?.retry_after_seconds;
        (secs > 0).then(|| Duration::from_secs(secs.into()))
    }

    /// The reason decides; the code does where the reason is none or one that nobody knows.
    fn is(&self, reason: &str, code: u16) -> bool {
        self.reason == reason || self.is_bare(code)
    }

    fn is_bare(&self, code: u16) -> bool {
        self.code == code && !reason::is_known(&self.reason)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.message.as_str(), self.reason.as_str()) {
            ("", "") if self.is_success() => f.write_str("success")?,
            ("", "") => f.write_str("no message")?,
            ("", reason) => f.write_str(reason)?,
            (message, "") => f.write_str(message)?,
            (message, reason) => write!(f, "{message}: {reason}")?,
        }
        match self.code {
            0 => Ok(()),
            code => write!(f, " ({code})"),
        }
    }
}

impl std::error::Error for Status {}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn null_as_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A word that nobody knows says as little as none: a status must stay readable.
fn summary<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StatusSummary>, D::Error> {
    Ok(match Option::<String>::deserialize(deserializer)?.as_deref() {
        Some("Success") => Some(StatusSummary::Success),
        Some("Failure") => Some(StatusSummary::Failure),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statuses_read_what_servers_write() {
        let wire = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 404,
            "message": "pods \"a\" not found", "reason": "NotFound", "details": {"name": "a", "kind": "pods"},
        });
        let status: Status = serde_json::from_value(wire).unwrap();
        assert!(status.is_failure() && status.is_not_found() && !status.is_success());
        assert_eq!(status.to_string(), "pods \"a\" not found: NotFound (404)");
        assert_eq!(status.details.as_ref().unwrap().name, "a");
        assert_eq!(status.retry_after(), None);
        let nulls = json!({"status": null, "code": null, "message": null, "reason": null, "details": {"causes": null}});
        assert_eq!(
            serde_json::from_value::<Status>(nulls).unwrap(),
            Status::default().with_details(StatusDetails::default())
        );
        assert_eq!(
            serde_json::from_value::<Status>(json!({"status": "Perhaps"})).unwrap(),
            Status::default()
        );
    }

    #[test]
    fn the_reason_decides_and_the_code_where_there_is_none() {
        let bare = |code| Status::failure("", "").with_code(code);
        let odd = |code| Status::failure("", "SomethingElse").with_code(code);
        assert!(bare(404).is_not_found() && odd(404).is_not_found());
        assert!(
            bare(409).is_conflict() && !Status::failure("", "AlreadyExists").with_code(409).is_conflict()
        );
        assert!(
            Status::failure("", "AlreadyExists")
                .with_code(409)
                .is_already_exists()
        );
        assert!(!Status::failure("", "Conflict").with_code(404).is_not_found());
        assert!(bare(410).is_expired() && Status::failure("", "Expired").is_expired());
        assert!(
            Status::failure("too old resource version", "Gone")
                .with_code(410)
                .is_expired()
        );
        assert!(
            bare(429).is_too_many_requests() && bare(504).is_timeout() && bare(503).is_service_unavailable()
        );
        assert!(bare(401).is_unauthorized() && bare(403).is_forbidden() && bare(422).is_invalid());
        assert!(
            Status::failure("", "ServerTimeout")
                .with_code(500)
                .is_server_timeout()
        );
        assert!(
            !Status::failure("", "ServerTimeout")
                .with_code(500)
                .is_internal_error()
        );
        assert!(!reason::is_known(reason::UNKNOWN) && reason::is_known(reason::EXPIRED));
    }

    #[test]
    fn waiting_is_asked_for_in_the_details() {
        let details = StatusDetails {
            retry_after_seconds: 3,
            ..Default::default()
        };
        assert_eq!(
            Status::failure("slow", "TooManyRequests")
                .with_details(details)
                .retry_after(),
            Some(Duration::from_secs(3))
        );
    }

    #[test]
    fn statuses_write_what_they_say_and_no_more() {
        assert_eq!(
            serde_json::to_value(Status::success()).unwrap(),
            json!({"status": "Success"})
        );
        assert_eq!(Status::success().to_string(), "success");
        assert_eq!(Status::default().to_string(), "no message");
    }
}
