//! How a failure is told: the `Status` object of the Kubernetes API conventions, and the field errors inside it.
//!
//! # Source
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind>

mod field;

pub use field::{FieldError, FieldErrorKind, go_float, go_quote};

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// A request that failed, as the server answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusError(Box<Inner>);

#[derive(Debug, Clone, PartialEq)]
struct Inner {
    code: u16,
    reason: Cow<'static, str>,
    message: String,
    details: Option<Details>,
    /// The `continue` of the metadata; empty for none.
    token: String,
}

/// The `details` of a [`StatusError`]; empty parts are left out of the JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// The object's name.
    pub name: String,
    /// The API group.
    pub group: String,
    /// The kind or, as the real server often has it, the resource.
    pub kind: String,
    /// The object's UID.
    pub uid: String,
    /// One entry for each thing that is wrong.
    pub causes: Vec<Cause>,
    /// Seconds to wait before trying again; also sent as the `Retry-After` header.
    pub retry_after_seconds: u32,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cause {
    /// A machine-readable reason, such as `FieldValueInvalid`.
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// The field in question.
    pub field: String,
}

/// A failed request's result.
pub type Result<T, E = StatusError> = std::result::Result<T, E>;

// === impl StatusError ===

impl StatusError {
    /// A failure with a code, a reason (empty for none) and a message.
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason: reason.into(),
            message: message.into(),
            details: None,
            token: String::new(),
        }))
    }

    /// The object does not exist.
    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        Self::new(
            404,
            "NotFound",
            format!("{} {} not found", qualified(group, resource), go_quote(name)),
        )
        .for_object(group, resource, name)
    }

    /// The path leads to nothing that the server serves.
    pub fn page_not_found() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
        .details(Details::default())
    }

    /// An object of that name exists already.
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        Self::new(
            409,
            "AlreadyExists",
            format!("{} {} already exists", qualified(group, resource), go_quote(name)),
        )
        .for_object(group, resource, name)
    }

    /// The object is not in the state that the request relies on.
    pub fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        Self::new(
            409,
            "Conflict",
            format!(
                "Operation cannot be fulfilled on {} {}: {why}",
                qualified(group, resource),
                go_quote(name)
            ),
        )
        .for_object(group, resource, name)
    }

    /// The request is understood and refused.
    pub fn forbidden(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let what = qualified(group, resource);
        let message = match (resource.is_empty(), name.is_empty()) {
            (true, _) => format!("forbidden: {why}"),
            (_, true) => format!("{what} is forbidden: {why}"),
            _ => format!("{what} {} is forbidden: {why}", go_quote(name)),
        };
        Self::new(403, "Forbidden", message).for_object(group, resource, name)
    }

    /// The object breaks rules of its kind.
    pub fn invalid(group: &str, kind: &str, name: &str, errors: &[FieldError]) -> Self {
        let causes = errors.iter().map(FieldError::cause).collect();
        Self::new(
            422,
            "Invalid",
            format!(
                "{} {} is invalid{}",
                qualified(group, kind),
                go_quote(name),
                aggregate(errors)
            ),
        )
        .details(Details {
            name: name.into(),
            group: group.into(),
            kind: kind.into(),
            causes,
            ..Details::default()
        })
    }

    /// The request itself is malformed.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// The verb is not supported here.
    pub fn method_not_allowed() -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .details(Details::default())
    }

    /// The resource does not have the verb, in the words of custom resources.
    pub(crate) fn not_supported(group: &str, plural: &str, verb: &str) -> Self {
        let qualified = qualified(group, plural);
        let message = format!(
            "{verb} is not supported on resources of kind {}",
            go_quote(&qualified)
        );
        Self::new(405, "MethodNotAllowed", message).details(Details {
            group: group.to_owned(),
            kind: plural.to_owned(),
            ..Details::default()
        })
    }

    /// The requested revision has been compacted away.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// Something inside the server failed.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        let message = message.to_string();
        Self::new(
            500,
            "InternalError",
            format!("Internal error occurred: {message}"),
        )
        .details(Details {
            causes: vec![Cause {
                message,
                ..Cause::default()
            }],
            ..Details::default()
        })
    }

    /// A failure that somebody else tells, with a reason of theirs (empty for none) and the `details` of their status.
    pub(crate) fn relayed(code: u16, reason: &str, message: String, details: &Value) -> Self {
        let text = |of: &Value, field: &str| of[field].as_str().unwrap_or("").to_owned();
        let mut relayed = Self::new(code, "", message);
        relayed.0.reason = reason.to_owned().into();
        if !details.is_object() {
            return relayed;
        }
        let causes = details["causes"].as_array().into_iter().flatten();
        let seconds = details["retryAfterSeconds"].as_u64().unwrap_or(0);
        relayed.details(Details {
            name: text(details, "name"),
            group: text(details, "group"),
            kind: text(details, "kind"),
            uid: text(details, "uid"),
            causes: causes
                .map(|cause| Cause {
                    reason: text(cause, "reason"),
                    message: text(cause, "message"),
                    field: text(cause, "field"),
                })
                .collect(),
            retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }

    /// The same failure with these details.
    pub fn details(mut self, details: Details) -> Self {
        self.0.details = Some(details);
        self
    }

    /// The same failure with a token by which the list can go on.
    pub fn with_continue(mut self, token: String) -> Self {
        self.0.token = token;
        self
    }

    /// The HTTP status code.
    pub fn code(&self) -> u16 {
        self.0.code
    }

    /// The machine-readable reason; empty for none.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The message for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Seconds for the `Retry-After` header.
    pub fn retry_after(&self) -> Option<u32> {
        self.0
            .details
            .as_ref()
            .map(|d| d.retry_after_seconds)
            .filter(|s| *s > 0)
    }

    /// The `Status` object.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("kind".into(), json!("Status"));
        out.insert("apiVersion".into(), json!("v1"));
        let mut metadata = Map::new();
        put(&mut metadata, "continue", &self.0.token);
        out.insert("metadata".into(), Value::Object(metadata));
        out.insert("status".into(), json!("Failure"));
        put(&mut out, "message", &self.0.message);
        put(&mut out, "reason", &self.0.reason);
        if let Some(details) = &self.0.details {
            out.insert("details".into(), details.to_json());
        }
        out.insert("code".into(), json!(self.0.code));
        Value::Object(out)
    }

    fn for_object(self, group: &str, kind: &str, name: &str) -> Self {
        self.details(Details {
            name: name.into(),
            group: group.into(),
            kind: kind.into(),
            ..Details::default()
        })
    }
}

