//! Watches that do not end and do not lie.
//!
//! [`watcher`] turns "list, then watch, and again whenever something breaks" into one stream of [`Event`]s. It resumes where it was when a
//! connection ends, lists again only when it must, waits between attempts, and never shows an object in a state older than one that it has
//! shown.
//!
//! Reading order: `event.rs` (what is told), `options.rs`, `effect.rs` and `machine.rs` (every decision), `guard.rs` (versions only grow), `error.rs` (what a failure means),
//! `driver.rs` (the requests), `health.rs` (how it is doing), `source.rs` (full objects or metadata).

mod driver;
mod effect;
mod error;
mod event;
mod guard;
mod health;
mod machine;
mod object;
mod options;
mod source;

use std::fmt::Debug;

use seatrial_client::{Api, Env, Resource, api::PartialObjectMeta};
use serde::de::DeserializeOwned;

pub(crate) use self::machine::Delays;
use self::source::{Full, Metadata};
pub use self::{
    driver::Watcher,
    error::{Error, Result},
    event::Event,
    health::Health,
    object::watch_object,
    options::{Config, InitialListStrategy, ListSemantic},
};
use crate::utils::Exponential;
pub use crate::utils::{DefaultBackoff, ExponentialBackoff};

/// Watches a set of objects for as long as the stream is polled.
///
/// The stream begins with the objects that exist, between [`Event::Init`] and [`Event::InitDone`], and goes on with their changes. It never
/// ends. An `Err` tells of an attempt that failed; the next one follows after a while by itself, so that the stream may simply be
/// polled on. See [`Error`] for what is told and what is not.
///
/// ```
/// use futures::StreamExt;
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client, ResourceExt};
/// use seatrial_runtime::watcher::{Config, Event, watcher};
///
/// async fn follow(client: Client) -> Vec<String> {
///     let configs = Api::<ConfigMap>::default_namespaced(client);
///     let mut events = watcher(configs, Config::default().labels("app=web"));
///     let mut there = Vec::new();
///     while let Some(event) = events.next().await {
///         match event {
///             Ok(Event::InitApply(config) | Event::Apply(config)) => there.push(config.name_any()),
///             Ok(Event::Delete(config)) => there.retain(|name| *name != config.name_any()),
///             Ok(Event::Init) => there.clear(),
///             // The first time that the set is complete is enough here; a watch goes on for ever.
///             Ok(Event::InitDone) => break,
///             // It is tried again by itself.
///             Err(error) => eprintln!("{error}"),
///         }
///     }
///     there
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let cluster = seatrial_testkit::FakeCluster::builder()
/// #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: web}}}")
/// #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}")
/// #     .build()?;
/// # assert_eq!(follow(cluster.client()).await, ["a"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For a set that is kept and looked up, put a [`reflector`](crate::reflector::reflector) behind it; to act on changes, a [`Controller`](crate::Controller) is the better beginning;
/// [`WatchStreamExt`](crate::WatchStreamExt) has adaptors for the rest.
///
/// Between attempts it waits from 0.8 s doubling to 30 s, plus up to as much again by chance, and at least as long as the server asks for. Anything
/// that the server tells ends that.
///
/// # Cancel safety
///
/// The stream can be dropped at any time, which closes its connection.
///
/// # Order
///
/// See [`Event`].
///
/// # Source
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
pub fn watcher<K>(api: Api<K>, watcher_config: Config) -> Watcher<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let env = api.client().env().clone();
    let delays = delays(&env, api.resource_url());
    watcher_over(api, env, watcher_config, delays)
}

/// Watches the metadata of a set of objects; otherwise the same as [`watcher`].
///
/// The server then sends little, and nothing else has to be decoded or kept.
pub fn metadata_watcher<K>(api: Api<K>, watcher_config: Config) -> Watcher<PartialObjectMeta<K>>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let env = api.client().env().clone();
    let delays = delays(&env, api.resource_url());
    // It waits between attempts by itself.
    let api = api.with_decode(watcher_config.decode()).with_retry(None);
    Watcher::new(Metadata(api), env, watcher_config, delays)
}

/// [`watcher`] that waits between attempts as `delays` says.
pub(crate) fn watcher_with_delays<K>(api: Api<K>, watcher_config: Config, delays: Delays) -> Watcher<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let env = api.client().env().clone();
    watcher_over(api, env, watcher_config, delays)
}

fn watcher_over<K>(api: Api<K>, env: Env, watcher_config: Config, delays: Delays) -> Watcher<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    // It waits between attempts by itself.
    let api = api.with_decode(watcher_config.decode()).with_retry(None);
    Watcher::new(Full(api), env, watcher_config, delays)
}

/// client-go's delays, with chance that belongs to the path that is watched.
pub(crate) fn delays(env: &Env, path: &str) -> Delays {
    let mut rng = env.rng(&format!("watcher{path}"));
    Box::new(move |attempt| Exponential::WATCH.delay(attempt, rng.f64()))
}
