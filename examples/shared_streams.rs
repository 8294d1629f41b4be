//! Two controllers over one watch: the objects are fetched and kept once, and a slow controller does not hold the other up.
//!
//! Each ConfigMap with the label `app=shop` is annotated with how many keys it has, and gets a Secret with its pages, which take long to make.
//!
//! `cargo run -p examples --example shared_streams`

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use examples::Say;
use futures::{StreamExt as _, future};
use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
};
use seatrial::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller, WatchStreamExt as _,
        controller::{Action, Error},
        reflector::{Change, store},
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

/// The annotation that says how many keys there are.
const KEYS: &str = "examples.seatrial.dev/keys";

struct Context {
    client: Client,
    say: Say,
}

fn main() -> Result<()> {
    examples::start(run, play)
}

async fn run(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    let (configs, writer) = store::<ConfigMap>();
    // The root: whoever polls it moves the cache and everybody who follows it.
    let root = watcher(
        Api::<ConfigMap>::default_namespaced(client.clone()),
        watcher::Config::default().labels("app=shop"),
    )
    .reflect_changes(writer)
    .for_each(|_| async {});
    let controller = |name: &str| {
        Controller::for_shared_stream(configs.subscribe(), configs.clone())
            .with_env(env.clone())
            .named(name)
    };
    let context = Arc::new(Context {
        client,
        say: say.clone(),
    });
    let counts = controller("counts")
        .run_with_backoff(count, Arc::clone(&context))
        .for_each(|report| {
            // An object that was deleted is told as one that is not in the cache.
            if let Err(Error::ObjectNotFound(object)) = report {
                say.line(format!("quick: {} is gone", object.name));
            }
            future::ready(())
        });
    let pages = controller("pages")
        .run_with_backoff(render, context)
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
    future::join4(root, counts, pages, late).await;
    Ok(())
}

/// Says on a ConfigMap how many keys it has.
async fn count(config: Arc<ConfigMap>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    let name = config.name_any();
    let keys = config.data.iter().flatten().count().to_string();
    if config.annotations().get(KEYS) != Some(&keys) {
        let configs = Api::<ConfigMap>::default_namespaced(ctx.client.clone());
        let patch = Patch::Merge(json!({"metadata": {"annotations": {KEYS: keys}}}));
        configs.patch(&name, &PatchParams::default(), &patch).await?;
        ctx.say.line(format!("quick: {name} has {keys} keys"));
    }
    Ok(Action::await_change())
}

/// Keeps a Secret with the pages of a ConfigMap.
async fn render(config: Arc<ConfigMap>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    let name = config.name_any();
    let pages = config.data.iter().flatten();
    let pages = pages.map(|(key, text)| {
        (
            format!("{key}.html"),
            ByteString(format!("<p>{text}").into_bytes()),
        )
    });
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            owner_references: config.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some(pages.collect()),
        ..Secret::default()
    };
    // As if it took that long.
    ctx.client.env().sleep(Duration::from_secs(10)).await;
    let secrets = Api::<Secret>::default_namespaced(ctx.client.clone());
    let ours = PatchParams::apply("pages").force();
    secrets.patch(&name, &ours, &Patch::Apply(&secret)).await?;
    let count = secret.data.iter().flatten().count();
    ctx.say.line(format!("slow: {name} has {count} pages"));
    Ok(Action::await_change())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let object = json!({"metadata": {"name": "settings", "labels": {"app": "shop"}}});
    configs
        .create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
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
    use seatrial::testkit::{Strategy, Sweep};

    use super::*;

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
                "slow: settings has 0 pages",
                "slow: settings has 3 pages",
                "late: settings",
                "quick: settings is gone",
                "late: settings is gone",
            ]
        );
    }

    /// Both controllers in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let config = |name: &str, data: &str| {
            format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{app: shop}}}}, data: {data}}}"
            )
        };
        seatrial::testkit::sweep(|client| run(client, Say::default()))
            .given("{apiVersion: v1, kind: ConfigMap, metadata: {name: private}, data: {a: b}}")
            .eventually(
                "each ConfigMap is counted and has its pages, and no other",
                |view| {
                    let configs = view.list("configmaps");
                    let ours = configs
                        .iter()
                        .filter(|config| config["metadata"]["labels"]["app"] == "shop");
                    let counted: Vec<_> = ours
                        .map(|config| {
                            let keys = config["metadata"]["annotations"][KEYS].clone();
                            (config["metadata"]["name"].clone(), keys)
                        })
                        .collect();
                    let secrets = view.list("secrets");
                    let pages: Vec<_> = secrets
                        .iter()
                        .map(|secret| (secret["metadata"]["name"].clone(), secret["data"].clone()))
                        .collect();
                    // `<p>b`, `<p>c` and `<p>d`, as Secrets hold them.
                    let (b, c, d) = (json!("PHA+Yg=="), json!("PHA+Yw=="), json!("PHA+ZA=="));
                    let wanted = [
                        (json!("edited"), json!({"a.html": c})),
                        (json!("grown"), json!({"a.html": b, "c.html": d})),
                    ];
                    counted == [(json!("edited"), json!("1")), (json!("grown"), json!("2"))]
                        && pages == wanted
                },
            )
            .scenario(|user| {
                user.apply(&config("edited", "{a: b}"))
                    .apply(&config("grown", "{a: b}"))
                    .apply(&config("deleted", "{a: b}"))
                    .settle()
                    .apply(&config("edited", "{a: c}"))
                    .apply(&config("grown", "{a: b, c: d}"))
                    .delete("ConfigMap/v1 deleted")
            })
            .explore(Strategy::Swarm, 50)
            .explore(Strategy::Pct(3), 50)
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }
}
