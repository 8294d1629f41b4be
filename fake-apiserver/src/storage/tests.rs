use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn key(n: u8) -> Key {
    format!("ns/{n}").into()
}

/// Writes (`Some`) and removals (`None`) of a few objects.
fn operations() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
    prop::collection::vec((0..6u8, prop::option::weighted(0.7, any::<u8>())), 0..600)
}

fn apply(store: &mut Store, resource: &Arc<str>, (name, value): (u8, Option<u8>)) {
    match value {
        Some(v) => {
            let value = json!({"metadata": {"name": name.to_string()}, "data": v});
            store.put(resource, &key(name), Arc::new(value), Entries::new(), None);
        }
        None => {
            store.remove(resource, &key(name));
        }
    }
}

fn names(objects: &Objects) -> Vec<(String, u64)> {
    objects
        .iter()
        .map(|(k, o)| (k.to_string(), o.revision()))
        .collect()
}

/// An object with a UID, owners and, where it is to go, a time of deletion.
fn owned(uid: u8, name: u8, owners: &[(u8, u8)], leaving: bool) -> Value {
    let uid_of = |n: u8| format!("00000000-0000-4000-8000-0000000000{n:02x}");
    let owners = owners
        .iter()
        .map(|(uid, name)| json!({"uid": uid_of(*uid), "name": name.to_string()}));
    let mut object = json!({"metadata": {
        "uid": uid_of(uid), "name": name.to_string(), "namespace": "ns",
        "ownerReferences": owners.collect::<Vec<_>>(),
    }});
    if leaving {
        object["metadata"]["deletionTimestamp"] = "2030-01-01T00:00:00Z".into();
    }
    object
}

