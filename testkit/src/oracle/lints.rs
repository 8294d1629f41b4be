//! Mistakes that show in what a program writes, whatever it is for.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;

use super::{
    leases::{shared_identity, write_without_lease},
    normal::Class,
    posthumous::made_for_nobody,
    reference::Reference,
    turnover::most_live,
    verdict::{FailureKind, Verdict},
};
use crate::sim::{Fate, Rival, Run, Trigger, Writer, external_name};

/// Requests of one process in one virtual second, without any change of the cluster, above which it may run hot.
const HOT: usize = 200;

/// How often it asks for the same then, on average, if it does: whoever has many objects asks for each of them a few times when it starts.
const HOT_REPEATS: usize = 5;

/// Requests for the same thing within a minute, none of which reaches a server, above which a process does not back off. Informers of client-go
/// wait for 0.8 s at first and half a minute in the end; whoever asks a second after each error, by a client that tries five times, stays below.
const OUTAGE_MAX: usize = 200;

const MINUTE: Duration = Duration::from_secs(60);

/// Tasks that a process may have in the end beyond twice those that it has without faults.
const TASKS: usize = 2;

/// The annotation by which a rival touches objects.
pub(super) const TOUCHED: &str = "rival.seatrial.dev/touched";

/// The first mistake of a run that none of `allowed` names.
pub(super) fn lint(run: &Run, allowed: &[FailureKind]) -> Option<Verdict> {
    type Lint = fn(&Run) -> Option<Verdict>;
    let on_the_way: [Lint; 9] = [
        hot_loop,
        no_backoff,
        lost_update,
        uid_blind_delete,
        write_after_deletion,
        effect_before_finalizer,
        made_for_nobody,
        shared_identity,
        write_without_lease,
    ];
    let in_the_end: [Lint; 3] = [memory_dependent, status_lies, orphan];
    // A run in which the user was refused something did not come to its end.
    let has_end = run.refused.is_none();
    let lints = on_the_way.iter().chain(in_the_end.iter().filter(|_| has_end));
    let mut found = lints.filter_map(|lint| lint(run));
    found.find(|verdict| !allowed.contains(&verdict.kind))
}

fn verdict(kind: FailureKind, about: &str, detail: String) -> Verdict {
    Verdict {
        kind,
        about: about.to_owned(),
        details: vec![detail],
        at: Vec::new(),
    }
}

/// No server, or nothing outside, is reached, and a process asks for the same again and again instead of waiting longer each time.
fn no_backoff(run: &Run) -> Option<Verdict> {
    let mut recent = BTreeMap::<_, VecDeque<Duration>>::new();
    for call in &run.calls {
        if !matches!(call.fate, Some(Fate::Outage { .. } | Fate::OutsideOutage { .. })) {
            continue;
        }
        let site = &*call.site;
        let times = recent
            .entry((&site.process, site.verb, &site.resource, &site.key))
            .or_default();
        times.push_back(call.at);
        while times.front().is_some_and(|first| call.at - *first > MINUTE) {
            times.pop_front();
        }
        if times.len() > OUTAGE_MAX {
            let detail = format!(
                "{} asked more than {OUTAGE_MAX} times within a minute though it was not reached, the last time at {:?}: {site}; \
                 wait longer each time",
                site.process, call.at
            );
            return Some(verdict(FailureKind::HotLoop, &site.process, detail));
        }
    }
    None
}

/// A process asks again and again although nothing changes, and does not wait longer each time.
pub(super) fn hot_loop(run: &Run) -> Option<Verdict> {
    let mut counts = BTreeMap::<(&str, u64, u64), (usize, BTreeSet<_>)>::new();
    for call in &run.calls {
        let site = &*call.site;
        let key = (site.process.as_str(), call.at.as_secs(), call.before);
        let (count, different) = counts.entry(key).or_default();
        *count += 1;
        different.insert((site.verb, site.resource.as_str(), site.key.as_str()));
        if *count > HOT && *count > HOT_REPEATS * different.len() {
            let second = Duration::from_secs(call.at.as_secs());
            let detail = format!(
                "{} made {count} requests within the second at {second:?}, {} of them different, though nothing changed; the last: {site}",
                site.process,
                different.len()
            );
            return Some(verdict(FailureKind::HotLoop, &site.process, detail));
        }
    }
    None
}

/// What somebody else wrote between a read and a write is gone: the write took the old state for the new one.
fn lost_update(run: &Run) -> Option<Verdict> {
    let touches = run
        .written
        .iter()
        .filter(|w| w.writer == Writer::Rival && !w.change.removed);
    for touch in touches {
        let touched = &touch.change;
        if annotation(&touched.new).is_none() {
            continue;
        }
        let uid = touched.new.pointer("/metadata/uid");
        let later = run
            .written
            .iter()
            .filter(|w| w.change.revision > touched.revision);
        let same = later.filter(|w| {
            let change = &w.change;
            matches!(w.writer, Writer::Process(_))
                && change.resource == touched.resource
                && change.key == touched.key
                && !change.removed
                && change.new.pointer("/metadata/uid") == uid
        });
        for written in same {
            if annotation(&written.change.new).is_none() {
                let about = format!("{} {}", touched.resource, touched.key);
                let detail = format!(
                    "{about} was annotated by somebody at @{}, and written without the annotation at @{}: send the \
                     resourceVersion that was read, or a patch of one's own fields",
                    touched.revision, written.change.revision
                );
                let lost = verdict(FailureKind::LostUpdate, &about, detail);
                return Some(lost.at(touched.revision).at(written.change.revision));
            }
        }
    }
    None
}

