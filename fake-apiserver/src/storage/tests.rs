use proptest::prelude::*;
use serde_json::json;

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
            store.put(resource, &key(name), Arc::new(value), None);
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
