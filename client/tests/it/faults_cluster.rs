//! What befalls reads and writes on their way to a cluster, with the faults of the testkit: the rows of the catalogue that
//! need an object with a history. Those that a single answer shows are in `faults.rs` and `calls.rs`.

use std::{fmt::Debug, pin::pin, time::Duration};

use either::Either;
use futures::{TryStreamExt as _, stream};
use k8s_openapi::{
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use seatrial_client::{
    Api, Client, Error, Resource, ResourceExt,
    api::{
        DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions, VersionMatch,
        WatchEvent, WatchParams, retry_on_conflict,
    },
    client::{Body, ClientBuilder},
    error::Outcome,
};
use seatrial_testkit::{
    FakeCluster,
    fault::{DeleteAnswer, Propagation, ReadFault, Rule, TransportFault, WatchFault, WriteFault},
};
use serde_json::json;
use tower::ServiceExt as _;

fn maps(client: Client) -> Api<ConfigMap> {
    Api::default_namespaced(client)
}

fn map(name: &str, value: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"k": value}})).unwrap()
}

fn value(map: &ConfigMap) -> &str {
    &map.data.as_ref().unwrap()["k"]
}

/// A cluster with one map, and its first state.
async fn cluster() -> (FakeCluster, Api<ConfigMap>, ConfigMap) {
    let cluster = FakeCluster::new();
    let maps = maps(cluster.client());
    let first = maps
        .create(&PostParams::default(), &map("web", "first"))
        .await
        .unwrap();
    (cluster, maps, first)
}

/// A client of the production stack, which sends again what may be sent again.
fn persistent(cluster: &FakeCluster) -> Api<ConfigMap> {
    let inner = cluster.client();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let inner = inner.clone();
        async move { inner.send(request).await }
    });
    let client = ClientBuilder::stack("default")
        .with_env(cluster.env().clone())
        .transport(service.map_err(tower::BoxError::from))
        .build();
    maps(client)
}

fn patch(value: &str) -> Patch<serde_json::Value> {
    Patch::Merge(json!({"data": {"k": value}}))
}

#[tokio::test(start_paused = true)]
async fn c1_an_old_state_is_read_by_those_alone_who_say_that_it_may_be_old() {
    let (cluster, maps, _) = cluster().await;
    let stale = cluster.server().fork();
    maps.patch("web", &PatchParams::default(), &patch("second"))
        .await
        .unwrap();
    cluster.faults().inject(Rule::new(ReadFault::Stale(stale)));

    // Who says nothing reads the newest state.
    assert_eq!(value(&maps.get("web").await.unwrap()), "second");
    assert_eq!(
        value(&maps.list(&ListParams::default()).await.unwrap().items[0]),
        "second"
    );
    let any = GetParams::any();
    assert_eq!(value(&maps.get_with("web", &any).await.unwrap()), "first");
    let any = ListParams::default().match_any();
    assert_eq!(value(&maps.list(&any).await.unwrap().items[0]), "first");
}

#[tokio::test(start_paused = true)]
async fn c3_a_list_that_names_what_was_seen_never_goes_back_before_it() {
    let (cluster, maps, _) = cluster().await;
    let stale = cluster.server().fork();
    let second = maps
        .patch("web", &PatchParams::default(), &patch("second"))
        .await
        .unwrap();
    cluster.faults().inject(Rule::new(ReadFault::Stale(stale)));
    let seen = ListParams::default()
        .at(&second.resource_version().unwrap())
        .matching(VersionMatch::NotOlderThan);
    let list = maps.list(&seen).await.unwrap();
    assert_eq!(value(&list.items[0]), "second");
    // A list says what it was read at, for the next one to name.
    assert!(list.metadata.resource_version.is_some());
}

