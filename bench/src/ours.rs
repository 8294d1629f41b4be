//! seatrial.

use k8s_openapi::api::core::v1::Pod;
pub use seatrial as root;
use seatrial::core::decode::Decode;

#[path = "programs.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for both sides")]
pub mod programs;

/// All pods, their managed fields skipped while decoding if that is asked for.
fn pods(client: root::Client, skip: bool) -> root::Api<Pod> {
    let decode = Decode::default();
    root::Api::all(client).with_decode(if skip {
        decode.skip_managed_fields()
    } else {
        decode
    })
}

/// A client as production has it, with retries and a limit on the time of a request.
pub fn production_client(server: &crate::service::Server) -> root::Client {
    root::client::ClientBuilder::stack("default")
        .transport(server.clone())
        .build()
}
