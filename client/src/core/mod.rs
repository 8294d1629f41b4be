//! The sans-IO half of the client: API types, requests as values, answers decoded from bytes.
//!
//! It turns a verb, a place and its options into an [`http::Request`], and bytes into typed objects. Nothing here opens a socket, reads a
//! clock, a file or a random source, or awaits anything: every decision of the protocol can be tested with a table.
//!
//! **Invariant:** this module imports nothing else of the crate.
//!
//! Reading order: [`gvk`] and [`discovery`] name kinds; [`Resource`] ties a Rust type to a kind; [`metadata`], [`object`] and [`dynamic`]
//! are the objects; [`params`], [`labels`] and [`fields`] are what a verb may be told; [`request`] builds requests; [`response`], [`watch`] and [`decode`] read
//! the answers.

pub mod gvk;

pub mod discovery;

mod resource;
pub use resource::{
    ClusterResourceScope, DynamicResourceScope, NamespaceResourceScope, NamespaceScope, Resource,
    ResourceExt, ResourceScope, SubResourceScope, api_version_from_group_version,
};

pub mod metadata;
pub use metadata::{ListMeta, ObjectMeta, PartialObjectMeta, PartialObjectMetaExt, TypeMeta};

pub mod object;
pub use object::{NotUsed, Object, ObjectList};

pub mod dynamic;
pub use dynamic::DynamicObject;

pub mod error_boundary;
pub use error_boundary::DeserializeGuard;

mod version;
pub use version::Version;

pub mod labels;
pub use labels::{Expression, ParseExpressionError, Selector, SelectorExt};

pub mod fields;

pub mod params;

pub mod subresource;

pub mod kubelet_debug;

mod path;

mod verb;
pub use verb::Verb;

pub mod request;
pub use request::Request;

pub mod response;
pub use response::Status;

pub mod watch;
pub use watch::WatchEvent;

pub mod decode;

pub mod cel;
pub use cel::{
    ListMerge, MapMerge, MergeStrategy, Message, Reason, Rule, StructMerge, merge_properties, merge_strategy,
    merge_strategy_property, validate, validate_property,
};

pub mod schema;

#[cfg(feature = "cel")]
pub mod validation;

pub mod crd;
pub use crd::CustomResourceExt;

#[cfg(feature = "admission")]
pub mod admission;

pub mod conversion;

pub mod duration;
pub use duration::Duration;

pub mod util;

pub use discovery::ApiResource;
pub use gvk::{GroupVersion, GroupVersionKind, GroupVersionResource};

/// The name that [`Status`] had as an error.
pub type ErrorResponse = response::Status;

#[cfg(test)]
mod tests;
