//! `/eviction` of a pod: a deletion that asks the disruption budgets first.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>

use std::sync::Arc;

use serde_json::{Value, json};

use crate::registry::admission::{self, attempt::Attempt};
use crate::registry::delete::{self, Admission};
use crate::registry::{Context, decode, managed, meta, namespace};
use crate::status::{Cause, Details, Result, StatusError};
use crate::storage::Stored;
use crate::wire::DeleteOptions;

const BUDGETS: &str = "poddisruptionbudgets.policy";

/// Evicts the pod, by the options that the body carries.
pub(super) fn evict(cx: &mut Context<'_>, body: &[u8], content_type: &str) -> Result<()> {
    let eviction = decode::of_kind(cx, ("policy", "v1", "Eviction"), body, content_type)?;
    namespace::admit_create(cx)?;
    if meta::text(meta::of(&eviction), "name") != cx.name {
        return Err(StatusError::bad_request(
            "name in URL does not match name in Eviction object",
        ));
    }
    let options = eviction.get("deleteOptions").cloned().unwrap_or_default();
    let mut options = DeleteOptions::from_value(&options)?;
    options.dry_run |= cx.dry_run;
    cx.dry_run = options.dry_run;
    admission::look(cx, |cx| {
        Attempt::post(cx, ("policy", "v1", "Eviction"), &eviction)
    })?;
    let pod = cx.existing()?;
    // The budget is asked first; yet what the deletion refuses leaves no trace in it or in the pod.
    let mut trial = options.clone();
    trial.dry_run = true;
    let refused = delete::delete_by(cx, &trial, Admission::Done).err();
    cx.dry_run = options.dry_run || refused.is_some();
    let budget = if ignores_budgets(&pod) {
        None
    } else {
        budget_of(cx, &pod)?
    };
    if let Some(budget) = budget
        && !may_go_unready(&pod, budget.value())
    {
        decrement(cx, &budget)?;
    }
    if let Some(refused) = refused {
        return Err(refused);
    }
    mark(cx, &pod);
    delete::delete_by(cx, &options, Admission::Done).map(drop)
}

/// Tells in the pod's status why it goes; nobody owns that.
fn mark(cx: &mut Context<'_>, old: &Stored) {
    if cx.dry_run {
        return;
    }
    let mut pod = (**old.value()).clone();
    let condition = json!({
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastProbeTime": null,
        "lastTransitionTime": cx.timestamp(),
    });
    match pod["status"]["conditions"].as_array_mut() {
        Some(all) if all.iter().any(|c| c["type"] == "DisruptionTarget") => return,
        Some(all) => all.push(condition),
        None => pod["status"]["conditions"] = json!([condition]),
    }
    if let Value::Object(pod) = pod {
        let (table, key) = (cx.resource.table.clone(), cx.key());
        cx.core.put(&table, &key, pod, old.entries().clone());
    }
}

/// Whether the pod disturbs nobody by going: it has ended, has not begun, or is going already.
fn ignores_budgets(pod: &Stored) -> bool {
    let phase = pod.value()["status"]["phase"].as_str().unwrap_or("");
    matches!(phase, "Succeeded" | "Failed" | "Pending") || pod.metadata().is_some_and(meta::is_deleting)
}

/// The one budget that covers the pod.
fn budget_of(cx: &Context<'_>, pod: &Stored) -> Result<Option<Arc<Stored>>> {
    let prefix = format!("{}/", cx.namespace);
    let all = cx.core.store.live(BUDGETS);
    let mut covering = all
        .iter()
        .filter(|(key, budget)| key.starts_with(&prefix) && covers(&budget.value()["spec"]["selector"], pod))
        .map(|(_, budget)| budget.clone());
    let first = covering.next();
    if covering.next().is_some() {
        return Err(StatusError::new(
            500,
            "",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        ));
    }
    Ok(first)
}

