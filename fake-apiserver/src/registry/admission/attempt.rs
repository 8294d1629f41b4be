//! A request as webhooks and policies see it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::apply::entries::Entries;
use crate::registry::kinds::fields::Fields;
use crate::registry::subresource::scale;
use crate::registry::{Context, Core, Resource};
use crate::status::{Result, StatusError};
use crate::storage::Stored;
use crate::wire::{DeleteOptions, Query};

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

/// Group, version and kind.
pub(in crate::registry) type Kind = (String, String, String);

/// What a request attempts.
#[derive(Debug, Clone)]
pub(in crate::registry) struct Attempt {
    pub(super) operation: Operation,
    /// What the objects are.
    pub(super) kind: Kind,
    /// Whether they are objects of the resource, which other versions of it have too.
    pub(super) whole: bool,
    /// Whether the request names the object; one that deletes a collection does not.
    pub(super) named: bool,
    pub(super) object: Option<Value>,
    pub(super) old: Option<Value>,
    pub(super) options: Value,
}

// === impl Operation ===

impl Operation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

// === impl Attempt ===

impl Attempt {
    /// A write of an object of the resource, or of a part of it.
    pub(super) fn write(
        cx: &Context<'_>,
        object: &Fields,
        entries: &Entries,
        old: Option<&Arc<Stored>>,
    ) -> Self {
        let stored =
            |revision| Stored::owned(Arc::new(Value::Object(object.clone())), entries.clone(), revision);
        let operation = if old.is_some() {
            Operation::Update
        } else {
            Operation::Create
        };
        let new = stored(old.map_or(0, |old| old.revision()));
        let options = write_options(operation, cx.query);
        if cx.subresource == "scale" {
            let kind = ("autoscaling".into(), "v1".into(), "Scale".into());
            return Self {
                kind,
                whole: false,
                object: Some(scale::scale(cx, &new)),
                old: old.map(|old| scale::scale(cx, old)),
                operation,
                named: true,
                options,
            };
        }
        Self {
            kind: kind_of(&cx.resource),
            whole: true,
            object: Some(typed(&cx.resource, &new)),
            old: old.map(|old| typed(&cx.resource, old)),
            operation,
            named: true,
            options,
        }
    }

    /// A deletion.
    pub(super) fn delete(cx: &Context<'_>, old: &Stored, options: &DeleteOptions, named: bool) -> Self {
        Self {
            operation: Operation::Delete,
            kind: kind_of(&cx.resource),
            whole: true,
            named,
            object: None,
            old: Some(typed(&cx.resource, old)),
            options: delete_options(options),
        }
    }

