//! The options of each verb: read from the query or the body, and checked as `meta.k8s.io` checks them.

use serde_json::{Map, Value};

use super::query::Query;
use super::{body, go_json};
use crate::status::{FieldError, FieldErrorKind, Result, StatusError, go_quote};

/// The options of lists and watches.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListOptions {
    pub(crate) label_selector: String,
    pub(crate) field_selector: String,
    pub(crate) watch: bool,
    pub(crate) bookmarks: bool,
    pub(crate) version: String,
    pub(crate) version_match: String,
    pub(crate) timeout_seconds: Option<i64>,
    pub(crate) limit: i64,
    pub(crate) token: String,
    pub(crate) initial_events: Option<bool>,
}

/// The options of creates, updates and patches.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriteOptions {
    pub(crate) dry_run: bool,
    pub(crate) manager: String,
    pub(crate) validation: FieldValidation,
    pub(crate) force: Option<bool>,
}

/// What becomes of unknown and duplicate fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    Ignore,
    #[default]
    Warn,
    Strict,
}

/// The options of deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DeleteOptions {
    pub(crate) grace: Option<i64>,
    pub(crate) uid: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) orphan: Option<bool>,
    pub(crate) propagation: Option<String>,
    pub(crate) dry_run: bool,
}

/// Which options a [`WriteOptions`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Update,
    /// `true` for server-side apply.
    Patch(bool),
}

// === impl ListOptions ===

impl ListOptions {
    /// Reads the query; numbers must be numbers.
    pub(crate) fn parse(query: &Query) -> Result<Self> {
        Ok(Self {
            label_selector: query.text("labelSelector").into(),
            field_selector: query.text("fieldSelector").into(),
            watch: query.flag("watch").unwrap_or(false),
            bookmarks: query.flag("allowWatchBookmarks").unwrap_or(false),
            version: query.text("resourceVersion").into(),
            version_match: query.text("resourceVersionMatch").into(),
            timeout_seconds: query.int("timeoutSeconds")?,
            limit: query.int("limit")?.unwrap_or(0),
            token: query.text("continue").into(),
            initial_events: query.flag("sendInitialEvents"),
        })
    }

    /// Fills in what a watch without a version means, and checks the combination.
    pub(crate) fn check(&mut self) -> Result<()> {
        if self.watch
            && self.initial_events.is_none()
            && self.version_match.is_empty()
            && matches!(self.version.as_str(), "" | "0")
        {
            self.initial_events = Some(true);
            self.version_match = "NotOlderThan".into();
        }
        let errors = if self.watch {
            self.watch_errors()
        } else {
            self.list_errors()
        };
        invalid("ListOptions", errors)
    }

    fn list_errors(&self) -> Vec<FieldError> {
        let forbid = |why: &str| FieldError::forbidden("resourceVersionMatch", why);
        let mut errors = Vec::new();
        let kind = self.version_match.as_str();
        if !kind.is_empty() {
            if self.version.is_empty() {
                errors.push(forbid(
                    "resourceVersionMatch is forbidden unless resourceVersion is provided",
                ));
            }
            if !self.token.is_empty() {
                errors.push(forbid(
                    "resourceVersionMatch is forbidden when continue is provided",
                ));
            }
            if !matches!(kind, "Exact" | "NotOlderThan") {
                let known = ["Exact", "NotOlderThan", ""];
                errors.push(FieldError::not_supported("resourceVersionMatch", kind, &known));
            }
            if kind == "Exact" && self.version == "0" {
                errors.push(forbid(
                    r#"resourceVersionMatch "exact" is forbidden for resourceVersion "0""#,
                ));
            }
        }
        if self.initial_events.is_some() {
            errors.push(FieldError::forbidden(
                "sendInitialEvents",
                "sendInitialEvents is forbidden for list",
            ));
        }
        errors
    }

    fn watch_errors(&self) -> Vec<FieldError> {
        let forbid = |why: &str| FieldError::forbidden("resourceVersionMatch", why);
        let mut errors = Vec::new();
        let kind = self.version_match.as_str();
        if self.initial_events.is_some() && kind != "NotOlderThan" {
            errors.push(forbid(
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            ));
        }
        if !kind.is_empty() {
            if self.initial_events.is_none() {
                errors.push(forbid(
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                ));
            }
            if kind != "NotOlderThan" {
                errors.push(FieldError::not_supported(
                    "resourceVersionMatch",
                    kind,
                    &["NotOlderThan"],
                ));
            }
            if !self.token.is_empty() {
                errors.push(forbid(
                    "resourceVersionMatch is forbidden when continue is provided",
                ));
            }
        }
        errors
    }
}

// === impl WriteOptions ===

