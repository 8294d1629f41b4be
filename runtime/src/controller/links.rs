//! Which objects of a controller each related object leads to.
//!
//! Remembering it is what makes three things visible that an event alone does not show: a related object that vanished unseen (found by difference after a
//! relist), one that used to belong to somebody else (both are triggered), and one that a relist shows though it did not change (nobody is).

use std::{collections::BTreeMap, hash::Hash};

use crate::{
    reflector::{Key, Lookup, ObjectRef},
    watcher::Event,
};

/// How many targets are remembered for one related object. Beyond that, its unseen deletion triggers everything.
const TARGETS_MAX: usize = 64;

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
    /// Nothing if there were too many to remember.
    targets: Option<Vec<ObjectRef<K>>>,
    round: u32,
}

// === impl Targets ===

impl<K: Lookup> Targets<K> {
    /// Those that a link remembers.
    fn remembered(targets: Option<Vec<ObjectRef<K>>>, source: Key) -> Self {
        match targets {
            Some(list) => Self::Some {
                list,
                listed: false,
                source,
            },
            None => Self::All,
        }
    }
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
                    Ok(mut list) => {
                        join(&mut list, link.and_then(|link| link.targets));
                        trigger(Targets::Some {
                            list,
                            listed: false,
                            source: key,
                        });
                    }
                    Err(message) => {
                        let source = key.clone();
                        trigger(Targets::Panicked { message, source });
                        if let Some(link) = link {
                            trigger(Targets::remembered(link.targets, key));
                        }
                    }
                }
            }
            Event::InitDone => {
                let round = self.round;
                self.links.retain(|key, link| {
                    let shown = link.round == round;
                    if !shown {
                        trigger(Targets::remembered(link.targets.take(), key.clone()));
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
        let mut list = match map(object) {
            Ok(list) => list,
            Err(message) => {
                let source = key.clone();
                trigger(Targets::Panicked { message, source });
                if let Some(held) = self.links.get_mut(&key) {
                    // No version, so that a list that shows the object unchanged asks for its targets again.
                    (held.uid, held.version, held.round) = (uid, None, round);
                    trigger(Targets::remembered(held.targets.clone(), key));
                }
                return;
            }
        };
        let remembered = (list.len() <= TARGETS_MAX).then(|| list.clone());
        let link = Link {
            uid,
            version,
            targets: remembered,
            round,
        };
        if let Some(held) = self.links.insert(key.clone(), link) {
            join(&mut list, held.targets);
        }
        trigger(Targets::Some {
            list,
            listed,
            source: key,
        });
    }
}

/// Adds what is missing.
fn join<K: Lookup>(list: &mut Vec<ObjectRef<K>>, others: Option<Vec<ObjectRef<K>>>)
where
    K::DynamicType: Eq,
{
    for other in others.into_iter().flatten() {
        if !list.contains(&other) {
            list.push(other);
        }
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
        links.take(event, map, |targets| match targets {
            Targets::Some { list, .. } => out.extend(list.into_iter().map(|target| target.name)),
            Targets::All => out.push("*".to_owned()),
            Targets::Panicked { message, source } => out.push(format!("{}: {message};", source.name)),
        });
        out.join(" ")
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
        let many = (0..=TARGETS_MAX).map(|n| format!("t{n} ")).collect::<String>();
        feed(&mut links, Event::Apply(secret("s", "1", &many)));
        feed(&mut links, Event::Init);
        assert_eq!(feed(&mut links, Event::InitDone), "*");
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
        let many = (0..=TARGETS_MAX).map(|n| format!("t{n} ")).collect::<String>();
        feed(&mut links, Event::Apply(secret("s", "5", &many)));
        assert_eq!(
            feed(&mut links, Event::Apply(secret("s", "6", "!"))),
            "s: as planned; *"
        );
    }
}
