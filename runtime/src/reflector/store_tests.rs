use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use proptest::prelude::*;

use super::*;
use crate::watcher::Event;

fn object(name: &str, uid: &str, version: &str) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.to_owned());
    object.metadata.namespace = Some("ns".to_owned());
    object.metadata.uid = Some(uid.to_owned());
    object.metadata.resource_version = Some(version.to_owned());
    object
}

fn show(change: &Change<ConfigMap>) -> String {
    let (sign, object) = match change {
        Change::Applied(object) => ('+', object),
        Change::Deleted(object) => ('-', object),
    };
    let meta = &object.metadata;
    format!(
        "{sign}{}:{}",
        meta.name.as_deref().unwrap(),
        meta.uid.as_deref().unwrap()
    )
}

/// Feeds events, and prints the changes.
fn feed(writer: &mut Writer<ConfigMap>, events: impl IntoIterator<Item = Event<ConfigMap>>) -> String {
    let changes: Vec<_> = events
        .into_iter()
        .flat_map(|event| writer.apply(event))
        .map(|change| show(&change))
        .collect();
    changes.join(" ")
}

fn listed(objects: &[(&str, &str, &str)]) -> Vec<Event<ConfigMap>> {
    let items = objects
        .iter()
        .map(|(name, uid, version)| Event::InitApply(object(name, uid, version)));
    [Event::Init]
        .into_iter()
        .chain(items)
        .chain([Event::InitDone])
        .collect()
}

#[test]
fn a_relist_finds_what_changed_unseen() {
    let (reader, mut writer) = store();
    assert_eq!(
        feed(
            &mut writer,
            listed(&[("a", "1", "1"), ("b", "2", "2"), ("c", "3", "3")])
        ),
        "+a:1 +b:2 +c:3"
    );
    // a is the same, b another under the same name, c gone, d new.
    assert_eq!(
        feed(
            &mut writer,
            listed(&[("a", "1", "1"), ("b", "9", "7"), ("d", "4", "8")])
        ),
        "-b:2 +b:9 +d:4 -c:3"
    );
    assert_eq!(reader.len(), 3);
}

#[test]
fn a_relist_that_breaks_off_deletes_nothing() {
    let (reader, mut writer) = store();
    feed(&mut writer, listed(&[("a", "1", "1"), ("b", "2", "2")]));
    assert_eq!(
        feed(
            &mut writer,
            [Event::Init, Event::InitApply(object("a", "1", "5"))]
        ),
        "+a:1"
    );
    assert_eq!(feed(&mut writer, listed(&[("a", "1", "5"), ("b", "2", "2")])), "");
    assert_eq!(reader.len(), 2);
}

#[test]
fn objects_come_by_name_whatever_happened_before() {
    let names = |reader: &Store<ConfigMap>| -> Vec<_> {
        reader
            .state()
            .iter()
            .map(|object| object.metadata.name.clone().unwrap())
            .collect()
    };
    let (reader, mut writer) = store();
    for name in ["c", "a", "b"] {
        writer.apply(Event::Apply(object(name, name, "1")));
    }
    writer.apply(Event::Delete(object("a", "a", "2")));
    writer.apply(Event::Apply(object("a", "a2", "3")));
    assert_eq!(names(&reader), ["a", "b", "c"]);
    assert_eq!(
        reader
            .find(|object| object.metadata.uid.as_deref() > Some("a"))
            .unwrap()
            .metadata
            .uid
            .as_deref(),
        Some("a2")
    );
}

#[test]
fn lookups_are_exact() {
    let (reader, mut writer) = store();
    writer.apply(Event::Apply(object("a", "1", "1")));
    assert!(reader.get(&ObjectRef::new("a").within("ns")).is_some());
    assert!(reader.get(&ObjectRef::new("a").within("n")).is_none());
    assert!(reader.get(&ObjectRef::new("a")).is_none());
    let mut cluster_scoped = object("b", "2", "2");
    cluster_scoped.metadata.namespace = None;
    writer.apply_watcher_event(&Event::Apply(cluster_scoped));
    assert!(reader.get(&ObjectRef::new("b")).is_some());
}

