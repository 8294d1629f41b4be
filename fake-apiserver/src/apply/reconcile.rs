//! Ownership after a schema became atomic where it was granular.
//!
//! Entries are written with the schema of their time: whoever owned something inside what is atomic now owns it whole.
//! The other way round there is nothing to do: owning an object or a list is owning it, whatever becomes of its items.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#compatibility-across-toplogy-changes>

use std::sync::Arc;

use serde_json::Value;

use super::entries::Entries;
use super::field_set::{FieldSet, PathElement};
use super::managed::{Context, Untranslatable, viewed};
use super::typed::{Form, Typed};

/// Brings the entries in line with the schemas of their versions, and forgets those of versions that are no more.
///
/// # Errors
/// The live object cannot be told in the version of some entry.
pub(super) fn with_schema(
    ctx: &Context<'_>,
    entries: &mut Entries,
    live: &Value,
) -> Result<(), Untranslatable> {
    in_version(entries, ctx.api_version, Typed::new(ctx.schema, ctx.node));
    let mut others: Vec<String> = Vec::new();
    for entry in entries.iter().filter(|e| e.api_version != ctx.api_version) {
        if !others.contains(&entry.api_version) {
            others.push(entry.api_version.clone());
        }
    }
    for version in others {
        match viewed(ctx, live, &version, None)? {
            Some((_, ty)) => in_version(entries, &version, ty),
            None => entries.retain(|e| e.api_version != version),
        }
    }
    Ok(())
}

fn in_version(entries: &mut Entries, version: &str, ty: Typed<'_>) {
    for entry in entries.iter_mut().filter(|e| e.api_version == version) {
        if differs(ty, entry.fields()) {
            let fields = reconciled(ty, entry.fields());
            Arc::make_mut(entry).set_fields(fields);
        }
    }
}

/// Whether some path leads into what is owned as a whole.
fn differs(ty: Typed<'_>, fields: &FieldSet) -> bool {
    let mut nodes = fields.nodes().iter().filter(|node| !node.children.is_empty());
    nodes.any(|node| {
        step(ty, &node.element).is_some_and(|child| is_leaf(child) || differs(child, &node.children))
    })
}

fn reconciled(ty: Typed<'_>, fields: &FieldSet) -> FieldSet {
    let mut out = FieldSet::new();
    for node in fields.nodes() {
        let (member, below) = match step(ty, &node.element) {
            Some(child) if is_leaf(child) => (true, FieldSet::new()),
            Some(child) => (node.member, reconciled(child, &node.children)),
            None => (node.member, node.children.clone()),
        };
        out.push(node.element.clone(), member, below);
    }
    out
}

fn is_leaf(ty: Typed<'_>) -> bool {
    matches!(ty.declared_form(), Some(Form::Leaf))
}

fn step<'a>(ty: Typed<'a>, element: &PathElement) -> Option<Typed<'a>> {
    match (ty.declared_form()?, element) {
        (Form::Object(fields), PathElement::Field(name)) => Some(fields.get(name).0),
        (Form::Keyed(keyed), PathElement::Key(_)) => Some(keyed.item),
        _ => None,
    }
}