fn annotation(object: &Value) -> Option<&Value> {
    object.get("metadata")?.get("annotations")?.get(TOUCHED)
}

/// An object was deleted by its name although it had become another one.
fn uid_blind_delete(run: &Run) -> Option<Verdict> {
    for call in &run.calls {
        let raced = matches!(call.fate, Some(Fate::Raced(Rival::Recreates)));
        if raced && call.site.verb == crate::sim::Verb::Delete && call.is_effective {
            let about = format!("{} {}", call.site.resource, call.site.key);
            let detail = format!(
                "{about} was deleted and made anew by somebody, and the new one was deleted for the old one: send the UID \
                 that was read as a precondition"
            );
            let blind = verdict(FailureKind::UidBlindDelete, &about, detail);
            let its = run.written_by(call).map(|written| written.change.revision);
            return Some(its.fold(blind, Verdict::at));
        }
    }
    None
}

/// Everything was at rest, and a start with an empty memory changes something.
fn memory_dependent(run: &Run) -> Option<Verdict> {
    let last = u32::try_from(run.rests.len()).ok()?;
    let restarted = |trigger: &Trigger| *trigger == Trigger::Settled(last);
    if !run
        .befell
        .iter()
        .any(|i| i.fate == Fate::Restarted && restarted(&i.at))
    {
        return None;
    }
    let rested = *run.rests.last()?;
    let written = run
        .written
        .iter()
        .find(|w| w.change.revision > rested && w.is_effective && matches!(w.writer, Writer::Process(_)))?;
    let about = format!("{} {}", written.change.resource, written.change.key);
    let detail =
        format!("everything was at rest, and after a restart with an empty memory {about} was written again");
    Some(verdict(FailureKind::MemoryDependent, &about, detail).at(written.change.revision))
}

/// The specification of an object that is being deleted was changed, by a process that had been told so.
fn write_after_deletion(run: &Run) -> Option<Verdict> {
    for written in &run.written {
        let change = &written.change;
        let (Some(old), Writer::Process(_), false) = (&change.old, written.writer, change.removed) else {
            continue;
        };
        let is_leaving = old.pointer("/metadata/deletionTimestamp").is_some();
        let is_changed =
            old.get("spec") != change.new.get("spec") || old.get("data") != change.new.get("data");
        if is_leaving && is_changed && run.knew_of_deletion(written) {
            let about = format!("{} {}", change.resource, change.key);
            let detail = format!(
                "{about} is being deleted, and was changed all the same at @{}",
                change.revision
            );
            return Some(verdict(FailureKind::WriteAfterDeletion, &about, detail).at(change.revision));
        }
    }
    None
}

/// A status says more than is known: it, or one of its conditions, has observed a generation that is yet to come, or says of an old one that
/// all is well.
fn status_lies(run: &Run) -> Option<Verdict> {
    run.held.iter().find_map(|held| {
        let about = format!("{} {}", held.resource, held.key);
        let detail = status_lie(&held.object, &about)?;
        Some(verdict(FailureKind::StatusLies, &about, detail))
    })
}

fn status_lie(object: &Value, about: &str) -> Option<String> {
    let generation = object.pointer("/metadata/generation")?.as_i64()?;
    let status = object.get("status")?;
    let observed = |of: &Value| of.get("observedGeneration").and_then(Value::as_i64);
    let conditions = || {
        status
            .get("conditions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let all = conditions().filter_map(|condition| {
        let name = condition.get("type")?.as_str()?;
        Some((format!("{about}: the condition {name}"), observed(condition)?))
    });
    let whole = observed(status).map(|observed| (about.to_owned(), observed));
    let mut ahead = whole
        .into_iter()
        .chain(all)
        .filter(|(_, observed)| *observed > generation);
    if let Some((what, observed)) = ahead.next() {
        return Some(format!(
            "{what} has observed generation {observed}, and is at {generation}"
        ));
    }
    // Other conditions may be true of what is long past, and be left as they are.
    let says_well = |condition: &&Value| {
        let is_one = condition["type"] == "Ready" || condition["type"] == "Available";
        is_one && condition["status"] == "True"
    };
    conditions().filter(says_well).find_map(|condition| {
        let name = &condition["type"];
        // A condition that names no generation is of the one that the whole status names; this is asked of readiness only.
        let whole = || observed(status).filter(|_| name == "Ready");
        let observed = observed(condition).or_else(whole)?;
        let name = name.as_str().unwrap_or_default();
        (observed < generation).then(|| {
            format!("{about} says that it is {name}, but of generation {observed}, and is at {generation}")
        })
    })
}

