//! What an apiserver asks before it stores an object: a webhook that denies some and completes others.
//!
//! `cargo run -p examples --example admission_webhook` shows what is answered to some reviews. With
//! `--kubeconfig https://HOST:8443 tls.crt tls.key` it registers the webhook in a real cluster, under an address that the cluster reaches
//! and for which the certificate holds, and serves it there.

use anyhow::Result;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use k8s_openapi::{
    ByteString,
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        core::v1::Pod,
    },
};
use seatrial::{
    Api, Client,
    core::admission::{AdmissionRequest, AdmissionResponse, Operation},
    runtime::webhook::{self, Router},
    testkit::FakeCluster,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

fn main() -> Result<()> {
    examples::serving::start(router(), register, async || {
        for line in play(&FakeCluster::new()).await? {
            println!("{line}");
        }
        Ok(())
    })
}

fn router() -> Router {
    Router::new()
        .admit("/validate-pods", validate)
        .admit("/mutate-pods", mutate)
}

/// Denies pods whose images name no version.
async fn validate(request: AdmissionRequest<Pod>) -> AdmissionResponse {
    let answer = AdmissionResponse::from(&request);
    let containers = request
        .object
        .and_then(|pod| pod.spec)
        .map(|spec| spec.containers);
    let floating = containers.into_iter().flatten().find(|container| {
        let image = container.image.as_deref().unwrap_or_default();
        let tag = image
            .rsplit('/')
            .next()
            .and_then(|name| name.split_once(':'))
            .map(|(_, tag)| tag);
        !image.contains('@') && matches!(tag, None | Some("latest"))
    });
    match floating {
        Some(container) => answer.deny(format!(
            "the image of container {} names no version",
            container.name
        )),
        None => answer,
    }
}

/// Gives new pods a label.
async fn mutate(request: AdmissionRequest<Pod>) -> AdmissionResponse {
    let answer = AdmissionResponse::from(&request);
    let Some(pod) = request
        .object
        .filter(|_| matches!(request.operation, Operation::Create))
    else {
        return answer;
    };
    let mut labelled = pod.clone();
    labelled
        .metadata
        .labels
        .get_or_insert_default()
        .entry("team".to_owned())
        .or_insert_with(|| "unknown".to_owned());
    let patched = webhook::diff(&pod, &labelled).map(|patch| answer.clone().with_patch(patch));
    match patched {
        Ok(Ok(patched)) => patched,
        Ok(Err(error)) => answer.deny(error),
        Err(error) => answer.deny(error),
    }
}

/// Tells an apiserver where the webhook is, and whose certificate to trust.
async fn register(client: Client, url: String, trusted: ByteString) -> Result<()> {
    let configuration = |path: &str, operations: &[&str]| {
        json!({
            "metadata": {"name": format!("{path}.examples.seatrial.dev")},
            "webhooks": [{
                "name": format!("{path}.examples.seatrial.dev"),
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                // While nobody serves it, pods are stored as they are.
                "failurePolicy": "Ignore",
                "clientConfig": {"url": format!("{url}/{path}"), "caBundle": trusted},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": operations}],
            }],
        })
    };
    let mutating = Api::<MutatingWebhookConfiguration>::all(client.clone());
    mutating
        .apply(&configuration("mutate-pods", &["CREATE"]), "admission-webhook")
        .await?;
    let validating = Api::<ValidatingWebhookConfiguration>::all(client);
    validating
        .apply(
            &configuration("validate-pods", &["CREATE", "UPDATE"]),
            "admission-webhook",
        )
        .await?;
    Ok(())
}

/// Registers the webhook in an embedded cluster. That calls no admission webhooks, so that the program posts the reviews, and tells what is answered.
async fn play(cluster: &FakeCluster) -> Result<Vec<String>> {
    let url = "https://pods.example.com".to_owned();
    register(cluster.client(), url, ByteString::default()).await?;
    let mut lines = Vec::new();
    for (operation, image) in [
        ("CREATE", "web:1"),
        ("UPDATE", "web:1"),
        ("CREATE", "registry:5000/web"),
        ("UPDATE", "web:latest"),
        ("CREATE", "web@sha256:0"),
    ] {
        let pod = json!({
            "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "web", "image": image}]},
        });
        let mutated = ask("/mutate-pods", operation, &pod).await?;
        let validated = ask("/validate-pods", operation, &pod).await?;
        let patch = if mutated["patch"].is_string() {
            "patched"
        } else {
            "left alone"
        };
        let denial = match validated["status"]["message"].as_str() {
            Some(why) => format!("denied: {why}"),
            None => "allowed".to_owned(),
        };
        lines.push(format!("{operation} {image}: {patch}, {denial}"));
    }
    Ok(lines)
}

/// What the router answers to a review as an apiserver posts it.
async fn ask(path: &str, operation: &str, object: &Value) -> Result<Value> {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "0d4cbf3a", "operation": operation, "name": "web", "namespace": "default",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "userInfo": {"username": "somebody"}, "object": object, "dryRun": false,
        },
    });
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(review.to_string()))?;
    let Ok(response) = router().oneshot(request).await;
    let mut answer: Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
    Ok(answer["response"].take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn some_are_denied_and_new_ones_get_a_label() {
        let cluster = FakeCluster::new();
        assert_eq!(
            play(&cluster).await.unwrap(),
            [
                "CREATE web:1: patched, allowed",
                "UPDATE web:1: left alone, allowed",
                "CREATE registry:5000/web: patched, denied: the image of container web names no version",
                "UPDATE web:latest: left alone, denied: the image of container web names no version",
                "CREATE web@sha256:0: patched, allowed",
            ]
        );
        let registered = Api::<ValidatingWebhookConfiguration>::all(cluster.client());
        let registered = registered
            .get("validate-pods.examples.seatrial.dev")
            .await
            .unwrap();
        let webhooks = registered.webhooks.unwrap();
        let url = webhooks[0].client_config.url.as_deref();
        assert_eq!(url, Some("https://pods.example.com/validate-pods"));
    }
}
