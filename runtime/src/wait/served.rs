//! Waiting until a kind can be used.

use std::time::Duration;

use seatrial_client::{Client, core::ApiResource};

use super::Error;
use crate::utils::Exponential;

/// How long to wait between two looks: a CRD takes a second or so.
const DELAYS: Exponential = Exponential::new(Duration::from_millis(100), Duration::from_secs(5), 2.0, 0.5);

/// Waits until the server serves a kind, by the clock of the client for at most `timeout`.
///
/// A CRD that is [established](super::conditions::is_crd_established) is served a moment later, and where there are several API servers by each at a time of its own; so a program that makes a CRD
/// and then objects of it waits for this. It looks into the discovery document of the group and version. Other replicas may still be behind then: a 404 for a kind that is served is
/// [`is_not_served`](seatrial_client::Error::is_not_served), and passes.
///
/// ```
/// use std::time::Duration;
///
/// use seatrial_client::core::{ApiResource, GroupVersionKind};
/// use seatrial_runtime::wait::await_served;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let client = seatrial_testkit::FakeCluster::new().client();
/// let deployments = ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", "Deployment"));
/// await_served(&client, &deployments, Duration::from_secs(30)).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::DiscoveryFailed`] if the document may not be read, and [`Error::TimedOut`]. What passes, such as a server that cannot be reached, is waited out.
///
/// # Cancel safety
///
/// Nothing is lost by dropping the future.
pub async fn await_served(client: &Client, resource: &ApiResource, timeout: Duration) -> Result<(), Error> {
    let env = client.env();
    let waiting = async {
        // It waits between attempts by itself.
        let client = client.clone().with_retry(None);
        let mut rng = env.rng(&format!("served/{}/{}", resource.api_version, resource.plural));
        let mut attempt = 0;
        while !is_served(&client, resource).await? {
            env.sleep(DELAYS.delay(attempt, rng.f64())).await;
            attempt += 1;
        }
        Ok(())
    };
    env.timeout(timeout, Box::pin(waiting))
        .await
        .unwrap_or(Err(Error::TimedOut(timeout)))
}

/// Whether the kind is among those of its group and version, as far as the server can be asked.
async fn is_served(client: &Client, resource: &ApiResource) -> Result<bool, Error> {
    let answer = if resource.group.is_empty() {
        client.list_core_api_resources(&resource.version).await
    } else {
        client.list_api_group_resources(&resource.api_version).await
    };
    match answer {
        Ok(list) => Ok(list.resources.iter().any(|served| served.name == resource.plural)),
        Err(error) if error.is_forbidden() || error.is_unauthorized() => Err(Error::DiscoveryFailed(error)),
        Err(error) => {
            tracing::debug!(%error, "the kinds that are served cannot be read yet");
            Ok(false)
        }
    }
}
