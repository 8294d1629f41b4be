//! What an apiserver asks when an object is stored in one version and read in another: a webhook that converts through a hub.
//!
//! `cargo run -p examples --example conversion_webhook` runs an apiserver and the webhook in one process. With
//! `--kubeconfig https://HOST:8443 tls.crt tls.key` it installs the definition in a real cluster, with an address that the cluster reaches
//! and for which the certificate holds, and serves the webhook there. `crd_versions` has the derive write most of this.

use anyhow::Result;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use k8s_openapi::{
    ByteString, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use seatrial::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind, PostParams},
    runtime::{
        wait::{await_condition, conditions},
        webhook::{Converter, Router},
    },
    testkit::FakeCluster,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const V1: &str = "examples.seatrial.dev/v1";
const V2: &str = "examples.seatrial.dev/v2";
const HUB: &str = "examples.seatrial.dev/v3";

fn main() -> Result<()> {
    examples::serving::start(router(), register, async || {
        let client = cluster()?.client();
        register(client.clone(), HOST.to_owned(), ByteString::default()).await?;
        for (version, spec) in [("v1", json!({"time": "07:30"})), ("v2", json!({"minutes": 450}))] {
            for (shown, spec) in shown(&client, version, &spec).await? {
                println!("made in {version}, seen in {shown}: {spec}");
            }
        }
        Ok(())
    })
}

fn router() -> Router {
    Router::new().convert("/convert", converter())
}

/// `v1` has the time as text, `v2` as minutes, and `v3`, the hub, as hours and minutes; it can hold what either of the others can.
fn converter() -> Converter {
    Converter::new()
        .step_between(V1, HUB, |mut object| {
            let text = object["spec"]["time"].as_str().unwrap_or_default();
            let parts = text
                .split_once(':')
                .and_then(|(hours, minutes)| Some((hours.parse().ok()?, minutes.parse().ok()?)));
            let (hours, minutes): (u32, u32) = parts.ok_or_else(|| format!("{text:?} is no time"))?;
            object["spec"] = json!({"hours": hours, "minutes": minutes});
            Ok(object)
        })
        .step_between(HUB, V1, |mut object| {
            let (hours, minutes) = time(&object);
            object["spec"] = json!({"time": format!("{hours:02}:{minutes:02}")});
            Ok(object)
        })
        .step_between(V2, HUB, |mut object| {
            let minutes = object["spec"]["minutes"].as_u64().unwrap_or_default();
            object["spec"] = json!({"hours": minutes / 60, "minutes": minutes % 60});
            Ok(object)
        })
        .step_between(HUB, V2, |mut object| {
            let (hours, minutes) = time(&object);
            object["spec"] = json!({"minutes": hours * 60 + minutes});
            Ok(object)
        })
}

fn time(object: &Value) -> (u64, u64) {
    let field = |name: &str| object["spec"][name].as_u64().unwrap_or_default();
    (field("hours"), field("minutes"))
}

/// Defines the kind, and tells an apiserver where the webhook is and whose certificate to trust.
async fn register(client: Client, url: String, trusted: ByteString) -> Result<()> {
    let version = |name: &str, fields: Value| {
        json!({"name": name, "served": true, "storage": name == "v3", "schema": {"openAPIV3Schema": {
            "type": "object", "properties": {"spec": {"type": "object", "properties": fields}},
        }}})
    };
    let number = json!({"type": "integer"});
    let definition = json!({
        "metadata": {"name": "clocks.examples.seatrial.dev"},
        "spec": {
            "group": "examples.seatrial.dev", "scope": "Namespaced", "names": {"kind": "Clock", "plural": "clocks"},
            "versions": [
                version("v1", json!({"time": {"type": "string"}})),
                version("v2", json!({"minutes": number})),
                version("v3", json!({"hours": number, "minutes": number})),
            ],
            "conversion": {"strategy": "Webhook", "webhook": {
                "conversionReviewVersions": ["v1"],
                "clientConfig": {"url": format!("{url}/convert"), "caBundle": trusted},
            }},
        },
    });
    let definitions = Api::<CustomResourceDefinition>::all(client);
    definitions.apply(&definition, "conversion-webhook").await?;
    let established = conditions::is_crd_established();
    await_condition(definitions, "clocks.examples.seatrial.dev", established).await?;
    Ok(())
}

/// Where the webhook is in the embedded cluster.
const HOST: &str = "https://clocks.example.com";

/// A cluster from which the webhook can be reached.
fn cluster() -> Result<FakeCluster> {
    let router = router().map_request(|request: Request<Bytes>| request.map(Full::new));
    Ok(FakeCluster::builder()
        .server(|server| server.webhook(HOST, router))
        .build()?)
}

/// Makes a clock in one version, and tells how all versions show it.
async fn shown(client: &Client, version: &str, spec: &Value) -> Result<Vec<(&'static str, Value)>> {
    let clocks = |version: &str| {
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("examples.seatrial.dev", version, "Clock"));
        (
            Api::<DynamicObject>::default_namespaced_with(client.clone(), &kind),
            kind,
        )
    };
    let (own, kind) = clocks(version);
    let mut clock = DynamicObject::new("", &kind).data(json!({"spec": spec}));
    clock.metadata.name = None;
    clock.metadata.generate_name = Some("tower-".to_owned());
    let made = own.create(&PostParams::default(), &clock).await?;
    let name = made.metadata.name.unwrap_or_default();
    let mut shown = Vec::new();
    for version in ["v1", "v2", "v3"] {
        let mut clock = clocks(version).0.get(&name).await?;
        shown.push((version, clock.data["spec"].take()));
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn registered() -> Client {
        let client = cluster().unwrap().client();
        register(client.clone(), HOST.to_owned(), ByteString::default())
            .await
            .unwrap();
        client
    }

    #[tokio::test(start_paused = true)]
    async fn every_version_shows_what_the_others_wrote() {
        let client = registered().await;
        let forms = [
            ("v1", json!({"time": "07:30"})),
            ("v2", json!({"minutes": 450})),
            ("v3", json!({"hours": 7, "minutes": 30})),
        ];
        for (version, spec) in &forms {
            assert_eq!(shown(&client, version, spec).await.unwrap(), forms);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_converted_is_refused_with_the_reason() {
        let client = registered().await;
        let error = shown(&client, "v1", &json!({"time": "noon"})).await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&format!("converting to {HUB} failed: \"noon\" is no time")),
            "{error}"
        );
    }
}
