//! Kubernetes API types and a client around an injectable [`tower`](https://docs.rs/tower) service.
//!
//! [`core`] is the sans-IO half: it can be used alone, without the default feature `client`.

pub mod core;

pub use self::core::{Resource, ResourceExt};
