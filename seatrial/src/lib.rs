//! A Kubernetes client, controller runtime and derive for Rust that are built to be tested.
//!
//! The surface is that of kube 5.0.0: a program written for it builds after one change in its manifest,
//!
//! ```toml
//! [dependencies]
//! kube = { package = "seatrial", version = "0.1", features = ["runtime", "derive"] }
//! ```
//!
//! and with the feature `testkit` its controllers run inside `cargo test` against a faithful apiserver in memory.
//!
//! This crate holds no code of its own: it names what the crates behind it define.

#[doc(inline)]
pub use seatrial_client::core;
#[cfg(feature = "client")]
#[doc(inline)]
pub use seatrial_client::{Api, Client, Error, Result, api, client, error};
#[doc(inline)]
pub use seatrial_client::{CustomResourceExt, Resource, ResourceExt};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use seatrial_derive::CustomResource;

#[cfg(feature = "runtime")]
#[doc(inline)]
pub use seatrial_runtime as runtime;

#[cfg(feature = "testkit")]
#[doc(inline)]
pub use seatrial_testkit as testkit;
