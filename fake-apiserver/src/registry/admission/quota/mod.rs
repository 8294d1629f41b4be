//! Quotas: what would go beyond one is refused, and what does not is counted in its status.
//!
//! The server only ever adds; a controller of the cluster takes back what was deleted. A write that fails after it was
//! admitted, because its name is taken, stays counted.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>

mod scope;
mod usage;

use std::sync::Arc;

use serde_json::{Value, json};

use super::pod_resources::{Amounts, amounts};
use super::{Context, in_namespace, is, refusal};
use crate::registry::kinds::check::part;
use crate::registry::kinds::fields::{Fields, text};
use crate::registry::{managed, meta};
use crate::status::Result;
use crate::storage::Stored;

const QUOTAS: &str = "resourcequotas";

/// Refuses what would exceed a quota of the namespace, and counts the rest.
pub(super) fn validate(cx: &mut Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
    let resizes = &*cx.subresource == "resize" && is(cx, "", "pods");
    if !cx.resource.namespaced || !(cx.subresource.is_empty() || resizes) {
        return Ok(());
    }
    let quotas = in_namespace(cx, QUOTAS);
    if quotas.is_empty() {
        return Ok(());
    }
    let resource = usage::Counted::of(&cx.resource.group, &cx.resource.plural);
    if resource.is_ignored() || (old.is_some() && !resource.counts_updates(resizes)) {
        return Ok(());
    }
    let mut used = resource.usage(object, cx.now);
    if let Some(old) = old {
        let before = resource.usage(old, cx.now);
        for (name, amount) in &mut used {
            if let Some(before) = before.get(name) {
                *amount = amount.minus(*before);
            }
        }
    }
    // What an object does not say, or a quota does not know yet, is told before what exceeds any of them.
    let mut interested = Vec::new();
    for quota in &quotas {
        let value = quota.value();
        let fields = value.as_object().unwrap_or(meta::empty());
        let status = part(fields, "status");
        let hard = amounts(status, "hard");
        let limited: Vec<&str> = hard
            .keys()
            .map(String::as_str)
            .filter(|n| resource.knows(n))
            .collect();
        if limited.is_empty() || !scope::matches(resource, part(fields, "spec"), object) {
            continue;
        }
        let name = text(meta::of(fields), "name");
        if let Some(missing) = resource.unspecified(&limited, object) {
            return Err(refusal(
                cx,
                &format!("failed quota: {name}: must specify {missing}"),
            ));
        }
        let counted = amounts(status, "used");
        if limited.iter().any(|resource| !counted.contains_key(*resource)) {
            let why = format!(
                "status unknown for quota: {name}, resources: {}",
                limited.join(",")
            );
            return Err(refusal(cx, &why));
        }
        interested.push((quota, name, hard, counted));
    }
    let mut writes = Vec::new();
    for (quota, name, hard, counted) in interested {
        let asked: Amounts = used
            .iter()
            .filter(|(name, amount)| amount.nano() > 0 && hard.contains_key(*name))
            .map(|(name, amount)| (name.clone(), *amount))
            .collect();
        let sum = |name: &str| asked[name].plus(counted.get(name).copied().unwrap_or(0.into()));
        let exceeded: Vec<&str> = asked
            .keys()
            .map(String::as_str)
            .filter(|name| sum(name) > hard[*name])
            .collect();
        if !exceeded.is_empty() {
            let told = |of: &Amounts| {
                let each = exceeded
                    .iter()
                    .filter_map(|name| Some(format!("{name}={}", of.get(*name)?)));
                each.collect::<Vec<_>>().join(",")
            };
            let why = format!(
                "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
                told(&asked),
                told(&counted),
                told(&hard)
            );
            return Err(refusal(cx, &why));
        }
        if !asked.is_empty() {
            let new: Amounts = asked.keys().map(|name| (name.clone(), sum(name))).collect();
            writes.push((quota.clone(), new));
        }
    }
    if !cx.dry_run {
        for (quota, used) in writes {
            count(cx, &quota, &used);
        }
    }
    Ok(())
}

/// Writes what is used by now into the status of a quota.
fn count(cx: &mut Context<'_>, quota: &Arc<Stored>, used: &Amounts) {
    let Some(resource) = cx.core.catalog.any_version("", QUOTAS).cloned() else {
        return;
    };
    let mut value = (**quota.value()).clone();
    for (name, amount) in used {
        value["status"]["used"][name] = json!(amount.to_string());
    }
    let entries = managed::server_wrote_status(&resource, quota, &value, &cx.timestamp());
    let key = resource.key(&cx.namespace, quota.meta("name"));
    if let Value::Object(object) = value {
        cx.core.put(&resource.table, &key, object, entries);
    }
}
