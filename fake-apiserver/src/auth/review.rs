//! Answers those who ask who they are and what somebody may do. Nothing of it is stored.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::rbac::{self, Rule};
use super::{Attributes, Decision, UserInfo, authorize, token};
use crate::clock::rfc3339;
use crate::registry::{Core, Resource};
use crate::status::{FieldError, Result, StatusError};

type Object = Map<String, Value>;

/// The resources that are questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Review {
    /// Who am I?
    SelfSubject,
    /// May I?
    SelfSubjectAccess,
    /// May they?
    SubjectAccess,
    /// May they, in this namespace?
    LocalSubjectAccess,
    /// What may I?
    SelfSubjectRules,
    /// Whose token is that?
    Token,
}

// === impl Review ===

impl Review {
    /// The question that a resource is; `None` for those that are stored.
    pub(crate) fn of(resource: &Resource) -> Option<Self> {
        match (&*resource.group, &*resource.plural) {
            ("authentication.k8s.io", "selfsubjectreviews") => Some(Self::SelfSubject),
            ("authentication.k8s.io", "tokenreviews") => Some(Self::Token),
            ("authorization.k8s.io", "selfsubjectaccessreviews") => Some(Self::SelfSubjectAccess),
            ("authorization.k8s.io", "subjectaccessreviews") => Some(Self::SubjectAccess),
            ("authorization.k8s.io", "localsubjectaccessreviews") => Some(Self::LocalSubjectAccess),
            ("authorization.k8s.io", "selfsubjectrulesreviews") => Some(Self::SelfSubjectRules),
            _ => None,
        }
    }

    /// Answers the question that `object` puts, by `user` and in `namespace`.
    pub(crate) fn answer(
        self,
        core: &Core,
        resource: &Resource,
        user: &UserInfo,
        namespace: &str,
        now: Timestamp,
        mut object: Object,
    ) -> Result<Object> {
        let spec = object.get("spec").cloned().unwrap_or_default();
        let errors = self.validate(&object, &spec);
        if !errors.is_empty() {
            return Err(StatusError::invalid(&resource.group, &resource.kind, "", &errors));
        }
        let status = match self {
            Self::SelfSubject => {
                let metadata = json!({"creationTimestamp": rfc3339(now)});
                let status = json!({"userInfo": user.to_json()});
                return Ok(pair(("metadata", metadata), ("status", status)));
            }
            Self::SelfSubjectRules => return rules(core, user, &spec),
            Self::SelfSubjectAccess => access(core, user, &spec),
            Self::SubjectAccess => access(core, &subject(&spec), &spec),
            Self::LocalSubjectAccess => {
                if spec["resourceAttributes"]["namespace"].as_str().unwrap_or("") != namespace {
                    return Err(StatusError::bad_request(format!(
                        "spec.resourceAttributes.namespace must match namespace: {namespace}"
                    )));
                }
                access(core, &subject(&spec), &spec)
            }
            Self::Token => token_status(core, &spec, now)?,
        };
        object.insert("status".into(), status);
        Ok(object)
    }

    fn validate(self, object: &Object, spec: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        match self {
            Self::SelfSubject | Self::SelfSubjectRules | Self::Token => return errors,
            Self::SelfSubjectAccess => {}
            Self::SubjectAccess | Self::LocalSubjectAccess => {
                let none = |field: &str| match &spec[field] {
                    Value::String(text) => text.is_empty(),
                    Value::Array(all) => all.is_empty(),
                    _ => true,
                };
                if none("user") && none("groups") {
                    let why = "at least one of user or group must be specified";
                    errors.push(FieldError::invalid("spec.user", "", why));
                }
            }
        }
        let given = |field: &str| spec.get(field).filter(|v| !v.is_null());
        match (given("resourceAttributes"), given("nonResourceAttributes")) {
            (Some(_), Some(path)) => errors.insert(
                0,
                FieldError::invalid(
                    "spec.nonResourceAttributes",
                    path.clone(),
                    "cannot be specified in combination with resourceAttributes",
                ),
            ),
            (None, None) => errors.insert(
                0,
                FieldError::invalid(
                    "spec.resourceAttributes",
                    Value::Null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified",
                ),
            ),
            _ => {}
        }
        let metadata = object.get("metadata").and_then(Value::as_object);
        let filled =
            |name: &str| name == "managedFields" || name == "namespace" && self == Self::LocalSubjectAccess;
        let mut rest = metadata.cloned().unwrap_or_default();
        rest.retain(|name, value| !filled(name) && !value.is_null());
        if !rest.is_empty() {
            errors.push(FieldError::invalid(
                "metadata",
                metadata.cloned().unwrap_or_default(),
                "must be empty",
            ));
        }
        let mut local = None;
        if self == Self::LocalSubjectAccess
            && let Some(path) = given("nonResourceAttributes")
        {
            local = Some(FieldError::invalid(
                "spec.nonResourceAttributes",
                path.clone(),
                "disallowed on this kind of request",
            ));
        }
        errors.extend(local);
        errors
    }
}