/// An object was left behind: all owners that it names are gone.
fn orphan(run: &Run) -> Option<Verdict> {
    for held in &run.held {
        let owners = held
            .object
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array);
        let Some(owners) = owners.filter(|owners| !owners.is_empty()) else {
            continue;
        };
        let is_there = |owner: &Value| {
            run.held
                .iter()
                .any(|o| o.object.pointer("/metadata/uid") == owner.get("uid"))
        };
        if !owners.iter().any(is_there) {
            let about = format!("{} {}", held.resource, held.key);
            let detail = format!("{about} names owners that are gone");
            return Some(verdict(FailureKind::Orphan, &about, detail));
        }
    }
    None
}

/// Something was made outside of the cluster while no object had a finalizer, by a program that otherwise keeps one for it: if the object is
/// deleted now, nobody takes away what was made.
fn effect_before_finalizer(run: &Run) -> Option<Verdict> {
    let finalizers = |object: &Value| {
        let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array);
        finalizers.map_or(0, Vec::len)
    };
    let is_kept = run.written.iter().any(|written| {
        let before = written.change.old.as_ref().map_or(0, |old| finalizers(old));
        matches!(written.writer, Writer::Process(_)) && finalizers(&written.change.new) > before
    });
    if !is_kept {
        return None;
    }
    let mut held = BTreeSet::new();
    for written in &run.written {
        let change = &written.change;
        if external_name(&change.resource).is_none() {
            let object = (&*change.resource, &*change.key);
            if change.removed || finalizers(&change.new) == 0 {
                held.remove(&object);
            } else {
                held.insert(object);
            }
            continue;
        }
        if held.is_empty() && change.old.is_none() && matches!(written.writer, Writer::Process(_)) {
            let about = format!("{} {}", change.resource, change.key);
            let detail = format!(
                "{about} was made at @{}, when no object had a finalizer: let the finalizer be stored first, so that a deletion \
                 waits until what was made is gone",
                change.revision
            );
            return Some(verdict(FailureKind::EffectBeforeFinalizer, &about, detail).at(change.revision));
        }
    }
    None
}

/// Objects pile up: there are more than twice as many at once as there ever were without faults.
pub(super) fn too_many(run: &Run, reference: &Reference) -> Option<Verdict> {
    let is_over = |class: &Class, most: usize| most > 2 * reference.most_live(class).max(1);
    let (class, (most, revision)) = most_live(run)
        .into_iter()
        .find(|(class, (most, _))| is_over(class, *most))?;
    let about = format!("{} {}", class.0, class.1);
    let detail = format!(
        "there were {most} of {about} at once at @{revision}, and without faults {} at most",
        reference.most_live(&class)
    );
    Some(verdict(FailureKind::TooMany, &about, detail).at(revision))
}

/// Tasks of a process that nothing comes of any more.
pub(super) fn task_leak(run: &Run, reference: &Reference) -> Option<Verdict> {
    let is_over = |(name, tasks): &&(Arc<str>, usize)| *tasks > 2 * reference.most_tasks(name) + TASKS;
    let (name, tasks) = run.tasks.iter().find(is_over)?;
    let detail = format!(
        "{name} had {tasks} tasks in the end, when nothing happened any more, and without faults {} at most: end a task with whoever waits for it",
        reference.most_tasks(name)
    );
    Some(verdict(FailureKind::TaskLeak, name, detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn lies(status: Value, expected: Option<&str>) {
        let object = json!({"metadata": {"generation": 3}, "status": status});
        let told = status_lie(&object, "it");
        let is_as_expected = match (&told, expected) {
            (Some(told), Some(expected)) => told.contains(expected),
            (told, expected) => told.is_none() && expected.is_none(),
        };
        assert!(is_as_expected, "{object}: {told:?}");
    }

    #[test]
    fn a_status_and_its_conditions_are_of_a_generation() {
        let condition = |name: &str, status: &str, observed: Value| json!({"type": name, "status": status, "observedGeneration": observed});
        let with = |condition: Value| json!({"conditions": [condition]});
        lies(
            json!({"observedGeneration": 4}),
            Some("it has observed generation 4"),
        );
        lies(json!({"observedGeneration": 2}), None);
        lies(
            with(condition("Synced", "False", json!(4))),
            Some("the condition Synced"),
        );
        lies(
            with(condition("Ready", "True", json!(2))),
            Some("it is Ready, but of generation 2"),
        );
        lies(
            with(condition("Available", "True", json!(2))),
            Some("it is Available"),
        );
        lies(with(condition("Ready", "True", json!(3))), None);
        // What is not well need not be known of the newest generation, and other conditions say what they like of an old one.
        lies(with(condition("Ready", "False", json!(2))), None);
        lies(with(condition("Initialized", "True", json!(2))), None);
        let whole = |name: &str, own: Value| json!({"observedGeneration": 2, "conditions": [condition(name, "True", own)]});
        lies(whole("Ready", Value::Null), Some("of generation 2"));
        lies(whole("Available", Value::Null), None);
        lies(whole("Ready", json!(3)), None);
        lies(json!({}), None);
    }
}
