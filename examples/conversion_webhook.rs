//! What an apiserver asks when an object is stored in one version and read in another: a webhook that converts through a hub.
//!
//! `cargo run -p examples --example conversion_webhook` converts an object from the first version to the last and back. In a cluster, name the webhook in `spec.conversion` of the CRD.

use anyhow::Result;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use seatrial::runtime::webhook::{Converter, Router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const V1: &str = "examples.seatrial.dev/v1";
const V2: &str = "examples.seatrial.dev/v2";
const HUB: &str = "examples.seatrial.dev/v3";

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let old =
        json!({"apiVersion": V1, "kind": "Clock", "metadata": {"name": "tower"}, "spec": {"time": "07:30"}});
    let new = runtime.block_on(convert(HUB, &[old]))?;
    println!(
        "{new:#}\n{:#}",
        runtime.block_on(convert(
            V2,
            new["response"]["convertedObjects"]
                .as_array()
                .map_or(&[], Vec::as_slice)
        ))?
    );
    Ok(())
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

/// What the webhook answers to objects that are to be of a version.
async fn convert(version: &str, objects: &[Value]) -> Result<Value> {
    let review = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "request": {"uid": "705ab4f5", "desiredAPIVersion": version, "objects": objects},
    });
    let request = Request::post("/convert")
        .header("content-type", "application/json")
        .body(Full::<bytes::Bytes>::from(review.to_string()))?;
    let response = match router().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    Ok(serde_json::from_slice(
        &response.into_body().collect().await?.to_bytes(),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(version: &str, spec: &Value) -> Value {
        json!({"apiVersion": version, "kind": "Clock", "metadata": {"name": "tower", "uid": "u"}, "spec": spec})
    }

    #[tokio::test]
    async fn every_version_leads_to_every_other_and_back() {
        let forms = [
            clock(V1, &json!({"time": "07:30"})),
            clock(V2, &json!({"minutes": 450})),
            clock(HUB, &json!({"hours": 7, "minutes": 30})),
        ];
        for from in &forms {
            for to in &forms {
                let answer = convert(to["apiVersion"].as_str().unwrap(), std::slice::from_ref(from))
                    .await
                    .unwrap();
                assert_eq!(answer["response"]["convertedObjects"], json!([to]), "{answer}");
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_converted_is_refused_with_the_reason() {
        let answer = convert(V2, &[clock(V1, &json!({"time": "noon"}))]).await.unwrap();
        let result = &answer["response"]["result"];
        assert_eq!(
            (&result["status"], &result["message"]),
            (
                &json!("Failure"),
                &json!(format!("converting to {HUB} failed: \"noon\" is no time"))
            )
        );
    }
}
