//! What happens to the pods of a namespace, and why one does not start.
//!
//! `cargo run -p examples --example pod_watcher`

use anyhow::Result;
use examples::Say;
use futures::TryStreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    runtime::watcher::{self, Event, watcher},
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(watch, play)
}

/// Tells of each change of a pod, until something happens that waiting does not help against.
async fn watch(client: Client, say: Say) -> Result<()> {
    let pods = Api::<Pod>::default_namespaced(client);
    watcher(pods, watcher::Config::default())
        .try_for_each(async |event| {
            match event {
                Event::Init => say.line("looking"),
                Event::InitApply(pod) | Event::Apply(pod) => {
                    say.line(format!("{} {}{}", pod.name_any(), phase(&pod), trouble(&pod)));
                }
                Event::InitDone => say.line("that is all there is"),
                Event::Delete(pod) => say.line(format!("{} is gone", pod.name_any())),
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// The phase, or that it ends, which is no phase but what people want to know.
fn phase(pod: &Pod) -> &str {
    if pod.metadata.deletion_timestamp.is_some() {
        return "Terminating";
    }
    let status = pod.status.as_ref();
    status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Unknown")
}

/// What a container waits for, if it waits for something.
fn trouble(pod: &Pod) -> String {
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_ref());
    let waiting = containers
        .into_iter()
        .flatten()
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref()?.reason.as_deref());
    waiting.map(|reason| format!(" ({reason})")).collect()
}

/// A pod comes, does not start, runs, and goes.
async fn play(cluster: FakeCluster) -> Result<()> {
    let pods = Api::<Pod>::default_namespaced(cluster.client());
    let pod = serde_json::from_value(json!({
        "metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    }))?;
    pods.create(&PostParams::default(), &pod).await?;
    examples::settle(&cluster).await?;
    let container = |state| {
        Patch::Merge(json!({"status": {"phase": "Pending", "containerStatuses": [{
            "name": "web", "image": "web:1", "imageID": "", "ready": false, "restartCount": 0, "state": state,
        }]}}))
    };
    let stuck = container(json!({"waiting": {"reason": "ImagePullBackOff"}}));
    pods.patch_status("web", &PatchParams::default(), &stuck).await?;
    examples::settle(&cluster).await?;
    let runs = Patch::Merge(json!({"status": {"phase": "Running", "containerStatuses": null}}));
    pods.patch_status("web", &PatchParams::default(), &runs).await?;
    examples::settle(&cluster).await?;
    pods.delete("web", &DeleteParams::default().grace_period(0))
        .await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_followed_from_beginning_to_end() {
        let lines = examples::simulate(watch, play).unwrap();
        assert_eq!(
            lines,
            [
                "looking",
                "that is all there is",
                "web Pending",
                "web Pending (ImagePullBackOff)",
                "web Running",
                "web Terminating",
                "web is gone",
            ]
        );
    }
}
