//! Watchers: what they tell, and what they ask for.

use std::{pin::pin, time::Duration};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{ResourceExt, api::PostParams};
use seatrial_runtime::{
    WatchStreamExt, metadata_watcher, reflector,
    reflector::store,
    watcher,
    watcher::{Config, Error, Event, watch_object},
};
use seatrial_testkit::fault::{FlowFault, TransportFault, WatchFault};

use crate::support::{World, for_a_while, until_quiet};

/// The events as text, failures included.
fn show(items: Vec<watcher::Result<Event<ConfigMap>>>) -> Vec<String> {
    items
        .iter()
        .map(|item| {
            item.as_ref()
                .map_or_else(|error| format!("failed: {error}"), ToString::to_string)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn regression_1_the_initial_list_goes_past_the_first_page() {
    let world = World::new(1);
    for n in 0..25 {
        world.create(&format!("cm-{n:02}")).await;
    }
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default().page_size(10)));
    let told = show(until_quiet(&world.env, &mut events).await);
    assert_eq!(told.len(), 27, "{told:?}");
    assert_eq!(
        (told.first().unwrap().as_str(), told.last().unwrap().as_str()),
        ("Init", "InitDone")
    );
    // Regression 16: a continue token goes alone.
    let pages = world.log("continue=");
    assert_eq!(pages.len(), 2);
    assert!(
        pages.iter().all(|line| !line.contains("resourceVersion")),
        "{pages:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn changes_follow_the_list() {
    let world = World::new(1);
    world.create("a").await;
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    assert_eq!(
        show(until_quiet(&world.env, &mut events).await),
        ["Init", "InitApply(default/a)", "InitDone"]
    );
    world.touch("a", "1").await;
    world.create("b").await;
    world.delete("a").await;
    let told = show(until_quiet(&world.env, &mut events).await);
    assert_eq!(
        told,
        ["Apply(default/a)", "Apply(default/b)", "Delete(default/a)"]
    );
}

#[tokio::test(start_paused = true)]
async fn regression_2_a_streaming_list_is_not_sent_again_on_reconnect() {
    let world = World::new(1);
    world.create("a").await;
    let mut events = pin!(watcher(
        world.api::<ConfigMap>(),
        Config::default().streaming_lists().timeout(10)
    ));
    let told = show(for_a_while(&world.env, 95, &mut events).await);
    assert_eq!(told, ["Init", "InitApply(default/a)", "InitDone"]);
    assert_eq!(world.log("sendInitialEvents").len(), 1);
    let watches = world.log("watch=").len();
    assert!((8..=11).contains(&watches), "{watches} watches");
    assert_eq!(world.log("GET").len(), watches, "nothing was listed");
}

#[tokio::test(start_paused = true)]
async fn regression_3_an_expired_version_does_not_end_a_try_loop() {
    let world = World::new(1);
    world.create("a").await;
    world.disturb("watch=", 1, WatchFault::Expired { after: 0 });
    let objects = watcher(world.api::<ConfigMap>(), Config::default())
        .default_backoff()
        .applied_objects();
    let mut seen = 0;
    let outcome = world
        .env
        .timeout(
            Duration::from_secs(60),
            objects.try_for_each(|_| {
                seen += 1;
                std::future::ready(Ok::<_, Error>(()))
            }),
        )
        .await;
    assert!(outcome.is_err(), "the loop ended: {outcome:?}");
    assert_eq!(seen, 2, "once for each list");
}

#[tokio::test(start_paused = true)]
async fn defect_4_a_410_at_connect_leads_to_a_list() {
    let world = World::new(1);
    world.create("a").await;
    world.disturb("watch=", 1, WatchFault::ExpiredAtConnect);
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    let told = show(until_quiet(&world.env, &mut events).await);
    assert_eq!(
        told,
        [
            "Init",
            "InitApply(default/a)",
            "InitDone",
            "Init",
            "InitApply(default/a)",
            "InitDone"
        ]
    );
    world.touch("a", "1").await;
    assert_eq!(
        show(until_quiet(&world.env, &mut events).await),
        ["Apply(default/a)"]
    );
}

#[tokio::test(start_paused = true)]
async fn defect_5_deletions_in_a_gap_are_told_after_the_list() {
    let world = World::new(1);
    world.create("a").await;
    world.create("b").await;
    let (reader, writer) = store();
    let mut events = pin!(reflector(
        writer,
        watcher(world.api::<ConfigMap>(), Config::default())
    ));
    until_quiet(&world.env, &mut events).await;
    // While nobody polls, one object goes, one comes back as another, and the history is lost.
    world.delete("a").await;
    world.delete("b").await;
    world.create("b").await;
    world.lose_history().await;
    let told = show(for_a_while(&world.env, 10, &mut events).await);
    assert_eq!(
        told,
        [
            "Init",
            "Delete(default/b)",
            "InitApply(default/b)",
            "InitDone",
            "Delete(default/a)"
        ]
    );
    assert_eq!(reader.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn regression_9_failures_are_spaced_out_for_ever() {
    let world = World::new(1);
    world.disturb("GET", 50, TransportFault::Refused);
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    let told = for_a_while(&world.env, 3600, &mut events).await;
    let failures = told
        .iter()
        .filter(|item| matches!(item, Err(Error::InitialListFailed(_))))
        .count();
    assert_eq!(failures, 48, "all but the first two are told");
    assert!(
        matches!(told.last(), Some(Ok(Event::InitDone))),
        "and then it works"
    );
    let times: Vec<u64> = world
        .log("GET")
        .iter()
        .map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .collect();
    let gaps: Vec<_> = times.windows(2).take(50).map(|pair| pair[1] - pair[0]).collect();
    let mut least = 800;
    for gap in gaps {
        assert!(
            gap >= least && gap <= 2 * least + 1,
            "{gap} ms where {least} ms is the least"
        );
        least = (2 * least).min(30_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_opens_and_ends_at_once_is_no_storm() {
    let world = World::new(1);
    world.create("a").await;
    world.disturb("watch=", usize::MAX, WatchFault::Empty);
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    for_a_while(&world.env, 600, &mut events).await;
    let requests = world.log("GET").len();
    assert!(requests < 60, "{requests} requests in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_dead_connection_is_given_up() {
    let world = World::new(1);
    world.disturb("watch=", 1, TransportFault::Silence);
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    for_a_while(&world.env, 20, &mut events).await;
    world.create("a").await;
    let told = show(for_a_while(&world.env, 20, &mut events).await);
    assert_eq!(told, ["Apply(default/a)"]);
    assert_eq!(world.log("watch=").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_streaming_list_falls_back_by_itself() {
    let world = World::new(1);
    world.create("a").await;
    world.disturb(
        "sendInitialEvents",
        usize::MAX,
        WatchFault::StreamingListRefused { code: 422 },
    );
    let mut events = pin!(watcher(
        world.api::<ConfigMap>(),
        Config::default().streaming_lists()
    ));
    let told = show(until_quiet(&world.env, &mut events).await);
    assert_eq!(told, ["Init", "InitApply(default/a)", "InitDone"]);
    assert_eq!(world.log("sendInitialEvents").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn access_denied_is_told_at_once_and_heals() {
    let world = World::new(1);
    world.disturb("GET", 1, FlowFault::Forbidden);
    let mut events = pin!(watcher(world.api::<ConfigMap>(), Config::default()));
    let told = show(for_a_while(&world.env, 5, &mut events).await);
    assert_eq!(told, ["failed: the list failed", "Init", "InitDone"]);
}

#[tokio::test(start_paused = true)]
async fn metadata_alone_can_be_watched() {
    let world = World::new(1);
    world.create("a").await;
    let mut events = pin!(metadata_watcher(world.api::<ConfigMap>(), Config::default()).applied_objects());
    let first = events.next().await.unwrap().unwrap();
    assert_eq!(first.name_any(), "a");
    world.touch("a", "1").await;
    assert_eq!(events.next().await.unwrap().unwrap().uid(), first.uid());
}

#[tokio::test(start_paused = true)]
async fn managed_fields_are_passed_over_unless_they_are_kept() {
    for kept in [false, true] {
        let world = World::new(1);
        let mut object = ConfigMap::default();
        object.metadata.name = Some("a".to_owned());
        // An object of a name alone has nothing that could belong to anybody.
        object.data = Some([("value".to_owned(), "0".to_owned())].into());
        let api = world.api::<ConfigMap>();
        api.create(&PostParams::default(), &object).await.unwrap();
        let config = || match kept {
            false => Config::default(),
            true => Config::default().keep_managed_fields(),
        };
        let mut full = pin!(watcher(api.clone(), config()).applied_objects());
        let mut metadata = pin!(metadata_watcher(api, config()).applied_objects());
        for value in ["listed", "watched"] {
            let object = full.next().await.unwrap().unwrap();
            let partial = metadata.next().await.unwrap().unwrap();
            let held = [object.managed_fields(), partial.managed_fields()].map(|managed| !managed.is_empty());
            assert_eq!(held, [kept; 2], "{value}");
            world.touch("a", value).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn regression_14_watching_an_object_that_is_not_there_says_so() {
    let world = World::new(1);
    let mut object = pin!(watch_object(world.api::<ConfigMap>(), "a"));
    let mut next = async || {
        object
            .next()
            .await
            .unwrap()
            .unwrap()
            .map(|object| object.data.unwrap_or_default().len())
    };
    assert_eq!(next().await, None);
    world.create("a").await;
    assert_eq!(next().await, Some(0));
    world.touch("a", "1").await;
    assert_eq!(next().await, Some(1));
    world.delete("a").await;
    // Removed while the watch had lost its place.
    assert_eq!(next().await, None);
    world.create("a").await;
    assert_eq!(next().await, Some(0));
    world.delete("a").await;
    world.lose_history().await;
    assert_eq!(next().await, None);
}
