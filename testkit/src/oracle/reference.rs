//! What runs without faults agree on.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use seatrial_fake_apiserver::Held;
use serde_json::{Value, json};

use super::{
    astray,
    normal::{self, Class, State},
};
use crate::sim::{Fate, Injection, Run, Writer, Written};

/// The end that runs without faults have in common, and how much they made and deleted on the way.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Objects that were there before this revision are the cluster's own.
    since: u64,
    /// What runs in the usual order end in.
    usual: Common,
    /// What runs in any order end in.
    any: Common,
    made: BTreeMap<Class, usize>,
    deleted: BTreeMap<Class, usize>,
    /// The most objects that there were at once.
    live: BTreeMap<Class, usize>,
    /// The most tasks that a process had in the end.
    tasks: BTreeMap<Arc<str>, usize>,
}

/// What several states have in common.
#[derive(Clone, Debug)]
struct Common {
    /// The common state; where states differ, a mark that fits everything.
    pinned: State,
    /// Classes of which some states have other numbers of objects than others.
    varying: Vec<Class>,
}

/// How often objects of each class were made and deleted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) made: BTreeMap<Class, usize>,
    pub(super) deleted: BTreeMap<Class, usize>,
    /// Deletions, and other ends of objects, that the program did not ask for and had to repair.
    pub(super) by_rivals: usize,
}

/// In the place of a value that differs from run to run. No value of an object is like that.
pub(super) const ANY: &str = "\u{0}any";

// === impl Reference ===

impl Reference {
    /// What the first run has.
    pub(crate) fn of(run: &Run, since: u64) -> Self {
        let counts = Counts::of(run);
        let usual = Common {
            pinned: normal::state(&run.held, since),
            varying: Vec::new(),
        };
        Self {
            since,
            any: usual.clone(),
            usual,
            made: counts.made,
            deleted: counts.deleted,
            live: most_live(run)
                .into_iter()
                .map(|(class, (most, _))| (class, most))
                .collect(),
            tasks: run.tasks.iter().cloned().collect(),
        }
    }

    /// Takes a run in another order into account; where it differs from those before, told as `resource key`.
    pub(crate) fn add(&mut self, run: &Run) -> Vec<String> {
        let counts = Counts::of(run);
        widen(&mut self.made, counts.made);
        widen(&mut self.deleted, counts.deleted);
        let live = most_live(run).into_iter();
        widen(
            &mut self.live,
            live.map(|(class, (most, _))| (class, most)).collect(),
        );
        widen(&mut self.tasks, run.tasks.iter().cloned().collect());
        let differing = self.any.add(normal::state(&run.held, self.since));
        differing
            .into_iter()
            .map(|(resource, key)| format!("{resource} {key}"))
            .collect()
    }

    /// Takes another run in the usual order into account, of a program of which not even these are the same.
    pub(crate) fn add_usual(&mut self, run: &Run) {
        self.add(run);
        self.usual.add(normal::state(&run.held, self.since));
    }

    /// How the end of a run differs from those in the usual order, one line each, with the class that it is about.
    pub(super) fn differences_of_order(&self, run: &Run) -> Vec<(Class, String)> {
        self.usual.differences(normal::state(&run.held, self.since))
    }

    /// Whether a state is the one that runs without faults end in.
    pub(super) fn fits(&self, held: &[Held]) -> bool {
        self.compare(held).is_empty()
    }

    /// How many objects of a class there may be at once.
    pub(super) fn most_live(&self, class: &Class) -> usize {
        self.live.get(class).copied().unwrap_or_default()
    }

    /// How many tasks a process may have in the end.
    pub(super) fn most_tasks(&self, process: &str) -> usize {
        self.tasks.get(process).copied().unwrap_or_default()
    }

    /// How a state differs, one line each, with the class that it is about.
    pub(super) fn differences(&self, run: &Run) -> Vec<(Class, String)> {
        let (pinned, state) = self.compared(run);
        differences(&pinned, &state)
    }

    /// The same as people compare texts: what should be there after `-`, what is there after `+`, under the name of each object.
    pub(crate) fn diff(&self, run: &Run) -> String {
        let (pinned, state) = self.compared(run);
        diff(&pinned, &state)
    }

