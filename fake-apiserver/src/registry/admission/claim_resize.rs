//! Growth of claims: only a class that allows it lets its claims grow.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#persistentvolumeclaimresize>

use super::pod_resources::amounts;
use super::{Context, is, refusal};
use crate::registry::kinds::check::{flag, part};
use crate::registry::kinds::fields::{Fields, text};
use crate::registry::meta;
use crate::status::Result;

const CLASSES: &str = "storageclasses.storage.k8s.io";
/// Where a claim named its class before there was a field.
const OLD_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// Refuses a claim that asks for more than it did, where its class does not say that it may.
pub(super) fn validate(cx: &Context<'_>, claim: &Fields, old: Option<&Fields>) -> Result<()> {
    let Some(old) = old else {
        return Ok(());
    };
    if !is(cx, "", "persistentvolumeclaims") || !cx.subresource.is_empty() {
        return Ok(());
    }
    let size = |claim| amounts(part(part(claim, "spec"), "resources"), "requests").remove("storage");
    if size(claim) <= size(old) || may_grow(cx, class_of(claim), class_of(old)) {
        return Ok(());
    }
    let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must \
               support resize";
    Err(refusal(cx, why))
}

fn may_grow(cx: &Context<'_>, class: &str, old: &str) -> bool {
    let class = (!class.is_empty() && class == old).then(|| cx.core.store.get(CLASSES, class));
    class.flatten().is_some_and(|class| {
        let class = class.value().as_object().unwrap_or(meta::empty());
        flag(class, "allowVolumeExpansion")
    })
}

/// The class that a claim names; an empty one is none.
pub(super) fn class_of(claim: &Fields) -> &str {
    let old = text(part(part(claim, "metadata"), "annotations"), OLD_CLASS);
    if old.is_empty() {
        text(part(claim, "spec"), "storageClassName")
    } else {
        old
    }
}