    /// What is posted to a subresource with a kind of its own: a binding, an eviction.
    pub(in crate::registry) fn post(
        cx: &Context<'_>,
        (group, version, kind): (&str, &str, &str),
        object: &Fields,
    ) -> Self {
        let mut object = object.clone();
        let api_version = if group.is_empty() {
            version.to_owned()
        } else {
            format!("{group}/{version}")
        };
        object.insert("apiVersion".into(), api_version.into());
        object.insert("kind".into(), kind.into());
        if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut)
            && cx.resource.namespaced
        {
            meta.insert("namespace".into(), cx.namespace.clone().into());
        }
        Self {
            operation: Operation::Create,
            kind: (group.to_owned(), version.to_owned(), kind.to_owned()),
            whole: false,
            named: true,
            object: Some(Value::Object(object)),
            old: None,
            options: write_options(Operation::Create, cx.query),
        }
    }

    /// A connection to a program; the query says to which.
    pub(in crate::registry) fn connect(cx: &Context<'_>, query: &Query) -> Self {
        let (kind, fields): (_, &[&str]) = match (&*cx.resource.plural, cx.subresource.as_str()) {
            (_, "exec") => (
                "PodExecOptions",
                &["stdin", "stdout", "stderr", "tty", "container", "command"],
            ),
            (_, "attach") => (
                "PodAttachOptions",
                &["stdin", "stdout", "stderr", "tty", "container"],
            ),
            (_, "portforward") => ("PodPortForwardOptions", &["ports"]),
            ("nodes", _) => ("NodeProxyOptions", &["path"]),
            ("services", _) => ("ServiceProxyOptions", &["path"]),
            _ => ("PodProxyOptions", &["path"]),
        };
        let mut object = json!({"kind": kind, "apiVersion": "v1"});
        for field in fields {
            let given = query.all(field);
            if given.is_empty() {
                continue;
            }
            object[*field] = match *field {
                "command" => json!(given),
                "ports" => given.iter().filter_map(|p| p.parse::<i64>().ok()).collect(),
                "container" | "path" => json!(given[0]),
                _ => json!(!matches!(given[0].as_str(), "false" | "0")),
            };
        }
        Self {
            operation: Operation::Connect,
            kind: (String::new(), "v1".into(), kind.into()),
            whole: false,
            named: true,
            object: Some(object),
            old: None,
            options: Value::Null,
        }
    }

    #[cfg(test)]
    pub(super) fn of_nothing() -> Self {
        Self {
            operation: Operation::Create,
            kind: Kind::default(),
            whole: true,
            named: true,
            object: None,
            old: None,
            options: Value::Null,
        }
    }

    /// The namespace that the request is in; that of a namespace is itself.
    pub(super) fn namespace<'c>(cx: &'c Context<'_>) -> &'c str {
        if super::is(cx, "", "namespaces") {
            &cx.name
        } else {
            &cx.namespace
        }
    }

    /// The attempt as if the resource had been asked for in another version.
    ///
    /// # Errors
    /// An object cannot be converted.
    pub(super) fn seen_as(&self, cx: &Context<'_>, target: &Arc<Resource>) -> Result<Self> {
        if !self.whole || Arc::ptr_eq(target, &cx.resource) {
            return Ok(self.clone());
        }
        let convert = |object: &Option<Value>| {
            object
                .as_ref()
                .map(|object| converted(cx.core, object, &cx.resource, target))
                .transpose()
        };
        Ok(Self {
            kind: kind_of(target),
            object: convert(&self.object)?,
            old: convert(&self.old)?,
            ..self.clone()
        })
    }

    /// The `request` of a review that is about the attempt as `target` has it; objects are left out.
    pub(super) fn request(&self, cx: &Context<'_>, target: &Resource, seen: &Self) -> Map<String, Value> {
        let kind = |(group, version, kind): &Kind| json!({"group": group, "version": version, "kind": kind});
        let resource =
            |r: &Resource| json!({"group": &*r.group, "version": &*r.version, "resource": &*r.plural});
        let mut out = Map::new();
        out.insert("kind".into(), kind(&seen.kind));
        out.insert("resource".into(), resource(target));
        out.insert("requestKind".into(), kind(&self.kind));
        out.insert("requestResource".into(), resource(&cx.resource));
        let mut text = |field: &str, value: &str| {
            if !value.is_empty() {
                out.insert(field.into(), value.into());
            }
        };
        text("subResource", &cx.subresource);
        text("requestSubResource", &cx.subresource);
        text("name", if self.named { &cx.name } else { "" });
        text("namespace", Self::namespace(cx));
        text("operation", self.operation.name());
        out.insert("userInfo".into(), cx.user.to_json());
        out.insert("dryRun".into(), cx.dry_run.into());
        out.insert("options".into(), self.options.clone());
        out
    }
}

pub(super) fn kind_of(resource: &Resource) -> Kind {
    (
        resource.group.to_string(),
        resource.version.to_string(),
        resource.kind.to_string(),
    )
}

