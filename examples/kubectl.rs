//! A small kubectl: `get`, `apply`, `delete`, `watch` and `edit` for objects of any kind.
//!
//! ```sh
//! cargo run -p examples --example kubectl -- get pods
//! cargo run -p examples --example kubectl -- apply manifests.yaml
//! cargo run -p examples --example kubectl -- edit configmaps settings data.mode=slow
//! ```
//!
//! A change is a path and its new value, as JSON or as text: `spec.replicas=3`, `data.size='"3"'`, `metadata.labels.app=null`.
//!
//! It talks to the cluster that `Client::try_default` finds; with `--embedded` first, to one inside the process.

use anyhow::{Context as _, Result, bail};
use futures::StreamExt as _;
use seatrial::{
    Api, Client, Discovery, ResourceExt as _,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, WatchEvent, WatchParams},
    manifests::apply_manifests,
    testkit::FakeCluster,
};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let client = if args.first().is_some_and(|arg| arg == "--embedded") {
        args.remove(0);
        FakeCluster::new().client()
    } else {
        Client::try_default().await?
    };
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let text = match args.as_slice() {
        ["apply", file] => {
            let yaml = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
            run(&client, &["apply", &yaml]).await?
        }
        args => run(&client, args).await?,
    };
    print!("{text}");
    Ok(())
}

/// Runs one command and returns what it prints.
async fn run(client: &Client, args: &[&str]) -> Result<String> {
    match args {
        ["get", plural] => {
            let api = api(client, plural).await?;
            let objects = api.list_all(&ListParams::default()).await?;
            Ok(objects.iter().map(|object| row(object) + "\n").collect())
        }
        ["get", plural, name] => {
            let object = api(client, plural).await?.get(name).await?;
            Ok(serde_saphyr::to_string(&object)?)
        }
        ["apply", yaml] => {
            let applied = apply_manifests(client, yaml, "example-kubectl").await?;
            Ok(applied.iter().map(|applied| format!("{applied}\n")).collect())
        }
        ["delete", plural, name] => {
            let deleted = api(client, plural)
                .await?
                .delete_if_present(name, &DeleteParams::default())
                .await?;
            Ok(match deleted {
                Some(_) => format!("{name} deleted\n"),
                None => format!("{name} was not there\n"),
            })
        }
        ["watch", plural] => watch(&api(client, plural).await?).await,
        ["edit", plural, name, change] => {
            let (path, value) = change.split_once('=').context("a change is PATH=VALUE")?;
            let edited = api(client, plural)
                .await?
                .patch(
                    name,
                    &PatchParams::default(),
                    &Patch::Merge(merge_patch(path, value)),
                )
                .await?;
            Ok(row(&edited) + " edited\n")
        }
        _ => bail!(
            "get PLURAL [NAME] | apply FILE | delete PLURAL NAME | watch PLURAL | edit PLURAL NAME PATH=VALUE"
        ),
    }
}

/// Access to a resource by its plural or by its kind, in the default namespace if it has namespaces.
async fn api(client: &Client, called: &str) -> Result<Api<DynamicObject>> {
    let discovery = Discovery::new(client.clone()).run().await?;
    let resources = discovery
        .groups()
        .flat_map(|group| group.resources_by_stability());
    let mut found = resources
        .filter(|(resource, _)| resource.plural == called || resource.kind.eq_ignore_ascii_case(called));
    let (resource, capabilities) = found
        .next()
        .with_context(|| format!("the cluster has no {called}"))?;
    let api = Api::dynamic(client.clone(), &resource, &capabilities.scope);
    Ok(api.constrain_default())
}

/// Follows a collection for as long as one request lasts.
async fn watch(api: &Api<DynamicObject>) -> Result<String> {
    let version = api.list(&ListParams::default()).await?.metadata.resource_version;
    let params = WatchParams::default().timeout(5);
    let events = api.watch(&params, &version.unwrap_or_default()).await?;
    futures::pin_mut!(events);
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event? {
            WatchEvent::Added(object) => text += &format!("+ {}\n", row(&object)),
            WatchEvent::Modified(object) => text += &format!("~ {}\n", row(&object)),
            WatchEvent::Deleted(object) => text += &format!("- {}\n", row(&object)),
            WatchEvent::Bookmark(_) => {}
            WatchEvent::Error(status) => bail!("the watch ended: {status}"),
        }
    }
    Ok(text)
}

/// The patch that puts a value at a path. The value is JSON if it can be read as that, and text otherwise.
fn merge_patch(path: &str, value: &str) -> Value {
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    path.rsplit('.')
        .fold(value, |value, field| json!({ field: value }))
}

fn row(object: &DynamicObject) -> String {
    match object.namespace() {
        Some(namespace) => format!("{namespace}/{}", object.name_any()),
        None => object.name_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}";

    #[tokio::test(start_paused = true)]
    async fn objects_come_change_and_go() {
        let cluster = FakeCluster::new();
        let client = cluster.client();
        let run = async |args: &[&str]| run(&client, args).await.unwrap();
        assert_eq!(run(&["apply", MAP]).await, "ConfigMap default/settings created\n");
        assert_eq!(run(&["get", "configmaps"]).await, "default/settings\n");
        assert!(
            run(&["get", "ConfigMap", "settings"])
                .await
                .contains("mode: fast")
        );

        let edit = async {
            cluster.env().sleep(std::time::Duration::from_secs(1)).await;
            run(&["edit", "configmaps", "settings", "data.mode=slow"]).await
        };
        let (seen, edited) = futures::join!(run(&["watch", "configmaps"]), edit);
        assert_eq!(edited, "default/settings edited\n");
        assert_eq!(seen, "~ default/settings\n");

        assert_eq!(
            run(&["delete", "configmaps", "settings"]).await,
            "settings deleted\n"
        );
        assert_eq!(
            run(&["delete", "configmaps", "settings"]).await,
            "settings was not there\n"
        );
        assert_eq!(run(&["get", "configmaps"]).await, "");
    }

    #[test]
    fn a_change_is_a_patch() {
        assert_eq!(
            merge_patch("spec.replicas", "3"),
            json!({"spec": {"replicas": 3}})
        );
        assert_eq!(
            merge_patch("data.mode", "slow"),
            json!({"data": {"mode": "slow"}})
        );
        assert_eq!(merge_patch("data.size", "\"3\""), json!({"data": {"size": "3"}}));
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_an_error() {
        let client = FakeCluster::new().client();
        for args in [
            &["get"][..],
            &["get", "unicorns"],
            &["edit", "configmaps", "a", "b"],
            &["edit", "configmaps", "absent", "data.a=b"],
        ] {
            run(&client, args).await.unwrap_err();
        }
    }
}
