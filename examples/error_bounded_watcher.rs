//! A program that ends after too many errors in a short time, so that whoever runs it starts it anew.
//!
//! A watcher goes on by itself whatever happens, and tells of what does not pass quickly. Most programs log that and go on; this one has a bound.
//!
//! `cargo run -p examples --example error_bounded_watcher`

use std::{collections::VecDeque, time::Duration};

use anyhow::{Result, bail};
use examples::Say;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::PostParams,
    runtime::{
        WatchStreamExt as _,
        watcher::{self, watcher},
    },
    testkit::{
        FakeCluster,
        fault::{Rule, TransportFault},
    },
};
use serde_json::json;

/// So many errors, within so long, are too many.
const ERRORS_MAX: usize = 5;
const WINDOW: Duration = Duration::from_secs(600);

fn main() -> Result<()> {
    examples::start(watch, play)
}

async fn watch(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    let events = watcher(
        Api::<ConfigMap>::default_namespaced(client),
        watcher::Config::default(),
    );
    let health = events.health();
    let mut objects = events.applied_objects();
    let mut errors = VecDeque::new();
    while let Some(object) = objects.next().await {
        match object {
            Ok(object) => say.line(object.name_any()),
            Err(error) => {
                let now = env.monotonic();
                errors.push_back(now);
                errors.retain(|at| now.saturating_sub(*at) < WINDOW);
                say.line(format!("error {} of {ERRORS_MAX}: {error}", errors.len()));
                if errors.len() >= ERRORS_MAX {
                    bail!(
                        "too many errors; the last: {}",
                        health.last_error().unwrap_or_default()
                    );
                }
            }
        }
    }
    Ok(())
}

/// The network is bad, then good, then gone.
async fn play(cluster: FakeCluster) -> Result<()> {
    let bad = |times| Rule::new(TransportFault::Refused).on("configmaps?").times(times);
    cluster.faults().inject(bad(4));
    cluster.env().sleep(Duration::from_secs(60)).await;
    let object = serde_json::from_value::<ConfigMap>(json!({"metadata": {"name": "settings"}}))?;
    Api::default_namespaced(cluster.client())
        .create(&PostParams::default(), &object)
        .await?;
    cluster.faults().inject(bad(usize::MAX));
    cluster.env().sleep(Duration::from_secs(3600)).await;
    bail!("nobody gave up")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_hour_is_too_much_and_a_bad_moment_is_not() {
        let error = examples::simulate(watch, play).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("too many errors; the last: the watch could not be opened"),
            "{text}"
        );
        assert!(text.ends_with("connection refused"), "{text}");
    }
}
