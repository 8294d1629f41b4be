//! What a stage does to an object: an event, finalizers, patches, a deletion, as requests to the server.
//!
//! Everything that is filled in is filled in before the first request, so that a stage that cannot be does nothing. Requests name the object by its
//! UID: if it is gone meanwhile, nothing happens.

use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::{Effects, Event, Finalizers, Patch, PatchType, machine::Served};
use crate::raw;

/// A request that a stage makes.
struct Call {
    method: Method,
    path: String,
    content_type: &'static str,
    user: Option<HeaderValue>,
    body: Value,
}

const JSON: &str = "application/json";
const JSON_PATCH: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";

/// Lets a stage come to the object with that key.
pub(super) fn perform(
    server: &FakeApiServer,
    now: Timestamp,
    served: &Served,
    key: &str,
    effects: &Effects,
) -> Result<(), String> {
    let (namespace, name) = key.split_once('/').unwrap_or(("", key));
    let Some(object) = server.get(&served.resource, namespace, name) else {
        return Ok(());
    };
    let target = Target {
        path: path(served, namespace, name),
        served,
        object: &object,
    };
    let mut calls = Vec::new();
    let revision = server.revision();
    calls.extend(
        effects
            .event
            .as_ref()
            .map(|event| target.event(event, now, revision)),
    );
    calls.extend(target.finalizers(&effects.finalizers));
    for patch in &effects.patches {
        calls.extend(target.patch(patch, now)?);
    }
    if effects.delete {
        calls.push(target.delete());
    }
    for call in calls {
        make(server, call)?;
    }
    Ok(())
}

fn path(served: &Served, namespace: &str, name: &str) -> String {
    let namespace = served.info.namespaced.then_some(namespace);
    format!("{}/{name}", raw::collection(&served.info, namespace))
}

/// The object that a stage comes to.
struct Target<'a> {
    path: String,
    served: &'a Served,
    object: &'a Value,
}

// === impl Target ===

impl Target<'_> {
    fn text(&self, field: &str) -> &str {
        self.object["metadata"][field].as_str().unwrap_or_default()
    }

    fn event(&self, event: &Event, now: Timestamp, revision: u64) -> Call {
        // Events of objects without a namespace are in this one.
        let namespace = match self.text("namespace") {
            "" => "default",
            namespace => namespace,
        };
        // As kubelets name them, and yet another for each: the revision grows by one at least.
        let name = format!(
            "{}.{:x}",
            self.text("name"),
            now.as_nanosecond() + i128::from(revision)
        );
        let at = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let kind = if event.kind.is_empty() {
            "Normal"
        } else {
            &event.kind
        };
        let body = json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": { "name": name, "namespace": namespace },
            "involvedObject": {
                "apiVersion": self.served.info.api_version(),
                "kind": self.object["kind"],
                "namespace": self.object["metadata"]["namespace"],
                "name": self.text("name"),
                "uid": self.text("uid"),
            },
            "type": kind,
            "reason": event.reason,
            "message": event.message,
            "source": { "component": "kubelet" },
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
        });
        Call {
            method: Method::POST,
            path: format!("/api/v1/namespaces/{namespace}/events"),
            content_type: JSON,
            user: None,
            body,
        }
    }

    fn finalizers(&self, change: &Finalizers) -> Option<Call> {
        let now = self
            .object
            .pointer("/metadata/finalizers")
            .and_then(Value::as_array);
        let now: Vec<&str> = now.into_iter().flatten().filter_map(Value::as_str).collect();
        let mut after = now.clone();
        after.retain(|f| !change.empty && !change.remove.iter().any(|item| item.value == *f));
        for item in &change.add {
            if !after.contains(&&*item.value) {
                after.push(&item.value);
            }
        }
        (after != now).then(|| Call {
            method: Method::PATCH,
            path: self.path.clone(),
            content_type: MERGE,
            user: None,
            body: json!({ "metadata": { "uid": self.text("uid"), "finalizers": after } }),
        })
    }

    /// None where the template makes nothing.
    fn patch(&self, patch: &Patch, now: Timestamp) -> Result<Option<Call>, String> {
        let filled = patch.template.fill(self.object, now)?;
        if filled.is_null() {
            return Ok(None);
        }
        let (content_type, body) = match (patch.kind, &patch.root) {
            (PatchType::Json, _) => (JSON_PATCH, filled),
            (kind, root) => {
                let mut body = match root {
                    Some(root) => json!({ root: filled }),
                    None => filled,
                };
                if !body.is_object() {
                    return Err("the template makes no object".to_owned());
                }
                body["metadata"]["uid"] = json!(self.text("uid"));
                (
                    if kind == PatchType::Merge {
                        MERGE
                    } else {
                        STRATEGIC
                    },
                    body,
                )
            }
        };
        let part = match patch.subresource.as_deref() {
            None => String::new(),
            Some("status") if self.served.info.subresource("status").is_none() => String::new(),
            Some(part) => format!("/{part}"),
        };
        let user = patch.user.as_deref().map(HeaderValue::from_str).transpose();
        Ok(Some(Call {
            method: Method::PATCH,
            path: format!("{}{part}", self.path),
            content_type,
            user: user.map_err(|_| "the name of the user cannot be sent".to_owned())?,
            body,
        }))
    }

    fn delete(&self) -> Call {
        let body = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": { "uid": self.text("uid") },
        });
        Call {
            method: Method::DELETE,
            path: self.path.clone(),
            content_type: JSON,
            user: None,
            body,
        }
    }
}

fn make(server: &FakeApiServer, call: Call) -> Result<(), String> {
    let Call {
        method,
        path,
        content_type,
        user,
        body,
    } = call;
    let send = |content_type| {
        raw::send_by(
            server,
            method.clone(),
            &path,
            content_type,
            user.as_ref(),
            Some(&body),
        )
    };
    let mut answer = send(content_type);
    if answer.0 == StatusCode::UNSUPPORTED_MEDIA_TYPE && content_type == STRATEGIC {
        // Custom resources do not know which lists have keys.
        answer = send(MERGE);
    }
    let (code, status) = answer;
    // It is gone, or another one: then this is not to happen any more.
    if code.is_success() || matches!(code, StatusCode::NOT_FOUND | StatusCode::CONFLICT) {
        return Ok(());
    }
    let message = status["message"].as_str().unwrap_or("no message");
    Err(format!("{method} {path} was refused: {message}"))
}
