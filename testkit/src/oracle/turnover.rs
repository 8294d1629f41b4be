//! The objects that were made and deleted in a run, and how many there were.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    astray,
    normal::{self, Class},
};
use crate::sim::{Fate, Injection, Run, Writer, Written};

/// How often objects of each class were made and deleted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) made: BTreeMap<Class, usize>,
    pub(super) deleted: BTreeMap<Class, usize>,
    /// Deletions, and other ends of objects, that the program did not ask for and had to repair.
    pub(super) by_rivals: usize,
}

/// What becomes of an object as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Made,
    Deleted,
}

// === impl Counts ===

impl Counts {
    pub(super) fn of(run: &Run) -> Self {
        let mut counts = Self {
            by_rivals: astray::count(run),
            ..Self::default()
        };
        for (written, class, turn) in turnover(run) {
            if written.writer == Writer::Rival {
                counts.by_rivals += usize::from(turn == Turn::Deleted);
            } else {
                counts.add(class, turn);
            }
        }
        counts
    }

    /// Counts one more; how many there are now.
    pub(super) fn add(&mut self, class: Class, turn: Turn) -> usize {
        let counts = match turn {
            Turn::Made => &mut self.made,
            Turn::Deleted => &mut self.deleted,
        };
        let count = counts.entry(class).or_default();
        *count += 1;
        *count
    }
}

/// The objects that were made and deleted, in order, but for those that are excused.
pub(super) fn turnover(run: &Run) -> impl Iterator<Item = (&Written, Class, Turn)> {
    let travels = |injection: &Injection| matches!(injection.fate, Fate::TimeTravel { .. });
    // Who was sent back in time has forgotten again what everybody knew at a rest.
    let rests = if run.befell.iter().any(travels) {
        &[]
    } else {
        &run.rests[..]
    };
    turns(&run.written, rests)
}

/// The most objects of each class that there were at once, and the revision since which.
pub(super) fn most_live(run: &Run) -> BTreeMap<Class, (usize, u64)> {
    let (mut live, mut most) = (
        BTreeMap::<Class, usize>::new(),
        BTreeMap::<Class, (usize, u64)>::new(),
    );
    for (written, class, turn) in turnover(run) {
        let now = live.entry(class.clone()).or_default();
        *now = match turn {
            Turn::Made => *now + 1,
            // What was there before the run counts for nothing.
            Turn::Deleted => now.saturating_sub(1),
        };
        let most = most.entry(class).or_default();
        if *now > most.0 {
            *most = (*now, written.change.revision);
        }
    }
    most
}

/// The same of changes, with the revisions at which everything was at rest on the way.
///
/// What a process makes for an owner that is gone already is excused, for the process cannot know that yet, and the garbage collector takes it away
/// again. Once everything has been at rest it does know.
fn turns<'a>(written: &'a [Written], rests: &[u64]) -> impl Iterator<Item = (&'a Written, Class, Turn)> {
    let mut gone = BTreeMap::new();
    let mut excused = BTreeSet::new();
    written.iter().filter_map(move |written| {
        let change = &written.change;
        let uid = change.new.pointer("/metadata/uid").and_then(Value::as_str);
        let uid = uid.unwrap_or_default();
        let turn = match (&change.old, change.removed) {
            (_, true) => {
                gone.insert(uid, change.revision);
                Turn::Deleted
            }
            (None, false) => {
                let rest = rests.iter().filter(|rest| **rest < change.revision).max();
                let known = rest.copied().unwrap_or_default();
                if matches!(written.writer, Writer::Process(_)) && is_excused(&change.new, &gone, known) {
                    excused.insert(uid);
                }
                Turn::Made
            }
            _ => return None,
        };
        let (class, _) = normal::class(&change.resource, &change.key, &change.new);
        let does_count = normal::counts(&change.resource) && !excused.contains(uid);
        does_count.then_some((written, class, turn))
    })
}

/// Whether an object has owners, and all of them are gone, of which not all went before everybody `known` about it.
fn is_excused(object: &Value, gone: &BTreeMap<&str, u64>, known: u64) -> bool {
    let owners = object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array);
    let owners = owners.into_iter().flatten();
    let went = owners.map(|owner| owner["uid"].as_str().and_then(|uid| gone.get(uid)).copied());
    let went: Option<Vec<u64>> = went.collect();
    went.and_then(|went| went.into_iter().max())
        .is_some_and(|last| last > known)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use seatrial_fake_apiserver::FakeApiServer;
    use serde_json::json;

    use super::*;
    use crate::raw;

    /// A config map that is deleted, and secrets that are then made for it by a process; what counts, with two rests at most: one before the
    /// owner goes, one after.
    fn counted(owners: &str, rests: [bool; 2], writer: Writer) -> usize {
        let server = FakeApiServer::new();
        let since = server.revision();
        let make = |path: &str, object: Value| {
            let path = format!("/api/v1/namespaces/default/{path}");
            raw::send(&server, Method::POST, &path, Some(&object)).1
        };
        let uid = |name: &str| {
            let owner = make("configmaps", json!({"metadata": {"name": name}}));
            owner["metadata"]["uid"].as_str().unwrap_or_default().to_owned()
        };
        let (gone, kept) = (uid("gone"), uid("kept"));
        let first = server.revision();
        let path = "/api/v1/namespaces/default/configmaps/gone";
        raw::send(&server, Method::DELETE, path, None);
        let second = server.revision();
        let references = owners.split_whitespace().map(|owner| {
            let uid = match owner {
                "gone" => &gone,
                "kept" => &kept,
                unknown => unknown,
            };
            json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": uid})
        });
        let references: Vec<Value> = references.collect();
        make(
            "secrets",
            json!({"metadata": {"name": "a", "ownerReferences": references}}),
        );
        let changes = server.changes_since(since).into_iter();
        let written: Vec<Written> = changes
            .map(|change| Written {
                change,
                writer,
                is_effective: true,
            })
            .collect();
        let rests = [first, second].into_iter().zip(rests);
        let rests: Vec<u64> = rests.filter(|(_, is_one)| *is_one).map(|(at, _)| at).collect();
        let made =
            turns(&written, &rests).filter(|(_, class, turn)| class.0 == "secrets" && *turn == Turn::Made);
        made.count()
    }

    #[test]
    fn what_is_made_for_an_owner_that_has_just_gone_is_excused() {
        let process = Writer::Process(0);
        assert_eq!(counted("gone", [false, false], process), 0);
        assert_eq!(counted("gone", [true, false], process), 0);
        // Everybody knows by now.
        assert_eq!(counted("gone", [true, true], process), 1);
        assert_eq!(counted("gone", [false, true], process), 1);
    }

    #[test]
    fn what_has_an_owner_or_never_had_one_is_not() {
        let process = Writer::Process(0);
        assert_eq!(counted("", [false, false], process), 1);
        assert_eq!(counted("kept", [false, false], process), 1);
        assert_eq!(counted("gone kept", [false, false], process), 1);
        // Nobody ever had this UID.
        assert_eq!(
            counted("b3f1c2d4-0000-4000-8000-000000000000", [false, false], process),
            1
        );
        // Only processes look into caches.
        assert_eq!(counted("gone", [false, false], Writer::User), 1);
    }
}
