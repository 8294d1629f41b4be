//! Which nodes are not well, and why: a watch filtered by a predicate, so that heartbeats do not count.
//!
//! `cargo run -p examples --example node_watcher`

use anyhow::Result;
use examples::Say;
use futures::TryStreamExt as _;
use k8s_openapi::api::core::v1::Node;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams, PostParams},
    runtime::{
        PredicateConfig, WatchStreamExt as _,
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(watch, play)
}

/// Tells how each node is whenever that changes.
async fn watch(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    watcher(Api::<Node>::all(client), watcher::Config::default())
        .touched_objects()
        .predicate_filter(state_hash, PredicateConfig::default().env(env))
        .try_for_each(async |node| {
            say.line(format!("{}: {}", node.name_any(), state(&node)));
            Ok(())
        })
        .await?;
    Ok(())
}

/// Two nodes of one state have one of these; a heartbeat changes none.
fn state_hash(node: &Node) -> Option<u64> {
    let bytes = state(node);
    Some(bytes.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// What is wrong with a node.
fn state(node: &Node) -> String {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    let wrong: Vec<_> = conditions
        .into_iter()
        .flatten()
        // A node should be ready, and under no pressure.
        .filter(|condition| (condition.type_ == "Ready") != (condition.status == "True"))
        .map(|condition| match condition.type_.as_str() {
            "Ready" => "not ready".to_owned(),
            other => other.to_owned(),
        })
        .collect();
    if wrong.is_empty() {
        "well".to_owned()
    } else {
        wrong.join(", ")
    }
}

/// A node is well, sends heartbeats, and falls ill.
async fn play(cluster: FakeCluster) -> Result<()> {
    let nodes = Api::<Node>::all(cluster.client());
    let node = serde_json::from_value(json!({"metadata": {"name": "node-a"}}))?;
    nodes.create(&PostParams::default(), &node).await?;
    let heartbeat = |minute: u32, ready: &str, pressure: &str| {
        let at = format!("2026-01-01T00:{minute:02}:00Z");
        Patch::Merge(json!({"status": {"conditions": [
            {"type": "Ready", "status": ready, "lastHeartbeatTime": at},
            {"type": "DiskPressure", "status": pressure, "lastHeartbeatTime": at},
        ]}}))
    };
    for (minute, ready, pressure) in [
        (1, "True", "False"),
        (2, "True", "False"),
        (3, "True", "True"),
        (4, "Unknown", "True"),
    ] {
        nodes
            .patch_status(
                "node-a",
                &PatchParams::default(),
                &heartbeat(minute, ready, pressure),
            )
            .await?;
        examples::settle(&cluster).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_say_nothing_and_illness_does() {
        let lines = examples::simulate(watch, play).unwrap();
        assert_eq!(
            lines,
            [
                "node-a: well",
                "node-a: DiskPressure",
                "node-a: not ready, DiskPressure"
            ]
        );
    }
}
