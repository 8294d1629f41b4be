//! `/scale`: the number of replicas of a workload, as an object of its own.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::discovery::Verb;
use crate::encode::{self, Answer, View};
use crate::patch;
use crate::registry::managed::Mode;
use crate::registry::patch::Kind;
use crate::registry::{Context, decode, meta, update};
use crate::schema;
use crate::status::{FieldError, Result, StatusError};
use crate::storage::Stored;
use crate::wire::{Request, Write, WriteOptions, body};

/// Answers a request to a scale.
pub(super) fn call(cx: &mut Context<'_>, request: &Request, verb: Verb, view: View<'_>) -> Result<Answer> {
    if cx.resource.custom {
        return Err(StatusError::new(
            501,
            "",
            format!("the scale of {} is not served yet", cx.resource.qualified()),
        ));
    }
    let content_type = request.header(&http::header::CONTENT_TYPE);
    let user_agent = request.header(&http::header::USER_AGENT);
    let stored = match verb {
        Verb::Get => cx.existing()?,
        Verb::Update => {
            body::media(content_type)?;
            let body = request.body()?.clone();
            cx.set_options(WriteOptions::parse(&request.query, Write::Update, user_agent)?);
            let scale = decode::of_kind(cx, ("autoscaling", "v1", "Scale"), &body, content_type)?;
            write(cx, scale)?
        }
        Verb::Patch => {
            let kind = Kind::parse(content_type, cx.resource.custom)?;
            let body = request.body()?.clone();
            let options = Write::Patch(kind == Kind::Apply);
            cx.set_options(WriteOptions::parse(&request.query, options, user_agent)?);
            let scale = patched(cx, kind, &body)?;
            write(cx, scale)?
        }
        _ => return Err(StatusError::method_not_allowed()),
    };
    let scale = scale(cx, &stored);
    Ok(Answer::value(StatusCode::OK, &scale, view.accepted))
}

/// The scale after a patch.
fn patched(cx: &mut Context<'_>, kind: Kind, body: &[u8]) -> Result<Map<String, Value>> {
    let live = scale(cx, &*cx.existing()?);
    let text = encode::go_order(&live);
    let builtin = schema::builtin();
    let node = builtin.kind("autoscaling", "v1", "Scale");
    let result = match (kind, node) {
        (Kind::Json, _) => patch::json::apply(&text, body).map_err(|e| e.status())?,
        (Kind::Merge, _) => patch::merge::apply(&text, body).map_err(|e| e.status())?,
        (Kind::Strategic, Some(node)) => {
            patch::strategic::apply(builtin.schema(), node, &live, body).map_err(|e| e.status())?
        }
        _ => {
            return Err(StatusError::new(
                501,
                "",
                "server-side apply of a scale is not served yet",
            ));
        }
    };
    decode::patched_kind(cx, ("autoscaling", "v1", "Scale"), &result)
}

/// Writes the number of replicas.
fn write(cx: &mut Context<'_>, scale: Map<String, Value>) -> Result<Arc<Stored>> {
    let meta = meta::of(&scale);
    update::check_name(cx, meta)?;
    let old = cx.existing()?;
    let uid = meta::text(meta, "uid");
    if !uid.is_empty() && uid != old.meta("uid") {
        let plural = format!("{}/scale", cx.resource.plural);
        let why = format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            old.meta("uid")
        );
        return Err(StatusError::conflict(&cx.resource.group, &plural, &cx.name, &why));
    }
    let replicas = scale
        .get("spec")
        .and_then(|s| s["replicas"].as_i64())
        .unwrap_or(0);
    if replicas < 0 {
        let error = FieldError::invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        return Err(StatusError::invalid("autoscaling", "Scale", &cx.name, &[error]));
    }
    let mut parent = (**old.value()).clone();
    parent["spec"]["replicas"] = replicas.into();
    if let Some(version) = meta.get("resourceVersion") {
        parent["metadata"]["resourceVersion"] = version.clone();
    }
    let Value::Object(parent) = parent else {
        return Err(cx.not_found());
    };
    update::replace(cx, &old, parent, Mode::Track)
}

/// The scale of a workload.
fn scale(cx: &Context<'_>, stored: &Stored) -> Value {
    let object = stored.value();
    let mut meta = Map::new();
    for field in ["name", "namespace", "uid", "creationTimestamp"] {
        if let Some(value) = object["metadata"].get(field) {
            meta.insert(field.into(), value.clone());
        }
    }
    if stored.revision() > 0 {
        meta.insert("resourceVersion".into(), stored.revision().to_string().into());
    }
    let mut spec = Map::new();
    let replicas = object["spec"]["replicas"].as_i64().unwrap_or(0);
    if replicas != 0 {
        spec.insert("replicas".into(), replicas.into());
    }
    let mut status = json!({"replicas": object["status"]["replicas"].as_i64().unwrap_or(0)});
    let selector = selector(cx, &object["spec"]["selector"]);
    if !selector.is_empty() {
        status["selector"] = selector.into();
    }
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": spec, "status": status})
}

/// A label selector as text; controllers of replicas have a bare map of labels.
fn selector(cx: &Context<'_>, selector: &Value) -> String {
    let bare = &*cx.resource.plural == "replicationcontrollers";
    let labels = if bare { selector } else { &selector["matchLabels"] };
    let mut terms: Vec<String> = labels
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or("")))
        .collect();
    for term in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = term["key"].as_str().unwrap_or("");
        let mut values: Vec<&str> = term["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        values.sort_unstable();
        let values = values.join(",");
        terms.push(match term["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    terms.sort();
    terms.join(",")
}
