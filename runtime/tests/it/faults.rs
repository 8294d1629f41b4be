//! The rows of the catalogue of faults that a watch may meet: reads (C) and watches (E).
//!
//! All of them run the same life of a few objects under a fault. In the end the cache equals the server, whoever followed it saw each deletion, and no object went back in time; what else a
//! row asks for is in its test. Rows C5 to C7, which are not about one watch alone, are in `faults_around.rs`.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use k8s_openapi::{
    api::core::v1::ConfigMap, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use seatrial_client::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    core::GroupVersionKind,
};
use seatrial_runtime::{
    WatchStreamExt,
    reflector::{Change, store},
    watcher::{Config, watcher},
};
use seatrial_testkit::{
    FakeCluster,
    fault::{ReadFault, Rule, TransportFault, WatchFault},
};
use serde_json::json;

use crate::life::Life;

/// Lives under a fault with the default configuration.
async fn live(rule: Rule) -> Life {
    live_with(Config::default(), rule).await
}

async fn live_with(config: Config, rule: Rule) -> Life {
    let mut life = Life::new(config);
    life.live(rule).await;
    life
}

// === C ===

#[tokio::test(start_paused = true)]
async fn c1_a_first_list_of_any_age_is_for_those_who_ask_for_it() {
    let cluster = Life::new(Config::default());
    cluster.create("a").await;
    let old = cluster.cluster.server().fork();
    cluster.create("b").await;
    for (config, asks) in [
        (Config::default(), false),
        (Config::default().any_semantic(), true),
    ] {
        let mut life = Life::new(config);
        assert!(life.store.may_be_stale(), "nothing was told");
        life.pass(1).await;
        assert_eq!(life.requests("resourceVersion=0").is_empty(), !asks);
        assert_eq!(life.store.may_be_stale(), asks);
        life.agree();
    }
    // Whoever asks gets the old state, and catches up by the watch.
    let mut life = Life::new(Config::default().any_semantic());
    life.create("a").await;
    let behind = life.cluster.server().fork();
    life.create("b").await;
    life.cluster
        .faults()
        .inject(Rule::new(ReadFault::Replica(behind)).times(1));
    life.pass(5).await;
    life.agree();
    assert_eq!(life.lists(), 0, "the only list was the replica's");
    drop(old);
}

#[tokio::test(start_paused = true)]
async fn c1_what_may_be_stale_says_so_until_the_server_was_asked_for_the_most_recent() {
    let relisting = Config::default()
        .any_semantic()
        .relist_interval(Duration::from_secs(600));
    let mut life = Life::new(relisting);
    life.create("a").await;
    let behind = life.cluster.server().fork();
    life.delete("a").await;
    life.cluster
        .faults()
        .inject(Rule::new(ReadFault::Stale(behind)).times(1));
    life.pass(5).await;
    assert_eq!(life.deleted, ["a"], "the replica was believed");
    assert!(life.store.is_ready() && life.health.may_be_stale() && !life.health.is_stale());
    // Whoever must not wait asks for the version of the present, which a bookmark shows when no event does.
    life.noise().await;
    let one = ListParams::default().limit(1);
    let present = life.api.list_metadata(&one).await.unwrap();
    let present = present.metadata.resource_version.unwrap();
    assert!(life.store.wrote_at(&present).now_or_never().is_none());
    life.pass(90).await;
    assert!(life.store.wrote_at(&present).now_or_never().is_some());
    life.pass(500).await;
    assert!(
        life.store.may_be_stale(),
        "it has caught up, and does not know that"
    );
    life.agree();
    life.pass(10).await;
    assert!(!life.store.may_be_stale() && !life.health.may_be_stale());

    // What cannot be followed may be stale as well, and is not any more when it can.
    life.cluster.faults().inject(Rule::new(TransportFault::Refused));
    life.pass(600).await;
    assert!(life.store.may_be_stale() && life.health.is_stale());
    life.cluster.faults().clear();
    life.pass(100).await;
    assert!(!life.store.may_be_stale());
    // Whoever is not told which watch fills a store cannot know.
    let (unknown, _writer) = store::<ConfigMap>();
    assert!(unknown.may_be_stale());
}

