//! kube 5.0.0.

use k8s_openapi::api::core::v1::Pod;
pub use kube as root;

#[path = "programs.rs"]
#[expect(clippy::duplicate_mod, reason = "one text for both sides")]
pub mod programs;

/// All pods; their managed fields cannot be skipped.
fn pods(client: root::Client, _skip: bool) -> root::Api<Pod> {
    root::Api::all(client)
}
