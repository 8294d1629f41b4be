//! A kind that is named when the program runs: `dynamic_watcher --kubeconfig deployments.apps`, or any other resource.
//!
//! `cargo run -p examples --example dynamic_watcher`

use anyhow::{Context as _, Result};
use examples::Say;
use futures::TryStreamExt as _;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, DynamicObject, PostParams},
    discovery::Discovery,
    runtime::{
        wait::{await_condition, conditions},
        watcher::{self, Event, metadata_watcher},
    },
    testkit::FakeCluster,
};
use serde_json::json;

fn main() -> Result<()> {
    let resource = std::env::args()
        .nth(2)
        .unwrap_or_else(|| "widgets.example.com".to_owned());
    examples::start(move |client, say| watch(client, say, resource), play)
}

/// Tells of the objects of a resource, of which nothing is known but its name. The metadata is enough for that, so nothing else is sent.
async fn watch(client: Client, say: Say, resource: String) -> Result<()> {
    let (plural, group) = resource.split_once('.').unwrap_or((&resource, ""));
    let found = loop {
        let discovery = Discovery::new(client.clone()).run().await?;
        let found = discovery
            .groups()
            .filter(|known| known.name() == group)
            .flat_map(|known| known.recommended_resources())
            .find(|(known, _)| known.plural == plural);
        match found {
            Some(found) => break found,
            // It may be defined later.
            None => client.env().sleep(std::time::Duration::from_secs(5)).await,
        }
    };
    let (kind, capabilities) = found;
    say.line(format!("{resource} is {} of {}", kind.kind, kind.api_version));
    let api = Api::<DynamicObject>::dynamic(client, &kind, &capabilities.scope);
    metadata_watcher(api, watcher::Config::default())
        .try_for_each(async |event| {
            if let Event::Apply(object) | Event::InitApply(object) = &event {
                say.line(format!("+ {}", object.name_any()));
            }
            if let Event::Delete(object) = &event {
                say.line(format!("- {}", object.name_any()));
            }
            Ok(())
        })
        .await
        .context("the watch cannot go on")
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let crds = Api::<CustomResourceDefinition>::all(cluster.client());
    let crd = serde_json::from_value(json!({
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    }))?;
    crds.create(&PostParams::default(), &crd).await?;
    await_condition(crds, "widgets.example.com", conditions::is_crd_established()).await?;
    cluster.env().sleep(std::time::Duration::from_secs(10)).await;
    let kind = seatrial::core::ApiResource::from_gvk(&seatrial::core::GroupVersionKind::gvk(
        "example.com",
        "v1",
        "Widget",
    ));
    let widgets = Api::<DynamicObject>::default_namespaced_with(cluster.client(), &kind);
    widgets
        .create(&PostParams::default(), &DynamicObject::new("cog", &kind))
        .await?;
    examples::settle(&cluster).await?;
    widgets.delete("cog", &DeleteParams::default()).await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_followed_by_its_name_alone() {
        let program = |client, say| watch(client, say, "widgets.example.com".to_owned());
        let lines = examples::simulate(program, play).unwrap();
        assert_eq!(
            lines,
            [
                "widgets.example.com is Widget of example.com/v1",
                "+ cog",
                "- cog"
            ]
        );
    }
}
