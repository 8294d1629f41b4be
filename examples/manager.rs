//! Two controllers as one process, of which several may run: leader election, metrics and probes over HTTP, and an end in order.
//!
//! `cargo run -p examples --example manager` runs two replicas and ends the leader. Each serves `/metrics`, `/healthz` and `/readyz` on a free port of 127.0.0.1.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use axum::Router;
use examples::{
    Say,
    probes::{self, Measurements},
};
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
        controller::{Action, Metrics},
        lease::Election,
        manager::Manager,
        watcher,
    },
    testkit::FakeCluster,
};
use serde_json::json;
use tokio::net::TcpListener;

fn main() -> Result<()> {
    let run = |client, say: Say| {
        replicas(client, say.clone(), move |name, router| {
            listen(name, router, say.clone())
        })
    };
    examples::start(run, play)
}

struct Context {
    client: Client,
    name: &'static str,
    say: Say,
}

/// Serves what a replica says about itself. In a pod, the port would be one that the probes name.
async fn listen(name: &'static str, router: Router, say: Say) {
    match TcpListener::bind("127.0.0.1:0").await {
        Ok(listener) => {
            if let Ok(address) = listener.local_addr() {
                say.line(format!("{name}: http://{address}/metrics"));
            }
            probes::serve(listener, router).await;
        }
        // The manager ends with this part of it.
        Err(error) => say.line(format!("{name} cannot listen: {error}")),
    }
}