/// The status of a question whether the user may do what the specification describes.
fn access(core: &Core, user: &UserInfo, spec: &Value) -> Value {
    let text = |of: &Value, field: &str| of[field].as_str().unwrap_or("").to_owned();
    let attributes = match &spec["resourceAttributes"] {
        Value::Object(_) => {
            let of = &spec["resourceAttributes"];
            Attributes {
                verb: text(of, "verb"),
                group: text(of, "group"),
                resource: text(of, "resource"),
                subresource: text(of, "subresource"),
                namespace: text(of, "namespace"),
                name: text(of, "name"),
                path: None,
            }
        }
        _ => {
            let of = &spec["nonResourceAttributes"];
            Attributes {
                verb: text(of, "verb"),
                path: Some(text(of, "path")),
                ..Attributes::default()
            }
        }
    };
    let (allowed, reason) = match authorize(&core.store, user, &attributes) {
        Decision::Allowed(reason) => (true, reason),
        Decision::NoOpinion(reason) => (false, reason),
    };
    let mut status = json!({"allowed": allowed});
    if !reason.is_empty() {
        status["reason"] = reason.into();
    }
    status
}

/// The user whom a question is about.
fn subject(spec: &Value) -> UserInfo {
    let groups = spec["groups"].as_array();
    let groups = groups.into_iter().flatten().filter_map(Value::as_str);
    let user = UserInfo::new(spec["user"].as_str().unwrap_or(""));
    groups.fold(user, |user, group| user.group(group))
}

fn rules(core: &Core, user: &UserInfo, spec: &Value) -> Result<Object> {
    let namespace = spec["namespace"].as_str().unwrap_or("");
    if namespace.is_empty() {
        return Err(StatusError::bad_request("no namespace on request"));
    }
    let (rules, errors) = rbac::rules_for(&core.store, user, namespace);
    let resource = |rule: &Rule| {
        let mut out = json!({"verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources});
        if !rule.names.is_empty() {
            out["resourceNames"] = json!(rule.names);
        }
        out
    };
    let path = |rule: &Rule| json!({"verbs": rule.verbs, "nonResourceURLs": rule.paths});
    let resources: Vec<Value> = rules
        .iter()
        .filter(|r| !r.resources.is_empty())
        .map(resource)
        .collect();
    let paths: Vec<Value> = rules.iter().filter(|r| !r.paths.is_empty()).map(path).collect();
    let mut status = json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": false});
    if !errors.is_empty() {
        status["evaluationError"] = rbac::aggregate("", &errors).into();
    }
    let mut out = pair(("metadata", json!({})), ("spec", json!({})));
    out.insert("status".into(), status);
    Ok(out)
}

fn token_status(core: &Core, spec: &Value, now: Timestamp) -> Result<Value> {
    let asked = spec["token"].as_str().unwrap_or("");
    if asked.is_empty() {
        return Err(StatusError::bad_request(
            "token is required for TokenReview in authentication",
        ));
    }
    let audiences = spec["audiences"].as_array();
    let mut audiences: Vec<String> = audiences
        .into_iter()
        .flatten()
        .filter_map(|a| a.as_str().map(str::to_owned))
        .collect();
    if audiences.is_empty() {
        audiences.push(token::AUDIENCE.to_owned());
    }
    Ok(match core.authenticator.user_of(core, asked, &audiences, now) {
        Some((user, audiences)) => {
            json!({"authenticated": true, "user": user.to_json(), "audiences": audiences})
        }
        None => json!({"user": {}, "error": "invalid bearer token"}),
    })
}

fn pair(a: (&str, Value), b: (&str, Value)) -> Object {
    Object::from_iter([(a.0.to_owned(), a.1), (b.0.to_owned(), b.1)])
}