#[test]
fn a_deletion_of_what_is_not_there_is_nothing() {
    let (_, mut writer) = store();
    assert_eq!(feed(&mut writer, [Event::Delete(object("a", "1", "1"))]), "");
}

#[test]
fn a_deletion_that_is_told_again_does_not_take_the_successor_away() {
    let (reader, mut writer) = store();
    feed(&mut writer, listed(&[("a", "2", "8")]));
    assert_eq!(feed(&mut writer, [Event::Delete(object("a", "1", "7"))]), "");
    assert_eq!(reader.len(), 1);
}

#[test]
fn ready_is_the_first_complete_list() {
    let (reader, mut writer) = store::<ConfigMap>();
    let mut ready = Box::pin(reader.wait_until_ready());
    writer.apply(Event::Init);
    assert_eq!((&mut ready).now_or_never(), None);
    assert!(!reader.is_ready());
    writer.apply(Event::InitDone);
    assert_eq!(ready.now_or_never(), Some(Ok(())));
    writer.apply(Event::Init);
    drop(writer);
    assert_eq!(reader.wait_until_ready().now_or_never(), Some(Ok(())));
}

#[test]
fn a_store_without_writer_says_so() {
    let (reader, writer) = store::<ConfigMap>();
    let ready = reader.wait_until_ready();
    drop(writer);
    assert_eq!(ready.now_or_never(), Some(Err(WriterDropped(()))));
}

#[tokio::test]
async fn waiting_for_ready_is_woken() {
    let (reader, mut writer) = store::<ConfigMap>();
    let (ready, ()) = futures::future::join(reader.wait_until_ready(), async {
        writer.apply(Event::InitDone);
    })
    .await;
    assert_eq!(ready, Ok(()));
}

#[test]
fn followers_may_come_late_and_see_what_is_there() {
    let (reader, mut writer) = store();
    feed(&mut writer, listed(&[("a", "1", "1"), ("b", "2", "2")]));
    let follower = reader.changes();
    writer.apply(Event::Delete(object("a", "1", "3")));
    writer.apply(Event::Apply(object("c", "3", "4")));
    drop(writer);
    let seen: Vec<_> = follower
        .map(|change| show(&change))
        .collect::<Vec<_>>()
        .now_or_never()
        .unwrap();
    assert_eq!(seen.join(" "), "-a:1 +b:2 +c:3");
}

#[test]
fn a_slow_follower_gets_the_latest_and_no_deletion_is_lost() {
    let (reader, mut writer) = store();
    let mut follower = reader.changes();
    for version in 0..1000 {
        writer.apply(Event::Apply(object("a", "1", &version.to_string())));
    }
    writer.apply(Event::Delete(object("a", "1", "2000")));
    writer.apply(Event::Apply(object("a", "2", "2001")));
    let mut seen = Vec::new();
    while let Some(Some(change)) = follower.next().now_or_never() {
        seen.push(show(&change));
    }
    assert_eq!(seen.join(" "), "-a:1 +a:2");
}

#[test]
fn a_copy_of_a_follower_has_seen_as_much() {
    let (reader, mut writer) = store();
    feed(&mut writer, listed(&[("a", "1", "1"), ("b", "2", "2")]));
    let mut first = reader.subscribe();
    first.next().now_or_never();
    let second = first.clone();
    drop(writer);
    let names = |handle: ReflectHandle<ConfigMap>| {
        handle
            .map(|object| object.metadata.name.clone().unwrap())
            .collect::<Vec<_>>()
            .now_or_never()
            .unwrap()
    };
    assert_eq!(names(first), ["b"]);
    assert_eq!(names(second), ["b"]);
}

#[test]
fn followers_that_left_are_forgotten() {
    let (reader, mut writer) = store();
    for _ in 0..10 {
        drop(reader.changes());
    }
    writer.apply(Event::Apply(object("a", "1", "1")));
    assert_eq!(reader.read().followers.len(), 0);
}

mod reflected {
    use futures::stream;

    use super::*;
    use crate::{reflector::reflector, watcher};

