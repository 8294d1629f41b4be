//! Two controllers as one process, of which several may run: leader election, metrics, probes, and an end in order.
//!
//! `cargo run -p examples --example manager` runs two replicas and ends the leader.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Result;
use examples::Say;
use futures::future;
use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
};
use seatrial::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::{Action, Metrics, ReconcileResult},
        lease::Election,
        manager::Manager,
        watcher::{self, Health},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(replicas, play)
}

/// Counts, and writes what it counted in the text format of Prometheus.
#[derive(Default)]
struct Counts {
    results: Mutex<BTreeMap<(String, &'static str), u64>>,
    watches: Mutex<Vec<(String, Health)>>,
}

impl Metrics for Counts {
    fn reconciled(&self, controller: &str, result: ReconcileResult, _: Duration) {
        *self
            .results
            .lock()
            .unwrap()
            .entry((controller.to_owned(), result.as_str()))
            .or_default() += 1;
    }

    fn watching(&self, controller: &str, _: &str, health: &Health) {
        self.watches
            .lock()
            .unwrap()
            .push((controller.to_owned(), health.clone()));
    }
}

impl Counts {
    fn text(&self) -> String {
        let mut text = String::new();
        for ((controller, result), count) in &*self.results.lock().unwrap() {
            let _ = writeln!(
                text,
                "reconciles_total{{controller={controller:?},result={result:?}}} {count}"
            );
        }
        for (controller, health) in &*self.watches.lock().unwrap() {
            let _ = writeln!(
                text,
                "watch_relists_total{{controller={controller:?}}} {}",
                health.relists()
            );
        }
        text
    }
}

struct Context {
    client: Client,
    name: &'static str,
    say: Say,
}

/// Two replicas of the process; in a cluster these would be two pods.
async fn replicas(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    let first = replica(
        client.clone(),
        say.clone(),
        "first",
        env.sleep(Duration::from_secs(30)),
    );
    let second = async {
        env.sleep(Duration::from_secs(1)).await;
        replica(client.clone(), say.clone(), "second", future::pending()).await
    };
    future::try_join(first, second).await.map(drop)
}

/// One replica, until `stop`.
async fn replica(
    client: Client,
    say: Say,
    name: &'static str,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let counts = Arc::new(Counts::default());
    let election = Election::new(client.clone(), "default", "examples-manager", name);
    let context = Arc::new(Context {
        // No write is sent without the lease.
        client: election.leadership().fence(&client),
        name,
        say: say.clone(),
    });
    let configs = Controller::new(
        Api::<ConfigMap>::default_namespaced(client.clone()),
        watcher::Config::default().labels("app=shop"),
    );
    let secrets = Controller::new(
        Api::<Secret>::default_namespaced(client.clone()),
        watcher::Config::default(),
    );
    let (for_configs, for_secrets) = (Arc::clone(&context), context);
    let manager = Manager::new(&client)
        .with_election(election)
        .with_metrics(Arc::clone(&counts) as Arc<dyn Metrics>)
        .controller("configs", configs, move |controller| {
            controller.run_with_backoff(copy, for_configs)
        })
        .controller("secrets", secrets, move |controller| {
            controller.run_with_backoff(look, for_secrets)
        })
        .drain_timeout(Duration::from_secs(20))
        .shutdown_on(stop);
    let health = manager.health();
    let outcome = manager.run().await;
    say.line(format!(
        "{name} ends, live: {}, ready: {}",
        health.is_live(),
        health.is_ready()
    ));
    for line in counts.text().lines() {
        say.line(format!("{name}: {line}"));
    }
    Ok(outcome?)
}

/// Gives each ConfigMap a Secret of the same name with its content.
async fn copy(config: Arc<ConfigMap>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    let name = config.name_any();
    let content = config.data.iter().flatten();
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            owner_references: config.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some(
            content
                .map(|(key, text)| (key.clone(), ByteString(text.clone().into_bytes())))
                .collect(),
        ),
        ..Secret::default()
    };
    let secrets = Api::<Secret>::default_namespaced(ctx.client.clone());
    let ours = PatchParams::apply("examples-manager").force();
    secrets.patch(&name, &ours, &Patch::Apply(&secret)).await?;
    ctx.say.line(format!("{} copies {name}", ctx.name));
    Ok(Action::await_change())
}

/// Only looks.
async fn look(secret: Arc<Secret>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    ctx.say.line(format!("{} sees {}", ctx.name, secret.name_any()));
    Ok(Action::await_change())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    for (name, pause) in [("one", 40), ("two", 20)] {
        let object = serde_json::from_value(json!({"metadata": {"name": name, "labels": {"app": "shop"}}}))?;
        configs.create(&PostParams::default(), &object).await?;
        cluster.env().sleep(Duration::from_secs(pause)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use seatrial::testkit::Sweep;

    use super::*;

    /// Two replicas in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let run = |name| move |client| replica(client, Say::default(), name, future::pending());
        let config = |name: &str, size: &str| {
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{app: shop}}}}, data: {{size: {size}}}}}"
            )
        };
        seatrial::testkit::sweep(run("first"))
            .process("second", run("second"))
            .given("{apiVersion: v1, kind: ConfigMap, metadata: {name: private}, data: {a: b}}")
            .eventually("each ConfigMap has its Secret, and no other", |view| {
                let copies: Vec<_> = view
                    .list("secrets")
                    .iter()
                    .map(|secret| (secret["metadata"]["name"].clone(), secret["data"]["size"].clone()))
                    .collect();
                // `two` and `one`, as Secrets hold them.
                copies == [(json!("edited"), json!("dHdv")), (json!("kept"), json!("b25l"))]
            })
            .scenario(|user| {
                user.apply(&config("edited", "one"))
                    .apply(&config("kept", "one"))
                    .apply(&config("deleted", "one"))
                    .settle()
                    .apply(&config("edited", "two"))
                    .delete("ConfigMap/v1 deleted")
            })
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }

    #[test]
    fn one_works_at_a_time_and_the_next_begins_with_a_look_at_everything() {
        let lines = examples::simulate(replicas, play).unwrap();
        assert_eq!(
            lines,
            [
                "first copies one",
                "first sees one",
                "first ends, live: true, ready: false",
                "first: reconciles_total{controller=\"configs\",result=\"success\"} 1",
                "first: reconciles_total{controller=\"secrets\",result=\"success\"} 1",
                "first: watch_relists_total{controller=\"configs\"} 0",
                "first: watch_relists_total{controller=\"secrets\"} 0",
                "second copies one",
                "second sees one",
                "second copies two",
                "second sees two",
            ]
        );
    }
}