#[tokio::test(start_paused = true)]
async fn c2_a_replica_that_is_behind_is_asked_again_and_then_for_the_most_recent() {
    let mut life = Life::new(Config::default().any_semantic());
    life.create("a").await;
    life.pass(5).await;
    life.noise().await;
    life.cluster.server().compact();
    life.create("b").await;
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::Expired { after: 0 }).times(1));
    life.cluster
        .faults()
        .inject(Rule::new(ReadFault::TooLargeVersion).times(2));
    life.pass(60).await;
    life.agree();
    let lists: Vec<_> = life
        .requests("configmaps?")
        .into_iter()
        .filter(|line| !line.contains("watch="))
        .collect();
    assert!(
        lists.iter().any(|line| line.contains("NotOlderThan")),
        "{lists:?}"
    );
    assert!(
        lists.iter().any(|line| !line.contains("resourceVersion")),
        "{lists:?}"
    );
    live(Rule::new(ReadFault::CacheNotReady).times(5)).await;
}

#[tokio::test(start_paused = true)]
async fn c3_no_list_takes_the_cache_back_in_time() {
    for config in [Config::default(), Config::default().any_semantic()] {
        let mut life = Life::new(config);
        life.create("a").await;
        life.create("gone").await;
        let old = life.cluster.server().fork();
        life.touch("a", "1").await;
        life.delete("gone").await;
        life.pass(5).await;
        // The watch breaks for good, and the list that follows is answered by a replica that is stuck: `gone` lives there.
        life.cluster
            .faults()
            .inject(Rule::new(WatchFault::Expired { after: 0 }).times(1));
        life.cluster
            .faults()
            .inject(Rule::new(ReadFault::Replica(old)).times(1));
        life.noise().await;
        life.pass(400).await;
        life.agree();
    }
}

#[tokio::test(start_paused = true)]
async fn c4_and_d11_a_cache_says_when_it_shows_a_write() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    life.pass(5).await;
    let patch = Patch::Merge(json!({"data": {"value": "1"}}));
    let written = life
        .api
        .patch("a", &PatchParams::default(), &patch)
        .await
        .unwrap();
    let store = life.store.clone();
    let version = written.resource_version().unwrap();
    assert!(
        store.wrote_at(&version).now_or_never().is_none(),
        "the cache has not been polled"
    );
    life.pass(1).await;
    assert_eq!(store.wrote_at(&version).now_or_never(), Some(Ok(())));
    // A write that changes nothing has no event, and is answered with the version that is there.
    let again = life
        .api
        .patch("a", &PatchParams::default(), &patch)
        .await
        .unwrap();
    assert_eq!(again.resource_version().unwrap(), version);
    assert_eq!(store.wrote_at(&version).now_or_never(), Some(Ok(())));
}