    fn run(events: Vec<Event<ConfigMap>>) -> (Store<ConfigMap>, Vec<String>) {
        let (reader, writer) = store();
        let stream = reflector(writer, stream::iter(events.into_iter().map(watcher::Result::Ok)));
        let told = stream
            .map(|event| event.unwrap().to_string())
            .collect::<Vec<_>>()
            .now_or_never()
            .unwrap();
        (reader, told)
    }

    #[test]
    fn deletions_that_nobody_saw_are_added() {
        let events = listed(&[("a", "1", "1"), ("b", "2", "2")])
            .into_iter()
            .chain(listed(&[("b", "3", "5")]))
            .collect();
        let (reader, told) = run(events);
        assert_eq!(
            told,
            [
                "Init",
                "InitApply(ns/a)",
                "InitApply(ns/b)",
                "InitDone",
                "Init",
                "Delete(ns/b)",
                "InitApply(ns/b)",
                "InitDone",
                "Delete(ns/a)",
            ]
        );
        assert_eq!(reader.len(), 1);
    }

    #[test]
    fn deletions_that_were_seen_are_not_doubled() {
        let (reader, told) = run(vec![
            Event::Apply(object("a", "1", "1")),
            Event::Delete(object("a", "1", "2")),
            Event::Delete(object("b", "1", "2")),
        ]);
        assert_eq!(told, ["Apply(ns/a)", "Delete(ns/a)", "Delete(ns/b)"]);
        assert!(reader.is_empty());
    }
}

mod indexed {
    use super::*;
    use crate::reflector::Index;

    fn labelled(name: &str, uid: &str, version: &str, app: Option<&str>) -> ConfigMap {
        let mut object = object(name, uid, version);
        object.metadata.labels = app.map(|app| [("app".to_owned(), app.to_owned())].into());
        object
    }

    fn names(index: &Index<ConfigMap, String>, value: &str) -> Vec<String> {
        let refs = index.refs(value);
        assert_eq!(
            (refs.len(), index.get(value).len()),
            (index.count(value), refs.len())
        );
        refs.into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn an_index_follows_what_it_finds_and_what_comes_later() {
        let (reader, mut writer) = store();
        writer.apply(Event::Apply(labelled("b", "1", "1", Some("web"))));
        let index = reader.index_by_label("app");
        writer.apply(Event::Apply(labelled("a", "2", "2", Some("web"))));
        writer.apply(Event::Apply(labelled("c", "3", "3", None)));
        assert_eq!(names(&index, "web"), ["a", "b"]);
        // Another value, another object under the name, a deletion, one that a list does not show.
        writer.apply(Event::Apply(labelled("b", "1", "4", Some("db"))));
        assert_eq!(
            (names(&index, "web"), names(&index, "db")),
            (vec!["a".to_owned()], vec!["b".to_owned()])
        );
        writer.apply(Event::Apply(labelled("a", "9", "5", None)));
        assert!(names(&index, "web").is_empty());
        writer.apply(Event::Delete(labelled("b", "1", "6", Some("db"))));
        assert!(names(&index, "db").is_empty());
        writer.apply(Event::Apply(labelled("d", "4", "7", Some("web"))));
        for event in [Event::Init, Event::InitDone] {
            writer.apply(event);
        }
        assert!(names(&index, "web").is_empty());
    }

    #[test]
    fn objects_are_found_by_each_of_their_owners() {
        let (reader, mut writer) = store();
        let index = reader.index_by_owner();
        let mut owned = object("a", "1", "1");
        let owner = |uid: &str| k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference {
            uid: uid.to_owned(),
            ..Default::default()
        };
        owned.metadata.owner_references = Some(vec![owner("x"), owner("y")]);
        writer.apply(Event::Apply(owned));
        assert_eq!(
            (names(&index, "x"), names(&index, "y")),
            (vec!["a".to_owned()], vec!["a".to_owned()])
        );
    }

    #[test]
    fn a_key_function_that_changes_its_mind_leaves_nothing_behind() {
        use std::sync::atomic::{AtomicU64, Ordering};
        let (reader, mut writer) = store::<ConfigMap>();
        let calls = AtomicU64::new(0);
        let index = reader.index(move |_| Some(calls.fetch_add(1, Ordering::SeqCst)));
        for version in 1..5 {
            writer.apply(Event::Apply(object("a", "1", &version.to_string())));
        }
        assert_eq!((0..9).map(|value| index.count(&value)).sum::<usize>(), 1);
    }

    #[test]
    fn an_object_over_which_a_key_function_panics_is_found_nowhere_and_changes_the_store_all_the_same() {
        let (reader, mut writer) = store::<ConfigMap>();
        let index = reader.index(|object| {
            let labels = object.metadata.labels.as_ref().expect("everybody has labels");
            labels.values().cloned().collect::<Vec<_>>()
        });
        let mut changes = reader.changes();
        writer.apply(Event::Apply(labelled("a", "1", "1", Some("web"))));
        writer.apply(Event::Apply(labelled("b", "2", "2", Some("web"))));
        writer.apply(Event::Apply(labelled("a", "1", "3", None)));
        assert_eq!(names(&index, "web"), ["b"]);
        assert_eq!(
            reader
                .get(&ObjectRef::new("a").within("ns"))
                .unwrap()
                .metadata
                .resource_version
                .as_deref(),
            Some("3")
        );
        let told: Vec<_> = std::iter::from_fn(|| changes.next().now_or_never().flatten()).collect();
        assert_eq!(told.len(), 2, "followers are told of both");
    }

    #[test]
    fn an_index_that_was_dropped_costs_nothing() {
        let (reader, mut writer) = store::<ConfigMap>();
        drop(reader.index_by_label("app"));
        writer.apply(Event::Apply(object("a", "1", "1")));
        assert_eq!(reader.read().observers.len(), 0);
    }
}

mod versions {
    use super::*;