    fn compare(&self, held: &[Held]) -> Vec<(Class, String)> {
        differences(&self.any.pinned, &self.state(held))
    }

    /// What is compared of a state.
    fn state(&self, held: &[Held]) -> State {
        let mut state = normal::state(held, self.since);
        state.retain(|class, _| !self.any.varying.contains(class));
        state
    }

    /// What is to be compared with what.
    fn compared(&self, run: &Run) -> (Cow<'_, State>, State) {
        if !astray::is_astray(run) {
            return (Cow::Borrowed(&self.any.pinned), self.state(&run.held));
        }
        let mut pinned = self.any.pinned.clone();
        let mut state = astray::state(run, self.since, &pinned);
        state.retain(|class, _| !self.any.varying.contains(class));
        astray::summarize(&mut pinned);
        astray::summarize(&mut state);
        (Cow::Owned(pinned), state)
    }

    /// What there was and a state has no more, or fewer of, one line each.
    pub(crate) fn lost(&self, run: &Run) -> Vec<(Class, String)> {
        let state = normal::state(&run.held, self.since);
        let count = |class| state.get(class).map_or(0, Vec::len);
        let lost = self
            .any
            .pinned
            .iter()
            .filter(|(class, pinned)| count(*class) < pinned.len());
        lost.map(|(class, _)| (class.clone(), format!("{} {} is gone", class.0, class.1)))
            .collect()
    }

    /// How often this may become of objects of a class.
    pub(super) fn most(&self, class: &Class, turn: Turn) -> usize {
        let counts = match turn {
            Turn::Made => &self.made,
            Turn::Deleted => &self.deleted,
        };
        counts.get(class).copied().unwrap_or_default()
    }
}

// === impl Common ===

impl Common {
    /// Takes another state into account; the classes in which it differs from those before.
    fn add(&mut self, mut state: State) -> Vec<Class> {
        let mut differing = Vec::new();
        let varying = &mut self.varying;
        self.pinned.retain(|class, pinned| {
            let other = state.remove(class).unwrap_or_default();
            if pinned.len() != other.len() {
                varying.push(class.clone());
                differing.push(class.clone());
                return false;
            }
            let pairs = pinned.iter_mut().zip(&other);
            if !pairs.fold(true, |same, (pinned, other)| pin(pinned, other) && same) {
                differing.push(class.clone());
            }
            true
        });
        for class in state.into_keys() {
            if !varying.contains(&class) {
                varying.push(class.clone());
                differing.push(class);
            }
        }
        differing
    }

    fn differences(&self, mut state: State) -> Vec<(Class, String)> {
        state.retain(|class, _| !self.varying.contains(class));
        differences(&self.pinned, &state)
    }
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

/// What becomes of an object as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Made,
    Deleted,
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

/// Whether an object has owners, and all of them are gone.
pub(super) fn is_posthumous(object: &Value, gone: &BTreeSet<&str>) -> bool {
    let owners = object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array);
    let is_gone = |owner: &Value| owner["uid"].as_str().is_some_and(|uid| gone.contains(uid));
    owners.is_some_and(|owners| !owners.is_empty() && owners.iter().all(is_gone))
}

