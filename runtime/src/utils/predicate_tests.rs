use futures::{FutureExt, StreamExt, stream};
use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::Time};

use super::*;
use crate::{
    utils::WatchStreamExt,
    watcher::{self, Event},
};

fn object(name: &str, uid: &str, generation: i64, version: u64) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.to_owned());
    object.metadata.uid = Some(uid.to_owned());
    object.metadata.generation = Some(generation);
    object.metadata.resource_version = Some(version.to_string());
    object
}

fn env() -> Env {
    Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap())
}

/// The versions that pass.
fn pass(events: Vec<Event<ConfigMap>>, predicate: impl Predicate<ConfigMap> + 'static) -> Vec<u64> {
    let stream = stream::iter(events.into_iter().map(watcher::Result::Ok));
    let filtered = stream
        .touched_objects()
        .predicate_filter(predicate, PredicateConfig::default().env(env()));
    let versions = filtered.map(|object| {
        object
            .unwrap()
            .metadata
            .resource_version
            .unwrap()
            .parse::<u64>()
            .unwrap()
    });
    versions.collect::<Vec<_>>().now_or_never().unwrap()
}

#[test]
fn only_changes_of_the_property_pass() {
    let events = vec![
        Event::InitApply(object("a", "1", 1, 1)),
        Event::Apply(object("a", "1", 1, 2)),
        Event::Apply(object("a", "1", 2, 3)),
        Event::Apply(object("b", "2", 2, 4)),
        Event::Apply(object("a", "1", 2, 5)),
    ];
    assert_eq!(pass(events, predicates::generation), [1, 3, 4]);
}

#[test]
fn a_recreated_object_of_equal_generation_passes() {
    let events = vec![
        Event::Apply(object("a", "1", 1, 1)),
        Event::Apply(object("a", "2", 1, 5)),
    ];
    assert_eq!(pass(events, predicates::generation), [1, 5]);
}

#[test]
fn deletions_pass() {
    let mut terminating = object("a", "1", 1, 2);
    terminating.metadata.deletion_timestamp = Some(Time("2026-01-01T00:00:00Z".parse().unwrap()));
    let mut gone = terminating.clone();
    gone.metadata.resource_version = Some("4".to_owned());
    let mut status = terminating.clone();
    status.metadata.resource_version = Some("3".to_owned());
    let events = vec![
        Event::Apply(object("a", "1", 1, 1)),
        Event::Apply(terminating),
        Event::Apply(status),
        Event::Delete(gone),
        Event::Delete(object("b", "2", 1, 9)),
    ];
    assert_eq!(pass(events, predicates::generation), [1, 2, 4, 9]);
}

#[test]
fn what_has_no_such_property_passes() {
    let mut plain = object("a", "1", 1, 1);
    plain.metadata.generation = None;
    assert_eq!(
        pass(
            vec![Event::Apply(plain.clone()), Event::Apply(plain)],
            predicates::generation
        ),
        [1, 1]
    );
}

#[test]
fn predicates_combine_and_fall_back() {
    let mut labelled = object("a", "1", 1, 2);
    labelled.metadata.labels = Some([("k".to_owned(), "v".to_owned())].into());
    let events = || {
        vec![
            Event::Apply(object("a", "1", 1, 1)),
            Event::Apply(labelled.clone()),
        ]
    };
    assert_eq!(pass(events(), predicates::generation), [1]);
    let either = Predicate::<ConfigMap>::combine(predicates::generation, predicates::labels);
    assert_eq!(pass(events(), either), [1, 2]);
    let instead = Predicate::<ConfigMap>::fallback(|_: &ConfigMap| None, predicates::labels);
    assert_eq!(pass(events(), instead), [1, 2]);
    assert_eq!(pass(events(), predicates::annotations), [1]);
    assert_eq!(pass(events(), predicates::finalizers), [1]);
    assert_eq!(pass(events(), predicates::resource_version), [1, 2]);
}

#[test]
fn memory_expires_by_age() {
    let secs = Duration::from_secs;
    let mut memory = Memory::new(secs(10));
    let key = |name: &str| Key::of(&object(name, "1", 1, 1));
    for n in 0..1000 {
        assert!(memory.differs(secs(n), key(&format!("churn-{n}")), Some(1)));
    }
    assert_eq!((memory.seen.len(), memory.by_age.len()), (11, 11));
    assert!(memory.differs(secs(1000), key("kept"), Some(1)));
    for n in 1..100 {
        assert!(!memory.differs(secs(1000 + 9 * n), key("kept"), Some(1)));
    }
    assert_eq!((memory.seen.len(), memory.by_age.len()), (1, 1));
    assert!(memory.differs(secs(5000), key("kept"), Some(1)));
    memory.forget(&key("kept"));
    assert_eq!((memory.seen.len(), memory.by_age.len()), (0, 0));
}
