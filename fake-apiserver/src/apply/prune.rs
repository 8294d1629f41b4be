//! Removal of what an applier gave up: fields of its last configuration that are not in the new one and that nobody else
//! owns.

use std::collections::BTreeMap;

use serde_json::Value;

use super::entries::{Entries, Entry};
use super::field_set::{FieldSet, PathElement};
use super::managed::{Context, Untranslatable, viewed};
use super::merge::remove;
use super::typed::{Form, Typed};

/// The merged object without what the applier gave up; `entries` hold the new configuration's fields already.
///
/// An object goes with the last field that the applier owned in it, unless someone else owns another: so do the fields
/// in it that belong to nobody.
pub(super) fn prune(
    ctx: &Context<'_>,
    merged: Value,
    entries: &Entries,
    last: &Entry,
) -> Result<Value, Untranslatable> {
    if last.fields().is_empty() {
        return Ok(merged);
    }
    if last.api_version == ctx.api_version {
        let ty = Typed::new(ctx.schema, ctx.node);
        return prune_in(ctx, ty, ctx.api_version, merged, entries, last.fields());
    }
    // The last configuration names its fields in another version: look at the object through that.
    let what = "merged object to last applied version";
    let Some((there, ty)) = viewed(ctx, &merged, &last.api_version, what)? else {
        return Ok(merged);
    };
    let pruned = prune_in(ctx, ty, &last.api_version, there, entries, last.fields())?;
    Ok(
        match viewed(
            ctx,
            &pruned,
            ctx.api_version,
            "pruned object to the applied version",
        )? {
            Some((back, _)) => back,
            None => merged,
        },
    )
}

fn prune_in(
    ctx: &Context<'_>,
    ty: Typed<'_>,
    version: &str,
    merged: Value,
    entries: &Entries,
    last: &FieldSet,
) -> Result<Value, Untranslatable> {
    let last = with_named_parents(ty, last);
    let mut pruned = remove(ty, &merged, &last);
    let mut owned: BTreeMap<&str, FieldSet> = BTreeMap::new();
    for entry in entries.iter() {
        let there = owned.entry(&entry.api_version).or_default();
        *there = there.union(entry.fields());
    }
    if let Some(owned) = owned.remove(version) {
        pruned = restore(ty, &merged, &pruned, &owned);
    }
    for (other, owned) in owned {
        let Some((merged, ty)) = viewed(ctx, &merged, other, "merged object")? else {
            continue;
        };
        let Some((there, _)) = viewed(ctx, &pruned, other, "pruned object")? else {
            continue;
        };
        let there = restore(ty, &merged, &there, &owned);
        if let Some((back, _)) = viewed(ctx, &there, version, "pruned object")? {
            pruned = back;
        }
    }
    // What was never the applier's comes back, as far as it has something to be in.
    let gone = paths(ty, &merged).difference(&paths(ty, &pruned));
    Ok(remove(ty, &merged, &gone.intersection(&last)))
}

/// The merged value reduced to what is left in the pruned one and what is owned.
fn restore(ty: Typed<'_>, merged: &Value, pruned: &Value, owned: &FieldSet) -> Value {
    let kept = paths(ty, pruned).union(&with_named_parents(ty, owned));
    remove(ty, merged, &paths(ty, merged).difference(&kept))
}

fn paths(ty: Typed<'_>, value: &Value) -> FieldSet {
    with_named_parents(ty, &ty.field_set(value))
}

/// The set with every declared field as a member that leads to one.
fn with_named_parents(ty: Typed<'_>, set: &FieldSet) -> FieldSet {
    let mut out = FieldSet::new();
    for node in set.nodes() {
        if node.children.is_empty() {
            out.push(node.element.clone(), node.member, FieldSet::new());
            continue;
        }
        let (below, named) = match (ty.declared_form(), &node.element) {
            (Some(Form::Object(fields)), PathElement::Field(name)) => {
                let (ty, named) = fields.get(name);
                (with_named_parents(ty, &node.children), named)
            }
            (Some(Form::Keyed(keyed)), PathElement::Key(_)) => {
                (with_named_parents(keyed.item, &node.children), false)
            }
            _ => (node.children.clone(), false),
        };
        out.push(node.element.clone(), node.member || named, below);
    }
    out
}
