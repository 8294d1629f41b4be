//! Section D: writes, and of section C what a write's answer meets on its way.

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, Method, Response, StatusCode, header::CONTENT_TYPE, request::Parts};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::wire::{
    self, Exchange, Played, Target, Verdict, come_again, full, is_write, json_answer, param, status,
    status_about,
};

/// What a write may meet.
///
/// Where `applied` stands, the request either takes place although its answer says nothing of it, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteFault {
    /// C5: the answer travels so slowly that watches tell newer states before.
    AnswerLate {
        /// How long it takes.
        by: Duration,
    },
    /// D1: the object is newer than the writer knows. A patch, too, may be answered so.
    Conflict,
    /// D1: somebody else writes to the object just before, by which a version in the request becomes old.
    Interleaved,
    /// D2: the object is deleted, and another made under its name, just before.
    Recreated,
    /// D3: something on the way sends the request twice, and the answer is the second one's.
    SentTwice,
    /// D3: somebody else makes an object of that name just before.
    Preempted,
    /// D4: the server draws names that are all taken. Only creates by `generateName` are befallen; others pass.
    NameCollision,
    /// D5: the server's own time limit for the request is over, whatever still goes on behind it.
    TimedOut {
        /// Whether the request takes place.
        applied: bool,
    },
    /// D6: the storage cannot be reached.
    StorageUnreachable {
        /// Whether the request takes place.
        applied: bool,
    },
    /// D7: the storage fails while it is at work.
    StorageFailed {
        /// What it says.
        why: StorageFailure,
        /// Whether the request takes place.
        applied: bool,
    },
    /// D8: somebody else deletes the object just before.
    Gone,
    /// D9: the object is invalid.
    Invalid(Invalidity),
    /// D10: a mutating webhook adds an annotation to what is written.
    Mutated,
    /// D10: this field of what is written is unknown to the server, and dropped. A path of names with dots between, such as `spec.replicas`.
    Pruned {
        /// Which.
        field: &'static str,
    },
    /// D11: the write changes nothing, for example because a webhook restores what was there: its answer is the object as it is.
    Unchanged,
    /// D12: a deletion is answered in another way than usual.
    DeleteAnswer(DeleteAnswer),
    /// D13: dependents are dealt with in another way than asked for.
    Propagation(Propagation),
    /// D14: a field that is applied belongs to somebody else. An apply that takes fields by force is not befallen.
    FieldsOwned,
    /// D15: a field is unknown, and validation strict.
    StrictlyRefused,
    /// D16: the deletion of a collection fails on its way, after so many objects.
    PartialCollection {
        /// How many are deleted.
        deleted: usize,
    },
    /// D17: the request travels so slowly that later ones on other connections arrive before.
    Overtaken {
        /// How long it takes.
        by: Duration,
    },
}

/// What the storage says when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageFailure {
    /// It has another leader.
    LeaderChanged,
    /// It has none.
    NoLeader,
    /// It took too long.
    RequestTimedOut,
}

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalidity {
    /// An update names no version, where it must.
    VersionMissing,
    /// It changes what may not be changed.
    Immutable,
    /// A validation rule of its definition says no.
    Rule,
}

/// How a deletion is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeleteAnswer {
    /// By a `Status` of success, as for most objects that are gone at once.
    Status,
    /// By the object, which is marked as being deleted.
    Object,
    /// By 202, as something that has only begun.
    Accepted,
}

/// What becomes of an object's dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Propagation {
    /// They go first.
    Foreground,
    /// They go later.
    Background,
    /// They stay.
    Orphan,
}

// === impl WriteFault ===

