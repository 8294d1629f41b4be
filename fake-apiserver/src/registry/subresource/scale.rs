//! `/scale`: the number of replicas of a workload, as an object of its own.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::apply;
use crate::apply::entries::Entries;
use crate::apply::managed::OneVersion;
use crate::apply::resets::Resets;
use crate::apply::scale::{Mapping, SCALE_VERSION, to_parent, to_scale};
use crate::crd::Scale;
use crate::discovery::Verb;
use crate::encode::{self, Answer, View};
use crate::patch;
use crate::registry::managed::Mode;
use crate::registry::patch::{Kind, apply_body};
use crate::registry::{Context, decode, meta, server_error, update};
use crate::schema;
use crate::status::{FieldError, Result, StatusError, go_quote};
use crate::storage::Stored;
use crate::wire::{Request, Write, WriteOptions, body};

/// The kind of a scale.
const SCALE: (&str, &str, &str) = ("autoscaling", "v1", "Scale");

/// Why an apply to the scale of a custom resource fails: the scale is taken for the resource.
const UNCONVERTIBLE: &str = "request to convert CR to an invalid group/version: ";

/// Answers a request to a scale.
pub(super) fn call(cx: &mut Context<'_>, request: &Request, verb: Verb, view: View<'_>) -> Result<Answer> {
    let content_type = request.header(&http::header::CONTENT_TYPE);
    let user_agent = request.header(&http::header::USER_AGENT);
    let stored = match verb {
        Verb::Get => {
            let stored = cx.existing()?;
            if let Some(path) = missing_replicas(cx, stored.value()) {
                return Err(StatusError::internal(format!(
                    "the spec replicas field {} does not exist",
                    go_quote(&path)
                )));
            }
            stored
        }
        Verb::Update => {
            body::media(content_type)?;
            let body = request.body()?.clone();
            cx.set_options(WriteOptions::parse(&request.query, Write::Update, user_agent)?);
            let scale = decode::of_kind(cx, SCALE, &body, content_type)?;
            update::check_name(cx, meta::of(&scale))?;
            let live = live(cx)?;
            let scale = tracked(cx, &live, scale);
            let old = cx.existing()?;
            update::check_uid(cx, meta::text(meta::of(&scale), "uid"), &old)?;
            write(cx, scale)?
        }
        Verb::Patch => {
            let kind = Kind::parse(content_type, cx.resource.custom)?;
            let body = request.body()?.clone();
            let options = WriteOptions::parse(&request.query, Write::Patch(kind == Kind::Apply), user_agent)?;
            let force = options.force == Some(true);
            cx.set_options(options);
            let scale = patched(cx, kind, &body, force)?;
            write(cx, scale)?
        }
        _ => return Err(StatusError::method_not_allowed()),
    };
    Answer::scale(scale(cx, &stored), &cx.resource, view)
}

/// The scale after a patch.
fn patched(cx: &mut Context<'_>, kind: Kind, body: &[u8], force: bool) -> Result<Map<String, Value>> {
    let live = live(cx)?;
    let text = encode::go_order(&live);
    let builtin = schema::builtin();
    let node = builtin.kind(SCALE.0, SCALE.1, SCALE.2);
    let result = match (kind, node) {
        (Kind::Json, _) => patch::json::apply(&text, body).map_err(|e| e.status())?,
        (Kind::Strategic, Some(node)) => {
            patch::strategic::apply(builtin.schema(), node, &live, body).map_err(|e| e.status())?
        }
        (Kind::Apply, Some(_)) => {
            let configuration = apply_body(cx, body)?;
            if cx.resource.custom && live.pointer("/metadata/managedFields").is_none() {
                return Err(server_error(format!(
                    "failed to create manager for existing fields: failed to convert live object (/; {SCALE_VERSION}, \
                     Kind=Scale) to proper version: {UNCONVERTIBLE}{SCALE_VERSION}"
                )));
            }
            let applied = with_context(cx, |ctx| apply::apply(ctx, Some(live), &configuration, force))?;
            let applied = applied.map_err(StatusError::from)?;
            // What was merged is converted as if it were the custom resource itself.
            if cx.resource.custom && applied.changed {
                let why = format!("{UNCONVERTIBLE}{SCALE_VERSION}");
                return Err(apply::unconvertible(&apply::described(&configuration), &why));
            }
            return match applied.object {
                Value::Object(scale) => Ok(scale),
                _ => Err(cx.not_found()),
            };
        }
        _ => patch::merge::apply(&text, body).map_err(|e| e.status())?,
    };
    let scale = decode::patched_kind(cx, SCALE, &result)?;
    update::check_name(cx, meta::of(&scale))?;
    Ok(tracked(cx, &live, scale))
}

/// The scale with what its writer owns.
fn tracked(cx: &Context<'_>, live: &Value, scale: Map<String, Value>) -> Map<String, Value> {
    let mut scale = Value::Object(scale);
    // Without the type of a scale, which is built in, nothing would be owned.
    let done = with_context(cx, |ctx| apply::managed::update(ctx, Some(live), &mut scale));
    debug_assert!(done.is_ok(), "scales have a type");
    match scale {
        Value::Object(scale) => scale,
        _ => Map::new(),
    }
}

