//! What the server says of itself: its resources, the discovery and OpenAPI documents, its version and its health.
//!
//! **Invariant:** everything here is a function of the built-in documents and of the custom resources that are
//! registered; nothing knows how requests come in.

pub mod resource;

pub use resource::{Group, Resource, Subresource, UnknownVerb, Verb, Verbs, Version, builtin_resources};
