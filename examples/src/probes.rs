//! What a process serves about itself: `/metrics` for Prometheus, `/healthz` and `/readyz` for the kubelet.
//!
//! The queue's metrics are called as those of controllers in Go are, so that what shows them shows these.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use http_body_util::BodyExt as _;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, prometheus_text},
    metrics::{
        MetricType, TypedMetric,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use seatrial::runtime::{
    controller::{Metrics, ReconcileResult},
    manager, watcher,
};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// Names and values of labels.
type Labels<const N: usize> = [(&'static str, String); N];

/// Measurements of controllers, in the form that Prometheus wants them.
#[derive(Clone)]
pub struct Measurements {
    depth: Family<Labels<1>, Gauge>,
    waited: Family<Labels<1>, Histogram, fn() -> Histogram>,
    retries: Family<Labels<1>, Counter>,
    results: Family<Labels<2>, Counter>,
    took: Family<Labels<1>, Histogram, fn() -> Histogram>,
    watches: Watches,
}

/// How watches are doing, asked whenever somebody wants to know.
#[derive(Clone, Default)]
struct Watches(Arc<Mutex<Vec<(Labels<2>, watcher::Health)>>>);

// === impl Measurements ===

impl Default for Measurements {
    fn default() -> Self {
        // From a millisecond to a minute.
        let histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 17));
        Self {
            depth: Family::default(),
            waited: Family::new_with_constructor(histogram),
            retries: Family::default(),
            results: Family::default(),
            took: Family::new_with_constructor(histogram),
            watches: Watches::default(),
        }
    }
}

impl Measurements {
    /// All of them under their names.
    fn registry(self) -> Registry {
        let mut registry = Registry::default();
        registry.register("workqueue_depth", "Objects that wait for a place", self.depth);
        registry.register(
            "workqueue_queue_duration_seconds",
            "How long objects waited for a place",
            self.waited,
        );
        registry.register(
            "workqueue_retries",
            "Runs that will be tried again after a while",
            self.retries,
        );
        registry.register("reconcile", "Runs that ended", self.results);
        registry.register("reconcile_time_seconds", "How long runs took", self.took);
        registry.register_collector(Box::new(self.watches));
        registry
    }
}

impl Metrics for Measurements {
    fn queue_depth(&self, controller: &str, depth: usize) {
        let depth = i64::try_from(depth).unwrap_or(i64::MAX);
        self.depth.get_or_create(&of(controller)).set(depth);
    }

    fn queue_latency(&self, controller: &str, waited: Duration) {
        let histogram = self.waited.get_or_create(&of(controller));
        histogram.observe(waited.as_secs_f64());
    }

    fn reconciled(&self, controller: &str, result: ReconcileResult, took: Duration) {
        let [controller] = of(controller);
        let result = ("result", result.as_str().to_owned());
        self.results.get_or_create(&[controller.clone(), result]).inc();
        self.took.get_or_create(&[controller]).observe(took.as_secs_f64());
    }

    fn retrying(&self, controller: &str, _: Duration) {
        self.retries.get_or_create(&of(controller)).inc();
    }

    fn watching(&self, controller: &str, watch: &str, health: &watcher::Health) {
        let [controller] = of(controller);
        let labels = [controller, ("watch", watch.to_owned())];
        let mut watches = self.watches.0.lock().unwrap_or_else(PoisonError::into_inner);
        watches.push((labels, health.clone()));
    }
}

fn of(controller: &str) -> Labels<1> {
    [("controller", controller.to_owned())]
}

// === impl Watches ===

impl Watches {
    /// One number of each watch.
    fn each<M: EncodeMetric + TypedMetric>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        name: &str,
        help: &str,
        metric: impl Fn(&watcher::Health) -> M,
    ) -> fmt::Result {
        let mut family = encoder.encode_descriptor(name, help, None, M::TYPE)?;
        for (labels, health) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            metric(health).encode(family.encode_family(labels)?)?;
        }
        Ok(())
    }
}

impl Collector for Watches {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.each(
            &mut encoder,
            "watch_age_seconds",
            "How long ago the server last told something of the watch",
            // What was never heard of is as old as can be.
            |health| {
                let age = health.last_event_age();
                ConstGauge::new(age.map_or(f64::INFINITY, |age| age.as_secs_f64()))
            },
        )?;
        self.each(
            &mut encoder,
            "watch_relists",
            "How often the whole set was told again",
            |health| ConstCounter::new(health.relists()),
        )?;
        self.each(
            &mut encoder,
            "watch_failures",
            "How many attempts failed since the last success",
            |health| ConstGauge::new(health.failures()),
        )?;
        self.each(
            &mut encoder,
            "watch_may_be_stale",
            "Whether what the watch told may be older than what was seen",
            |health| ConstGauge::new(u32::from(health.may_be_stale())),
        )
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watches").finish_non_exhaustive()
    }
}

/// Whether this process leads, or how many shards it holds.
#[derive(Debug)]
struct Held(manager::Health);

impl Collector for Held {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let family = encoder.encode_descriptor(
            "leases_held",
            "Whether this process leads, or how many shards it holds",
            None,
            MetricType::Gauge,
        )?;
        if let Some(leadership) = self.0.leadership() {
            ConstGauge::new(leadership.held().len()).encode(family)?;
        }
        Ok(())
    }
}

// === Serving ===

/// What the handlers read.
#[derive(Clone)]
struct Process {
    registry: Arc<Registry>,
    health: manager::Health,
}

/// Answers about the process of a manager: with `measurements`, which it is to be given as well, and with its `health`.
pub fn router(measurements: Measurements, health: manager::Health) -> Router {
    let mut registry = measurements.registry();
    registry.register_collector(Box::new(Held(health.clone())));
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(Process {
            registry: Arc::new(registry),
            health,
        })
}

async fn metrics(State(process): State<Process>) -> impl IntoResponse {
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &process.registry) {
        Ok(()) => (
            StatusCode::OK,
            [(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)],
            text,
        ),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            [(CONTENT_TYPE, "text/plain")],
            error.to_string(),
        ),
    }
}

async fn healthz(State(process): State<Process>) -> (StatusCode, String) {
    (code(process.health.is_live()), process.health.report())
}

async fn readyz(State(process): State<Process>) -> (StatusCode, String) {
    (code(process.health.is_ready()), process.health.report())
}

fn code(good: bool) -> StatusCode {
    if good {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// Serves on `listener` until dropped.
pub async fn serve(listener: TcpListener, router: Router) {
    // Connections that fail are logged, and the others go on; it does not end.
    if let Err(error) = axum::serve(listener, router).await {
        tracing::warn!(%error, "the server ended");
    }
}

/// What a router answers to `GET path`, without a connection: the code and the text.
///
/// # Errors
///
/// Those of the path and of the answer's body.
pub async fn ask(router: &Router, path: &str) -> Result<(u16, String)> {
    let request = Request::get(path).body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8(bytes.to_vec())?))
}
