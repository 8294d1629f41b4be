//! Which objects of a controller each related object leads to.
//!
//! Remembering it is what makes three things visible that an event alone does not show: a related object that vanished unseen (found by difference after a
//! relist), one that used to belong to somebody else (both are triggered), and one that a relist shows though it did not change (nobody is).

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hash},
};

use crate::{
    hash::FixedState,
    reflector::{Key, Lookup, ObjectRef},
    watcher::Event,
};

/// How many targets are remembered by name for one related object. Of more it is known only whether one is missing, and then everything is triggered.
const TARGETS_MAX: usize = 64;

/// How many links are remembered of objects whose deletions nobody tells, at least; at most twice as many.
const RECENT_MIN: usize = 32 * 1024;

/// Whom an event triggers.
pub(super) enum Targets<K: Lookup> {
    /// These.
    Some {
        list: Vec<ObjectRef<K>>,
        listed: bool,
        source: Key,
    },
    /// Everybody.
    All,
    /// Nobody knows: the mapper panicked with this message. Whom the object led to before, if to anybody, follows.
    Panicked { message: String, source: Key },
}

/// The links from related objects to the objects of the controller.
pub(super) struct Links<K: Lookup> {
    /// Ordered, so that what a relist finds missing comes out in a defined order.
    links: BTreeMap<Key, Link<K>>,
    /// Counts lists, to find what one did not show.
    round: u32,
}

struct Link<K: Lookup> {
    uid: Option<Box<str>>,
    version: Option<Box<str>>,
    targets: Remembered<K>,
    round: u32,
}

/// The links from objects whose deletions nobody tells, so that only those seen last can be remembered.
pub(super) struct RecentLinks<K: Lookup> {
    recent: BTreeMap<Key, Remembered<K>>,
    /// Those that were not seen since `recent` was empty. They go when it is full.
    older: BTreeMap<Key, Remembered<K>>,
}

/// Whom an object led to.
enum Remembered<K: Lookup> {
    These(Vec<ObjectRef<K>>),
    /// Too many to keep, so their hashes, in order.
    Many(Box<[u64]>),
}

// === impl Remembered ===

impl<K: Lookup> Remembered<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    fn of(list: &[ObjectRef<K>]) -> Self {
        if list.len() <= TARGETS_MAX {
            return Self::These(list.to_vec());
        }
        Self::Many(hashes(list))
    }

    /// The targets, as whom an object of this name triggers.
    fn targets(&self, source: Key) -> Targets<K> {
        match self {
            Self::These(list) => Targets::Some {
                list: list.clone(),
                listed: false,
                source,
            },
            Self::Many(_) => Targets::All,
        }
    }
}

fn hashes<K: Lookup>(list: &[ObjectRef<K>]) -> Box<[u64]>
where
    K::DynamicType: Hash,
{
    let mut hashes: Box<[u64]> = list.iter().map(|target| FixedState.hash_one(target)).collect();
    hashes.sort_unstable();
    hashes
}

// === impl Links ===

impl<K: Lookup> Default for Links<K> {
    fn default() -> Self {
        Self {
            links: BTreeMap::new(),
            round: 0,
        }
    }
}

