//! A cache served over HTTP with axum: `/configs` lists the ConfigMaps, `/configs/{namespace}/{name}` shows one, `/readyz` says whether the cache is complete.
//!
//! `cargo run -p examples --example reflector_http` listens on a free port of 127.0.0.1.

use anyhow::{Context as _, Result};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use examples::Say;
use futures::{TryStreamExt as _, future::try_join};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::PostParams,
    runtime::{
        WatchStreamExt as _,
        reflector::{ObjectRef, Store, store},
        watcher::{self, Health, watcher},
    },
    testkit::FakeCluster,
};
use serde_json::{Value, json};

fn main() -> Result<()> {
    examples::start(serve, play)
}

/// What the handlers read.
#[derive(Clone)]
struct Shared {
    configs: Store<ConfigMap>,
    health: Health,
}

/// Fills a cache, and serves it.
async fn serve(client: Client, say: Say) -> Result<()> {
    let (filling, router) = cache(client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    say.line(format!("http://{}/configs", listener.local_addr()?));
    let serving = async { axum::serve(listener, router).await.context("the server ended") };
    try_join(filling, serving).await.map(drop)
}

/// What fills the cache, and what serves it.
fn cache(client: Client) -> (impl Future<Output = Result<()>>, Router) {
    let (configs, writer) = store::<ConfigMap>();
    let events = watcher(Api::all(client), watcher::Config::default());
    let health = events.health();
    let filling = async move {
        events
            .reflect_changes(writer)
            .try_for_each(async |_| Ok(()))
            .await?;
        Ok(())
    };
    let router = Router::new()
        .route("/readyz", get(readyz))
        .route("/configs", get(list))
        .route("/configs/{namespace}/{name}", get(show))
        .with_state(Shared { configs, health });
    (filling, router)
}

async fn readyz(State(shared): State<Shared>) -> (StatusCode, String) {
    let age = shared.health.last_event_age().map_or(0, |age| age.as_secs());
    if shared.configs.is_ready() && !shared.health.is_stale() {
        (StatusCode::OK, format!("heard of {age} s ago\n"))
    } else {
        let error = shared
            .health
            .last_error()
            .unwrap_or_else(|| "the first list is under way".to_owned());
        (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))
    }
}

async fn list(State(shared): State<Shared>) -> Json<Vec<String>> {
    let names = shared.configs.state().into_iter();
    Json(
        names
            .map(|object| format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any()))
            .collect(),
    )
}

async fn show(
    State(shared): State<Shared>,
    Path((namespace, name)): Path<(String, String)>,
) -> Result<Json<Value>, StatusCode> {
    let found = shared.configs.get(&ObjectRef::new(&name).within(&namespace));
    let object = found.ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(json!(object.data)))
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
    let object = serde_json::from_value(json!({"metadata": {"name": "settings"}, "data": {"mode": "fast"}}))?;
    configs.create(&PostParams::default(), &object).await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use futures::future::{Either, select};

    use super::*;

    /// The code and text that a path is answered with.
    async fn ask(router: &Router, path: &str) -> (u16, String) {
        examples::probes::ask(router, path).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_cache_answers() {
        let cluster = FakeCluster::new();
        let (filling, router) = cache(cluster.client());
        assert_eq!(
            ask(&router, "/readyz").await,
            (503, "the first list is under way\n".to_owned())
        );
        let script = async {
            play(cluster.clone()).await.unwrap();
            assert_eq!(ask(&router, "/readyz").await.0, 200);
            assert_eq!(
                ask(&router, "/configs").await,
                (200, r#"["default/settings"]"#.to_owned())
            );
            assert_eq!(
                ask(&router, "/configs/default/settings").await,
                (200, r#"{"mode":"fast"}"#.to_owned())
            );
            assert_eq!(ask(&router, "/configs/default/other").await.0, 404);
        };
        let (filling, script) = (std::pin::pin!(filling), std::pin::pin!(script));
        let ended = select(filling, script).await;
        assert!(matches!(ended, Either::Right(_)), "the watch does not end");
    }
}
