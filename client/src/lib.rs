//! Kubernetes API types and a client around an injectable [`tower`](https://docs.rs/tower) service.
//!
//! [`core`] is the sans-IO half: it can be used alone, without the default feature `client`.

pub mod core;

#[cfg(feature = "config")]
pub mod config;

#[cfg(feature = "client")]
pub mod env;

#[cfg(feature = "client")]
pub mod error;

#[cfg(feature = "client")]
pub mod client;

#[cfg(feature = "client")]
mod transport;

#[cfg(feature = "client")]
pub mod api;

#[cfg(feature = "client")]
pub mod discovery;

#[cfg(feature = "client")]
pub mod manifests;

#[cfg(feature = "config")]
pub use self::config::Config;
pub use self::core::{CustomResourceExt, Resource, ResourceExt};

#[cfg(feature = "client")]
pub use self::{
    api::Api,
    client::Client,
    discovery::Discovery,
    env::Env,
    error::{Error, Result},
};