proptest! {
    #[test]
    fn the_index_of_owners_says_what_a_look_at_all_objects_says(
        ops in proptest::collection::vec(
            (0..6u8, any::<bool>(), proptest::collection::vec((0..12u8, 0..6u8), 0..3), any::<bool>()),
            0..30,
        ),
    ) {
        let table: Arc<str> = "things".into();
        let mut store = Store::new(4);
        let mut uids = BTreeMap::new();
        let mut next = 0;
        for (name, remove, owners, leaving) in ops {
            let key: Key = format!("ns/{name}").into();
            if remove {
                store.remove(&table, &key);
                uids.remove(&name);
                continue;
            }
            let uid = *uids.entry(name).or_insert_with(|| { next += 1; next });
            store.put(&table, &key, Arc::new(owned(uid, name, &owners, leaving)), Entries::new(), None);
        }
        let all = store.live("things");
        let (mut astray, mut gone) = (Vec::new(), Vec::new());
        for (key, object) in &all {
            let references = object.value()["metadata"]["ownerReferences"].as_array().unwrap();
            let lives = |r: &Value| all.values().any(|o| r["uid"] == o.meta("uid") && r["name"] == o.meta("name"));
            if !references.iter().all(lives) {
                astray.push((table.clone(), key.clone()));
            }
            if object.metadata().unwrap().contains_key("deletionTimestamp") {
                gone.push((table.clone(), key.clone()));
            }
            let mine = all.iter().filter(|(_, o)| {
                let references = o.value()["metadata"]["ownerReferences"].as_array().unwrap();
                references.iter().any(|r| r["uid"] == object.meta("uid"))
            });
            let mine: Vec<Place> = mine.map(|(key, _)| (table.clone(), key.clone())).collect();
            prop_assert_eq!(store.dependents(object.meta("uid")).collect::<Vec<_>>(), mine);
            prop_assert_eq!(store.by_uid(object.meta("uid")).map(|o| o.meta("name")), Some(object.meta("name")));
        }
        prop_assert_eq!(store.astray().cloned().collect::<Vec<_>>(), astray);
        prop_assert_eq!(store.leaving().cloned().collect::<Vec<_>>(), gone);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_past_revision_never_changes(ops in operations()) {
        let resource: Arc<str> = "things".into();
        let mut store = Store::new(usize::MAX);
        let mut seen = vec![(0, Vec::new())];
        for op in ops {
            apply(&mut store, &resource, op);
            seen.push((store.revision(), names(&store.live("things"))));
        }
        for (revision, expected) in seen {
            prop_assert_eq!(names(&store.at("things", revision).unwrap()), expected);
        }
    }

    #[test]
    fn a_bounded_history_forgets_and_never_lies(ops in operations(), max in 0..40usize) {
        let resource: Arc<str> = "things".into();
        let mut store = Store::new(max);
        let mut seen = vec![(0, Vec::new())];
        for op in ops {
            apply(&mut store, &resource, op);
            seen.push((store.revision(), names(&store.live("things"))));
        }
        for (revision, expected) in seen {
            if let Ok(objects) = store.at("things", revision) {
                prop_assert_eq!(names(&objects), expected);
            }
        }
    }
}

#[test]
fn compaction_forgets_the_past_and_keeps_the_present() {
    let resource: Arc<str> = "things".into();
    let mut store = Store::new(usize::MAX);
    apply(&mut store, &resource, (1, Some(1)));
    apply(&mut store, &resource, (1, Some(2)));
    store.compact();
    assert!(store.at("things", 1).is_err());
    assert_eq!(names(&store.at("things", 2).unwrap()), [("ns/1".to_owned(), 2)]);
    apply(&mut store, &resource, (1, None));
    assert_eq!(names(&store.at("things", 2).unwrap()), [("ns/1".to_owned(), 2)]);
    assert_eq!(names(&store.live("things")), []);
}

#[test]
fn a_fork_does_not_see_later_writes() {
    let resource: Arc<str> = "things".into();
    let mut store = Store::new(usize::MAX);
    apply(&mut store, &resource, (1, Some(1)));
    let fork = store.clone();
    apply(&mut store, &resource, (2, Some(1)));
    assert_eq!(names(&fork.live("things")), [("ns/1".to_owned(), 1)]);
    assert_eq!(fork.revision(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_made_at_the_first_look_is_as_if_it_had_been_written(
        ops in proptest::collection::vec((0..6u8, any::<bool>(), proptest::collection::vec((0..12u8, 0..6u8), 0..3)), 0..12),
        looks in 0..12usize,
    ) {
        let first = || (0..3u8).map(|n| (key(n), owned(n + 9, n, &[], false))).collect::<Vec<_>>();
        let things: Arc<str> = "things".into();
        let mut written = Store::new(usize::MAX);
        for (key, object) in first() {
            written.put(&things, &key, Arc::new(object), Entries::new(), None);
        }
        let founders = Founders { table: things.clone(), count: 3, make: Box::new(first) };
        let mut founded = Store::founded(usize::MAX, vec![founders]);
        prop_assert_eq!(founded.revision(), 3);
        for (i, (name, remove, owners)) in ops.into_iter().enumerate() {
            for store in [&mut written, &mut founded] {
                if remove {
                    store.remove(&things, &key(name));
                } else {
                    let object = owned(name, name, &owners, false);
                    store.put(&things, &key(name), Arc::new(object), Entries::new(), None);
                }
            }
            if i >= looks {
                prop_assert_eq!(names(&founded.live("things")), names(&written.live("things")));
            }
        }
        for revision in 0..=written.revision() {
            prop_assert_eq!(
                names(&founded.at("things", revision).unwrap()),
                names(&written.at("things", revision).unwrap())
            );
        }
        prop_assert_eq!(founded.astray().collect::<Vec<_>>(), written.astray().collect::<Vec<_>>());
        for uid in 0..12u8 {
            let uid = format!("00000000-0000-4000-8000-0000000000{uid:02x}");
            prop_assert_eq!(
                founded.by_uid(&uid).map(|o| o.revision()),
                written.by_uid(&uid).map(|o| o.revision())
            );
        }
    }
}