    #[test]
    fn a_store_knows_how_far_it_is() {
        let (reader, mut writer) = store();
        let reached = |version: &str| reader.wrote_at(version).now_or_never();
        writer.apply(Event::Init);
        writer.apply(Event::InitApply(object("a", "1", "7")));
        // A list shows objects in no order, so one of them says nothing of the others.
        assert_eq!(reached("7"), None);
        writer.apply(Event::InitDone);
        assert_eq!((reached("7"), reached("8")), (Some(Ok(())), None));
        writer.apply(Event::Delete(object("a", "1", "9")));
        assert_eq!((reached("9"), reached("10")), (Some(Ok(())), None));
        assert_eq!(reached("opaque"), Some(Ok(())));
        drop(writer);
        assert!(matches!(reached("10"), Some(Err(WriterDropped(())))));
    }
}

proptest! {
    /// Whatever came and went, and whenever somebody looked.
    #[test]
    fn objects_are_seen_in_the_order_of_their_names(
        steps in prop::collection::vec((0u8..3, "[a-e]{1,2}", any::<bool>()), 0..60),
        list_sorted in any::<bool>(),
    ) {
        let (reader, mut writer) = store();
        let mut expect = BTreeMap::new();
        writer.apply(Event::Init);
        let mut names = vec!["m", "c", "x"];
        if list_sorted {
            names.sort_unstable();
        }
        for name in names {
            writer.apply(Event::InitApply(object(name, "1", "1")));
            expect.insert(name.to_owned(), "1".to_owned());
        }
        writer.apply(Event::InitDone);
        for (version, (what, name, look)) in steps.into_iter().enumerate() {
            let version = (version + 2).to_string();
            if what == 0 {
                expect.remove(&name);
                writer.apply(Event::Delete(object(&name, "1", &version)));
            } else {
                writer.apply(Event::Apply(object(&name, "1", &version)));
                expect.insert(name, version);
            }
            if look {
                let seen = reader.state().into_iter().map(|object| {
                    let meta = object.metadata.clone();
                    (meta.name.unwrap(), meta.resource_version.unwrap())
                });
                prop_assert!(seen.eq(expect.clone()));
            }
        }
        // A relist takes away without bringing anything.
        writer.apply(Event::Init);
        writer.apply(Event::InitApply(object("c", "1", "999")));
        writer.apply(Event::InitDone);
        writer.apply(Event::Apply(object("b", "1", "1000")));
        let seen: Vec<_> = reader.state().iter().filter_map(|object| object.metadata.name.clone()).collect();
        prop_assert_eq!(seen, ["b", "c"]);
    }
}
