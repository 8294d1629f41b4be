//! A kind that grew a second version: clients of either see every object, and nothing is lost between them.
//!
//! `cargo run -p examples --example crd_versions` runs the apiserver and the conversion webhook in one process. In a cluster the
//! webhook is served over HTTPS, and the definition names its Service.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, WebhookClientConfig,
};
use seatrial::{
    Api, Client, CustomResourceExt,
    api::PostParams,
    core::conversion::Hub,
    runtime::{
        wait::{await_condition, conditions},
        webhook::Router,
    },
    testkit::FakeCluster,
};
use tower::ServiceExt as _;

/// How it began: a time as text.
mod v1 {
    use schemars::JsonSchema;
    use seatrial::CustomResource;
    use serde::{Deserialize, Serialize};

    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "examples.seatrial.dev", version = "v1", kind = "Alarm", namespaced)]
    #[kube(storage = false, hub = "super::v2::Alarm")]
    pub(crate) struct AlarmSpec {
        /// Hours and minutes: `7:30`.
        pub(crate) at: String,
    }
}

/// What it became, and what is stored: the hub.
mod v2 {
    use schemars::JsonSchema;
    use seatrial::CustomResource;
    use serde::{Deserialize, Serialize};

    // The test that the derive writes draws texts that are no times; the test below draws times.
    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "examples.seatrial.dev", version = "v2", kind = "Alarm", namespaced)]
    #[kube(hub(super::v1::Alarm), round_trip = false)]
    pub(crate) struct AlarmSpec {
        #[schemars(range(max = 23))]
        pub(crate) hour: u8,
        #[schemars(range(max = 59))]
        pub(crate) minute: u8,
    }
}

impl From<v1::AlarmSpec> for v2::AlarmSpec {
    fn from(old: v1::AlarmSpec) -> Self {
        let (hour, minute) = old.at.split_once(':').unwrap_or((&old.at, "0"));
        Self {
            hour: hour.parse().unwrap_or_default(),
            minute: minute.parse().unwrap_or_default(),
        }
    }
}

impl From<v2::AlarmSpec> for v1::AlarmSpec {
    fn from(new: v2::AlarmSpec) -> Self {
        Self {
            at: format!("{}:{:02}", new.hour, new.minute),
        }
    }
}

/// Where the webhook is.
const HOST: &str = "https://alarms.example.com";

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for line in runtime.block_on(show(cluster()?.client()))? {
        println!("{line}");
    }
    Ok(())
}

/// A cluster from which the webhook can be reached.
fn cluster() -> Result<FakeCluster> {
    let router = Router::new().convert("/convert", v2::Alarm::conversions());
    let webhook = router.map_request(|request: Request<Bytes>| request.map(Full::new));
    Ok(FakeCluster::builder()
        .server(|server| server.webhook(HOST, webhook))
        .build()?)
}

async fn show(client: Client) -> Result<Vec<String>> {
    let webhook = WebhookClientConfig {
        url: Some(format!("{HOST}/convert")),
        ..WebhookClientConfig::default()
    };
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    crds.create(
        &PostParams::default(),
        &v2::Alarm::conversions().definition("v2", webhook)?,
    )
    .await?;
    await_condition(crds, v2::Alarm::crd_name(), conditions::is_crd_established()).await?;

    let (old, new): (Api<v1::Alarm>, Api<v2::Alarm>) = (
        Api::default_namespaced(client.clone()),
        Api::default_namespaced(client),
    );
    old.create(
        &PostParams::default(),
        &v1::Alarm::new(
            "work",
            v1::AlarmSpec {
                at: "7:30".to_owned(),
            },
        ),
    )
    .await?;
    new.create(
        &PostParams::default(),
        &v2::Alarm::new("rest", v2::AlarmSpec { hour: 9, minute: 5 }),
    )
    .await?;

    let mut lines = Vec::new();
    for alarm in old.list(&Default::default()).await? {
        lines.push(format!(
            "v1 {}: {}",
            alarm.metadata.name.context("a stored object has a name")?,
            alarm.spec.at
        ));
    }
    for alarm in new.list(&Default::default()).await? {
        let v2::AlarmSpec { hour, minute } = alarm.spec;
        lines.push(format!(
            "v2 {}: {hour} h {minute} min",
            alarm.metadata.name.context("a stored object has a name")?
        ));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_version_shows_what_the_other_wrote() {
        let lines = show(cluster().unwrap().client()).await.unwrap();
        assert_eq!(
            lines,
            [
                "v1 rest: 9:05",
                "v1 work: 7:30",
                "v2 rest: 9 h 5 min",
                "v2 work: 7 h 30 min"
            ]
        );
    }

    #[test]
    fn no_time_of_day_is_lost() {
        for minute in 0..24 * 60_u16 {
            let (hour, minute) = ((minute / 60) as u8, (minute % 60) as u8);
            let there = v1::AlarmSpec::from(v2::AlarmSpec { hour, minute });
            let back = v2::AlarmSpec::from(there);
            assert_eq!((back.hour, back.minute), (hour, minute));
        }
    }
}
