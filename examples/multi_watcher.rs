//! Several kinds in one stream: what belongs to an application, whatever it is.
//!
//! `cargo run -p examples --example multi_watcher`

use anyhow::Result;
use examples::Say;
use futures::{StreamExt as _, TryStreamExt as _, stream::select_all};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Secret},
};
use seatrial::{
    Api, Client, Resource, ResourceExt as _,
    api::PostParams,
    runtime::{
        WatchStreamExt as _,
        watcher::{self, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    examples::start(watch, play)
}

/// An object of one of the kinds.
enum Watched {
    Deployment(Box<Deployment>),
    ConfigMap(ConfigMap),
    Secret(Secret),
}

/// Tells of each change of what carries the label.
async fn watch(client: Client, say: Say) -> Result<()> {
    let config = || watcher::Config::default().labels("app=shop");
    // A watch that is broken holds the others up no longer than it takes to say so.
    let deployments = watcher(Api::<Deployment>::all(client.clone()), config())
        .applied_objects()
        .map_ok(|object| Watched::Deployment(Box::new(object)))
        .boxed();
    let configs = watcher(Api::<ConfigMap>::all(client.clone()), config())
        .applied_objects()
        .map_ok(Watched::ConfigMap)
        .boxed();
    let secrets = watcher(Api::<Secret>::all(client), config())
        .applied_objects()
        .map_ok(Watched::Secret)
        .boxed();
    select_all([deployments, configs, secrets])
        .try_for_each(async |object| {
            say.line(match object {
                Watched::Deployment(object) => {
                    let replicas = object.spec.as_ref().and_then(|spec| spec.replicas);
                    format!("{} with {} replicas", name(&*object), replicas.unwrap_or(1))
                }
                Watched::ConfigMap(object) => format!(
                    "{} with {} keys",
                    name(&object),
                    object.data.map_or(0, |data| data.len())
                ),
                // What is in a secret is nobody's business.
                Watched::Secret(object) => name(&object),
            });
            Ok(())
        })
        .await?;
    Ok(())
}

fn name<K: Resource<DynamicType = ()>>(object: &K) -> String {
    format!("{} {}", K::kind(&()), object.name_any())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let labels = json!({"app": "shop"});
    let client = cluster.client();
    let post = PostParams::default();
    let config = json!({"metadata": {"name": "settings", "labels": labels}, "data": {"a": "1", "b": "2"}});
    Api::default_namespaced(client.clone())
        .create(&post, &serde_json::from_value::<ConfigMap>(config)?)
        .await?;
    examples::settle(&cluster).await?;
    let secret = json!({"metadata": {"name": "key", "labels": labels}, "stringData": {"key": "secret"}});
    Api::default_namespaced(client.clone())
        .create(&post, &serde_json::from_value::<Secret>(secret)?)
        .await?;
    examples::settle(&cluster).await?;
    let deployment = json!({
        "metadata": {"name": "shop", "labels": labels},
        "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{"name": "shop", "image": "shop:1"}]},
        }},
    });
    Api::default_namespaced(client)
        .create(&post, &serde_json::from_value::<Deployment>(deployment)?)
        .await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_together() {
        let lines = examples::simulate(watch, play).unwrap();
        assert_eq!(
            lines,
            [
                "ConfigMap settings with 2 keys",
                "Secret key",
                "Deployment shop with 3 replicas"
            ]
        );
    }
}
