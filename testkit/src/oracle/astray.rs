//! What is excused where an object did not take its usual way: a pod whose container crashed has been restarted, and one that was evicted
//! lies there until somebody takes it away.
//!
//! Such a run is compared by what programs go by: of the status of pods, nodes and what makes pods, the phase, the states of the
//! conditions and the counts of replicas.

use std::collections::BTreeMap;

use seatrial_fake_apiserver::Held;
use serde_json::{Map, Value, json};

use super::{difference::ANY, normal, normal::State};
use crate::sim::{Fate, Run};

/// Whether an object of the run went on in another way than the usual one.
pub(super) fn is_astray(run: &Run) -> bool {
    !run.astray.is_empty()
}

/// How many objects may have to be replaced.
pub(super) fn count(run: &Run) -> usize {
    let fates = run.befell.iter().map(|injection| &injection.fate);
    fates.filter(|fate| matches!(fate, Fate::Staged(_))).count()
}

/// The state at the end, without those that nothing leads back where there is another in their place.
pub(super) fn state(run: &Run, since: u64, pinned: &State) -> State {
    let full = normal::state(&run.held, since);
    let mut surplus: BTreeMap<_, usize> = full
        .iter()
        .map(|(class, objects)| {
            let wanted = pinned.get(class).map_or(0, Vec::len);
            (class.clone(), objects.len().saturating_sub(wanted))
        })
        .collect();
    let kept = run.held.iter().filter(|held| {
        let uid = held.object.pointer("/metadata/uid").and_then(Value::as_str);
        let is_dead = |uid: &str| {
            run.astray
                .iter()
                .any(|(other, is_lasting)| *is_lasting && other == uid)
        };
        if !uid.is_some_and(is_dead) {
            return true;
        }
        let (class, _) = normal::class(&held.resource, &held.key, &held.object);
        match surplus.get_mut(&class) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    });
    let kept: Vec<Held> = kept.cloned().collect();
    normal::state(&kept, since)
}

/// Leaves of objects what they are compared by.
pub(super) fn summarize(state: &mut State) {
    for ((resource, _), objects) in state.iter_mut() {
        let is_meant = matches!(
            resource.as_str(),
            "pods" | "nodes" | "replicasets.apps" | "statefulsets.apps" | "deployments.apps" | "jobs.batch"
        );
        if !is_meant {
            continue;
        }
        for object in objects.iter_mut() {
            if resource == "pods"
                && let Some(spec) = object["spec"].as_object_mut()
            {
                spec.remove("nodeName");
            }
            if let Some(Value::Object(status)) = object.get_mut("status") {
                *status = summary(status);
            }
        }
        objects.sort_by_cached_key(Value::to_string);
    }
}

fn summary(status: &Map<String, Value>) -> Map<String, Value> {
    let mut summary = Map::new();
    for (name, field) in status {
        if name == "phase" || name.ends_with("eplicas") {
            summary.insert(name.clone(), field.clone());
        }
    }
    if let Some(conditions) = status.get("conditions") {
        summary.insert("conditions".to_owned(), states(conditions));
    }
    summary
}

/// The states of conditions by their types; of those that differ from run to run, nothing is known.
fn states(conditions: &Value) -> Value {
    let is_known = |condition: &Value| {
        let known = |field: &str| condition[field].as_str().is_some_and(|text| text != ANY);
        known("type") && known("status")
    };
    match conditions.as_array() {
        Some(all) if all.iter().all(is_known) => {
            let states = all.iter().filter(|c| c["type"] != "DisruptionTarget");
            let states = states.map(|c| {
                (
                    c["type"].as_str().unwrap_or_default().to_owned(),
                    c["status"].clone(),
                )
            });
            Value::Object(states.collect())
        }
        _ => json!(ANY),
    }
}
