//! seatrial.

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
pub use seatrial as root;
use seatrial::{
    core::decode::Decode,
    runtime::{
        WatchStreamExt as _, reflector,
        watcher::{self, watcher},
    },
};

use crate::service::Server;

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

/// A store with all objects, filled without handing their events on: nothing is copied. The peer has no such way.
pub async fn fill_changes(server: &Server, config: watcher::Config) -> impl Sized + use<> {
    let (reader, writer) = reflector::store::<Pod>();
    let pods = pods(programs::client(server), false);
    let mut changes = Box::pin(watcher(pods, config).reflect_changes(writer));
    let mut left = server.objects();
    while left > 0 {
        let change = changes.next().await.expect("a watch does not end");
        change.expect("the list succeeds");
        left -= 1;
    }
    (reader, changes)
}

/// A client as production has it, with retries and a limit on the time of a request.
pub fn production_client(server: &Server) -> root::Client {
    root::client::ClientBuilder::stack("default")
        .transport(server.clone())
        .build()
}
