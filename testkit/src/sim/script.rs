//! What the user does: a list of operations, as data, so that it can be told, shortened and repeated.

use std::{fmt, time::Duration};

use http::{Method, StatusCode};
use seatrial_fake_apiserver::FakeApiServer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use crate::{fixture, raw, timeline::redact};

/// What the user of a simulated cluster does, in order.
///
/// An operation happens when the cluster has nothing else to do, unless the schedule says otherwise. The text of an
/// operation's objects is YAML, of one or more documents.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a script does nothing until a simulation plays it"]
pub struct Script {
    ops: Vec<Op>,
    /// The first text that could not be read.
    broken: Option<String>,
}

/// One thing that a user does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Op {
    Apply(Value),
    Patch {
        target: Target,
        patch: Value,
        #[serde(default)]
        status: bool,
    },
    Delete(Target),
    Settle,
    Wait(#[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")] Duration),
}

/// Which object; written as [`Script::patch`] takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Target {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// An operation that the server refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the script's step `{step}` was refused: {message}")]
#[non_exhaustive]
pub struct ScriptError {
    /// The operation.
    pub step: String,
    /// The server's message.
    pub message: String,
}

// === impl Script ===

impl Script {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes these objects, or gives them these fields, as `kubectl apply --server-side --force-conflicts` does.
    pub fn apply(mut self, yaml: &str) -> Self {
        match fixture::parse(yaml) {
            Ok(objects) => self.ops.extend(objects.into_iter().map(Op::Apply)),
            Err(error) => self.fail(error.to_string()),
        }
        self
    }

    /// Changes an object by a merge patch, given as YAML. `object` is `KIND.GROUP/VERSION NAMESPACE/NAME`, such as
    /// `Deployment.apps/v1 default/web` or `Node/v1 worker`; `Deployment.apps/v1 web` is in `default`, and `apps/v1 Deployment web` is the same.
    pub fn patch(self, object: &str, yaml: &str) -> Self {
        self.patched(object, yaml, false)
    }

    /// Changes an object's status by a merge patch, as a component of the cluster would; see [`Script::patch`].
    pub fn patch_status(self, object: &str, yaml: &str) -> Self {
        self.patched(object, yaml, true)
    }

    /// Deletes an object, named as in [`Script::patch`]. One that is not there is no error.
    pub fn delete(mut self, object: &str) -> Self {
        match Target::parse(object) {
            Ok(target) => self.ops.push(Op::Delete(target)),
            Err(error) => self.fail(error),
        }
        self
    }

    /// Waits until the cluster has nothing to do any more.
    pub fn settle(mut self) -> Self {
        self.ops.push(Op::Settle);
        self
    }

    /// Lets this much virtual time pass.
    pub fn wait(mut self, time: Duration) -> Self {
        self.ops.push(Op::Wait(time));
        self
    }

    fn patched(mut self, object: &str, yaml: &str, status: bool) -> Self {
        let patch = fixture::parse(yaml).map_err(|error| error.to_string());
        match (Target::parse(object), patch) {
            (Ok(target), Ok(patches)) => {
                let patches = patches.into_iter();
                self.ops.extend(patches.map(|patch| Op::Patch {
                    target: target.clone(),
                    patch,
                    status,
                }));
            }
            (Err(error), _) | (_, Err(error)) => self.fail(error),
        }
        self
    }

    fn fail(&mut self, error: String) {
        self.broken.get_or_insert(error);
    }

    /// These operations.
    pub(crate) fn of(ops: Vec<Op>) -> Self {
        Self { ops, broken: None }
    }

    /// The operations, or what could not be read.
    pub(crate) fn ops(&self) -> Result<&[Op], String> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(&self.ops),
        }
    }
}

// === impl Target ===

