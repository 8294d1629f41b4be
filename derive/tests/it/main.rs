//! The derive macros' output, used as a user uses it.

/// `CustomResource`'s attributes and what they put into the definition.
mod definition;
/// `Resource`.
mod inherit;
/// The root type: constructor, traits, JSON.
mod root;
/// `KubeSchema`.
mod rules;