impl<K: Lookup> Links<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    /// Takes an event about a related object; `map` says whom the object leads to, or with which message it panicked.
    pub(super) fn take<O: Lookup>(
        &mut self,
        event: Event<O>,
        map: impl FnOnce(O) -> Result<Vec<ObjectRef<K>>, String>,
        mut trigger: impl FnMut(Targets<K>),
    ) {
        match event {
            Event::Init => self.round = self.round.wrapping_add(1),
            Event::InitApply(object) => self.applied(object, true, map, trigger),
            Event::Apply(object) => self.applied(object, false, map, trigger),
            Event::Delete(object) => {
                let key = Key::of(&object);
                let uid = object.uid().map(Box::from);
                let mapped = map(object);
                // Another object may have the name by now, and the deletion of the first be told again.
                let is_another = |link: &Link<K>| link.uid.is_some() && uid.is_some() && link.uid != uid;
                let link = if self.links.get(&key).is_some_and(is_another) {
                    None
                } else {
                    self.links.remove(&key)
                };
                match mapped {
                    Ok(list) => tell(list, link.map(|link| link.targets), false, key, trigger),
                    Err(message) => {
                        let source = key.clone();
                        trigger(Targets::Panicked { message, source });
                        if let Some(link) = link {
                            trigger(link.targets.targets(key));
                        }
                    }
                }
            }
            Event::InitDone => {
                let round = self.round;
                self.links.retain(|key, link| {
                    let shown = link.round == round;
                    if !shown {
                        trigger(link.targets.targets(key.clone()));
                    }
                    shown
                });
            }
        }
    }

    fn applied<O: Lookup>(
        &mut self,
        object: O,
        listed: bool,
        map: impl FnOnce(O) -> Result<Vec<ObjectRef<K>>, String>,
        mut trigger: impl FnMut(Targets<K>),
    ) {
        let key = Key::of(&object);
        let round = self.round;
        let uid = object.uid().map(Box::from);
        let version = object.resource_version().map(Box::from);
        let held = self.links.get_mut(&key);
        if let Some(held) = held
            && listed
            && version.is_some()
            && held.uid == uid
            && held.version == version
        {
            held.round = round;
            return;
        }
        let list = match map(object) {
            Ok(list) => list,
            Err(message) => {
                let source = key.clone();
                trigger(Targets::Panicked { message, source });
                if let Some(held) = self.links.get_mut(&key) {
                    // No version, so that a list that shows the object unchanged asks for its targets again.
                    (held.uid, held.version, held.round) = (uid, None, round);
                    trigger(held.targets.targets(key));
                }
                return;
            }
        };
        let link = Link {
            uid,
            version,
            targets: Remembered::of(&list),
            round,
        };
        let held = self.links.insert(key.clone(), link);
        tell(list, held.map(|held| held.targets), listed, key, trigger);
    }
}

// === impl RecentLinks ===

impl<K: Lookup> Default for RecentLinks<K> {
    fn default() -> Self {
        Self {
            recent: BTreeMap::new(),
            older: BTreeMap::new(),
        }
    }
}

