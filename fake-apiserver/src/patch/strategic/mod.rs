//! Strategic merge patch: a merge patch that knows from the schema which lists are merged, and by which key.
//!
//! What the real server does is told by the order of its steps, so the steps are kept: a directive for the whole map, then
//! `$retainKeys`, then lists with an order, then everything else. Built-in kinds only: others are refused before it comes to this.
//!
//! # Source
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md>

mod error;
mod list;
mod map;
mod order;
#[cfg(test)]
mod tests;

pub use error::Error;

use serde_json::{Map, Value};

use crate::schema::json::check;
use crate::schema::{NodeId, Schema, unstructured};

use super::{Patched, gojson};

/// Replaces, deletes or (nowhere) merges what it stands in.
const DIRECTIVE: &str = "$patch";
/// The fields of its map that are to stay.
const RETAIN_KEYS: &str = "$retainKeys";
/// The order of the list that its name ends with.
const SET_ELEMENT_ORDER: &str = "$setElementOrder/";
/// What goes from the list of scalars that its name ends with.
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";

/// Applies the body of a request to an object of a built-in kind.
///
/// `object` stays as it is when anything fails.
///
/// # Errors
/// See [`Error`]; [`Error::status`] is what the client is told. That the result no longer fits the type of the object is told by
/// [`fit`].
pub fn apply(schema: &Schema, node: NodeId, object: &Value, body: &[u8]) -> Result<Patched, Error> {
    check(body).map_err(Error::Syntax)?;
    let body = String::from_utf8_lossy(body);
    let parsed = gojson::parse(&body).map_err(|literal| {
        Error::Type(format!(
            "json: cannot unmarshal number {literal} into Go value of type float64"
        ))
    })?;
    let mut patch = match parsed.value {
        Value::Object(members) => members,
        Value::Null => Map::new(),
        _ => {
            let kind = gojson::kind_name(&body);
            return Err(Error::Type(format!(
                "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            )));
        }
    };
    let original = object.as_object().cloned().unwrap_or_default();
    let mut value = Value::Object(map::merge(schema, node, original, &mut patch)?);
    unstructured::wrap_integers(schema, node, &mut value);
    let findings = parsed
        .duplicates
        .iter()
        .map(|path| format!("duplicate field \"{path}\""))
        .collect();
    Ok(Patched {
        text: gojson::write(&value),
        findings,
        value: value.into(),
        // What the merge has used up of the patch is not quoted.
        quoted: Some(gojson::format(&Value::Object(patch))),
    })
}

/// Whether a patched object still fits its type; what is said otherwise is to be told by [`Patched::invalid`].
///
/// # Errors
/// The first value that cannot be brought into its type, in the server's words.
pub fn fit(schema: &Schema, node: NodeId, value: &Value) -> Result<(), String> {
    unstructured::fit(schema, node, value)
}
