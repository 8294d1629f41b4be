//! What a pod's priority class makes of its priority and of whether it may displace others.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>

use serde_json::{Value, json};

use super::check::flag;
use super::fields::{Fields, has, int, text};
use crate::registry::Context;
use crate::status::{Result, StatusError};

const CLASSES: &str = "priorityclasses.scheduling.k8s.io";

/// Gives a pod the priority of its class, or of the default one; what it says itself has to be that.
pub(super) fn admit(cx: &Context<'_>, spec: &mut Fields) -> Result<()> {
    let name = text(spec, "priorityClassName").to_owned();
    let class = if name.is_empty() {
        default_class(cx)
    } else {
        named(cx, &name)?
    };
    let (priority, preemption) = match &class {
        Some(class) => {
            let preemption = class["preemptionPolicy"]
                .as_str()
                .unwrap_or("PreemptLowerPriority");
            (class["value"].as_i64().unwrap_or(0), preemption)
        }
        None => (0, "PreemptLowerPriority"),
    };
    if let Some(class) = &class {
        spec.insert("priorityClassName".into(), class["metadata"]["name"].clone());
    }
    if let Some(given) = int(spec, "priority").filter(|given| *given != priority) {
        return Err(refusal(
            cx,
            &format!(
                "the integer value of priority ({given}) must not be provided in pod spec; priority admission \
                 controller computed {priority} from the given PriorityClass name"
            ),
        ));
    }
    let given = text(spec, "preemptionPolicy");
    if !given.is_empty() && given != preemption {
        return Err(refusal(
            cx,
            &format!(
                "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
                 controller computed {preemption} from the given PriorityClass name"
            ),
        ));
    }
    let preemption = json!(preemption);
    spec.insert("priority".into(), priority.into());
    spec.insert("preemptionPolicy".into(), preemption);
    Ok(())
}

/// Refuses a class that would be a second default one.
pub(in crate::registry) fn only_default(cx: &Context<'_>, class: &Fields, is_new: bool) -> Result<()> {
    if !flag(class, "globalDefault") {
        return Ok(());
    }
    let Some(known) = default_class(cx) else {
        return Ok(());
    };
    let known = known["metadata"]["name"].as_str().unwrap_or("");
    if !is_new && known == cx.name {
        return Ok(());
    }
    Err(StatusError::forbidden(
        &cx.resource.group,
        &cx.resource.plural,
        &cx.name,
        &format!("PriorityClass {known} is already marked as default. Only one default can exist"),
    ))
}

/// Leaves a pod that says nothing of them the priority and the policy that it has.
pub(super) fn keep(spec: &mut Fields, old: &Fields) {
    for field in ["priority", "preemptionPolicy"] {
        if !has(spec, field)
            && let Some(value) = old.get(field)
        {
            spec.insert(field.into(), value.clone());
        }
    }
}

fn named(cx: &Context<'_>, name: &str) -> Result<Option<Value>> {
    match cx.core.store.get(CLASSES, name) {
        Some(class) => Ok(Some((**class.value()).clone())),
        None => Err(refusal(
            cx,
            &format!("no PriorityClass with name {name} was found"),
        )),
    }
}

/// The class of pods that name none: of several the one of the lowest priority.
fn default_class(cx: &Context<'_>) -> Option<Value> {
    let classes = cx.core.store.live(CLASSES);
    let defaults = classes
        .iter()
        .filter(|(_, class)| class.value()["globalDefault"] == true);
    let lowest = defaults.min_by_key(|(_, class)| class.value()["value"].as_i64());
    lowest.map(|(_, class)| (**class.value()).clone())
}

fn refusal(cx: &Context<'_>, why: &str) -> StatusError {
    StatusError::forbidden("", "pods", &cx.name, why)
}
