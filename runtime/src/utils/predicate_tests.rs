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
fn a_property_that_comes_back_as_it_was_passes() {
    let with = |version, tier: Option<&str>| {
        let mut object = object("a", "1", 1, version);
        object.metadata.labels = tier.map(|tier| [("tier".to_owned(), tier.to_owned())].into());
        Event::Apply(object)
    };
    let tier = |object: &ConfigMap| object.labels().get("tier").and_then(hash);
    let events = vec![
        with(1, Some("front")),
        with(2, Some("front")),
        with(3, None),
        with(4, Some("front")),
        with(5, Some("front")),
    ];
    assert_eq!(pass(events, tier), [1, 3, 4]);
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

#[tokio::test(start_paused = true)]
async fn what_is_not_heard_of_for_long_counts_as_new() {
    let env = env();
    let stream = stream::iter([1, 2, 3]).then(|version| {
        let pause = env.sleep(Duration::from_secs(if version == 3 { 61 } else { 59 }));
        async move {
            pause.await;
            watcher::Result::Ok(object("a", "1", 1, version))
        }
    });
    let config = PredicateConfig::default()
        .ttl(Duration::from_secs(60))
        .env(env.clone());
    let filtered = Box::pin(stream).predicate_filter(predicates::generation, config);
    let versions = filtered.map(|object| object.unwrap().metadata.resource_version.unwrap());
    assert_eq!(versions.collect::<Vec<_>>().await, ["1", "3"]);
}

#[tokio::test(start_paused = true)]
async fn regression_12_names_that_come_and_go_are_forgotten() {
    let env = env();
    let config = PredicateConfig::default()
        .ttl(Duration::from_secs(60))
        .env(env.clone());
    let stream = stream::iter(0..10_000u64).then(|n| {
        let pause = env.sleep(Duration::from_secs(1));
        async move {
            pause.await;
            watcher::Result::Ok(object(&format!("job-{n}"), &n.to_string(), 1, n))
        }
    });
    let mut filtered = Box::pin(Box::pin(stream).predicate_filter(predicates::generation, config));
    let mut most = 0;
    while filtered.next().await.is_some() {
        most = most.max(filtered.memory.len());
    }
    assert_eq!(most, 61, "those of the last minute");
}
