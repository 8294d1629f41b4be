//! What users of the crate see, by topic.

mod check;
mod corpus;
mod deep;
mod eval;
mod properties;
mod rules;
mod syntax;
