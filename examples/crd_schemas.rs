//! Three ways to the schema of a kind: derived from the types, written by hand, and somebody else's.
//!
//! `cargo run -p examples --example crd_schemas`

use std::borrow::Cow;

use anyhow::Result;
use examples::Say;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use seatrial::{
    Api, Client, CustomResource, CustomResourceExt, ResourceExt as _,
    api::PostParams,
    runtime::wait::{await_condition, conditions},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The usual way: what serde reads is what the schema says, comments included.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "examples.seatrial.dev", version = "v1", kind = "Derived")]
#[serde(rename_all = "camelCase")]
struct DerivedSpec {
    /// Where it is.
    place: Place,
    #[schemars(range(min = 1, max = 5))]
    stars: u8,
    /// A part that comes from elsewhere and is not looked into.
    #[schemars(schema_with = "anything")]
    extra: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Place {
    Address(String),
    Coordinates { east: f64, north: f64 },
}

/// The schema of one field by hand.
fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "nullable": true})
}

/// The schema of the whole kind by hand.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
#[kube(
    group = "examples.seatrial.dev",
    version = "v1",
    kind = "Manual",
    schema = "manual"
)]
struct ManualSpec {
    tag: String,
}

impl JsonSchema for Manual {
    fn schema_name() -> Cow<'static, str> {
        "Manual".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {"tag": {"type": "string", "pattern": "^[a-z]+$", "default": "none"}},
                },
            },
        })
    }
}

/// A kind that is installed already: the type reads the part of it that this program needs, and brings no schema.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
#[kube(
    group = "examples.seatrial.dev",
    version = "v1",
    kind = "Derived",
    root = "Stars",
    schema = "disabled"
)]
struct StarsSpec {
    stars: u8,
}

fn main() -> Result<()> {
    examples::start(show, |_| std::future::pending())
}

async fn show(client: Client, say: Say) -> Result<()> {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    for crd in [Derived::crd(), Manual::crd()] {
        crds.create(&PostParams::default(), &crd).await?;
        await_condition(crds.clone(), &crd.name_any(), conditions::is_crd_established()).await?;
    }

    let derived: Api<Derived> = Api::all(client.clone());
    let spec = DerivedSpec {
        place: Place::Coordinates {
            east: 8.5,
            north: 47.25,
        },
        stars: 4,
        extra: Some(json!({"kept": ["as", "it", "is"]})),
    };
    let made = derived
        .create(&PostParams::default(), &Derived::new("lake", spec))
        .await?;
    say.line(serde_json::to_string(&made.spec)?);
    let spec = DerivedSpec {
        place: Place::Address("Nowhere 1".into()),
        stars: 9,
        extra: None,
    };
    let refused = derived
        .create(&PostParams::default(), &Derived::new("moon", spec))
        .await;
    say.line(refused.map_or_else(|error| error.to_string(), |_| "taken".into()));

    let manual: Api<Manual> = Api::all(client.clone());
    let refused = manual
        .create(
            &PostParams::default(),
            &Manual::new("a", ManualSpec { tag: "B".into() }),
        )
        .await;
    say.line(refused.map_or_else(|error| error.to_string(), |_| "taken".into()));

    let stars: Api<Stars> = Api::all(client);
    say.line(format!("{} stars", stars.get("lake").await?.spec.stars));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_schema_keeps_out_what_it_should() {
        let lines = examples::simulate(show, |_| std::future::pending()).unwrap();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"place":{"coordinates":{"east":8.5,"north":47.25}},"stars":4,"extra":{"kept":["as","it","is"]}}
        the server answered: Derived.examples.seatrial.dev "moon" is invalid: spec.stars: Invalid value: 9: spec.stars in body should be less than or equal to 5: Invalid (422)
        the server answered: Manual.examples.seatrial.dev "a" is invalid: spec.tag: Invalid value: "B": spec.tag in body should match '^[a-z]+$': Invalid (422)
        4 stars
        "#);
    }
}
