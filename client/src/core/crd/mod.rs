//! CustomResourceDefinitions of Rust types.
//!
//! [`CustomResourceExt`] is what `#[derive(CustomResource)]` implements for the root type; [`merge_crds`] joins the definitions
//! of several versions of one kind. Schemas are made by [`schema`](super::schema); nothing here talks to a server.

mod check;
mod definition;
pub mod v1;

pub use v1::{CustomResourceExt, MergeError, merge_crds};

/// What the derive macros' output names. Not for use by hand: it may change in any release.
#[doc(hidden)]
pub mod __derive {
    pub use k8s_openapi;
    pub use schemars;
    pub use serde;
    pub use serde_json;

    pub use super::check::{assert_round_trips, assert_valid};
    pub use super::definition::{
        Column, Definition, Deprecation, Scale, crd, root_schema, schema_of, subschema,
    };
    pub use crate::core::cel::__apply::{
        default_value, embedded_resource, int_or_string, preserve_unknown_fields, strategy, validation,
    };
}