impl WriteOptions {
    /// Reads and checks the query; the manager falls back on the user agent.
    pub(crate) fn parse(query: &Query, what: Write, user_agent: &str) -> Result<Self> {
        let mut errors = Vec::new();
        let manager = query.text("fieldManager");
        let force = query.flag("force");
        let kind = match what {
            Write::Create => "CreateOptions",
            Write::Update => "UpdateOptions",
            Write::Patch(apply) => {
                if apply && manager.is_empty() {
                    errors.push(FieldError::required(
                        "fieldManager",
                        "is required for apply patch",
                    ));
                }
                if !apply && force.is_some() {
                    errors.push(FieldError::forbidden(
                        "force",
                        "may not be specified for non-apply patch",
                    ));
                }
                "PatchOptions"
            }
        };
        errors.extend(manager_errors(manager));
        let dry_run = dry_run(&query.all("dryRun"), &mut errors);
        let validation = match query.text("fieldValidation") {
            "" | "Warn" => FieldValidation::Warn,
            "Ignore" => FieldValidation::Ignore,
            "Strict" => FieldValidation::Strict,
            other => {
                let known = ["", "Ignore", "Strict", "Warn"];
                errors.push(FieldError::not_supported("fieldValidation", other, &known));
                FieldValidation::Warn
            }
        };
        invalid(kind, errors)?;
        Ok(Self {
            dry_run,
            manager: if manager.is_empty() {
                manager_of(user_agent)
            } else {
                manager.to_owned()
            },
            validation,
            force,
        })
    }
}

// === impl DeleteOptions ===

impl DeleteOptions {
    /// Reads the options from the body or, where that is empty, from the query.
    pub(crate) fn parse(query: &Query, body: &[u8], content_type: &str) -> Result<Self> {
        let mut errors = Vec::new();
        let options = if body.is_empty() {
            Self {
                grace: query.int("gracePeriodSeconds")?,
                uid: query.get("uid").filter(|u| !u.is_empty()).map(str::to_owned),
                version: query
                    .get("resourceVersion")
                    .filter(|v| !v.is_empty())
                    .map(str::to_owned),
                orphan: query.flag("orphanDependents"),
                propagation: query.get("propagationPolicy").map(str::to_owned),
                dry_run: dry_run(&query.all("dryRun"), &mut Vec::new()),
            }
        } else {
            Self::from_body(&body::json(body, content_type)?)?
        };
        options.propagation_errors(&mut errors);
        let dry_run_values = if body.is_empty() {
            query.all("dryRun")
        } else {
            strings(&body::json(body, content_type)?, "dryRun")?
        };
        let dry_run = dry_run(&dry_run_values, &mut errors);
        invalid("DeleteOptions", errors)?;
        Ok(Self { dry_run, ..options })
    }

    /// Reads the options from a decoded object, as an eviction carries them.
    pub(crate) fn from_value(value: &Value) -> Result<Self> {
        let mut errors = Vec::new();
        let options = Self::fields(value)?;
        options.propagation_errors(&mut errors);
        let dry_run = dry_run(&strings(value, "dryRun")?, &mut errors);
        invalid("DeleteOptions", errors)?;
        Ok(Self { dry_run, ..options })
    }

    fn from_body(value: &Value) -> Result<Self> {
        let empty = Map::new();
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => &empty,
            other => {
                return Err(StatusError::bad_request(format!(
                    "couldn't get version/kind; json parse error: {}",
                    go_json::no_type_meta(other)
                )));
            }
        };
        let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or("");
        let (kind, version) = (text("kind"), text("apiVersion"));
        if !matches!(kind, "" | "DeleteOptions") {
            let version = if version.is_empty() { "v1" } else { version };
            return Err(StatusError::bad_request(format!(
                "no kind {} is registered for version {} in scheme \
                 \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"",
                go_quote(kind),
                go_quote(version)
            )));
        }
        Self::fields(value)
    }

    fn fields(value: &Value) -> Result<Self> {
        let preconditions = &value["preconditions"];
        let wrong = |value: &Value, field: &str, go: &str| {
            StatusError::bad_request(format!(
                "json: cannot unmarshal {} into Go struct field {field} of type {go}",
                go_json::type_name(value)
            ))
        };
        let string = |parent: &Value, field: &str, path: &str, go: &str| match &parent[field] {
            Value::Null => Ok(None),
            Value::String(s) => Ok(Some(s.clone())),
            other => Err(wrong(other, path, go)),
        };
        if !matches!(preconditions, Value::Null | Value::Object(_)) {
            return Err(wrong(
                preconditions,
                "DeleteOptions.preconditions",
                "v1.Preconditions",
            ));
        }
        let grace = match &value["gracePeriodSeconds"] {
            Value::Null => None,
            number => Some(
                number
                    .as_i64()
                    .ok_or_else(|| wrong(number, "DeleteOptions.gracePeriodSeconds", "int64"))?,
            ),
        };
        let orphan = match &value["orphanDependents"] {
            Value::Null => None,
            Value::Bool(flag) => Some(*flag),
            other => return Err(wrong(other, "DeleteOptions.orphanDependents", "bool")),
        };
        let version = string(
            preconditions,
            "resourceVersion",
            "Preconditions.preconditions.resourceVersion",
            "string",
        );
        Ok(Self {
            grace,
            uid: string(
                preconditions,
                "uid",
                "Preconditions.preconditions.uid",
                "types.UID",
            )?,
            version: version?,
            orphan,
            propagation: string(
                value,
                "propagationPolicy",
                "DeleteOptions.propagationPolicy",
                "v1.DeletionPropagation",
            )?,
            dry_run: false,
        })
    }

    fn propagation_errors(&self, errors: &mut Vec<FieldError>) {
        let field = "propagationPolicy";
        let Some(policy) = &self.propagation else { return };
        if self.orphan.is_some() {
            errors.push(FieldError::invalid(
                field,
                policy.as_str(),
                "orphanDependents and deletionPropagation cannot be both set",
            ));
        } else if !matches!(policy.as_str(), "Foreground" | "Background" | "Orphan") {
            let known = ["Foreground", "Background", "Orphan", "nil"];
            errors.push(FieldError::not_supported(field, policy.as_str(), &known));
        }
    }
}

