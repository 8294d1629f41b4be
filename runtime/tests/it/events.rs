//! The recorder of events.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, ObjectReference};
use seatrial_client::Resource;
use seatrial_runtime::events::{Event, EventType, Recorder};
use seatrial_testkit::fault::{FlowFault, TransportFault, WriteFault};
use serde_json::Value;

use crate::support::World;

fn event(reason: &str) -> Event {
    Event {
        type_: EventType::Normal,
        reason: reason.to_owned(),
        note: Some(format!("a note on {reason}")),
        action: "Testing".to_owned(),
        secondary: None,
    }
}

async fn object(world: &World, name: &str) -> ConfigMap {
    world.create(name).await
}

/// Reasons and counts of the events that the server has, in the order of reasons.
fn told(world: &World) -> Vec<(String, i64)> {
    let events = world.server.list("events.events.k8s.io");
    let text = |event: &Value| event["reason"].as_str().unwrap().to_owned();
    let mut told: Vec<_> = events
        .iter()
        .map(|event| (text(event), event["series"]["count"].as_i64().unwrap_or(1)))
        .collect();
    told.sort();
    told
}

#[tokio::test(start_paused = true)]
async fn regression_33_the_same_event_counts_up_whatever_the_version_of_its_object() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let mut object = object(&world, "a").await;
    for n in 0..3 {
        recorder
            .publish(&event("Same"), &object.object_ref(&()))
            .await
            .unwrap();
        object = world.touch("a", &n.to_string()).await;
    }
    recorder
        .publish(&event("Other"), &object.object_ref(&()))
        .await
        .unwrap();
    assert_eq!(told(&world), [("Other".to_owned(), 1), ("Same".to_owned(), 3)]);
}

#[tokio::test(start_paused = true)]
async fn defect_11_publications_at_once_are_all_counted() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let regarding = object(&world, "a").await.object_ref(&());
    let same = event("Same");
    let all = (0..10).map(|_| recorder.publish(&same, &regarding));
    for outcome in futures::future::join_all(all).await {
        outcome.unwrap();
    }
    assert_eq!(told(&world), [("Same".to_owned(), 10)]);
}

