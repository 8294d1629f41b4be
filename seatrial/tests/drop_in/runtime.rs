//! The paths of kube_runtime that exist here under the same name.
//!
//! Each probe names the path as kube 5.0.0 lists it and uses ours with the same arguments; it is compiled, never run.
#![allow(missing_docs, unused_imports, dead_code, clippy::all, unreachable_code, deprecated)]

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial as kube;
use serde_json::Value;

use super::{arg, same};


same! { "kube_runtime" => use kube::runtime as _N; }
