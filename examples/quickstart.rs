//! A controller from end to end: a custom resource, an owned ConfigMap, a status, and the repair of what others break.
//!
//! `cargo run -p examples --example quickstart` starts an apiserver inside the process and needs nothing else. With
//! `--kubeconfig` (or `--in-cluster`) the same program runs against the cluster that `Client::try_default` finds.
//!
//! Each [`Greeting`] gets a ConfigMap of the same name with its text in it, and a status that says which generation the
//! ConfigMap shows. There is no finalizer: the ConfigMap is owned, so the cluster's garbage collector removes it
//! together with its Greeting.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use futures::StreamExt as _;
use k8s_openapi::{
    api::core::v1::ConfigMap, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use schemars::JsonSchema;
use seatrial::{
    Api, Client, CustomResource, CustomResourceExt, Resource, ResourceExt,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::Action,
        wait::{await_condition, conditions},
        watcher,
    },
    testkit::FakeCluster,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// What a user asks for.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "quickstart.seatrial.dev",
    version = "v1",
    kind = "Greeting",
    namespaced
)]
#[kube(status = "GreetingStatus", shortname = "greet")]
#[kube(printcolumn = r#"{"name": "Text", "type": "string", "jsonPath": ".spec.text"}"#)]
struct GreetingSpec {
    /// The words to render.
    text: String,
}

/// What the controller has seen to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
struct GreetingStatus {
    /// The generation of the Greeting that the ConfigMap shows.
    observed_generation: Option<i64>,
}

/// What a reconcile works with.
struct Context {
    client: Client,
}

fn main() -> Result<()> {
    // What the program says; `RUST_LOG=info` adds why the runtime reconciles.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("quickstart=info,warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = match std::env::args().nth(1).as_deref() {
            None => FakeCluster::new().client(),
            Some("--kubeconfig" | "--in-cluster") => Client::try_default().await?,
            Some(other) => bail!("unknown argument {other}; known are --kubeconfig and --in-cluster"),
        };
        println!("{}", run(client).await?);
        Ok(())
    })
}

/// Installs the CRD, runs the controller while a user changes things, and returns the objects at the end as YAML.
async fn run(client: Client) -> Result<String> {
    install(client.clone()).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let controller = run_controller(client.clone(), async { drop(stopped.await) });
    let user = async {
        let objects = play(client).await;
        drop(stop);
        objects
    };
    futures::join!(controller, user).1
}

/// Creates the CRD where it is absent and waits until the apiserver serves it.
async fn install(client: Client) -> Result<()> {
    let crds: Api<CustomResourceDefinition> = Api::all(client);
    match crds.create(&PostParams::default(), &Greeting::crd()).await {
        Ok(_) => info!(crd = Greeting::crd_name(), "installed"),
        Err(error) if error.is_already_exists() => info!(crd = Greeting::crd_name(), "there already"),
        Err(error) => return Err(error.into()),
    }
    await_condition(crds, Greeting::crd_name(), conditions::is_crd_established()).await?;
    Ok(())
}

/// Runs the controller until `shutdown` resolves.
async fn run_controller(client: Client, shutdown: impl Future<Output = ()> + Send + Sync + 'static) {
    Controller::new(Api::<Greeting>::all(client.clone()), watcher::Config::default())
        .owns(Api::<ConfigMap>::all(client.clone()), watcher::Config::default())
        .graceful_shutdown_on(shutdown)
        .run(reconcile, on_error, Arc::new(Context { client }))
        .for_each(|_| async {})
        .await;
}

/// Brings one Greeting's ConfigMap and status in line with its spec.
async fn reconcile(greeting: Arc<Greeting>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    let name = greeting.name_any();
    let namespace = greeting.namespace().unwrap_or_default();
    let generation = greeting.meta().generation;
    info!(%name, generation, "reconciling");

    let greetings: Api<Greeting> = Api::namespaced(ctx.client.clone(), &namespace);
    let configs: Api<ConfigMap> = Api::namespaced(ctx.client.clone(), &namespace);
    let wanted = config_map(&greeting);
    match configs.get_opt(&name).await? {
        None => {
            // The cache may still hold a Greeting that is gone. What is made for it the garbage collector takes away at once, and it
            // would be made again at once: so the apiserver itself is asked.
            let live = greetings.get_opt(&name).await?;
            if live.and_then(|live| live.uid()) != greeting.uid() {
                return Ok(Action::await_change());
            }
            configs.create(&PostParams::default(), &wanted).await?;
            info!(%name, "ConfigMap created");
        }
        Some(found) if found.data != wanted.data => {
            let patch = Patch::Merge(json!({ "data": wanted.data }));
            configs.patch(&name, &PatchParams::default(), &patch).await?;
            info!(%name, "ConfigMap updated");
        }
        Some(_) => {}
    }

    let status = GreetingStatus {
        observed_generation: generation,
    };
    if greeting.status.as_ref() != Some(&status) {
        let patch = Patch::Merge(json!({ "status": status }));
        greetings
            .patch_status(&name, &PatchParams::default(), &patch)
            .await?;
        info!(%name, generation, "status written");
    }
    Ok(Action::await_change())
}

fn on_error(greeting: Arc<Greeting>, error: &seatrial::Error, _: Arc<Context>) -> Action {
    warn!(name = %greeting.name_any(), %error, "reconcile failed");
    Action::requeue(Duration::from_secs(1))
}

/// The ConfigMap that a Greeting should have.
fn config_map(greeting: &Greeting) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: greeting.meta().name.clone(),
            owner_references: greeting.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some([("greeting.txt".to_owned(), greeting.spec.text.clone())].into()),
        ..ConfigMap::default()
    }
}

