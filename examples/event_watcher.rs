//! Warnings about objects as they come: events filtered by the server.
//!
//! `cargo run -p examples --example event_watcher`

use anyhow::Result;
use examples::Say;
use futures::TryStreamExt as _;
use k8s_openapi::api::{core::v1::ConfigMap, events::v1::Event as EventObject};
use seatrial::{
    Api, Client, Resource as _,
    api::PostParams,
    runtime::{
        WatchStreamExt as _,
        events::{Event, EventType, Recorder},
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(watch, play)
}

/// Tells of each warning, and of how often it came.
async fn watch(client: Client, say: Say) -> Result<()> {
    let events = Api::<EventObject>::all(client);
    watcher(events, watcher::Config::default().fields("type=Warning"))
        .applied_objects()
        .try_for_each(async |event| {
            let about = event.regarding.unwrap_or_default();
            let times = event.series.map_or(1, |series| series.count);
            say.line(format!(
                "{} {}: {} ({times}x): {}",
                about.kind.unwrap_or_default(),
                about.name.unwrap_or_default(),
                event.reason.unwrap_or_default(),
                event.note.unwrap_or_default(),
            ));
            Ok(())
        })
        .await?;
    Ok(())
}

/// A controller that has trouble with one object.
async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let object = serde_json::from_value(json!({"metadata": {"name": "settings"}}))?;
    let about = configs
        .create(&PostParams::default(), &object)
        .await?
        .object_ref(&());
    let recorder = Recorder::new(cluster.client(), "examples".into());
    let event = |type_, reason: &str, note: &str| Event {
        type_,
        reason: reason.to_owned(),
        note: Some(note.to_owned()),
        action: "Reading".to_owned(),
        secondary: None,
    };
    recorder
        .publish(&event(EventType::Normal, "Read", "all is well"), &about)
        .await?;
    for _ in 0..2 {
        recorder
            .publish(&event(EventType::Warning, "Unreadable", "no such key"), &about)
            .await?;
        examples::settle(&cluster).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_and_counted() {
        let lines = examples::simulate(watch, play).unwrap();
        assert_eq!(
            lines,
            [
                "ConfigMap settings: Unreadable (1x): no such key",
                "ConfigMap settings: Unreadable (2x): no such key",
            ]
        );
    }
}
