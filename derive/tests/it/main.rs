//! The derive macros' output, used as a user uses it.

/// `CustomResource`'s attributes and what they put into the definition.
mod definition;
/// Schemas and values made at random.
mod generated;
/// `Resource`.
mod inherit;
/// Objects of derived types, written to a server and read back.
mod objects;
/// Which values a structural schema accepts.
mod oracle;
/// The root type: constructor, traits, JSON.
mod root;
/// `KubeSchema`.
mod rules;
/// The apiserver in memory.
mod server;
/// Schemas of many shapes, as snapshots.
mod shapes;
/// Compile errors.
mod ui;
/// Conversions between versions.
mod versions;
