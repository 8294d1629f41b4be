//! Who owns which field: field sets, managed fields, and server-side apply.
//!
//! Nothing here knows HTTP or storage. The registry calls [`managed::update`] on every create, update and patch, and
//! [`apply`] for an apply patch; both work on plain JSON beside a compiled [`Schema`](crate::schema::Schema).
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

pub mod check;
pub mod compare;
pub mod entries;
pub mod field_set;
pub mod fields_v1;
mod last_applied;
pub mod managed;
pub mod merge;
mod prune;
mod reconcile;
pub mod resets;
pub mod scale;
mod server_side;
#[cfg(test)]
pub(crate) mod testing;
pub mod typed;

pub use managed::Untranslatable;
pub use server_side::{Applied, ApplyError, Conflict, apply, described, unconvertible};
pub(crate) use server_side::{Outcome, merge_in};
