//! Copies that live outside of Kubernetes, and are cleaned up after: a controller with a finalizer.
//!
//! Each ConfigMap with the label is copied to a [`Registry`], which stands for anything that an apiserver knows nothing of. The finalizer sees to it that a ConfigMap is not gone before its copy is,
//! even if the controller was not there when it was deleted.
//!
//! `cargo run -p examples --example finalizer_syncer`

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use anyhow::Result;
use examples::Say;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::Action,
        finalizer::{self, Event, finalizer},
        watcher,
    },
    testkit::FakeCluster,
};
use serde_json::json;

/// The finalizer's name: whose it is, and what for.
const FINALIZER: &str = "examples.seatrial.dev/registry-copy";

/// Somewhere else.
#[derive(Default)]
struct Registry(Mutex<BTreeMap<String, String>>);

#[derive(Debug, thiserror::Error)]
#[error("the registry takes no empty copies")]
struct Refused;

struct Context {
    configs: Api<ConfigMap>,
    registry: Registry,
    say: Say,
}

fn main() -> Result<()> {
    examples::start(sync, play)
}

async fn sync(client: Client, say: Say) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(client);
    let context = Arc::new(Context {
        configs: configs.clone(),
        registry: Registry::default(),
        say,
    });
    // An object that fails is tried again by itself, later each time.
    Controller::new(configs, watcher::Config::default().labels("sync=yes"))
        .run_with_backoff(reconcile, context)
        .for_each(|_| async {})
        .await;
    Ok(())
}

async fn reconcile(object: Arc<ConfigMap>, ctx: Arc<Context>) -> Result<Action, finalizer::Error<Refused>> {
    finalizer(&ctx.configs, FINALIZER, object, async |event| match event {
        Event::Apply(object) => {
            let text = object
                .data
                .iter()
                .flatten()
                .map(|(key, value)| format!("{key}={value}"));
            let text = text.collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                ctx.say.line(format!("{} is refused", object.name_any()));
                return Err(Refused);
            }
            let name = object.name_any();
            if ctx
                .registry
                .0
                .lock()
                .unwrap()
                .insert(name.clone(), text.clone())
                .as_ref()
                != Some(&text)
            {
                ctx.say.line(format!("{name} is copied: {text}"));
            }
            Ok(Action::await_change())
        }
        Event::Cleanup(object) => {
            // It may be asked for more than once.
            if ctx
                .registry
                .0
                .lock()
                .unwrap()
                .remove(&object.name_any())
                .is_some()
            {
                ctx.say
                    .line(format!("the copy of {} is removed", object.name_any()));
            }
            Ok(Action::await_change())
        }
    })
    .await
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let object =
        serde_json::from_value(json!({"metadata": {"name": "settings", "labels": {"sync": "yes"}}}))?;
    configs.create(&PostParams::default(), &object).await?;
    examples::settle(&cluster).await?;
    let filled = Patch::Merge(json!({"data": {"mode": "fast"}}));
    configs
        .patch("settings", &PatchParams::default(), &filled)
        .await?;
    examples::settle(&cluster).await?;
    configs.delete("settings", &DeleteParams::default()).await?;
    examples::settle(&cluster).await?;
    assert!(
        configs.get_opt("settings").await?.is_none(),
        "nothing holds it any more"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use seatrial::testkit::Sweep;

    use super::*;

    #[test]
    fn a_copy_lives_as_long_as_its_object() {
        let mut lines = examples::simulate(sync, play).unwrap();
        // How often it was tried meanwhile is not the point.
        lines.dedup();
        assert_eq!(
            lines,
            [
                "settings is refused",
                "settings is copied: mode=fast",
                "the copy of settings is removed"
            ]
        );
    }

    /// The controller in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let config = |name: &str| {
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{sync: 'yes'}}}}, data: {{mode: fast}}}}"
            )
        };
        seatrial::testkit::sweep(|client| sync(client, Say::default()))
            .eventually("what is kept is held, and what is deleted is gone", |view| {
                let held = |name| {
                    let config = view.get("configmaps", "default", name)?;
                    Some(config["metadata"]["finalizers"] == json!([FINALIZER]))
                };
                held("kept") == Some(true) && held("deleted").is_none()
            })
            .scenario(|user| {
                user.apply(&config("kept"))
                    .apply(&config("deleted"))
                    .settle()
                    .delete("ConfigMap/v1 deleted")
            })
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }
}