#[tokio::test(start_paused = true)]
async fn defect_11_an_event_that_the_server_forgot_is_created_anew() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let regarding = object(&world, "a").await.object_ref(&());
    recorder.publish(&event("Same"), &regarding).await.unwrap();
    world.disturb("PATCH", 1, WriteFault::Gone);
    recorder.publish(&event("Same"), &regarding).await.unwrap();
    recorder.publish(&event("Same"), &regarding).await.unwrap();
    assert_eq!(told(&world), [("Same".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn after_a_while_it_is_a_new_event() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let regarding = object(&world, "a").await.object_ref(&());
    for pause in [100, 361, 100] {
        recorder.publish(&event("Same"), &regarding).await.unwrap();
        world.env.sleep(Duration::from_secs(pause)).await;
    }
    assert_eq!(told(&world), [("Same".to_owned(), 1), ("Same".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn many_that_differ_in_their_words_alone_become_one() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into()).without_limit();
    let regarding = object(&world, "a").await.object_ref(&());
    for n in 0..30 {
        let note = Some(format!("attempt {n} failed"));
        let failed = Event {
            note,
            ..event("Failed")
        };
        recorder.publish(&failed, &regarding).await.unwrap();
    }
    // What is said of another object, or for another reason, is another matter.
    let other = object(&world, "b").await.object_ref(&());
    recorder.publish(&event("Failed"), &other).await.unwrap();
    recorder.publish(&event("Recovered"), &regarding).await.unwrap();
    let told = told(&world);
    let counts = |reason: &str| {
        told.iter()
            .filter(|(held, _)| held == reason)
            .map(|(_, count)| *count)
            .collect::<Vec<_>>()
    };
    assert_eq!(counts("Failed"), [[1; 10].as_slice(), &[21]].concat());
    assert_eq!(counts("Recovered"), [1]);
    let combined = world.server.list("events.events.k8s.io");
    let combined = combined
        .iter()
        .find(|event| event["series"]["count"] == 21)
        .unwrap();
    assert_eq!(
        combined["note"],
        "(combined from similar events): attempt 9 failed"
    );
}

#[tokio::test(start_paused = true)]
async fn too_much_about_one_object_is_dropped() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let (noisy, quiet) = (
        object(&world, "noisy").await.object_ref(&()),
        object(&world, "quiet").await.object_ref(&()),
    );
    for n in 0..100 {
        recorder
            .publish(&event(&format!("Noise{n}")), &noisy)
            .await
            .unwrap();
    }
    recorder.publish(&event("Quiet"), &quiet).await.unwrap();
    assert_eq!(told(&world).len(), 26);
    let unlimited = Recorder::new(world.client(), "other".into()).without_limit();
    for n in 0..100 {
        unlimited
            .publish(&event(&format!("Noise{n}")), &noisy)
            .await
            .unwrap();
    }
    assert_eq!(told(&world).len(), 126);
}

#[tokio::test(start_paused = true)]
async fn regression_33_objects_without_a_namespace_can_be_told_about() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let mut regarding = object(&world, "a").await.object_ref(&());
    regarding.namespace = None;
    regarding.kind = Some("Node".to_owned());
    recorder.publish(&event("Same"), &regarding).await.unwrap();
    assert_eq!(told(&world), [("Same".to_owned(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_publishes_without_its_callers_waiting() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let regarding = object(&world, "a").await.object_ref(&());
    let (queue, publishing) = recorder.queued(3);
    let taken: Vec<_> = (0..5)
        .map(|n| queue.publish(&event(&format!("Reason{n}")), &regarding))
        .collect();
    assert_eq!(taken, [true, true, true, false, false]);
    assert_eq!((queue.dropped(), told(&world).len()), (2, 0));
    // The server is away for a while, which is waited out; what it refuses for good holds nobody up.
    world.disturb("POST", 3, TransportFault::Refused);
    world.disturb("POST", 1, FlowFault::Forbidden);
    let room = queue.clone();
    drop(queue);
    let script = async {
        world.env.sleep(Duration::from_secs(60)).await;
        assert!(room.publish(&event("Later"), &regarding), "there is room again");
        drop(room);
    };
    let before = world.now();
    futures::future::join(publishing, script).await;
    assert!(
        world.now() - before < Duration::from_secs(61),
        "it ends with its callers"
    );
    let reasons: Vec<_> = told(&world).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(reasons, ["Later", "Reason1", "Reason2"]);
}

#[tokio::test(start_paused = true)]
async fn tries_while_the_server_is_away_use_up_nobodys_share_of_events() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let regarding = object(&world, "a").await.object_ref(&());
    let (queue, publishing) = recorder.queued(100);
    // As many as may come at once, and one that is over.
    for n in 0..26 {
        assert!(queue.publish(&event(&format!("Reason{n:02}")), &regarding));
    }
    drop(queue);
    world.disturb("POST", 10, TransportFault::Refused);
    publishing.await;
    let reasons: Vec<_> = told(&world).into_iter().map(|(reason, _)| reason).collect();
    let expected: Vec<_> = (0..25).map(|n| format!("Reason{n:02}")).collect();
    assert_eq!(reasons, expected);
}

#[tokio::test(start_paused = true)]
async fn objects_whose_names_no_event_can_have_can_be_told_about() {
    let world = World::new(1);
    let recorder = Recorder::new(world.client(), "test".into());
    let cut_at_a_dash = format!("{}-{}", "a".repeat(235), "b".repeat(17));
    for (name, expected) in [
        ("web.example.com", "web.example.com."),
        ("system:controller:Some_Thing", "system-controller-some-thing."),
        (":.:a", "a."),
        (&cut_at_a_dash, &format!("{}.", "a".repeat(235))),
        ("::", ""),
    ] {
        let regarding = ObjectReference {
            api_version: Some("rbac.authorization.k8s.io/v1".to_owned()),
            kind: Some("ClusterRole".to_owned()),
            name: Some(name.to_owned()),
            ..ObjectReference::default()
        };
        recorder.publish(&event("Reason"), &regarding).await.unwrap();
        let events = world.server.list("events.events.k8s.io");
        let about = events.iter().find(|event| event["regarding"]["name"] == name);
        let called = about.unwrap()["metadata"]["name"].as_str().unwrap();
        let (beginning, number) = called.split_at(called.len() - 16);
        assert_eq!(beginning, expected);
        assert!(number.chars().all(|digit| digit.is_ascii_hexdigit()), "{called}");
    }
}