impl WriteFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::AnswerLate { .. } => "C5",
            Self::Conflict | Self::Interleaved => "D1",
            Self::Recreated => "D2",
            Self::SentTwice | Self::Preempted => "D3",
            Self::NameCollision => "D4",
            Self::TimedOut { .. } => "D5",
            Self::StorageUnreachable { .. } => "D6",
            Self::StorageFailed { .. } => "D7",
            Self::Gone => "D8",
            Self::Invalid(_) => "D9",
            Self::Mutated | Self::Pruned { .. } => "D10",
            Self::Unchanged => "D11",
            Self::DeleteAnswer(_) => "D12",
            Self::Propagation(_) => "D13",
            Self::FieldsOwned => "D14",
            Self::StrictlyRefused => "D15",
            Self::PartialCollection { .. } => "D16",
            Self::Overtaken { .. } => "D17",
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        if !is_write(request) {
            return false;
        }
        let target = Target::of(&request.uri);
        let (method, on_object) = (&request.method, target.is_object());
        let deletes = method == Method::DELETE;
        let creates = method == Method::POST && !on_object;
        let updates = on_object && (method == Method::PUT || method == Method::PATCH);
        match self {
            Self::Conflict | Self::Unchanged => updates,
            Self::Interleaved | Self::Recreated | Self::Gone => updates || (deletes && on_object),
            Self::Preempted | Self::NameCollision => creates,
            Self::Invalid(Invalidity::VersionMissing) => on_object && method == Method::PUT,
            Self::Invalid(Invalidity::Immutable) => updates,
            Self::Invalid(Invalidity::Rule) => updates || creates,
            Self::Mutated | Self::Pruned { .. } => (updates || creates) && !is_json_patch(request),
            Self::DeleteAnswer(_) | Self::Propagation(_) => deletes && on_object,
            Self::FieldsOwned => updates && is_apply(request) && param(request, "force") != Some("true"),
            Self::StrictlyRefused => creates || (on_object && method == Method::PUT),
            Self::PartialCollection { .. } => deletes && !on_object,
            Self::AnswerLate { .. }
            | Self::SentTwice
            | Self::TimedOut { .. }
            | Self::StorageUnreachable { .. }
            | Self::StorageFailed { .. }
            | Self::Overtaken { .. } => true,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        match *self {
            Self::AnswerLate { by } => Verdict::play(move |exchange| async move {
                let response = exchange.serve().await;
                exchange.env.sleep(by).await;
                response
            }),
            Self::Conflict => Verdict::instead(false, |exchange| conflict(&exchange.target())),
            Self::Interleaved => before(|exchange| Box::pin(annotate(exchange))),
            Self::Recreated => before(|exchange| Box::pin(recreate(exchange))),
            Self::SentTwice => before(|exchange| {
                Box::pin(async {
                    // Whether the first one fails shows in the second one's answer.
                    drop(exchange.serve().await);
                })
            }),
            Self::Preempted => before(|exchange| Box::pin(preempt(exchange))),
            Self::NameCollision => Verdict::play(collide),
            Self::TimedOut { applied } => Verdict::instead(applied, |_| {
                let message = "Timeout: request did not complete within the allotted timeout";
                json_answer(504, &status(504, "Timeout", message))
            }),
            Self::StorageUnreachable { applied } => Verdict::instead(applied, storage_unreachable),
            Self::StorageFailed { why, applied } => Verdict::instead(applied, move |_| {
                json_answer(500, &status(500, "", why.message()))
            }),
            Self::Gone => before(|exchange| {
                Box::pin(async {
                    if let Some(path) = exchange.target().object() {
                        exchange.other(Method::DELETE, &path, None).await;
                    }
                })
            }),
            Self::Invalid(why) => Verdict::instead(false, move |exchange| why.answer(exchange)),
            Self::Mutated => rewritten(|object| {
                object["metadata"]["annotations"]["injected.example.com/by"] = "webhook".into();
            }),
            Self::Pruned { field } => rewritten(move |object| prune(object, field)),
            Self::Unchanged => Verdict::play(|mut exchange| async move {
                exchange.request.method = Method::GET;
                exchange.request.uri = path_of(&exchange.request);
                exchange.body = Bytes::new();
                exchange.serve().await
            }),
            Self::DeleteAnswer(how) => Verdict::play(move |exchange| how.play(exchange)),
            Self::Propagation(how) => Verdict::play(move |mut exchange| async move {
                let mut options = exchange.json();
                if !options.is_object() {
                    options = json!({"kind": "DeleteOptions", "apiVersion": "v1"});
                }
                if let Some(options) = options.as_object_mut() {
                    options.remove("orphanDependents");
                    options.insert("propagationPolicy".to_owned(), how.name().into());
                }
                wire::set_param(&mut exchange.request, "propagationPolicy", None);
                wire::set_param(&mut exchange.request, "orphanDependents", None);
                replace_body(&mut exchange, &options);
                exchange.serve().await
            }),
            Self::FieldsOwned => Verdict::instead(false, fields_owned),
            Self::StrictlyRefused => Verdict::instead(false, |exchange| {
                let kind = kind_of(exchange);
                let version = exchange.target().version;
                let message = format!(
                    "{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: unknown field \"spec.unknown\""
                );
                json_answer(400, &status(400, "BadRequest", &message))
            }),
            Self::PartialCollection { deleted } => {
                Verdict::play(move |exchange| delete_some(exchange, deleted))
            }
            Self::Overtaken { by } => Verdict::play(move |exchange| async move {
                exchange.env.sleep(by).await;
                exchange.serve().await
            }),
        }
    }
}

// === What others do first ===

/// Something happens at the server before the request is served as it is.
pub(super) fn before(what: fn(&Exchange) -> BoxFuture<'_, ()>) -> Verdict {
    Verdict::play(move |exchange| async move {
        what(&exchange).await;
        exchange.serve().await
    })
}