impl Target {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` names no object: write `KIND.GROUP/VERSION NAMESPACE/NAME`");
        let words: Vec<&str> = text.split_whitespace().collect();
        let (kind, api_version, object) = match *words {
            [kind, object] => {
                let (kind, version) = kind.split_once('/').unwrap_or((kind, "v1"));
                match kind.split_once('.') {
                    Some((kind, group)) => (kind, format!("{group}/{version}"), object),
                    None => (kind, version.to_owned(), object),
                }
            }
            // As an object says it of itself.
            [api_version, kind, object] => (kind, api_version.to_owned(), object),
            _ => return Err(wrong()),
        };
        let (namespace, name) = object.split_once('/').unwrap_or(("default", object));
        if kind.is_empty() || name.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            api_version,
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        })
    }

    fn of(object: &Value) -> Self {
        let text = |pointer: &str| {
            let text = object.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let namespace = text("/metadata/namespace");
        Self {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            namespace: if namespace.is_empty() {
                "default".to_owned()
            } else {
                namespace
            },
            name: text("/metadata/name"),
        }
    }

    fn path(&self, server: &FakeApiServer) -> Result<String, String> {
        let served = raw::served(server, &self.api_version, &self.kind);
        let served = served.ok_or_else(|| format!("{} {} is not served", self.api_version, self.kind))?;
        let namespace = served.namespaced.then_some(self.namespace.as_str());
        Ok(format!("{}/{}", raw::collection(&served, namespace), self.name))
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        let (group, version) = target
            .api_version
            .split_once('/')
            .map_or(("", &*target.api_version), |(group, version)| (group, version));
        let dot = if group.is_empty() { "" } else { "." };
        let Target {
            kind,
            namespace,
            name,
            ..
        } = &target;
        format!("{kind}{dot}{group}/{version} {namespace}/{name}")
    }
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

// === impl Op ===

impl Op {
    /// What it is about: resource, namespace and name. None for waiting, and for what is not served.
    pub(super) fn object(&self, server: &FakeApiServer) -> Option<(String, String, String)> {
        let target = match self {
            Self::Apply(object) => &Target::of(object),
            Self::Patch { target, .. } | Self::Delete(target) => target,
            Self::Settle | Self::Wait(_) => return None,
        };
        let uri = target.path(server).ok()?.parse().ok()?;
        let call = Call::of(&Method::GET, &uri, &[]);
        Some((call.resource, call.namespace, call.name))
    }

    /// Does it; waiting is for whoever plays the script.
    pub(crate) fn perform(&self, server: &FakeApiServer) -> Result<(), ScriptError> {
        let refused = |message: String| ScriptError {
            step: self.to_string(),
            message,
        };
        let (method, path, content_type, body) = match self {
            Self::Settle | Self::Wait(_) => return Ok(()),
            Self::Apply(object) => {
                let target = Target::of(object);
                let path = target.path(server).map_err(refused)?;
                let mut object = object.clone();
                object["metadata"]["managedFields"].take();
                let path = format!("{path}?fieldManager=user&force=true");
                (Method::PATCH, path, "application/apply-patch+yaml", Some(object))
            }
            Self::Patch {
                target,
                patch,
                status,
            } => {
                let path = target.path(server).map_err(refused)?;
                let part = if *status { "/status" } else { "" };
                let path = format!("{path}{part}?fieldManager=user");
                (
                    Method::PATCH,
                    path,
                    "application/merge-patch+json",
                    Some(patch.clone()),
                )
            }
            Self::Delete(target) => {
                let path = target.path(server).map_err(refused)?;
                (Method::DELETE, path, "application/json", None)
            }
        };
        let (code, answer) = raw::send_as(server, method, &path, content_type, body.as_ref());
        let gone = code == StatusCode::NOT_FOUND && matches!(self, Self::Delete(_));
        if code.is_success() || gone {
            return Ok(());
        }
        let message = answer["message"].as_str().unwrap_or("no message");
        Err(refused(message.to_owned()))
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(object) => write!(f, "apply {}", Target::of(object)),
            Self::Patch {
                target,
                patch,
                status,
            } => {
                let part = if *status { "status of " } else { "" };
                let mut patch = patch.clone();
                redact(&mut patch, target.kind == "Secret");
                write!(f, "patch {part}{target} {patch}")
            }
            Self::Delete(target) => write!(f, "delete {target}"),
            Self::Settle => f.write_str("settle"),
            Self::Wait(time) => write!(f, "wait {time:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_named_as_people_do() {
        let target = Target::parse("Deployment.apps/v1 web").unwrap();
        assert_eq!(
            (target.api_version.as_str(), target.kind.as_str()),
            ("apps/v1", "Deployment")
        );
        assert_eq!(
            (target.namespace.as_str(), target.name.as_str()),
            ("default", "web")
        );
        let target = Target::parse("Pod/v1 kube-system/dns").unwrap();
        assert_eq!(
            (target.api_version.as_str(), target.namespace.as_str()),
            ("v1", "kube-system")
        );
        let as_objects_do = Target::parse("example.com/v1 Foo  default/a").unwrap();
        assert_eq!(as_objects_do, Target::parse("Foo.example.com/v1 a").unwrap());
        for text in ["web", "", "a b c d", "/v1 web", "Pod/v1 default/"] {
            assert!(
                Target::parse(text).unwrap_err().contains("KIND.GROUP/VERSION"),
                "{text}"
            );
        }
    }

    #[test]
    fn operations_are_read_as_they_are_written() {
        let script = Script::new()
            .apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
            .patch_status("Deployment.apps/v1 web", "{status: {replicas: 1}}")
            .delete("Pod/v1 kube-system/dns")
            .settle()
            .wait(Duration::from_millis(90_500));
        let text = serde_json::to_string(script.ops().unwrap()).unwrap();
        let read: Vec<Op> = serde_json::from_str(&text).unwrap();
        assert_eq!(Script::of(read), script);
        assert!(text.contains("Deployment.apps/v1 default/web"), "{text}");
    }

    #[test]
    fn a_script_tells_what_it_cannot_read() {
        let script = Script::new().apply("{").settle();
        assert!(script.ops().unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn operations_reach_the_server() {
        let server = FakeApiServer::new();
        let script = Script::new()
            .apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: one}}")
            .patch("ConfigMap/v1 a", "{data: {y: two}}")
            .patch("ConfigMap/v1 absent", "{data: {}}");
        let ops = script.ops().unwrap();
        ops[0].perform(&server).unwrap();
        ops[1].perform(&server).unwrap();
        let made = server.get("configmaps", "default", "a").unwrap();
        assert_eq!(made["data"], json!({"x": "one", "y": "two"}));
        let error = ops[2].perform(&server).unwrap_err();
        assert!(error.to_string().contains("not found"), "{error}");
        let gone = Script::new().delete("ConfigMap/v1 a").delete("ConfigMap/v1 a");
        for op in gone.ops().unwrap() {
            op.perform(&server).unwrap();
        }
        assert!(server.get("configmaps", "default", "a").is_none());
    }
}
