//! `/finalize` of a namespace: the one way to change its own finalizers.

use http::StatusCode;

use crate::encode::{Answer, View};
use crate::registry::managed::Mode;
use crate::registry::{Context, decode, meta, update};
use crate::status::Result;
use crate::wire::{Request, Write, WriteOptions, body};

/// Replaces the finalizers by those in the body.
pub(super) fn call(cx: &mut Context<'_>, request: &Request, view: View<'_>) -> Result<Answer> {
    let content_type = request.header(&http::header::CONTENT_TYPE);
    body::media(content_type)?;
    let body = request.body()?.clone();
    let user_agent = request.header(&http::header::USER_AGENT);
    cx.set_options(WriteOptions::parse(&request.query, Write::Update, user_agent)?);
    let object = decode::object(cx, &body, content_type)?;
    update::check_name(cx, meta::of(&object))?;
    let old = cx.existing()?;
    let stored = update::replace(cx, &old, object, Mode::Track)?;
    Answer::object(StatusCode::OK, &cx.resource, stored, view)
}