/// Somebody else writes an annotation, which makes the object newer and nothing else.
async fn annotate(exchange: &Exchange) {
    let Some(path) = exchange.target().object() else {
        return;
    };
    let Some(object) = exchange.other(Method::GET, &path, None).await else {
        return;
    };
    let version = &object["metadata"]["resourceVersion"];
    let patch = json!({"metadata": {"annotations": {"somebody.example.com/was-here-after": version}}});
    exchange.other(Method::PATCH, &path, Some(&patch)).await;
}

async fn recreate(exchange: &Exchange) {
    let target = exchange.target();
    let Some(path) = target.object() else { return };
    let Some(mut object) = exchange.other(Method::GET, &path, None).await else {
        return;
    };
    exchange.other(Method::DELETE, &path, None).await;
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for field in [
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            metadata.remove(field);
        }
    }
    exchange
        .other(Method::POST, &target.collection(), Some(&object))
        .await;
}

/// Somebody else's object is there: what the kind demands is in it, and nothing that says whose it is.
async fn preempt(exchange: &Exchange) {
    let mut object = exchange.json();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|field, _| field == "name" || field == "namespace");
    }
    let path = exchange.target().collection();
    exchange.other(Method::POST, &path, Some(&object)).await;
}

// === What the server, or something before it, does otherwise ===

/// What is written is changed on its way.
fn rewritten(change: impl FnOnce(&mut Value) + Send + 'static) -> Verdict {
    Verdict::play(|mut exchange| async move {
        let mut object = exchange.json();
        if object.is_object() {
            change(&mut object);
            replace_body(&mut exchange, &object);
        }
        exchange.serve().await
    })
}

fn prune(object: &mut Value, field: &str) {
    let mut at = object;
    let (parents, last) = field.rsplit_once('.').map_or(("", field), |split| split);
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        let Some(next) = at.get_mut(part) else { return };
        at = next;
    }
    if let Some(map) = at.as_object_mut() {
        map.remove(last);
    }
}

fn replace_body(exchange: &mut Exchange, body: &Value) {
    exchange.body = body.to_string().into();
    let headers = &mut exchange.request.headers;
    headers.remove(http::header::CONTENT_LENGTH);
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
}

/// The request's path without its query.
fn path_of(request: &Parts) -> http::Uri {
    let mut parts = request.uri.clone().into_parts();
    // A path that was valid with a query is so without.
    parts.path_and_query = request.uri.path().parse().ok();
    http::Uri::from_parts(parts).unwrap_or_else(|_| request.uri.clone())
}

async fn delete_some(exchange: Exchange, count: usize) -> Played {
    let mut list = exchange.request.uri.to_string();
    // What selects the objects to delete selects them in a list.
    if let Some((path, query)) = list.split_once('?') {
        let selectors: Vec<&str> = query
            .split('&')
            .filter(|pair| pair.starts_with("labelSelector=") || pair.starts_with("fieldSelector="))
            .collect();
        list = format!("{path}?{}", selectors.join("&"));
    }
    let collection = exchange.target().collection();
    let found = exchange.other(Method::GET, &list, None).await.unwrap_or_default();
    for item in found["items"].as_array().into_iter().flatten().take(count) {
        let name = item["metadata"]["name"].as_str().unwrap_or_default();
        // A list over all namespaces holds objects of many.
        let path = match (
            exchange.target().namespace,
            item["metadata"]["namespace"].as_str(),
        ) {
            (None, Some(namespace)) => {
                let target = exchange.target();
                Target {
                    namespace: Some(namespace),
                    ..target
                }
                .collection()
            }
            _ => collection.clone(),
        };
        exchange
            .other(Method::DELETE, &format!("{path}/{name}"), None)
            .await;
    }
    Ok(json_answer(500, &status(500, "", StorageFailure::RequestTimedOut.message())).map(full))
}

// === What the server says ===

fn conflict(target: &Target<'_>) -> Response<Bytes> {
    let message = format!(
        "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest \
         version and try again",
        target.qualified(),
        target.name.unwrap_or_default(),
    );
    json_answer(409, &status_about(target, 409, "Conflict", &message))
}

async fn collide(exchange: Exchange) -> Played {
    let object = exchange.json();
    let metadata = &object["metadata"];
    let prefix = match (metadata["name"].as_str(), metadata["generateName"].as_str()) {
        (None | Some(""), Some(prefix)) => prefix,
        _ => return exchange.serve().await,
    };
    let name = format!("{prefix}x7k2p");
    let target = Target {
        name: Some(&name),
        ..exchange.target()
    };
    let message = format!(
        "{} \"{name}\" already exists, the server was not able to generate a unique name for the object",
        target.qualified()
    );
    Ok(json_answer(409, &status_about(&target, 409, "AlreadyExists", &message)).map(full))
}

