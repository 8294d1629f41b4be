//! Questions of who may do what, put together step by step and answered by the host.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library>

use std::fmt;
use std::sync::Arc;

use super::{Opaque, Site, new, opaque, text};
use crate::value::{Failure, Out, Value};

/// Who answers questions of access.
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Whether the subject may do what the attributes say.
    fn check(&self, subject: &Subject, attributes: &Attributes) -> Decision;
}

/// Whose access is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// Who made the request.
    Requester,
    /// A service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// What is to be done; what was not said is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attributes {
    /// The verb.
    pub verb: String,
    /// The path, for questions that are not about a resource.
    pub path: String,
    /// The API group.
    pub group: String,
    /// The resource, in the plural.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The selector of fields.
    pub field_selector: String,
    /// The selector of labels.
    pub label_selector: String,
}

/// The answer to a question of access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why.
    pub reason: String,
    /// What went wrong while deciding; empty if nothing did.
    pub error: String,
}

impl Attributes {
    /// A question about an object of a resource, given by group, plural name and subresource, that has no verb yet.
    pub fn of_resource(
        (group, resource, subresource): (&str, &str, &str),
        (namespace, name): (&str, &str),
    ) -> Self {
        Self {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

impl Decision {
    /// An answer with its reason.
    pub fn new(allowed: bool, reason: impl Into<String>) -> Self {
        Self {
            allowed,
            reason: reason.into(),
            error: String::new(),
        }
    }
}

/// A question in the making, or its answer.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// Whom to ask.
    Authorizer(Arc<dyn Authorizer>, Subject),
    /// A question about a path, a group, or a resource.
    Question(Arc<dyn Authorizer>, Subject, Box<Attributes>, Topic),
    /// The answer.
    Decision(Decision),
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// A path that is no resource's.
    Path,
    /// A group, of which no resource is named yet.
    Group,
    /// A resource.
    Resource,
}

impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Decision(a), Self::Decision(b)) => a == b,
            (Self::Question(_, a, b, _), Self::Question(_, c, d, _)) => a == c && b == d,
            (Self::Authorizer(_, a), Self::Authorizer(_, b)) => a == b,
            _ => false,
        }
    }
}

impl Access {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Authorizer(..) => "kubernetes.authorization.Authorizer",
            Self::Question(_, _, _, Topic::Path) => "kubernetes.authorization.PathCheck",
            Self::Question(_, _, _, Topic::Group) => "kubernetes.authorization.GroupCheck",
            Self::Question(_, _, _, Topic::Resource) => "kubernetes.authorization.ResourceCheck",
            Self::Decision(_) => "kubernetes.authorization.Decision",
        }
    }
}

fn given<'v>(args: &'v [Value<'_>]) -> Result<&'v Access, Failure> {
    match opaque(args, 0)? {
        Opaque::Access(access) => Ok(access),
        _ => Err(Failure::no_such_overload()),
    }
}

/// Begins a question.
fn ask<'a>(args: &[Value<'a>], topic: Topic, set: impl FnOnce(&mut Attributes, &str)) -> Out<'a> {
    let Access::Authorizer(host, subject) = given(args)? else {
        return Err(Failure::no_such_overload());
    };
    let mut attributes = Attributes::default();
    set(&mut attributes, text(args, 1)?);
    Ok(new(Opaque::Access(Access::Question(
        host.clone(),
        subject.clone(),
        Box::new(attributes),
        topic,
    ))))
}

/// Narrows a question about a resource.
fn narrow<'a>(args: &[Value<'a>], set: impl FnOnce(&mut Attributes, &str)) -> Out<'a> {
    let Access::Question(host, subject, attributes, _) = given(args)? else {
        return Err(Failure::no_such_overload());
    };
    let mut attributes = attributes.clone();
    set(&mut attributes, text(args, 1)?);
    Ok(new(Opaque::Access(Access::Question(
        host.clone(),
        subject.clone(),
        attributes,
        Topic::Resource,
    ))))
}

pub(super) fn path<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    if text(args, 1)?.is_empty() {
        return Err(Failure::new("path must not be empty"));
    }
    ask(args, Topic::Path, |a, s| a.path = s.to_owned())
}

pub(super) fn group<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    ask(args, Topic::Group, |a, s| a.group = s.to_owned())
}

pub(super) fn service_account<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let Access::Authorizer(host, _) = given(args)? else {
        return Err(Failure::no_such_overload());
    };
    let subject = Subject::ServiceAccount {
        namespace: text(args, 1)?.to_owned(),
        name: text(args, 2)?.to_owned(),
    };
    Ok(new(Opaque::Access(Access::Authorizer(host.clone(), subject))))
}

pub(super) fn resource<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.resource = s.to_owned())
}

pub(super) fn subresource<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.subresource = s.to_owned())
}

pub(super) fn namespace<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.namespace = s.to_owned())
}

pub(super) fn name<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.name = s.to_owned())
}

pub(super) fn field_selector<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.field_selector = s.to_owned())
}

pub(super) fn label_selector<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    narrow(args, |a, s| a.label_selector = s.to_owned())
}

pub(super) fn check<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let Access::Question(host, subject, attributes, _) = given(args)? else {
        return Err(Failure::no_such_overload());
    };
    let mut attributes = attributes.clone();
    text(args, 1)?.clone_into(&mut attributes.verb);
    let decision = host.check(subject, &attributes);
    Ok(new(Opaque::Access(Access::Decision(decision))))
}

fn answer<'v>(args: &'v [Value<'_>]) -> Result<&'v Decision, Failure> {
    match given(args)? {
        Access::Decision(decision) => Ok(decision),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn errored<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(!answer(args)?.error.is_empty()))
}

pub(super) fn error<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(answer(args)?.error.as_str()))
}

pub(super) fn allowed<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(answer(args)?.allowed))
}

pub(super) fn reason<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(answer(args)?.reason.as_str()))
}