/// An object as clients see it.
pub(super) fn typed(resource: &Resource, stored: &Stored) -> Value {
    let mut object = stored.shown();
    object["apiVersion"] = json!(&*resource.api_version);
    object["kind"] = json!(&*resource.kind);
    if stored.revision() == 0
        && let Some(meta) = object["metadata"].as_object_mut()
    {
        meta.remove("resourceVersion");
    }
    object
}

/// An object of one version of a resource as another has it.
///
/// # Errors
/// It cannot be converted.
pub(in crate::registry) fn converted(
    core: &Core,
    object: &Value,
    from: &Resource,
    to: &Resource,
) -> Result<Value> {
    let mut fields = object.as_object().cloned().unwrap_or_default();
    fields.remove("apiVersion");
    fields.remove("kind");
    let kept = fields.get("metadata").cloned();
    let (fields, version) = match from.defined() {
        Some(version) => {
            let (fields, version) = version.to_storage(core, fields, &Entries::default())?;
            (fields, Some(version))
        }
        None => (from.strategy.to_storage(fields), None),
    };
    let stored = Stored::written_in(Arc::new(Value::Object(fields)), Entries::default(), 0, version);
    let view = to.view(core, &Arc::new(stored))?;
    let mut out = (**view.value()).clone();
    if !out.is_object() {
        return Err(StatusError::internal("the object cannot be converted"));
    }
    // Versions differ in what they say of an object, and not in who it is.
    if let (Some(Value::Object(kept)), Some(meta)) = (kept, out["metadata"].as_object_mut()) {
        for field in ["managedFields", "resourceVersion", "uid", "creationTimestamp"] {
            if let Some(value) = kept.get(field) {
                meta.insert(field.into(), value.clone());
            }
        }
    }
    out["apiVersion"] = json!(&*to.api_version);
    out["kind"] = json!(&*to.kind);
    Ok(out)
}

fn write_options(operation: Operation, query: Option<&Query>) -> Value {
    let kind = if operation == Operation::Create {
        "CreateOptions"
    } else {
        "UpdateOptions"
    };
    let mut out = json!({"kind": kind, "apiVersion": "meta.k8s.io/v1"});
    let Some(query) = query else { return out };
    let dry_run = query.all("dryRun");
    if !dry_run.is_empty() {
        out["dryRun"] = json!(dry_run);
    }
    for field in ["fieldManager", "fieldValidation"] {
        let value = query.text(field);
        if !value.is_empty() {
            out[field] = value.into();
        }
    }
    out
}

fn delete_options(options: &DeleteOptions) -> Value {
    let mut out = json!({"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1"});
    if let Some(grace) = options.grace {
        out["gracePeriodSeconds"] = grace.into();
    }
    if let Some(uid) = &options.uid {
        out["preconditions"]["uid"] = json!(uid);
    }
    if let Some(version) = &options.version {
        out["preconditions"]["resourceVersion"] = json!(version);
    }
    if let Some(orphan) = options.orphan {
        out["orphanDependents"] = orphan.into();
    }
    if let Some(propagation) = &options.propagation {
        out["propagationPolicy"] = json!(propagation);
    }
    if options.dry_run {
        out["dryRun"] = json!(["All"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_that_were_given() {
        let query = Query::parse("dryRun=All&fieldManager=me&fieldValidation=Strict&pretty=true");
        assert_eq!(
            write_options(Operation::Create, Some(&query)),
            json!({"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "dryRun": ["All"], "fieldManager": "me",
                   "fieldValidation": "Strict"})
        );
        assert_eq!(
            write_options(Operation::Update, None),
            json!({"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1"})
        );
        let options = DeleteOptions {
            grace: Some(0),
            uid: Some("u".into()),
            propagation: Some("Orphan".into()),
            dry_run: true,
            ..DeleteOptions::default()
        };
        assert_eq!(
            delete_options(&options),
            json!({"kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1", "gracePeriodSeconds": 0,
                   "preconditions": {"uid": "u"}, "propagationPolicy": "Orphan", "dryRun": ["All"]})
        );
    }
}
