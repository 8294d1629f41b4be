//! What an apiserver asks before it stores an object: a webhook that denies some and completes others.
//!
//! `cargo run -p examples --example admission_webhook` shows a review and its answer. In a cluster, put the router behind a server that does TLS, and name it in a `ValidatingWebhookConfiguration`
//! or a `MutatingWebhookConfiguration`.

use anyhow::Result;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    core::admission::{AdmissionRequest, AdmissionResponse, Operation},
    runtime::webhook::{self, Router},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let review = review(
        "CREATE",
        &json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}),
    );
    println!(
        "{review:#}\n{:#}",
        runtime.block_on(ask("/mutate-pods", &review))?
    );
    Ok(())
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

/// A review as an apiserver posts it.
fn review(operation: &str, object: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "0d4cbf3a", "operation": operation, "name": "web", "namespace": "default",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "userInfo": {"username": "somebody"}, "object": object, "dryRun": false,
        },
    })
}

/// What the router answers on a path.
async fn ask(path: &str, review: &Value) -> Result<Value> {
    let request = Request::post(path)
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

    fn pod(image: &str) -> Value {
        json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": image}]}})
    }

    #[tokio::test]
    async fn images_without_a_version_are_denied() {
        for (image, allowed) in [
            ("web:1", true),
            ("registry:5000/web", false),
            ("web:latest", false),
            ("web@sha256:0", true),
        ] {
            let answer = ask("/validate-pods", &review("CREATE", &pod(image)))
                .await
                .unwrap();
            assert_eq!(answer["response"]["allowed"], allowed, "{image}: {answer}");
        }
        let answer = ask("/validate-pods", &review("UPDATE", &pod("web")))
            .await
            .unwrap();
        assert_eq!(
            answer["response"]["status"]["message"],
            "the image of container web names no version"
        );
    }

    #[tokio::test]
    async fn new_pods_get_a_label_and_others_are_left_alone() {
        let answer = ask("/mutate-pods", &review("CREATE", &pod("web:1")))
            .await
            .unwrap();
        assert_eq!(
            (
                &answer["response"]["allowed"],
                answer["response"]["patch"].is_string()
            ),
            (&json!(true), true)
        );
        let answer = ask("/mutate-pods", &review("UPDATE", &pod("web:1")))
            .await
            .unwrap();
        assert_eq!(
            (&answer["response"]["allowed"], &answer["response"]["patch"]),
            (&json!(true), &Value::Null)
        );
    }
}
