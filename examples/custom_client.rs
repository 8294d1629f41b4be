//! A client of one's own: layers, retries, limits and warnings, with raw requests, dynamic kinds and paged lists on top.
//!
//! `cargo run -p examples --example custom_client` runs against an apiserver inside the process; with `--kubeconfig` it makes
//! its job and its ConfigMaps in the cluster of the kubeconfig, and deletes them at the end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail};
use futures::TryStreamExt as _;
use http::{Request, Response};
use k8s_openapi::api::batch::v1::Job;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, PostParams},
    client::{Body, ClientBuilder, Transport, Warnings, retry::RetryPolicy},
    testkit::FakeCluster,
};
use serde_json::json;
use tower::{BoxError, ServiceExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().init();
    let inner = match std::env::args().nth(1).as_deref() {
        None => FakeCluster::new().client(),
        Some("--kubeconfig") => Client::try_default().await?,
        Some(other) => bail!("unknown argument {other}; known is --kubeconfig"),
    };
    print!("{}", run(&inner).await?);
    Ok(())
}

/// A transport that is too busy for every third request.
fn busy(inner: Client, count: Arc<AtomicU32>) -> Transport {
    let service = tower::service_fn(move |request: Request<Body>| {
        let (inner, count) = (inner.clone(), Arc::clone(&count));
        async move {
            if count.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
                let refusal = Response::builder().status(429).header("retry-after", "1");
                return Ok::<_, BoxError>(refusal.body(Body::from(b"slow down".to_vec()))?);
            }
            Ok(inner.send(request).await?)
        }
    });
    Transport::new(service.map_err(BoxError::from))
}

/// Works with a client of its own, whose requests `inner` sends.
async fn run(inner: &Client) -> Result<String> {
    let count = Arc::new(AtomicU32::new(0));
    let warnings = Warnings::default();
    let client = ClientBuilder::stack(inner.default_namespace())
        .with_env(inner.env().clone())
        .with_user_agent("custom-client/1.0".parse()?)
        .with_retry(RetryPolicy::default().max_retries(2))
        .with_deadline(Duration::from_secs(10))
        .with_warnings(warnings.clone())
        .transport(busy(inner.clone(), Arc::clone(&count)))
        .with_layer(&tower::layer::layer_fn(|service: Transport| {
            service.map_request(|mut request: Request<Body>| {
                let id = http::HeaderValue::from_static("example");
                request.headers_mut().insert("x-request-id", id);
                request
            })
        }))
        .build();
    let mut text = String::new();

    // A raw request.
    let version = client.request_text(Request::get("/readyz").body(vec![])?).await?;
    text += &format!("readyz: {version}\n");

    // A job, by its type.
    let jobs: Api<Job> = Api::default_namespaced(client.clone());
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "pi-"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "pi", "image": "perl"}]}}},
    });
    let job = jobs
        .create(&PostParams::default(), &serde_json::from_value(job)?)
        .await?;
    text += &format!("job: {}\n", job.name_any().starts_with("pi-"));

    // ConfigMaps, by their names at run time, a page at a time.
    let maps = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
    let maps: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &maps);
    for index in 0..5 {
        let labels = json!({"app": "custom-client"});
        let object = json!({"metadata": {"name": format!("map-{index}"), "labels": labels}, "data": {}});
        maps.apply(&object, "custom-client").await?;
    }
    let ours = ListParams::default().labels("app=custom-client").limit(2);
    let pages = maps.list_stream(&ours);
    let names: Vec<_> = pages.map_ok(|map| map.name_any()).try_collect().await?;
    text += &format!("maps: {}\n", names.join(" "));

    for name in names {
        maps.delete_if_present(&name, &DeleteParams::default()).await?;
    }
    jobs.delete(&job.name_any(), &DeleteParams::background()).await?;
    text += &format!("warnings: {}\n", warnings.take().len());
    text += &format!("refused: {}\n", count.load(Ordering::Relaxed) / 3 > 2);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_busy_server_is_got_along_with() {
        let text = run(&FakeCluster::new().client()).await.unwrap();
        assert_eq!(
            text,
            "readyz: ok\njob: true\nmaps: map-0 map-1 map-2 map-3 map-4\nwarnings: 0\nrefused: true\n"
        );
    }
}
