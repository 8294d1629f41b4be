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
pub use seatrial_client::{Api, Client, Discovery, Error, Result, api, client, discovery, error, manifests};
#[cfg(feature = "config")]
#[doc(inline)]
pub use seatrial_client::{Config, config};
#[doc(inline)]
pub use seatrial_client::{CustomResourceExt, Resource, ResourceExt};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use seatrial_derive::{CELSchema, CustomResource, KubeSchema, Resource};

#[cfg(feature = "runtime")]
#[doc(inline)]
pub use seatrial_runtime as runtime;

#[cfg(feature = "testkit")]
#[doc(inline)]
pub use seatrial_testkit as testkit;

/// The traits that most programs use, for a glob import.
pub mod prelude {
    #[cfg(feature = "client")]
    pub use seatrial_client::core::util::Restart as _;
    pub use seatrial_client::core::{PartialObjectMetaExt as _, SelectorExt as _};
    pub use seatrial_client::{CustomResourceExt as _, Resource as _, ResourceExt as _};

    #[cfg(feature = "runtime")]
    pub use seatrial_runtime::utils::WatchStreamExt as _;
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