// === impl Details ===

impl Details {
    fn to_json(&self) -> Value {
        let mut out = Map::new();
        put(&mut out, "name", &self.name);
        put(&mut out, "group", &self.group);
        put(&mut out, "kind", &self.kind);
        put(&mut out, "uid", &self.uid);
        if !self.causes.is_empty() {
            out.insert("causes".into(), self.causes.iter().map(Cause::to_json).collect());
        }
        if self.retry_after_seconds > 0 {
            out.insert("retryAfterSeconds".into(), json!(self.retry_after_seconds));
        }
        Value::Object(out)
    }
}

// === impl Cause ===

impl Cause {
    fn to_json(&self) -> Value {
        let mut out = Map::new();
        put(&mut out, "reason", &self.reason);
        put(&mut out, "message", &self.message);
        put(&mut out, "field", &self.field);
        Value::Object(out)
    }
}

/// `resource` in the core group, `resource.group` elsewhere.
pub fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

/// The tail of an `Invalid` message: one error as it is, several in brackets, each said once.
fn aggregate(errors: &[FieldError]) -> String {
    let mut seen: Vec<String> = Vec::new();
    for e in errors {
        let text = e.to_string();
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    match seen.as_slice() {
        [] => String::new(),
        [one] => format!(": {one}"),
        many => format!(": [{}]", many.join(", ")),
    }
}

fn put(out: &mut Map<String, Value>, key: &str, value: &str) {
    if !value.is_empty() {
        out.insert(key.into(), json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_field_errors_are_bracketed_and_said_once() {
        let e = FieldError::required("spec.a", "");
        let f = FieldError::invalid("spec.b", "x y", "no spaces");
        let status = StatusError::invalid("apps", "Deployment", "web", &[e.clone(), f, e]);
        assert_eq!(
            status.message(),
            r#"Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Invalid value: "x y": no spaces]"#
        );
        assert_eq!(status.to_json()["details"]["causes"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn a_missing_object_names_its_resource_and_group() {
        let body = StatusError::not_found("apps", "deployments", "web").to_json();
        assert_eq!(body["message"], r#"deployments.apps "web" not found"#);
        assert_eq!(
            body["details"],
            json!({"name": "web", "group": "apps", "kind": "deployments"})
        );
        assert_eq!(body["code"], 404);
    }
}