#[tokio::test(start_paused = true)]
async fn c8_a_token_that_expired_begins_the_list_anew_and_pages_do_not_mix() {
    for with_token in [false, true] {
        let rule = Rule::new(ReadFault::ContinueExpired { with_token }).times(3);
        let life = live_with(Config::default().page_size(1), rule).await;
        // The token that came with the error is nowhere used.
        assert!(
            life.requests("continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTF9")
                .is_empty()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn c9_only_the_token_says_whether_there_is_more() {
    for fault in [ReadFault::NoRemainingCount, ReadFault::LimitIgnored] {
        live_with(Config::default().page_size(1), Rule::new(fault)).await;
    }
    live_with(
        Config::default().page_size(1),
        Rule::new(ReadFault::EmptyPage).times(2),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn c10_what_is_null_or_unknown_is_taken() {
    live(Rule::new(ReadFault::UnknownFields)).await;
    let mut life = Life::new(Config::default());
    life.cluster.faults().inject(Rule::new(ReadFault::NullItems));
    life.pass(1).await;
    assert!(life.store.is_ready() && life.errors.is_empty());
}

#[tokio::test(start_paused = true)]
async fn c11_to_c13_a_list_that_cannot_be_had_is_asked_for_again() {
    for fault in [
        ReadFault::LeaderChanged,
        ReadFault::RequestTimedOut,
        ReadFault::NotServed,
    ] {
        let life = live(Rule::new(fault).times(6)).await;
        assert!(!life.errors.is_empty());
    }
}

// === E ===

#[tokio::test(start_paused = true)]
async fn e1_e2_an_end_in_good_order_is_no_error_and_no_list() {
    for after in [1, 2] {
        let life = live(Rule::new(WatchFault::End { after })).await;
        assert_eq!((life.lists(), life.errors.as_slice()), (1, [].as_slice()));
        assert_eq!(life.deleted, ["gone", "again"]);
    }
}

#[tokio::test(start_paused = true)]
async fn e3_watches_that_end_at_once_are_backed_off_and_then_listed() {
    let life = live(Rule::new(WatchFault::Empty)).await;
    let requests = life.requests("configmaps?").len();
    assert!(requests < 80, "{requests} requests in 400 s");
    assert!(life.lists() > 1);
}

#[tokio::test(start_paused = true)]
async fn e4_an_expired_version_is_one_list_without_an_error() {
    let life = live(Rule::new(WatchFault::Expired { after: 1 }).times(1)).await;
    assert_eq!((life.lists(), life.errors.as_slice()), (2, [].as_slice()));
    let life = live(Rule::new(WatchFault::Expired { after: 0 })).await;
    let requests = life.requests("configmaps?").len();
    assert!(requests < 80, "{requests} requests in 400 s");
}

#[tokio::test(start_paused = true)]
async fn e5_an_expired_version_at_connect_is_the_same() {
    let life = live(Rule::new(WatchFault::ExpiredAtConnect).times(1)).await;
    assert_eq!((life.lists(), life.errors.as_slice()), (2, [].as_slice()));
}

#[tokio::test(start_paused = true)]
async fn e6_to_e8_errors_in_the_stream_are_resumed_from_and_then_listed() {
    for (fault, lists) in [
        (WatchFault::TooLargeVersion { after: 0 }, true),
        (WatchFault::InternalError { after: 0 }, true),
        (WatchFault::TooManyRequests { after: 0 }, false),
        (WatchFault::BareError { after: 0 }, false),
    ] {
        let life = live(Rule::new(fault.clone())).await;
        assert_eq!(life.lists() > 1, lists, "{fault:?}: {} lists", life.lists());
        let requests = life.requests("configmaps?").len();
        assert!(requests < 80, "{fault:?}: {requests} requests in 400 s");
        // Once is not worth a word or a list.
        let life = live(Rule::new(fault).times(1)).await;
        assert_eq!((life.lists(), life.errors.as_slice()), (1, [].as_slice()));
    }
}

#[tokio::test(start_paused = true)]
async fn e9_a_refused_watch_keeps_its_place_and_the_cache_and_says_that_it_is_stale() {
    for code in [401, 403, 429, 500, 503] {
        let mut life = Life::new(Config::default());
        life.create("a").await;
        life.pass(5).await;
        life.cluster
            .faults()
            .inject(Rule::new(WatchFault::RefusedAtConnect { code }));
        life.pass(400).await;
        assert!(
            life.health.is_stale() && life.health.last_error().is_some(),
            "{code}"
        );
        assert_eq!(life.store.len(), life.known.len());
        life.cluster.faults().clear();
        life.touch("a", "1").await;
        life.pass(60).await;
        life.agree();
        assert!(!life.health.is_stale());
        // A server that fails in itself may have lost the version, so in the end it is asked for a list.
        assert_eq!(life.lists() > 1, code == 500, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn e9_e25_a_kind_that_is_gone_is_listed_when_it_is_back() {
    let cluster = FakeCluster::new();
    let crds = Api::<CustomResourceDefinition>::all(cluster.client());
    let crd: CustomResourceDefinition = serde_json::from_value(json!({
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                          "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    }))
    .unwrap();
    crds.create(&PostParams::default(), &crd).await.unwrap();
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Thing"));
    let things = Api::<DynamicObject>::default_namespaced_with(cluster.client(), &resource);
    things
        .create(&PostParams::default(), &DynamicObject::new("a", &resource))
        .await
        .unwrap();
    let writer = seatrial_runtime::reflector::store::Writer::new(resource.clone());
    let (store, mut changes) = (writer.as_reader(), writer.as_reader().changes());
    let env = cluster.env().clone();
    let mut stream = watcher(things.clone(), Config::default())
        .reflect_changes(writer)
        .boxed();
    crate::support::for_a_while(&env, 5, &mut stream).await;
    assert_eq!(store.len(), 1);
    crds.delete("things.example.com", &DeleteParams::default())
        .await
        .unwrap();
    let told = crate::support::for_a_while(&env, 300, &mut stream).await;
    assert!(told.iter().any(Result::is_err), "that it is not served is told");
    crds.create(&PostParams::default(), &crd).await.unwrap();
    things
        .create(&PostParams::default(), &DynamicObject::new("b", &resource))
        .await
        .unwrap();
    crate::support::for_a_while(&env, 300, &mut stream).await;
    assert_eq!(
        store
            .state()
            .iter()
            .map(|thing| thing.name_any())
            .collect::<Vec<_>>(),
        ["b"]
    );
    let mut deleted = Vec::new();
    while let Some(Some(change)) = changes.next().now_or_never() {
        if let Change::Deleted(thing) = change {
            deleted.push(thing.name_any());
        }
    }
    assert_eq!(deleted, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn e10_progress_does_not_depend_on_bookmarks() {
    let life = live(Rule::new(WatchFault::NoBookmarks)).await;
    assert_eq!(life.lists(), 1);
    live_with(
        Config::default().disable_bookmarks(),
        Rule::new(WatchFault::End { after: 1 }),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn e11_e12_a_bookmark_moves_the_place_and_opens_the_gate_and_triggers_nothing() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    life.pass(5).await;
    life.noise().await;
    let version = life.cluster.server().revision();
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::Bookmark { after: 0, version }).times(1));
    // The next watch has the bookmark.
    life.pass(300).await;
    let known = life.known.clone();
    assert_eq!(
        life.store.wrote_at(&version.to_string()).now_or_never(),
        Some(Ok(()))
    );
    life.pass(300).await;
    assert_eq!(life.known, known);
    let resumed = life.requests(&format!("resourceVersion={version}"));
    assert!(!resumed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn e13_a_streaming_list_that_breaks_off_is_no_set() {
    let mut life = Life::new(Config::default().streaming_lists());
    for name in ["a", "b", "c"] {
        life.create(name).await;
    }
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::End { after: 2 }).times(3));
    life.pass(1).await;
    assert!(!life.store.is_ready());
    assert!(life.deleted.is_empty());
    life.pass(60).await;
    assert!(life.store.is_ready());
    life.agree();
    // Nor is one that breaks off later: what it did not show is not gone.
    life.noise().await;
    life.cluster.server().compact();
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::Expired { after: 0 }).times(1));
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::End { after: 1 }).times(2));
    life.pass(400).await;
    assert!(life.deleted.is_empty());
    life.agree();
}

#[tokio::test(start_paused = true)]
async fn e14_without_streaming_lists_it_lists() {
    let streaming = || Config::default().streaming_lists();
    for fault in [
        WatchFault::StreamingListRefused { code: 400 },
        WatchFault::StreamingListRefused { code: 422 },
        WatchFault::StreamingListIgnored,
    ] {
        let life = live_with(streaming(), Rule::new(fault.clone())).await;
        assert_eq!(
            (life.lists(), life.requests("sendInitialEvents=true").len()),
            (1, 1),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn e15_initial_events_in_any_order_lead_to_no_place_before_the_end() {
    live_with(
        Config::default().streaming_lists(),
        Rule::new(WatchFault::Reversed),
    )
    .await;
    // Cut in the middle, the last version seen is the newest, and leads nowhere.
    let mut life = Life::new(Config::default().streaming_lists());
    for name in ["a", "b", "c"] {
        life.create(name).await;
    }
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::End { after: 1 }).times(1));
    life.pass(30).await;
    life.agree();
    let asked = life.requests("sendInitialEvents=true");
    assert_eq!(
        (asked.len(), &asked[0]),
        (2, &asked[1]),
        "the same again, from the beginning"
    );
}

#[tokio::test(start_paused = true)]
async fn e16_e17_events_that_come_twice_or_under_another_type_change_nothing() {
    live(Rule::new(WatchFault::ResumedEarlier { by: 3 })).await;
    live(Rule::new(WatchFault::Retyped)).await;
    let life = live(Rule::new(WatchFault::UnknownDeleted { after: 1 })).await;
    assert!(!life.deleted.contains(&"never-seen".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn e16_a_predecessor_that_is_told_again_does_not_displace_its_successor() {
    for streaming in [false, true] {
        let config = Config::default();
        let mut life = Life::new(if streaming {
            config.streaming_lists()
        } else {
            config
        });
        life.create("a").await;
        life.delete("a").await;
        life.create("a").await;
        life.cluster
            .faults()
            .inject(Rule::new(WatchFault::ResumedEarlier { by: 3 }));
        life.pass(700).await;
        assert_eq!(life.deleted, [""; 0]);
        life.agree();
    }
}

#[tokio::test(start_paused = true)]
async fn e18_an_object_that_leaves_the_selector_is_told_as_deleted_and_comes_back() {
    let mut life = Life::new(Config::default().labels("app=web"));
    life.create("a").await;
    life.pass(5).await;
    let label = |value: serde_json::Value| Patch::Merge(json!({"metadata": {"labels": {"app": value}}}));
    life.api
        .patch("a", &PatchParams::default(), &label(json!("other")))
        .await
        .unwrap();
    life.pass(5).await;
    assert_eq!(
        (life.deleted.as_slice(), life.store.len()),
        (["a".to_owned()].as_slice(), 0)
    );
    life.api
        .patch("a", &PatchParams::default(), &label(json!("web")))
        .await
        .unwrap();
    life.pass(5).await;
    assert_eq!(life.store.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn e19_e20_a_relist_shows_another_object_under_a_name_as_a_deletion_and_an_addition() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    life.create("b").await;
    life.pass(5).await;
    life.delete("a").await;
    life.create("a").await;
    life.create("never-seen").await;
    life.delete("never-seen").await;
    life.touch("b", "1").await;
    life.touch("b", "2").await;
    life.noise().await;
    life.cluster.server().compact();
    life.pass(30).await;
    assert_eq!(life.deleted, ["a"]);
    life.agree();
}

#[tokio::test(start_paused = true)]
async fn e21_a_watch_that_stalls_is_given_up_and_shows_its_age() {
    let life = live(Rule::new(WatchFault::Stall { after: 1 }).times(1)).await;
    assert_eq!(life.lists(), 1);
    // Noticed as soon as the configuration says.
    let mut life = Life::new(Config::default().idle_timeout(Duration::from_secs(90)));
    life.create("a").await;
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::Stall { after: 0 }).times(1));
    life.pass(60).await;
    life.touch("a", "1").await;
    assert_eq!(life.health.last_event_age(), Some(Duration::from_secs(60)));
    life.pass(31).await;
    life.agree();
    assert!(life.health.last_event_age().unwrap() < Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn e22_a_replica_that_lags_is_waited_for_without_lists() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    let old = life.cluster.server().fork();
    life.touch("a", "1").await;
    life.pass(5).await;
    // The next watches land where the version lies in the future.
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::Replica(old)).times(3));
    life.delete("a").await;
    life.pass(1500).await;
    life.agree();
    assert!(life.lists() <= 2, "{} lists", life.lists());
}

#[tokio::test(start_paused = true)]
async fn e23_a_burst_is_folded_by_object() {
    let mut life = Life::new(Config::default());
    life.create("a").await;
    life.pass(5).await;
    for n in 0..2000 {
        life.touch("a", &n.to_string()).await;
    }
    let env = life.cluster.env().clone();
    crate::support::for_a_while(&env, 1, &mut life.stream).await;
    let mut waiting = 0;
    while let Some(Some(change)) = life.changes.next().now_or_never() {
        life.learn(&change);
        waiting += 1;
    }
    assert_eq!(waiting, 1, "the follower is told the latest");
    life.agree();
}

#[tokio::test(start_paused = true)]
async fn e24_c13_what_is_of_another_kind_is_told_and_passed_over() {
    let life = live(Rule::new(WatchFault::ForeignKind { after: 1 })).await;
    assert!(!life.errors.is_empty());
    assert_eq!(life.lists(), 1);
}

#[tokio::test(start_paused = true)]
async fn e26_versions_without_order_are_only_told_apart() {
    let mut life = Life::new(Config::default());
    life.cluster
        .faults()
        .inject(Rule::new(WatchFault::OpaqueVersions));
    life.create("kept").await;
    life.create("gone").await;
    life.pass(5).await;
    life.touch("kept", "1").await;
    life.delete("gone").await;
    life.pass(600).await;
    assert_eq!((life.lists(), life.errors.as_slice()), (1, [].as_slice()));
    let kept = life.store.find(|object| object.name_any() == "kept").unwrap();
    assert_eq!(kept.data.as_ref().unwrap()["value"], "1");
    assert_eq!(life.deleted, ["gone"]);
    // Nobody can say when such a version is reached, so nobody waits for it.
    assert_eq!(life.store.wrote_at("abc").now_or_never(), Some(Ok(())));
}

#[tokio::test(start_paused = true)]
async fn e27_old_events_are_not_taken_and_lost_ones_are_healed_by_lists_at_intervals() {
    live(Rule::new(WatchFault::Replayed { after: 3 })).await;
    let config = Config::default().relist_interval(Duration::from_secs(120));
    let life = live_with(config, Rule::new(WatchFault::Lost { every: 2 })).await;
    assert!(life.lists() > 4);
}

// === A, as far as watches are concerned ===

#[tokio::test(start_paused = true)]
async fn a1_to_a7_connections_that_break_stall_or_cut_anywhere() {
    live(
        Rule::new(TransportFault::Refused)
            .on("GET /api/v1/namespaces/default/configmaps?")
            .times(10),
    )
    .await;
    for after_bytes in [1, 100, 700, 1000] {
        live(
            Rule::new(TransportFault::Cut { after_bytes })
                .on("watch=true")
                .times(5),
        )
        .await;
        live(
            Rule::new(TransportFault::Cut { after_bytes })
                .on("configmaps?")
                .times(3),
        )
        .await;
    }
    live(Rule::new(TransportFault::Silence).on("configmaps?").times(2)).await;
    let life = live(Rule::new(TransportFault::Rechunked { size: 1 }).on("configmaps?")).await;
    assert_eq!((life.lists(), life.errors.as_slice()), (1, [].as_slice()));
}
