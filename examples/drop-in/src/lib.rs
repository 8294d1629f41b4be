//! A controller as one writes it for kube: everything comes from the name `kube`, the derive's output included.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    CustomResource,
    api::{Api, ObjectMeta, Patch, PatchParams, Resource, ResourceExt},
    client::Client,
    runtime::{
        controller::{Action, Controller},
        watcher,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a ConfigMap of the same name with the content.
#[derive(CustomResource, Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "drop-in.seatrial.dev",
    version = "v1",
    kind = "Snippet",
    shortname = "snip",
    namespaced
)]
pub struct SnippetSpec {
    /// What the ConfigMap holds under the key `content`.
    pub content: String,
}

/// Why a reconcile failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ConfigMap could not be written.
    #[error("the ConfigMap could not be written")]
    Write(#[source] kube::Error),
    /// The object lacks a field that every stored object has.
    #[error("the object lacks {0}")]
    Missing(&'static str),
}

/// Runs the controller; ends with the stream of its triggers.
pub async fn run(client: Client) {
    Controller::new(Api::<Snippet>::all(client.clone()), watcher::Config::default())
        .owns(Api::<ConfigMap>::all(client.clone()), watcher::Config::default())
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_secs(1)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
}

async fn reconcile(snippet: Arc<Snippet>, client: Arc<Client>) -> Result<Action, Error> {
    let owner = snippet
        .controller_owner_ref(&())
        .ok_or(Error::Missing("metadata.uid"))?;
    let namespace = snippet.namespace().ok_or(Error::Missing("metadata.namespace"))?;
    let config = ConfigMap {
        metadata: ObjectMeta {
            name: snippet.metadata.name.clone(),
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([(
            "content".to_owned(),
            snippet.spec.content.clone(),
        )])),
        ..ConfigMap::default()
    };
    let configs = Api::<ConfigMap>::namespaced(client.as_ref().clone(), &namespace);
    // What others have written into it is taken back.
    let params = PatchParams::apply("snippets.drop-in.seatrial.dev").force();
    configs
        .patch(&config.name_any(), &params, &Patch::Apply(&config))
        .await
        .map_err(Error::Write)?;
    Ok(Action::requeue(Duration::from_secs(300)))
}

#[cfg(test)]
mod tests {
    use kube::{
        api::PostParams,
        testkit::{FakeCluster, Sweep, sweep as swept},
    };
    use serde_json::json;

    use super::*;

    /// The controller in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        let snippet = |name: &str| {
            format!(
                "{{apiVersion: drop-in.seatrial.dev/v1, kind: Snippet, metadata: {{name: {name}}}, spec: {{content: {name}}}}}"
            )
        };
        swept(run)
            .crd::<Snippet>()
            .eventually(
                "the ConfigMap of the Snippet that is left, and no other",
                |view| {
                    let held =
                        |name| Some(view.get("configmaps", "default", name)?["data"]["content"].clone());
                    held("kept") == Some(json!("kept")) && held("deleted").is_none()
                },
            )
            .scenario(|user| {
                user.apply(&snippet("kept"))
                    .apply(&snippet("deleted"))
                    .settle()
                    .patch("ConfigMap/v1 kept", "{data: {content: spoiled}}")
                    .delete("Snippet.drop-in.seatrial.dev/v1 deleted")
            })
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_controller_does_what_it_did() {
        let cluster = FakeCluster::builder().crd::<Snippet>().build().unwrap();
        let controller = tokio::spawn(run(cluster.client()));
        let snippets = Api::<Snippet>::default_namespaced(cluster.client());
        let spec = SnippetSpec {
            content: "hello".to_owned(),
        };
        snippets
            .create(&PostParams::default(), &Snippet::new("a", spec))
            .await
            .unwrap();
        cluster.settle().await.unwrap();

        let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
        assert_eq!(configs.get("a").await.unwrap().data.unwrap()["content"], "hello");

        let edit = Patch::Merge(json!({ "data": { "content": "something else" } }));
        configs.patch("a", &PatchParams::default(), &edit).await.unwrap();
        snippets.delete("a", &Default::default()).await.unwrap();
        cluster.settle().await.unwrap();
        assert!(
            configs.get_opt("a").await.unwrap().is_none(),
            "the owner is gone, and its ConfigMap with it"
        );
        controller.abort();
    }
}
