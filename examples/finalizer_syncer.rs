//! Copies that nobody collects, and are cleaned up after: a controller with a finalizer.
//!
//! Each ConfigMap with the label `sync=yes` is copied into the namespace `copies`. No owner can be in another namespace than what it owns, so the garbage
//! collector is of no help. The finalizer sees to it that a ConfigMap is not gone before its copy is, even if the controller was not there when
//! it was deleted. What others do to a copy is taken back. A ConfigMap keeps the label for as long as it lives: the controller sees no others.
//!
//! `cargo run -p examples --example finalizer_syncer`. On a real cluster, `kubectl create namespace copies` comes first.

use std::sync::Arc;

use anyhow::Result;
use examples::Say;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::Action,
        finalizer::{self, Event, finalizer},
        reflector::ObjectRef,
        watcher,
    },
    testkit::FakeCluster,
};
use serde_json::json;

/// The finalizer's name: whose it is, and what for.
const FINALIZER: &str = "examples.seatrial.dev/copy";

struct Context {
    client: Client,
    copies: Api<ConfigMap>,
    say: Say,
}

fn main() -> Result<()> {
    examples::start(sync, play)
}

async fn sync(client: Client, say: Say) -> Result<()> {
    let originals = Api::<ConfigMap>::all(client.clone());
    let copies = Api::<ConfigMap>::namespaced(client.clone(), "copies");
    let context = Context {
        client,
        copies: copies.clone(),
        say,
    };
    // An object that fails is tried again by itself, later each time.
    Controller::new(originals, watcher::Config::default().labels("sync=yes"))
        .watches(copies, watcher::Config::default(), original_of)
        .run_with_backoff(reconcile, Arc::new(context))
        .for_each(|_| async {})
        .await;
    Ok(())
}

/// What the copy of a ConfigMap is called. Namespaces have no dots in their names.
fn name_of_copy(namespace: &str, name: &str) -> String {
    format!("{namespace}.{name}")
}

/// The ConfigMap that a copy is of.
fn original_of(copy: ConfigMap) -> Option<ObjectRef<ConfigMap>> {
    let name = copy.name_any();
    let (namespace, name) = name.split_once('.')?;
    Some(ObjectRef::new(name).within(namespace))
}

async fn reconcile(
    config: Arc<ConfigMap>,
    ctx: Arc<Context>,
) -> Result<Action, finalizer::Error<seatrial::Error>> {
    let namespace = config.namespace().unwrap_or_default();
    let originals = Api::<ConfigMap>::namespaced(ctx.client.clone(), &namespace);
    let copy = name_of_copy(&namespace, &config.name_any());
    finalizer(&originals, FINALIZER, config, async |event| match event {
        Event::Apply(config) => apply(&config, &copy, &ctx).await,
        Event::Cleanup(_) => clean_up(&copy, &ctx).await,
    })
    .await
}

async fn apply(config: &ConfigMap, copy: &str, ctx: &Context) -> Result<Action, seatrial::Error> {
    let wanted = ConfigMap {
        metadata: ObjectMeta {
            name: Some(copy.to_owned()),
            ..ObjectMeta::default()
        },
        data: config.data.clone(),
        binary_data: config.binary_data.clone(),
        ..ConfigMap::default()
    };
    let ours = PatchParams::apply("finalizer-syncer").force();
    ctx.copies.patch(copy, &ours, &Patch::Apply(&wanted)).await?;
    ctx.say.line(format!("{copy} is up to date"));
    Ok(Action::await_change())
}

/// This may be asked for more than once.
async fn clean_up(copy: &str, ctx: &Context) -> Result<Action, seatrial::Error> {
    ctx.copies
        .delete_if_present(copy, &DeleteParams::default())
        .await?;
    ctx.say.line(format!("{copy} is removed"));
    Ok(Action::await_change())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let namespaces = Api::<Namespace>::all(cluster.client());
    let namespace = serde_json::from_value(json!({"metadata": {"name": "copies"}}))?;
    namespaces.create(&PostParams::default(), &namespace).await?;

    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let settings =
        json!({"metadata": {"name": "settings", "labels": {"sync": "yes"}}, "data": {"mode": "fast"}});
    configs
        .create(&PostParams::default(), &serde_json::from_value(settings)?)
        .await?;
    examples::settle(&cluster).await?;
    configs.delete("settings", &DeleteParams::default()).await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use seatrial::testkit::Sweep;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_copy_lives_as_long_as_its_original() {
        let mut lines = examples::simulate(sync, play).unwrap();
        // How often it was looked at is not the point.
        lines.dedup();
        assert_eq!(
            lines,
            ["default.settings is up to date", "default.settings is removed"]
        );
    }

    #[test]
    fn a_copy_leads_to_its_original() {
        let mut copy = ConfigMap::default();
        copy.metadata.name = Some(name_of_copy("default", "a.b"));
        assert_eq!(original_of(copy), Some(ObjectRef::new("a.b").within("default")));
    }

    /// The controller in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let config = |name: &str, mode: &str| {
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{sync: 'yes'}}}}, \
                 data: {{mode: {mode}}}, binaryData: {{key: c2VjcmV0}}}}"
            )
        };
        seatrial::testkit::sweep(|client| sync(client, Say::default()))
            .given("{apiVersion: v1, kind: Namespace, metadata: {name: copies}}")
            .given("{apiVersion: v1, kind: ConfigMap, metadata: {name: private}, data: {mode: secret}}")
            .eventually(
                "each original is held and has a copy, and there is nothing else",
                |view| {
                    let configs = view.list("configmaps");
                    let content = |config: &Value| (config["data"].clone(), config["binaryData"].clone());
                    let are_in =
                        |namespace| move |config: &&Value| config["metadata"]["namespace"] == namespace;
                    let originals = configs.iter().filter(are_in("default"));
                    let originals = originals.filter(|config| config["metadata"]["labels"]["sync"] == "yes");
                    let wanted = originals.map(|original| {
                        let name = original["metadata"]["name"].as_str().unwrap_or_default();
                        let is_held = original["metadata"]["finalizers"] == json!([FINALIZER]);
                        (is_held, format!("default.{name}"), content(original))
                    });
                    let copies = configs.iter().filter(are_in("copies")).map(|copy| {
                        let name = copy["metadata"]["name"].as_str().unwrap_or_default();
                        (true, name.to_owned(), content(copy))
                    });
                    wanted.eq(copies)
                },
            )
            .scenario(|user| {
                user.apply(&config("edited", "fast"))
                    .apply(&config("kept", "fast"))
                    .apply(&config("deleted", "fast"))
                    .settle()
                    .apply(&config("edited", "slow"))
                    .patch("ConfigMap/v1 copies/default.kept", "{data: {mode: broken}}")
                    .delete("ConfigMap/v1 deleted")
            })
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
        assert_eq!(report.refused, 0, "{report}");
    }
}
