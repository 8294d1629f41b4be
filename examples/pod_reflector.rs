//! A cache of pods with an index: who runs on a node, without asking the server and without looking at every pod.
//!
//! `cargo run -p examples --example pod_reflector`

use anyhow::Result;
use examples::Say;
use futures::TryStreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::PostParams,
    runtime::{
        WatchStreamExt as _,
        reflector::{Change, store},
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(follow, play)
}

/// Keeps the cache, and says who is on a node whenever somebody comes or goes there.
async fn follow(client: Client, say: Say) -> Result<()> {
    let (pods, writer) = store::<Pod>();
    let by_node = pods.index(|pod| pod.spec.as_ref().and_then(|spec| spec.node_name.clone()));
    watcher(Api::<Pod>::all(client), watcher::Config::default())
        // What nobody reads is not kept.
        .modify(|pod| pod.metadata.annotations = None)
        .reflect_changes(writer)
        .try_for_each(async |change| {
            let pod = match &change {
                Change::Applied(pod) | Change::Deleted(pod) => pod,
            };
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            if let Some(node) = node {
                let names: Vec<_> = by_node.get(node).iter().map(|pod| pod.name_any()).collect();
                say.line(format!(
                    "{node}: {} of {} pods: {}",
                    names.len(),
                    pods.len(),
                    names.join(" ")
                ));
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let pods = Api::<Pod>::default_namespaced(cluster.client());
    for (name, node) in [("a", "one"), ("b", "two"), ("c", "one")] {
        let pod = serde_json::from_value(json!({
            "metadata": {"name": name}, "spec": {"nodeName": node, "containers": [{"name": "c", "image": "c:1"}]},
        }))?;
        pods.create(&PostParams::default(), &pod).await?;
        examples::settle(&cluster).await?;
    }
    pods.delete("a", &seatrial::api::DeleteParams::default().grace_period(0))
        .await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_are_found_by_node() {
        let mut lines = examples::simulate(follow, play).unwrap();
        // A deletion begins with a change: the pod is there, and ends.
        lines.dedup();
        assert_eq!(
            lines,
            [
                "one: 1 of 1 pods: a",
                "two: 1 of 2 pods: b",
                "one: 2 of 3 pods: a c",
                "one: 1 of 2 pods: c"
            ]
        );
    }
}