/// How a state differs from a pinned one, one line each, with the class that it is about.
pub(super) fn differences(pinned: &State, state: &State) -> Vec<(Class, String)> {
    let mut told = Vec::new();
    for (class, pinned) in pinned {
        let (resource, key) = class;
        match state.get(class) {
            None => told.push((class.clone(), format!("{resource} {key} is missing"))),
            Some(found) if found.len() != pinned.len() => {
                let line = format!("there are {} {resource} {key}, not {}", found.len(), pinned.len());
                told.push((class.clone(), line));
            }
            Some(found) => {
                for (pinned, found) in pinned.iter().zip(found) {
                    let fields = differing(resource, pinned, found).into_iter();
                    told.extend(
                        fields.map(|field| (class.clone(), format!("{resource} {key}: {}", field.line()))),
                    );
                }
            }
        }
    }
    let extra = state.keys().filter(|class| !pinned.contains_key(*class));
    told.extend(extra.map(|class| {
        (
            class.clone(),
            format!("{} {} should not be there", class.0, class.1),
        )
    }));
    told
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

fn diff(pinned: &State, state: &State) -> String {
    let mut lines = Vec::new();
    for (class, wanted) in pinned {
        let (resource, key) = class;
        let found = state.get(class).map_or(&[][..], Vec::as_slice);
        let mut own = Vec::new();
        if found.len() == wanted.len() {
            for (wanted, found) in wanted.iter().zip(found) {
                for field in differing(resource, wanted, found) {
                    let path = &field.path;
                    own.extend(field.wanted.map(|value| format!("-  {path}: {value}")));
                    own.extend(field.found.map(|value| format!("+  {path}: {value}")));
                }
            }
        } else {
            own.push(format!("-  objects: {}", wanted.len()));
            own.push(format!("+  objects: {}", found.len()));
        }
        if !own.is_empty() {
            lines.push(format!(" {resource} {key}"));
            lines.append(&mut own);
        }
    }
    for ((resource, key), found) in state.iter().filter(|(class, _)| !pinned.contains_key(*class)) {
        lines.push(format!(" {resource} {key}"));
        lines.push("-  objects: 0".to_owned());
        lines.push(format!("+  objects: {}", found.len()));
    }
    lines.join("\n")
}

/// A field that differs, and its values as they are told.
struct Field {
    path: String,
    wanted: Option<String>,
    found: Option<String>,
}

impl Field {
    /// `spec.size is 2, and should be 1`.
    fn line(&self) -> String {
        let path = &self.path;
        match (&self.wanted, &self.found) {
            (Some(wanted), Some(found)) => format!("{path} is {found}, and should be {wanted}"),
            (Some(wanted), None) => format!("{path} is missing, and should be {wanted}"),
            (None, Some(found)) => format!("{path} is {found}, and should not be there"),
            (None, None) => format!("{path} differs"),
        }
    }
}

/// Where an object differs from a pinned one. What secrets hold is not told.
fn differing(resource: &str, pinned: &Value, found: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    differ(pinned, found, &mut String::new(), &mut fields);
    if resource == "secrets" {
        for field in &mut fields {
            let is_hidden = ["data", "stringData", "metadata.annotations"]
                .iter()
                .any(|part| field.path.starts_with(part));
            if is_hidden {
                for value in [&mut field.wanted, &mut field.found].into_iter().flatten() {
                    "<redacted>".clone_into(value);
                }
            }
        }
    }
    fields
}

fn widen<K: Ord>(counts: &mut BTreeMap<K, usize>, others: BTreeMap<K, usize>) {
    for (key, other) in others {
        let count = counts.entry(key).or_default();
        *count = (*count).max(other);
    }
}

/// Puts the mark where two values differ; whether they do not.
fn pin(pinned: &mut Value, other: &Value) -> bool {
    match (pinned, other) {
        (pinned, other) if *pinned == *other => true,
        (Value::String(mark), _) if mark == ANY => true,
        (Value::Object(pinned), Value::Object(other)) => {
            let mut same = true;
            let missing: Vec<String> = other
                .keys()
                .filter(|k| !pinned.contains_key(*k))
                .cloned()
                .collect();
            for key in missing {
                pinned.insert(key, json!(ANY));
                same = false;
            }
            for (key, value) in pinned.iter_mut() {
                match other.get(key) {
                    Some(other) => same &= pin(value, other),
                    None if *value == json!(ANY) => {}
                    None => {
                        *value = json!(ANY);
                        same = false;
                    }
                }
            }
            same
        }
        (Value::Array(pinned), Value::Array(other)) if pinned.len() == other.len() => {
            let pairs = pinned.iter_mut().zip(other);
            pairs.fold(true, |same, (pinned, other)| pin(pinned, other) && same)
        }
        (pinned, _) => {
            *pinned = json!(ANY);
            false
        }
    }
}

/// Where a value differs from a pinned one.
fn differ(pinned: &Value, found: &Value, path: &mut String, fields: &mut Vec<Field>) {
    match (pinned, found) {
        (Value::String(mark), _) if mark == ANY => {}
        (pinned, found) if pinned == found => {}
        (Value::Object(pinned), Value::Object(found)) => {
            let extra = found.keys().filter(|key| !pinned.contains_key(*key));
            for key in pinned.keys().chain(extra) {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                let (pinned, found) = (pinned.get(key), found.get(key));
                match (pinned, found) {
                    (Some(Value::String(mark)), None) if mark == ANY => {}
                    (Some(pinned), Some(found)) => differ(pinned, found, path, fields),
                    (None, None) => {}
                    (pinned, found) => fields.push(Field {
                        path: path.clone(),
                        wanted: pinned.map(brief),
                        found: found.map(brief),
                    }),
                }
                path.truncate(length);
            }
        }
        (Value::Array(pinned), Value::Array(found)) if pinned.len() == found.len() => {
            for (index, (pinned, found)) in pinned.iter().zip(found).enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                differ(pinned, found, path, fields);
                path.truncate(length);
            }
        }
        (pinned, found) => fields.push(Field {
            path: path.clone(),
            wanted: Some(brief(pinned)),
            found: Some(brief(found)),
        }),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string().replace(ANY, "*");
    if text.chars().count() <= 60 {
        return text;
    }
    let start: String = text.chars().take(57).collect();
    format!("{start}...")
}

#[cfg(test)]
mod tests {
    use http::Method;
    use seatrial_fake_apiserver::FakeApiServer;

    use super::*;
    use crate::raw;

    fn lines(pinned: &Value, found: &Value) -> Vec<String> {
        let fields = differing("things", pinned, found);
        fields.iter().map(Field::line).collect()
    }

    #[test]
    fn differences_are_told_as_people_compare_texts() {
        let class = |resource: &str, key: &str| (resource.to_owned(), key.to_owned());
        let pinned = State::from([
            (
                class("configmaps", "default/a"),
                vec![json!({"data": {"x": 1, "y": 2}})],
            ),
            (class("configmaps", "default/b"), vec![json!({})]),
            (
                class("secrets", "default/s"),
                vec![json!({"data": {"key": "aGlk"}, "type": "a"})],
            ),
        ]);
        let state = State::from([
            (
                class("configmaps", "default/a"),
                vec![json!({"data": {"x": 1, "y": 3}})],
            ),
            (class("pods", "default/c-*"), vec![json!({}), json!({})]),
            (
                class("secrets", "default/s"),
                vec![json!({"data": {"key": "ZGVu"}, "type": "b"})],
            ),
        ]);
        assert_eq!(
            diff(&pinned, &state),
            " configmaps default/a\n-  data.y: 2\n+  data.y: 3\n configmaps default/b\n-  objects: 1\n+  objects: 0\n \
             secrets default/s\n-  data.key: <redacted>\n+  data.key: <redacted>\n-  type: \"a\"\n+  type: \"b\"\n \
             pods default/c-*\n-  objects: 0\n+  objects: 2"
        );
        let told = differences(&pinned, &state);
        assert!(
            told.iter()
                .all(|(_, line)| !line.contains("aGlk") && !line.contains("ZGVu")),
            "{told:?}"
        );
    }

    #[test]
    fn what_varies_is_not_compared() {
        let mut pinned = json!({"a": 1, "b": [1, 2], "c": {"d": 1}});
        assert!(!pin(
            &mut pinned,
            &json!({"a": 1, "b": [1, 3], "c": {"d": 1, "e": 2}})
        ));
        assert!(pin(
            &mut pinned,
            &json!({"a": 1, "b": [1, 4], "c": {"d": 1, "e": 3}})
        ));
        let found = json!({"a": 2, "b": [0, 9], "c": {"d": 1}});
        assert_eq!(
            lines(&pinned, &found),
            ["a is 2, and should be 1", "b[0] is 0, and should be 1"]
        );
    }

    #[test]
    fn what_is_missing_or_too_much_is_told_with_its_place() {
        let (pinned, found) = (json!({"a": {"b": 1}}), json!({"a": {"c": 1}}));
        assert_eq!(
            lines(&pinned, &found),
            [
                "a.b is missing, and should be 1",
                "a.c is 1, and should not be there"
            ]
        );
    }

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
