//! The server of this crate as something to replay against.

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{Actor, FakeApiServer, UserInfo, VirtualClock};
use tower::ServiceExt as _;

use super::format::Transcript;
use super::target::{Body, Target};
use super::webhook;

/// When the virtual clock starts; no rule depends on it.
const EPOCH: &str = "2026-06-01T00:00:00Z";
/// Any would do: what is drawn is normalised.
const SEED: u64 = 1;

/// A fresh server for a transcript; the cluster's own controllers run where they ran in the recording.
pub(crate) fn fresh(transcript: &Transcript) -> Box<dyn Target> {
    let epoch = EPOCH.parse().expect("the constant is a time");
    let actors = if transcript.name.starts_with("gc/") {
        Actor::ALL.as_slice()
    } else {
        &[]
    };
    let server = FakeApiServer::builder()
        .seed(SEED)
        .token(
            "admin-token",
            UserInfo::new("admin").uid("admin-uid").group("system:masters"),
        )
        .token(
            "alice-token",
            UserInfo::new("alice").uid("alice-uid").group("developers"),
        )
        .webhook_with_certificate(
            webhook::ADDRESS,
            webhook::CERTIFICATE,
            tower::service_fn(webhook::answer),
        )
        .clock(VirtualClock::starting_at(epoch));
    Box::new(InProcess(server.actors(actors.iter().copied()).build()))
}

struct InProcess(FakeApiServer);

impl Target for InProcess {
    fn call(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> LocalBoxFuture<'_, Result<http::Response<Body>, String>> {
        let server = self.0.clone();
        async move {
            let Ok(response) = server.oneshot(request).await;
            Ok(response.map(|body| body.map_err(|never| match never {}).boxed_unsync()))
        }
        .boxed_local()
    }

    fn compact(&self) {
        self.0.compact();
    }
}