/// What a user does to the cluster meanwhile; returns the objects at the end.
async fn play(client: Client) -> Result<String> {
    let greetings: Api<Greeting> = Api::default_namespaced(client.clone());
    let configs: Api<ConfigMap> = Api::default_namespaced(client);

    for (name, text) in [("morning", "Good morning"), ("evening", "Good evening")] {
        info!(name, "a user creates a Greeting");
        let greeting = Greeting::new(
            name,
            GreetingSpec {
                text: text.to_owned(),
            },
        );
        greetings.create(&PostParams::default(), &greeting).await?;
        await_condition(greetings.clone(), name, is_observed).await?;
    }

    info!(name = "evening", "a user rewrites a Greeting");
    let patch = Patch::Merge(json!({ "spec": { "text": "Good night" } }));
    greetings
        .patch("evening", &PatchParams::default(), &patch)
        .await?;
    await_condition(greetings.clone(), "evening", is_observed).await?;

    info!(name = "morning", "a user deletes an owned ConfigMap");
    let old = configs
        .get("morning")
        .await?
        .uid()
        .context("a stored object has a uid")?;
    configs.delete("morning", &DeleteParams::default()).await?;
    let is_replaced = |found: Option<&ConfigMap>| found.is_some_and(|c| c.uid().as_ref() != Some(&old));
    await_condition(configs.clone(), "morning", is_replaced).await?;

    let mut documents = Vec::new();
    for name in ["morning", "evening"] {
        documents.push(to_yaml(greetings.get(name).await?)?);
        documents.push(to_yaml(configs.get(name).await?)?);
    }
    Ok(documents.join("---\n"))
}

/// The object as people read it: without the server's notes on who wrote which field.
fn to_yaml<K: Resource + Serialize>(mut object: K) -> Result<String> {
    object.meta_mut().managed_fields = None;
    Ok(serde_saphyr::to_string(&object)?)
}

/// Whether the controller has seen to the Greeting as it is now.
fn is_observed(greeting: Option<&Greeting>) -> bool {
    greeting.is_some_and(|g| {
        g.status
            .as_ref()
            .is_some_and(|s| s.observed_generation.is_some() && s.observed_generation == g.meta().generation)
    })
}

#[cfg(test)]
mod tests {
    use seatrial::testkit::{FailureKind, Sweep};
    use serde_json::Value;

    use super::*;

    /// Runs the whole program on a cluster with this seed and virtual time; returns its output and what it asked for.
    fn simulate(seed: u64) -> (String, String) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let cluster = FakeCluster::builder().seed(seed).build().unwrap();
            let output = run(cluster.client()).await.unwrap();
            (output, cluster.requests().to_string())
        })
    }

    #[test]
    fn ends_with_what_the_specs_ask_for() {
        let (output, _) = simulate(1);
        assert_eq!(
            output.matches("greeting.txt: Good morning").count(),
            1,
            "{output}"
        );
        assert_eq!(output.matches("greeting.txt: Good night").count(), 1, "{output}");
        assert_eq!(output.matches("observedGeneration: 1").count(), 1, "{output}");
        assert_eq!(output.matches("observedGeneration: 2").count(), 1, "{output}");
    }

    /// The controller in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let greeting = |name: &str, text: &str| {
            format!(
                "{{apiVersion: quickstart.seatrial.dev/v1, kind: Greeting, metadata: {{name: {name}}}, spec: {{text: {text}}}}}"
            )
        };
        seatrial::testkit::sweep(|client| run_controller(client, std::future::pending()))
            .crd::<Greeting>()
            .deny(FailureKind::MadeForNobody)
            .eventually("each Greeting is shown, and nothing else", |view| {
                let greetings = view.list("greetings.quickstart.seatrial.dev");
                let configs = view.list("configmaps");
                let shown = configs
                    .iter()
                    .filter(|config| config["data"]["greeting.txt"].is_string());
                let is_shown = |greeting: &Value| {
                    let config = configs
                        .iter()
                        .find(|config| config["metadata"]["name"] == greeting["metadata"]["name"]);
                    config.is_some_and(|config| config["data"]["greeting.txt"] == greeting["spec"]["text"])
                        && greeting["status"]["observedGeneration"] == greeting["metadata"]["generation"]
                };
                shown.count() == greetings.len() && greetings.iter().all(is_shown)
            })
            .scenario(|user| {
                user.apply(&greeting("a", "Good morning"))
                    .apply(&greeting("b", "Good evening"))
                    .apply(&greeting("c", "Good afternoon"))
                    .apply(&greeting("d", "Goodbye"))
                    .settle()
                    // One is edited, one's ConfigMap spoiled, one deleted; one is let be.
                    .apply(&greeting("a", "Good night"))
                    .patch("ConfigMap/v1 b", "{data: {greeting.txt: Go away}}")
                    .delete("Greeting.quickstart.seatrial.dev/v1 d")
            })
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
        assert!(report.plans > 50, "{report}");
    }

    #[test]
    fn two_runs_with_one_seed_ask_the_same_to_the_byte() {
        let ((first_output, first), (second_output, second)) = (simulate(1), simulate(1));
        assert!(first.lines().count() > 20, "{first}");
        assert_eq!(first, second);
        assert_eq!(first_output, second_output);
    }

    #[test]
    fn the_seed_decides_names_and_uids() {
        assert_ne!(simulate(1).0, simulate(2).0);
    }
}