fn storage_unreachable(exchange: &Exchange) -> Response<Bytes> {
    let target = exchange.target();
    let method = &exchange.request.method;
    let message = format!(
        "The {method} operation against {} could not be completed at this time, please try again.",
        target.qualified()
    );
    let mut status = status_about(&target, 500, "ServerTimeout", &message);
    // The server writes the operation where the name would be.
    status["details"]["name"] = method.as_str().into();
    come_again(500, status, 2)
}

fn fields_owned(exchange: &Exchange) -> Response<Bytes> {
    let object = exchange.json();
    let field = first_leaf(&object).unwrap_or_else(|| ".metadata".to_owned());
    let version = object["apiVersion"].as_str().unwrap_or("v1");
    let owner = format!("conflict with \"somebody-else\" using {version}");
    let mut status = status(
        409,
        "Conflict",
        &format!("Apply failed with 1 conflict: {owner}: {field}"),
    );
    status["details"] = json!({"causes": [
        {"reason": "FieldManagerConflict", "message": owner, "field": field},
    ]});
    json_answer(409, &status)
}

/// The path of a field that can have an owner.
fn first_leaf(object: &Value) -> Option<String> {
    fn walk(value: &Value, path: &str) -> Option<String> {
        match value {
            Value::Object(map) if !map.is_empty() => map
                .iter()
                .find_map(|(key, value)| walk(value, &format!("{path}.{key}"))),
            _ => Some(path.to_owned()),
        }
    }
    object
        .as_object()?
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"))
        .find_map(|(key, value)| walk(value, &format!(".{key}")))
}

/// The kind as the body says it.
fn kind_of(exchange: &Exchange) -> String {
    let object = exchange.json();
    object["kind"]
        .as_str()
        .map_or_else(|| exchange.target().resource.to_owned(), str::to_owned)
}

fn is_apply(request: &Parts) -> bool {
    content_type(request).starts_with("application/apply-patch")
}

fn is_json_patch(request: &Parts) -> bool {
    content_type(request).starts_with("application/json-patch")
}

fn content_type(request: &Parts) -> &str {
    let value = request.headers.get(CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

// === impl StorageFailure ===

impl StorageFailure {
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::LeaderChanged => "etcdserver: leader changed",
            Self::NoLeader => "etcdserver: no leader",
            Self::RequestTimedOut => "etcdserver: request timed out",
        }
    }
}

// === impl Invalidity ===

impl Invalidity {
    fn answer(self, exchange: &Exchange) -> Response<Bytes> {
        let (reason, field, why) = match self {
            Self::VersionMissing => (
                "FieldValueInvalid",
                "metadata.resourceVersion",
                "Invalid value: 0: must be specified for an update",
            ),
            Self::Immutable => (
                "FieldValueForbidden",
                "spec",
                "Forbidden: updates to this field are not allowed",
            ),
            Self::Rule => (
                "FieldValueInvalid",
                "spec",
                "Invalid value: failed rule: self.min <= self.max",
            ),
        };
        let (kind, named) = (kind_of(exchange), exchange.named());
        let target = named.target();
        let qualified = if target.group.is_empty() {
            kind.clone()
        } else {
            format!("{kind}.{}", target.group)
        };
        let name = target.name.unwrap_or_default();
        let message = format!("{qualified} \"{name}\" is invalid: {field}: {why}");
        let mut status = status_about(&target, 422, "Invalid", &message);
        status["details"]["kind"] = kind.into();
        status["details"]["causes"] = json!([{"reason": reason, "message": why, "field": field}]);
        json_answer(422, &status)
    }
}

// === impl DeleteAnswer ===

impl DeleteAnswer {
    async fn play(self, exchange: Exchange) -> Played {
        let path = exchange.target().object().unwrap_or_default();
        let was = exchange.other(Method::GET, &path, None).await;
        let served = exchange.serve().await?;
        let (Some(mut object), true) = (was, served.status().is_success()) else {
            return Ok(served);
        };
        let (mut head, body) = served.into_parts();
        let body = body.collect().await?.to_bytes();
        let answer = match self {
            Self::Accepted => {
                head.status = StatusCode::ACCEPTED;
                return Ok(Response::from_parts(head, full(body)));
            }
            Self::Status => {
                let target = exchange.target();
                let mut details =
                    json!({"name": target.name, "kind": target.resource, "uid": object["metadata"]["uid"]});
                if !target.group.is_empty() {
                    details["group"] = target.group.into();
                }
                json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})
            }
            Self::Object => {
                object["metadata"]["deletionTimestamp"] =
                    json!(exchange.env.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
                object["metadata"]["deletionGracePeriodSeconds"] = json!(0);
                object
            }
        };
        Ok(json_answer(200, &answer).map(full))
    }
}

// === impl Propagation ===

impl Propagation {
    fn name(self) -> &'static str {
        match self {
            Self::Foreground => "Foreground",
            Self::Background => "Background",
            Self::Orphan => "Orphan",
        }
    }
}
