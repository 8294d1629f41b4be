//! What stands behind an object's name in a path, but for `status`, which is written like the object itself.

mod binding;
mod connect;
mod eviction;
mod finalize;
pub(super) mod part;
pub(super) mod scale;
mod token;

use http::StatusCode;
use serde_json::{Value, json};

use super::dispatch::Done;
use super::{Context, create, namespace};
use crate::discovery::Verb;
use crate::encode::{Answer, View};
use crate::status::{Result, StatusError};
use crate::wire::{Request, Write, WriteOptions, body};

/// Answers a request to a subresource.
pub(super) fn call<'v>(
    cx: &mut Context<'_>,
    request: &Request,
    verb: Verb,
    view: impl Fn() -> Result<View<'v>>,
) -> Result<Done> {
    let name = cx.subresource.clone();
    match (name.as_str(), verb) {
        ("scale", _) => scale::call(cx, request, verb, view()?).map(Done::Answer),
        ("eviction", Verb::Create) => {
            let view = create_options(cx, request, view)?;
            let body = request.body()?.clone();
            eviction::evict(cx, &body, request.header(&http::header::CONTENT_TYPE))?;
            Ok(Done::Answer(success(view)))
        }
        ("binding", Verb::Create) => {
            let view = create_options(cx, request, view)?;
            let body = request.body()?.clone();
            binding::bind(cx, &body, request.header(&http::header::CONTENT_TYPE))?;
            Ok(Done::Answer(success(view)))
        }
        ("token", Verb::Create) => {
            let view = create_options(cx, request, view)?;
            let body = request.body()?.clone();
            let answer = token::request(cx, &body, request.header(&http::header::CONTENT_TYPE))?;
            Ok(Done::Answer(Answer::value(
                StatusCode::CREATED,
                &answer,
                view.accepted,
            )))
        }
        ("finalize", Verb::Update) => finalize::call(cx, request, view()?).map(Done::Answer),
        ("log" | "exec" | "attach" | "portforward", _) => connect::call(cx, request),
        ("proxy", _) if &*cx.resource.plural == "services" => connect::service(cx).map(Done::Answer),
        ("proxy", _) => connect::call(cx, request),
        _ => Err(StatusError::new(
            501,
            "NotImplemented",
            format!(
                "the subresource {name} of {} is not served",
                cx.resource.qualified()
            ),
        )),
    }
}

/// Answers a POST to `bindings`: the older way to assign the pod that the body names.
pub(super) fn bind(cx: &mut Context<'_>, body: &[u8], content_type: &str, view: View<'_>) -> Result<Answer> {
    let binding = create::read(cx, body, content_type)?;
    namespace::admit_create(cx)?;
    if let Some(pods) = cx.core.catalog.any_version("", "pods").cloned() {
        cx.resource = pods;
    }
    binding::assign(cx, &binding)?;
    Ok(success(view))
}

fn create_options<'v>(
    cx: &mut Context<'_>,
    request: &Request,
    view: impl Fn() -> Result<View<'v>>,
) -> Result<View<'v>> {
    let view = view()?;
    body::media(request.header(&http::header::CONTENT_TYPE))?;
    let user_agent = request.header(&http::header::USER_AGENT);
    cx.set_options(WriteOptions::parse(&request.query, Write::Create, user_agent)?);
    Ok(view)
}

/// The answer to a request that made nothing to show.
fn success(view: View<'_>) -> Answer {
    let status: Value = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201,
    });
    Answer::value(StatusCode::CREATED, &status, view.accepted)
}
