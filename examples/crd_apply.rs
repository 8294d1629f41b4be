//! A kind of one's own from its definition to its last object: installed, used, taken away.
//!
//! `cargo run -p examples --example crd_apply`

use anyhow::{Context as _, Result};
use examples::Say;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use schemars::JsonSchema;
use seatrial::{
    Api, Client, CustomResource, CustomResourceExt, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
    runtime::wait::{await_condition, conditions},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A site that is to be served.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "examples.seatrial.dev", version = "v1", kind = "Site", namespaced)]
#[kube(
    status = "SiteStatus",
    shortname = "st",
    category = "all",
    selectable = ".spec.host"
)]
#[kube(printcolumn(name = "Host", type = "string", json_path = ".spec.host"))]
#[kube(scale(
    spec_replicas_path = ".spec.replicas",
    status_replicas_path = ".status.replicas"
))]
struct SiteSpec {
    /// The name that visitors type.
    host: String,
    /// How many servers serve it.
    #[serde(default = "one")]
    replicas: i32,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct SiteStatus {
    replicas: i32,
}

fn one() -> i32 {
    1
}

/// Who writes, in the objects' managed fields.
const MANAGER: &str = "crd-apply";

fn main() -> Result<()> {
    examples::start(use_a_kind, |_| std::future::pending())
}

async fn use_a_kind(client: Client, say: Say) -> Result<()> {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let apply = PatchParams::apply(MANAGER).force();
    crds.patch(Site::crd_name(), &apply, &Patch::Apply(Site::crd()))
        .await?;
    await_condition(crds.clone(), Site::crd_name(), conditions::is_crd_established()).await?;
    say.line(format!("{} is served", Site::crd_name()));

    let sites: Api<Site> = Api::default_namespaced(client);
    // Applied, not created: a second run finds the object and leaves it as it is.
    let wanted = json!({
        "apiVersion": "examples.seatrial.dev/v1", "kind": "Site", "metadata": {"name": "blog"},
        "spec": {"host": "blog.example.com"},
    });
    let site = sites.patch("blog", &apply, &Patch::Apply(&wanted)).await?;
    say.line(format!(
        "{} has {} replica by default",
        site.name_any(),
        site.spec.replicas
    ));

    let three = Patch::Merge(json!({"spec": {"replicas": 3}}));
    let scale = sites.patch_scale("blog", &PatchParams::default(), &three).await?;
    let replicas = scale.spec.context("a scale has a spec")?.replicas;
    say.line(format!("scaled to {}", replicas.unwrap_or_default()));
    let status = Patch::Merge(json!({"status": SiteStatus { replicas: 3 }}));
    let site = sites
        .patch_status("blog", &PatchParams::default(), &status)
        .await?;
    let seen = site.status.map_or(0, |status| status.replicas);
    say.line(format!(
        "{seen} replicas serve generation {}",
        site.metadata.generation.unwrap_or_default()
    ));

    let nonsense = json!({"spec": {"replicas": "many"}});
    let refused = sites
        .patch("blog", &PatchParams::default(), &Patch::Merge(nonsense))
        .await;
    say.line(match refused {
        Ok(_) => "taken".to_owned(),
        Err(error) => format!("refused: {error}"),
    });

    sites.delete("blog", &DeleteParams::default()).await?;
    crds.delete(Site::crd_name(), &DeleteParams::default()).await?;
    say.line("removed, and the kind with it");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_comes_is_used_and_goes() {
        let lines = examples::simulate(use_a_kind, |_| std::future::pending()).unwrap();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        sites.examples.seatrial.dev is served
        blog has 1 replica by default
        scaled to 3
        3 replicas serve generation 2
        refused: the server answered: Site.examples.seatrial.dev "blog" is invalid: [spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: many is of the type string, expected int64]: Invalid (422)
        removed, and the kind with it
        "#);
    }
}
