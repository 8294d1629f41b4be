//! Clients of kube 5.0.0 over the same links, so that a program that was written with kube is tested as it is.
//!
//! **Invariant:** what kube's client does of its own stays kube's. Its policy of retries is the one that it has in production, and nothing
//! of our client's comes between it and the link: neither retries nor limits.
//!
//! What no environment reaches stays out of hand: kube iterates hash maps, and draws the jitter of its waits from the process. A world
//! with such a program is repeatable most of the times, not always; [`sweep`] measures how often, and tells it.

use kube_client::client::retry::RetryPolicy;
use seatrial_client::{Client, Error, client::Body};
use tower::{BoxError, ServiceBuilder, retry::RetryLayer};

use crate::{FailureKind, Sweep, sim::HiddenTimers};

/// A client of kube over the link of one of ours, be it a simulated process's or a [`FakeCluster`](crate::FakeCluster)'s.
///
/// Call it within a tokio runtime, as kube's own constructor must be: its client has a task of its own.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube_client::Api;
/// use seatrial_testkit::{FakeCluster, kube};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::builder()
///     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}")
///     .build()
///     .unwrap();
/// let configs: Api<ConfigMap> = Api::default_namespaced(kube::client(&cluster.client()));
/// assert_eq!(configs.get("settings").await.unwrap().data.unwrap()["mode"], "fast");
/// # });
/// ```
///
/// # Panics
/// Outside of a tokio runtime.
pub fn client(client: &Client) -> kube_client::Client {
    let namespace = client.default_namespace().to_owned();
    let link = client
        .clone()
        .with_retry(None)
        .with_request_timeout(None)
        .with_deadline(None);
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::server_retry()))
        .service_fn(move |mut request: http::Request<kube_client::client::Body>| {
            let link = link.clone();
            request.extensions_mut().insert(HiddenTimers);
            async move { link.send(request.map(Body::wrap)).await.map_err(cause) }
        });
    kube_client::Client::new(service, namespace)
}

/// Sweeps a controller that was written with kube; see [`sweep`](crate::sweep()).
///
/// Where runs with one seed differ, the sweep goes on: its [`Report`](crate::Report) says how many of 20 were the same, and each
/// [`Finding`](crate::Finding) in how many of 20 it was seen again.
///
/// Further processes take their clients by [`client`]: `.process("other", |client| other(kube::client(&client)))`.
pub fn sweep<F, Fut>(controller: F) -> Sweep
where
    F: Fn(kube_client::Client) -> Fut + 'static,
    Fut: Future + 'static,
{
    crate::sweep(move |link| controller(client(&link))).allow(FailureKind::NotRepeatable)
}

/// What the link said, as kube's client would hear it from a connection.
fn cause(error: Error) -> BoxError {
    match error {
        Error::Service(cause) => cause,
        other => other.into(),
    }
}
