//! What users of the crate see, by topic.

mod check;
mod eval;
mod rules;
mod syntax;