/// Whether a label selector selects the pod; an absent one selects nothing.
fn covers(selector: &Value, pod: &Stored) -> bool {
    let Some(selector) = selector.as_object() else {
        return false;
    };
    let labels = pod.metadata().and_then(|m| m.get("labels"));
    let value = |key: &str| labels.and_then(|l| l.get(key)).and_then(Value::as_str);
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let mut terms = selector
        .get("matchExpressions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    equal.into_iter().flatten().all(|(k, v)| value(k) == v.as_str())
        && terms.all(|term| {
            let found = term["key"].as_str().and_then(value);
            let among = || {
                let values = term["values"].as_array();
                values.into_iter().flatten().any(|v| v.as_str() == found)
            };
            match term["operator"].as_str() {
                Some("In") => found.is_some() && among(),
                Some("NotIn") => found.is_none() || !among(),
                Some("Exists") => found.is_some(),
                Some("DoesNotExist") => found.is_none(),
                _ => false,
            }
        })
}

/// Whether a pod that is not ready may go without counting.
fn may_go_unready(pod: &Stored, budget: &Value) -> bool {
    let conditions = pod.value()["status"]["conditions"].as_array();
    let ready = conditions
        .into_iter()
        .flatten()
        .any(|c| c["type"] == "Ready" && c["status"] == "True");
    if ready {
        return false;
    }
    let number = |field: &str| budget["status"][field].as_i64().unwrap_or(0);
    budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        || number("desiredHealthy") > 0 && number("currentHealthy") >= number("desiredHealthy")
}

/// Takes one disruption from the budget.
fn decrement(cx: &mut Context<'_>, budget: &Stored) -> Result<()> {
    let name = budget.meta("name");
    let value = budget.value();
    let number = |field: &str| value["status"][field].as_i64().unwrap_or(0);
    if number("observedGeneration") < value["metadata"]["generation"].as_i64().unwrap_or(0) {
        return Err(too_many(
            format!("The disruption budget {name} is still being processed by the server."),
            10,
        ));
    }
    let allowed = number("disruptionsAllowed");
    if allowed < 0 {
        let why = "pdb disruptions allowed is negative";
        return Err(StatusError::forbidden("policy", "poddisruptionbudget", name, why));
    }
    if allowed == 0 {
        let (wanted, healthy) = (number("desiredHealthy"), number("currentHealthy"));
        let why = if healthy <= wanted {
            format!("The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently")
        } else {
            format!("The disruption budget {name} does not allow evicting pods currently")
        };
        return Err(too_many(why, 0));
    }
    if cx.dry_run {
        return Ok(());
    }
    let mut value = (**value).clone();
    let now = cx.timestamp();
    value["status"]["disruptionsAllowed"] = (allowed - 1).into();
    value["status"]["disruptedPods"][cx.name.as_str()] = now.as_str().into();
    if allowed == 1 {
        let condition = json!({
            "type": "DisruptionAllowed",
            "status": "False",
            "reason": "InsufficientPods",
            "message": "",
            "observedGeneration": number("observedGeneration"),
            "lastTransitionTime": now,
        });
        match value["status"]["conditions"].as_array_mut() {
            Some(all) => {
                all.retain(|c| c["type"] != "DisruptionAllowed");
                all.push(condition);
            }
            None => value["status"]["conditions"] = json!([condition]),
        }
    }
    let resource = cx
        .core
        .catalog
        .any_version("policy", "poddisruptionbudgets")
        .cloned();
    let entries = resource.map_or_else(
        || budget.entries().clone(),
        |resource| managed::server_wrote_status(&resource, budget, &value, &now),
    );
    if let Value::Object(object) = value {
        let key = format!("{}/{name}", cx.namespace).into();
        cx.core.put(&BUDGETS.into(), &key, object, entries);
    }
    Ok(())
}

fn too_many(message: String, retry_after_seconds: u32) -> StatusError {
    StatusError::new(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    .details(Details {
        causes: vec![Cause {
            reason: "DisruptionBudget".into(),
            message,
            field: String::new(),
        }],
        retry_after_seconds,
        ..Details::default()
    })
}