fn with_context<T>(cx: &Context<'_>, work: impl FnOnce(&apply::managed::Context<'_>) -> T) -> Result<T> {
    let builtin = schema::builtin();
    let Some(node) = builtin.kind(SCALE.0, SCALE.1, SCALE.2) else {
        return Err(StatusError::internal("scales have no type"));
    };
    Ok(work(&apply::managed::Context {
        schema: builtin.schema(),
        node,
        api_version: SCALE_VERSION,
        kind: SCALE.2,
        manager: &cx.manager,
        subresource: Mapping::subresource(),
        resets: &Resets::none(),
        evolving: false,
        now: &cx.timestamp(),
        versions: &OneVersion,
    }))
}

/// Writes the number of replicas.
fn write(cx: &mut Context<'_>, scale: Map<String, Value>) -> Result<Arc<Stored>> {
    let meta = meta::of(&scale);
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
    if replicas < 0 && !cx.resource.custom {
        let error = FieldError::invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        return Err(StatusError::invalid("autoscaling", "Scale", &cx.name, &[error]));
    }
    let mut parent = (**old.value()).clone();
    set_at(&mut parent, &paths(cx).spec_replicas, replicas.into());
    let (mapping, version) = (mapping(cx), cx.resource.api_version.clone());
    let after = Entries::of(&Value::Object(scale.clone()));
    let entries = to_parent(old.entries(), after, &version, &mapping);
    parent["metadata"]["resourceVersion"] = match meta.get("resourceVersion") {
        Some(version) => version.clone(),
        None => old.revision().to_string().into(),
    };
    let Value::Object(parent) = parent else {
        return Err(cx.not_found());
    };
    update::replace(cx, &old, parent, Mode::Keep(entries))
}

/// Where the resource keeps what its scale shows.
fn paths(cx: &Context<'_>) -> Scale {
    let custom = cx.resource.custom_type().and_then(|t| t.scale());
    custom.cloned().unwrap_or_else(|| Scale {
        spec_replicas: ".spec.replicas".into(),
        status_replicas: ".status.replicas".into(),
        label_selector: String::new(),
    })
}

/// Where each version of the resource keeps its number of replicas.
fn mapping(cx: &Context<'_>) -> Mapping {
    match cx.resource.defined() {
        Some(version) => {
            let all = version.definition().replicas_paths();
            Mapping::new(all.iter().map(|(v, path)| (v.as_str(), path.as_deref())))
        }
        None => Mapping::new([(&*cx.resource.api_version, Some(".spec.replicas"))]),
    }
}

/// The path to a custom resource's number of replicas, where it has none.
fn missing_replicas(cx: &Context<'_>, object: &Value) -> Option<String> {
    let path = cx.resource.custom_type()?.scale()?.spec_replicas.clone();
    let there = object.pointer(&path.replace('.', "/"));
    there.is_none_or(|v| !v.is_i64()).then_some(path)
}

/// The scale as writes start from it, with its owners.
fn live(cx: &Context<'_>) -> Result<Value> {
    let stored = cx.existing()?;
    let mut live = scale(cx, &stored);
    let entries = to_scale(stored.entries(), &mapping(cx));
    if !entries.is_empty() {
        live["metadata"]["managedFields"] = entries.to_value();
    }
    Ok(live)
}

/// The scale of an object.
pub(in crate::registry) fn scale(cx: &Context<'_>, stored: &Stored) -> Value {
    let object = stored.value();
    let paths = paths(cx);
    let at = |path: &str| object.pointer(&path.replace('.', "/"));
    let mut meta = Map::new();
    for field in ["name", "namespace", "uid", "creationTimestamp"] {
        if let Some(value) = object["metadata"].get(field) {
            meta.insert(field.into(), value.clone());
        }
    }
    if stored.revision() > 0 {
        meta.insert("resourceVersion".into(), stored.revision().to_string().into());
    }
    let number = |path: &str| at(path).and_then(Value::as_i64).unwrap_or(0);
    let mut spec = Map::new();
    let replicas = number(&paths.spec_replicas);
    if replicas != 0 {
        spec.insert("replicas".into(), replicas.into());
    }
    let mut status = json!({"replicas": number(&paths.status_replicas)});
    let selector = if cx.resource.custom {
        let text = at(&paths.label_selector).filter(|_| !paths.label_selector.is_empty());
        text.and_then(Value::as_str).unwrap_or("").to_owned()
    } else {
        selector(cx, &object["spec"]["selector"])
    };
    if !selector.is_empty() {
        status["selector"] = selector.into();
    }
    json!({"kind": "Scale", "apiVersion": SCALE_VERSION, "metadata": meta, "spec": spec, "status": status})
}

/// Sets what a path such as `.spec.replicas` leads to, and makes the objects on the way.
fn set_at(object: &mut Value, path: &str, value: Value) {
    let mut at = object;
    for step in path.split('.').filter(|s| !s.is_empty()) {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[step];
    }
    *at = value;
}

/// A label selector as text; replication controllers have a bare map of labels.
fn selector(cx: &Context<'_>, selector: &Value) -> String {
    if &*cx.resource.plural == "replicationcontrollers" {
        return encode::label_selector(&json!({"matchLabels": selector}));
    }
    encode::label_selector(selector)
}
