//! GET of one object.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use super::dispatch::Done;
use super::{Context, server_error};
use crate::encode::{Answer, View};
use crate::status::{Result, StatusError, go_quote};
use crate::storage::Stored;
use crate::wire::parse_uint;

/// Reads the object that the request names, at `version` or later.
pub(super) fn get(cx: &mut Context<'_>, version: &str, view: View<'_>) -> Result<Done> {
    if !version.is_empty() {
        let revision = parse_uint(version).map_err(|why| server_error(bad_version(version, &why)))?;
        if revision > cx.core.store.revision() {
            return Ok(Done::Later(revision));
        }
    }
    let stored = match cx.resource.strategy.unstored() {
        Some(objects) => unstored(cx, objects)?,
        None => cx.existing()?,
    };
    Ok(Done::Answer(Answer::object(
        StatusCode::OK,
        &cx.resource,
        stored,
        view,
    )?))
}

/// The object of those that are not stored.
fn unstored(cx: &Context<'_>, objects: Vec<Value>) -> Result<Arc<Stored>> {
    let found = objects.into_iter().find(|o| o["metadata"]["name"] == *cx.name);
    let singular = cx.resource.kind.to_lowercase();
    let found = found.ok_or_else(|| StatusError::not_found(&cx.resource.group, &singular, &cx.name))?;
    Ok(Arc::new(Stored::new(Arc::new(found), 0)))
}

/// What is wrong with a resource version that is no number.
pub(super) fn bad_version(version: &str, why: &str) -> String {
    format!("resourceVersion: Invalid value: {}: {why}", go_quote(version))
}