/// The manager that a user agent stands for: what precedes the first slash.
pub(crate) fn manager_of(user_agent: &str) -> String {
    let end = user_agent
        .find('/')
        .map_or(user_agent.len(), |slash| slash)
        .min(user_agent.len());
    let printable: String = user_agent[..end].chars().filter(|c| !c.is_control()).collect();
    let mut end = printable.len().min(128);
    while !printable.is_char_boundary(end) {
        end -= 1;
    }
    let name = &printable[..end];
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name.to_owned()
    }
}

fn manager_errors(manager: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if manager.len() > 128 {
        errors.push(FieldError::too_long("fieldManager", 128));
    }
    for (at, c) in manager.char_indices() {
        if c.is_control() {
            let why = format!("invalid character U+{:04X} (at position {at})", c as u32);
            errors.push(FieldError::invalid("fieldManager", manager, why));
        }
    }
    errors
}

fn dry_run(values: &[String], errors: &mut Vec<FieldError>) -> bool {
    if values.iter().any(|v| v != "All") {
        let value = Value::from(values.to_vec());
        errors.push(FieldError::of(
            FieldErrorKind::NotSupported,
            "dryRun",
            Some(value.to_string()),
            r#"supported values: "All""#,
        ));
    }
    values.iter().any(|v| v == "All")
}

fn strings(value: &Value, field: &str) -> Result<Vec<String>> {
    let wrong = |value: &Value, go: &str| {
        StatusError::bad_request(format!(
            "json: cannot unmarshal {} into Go struct field DeleteOptions.{field} of type {go}",
            go_json::type_name(value)
        ))
    };
    match &value[field] {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items
            .iter()
            .map(|v| v.as_str().map(str::to_owned).ok_or_else(|| wrong(v, "string")))
            .collect(),
        other => Err(wrong(other, "[]string")),
    }
}

fn invalid(kind: &str, errors: Vec<FieldError>) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(StatusError::invalid("meta.k8s.io", kind, "", &errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_names_a_manager() {
        assert_eq!(manager_of("transcript/1.0"), "transcript");
        assert_eq!(manager_of("my-controller/v1.2.3 (linux/amd64)"), "my-controller");
        assert_eq!(manager_of("no slash at all"), "no slash at all");
        assert_eq!(manager_of("/leading"), "unknown");
        assert_eq!(manager_of(&"x".repeat(200)).len(), 128);
    }

    #[test]
    fn a_body_silences_the_query() {
        let query = Query::parse("propagationPolicy=Sideways&dryRun=All");
        let options = DeleteOptions::parse(&query, b"{}", "application/json").unwrap();
        assert_eq!(options, DeleteOptions::default());
        assert!(DeleteOptions::parse(&query, b"", "").is_err());
    }

    #[test]
    fn a_watch_from_nowhere_starts_with_the_present_state() {
        let mut options = ListOptions::parse(&Query::parse("watch=1")).unwrap();
        options.check().unwrap();
        assert_eq!(options.initial_events, Some(true));
        let mut options = ListOptions::parse(&Query::parse("watch=1&resourceVersion=5")).unwrap();
        options.check().unwrap();
        assert_eq!(options.initial_events, None);
    }
}