#[tokio::test(start_paused = true)]
async fn c4_a_read_that_may_be_old_does_not_show_what_was_just_written() {
    let (cluster, maps, _) = cluster().await;
    let stale = cluster.server().fork();
    cluster.faults().inject(Rule::new(ReadFault::Stale(stale)));
    maps.create(&PostParams::default(), &map("new", "x"))
        .await
        .unwrap();
    let any = GetParams::any();
    assert!(maps.get_with("new", &any).await.unwrap_err().is_not_found());
    maps.get("new").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn c5_an_answer_that_comes_late_is_told_from_what_came_since_by_its_version() {
    let (cluster, maps, _) = cluster().await;
    let by = Duration::from_secs(2);
    cluster
        .faults()
        .inject(Rule::new(WriteFault::AnswerLate { by }).times(1));
    let (params, late) = (PatchParams::default(), patch("late"));
    let quick = async {
        cluster.env().sleep(Duration::from_millis(1)).await;
        maps.patch("web", &PatchParams::default(), &patch("quick")).await
    };
    let (late, quick) = futures::join!(maps.patch("web", &params, &late), quick);
    let (late, quick) = (late.unwrap(), quick.unwrap());
    assert_eq!((value(&late), value(&quick)), ("late", "quick"));
    let version = |map: &ConfigMap| map.resource_version().unwrap().parse::<u64>().unwrap();
    assert!(version(&late) < version(&quick), "what came last is older");
    assert_eq!(late.uid(), quick.uid());
}

/// What an event tells, and of which object.
fn told<K: Resource + Debug>(event: WatchEvent<K>) -> (&'static str, ObjectMeta) {
    match event {
        WatchEvent::Added(object) => ("added", object.meta().clone()),
        WatchEvent::Deleted(object) => ("deleted", object.meta().clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn c6_watches_of_two_resources_keep_no_order_between_them() {
    let by = Duration::from_secs(30);
    for late in ["/configmaps", "/secrets"] {
        let cluster = FakeCluster::new();
        let env = cluster.env().clone();
        cluster
            .faults()
            .inject(Rule::new(WatchFault::Late { by }).on(late));
        let maps = maps(cluster.client());
        let secrets: Api<Secret> = Api::default_namespaced(cluster.client());
        let from = maps.list(&ListParams::default()).await.unwrap().metadata;
        let from = from.resource_version.unwrap();
        let params = WatchParams::default().disable_bookmarks();
        let seen_maps = maps.watch(&params, &from).await.unwrap();
        let seen_secrets = secrets.watch(&params, &from).await.unwrap();
        let mut seen = pin!(stream::select(
            seen_maps.map_ok(|event| ("owner", told(event))),
            seen_secrets.map_ok(|event| ("owned", told(event))),
        ));

        let owner = maps
            .create(&PostParams::default(), &map("owner", "v"))
            .await
            .unwrap();
        let mut owned = Secret::default();
        owned.metadata.name = Some("owned".to_owned());
        owned.metadata.owner_references = Some(vec![owner.controller_owner_ref(&()).unwrap()]);
        secrets.create(&PostParams::default(), &owned).await.unwrap();

        // Whichever is on time is told at once: neither stream waits for the other.
        let order = if late == "/configmaps" {
            ["owned", "owner"]
        } else {
            ["owner", "owned"]
        };
        let began = env.monotonic();
        for (index, expect) in order.into_iter().enumerate() {
            let (which, (what, meta)) = seen.try_next().await.unwrap().unwrap();
            assert_eq!((which, what), (expect, "added"), "{late} is late");
            assert_eq!(env.monotonic() - began >= by, index == 1);
            // The server knows the owner, whatever its watch has told so far.
            let is_there = maps.get_opt("owner").await.unwrap();
            let refers = meta.owner_references.unwrap_or_default();
            assert!(
                is_there.is_some()
                    && refers
                        .iter()
                        .all(|one| Some(&one.uid) == owner.metadata.uid.as_ref())
            );
        }

        // And so it is when they go: the owner is outlived, or was gone before.
        maps.delete("owner", &DeleteParams::background()).await.unwrap();
        for expect in order {
            let (which, (what, _)) = seen.try_next().await.unwrap().unwrap();
            assert_eq!((which, what), (expect, "deleted"), "{late} is late");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn c7_what_was_just_made_may_not_be_found_and_a_name_may_be_anothers() {
    let (cluster, maps, first) = cluster().await;
    let rule = cluster.faults().inject(Rule::new(ReadFault::NotYetThere));
    // Absence is told, and not asked about again until it looks better.
    let before = cluster.requests().iter().count();
    assert!(persistent(&cluster).get("web").await.unwrap_err().is_not_found());
    assert_eq!(maps.get_opt("web").await.unwrap(), None);
    assert!(cluster.requests().iter().count() <= before + 2);
    cluster.faults().withdraw(rule);

    maps.delete("web", &DeleteParams::default()).await.unwrap();
    let second = maps
        .create(&PostParams::default(), &map("web", "first"))
        .await
        .unwrap();
    assert_ne!(
        first.uid(),
        second.uid(),
        "the name is the same, the object is not"
    );
}

#[tokio::test(start_paused = true)]
async fn d1_a_conflict_is_met_by_reading_again_from_the_server() {
    let (cluster, maps, _) = cluster().await;
    // Whoever reads from a cache that is behind meets the same conflict for ever.
    let stale = cluster.server().fork();
    cluster.faults().inject(Rule::new(ReadFault::Stale(stale)));
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Interleaved).on("PUT").times(3));
    let mut reads = 0;
    let written = retry_on_conflict(cluster.env(), || {
        reads += 1;
        let maps = maps.clone();
        async move {
            let mut read = maps.get("web").await?;
            read.data
                .get_or_insert_default()
                .insert("mine".to_owned(), "1".to_owned());
            maps.replace("web", &PostParams::default(), &read).await
        }
    })
    .await
    .unwrap();
    assert_eq!(reads, 4, "each attempt reads anew");
    assert_eq!(written.data.unwrap()["mine"], "1");

    // By itself nothing overwrites what somebody else wrote: neither a write with a version nor a patch.
    cluster.faults().clear();
    cluster.faults().inject(Rule::new(WriteFault::Conflict));
    let persistent = persistent(&cluster);
    let read = persistent.get("web").await.unwrap();
    let replaced = persistent
        .replace("web", &PostParams::default(), &read)
        .await
        .unwrap_err();
    let patched = persistent
        .patch("web", &PatchParams::default(), &patch("x"))
        .await
        .unwrap_err();
    for error in [replaced, patched] {
        assert!(error.is_conflict(), "{error}");
        assert_eq!(error.outcome(), Outcome::Conflict);
    }
}

#[tokio::test(start_paused = true)]
async fn d2_a_deletion_that_names_its_object_leaves_a_successor_alone() {
    let (cluster, maps, first) = cluster().await;
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Recreated).on("DELETE").times(1));
    let only_this = DeleteParams::default().preconditions(Preconditions {
        uid: first.uid(),
        resource_version: None,
    });
    let error = maps.delete("web", &only_this).await.unwrap_err();
    assert!(error.is_conflict() && !error.is_not_found(), "{error}");
    assert_eq!(error.outcome(), Outcome::Conflict);
    // Whether that is as good as deleted is the caller's to say: what is there now is another object.
    assert_ne!(maps.get("web").await.unwrap().uid(), first.uid());
    let if_present = maps.delete_if_present("web", &only_this).await.unwrap_err();
    assert!(if_present.is_conflict());
}

#[tokio::test(start_paused = true)]
async fn d3_a_taken_name_after_a_lost_answer_may_be_ones_own() {
    let (cluster, maps, _) = cluster().await;
    let mine = || -> ConfigMap {
        serde_json::from_value(json!({"metadata": {"name": "new", "labels": {"made-by": "me"}}})).unwrap()
    };
    let is_mine = |found: &ConfigMap| found.labels().get("made-by").is_some_and(|by| by == "me");
    let create = |maps: Api<ConfigMap>| async move { maps.create(&PostParams::default(), &mine()).await };

    // The answer is lost: nothing is sent again by itself.
    cluster
        .faults()
        .inject(Rule::new(TransportFault::LostAnswer).on("POST").times(1));
    let lost = create(persistent(&cluster)).await.unwrap_err();
    assert_eq!(lost.outcome(), Outcome::Unknown);
    // Then the name is taken, by this very write: what is there has what was sent.
    let taken = create(maps.clone()).await.unwrap_err();
    assert!(taken.is_already_exists() && !taken.is_conflict());
    assert_eq!(taken.outcome(), Outcome::Conflict);
    assert!(is_mine(&maps.get("new").await.unwrap()));

    // The same answer where somebody else was first, or where the network sent the request twice.
    for (fault, expect) in [(WriteFault::Preempted, false), (WriteFault::SentTwice, true)] {
        maps.delete("new", &DeleteParams::default()).await.unwrap();
        cluster.faults().clear();
        cluster.faults().inject(Rule::new(fault).on("POST").times(1));
        let error = create(persistent(&cluster)).await.unwrap_err();
        assert!(error.is_already_exists(), "{error}");
        let is_own = is_mine(&maps.get("new").await.unwrap());
        assert_eq!(is_own, expect, "comparing tells whose it is");
    }
}

#[tokio::test(start_paused = true)]
async fn d4_a_create_whose_drawn_names_are_all_taken_is_told_from_a_taken_name() {
    let (cluster, maps, _) = cluster().await;
    cluster
        .faults()
        .inject(Rule::new(WriteFault::NameCollision).times(1));
    let drawn: ConfigMap = serde_json::from_value(json!({"metadata": {"generateName": "web-"}})).unwrap();
    let error = maps.create(&PostParams::default(), &drawn).await.unwrap_err();
    assert!(error.is_already_exists(), "{error}");
    // The whole create may be tried again: it draws other names.
    let created = maps.create(&PostParams::default(), &drawn).await.unwrap();
    assert!(created.name_any().starts_with("web-"));
}

#[tokio::test(start_paused = true)]
async fn d8_what_has_gone_meanwhile_is_told_to_every_write() {
    let (cluster, maps, first) = cluster().await;
    maps.delete("web", &DeleteParams::default()).await.unwrap();
    let maps = persistent(&cluster);
    let before = cluster.requests().iter().count();
    let errors = [
        maps.patch("web", &PatchParams::default(), &patch("late"))
            .await
            .unwrap_err(),
        maps.replace("web", &PostParams::default(), &first)
            .await
            .unwrap_err(),
        maps.delete("web", &DeleteParams::default()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_not_found() && !error.is_not_served(), "{error}");
        assert_eq!(error.outcome(), Outcome::Terminal);
    }
    let gone = maps.delete_if_present("web", &DeleteParams::default()).await;
    assert!(gone.unwrap().is_none());
    assert_eq!(
        cluster.requests().iter().count(),
        before + 4,
        "each was sent once"
    );
}

#[tokio::test(start_paused = true)]
async fn d9_what_breaks_the_rules_says_where_and_is_not_sent_again() {
    let (cluster, _, _) = cluster().await;
    let maps = persistent(&cluster);
    let mut fixed = map("fixed", "v");
    fixed.immutable = Some(true);
    let made = maps.create(&PostParams::default(), &fixed).await.unwrap();
    let before = cluster.requests().iter().count();
    let mut unnamable = map("web", "v");
    unnamable.metadata.name = Some("Not_A_Name".to_owned());
    let mut other = made.clone();
    other
        .data
        .get_or_insert_default()
        .insert("k".to_owned(), "other".to_owned());
    for (error, field) in [
        (
            maps.create(&PostParams::default(), &unnamable).await.unwrap_err(),
            "metadata.name",
        ),
        (
            maps.replace("fixed", &PostParams::default(), &other)
                .await
                .unwrap_err(),
            "data",
        ),
        (
            maps.patch("fixed", &PatchParams::default(), &patch("other"))
                .await
                .unwrap_err(),
            "data",
        ),
    ] {
        assert!(error.is_invalid(), "{error}");
        assert_eq!(error.outcome(), Outcome::Terminal);
        let causes = &error.status().unwrap().details.as_ref().unwrap().causes;
        assert_eq!(causes[0].field, field);
    }
    assert_eq!(
        cluster.requests().iter().count(),
        before + 3,
        "each was sent once"
    );
}

#[tokio::test(start_paused = true)]
async fn d10_what_is_returned_is_what_the_server_made_of_it() {
    let (cluster, maps, _) = cluster().await;
    cluster.faults().inject(Rule::new(WriteFault::Mutated));
    let sent = map("new", "x");
    let created = maps.create(&PostParams::default(), &sent).await.unwrap();
    assert!(sent.metadata.annotations.is_none());
    assert!(
        created
            .metadata
            .annotations
            .as_ref()
            .is_some_and(|annotations| !annotations.is_empty())
    );
    assert_eq!(maps.get("new").await.unwrap(), created);
    cluster.faults().clear();
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Pruned { field: "data" }));
    let applied = maps.apply(&map("other", "x"), "me").await.unwrap();
    assert_eq!(applied.data, None, "what was dropped is not made up again");
}

#[tokio::test(start_paused = true)]
async fn d11_a_write_that_changes_nothing_returns_the_version_there_is_and_causes_no_event() {
    let (cluster, maps, first) = cluster().await;
    let since = first.resource_version().unwrap();
    let mut events = std::pin::pin!(maps.watch(&WatchParams::default(), &since).await.unwrap());
    let same = maps
        .patch("web", &PatchParams::default(), &patch("first"))
        .await
        .unwrap();
    assert_eq!(same.resource_version(), first.resource_version());
    cluster.faults().inject(Rule::new(WriteFault::Unchanged).times(1));
    let restored = maps
        .patch("web", &PatchParams::default(), &patch("second"))
        .await
        .unwrap();
    assert_eq!(restored.resource_version(), first.resource_version());
    // The next real change is the first event.
    let changed = maps
        .patch("web", &PatchParams::default(), &patch("third"))
        .await
        .unwrap();
    let event = futures::TryStreamExt::try_next(&mut events)
        .await
        .unwrap()
        .unwrap();
    let seatrial_client::api::WatchEvent::Modified(seen) = event else {
        panic!("{event:?}")
    };
    assert_eq!(seen.resource_version(), changed.resource_version());
}

#[tokio::test(start_paused = true)]
async fn d12_an_answer_to_a_deletion_is_not_yet_absence() {
    let (cluster, maps, _) = cluster().await;
    maps.patch(
        "web",
        &PatchParams::default(),
        &Patch::Merge(json!({"metadata": {"finalizers": ["x.io/y"]}})),
    )
    .await
    .unwrap();
    let Either::Left(deleting) = maps.delete("web", &DeleteParams::default()).await.unwrap() else {
        panic!("it is still there")
    };
    assert!(deleting.metadata.deletion_timestamp.is_some());
    let there = maps.get("web").await.unwrap();
    assert_eq!(there.uid(), deleting.uid());
    // Whoever waits for its end asks for the absence of this UID.
    maps.patch(
        "web",
        &PatchParams::default(),
        &Patch::Merge(json!({"metadata": {"finalizers": null}})),
    )
    .await
    .unwrap();
    assert!(maps.get_opt("web").await.unwrap().is_none());

    // Both kinds of answer are read, whichever a server gives.
    for (answer, is_status) in [(DeleteAnswer::Status, true), (DeleteAnswer::Object, false)] {
        maps.create(&PostParams::default(), &map("web", "again"))
            .await
            .unwrap();
        cluster.faults().clear();
        cluster
            .faults()
            .inject(Rule::new(WriteFault::DeleteAnswer(answer)).times(1));
        let answered = maps.delete("web", &DeleteParams::default()).await.unwrap();
        assert_eq!(answered.is_right(), is_status);
        maps.delete_if_present("web", &DeleteParams::default())
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn d13_an_owner_that_is_gone_may_leave_its_dependents() {
    let (cluster, maps, owner) = cluster().await;
    let child = json!({
        "metadata": {"name": "child", "ownerReferences": [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": "web", "uid": owner.uid().unwrap(), "blockOwnerDeletion": true},
        ]},
    });
    maps.create(&PostParams::default(), &serde_json::from_value(child).unwrap())
        .await
        .unwrap();
    // What was asked for is background; the cluster orphans.
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Propagation(Propagation::Orphan)));
    maps.delete("web", &DeleteParams::background()).await.unwrap();
    assert!(
        maps.get_opt("child").await.unwrap().is_some(),
        "the answer speaks of the owner alone"
    );
    let log = cluster.requests();
    assert!(log.iter().any(|entry| format!("{entry:?}").contains("DELETE")));
}

#[tokio::test(start_paused = true)]
async fn d17_of_two_writes_under_way_either_may_be_the_last() {
    let (cluster, maps, first) = cluster().await;
    let by = Duration::from_secs(2);
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Overtaken { by }).times(1));
    let second = async {
        cluster.env().sleep(Duration::from_millis(1)).await;
        maps.patch("web", &PatchParams::default(), &patch("second")).await
    };
    let (params, body) = (PatchParams::default(), patch("first"));
    let (overtaken, second) = futures::join!(maps.patch("web", &params, &body), second);
    overtaken.unwrap();
    second.unwrap();
    assert_eq!(
        value(&maps.get("web").await.unwrap()),
        "first",
        "begun first, arrived last"
    );

    // With the version that it was made for, the one that arrives last is refused instead.
    cluster
        .faults()
        .inject(Rule::new(WriteFault::Overtaken { by }).times(1));
    let current = maps.get("web").await.unwrap();
    assert_ne!(current.resource_version(), first.resource_version());
    let with = |value: &str| {
        let mut with = current.clone();
        with.data
            .get_or_insert_default()
            .insert("k".to_owned(), value.to_owned());
        with
    };
    let (slow, quick) = (with("slow"), with("quick"));
    let params = PostParams::default();
    let quick = async {
        cluster.env().sleep(Duration::from_millis(1)).await;
        maps.replace("web", &PostParams::default(), &quick).await
    };
    let (slow, quick): (Result<_, Error>, _) = futures::join!(maps.replace("web", &params, &slow), quick);
    quick.unwrap();
    assert!(slow.unwrap_err().is_conflict());
    assert_eq!(value(&maps.get("web").await.unwrap()), "quick");
}
