//! The server of this crate as something to replay against.

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{FakeApiServer, VirtualClock};
use tower::ServiceExt as _;

use super::format::Transcript;
use super::target::{Body, Target};

/// When the virtual clock starts; no rule depends on it.
const EPOCH: &str = "2026-06-01T00:00:00Z";
/// Any would do: what is drawn is normalised.
const SEED: u64 = 1;

/// A fresh server for a transcript.
pub(crate) fn fresh(_: &Transcript) -> Box<dyn Target> {
    let epoch = EPOCH.parse().expect("the constant is a time");
    Box::new(InProcess(
        FakeApiServer::builder()
            .seed(SEED)
            .clock(VirtualClock::starting_at(epoch))
            .build(),
    ))
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
