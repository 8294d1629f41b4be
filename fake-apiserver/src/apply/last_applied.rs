//! The annotation in which `kubectl apply` without `--server-side` keeps its last configuration.
//!
//! The manager `kubectl` may take over what that configuration set, and keeps the annotation up to date, so that both
//! ways of applying can be mixed.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply>

use serde_json::Value;

use super::compare::compare;
use super::field_set::FieldSet;
use super::managed::Context;
use super::typed::Typed;

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The bytes that all annotations of an object may have together.
const ANNOTATIONS_LEN_MAX: usize = 256 * 1024;

/// The fields that the last configuration set and that still have its values.
pub(super) fn fields(ctx: &Context<'_>, ty: Typed<'_>, live: &Value) -> FieldSet {
    let Some(last) = annotation(live).and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return FieldSet::new();
    };
    if last.get("apiVersion").and_then(Value::as_str) != Some(ctx.api_version) {
        return FieldSet::new();
    }
    let changed = compare(ty, &last, live);
    ty.field_set(&last)
        .difference(&changed.modified)
        .difference(&changed.added)
        .difference(&changed.removed)
}

/// Puts the applied configuration into an annotation that is there already.
pub(super) fn rewrite(object: &mut Value, applied: &Value) {
    if annotation(object).is_none() {
        return;
    }
    let mut applied = applied.clone();
    if let Some(annotations) = annotations_mut(&mut applied) {
        annotations.remove(ANNOTATION);
    }
    let text = format!("{}\n", escape_html(&applied.to_string()));
    let Some(annotations) = annotations_mut(object) else {
        return;
    };
    annotations.insert(ANNOTATION.into(), text.into());
    let len: usize = annotations
        .iter()
        .map(|(k, v)| k.len() + v.as_str().unwrap_or_default().len())
        .sum();
    if len > ANNOTATIONS_LEN_MAX {
        annotations.remove(ANNOTATION);
    }
}

fn annotation(object: &Value) -> Option<&str> {
    object
        .get("metadata")?
        .get("annotations")?
        .get(ANNOTATION)?
        .as_str()
}

fn annotations_mut(object: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    object
        .get_mut("metadata")?
        .get_mut("annotations")?
        .as_object_mut()
}

/// Go's encoder writes these characters as escapes; outside strings JSON has none of them.
fn escape_html(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}