impl<K: Lookup> RecentLinks<K>
where
    K::DynamicType: Eq + Hash + Clone,
{
    /// Takes note of whom the object of this name leads to now, or of the message with which the mapper panicked over it.
    pub(super) fn take(
        &mut self,
        key: Key,
        mapped: Result<Vec<ObjectRef<K>>, String>,
        mut trigger: impl FnMut(Targets<K>),
    ) {
        let held = self.recent.remove(&key).or_else(|| self.older.remove(&key));
        match mapped {
            Ok(list) => {
                // Most objects lead nowhere, and nothing is missed by not knowing them.
                if !list.is_empty() {
                    self.keep(key.clone(), Remembered::of(&list));
                }
                tell(list, held, false, key, trigger);
            }
            Err(message) => {
                let source = key.clone();
                trigger(Targets::Panicked { message, source });
                if let Some(held) = held {
                    trigger(held.targets(key.clone()));
                    self.keep(key, held);
                }
            }
        }
    }

    fn keep(&mut self, key: Key, targets: Remembered<K>) {
        if self.recent.len() >= RECENT_MIN {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(key, targets);
    }
}

/// Triggers those in `list`, and those whom the object led to before.
fn tell<K: Lookup>(
    mut list: Vec<ObjectRef<K>>,
    before: Option<Remembered<K>>,
    listed: bool,
    source: Key,
    mut trigger: impl FnMut(Targets<K>),
) where
    K::DynamicType: Eq + Hash,
{
    let mut nameless = false;
    match before {
        None => {}
        Some(Remembered::These(before)) => {
            for target in before {
                if !list.contains(&target) {
                    list.push(target);
                }
            }
        }
        Some(Remembered::Many(before)) => {
            let now = hashes(&list);
            nameless = before.iter().any(|hash| now.binary_search(hash).is_err());
        }
    }
    trigger(Targets::Some { list, listed, source });
    if nameless {
        trigger(Targets::All);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Secret};

    use super::*;

    fn secret(name: &str, version: &str, targets: &str) -> Secret {
        let mut secret = Secret::default();
        secret.metadata.name = Some(name.to_owned());
        secret.metadata.uid = Some(format!("uid-{name}"));
        secret.metadata.resource_version = Some(version.to_owned());
        secret.type_ = Some(targets.to_owned());
        secret
    }

    /// Feeds an event whose object's type lists the targets, or says `!` where the mapper panics, and prints whom it triggers.
    fn feed(links: &mut Links<ConfigMap>, event: Event<Secret>) -> String {
        let mut out = Vec::new();
        let map = |secret: Secret| {
            let targets = secret.type_.unwrap_or_default();
            if targets == "!" {
                return Err("as planned".to_owned());
            }
            Ok(targets.split_whitespace().map(ObjectRef::new).collect())
        };
        links.take(event, map, |targets| show(&mut out, targets));
        out.join(" ")
    }

    fn show(out: &mut Vec<String>, targets: Targets<ConfigMap>) {
        match targets {
            Targets::Some { list, .. } => out.extend(list.into_iter().map(|target| target.name)),
            Targets::All => out.push("*".to_owned()),
            Targets::Panicked { message, source } => out.push(format!("{}: {message};", source.name)),
        }
    }

    fn many() -> String {
        (0..=TARGETS_MAX).map(|n| format!("t{n} ")).collect()
    }

    #[test]
    fn an_object_that_changes_hands_triggers_both() {
        let mut links = Links::default();
        assert_eq!(feed(&mut links, Event::Apply(secret("s", "1", "a"))), "a");
        assert_eq!(feed(&mut links, Event::Apply(secret("s", "2", "b"))), "b a");
        assert_eq!(feed(&mut links, Event::Apply(secret("s", "3", "b"))), "b");
        assert_eq!(feed(&mut links, Event::Delete(secret("s", "4", ""))), "b");
        assert_eq!(feed(&mut links, Event::Delete(secret("s", "5", "b"))), "b");
    }

    #[test]
    fn a_deletion_that_is_told_again_leaves_the_links_of_the_successor_alone() {
        let mut links = Links::default();
        let first = secret("s", "1", "a");
        let mut second = secret("s", "3", "b");
        second.metadata.uid = Some("uid-second".to_owned());
        feed(&mut links, Event::Apply(first.clone()));
        assert_eq!(feed(&mut links, Event::Apply(second.clone())), "b a");
        assert_eq!(feed(&mut links, Event::Delete(first)), "a");
        second.type_ = None;
        assert_eq!(feed(&mut links, Event::Delete(second)), "b");
    }

    #[test]
    fn a_relist_triggers_the_difference() {
        let mut links = Links::default();
        feed(&mut links, Event::Init);
        assert_eq!(feed(&mut links, Event::InitApply(secret("gone", "1", "a"))), "a");
        assert_eq!(feed(&mut links, Event::InitApply(secret("same", "2", "b"))), "b");
        assert_eq!(feed(&mut links, Event::InitApply(secret("new", "3", "c"))), "c");
        assert_eq!(feed(&mut links, Event::InitDone), "");
        feed(&mut links, Event::Init);
        assert_eq!(feed(&mut links, Event::InitApply(secret("same", "2", "b"))), "");
        assert_eq!(feed(&mut links, Event::InitApply(secret("new", "4", "c"))), "c");
        assert_eq!(feed(&mut links, Event::InitDone), "a");
        assert_eq!(links.links.len(), 2);
    }

    #[test]
    fn a_list_that_breaks_off_finds_nothing_missing() {
        let mut links = Links::default();
        feed(&mut links, Event::Init);
        feed(&mut links, Event::InitApply(secret("s", "1", "a")));
        feed(&mut links, Event::InitDone);
        feed(&mut links, Event::Init);
        feed(&mut links, Event::Init);
        feed(&mut links, Event::InitApply(secret("s", "1", "a")));
        assert_eq!(feed(&mut links, Event::InitDone), "");
    }

    #[test]
    fn too_many_targets_become_all() {
        let mut links = Links::default();
        let many = many();
        feed(&mut links, Event::Apply(secret("s", "1", &many)));
        feed(&mut links, Event::Init);
        assert_eq!(feed(&mut links, Event::InitDone), "*");
        // One that leads elsewhere leaves some behind that nobody can name, however many there are now.
        feed(&mut links, Event::Apply(secret("s", "2", &many)));
        assert_eq!(feed(&mut links, Event::Apply(secret("s", "3", "b"))), "b *");
        assert_eq!(feed(&mut links, Event::Apply(secret("s", "4", "b"))), "b");
        feed(&mut links, Event::Apply(secret("s", "5", &many)));
        let others = many.replace("t0 ", "other ");
        let told = feed(&mut links, Event::Apply(secret("s", "6", &others)));
        assert!(told.starts_with("other t1 ") && told.ends_with(" *"), "{told}");
        assert_eq!(feed(&mut links, Event::Delete(secret("s", "7", ""))), "*");
        // As long as none is missing, nobody else is triggered.
        feed(&mut links, Event::Apply(secret("s", "8", &many)));
        let more = format!("new {many}");
        for event in [Event::Apply, Event::Delete] {
            let told = feed(&mut links, event(secret("s", "9", &more)));
            assert_eq!(told, more.trim_end());
        }
    }

    #[test]
    fn of_objects_whose_deletions_nobody_tells_those_seen_last_are_remembered() {
        let mut links = RecentLinks::default();
        let mut feed = |name: &str, mapped: Result<&str, &str>| {
            let mut out = Vec::new();
            let mapped = mapped
                .map(|targets| targets.split_whitespace().map(ObjectRef::new).collect())
                .map_err(str::to_owned);
            links.take(Key::of(&secret(name, "1", "")), mapped, |targets| {
                show(&mut out, targets);
            });
            (out.join(" "), links.recent.len() + links.older.len())
        };
        let told = |text: &str, held| (text.to_owned(), held);
        assert_eq!(feed("s", Ok("a")), told("a", 1));
        assert_eq!(feed("s", Ok("b")), told("b a", 1));
        assert_eq!(feed("s", Err("as planned")), told("s: as planned; b", 1));
        assert_eq!(feed("s", Ok("")), told("b", 0));
        assert_eq!(feed("s", Ok("")), told("", 0));
        assert_eq!(feed("s", Ok(&many())).1, 1);
        assert_eq!(feed("s", Ok("a")), told("a *", 1));
        for n in 0..5 * RECENT_MIN / 2 {
            let (_, held) = feed(&format!("other-{n}"), Ok("a"));
            assert!(held <= 2 * RECENT_MIN);
            if n % (RECENT_MIN / 2) == 0 {
                assert_eq!(feed("busy", Ok("b")).0, "b");
            }
        }
        assert_eq!(feed("busy", Ok("c")).0, "c b");
        assert_eq!(feed("s", Ok("c")).0, "c", "it was seen long ago");
    }

    #[test]
    fn where_the_mapper_panics_those_it_named_before_are_triggered_and_a_list_asks_again() {
        let mut links = Links::default();
        assert_eq!(
            feed(&mut links, Event::Apply(secret("s", "1", "!"))),
            "s: as planned;"
        );
        feed(&mut links, Event::Apply(secret("s", "2", "a b")));
        assert_eq!(
            feed(&mut links, Event::Apply(secret("s", "3", "!"))),
            "s: as planned; a b"
        );
        feed(&mut links, Event::Init);
        assert_eq!(feed(&mut links, Event::InitApply(secret("s", "3", "c"))), "c a b");
        assert_eq!(feed(&mut links, Event::InitDone), "");
        assert_eq!(
            feed(&mut links, Event::Delete(secret("s", "4", "!"))),
            "s: as planned; c"
        );
        assert_eq!(links.links.len(), 0);
        feed(&mut links, Event::Apply(secret("s", "5", &many())));
        assert_eq!(
            feed(&mut links, Event::Apply(secret("s", "6", "!"))),
            "s: as planned; *"
        );
    }
}