/// Two replicas of the process; in a cluster these would be two pods.
async fn replicas<S>(client: Client, say: Say, serve: impl Fn(&'static str, Router) -> S) -> Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    let env = client.env().clone();
    let stop = env.sleep(Duration::from_secs(30));
    let first = replica(client.clone(), say.clone(), "first", stop, &serve);
    let second = async {
        env.sleep(Duration::from_secs(1)).await;
        replica(client.clone(), say.clone(), "second", future::pending(), &serve).await
    };
    future::try_join(first, second).await.map(drop)
}

/// One replica, until `stop`; `serve` lets others see what it says about itself.
async fn replica<S>(
    client: Client,
    say: Say,
    name: &'static str,
    stop: impl Future<Output = ()> + Send + 'static,
    serve: impl FnOnce(&'static str, Router) -> S,
) -> Result<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    let measurements = Measurements::default();
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
        .with_metrics(Arc::new(measurements.clone()) as Arc<dyn Metrics>)
        .controller("configs", configs, move |controller| {
            controller.run_with_backoff(copy, for_configs)
        })
        .controller("secrets", secrets, move |controller| {
            controller.run_with_backoff(look, for_secrets)
        })
        .drain_timeout(Duration::from_secs(20))
        .shutdown_on(stop);
    let health = manager.health();
    let serving = serve(name, probes::router(measurements, health.clone()));
    let outcome = manager.service("probes", |_| serving).run().await;
    say.line(format!(
        "{name} ends, live: {}, ready: {}",
        health.is_live(),
        health.is_ready()
    ));
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
    use std::{collections::BTreeMap, sync::Mutex};

    use seatrial::testkit::Sweep;

    use super::*;

    /// Two replicas in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let run = |name| {
            move |client| {
                replica(client, Say::default(), name, future::pending(), |_, _| {
                    future::pending()
                })
            }
        };
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

    /// What the replicas serve, by their names.
    #[derive(Clone, Default)]
    struct Served(Arc<Mutex<BTreeMap<&'static str, Router>>>);

    impl Served {
        fn serve(&self, name: &'static str, router: Router) -> future::Pending<()> {
            self.0.lock().unwrap().insert(name, router);
            future::pending()
        }

        async fn ask(&self, name: &str, path: &str) -> (u16, String) {
            let router = self.0.lock().unwrap()[name].clone();
            probes::ask(&router, path).await.unwrap()
        }

        /// The measurements in order, without the buckets of histograms and what explains them.
        async fn metrics(&self, name: &str) -> Vec<String> {
            let (status, text) = self.ask(name, "/metrics").await;
            assert_eq!(status, 200, "{text}");
            let lines = text
                .lines()
                .filter(|line| !line.starts_with('#') && !line.contains("_bucket{"));
            let mut lines: Vec<_> = lines.map(str::to_owned).collect();
            lines.sort();
            lines
        }
    }

    /// Plays while `look` looks, and returns what the replicas said.
    fn play_and_look<F>(look: impl FnOnce(FakeCluster, Served) -> F) -> Vec<String>
    where
        F: Future<Output = ()>,
    {
        let served = Served::default();
        let for_replicas = served.clone();
        let run =
            move |client, say| replicas(client, say, move |name, router| for_replicas.serve(name, router));
        let user = async |cluster: FakeCluster| {
            let looking = look(cluster.clone(), served);
            future::join(play(cluster), looking).await.0
        };
        examples::simulate(run, user).unwrap()
    }

    #[test]
    fn one_works_at_a_time_and_the_next_begins_with_a_look_at_everything() {
        let lines = play_and_look(async |_, _| {});
        assert_eq!(
            lines,
            [
                "first copies one",
                "first sees one",
                "first ends, live: true, ready: false",
                "second copies one",
                "second sees one",
                "second copies two",
                "second sees two",
            ]
        );
    }

    #[test]
    fn probes_tell_who_is_ready_and_who_ends() {
        play_and_look(async |cluster, served| {
            cluster.env().sleep(Duration::from_secs(10)).await;
            for (name, role) in [("first", "leads"), ("second", "stands by")] {
                let (status, text) = served.ask(name, "/readyz").await;
                assert_eq!(status, 200, "a standby with warm caches is ready");
                assert!(
                    text.contains("[+]configs") && text.contains("[+]secrets"),
                    "{text}"
                );
                assert!(text.contains(role), "{text}");
                assert_eq!(served.ask(name, "/healthz").await.0, 200);
            }
            cluster.env().sleep(Duration::from_secs(21)).await;
            assert_eq!(served.ask("first", "/readyz").await.0, 503);
            assert_eq!(
                served.ask("first", "/healthz").await.0,
                200,
                "it ends, as it should"
            );
            assert_eq!(served.ask("second", "/readyz").await.0, 200);
            assert_eq!(served.ask("second", "/other").await.0, 404);
        });
    }

    #[test]
    fn metrics_tell_what_was_done_and_how_the_watches_are() {
        play_and_look(async |cluster, served| {
            cluster.env().sleep(Duration::from_secs(10)).await;
            insta::assert_snapshot!(served.metrics("first").await.join("\n"), @r#"
            leases_held 1
            reconcile_time_seconds_count{controller="configs"} 1
            reconcile_time_seconds_count{controller="secrets"} 1
            reconcile_time_seconds_sum{controller="configs"} 0.0
            reconcile_time_seconds_sum{controller="secrets"} 0.0
            reconcile_total{controller="configs",result="success"} 1
            reconcile_total{controller="secrets",result="success"} 1
            watch_age_seconds{controller="configs",watch="/api/v1/namespaces/default/configmaps"} 10.0
            watch_age_seconds{controller="secrets",watch="/api/v1/namespaces/default/secrets"} 10.0
            watch_failures{controller="configs",watch="/api/v1/namespaces/default/configmaps"} 0
            watch_failures{controller="secrets",watch="/api/v1/namespaces/default/secrets"} 0
            watch_may_be_stale{controller="configs",watch="/api/v1/namespaces/default/configmaps"} 0
            watch_may_be_stale{controller="secrets",watch="/api/v1/namespaces/default/secrets"} 0
            watch_relists_total{controller="configs",watch="/api/v1/namespaces/default/configmaps"} 0
            watch_relists_total{controller="secrets",watch="/api/v1/namespaces/default/secrets"} 0
            workqueue_queue_duration_seconds_count{controller="configs"} 1
            workqueue_queue_duration_seconds_count{controller="secrets"} 1
            workqueue_queue_duration_seconds_sum{controller="configs"} 0.0
            workqueue_queue_duration_seconds_sum{controller="secrets"} 0.0
            "#);
            let standby = served.metrics("second").await;
            assert!(standby.contains(&"leases_held 0".to_owned()), "{standby:?}");
            assert!(
                !standby.iter().any(|line| line.starts_with("reconcile")),
                "{standby:?}"
            );
        });
    }
}
