//! Two controllers over one watch: the objects are fetched and kept once, and a slow controller does not hold the other up.
//!
//! `cargo run -p examples --example shared_streams`

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use examples::Say;
use futures::{StreamExt as _, future};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    runtime::{
        Controller, WatchStreamExt as _,
        controller::{Action, Error},
        reflector::{Change, store},
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(run, play)
}

#[derive(Debug, thiserror::Error)]
#[error("never")]
struct Never;

async fn run(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    let (configs, writer) = store::<ConfigMap>();
    // The root: whoever polls it moves the cache and everybody who follows it.
    let root = watcher(
        Api::<ConfigMap>::default_namespaced(client),
        watcher::Config::default(),
    )
    .reflect_changes(writer)
    .for_each(|_| async {});
    let quick = {
        let say = say.clone();
        move |object: Arc<ConfigMap>, _: Arc<()>| {
            say.line(format!("quick: {} has {} keys", object.name_any(), keys(&object)));
            future::ready(Ok::<_, Never>(Action::await_change()))
        }
    };
    let slow = {
        let (say, env) = (say.clone(), env.clone());
        move |object: Arc<ConfigMap>, _: Arc<()>| {
            let (say, work) = (say.clone(), env.sleep(Duration::from_secs(10)));
            async move {
                work.await;
                say.line(format!("slow: {} had {} keys", object.name_any(), keys(&object)));
                Ok::<_, Never>(Action::await_change())
            }
        }
    };
    let controller =
        || Controller::for_shared_stream(configs.subscribe(), configs.clone()).with_env(env.clone());
    let quick = controller()
        .named("quick")
        .run_with_backoff(quick, Arc::new(()))
        .for_each(|report| {
            // An object that was deleted is told as one that is not in the cache.
            if let Err(Error::ObjectNotFound(object)) = report {
                say.line(format!("quick: {} is gone", object.name));
            }
            future::ready(())
        });
    let slow = controller()
        .named("slow")
        .run_with_backoff(slow, Arc::new(()))
        .for_each(|_| async {});
    // Somebody who comes late is told what there is first.
    let late = async {
        env.sleep(Duration::from_secs(60)).await;
        let mut changes = configs.changes();
        while let Some(change) = changes.next().await {
            match change {
                Change::Applied(object) => say.line(format!("late: {}", object.name_any())),
                Change::Deleted(object) => say.line(format!("late: {} is gone", object.name_any())),
            }
        }
    };
    future::join4(root, quick, slow, late).await;
    Ok(())
}

fn keys(object: &ConfigMap) -> usize {
    object.data.as_ref().map_or(0, |data| data.len())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let object = serde_json::from_value(json!({"metadata": {"name": "settings"}}))?;
    configs.create(&PostParams::default(), &object).await?;
    for n in 1..4 {
        examples::settle(&cluster).await?;
        let key = Patch::Merge(json!({"data": {format!("key-{n}"): "value"}}));
        configs.patch("settings", &PatchParams::default(), &key).await?;
    }
    cluster.env().sleep(Duration::from_secs(70)).await;
    configs.delete("settings", &DeleteParams::default()).await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_goes_wrong_it_goes_on_and_writes_nothing() {
        let report = seatrial::testkit::sweep(|client| run(client, Say::default()))
            .scenario(|user| {
                user.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}")
                    .settle()
                    .delete("ConfigMap/v1 settings")
            })
            .run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }

    #[test]
    fn both_see_everything_at_their_own_pace() {
        let lines = examples::simulate(run, play).unwrap();
        assert_eq!(
            lines,
            [
                "quick: settings has 0 keys",
                "quick: settings has 1 keys",
                "quick: settings has 2 keys",
                "quick: settings has 3 keys",
                // What happened meanwhile is one run.
                "slow: settings had 0 keys",
                "slow: settings had 3 keys",
                "late: settings",
                "quick: settings is gone",
                "late: settings is gone",
            ]
        );
    }
}
