//! GET of one object.

use http::StatusCode;

use super::dispatch::Done;
use super::{Context, server_error};
use crate::encode::{Answer, View};
use crate::status::{Result, go_quote};
use crate::wire::parse_uint;

/// Reads the object that the request names, at `version` or later.
pub(super) fn get(cx: &mut Context<'_>, version: &str, view: View<'_>) -> Result<Done> {
    if !version.is_empty() {
        let revision = parse_uint(version).map_err(|why| server_error(bad_version(version, &why)))?;
        if revision > cx.core.store.revision() {
            return Ok(Done::Later(revision));
        }
    }
    let stored = cx.existing()?;
    Ok(Done::Answer(Answer::object(
        StatusCode::OK,
        &cx.resource,
        stored,
        view,
    )?))
}

/// What is wrong with a resource version that is no number.
pub(super) fn bad_version(version: &str, why: &str) -> String {
    format!("resourceVersion: Invalid value: {}: {why}", go_quote(version))
}
